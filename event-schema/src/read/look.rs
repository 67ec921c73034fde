//! Recognises documents that are not schemas, and reports what they are and what to do.
//!
//! JSON Schema ignores unknown keywords, so any JSON object is a schema that allows everything. A document
//! of another kind would become an event without fields.

use crate::diagnostic::Diagnostic;
use crate::document::{Document, Json, Value};
use crate::rules;

/// Keywords that do not constrain instances: a document with only these is a schema that allows everything.
const ANNOTATIONS: [&str; 9] = [
    "$comment",
    "$id",
    "$schema",
    "default",
    "deprecated",
    "description",
    "examples",
    "id",
    "title",
];

const TYPES: [&str; 8] =
    ["null", "boolean", "integer", "number", "string", "array", "object", "any"];

/// What the document is, if it is not a schema.
pub(super) fn not_a_schema(doc: &Document) -> Option<Diagnostic> {
    let root: &Json = &doc.root;
    let found = match &root.value {
        Value::Object(_) => object(root)?,
        Value::Array(all) if all.iter().any(|e| !e.members().is_empty()) => Found {
            what: "this is a list of JSON values, such as sample events, not a schema".to_owned(),
            help: vec![INFER.to_owned()],
            key: None,
        },
        _ => return None,
    };
    Some(found.said_of(doc))
}

/// The kind of an `OpenAPI`, `AsyncAPI` or Swagger document where a schema is expected.
pub(super) fn another_document(doc: &Document) -> Option<Diagnostic> {
    let root: &Json = &doc.root;
    let openapi = || {
        let version = version(root, "openapi")?;
        Some(Found {
            what: format!("this is an OpenAPI {version} document, not a schema"),
            help: vec!["read the schemas in it by `event_schema::read::events`".to_owned()],
            key: Some("openapi"),
        })
    };
    Some(of_another_kind(root).or_else(openapi)?.said_of(doc))
}

struct Found {
    what: String,
    help: Vec<String>,
    key: Option<&'static str>,
}

impl Found {
    fn said_of(self, doc: &Document) -> Diagnostic {
        let root: &Json = &doc.root;
        let json = self.key.and_then(|key| root.get(key)).unwrap_or(root);
        let pointer = self.key.map(|key| format!("/{key}")).unwrap_or_default();
        let mut problem = Diagnostic::at(&rules::NOT_A_SCHEMA, doc, json.span, pointer, self.what);
        problem.help = self.help;
        problem
    }
}

const INFER: &str = "for sample events: `cargo event import --infer FILES --registry REGISTRY` writes a first schema";

/// The version that a document states for its format.
fn version<'d>(root: &'d Json, key: &str) -> Option<&'d str> {
    match &root.get(key)?.value {
        Value::String(text) | Value::Number(text) => Some(text),
        _ => None,
    }
}

/// A document in a format that contains schemas but is not supported.
fn of_another_kind(root: &Json) -> Option<Found> {
    if let Some(version) = version(root, "asyncapi") {
        return Some(Found {
            what: format!("this is an AsyncAPI {version} document, not a schema"),
            help: vec![payloads(root), ONE_EACH.to_owned()],
            key: Some("asyncapi"),
        });
    }
    let version = version(root, "swagger")?;
    let names = list(root.get("definitions"));
    Some(Found {
        what: format!("this is a Swagger {version} document, not a schema"),
        help: vec![
            format!(
                "save the event's schema under `definitions`{names} as a JSON Schema of its own"
            ),
            "or convert the document to OpenAPI 3".to_owned(),
        ],
        key: Some("swagger"),
    })
}

fn object(root: &Json) -> Option<Found> {
    if let Some(found) = of_another_kind(root) {
        return Some(found);
    }
    if root.get("openapi").is_some() {
        return openapi(root);
    }
    let avro = root.get("type").and_then(Json::as_str) == Some("record")
        && root.get("fields").is_some_and(|f| f.as_array().is_some());
    let other = if avro {
        Some(("an Avro schema", "fields"))
    } else if version(root, "smithy").is_some() {
        Some(("a Smithy model", "smithy"))
    } else {
        None
    };
    if let Some((what, key)) = other {
        return Some(Found {
            what: format!("this is {what}, not a JSON Schema"),
            help: vec![
                "write the event's schema as JSON Schema or OpenAPI 3".to_owned(),
                INFER.to_owned(),
            ],
            key: Some(key),
        });
    }
    if is_sample(root) {
        return Some(Found {
            what: sample(root),
            help: vec![
                INFER.to_owned(),
                "an event against a schema: `cargo event validate TYPE FILE`".to_owned(),
            ],
            key: None,
        });
    }
    definitions_alone(root)
}

const ONE_EACH: &str =
    "save the payload of each message as a JSON Schema: `<registry>/<type>/<major>.<minor>.json`";

/// The places of the payloads in an `AsyncAPI` document.
fn payloads(root: &Json) -> String {
    let mut found = Vec::new();
    let mut todo = vec![(root, String::new(), 0)];
    while let Some((json, pointer, depth)) = todo.pop() {
        for member in json.members() {
            let here = format!("{pointer}/{}", super::uri::escape_pointer(&member.key));
            if member.key == "payload" {
                let target = member.value.get("$ref").and_then(Json::as_str);
                found.push(target.map_or(here, |t| t.trim_start_matches('#').to_owned()));
            } else if depth < 8 {
                todo.push((&member.value, here, depth + 1));
            }
        }
    }
    found.sort();
    found.dedup();
    found.truncate(5);
    if found.is_empty() {
        return "the schemas of its events are the `payload`s of its messages".to_owned();
    }
    let found: Vec<String> = found.iter().map(|p| format!("`{p}`")).collect();
    format!("the schemas of its events are the payloads of its messages: {}", found.join(", "))
}

fn openapi(root: &Json) -> Option<Found> {
    let schemas = root.get("components").and_then(|c| c.get("schemas"));
    let has = |key: &str| root.get(key).is_some_and(|v| !v.members().is_empty());
    let names = list(schemas);
    if has("webhooks") {
        let hooks: Vec<String> = root
            .get("webhooks")
            .map(Json::members)
            .unwrap_or_default()
            .iter()
            .take(5)
            .map(|m| format!("`{}`", m.key))
            .collect();
        // a document that states which component is the event describes an event
        if says_its_payload(root, schemas) {
            return None;
        }
        return Some(Found {
            what: format!(
                "this is an OpenAPI document of webhooks ({}), but does not state which schema is the event",
                hooks.join(", ")
            ),
            help: vec![
                format!("name the event's component as `info.title`{names}"),
                "or save each webhook's schema as a document of its own".to_owned(),
            ],
            key: Some("webhooks"),
        });
    }
    if schemas.is_some_and(|s| !s.members().is_empty()) {
        return None;
    }
    let paths = has("paths");
    let what = if paths {
        "this is an OpenAPI document of an API, without schemas under `components.schemas`"
    } else {
        "this OpenAPI document has no schemas under `components.schemas`"
    };
    Some(Found {
        what: what.to_owned(),
        help: vec![
            "put the event's schema under `components.schemas`, and name it as `info.title`"
                .to_owned(),
            "or save it as a JSON Schema".to_owned(),
        ],
        key: Some("openapi"),
    })
}

fn says_its_payload(root: &Json, schemas: Option<&Json>) -> bool {
    let title = root.get("info").and_then(|i| i.get("title")).and_then(Json::as_str);
    let Some(schemas) = schemas else { return false };
    let marked = |json: &Json| json.members().iter().any(|m| m.key.starts_with("x-amazon-event"));
    title.is_some_and(|title| schemas.get(title).is_some())
        || schemas.get("AWSEvent").is_some()
        || schemas.members().iter().any(|m| marked(&m.value))
        || schemas.members().len() == 1
}

/// Definitions, and a root that refers to none of them.
fn definitions_alone(root: &Json) -> Option<Found> {
    let holders = ["definitions", "$defs", "components"];
    let key =
        holders.into_iter().find(|key| root.get(key).is_some_and(|v| !v.members().is_empty()))?;
    let silent = |key: &str| holders.contains(&key) || is_annotation(key);
    if !root.members().iter().all(|m| silent(&m.key)) {
        return None;
    }
    let map = if key == "components" {
        root.get(key).and_then(|c| c.get("schemas"))
    } else {
        root.get(key)
    };
    let first = map.and_then(|m| m.members().first()).map(|m| m.key.clone()).unwrap_or_default();
    let pointer = if key == "components" { "components/schemas" } else { key };
    Some(Found {
        what: format!("the document defines schemas{}, but none of them is the event", list(map)),
        help: vec![
            format!(
                "refer to the payload: `\"$ref\": \"#/{pointer}/{}\"` beside `{key}`",
                super::uri::escape_pointer(&first)
            ),
            "or move a file that schemas only refer to beside the folders of the events".to_owned(),
        ],
        key: Some(key),
    })
}

/// The keys of a map, for a message.
fn list(map: Option<&Json>) -> String {
    const MOST: usize = 5;
    let all = map.map(Json::members).unwrap_or_default();
    let mut names: Vec<String> = all.iter().take(MOST).map(|m| format!("`{}`", m.key)).collect();
    if all.len() > MOST {
        names.push("more".to_owned());
    }
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

fn is_annotation(key: &str) -> bool {
    ANNOTATIONS.contains(&key) || key.starts_with("x-")
}

/// Whether the document is an event instead of a schema: it has an event's members, or no keyword with a
/// value that the keyword allows.
fn is_sample(root: &Json) -> bool {
    let members = root.members();
    if members.is_empty() || root.get("$schema").is_some() {
        return false;
    }
    let has = |names: &[&str]| names.iter().all(|n| root.get(n).is_some());
    let text = |name: &str| root.get(name).is_some_and(|v| v.as_str().is_some());
    if (has(&["detail-type", "source", "detail"]) && text("source"))
        || (has(&["occurredAt", "data", "source"]) && text("occurredAt"))
    {
        return true;
    }
    let speaks = members.iter().any(|m| is_keyword(&m.key, &m.value));
    let only_notes = members.iter().all(|m| is_annotation(&m.key) && is_note(&m.key, &m.value));
    // malformed keywords are reported one by one
    let malformed =
        ["properties", "definitions", "$defs", "$ref"].iter().any(|k| root.get(k).is_some());
    // a typo in a keyword leaves something that looks like a schema inside
    !speaks && !malformed && !only_notes && !members.iter().any(|m| holds_a_schema(&m.value, 0))
}

/// The kind of a sample.
fn sample(root: &Json) -> String {
    let has = |name: &str| root.get(name).is_some();
    let what = if has("detail-type") && has("detail") {
        "this is a sample event as EventBridge delivers it"
    } else if has("occurredAt") && has("data") {
        "this is a sample event in its envelope"
    } else {
        "this is JSON without a keyword of JSON Schema, such as a sample event"
    };
    format!("{what}, not a schema")
}

/// Whether an annotation has the form that a schema would use; an event's `id` is not a URI.
fn is_note(key: &str, value: &Json) -> bool {
    match key {
        "id" | "$id" => value.as_str().is_some_and(|id| id.contains(['/', '#', ':'])),
        _ => true,
    }
}

fn is_keyword(key: &str, value: &Json) -> bool {
    let object = matches!(value.value, Value::Object(_));
    let schema = object || value.as_bool().is_some();
    let number = matches!(value.value, Value::Number(_));
    match key {
        "type" => {
            let one = |v: &Json| v.as_str().is_some_and(|t| TYPES.contains(&t));
            one(value) || value.as_array().is_some_and(|l| !l.is_empty() && l.iter().all(one))
        }
        "properties" | "patternProperties" | "definitions" | "$defs" | "dependentSchemas"
        | "dependencies" | "dependentRequired" => {
            // the `dependencies` of a package are strings
            let part =
                |v: &Json| matches!(v.value, Value::Object(_) | Value::Bool(_) | Value::Array(_));
            object && value.members().iter().all(|m| part(&m.value))
        }
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
            let part = |v: &Json| matches!(v.value, Value::Object(_) | Value::Bool(_));
            value.as_array().is_some_and(|l| !l.is_empty() && l.iter().all(part))
        }
        "required" => value.as_array().is_some_and(|l| l.iter().all(|v| v.as_str().is_some())),
        "enum" => value.as_array().is_some(),
        "const" => true,
        "not"
        | "if"
        | "contains"
        | "propertyNames"
        | "additionalProperties"
        | "unevaluatedProperties"
        | "unevaluatedItems" => schema,
        // an order's `items` are not schemas
        "items" | "additionalItems" => value.as_bool().is_some() || holds_a_schema(value, 0),
        "$ref" | "$dynamicRef" | "$recursiveRef" => value.as_str().is_some(),
        "minimum" | "maximum" | "multipleOf" | "minLength" | "maxLength" | "minItems"
        | "maxItems" | "minProperties" | "maxProperties" => number,
        "components" => value.get("schemas").is_some(),
        _ => false,
    }
}

/// Whether some value inside has a schema's keyword.
fn holds_a_schema(json: &Json, depth: usize) -> bool {
    let typed = json.members().iter().any(|m| {
        matches!(m.key.as_str(), "type" | "$ref" | "properties" | "allOf" | "anyOf" | "oneOf")
            && is_keyword(&m.key, &m.value)
    });
    typed
        || (depth < 3 && json.members().iter().any(|m| holds_a_schema(&m.value, depth + 1)))
        || (depth < 3
            && json.as_array().unwrap_or_default().iter().any(|e| holds_a_schema(e, depth + 1)))
}
