//! The catalogue as a document of `AsyncAPI` 3.0: a channel and a message a major, an operation for each who publishes or
//! reads it.

use std::collections::BTreeMap;

use event_schema::model::{Bound, Literal, Node, NodeId, Schema, Types};
use serde_json::{Map, Value, json};

use super::data::{Catalogue, MajorPage};

/// How many definitions of one payload are written.
const DEFINITIONS: usize = 5_000;

/// The document. `payload` has the newest schema of a major, by event and major.
pub(crate) fn document(
    catalogue: &Catalogue,
    payload: &dyn Fn(usize, u32) -> Option<Schema>,
) -> Value {
    let (mut channels, mut operations) = (Map::new(), Map::new());
    let (mut messages, mut schemas) = (Map::new(), Map::new());
    let mut ids = Ids::default();
    for (at, event) in catalogue.events.iter().enumerate() {
        for major in &event.majors {
            let id = ids.of(&format!("{}-{}-v{}", event.registry, event.name, major.major));
            let message = format!("#/components/messages/{id}");
            let channel = format!("#/channels/{id}");
            let of_channel = json!({ "$ref": format!("{channel}/messages/event") });
            channels.insert(
                id.clone(),
                json!({
                    "address": major.detail_type,
                    "title": format!("{} v{}", event.name, major.major),
                    "description": "the detail-type of events on the bus",
                    "messages": { "event": { "$ref": message } },
                }),
            );
            messages.insert(id.clone(), described(event.docs.as_deref(), &event.name, major, &id));
            if let Some(schema) = payload(at, major.major) {
                schemas.extend(definitions(&schema, &id));
            } else {
                schemas.insert(id.clone(), json!({}));
            }
            let mut operation = |who: &str, action: &str| {
                let verb = if action == "send" { "publishes" } else { "reads" };
                let name = ids.of(&format!("{who}-{action}-{id}"));
                let value = json!({
                    "action": action,
                    "channel": { "$ref": channel },
                    "summary": format!("{who} {verb} it"),
                    "messages": [of_channel],
                });
                operations.insert(name, value);
            };
            major.publishers.iter().for_each(|who| operation(who, "send"));
            major.readers.iter().for_each(|reader| operation(&reader.name, "receive"));
        }
    }
    json!({
        "asyncapi": "3.0.0",
        "info": { "title": catalogue.title, "version": "1.0.0" },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": { "messages": messages, "schemas": schemas },
    })
}

fn described(docs: Option<&str>, event: &str, major: &MajorPage, id: &str) -> Value {
    let mut message = json!({
        "name": major.detail_type,
        "title": format!("{event} v{}", major.major),
        "contentType": "application/json",
        "payload": { "$ref": format!("#/components/schemas/{id}") },
    });
    if let Some(docs) = docs {
        message["description"] = json!(docs);
    }
    let detail = major.example.as_ref().map(|example| &example["detail"]);
    if let Some(payload) = detail.map(|detail| detail.get("data").unwrap_or(detail)) {
        message["examples"] = json!([{ "name": "example", "payload": payload }]);
    }
    let mut tags = Vec::new();
    if major.retired {
        tags.push(json!({ "name": "retired" }));
    }
    if let Some(day) = &major.sunset {
        tags.push(json!({ "name": format!("sunset {day}") }));
    }
    if !tags.is_empty() {
        message["tags"] = json!(tags);
    }
    message
}

/// Keys of components: letters, digits, `-`, `_` and `.`, each used once.
#[derive(Default)]
struct Ids(BTreeMap<String, usize>);

impl Ids {
    fn of(&mut self, text: &str) -> String {
        let allowed = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
        let id: String = text.chars().map(allowed).collect();
        let seen = self.0.entry(id.clone()).or_insert(0);
        *seen += 1;
        if *seen == 1 { id } else { format!("{id}__{seen}") }
    }
}

/// A payload as JSON Schema (draft 7): its root under this name, and what it refers to under longer ones.
fn definitions(schema: &Schema, name: &str) -> Map<String, Value> {
    let mut writer = Writer { schema, name, wanted: vec![schema.root], at: 0 };
    let mut out = Map::new();
    while let Some(id) = writer.wanted.get(writer.at).copied() {
        let key = writer.key(id);
        writer.at += 1;
        let value = if writer.at > DEFINITIONS { json!({}) } else { writer.node(id) };
        out.insert(key, value);
    }
    out
}

struct Writer<'s> {
    schema: &'s Schema,
    name: &'s str,
    wanted: Vec<NodeId>,
    at: usize,
}

impl Writer<'_> {
    fn key(&self, id: NodeId) -> String {
        if id == self.schema.root {
            return self.name.to_owned();
        }
        format!("{}__part{}", self.name, id.index())
    }

    /// A part: by reference where it is one of its own, in place where it says little.
    fn part(&mut self, id: NodeId) -> Value {
        let node = self.schema.node(id);
        let nests = node.object.is_some() || node.array.is_some() || !node.is_plain();
        if !nests {
            return self.node(id);
        }
        if !self.wanted.contains(&id) {
            self.wanted.push(id);
        }
        json!({ "$ref": format!("#/components/schemas/{}", self.key(id)) })
    }

    fn parts(&mut self, ids: &[NodeId]) -> Value {
        ids.iter().map(|id| self.part(*id)).collect()
    }

    fn node(&mut self, id: NodeId) -> Value {
        let node = self.schema.node(id).clone();
        if node.never {
            return json!(false);
        }
        let mut out = Map::new();
        let mut set = |key: &str, value: Value| drop(out.insert(key.to_owned(), value));
        if let Some(values) = &node.values {
            set("enum", values.iter().map(|literal| literal.value.clone()).collect());
        }
        if let Some(types) = types(&node) {
            set("type", types);
        }
        for (key, text) in [("title", &node.notes.title), ("description", &node.notes.description)]
        {
            if let Some(text) = text {
                set(key, json!(text));
            }
        }
        if let Some(Literal { value, .. }) = &node.notes.default {
            set("default", value.clone());
        }
        if let Some(string) = &node.string {
            if string.min_length > 0 {
                set("minLength", json!(string.min_length));
            }
            for (key, value) in [
                ("maxLength", string.max_length.map(Value::from)),
                ("pattern", string.pattern.clone().map(Value::from)),
                ("format", string.format.clone().map(Value::from)),
            ] {
                if let Some(value) = value {
                    set(key, value);
                }
            }
        }
        if let Some(number) = &node.number {
            bound(number.min, "minimum", "exclusiveMinimum", &mut set);
            bound(number.max, "maximum", "exclusiveMaximum", &mut set);
            if let Some(step) = number.multiple_of.and_then(|step| step.to_number()) {
                set("multipleOf", json!(step));
            }
        }
        if let Some(array) = &node.array {
            if let Some(items) = array.items {
                let items = self.part(items);
                set("items", items);
            }
            if array.min_items > 0 {
                set("minItems", json!(array.min_items));
            }
            if let Some(max) = array.max_items {
                set("maxItems", json!(max));
            }
        }
        if let Some(object) = &node.object {
            let properties: Map<String, Value> = object
                .properties
                .iter()
                .map(|property| (property.name.clone(), self.part(property.node)))
                .collect();
            set("properties", Value::Object(properties));
            if !object.required.is_empty() {
                set("required", json!(object.required));
            }
            if let Some(additional) = object.additional {
                let additional = self.part(additional);
                set("additionalProperties", additional);
            }
        }
        let all: Vec<NodeId> = node.reference.iter().chain(&node.all_of).copied().collect();
        for (key, ids) in [("allOf", &all), ("anyOf", &node.any_of), ("oneOf", &node.one_of)] {
            if !ids.is_empty() {
                let parts = self.parts(ids);
                set(key, parts);
            }
        }
        Value::Object(out)
    }
}

fn bound(
    bound: Option<Bound>,
    inclusive: &str,
    exclusive: &str,
    set: &mut impl FnMut(&str, Value),
) {
    let Some(Bound { value, exclusive: is_exclusive }) = bound else { return };
    if let Some(number) = value.to_number() {
        set(if is_exclusive { exclusive } else { inclusive }, json!(number));
    }
}

fn types(node: &Node) -> Option<Value> {
    const NAMES: [(Types, &str); 7] = [
        (Types::NULL, "null"),
        (Types::BOOLEAN, "boolean"),
        (Types::NUMBER, "number"),
        (Types::INTEGER, "integer"),
        (Types::STRING, "string"),
        (Types::ARRAY, "array"),
        (Types::OBJECT, "object"),
    ];
    if node.types == Types::ALL {
        return None;
    }
    let mut names: Vec<&str> = Vec::new();
    for (one, name) in NAMES {
        if node.types.contains(one) && !(name == "integer" && names.contains(&"number")) {
            names.push(name);
        }
    }
    match names.as_slice() {
        [one] => Some(json!(one)),
        _ => Some(json!(names)),
    }
}
