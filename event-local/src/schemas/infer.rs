//! `GetDiscoveredSchema`: a schema that all the sample events fit.
//!
//! Samples are merged first, then written down: a member that one sample lacks is not required, whole
//! and broken numbers together are `number`, and what differs in kind has no `type`. Events as
//! EventBridge delivers them get the component `AWSEvent` with `x-amazon-events-source` and
//! `x-amazon-events-detail-type`, and a component of their own for the detail; others one `Event`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::error::ApiError;
use super::export::draft4;
use super::limit;
use super::store::Kind;

/// What an EventBridge event has, always.
const ENVELOPE: [&str; 9] =
    ["detail-type", "resources", "detail", "id", "source", "time", "region", "version", "account"];

/// What is known of the values at one place.
#[derive(Debug, Default)]
struct Seen {
    kinds: BTreeSet<&'static str>,
    null: bool,
    all_times: bool,
    items: Option<Box<Seen>>,
    members: BTreeMap<String, Seen>,
    /// Members that every object had so far.
    always: Option<BTreeSet<String>>,
}

/// Carries the operation out.
pub(super) fn discover(call: &Call) -> Result<Value, ApiError> {
    let kind = Kind::parse(call.required("Type")?)?;
    let wrong = || ApiError::bad_request("`Events` is no list of strings");
    let events = call.member("Events").and_then(Value::as_array).ok_or_else(wrong)?;
    if events.is_empty() || events.len() > limit::EVENTS {
        let message =
            format!("`Events` has {} events; 1 to {} are allowed", events.len(), limit::EVENTS);
        return Err(ApiError::bad_request(message));
    }
    let mut samples = Vec::new();
    for (i, event) in events.iter().enumerate() {
        let text = event.as_str().ok_or_else(wrong)?;
        limit::at_most("Events", text, limit::CONTENT)?;
        let sample: Map<String, Value> = serde_json::from_str(text)
            .map_err(|e| ApiError::bad_request(format!("`Events[{i}]` is no JSON object: {e}")))?;
        samples.push(sample);
    }
    let document = document(&samples)?.to_string();
    let content = match kind {
        Kind::OpenApi3 => document,
        Kind::JsonSchemaDraft4 => draft4(&document)?,
    };
    limit::at_most("Content", &content, limit::CONTENT)?;
    Ok(json!({ "Content": content }))
}

fn document(samples: &[Map<String, Value>]) -> Result<Value, ApiError> {
    let text = |sample: &Map<String, Value>, name: &str| {
        sample.get(name).and_then(Value::as_str).map(str::to_owned)
    };
    let delivered = |s: &Map<String, Value>| ENVELOPE.iter().all(|name| s.contains_key(*name));
    let (title, components) = if samples.iter().all(delivered) {
        let facts = |s| Some((text(s, "source")?, text(s, "detail-type")?));
        let all: BTreeSet<_> = samples.iter().map(facts).collect();
        let Some((Some((source, detail_type)), true)) = all
            .into_iter()
            .next()
            .map(|f| (f, samples.windows(2).all(|w| facts(&w[0]) == facts(&w[1]))))
        else {
            let message =
                "`Events` are of more than one `source` and `detail-type`, or these are no strings";
            return Err(ApiError::bad_request(message));
        };
        let title = pascal(&detail_type);
        let mut detail = Seen::default();
        samples.iter().filter_map(|s| s.get("detail")).for_each(|v| detail.add(v));
        let mut event = Seen::default();
        for sample in samples {
            event.add(&Value::Object(sample.clone()));
        }
        let mut event = event.schema();
        event["x-amazon-events-detail-type"] = detail_type.into();
        event["x-amazon-events-source"] = source.into();
        event["properties"]["detail"] = json!({ "$ref": format!("#/components/schemas/{title}") });
        (title.clone(), json!({ "AWSEvent": event, title: detail.schema() }))
    } else {
        let mut event = Seen::default();
        for sample in samples {
            event.add(&Value::Object(sample.clone()));
        }
        ("Event".to_owned(), json!({ "Event": event.schema() }))
    };
    Ok(json!({
        "openapi": "3.0.0",
        "info": { "version": "1.0.0", "title": title },
        "paths": {},
        "components": { "schemas": components },
    }))
}

/// `order placed` → `OrderPlaced`; a name that no other component has.
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
                let time = text.contains('T') && text.parse::<Timestamp>().is_ok();
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
