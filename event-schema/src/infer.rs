//! Infers a first schema from sample events, all of which are valid for it.
//!
//! Samples are merged first, then written: a member that one sample lacks is not required, integers and
//! fractions together are `number`, and values of different types have no `type`. Events as EventBridge
//! delivers them get the component `AWSEvent` with `x-amazon-events-source` and
//! `x-amazon-events-detail-type`, and a separate component for the detail; other events get one component.
//!
//! Samples show which events occurred, not which are valid: review such a schema before you publish it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value, json};

use crate::format;

/// Marks an inferred schema that nobody has reviewed yet.
pub const MARK: &str = "x-inferred";

/// The fields that every EventBridge event has.
const ENVELOPE: [&str; 9] =
    ["detail-type", "resources", "detail", "id", "source", "time", "region", "version", "account"];

/// The samples belong to more than one event, and a schema describes only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mixed;

impl fmt::Display for Mixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "expected samples with the same `source` and `detail-type`, and strings for both",
        )
    }
}

impl std::error::Error for Mixed {}

/// What is known about the values at one place.
#[derive(Debug, Default)]
struct Seen {
    kinds: BTreeSet<&'static str>,
    null: bool,
    all_times: bool,
    items: Option<Box<Seen>>,
    members: BTreeMap<String, Seen>,
    /// Members that all objects so far have.
    always: Option<BTreeSet<String>>,
}

/// Whether a sample is an event as EventBridge delivers it.
pub fn is_delivered(sample: &Map<String, Value>) -> bool {
    ENVELOPE.iter().all(|name| sample.contains_key(*name))
}

/// An `OpenAPI` document that all samples match. `component` is the name of the schema for samples other
/// than EventBridge events; `marked` adds [`MARK`] beside the title.
///
/// ```
/// use event_schema::infer;
/// use serde_json::json;
///
/// let samples = [json!({"id": "a", "n": 1}), json!({"id": "b"})];
/// let samples: Vec<_> = samples.iter().map(|s| s.as_object().unwrap().clone()).collect();
/// let document = infer::document(&samples, "Counted", true).unwrap();
/// let schema = &document["components"]["schemas"]["Counted"];
/// assert_eq!(schema["required"], json!(["id"]));
/// assert_eq!(schema["properties"]["n"], json!({"type": "integer"}));
/// ```
///
/// # Errors
///
/// Returns an error for samples of more than one source or detail-type.
pub fn document(
    samples: &[Map<String, Value>],
    component: &str,
    marked: bool,
) -> Result<Value, Mixed> {
    let text = |sample: &Map<String, Value>, name: &str| {
        sample.get(name).and_then(Value::as_str).map(str::to_owned)
    };
    let mut event = Seen::default();
    for sample in samples {
        event.add(&Value::Object(sample.clone()));
    }
    let mut event = event.schema();
    let (title, mut components) = if samples.iter().all(is_delivered) {
        let facts = |s| Some((text(s, "source")?, text(s, "detail-type")?));
        let all: BTreeSet<_> = samples.iter().map(facts).collect();
        let mut all = all.into_iter();
        let (Some(Some((source, detail_type))), None) = (all.next(), all.next()) else {
            return Err(Mixed);
        };
        let title = pascal(&detail_type);
        let mut detail = Seen::default();
        samples.iter().filter_map(|s| s.get("detail")).for_each(|v| detail.add(v));
        event["x-amazon-events-detail-type"] = detail_type.into();
        event["x-amazon-events-source"] = source.into();
        event["properties"]["detail"] = json!({ "$ref": format!("#/components/schemas/{title}") });
        (title.clone(), json!({ "AWSEvent": event, title: detail.schema() }))
    } else {
        (component.to_owned(), json!({ component: event }))
    };
    if marked {
        components[title.as_str()][MARK] = true.into();
    }
    Ok(json!({
        "openapi": "3.0.0",
        "info": { "version": "1.0.0", "title": title },
        "paths": {},
        "components": { "schemas": components },
    }))
}

/// The name of an event's schema: `order.placed` → `OrderPlaced`, and a name that no other component has.
pub fn component(event: &str) -> String {
    pascal(event)
}

fn pascal(detail_type: &str) -> String {
    let words = detail_type.split(|c: char| !c.is_ascii_alphanumeric());
    let name: String = words
        .filter_map(|word| word.split_at_checked(1))
        .map(|(first, rest)| first.to_ascii_uppercase() + rest)
        .collect();
    if name.is_empty() || name == "AWSEvent" { "Detail".to_owned() + &name } else { name }
}

impl Seen {
    fn add(&mut self, value: &Value) {
        let first = self.kinds.is_empty();
        match value {
            Value::Null => self.null = true,
            Value::Bool(_) => _ = self.kinds.insert("boolean"),
            Value::Number(n) if n.is_f64() => _ = self.kinds.insert("number"),
            Value::Number(_) => _ = self.kinds.insert("integer"),
            Value::String(text) => {
                let time = format::is_date_time(text);
                self.all_times = time && (first || self.all_times);
                self.kinds.insert("string");
            }
            Value::Array(items) => {
                self.kinds.insert("array");
                let seen = self.items.get_or_insert_default();
                for item in items {
                    seen.add(item);
                }
            }
            Value::Object(map) => {
                self.kinds.insert("object");
                let here: BTreeSet<String> = map.keys().cloned().collect();
                self.always = Some(match self.always.take() {
                    Some(always) => &always & &here,
                    None => here,
                });
                for (name, value) in map {
                    self.members.entry(name.clone()).or_default().add(value);
                }
            }
        }
    }

    fn schema(&self) -> Value {
        let mut out = Map::new();
        let kinds: Vec<&str> = self.kinds.iter().copied().collect();
        match kinds[..] {
            ["integer", "number"] => _ = out.insert("type".into(), "number".into()),
            [one] => _ = out.insert("type".into(), one.into()),
            _ => {}
        }
        if kinds == ["string"] && self.all_times {
            out.insert("format".into(), "date-time".into());
        }
        if kinds == ["array"] {
            let items = self.items.as_ref().map_or_else(|| json!({}), |seen| seen.schema());
            out.insert("items".into(), items);
        }
        if kinds == ["object"] {
            let required: Vec<&String> = self.always.iter().flatten().collect();
            if !required.is_empty() {
                out.insert("required".into(), json!(required));
            }
            let members = self.members.iter().map(|(name, seen)| (name.clone(), seen.schema()));
            out.insert("properties".into(), members.collect());
        }
        if self.null && out.contains_key("type") {
            out.insert("nullable".into(), true.into());
        }
        Value::Object(out)
    }
}
