//! Choices from bytes, and the dialects that schemas are made in.

use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::read::{self, Dialect};
use serde_json::{Map, Value, json};

/// Choices, taken from bytes: equal bytes make equal schemas, so that pairs can differ a little.
pub(crate) struct Choices<'a> {
    bytes: std::slice::Iter<'a, u8>,
    /// Where dialects express the same in different words.
    pub(crate) dialect: Spoken,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8], dialect: Spoken) -> Choices<'a> {
        Choices { bytes: bytes.iter(), dialect }
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::from(*self.bytes.next().unwrap_or(&0)) % n
    }

    /// Once in `n` times.
    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

/// A dialect that the schemas of the tests use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(crate) enum Spoken {
    OpenApi30,
    Draft4,
    Draft6,
    Draft7,
    Draft2019,
    Draft2020,
    OpenApi31,
}

pub(crate) const ALL: [Spoken; 7] = [
    Spoken::Draft4,
    Spoken::Draft6,
    Spoken::Draft7,
    Spoken::Draft2019,
    Spoken::Draft2020,
    Spoken::OpenApi30,
    Spoken::OpenApi31,
];

impl Spoken {
    /// The schema as the project reads it.
    pub(crate) fn model(self, schema: &Value) -> Schema {
        let dialect = match self {
            Spoken::OpenApi30 | Spoken::OpenApi31 => return self.component(schema),
            Spoken::Draft4 => Dialect::Draft4,
            Spoken::Draft6 => Dialect::Draft6,
            Spoken::Draft7 => Dialect::Draft7,
            Spoken::Draft2019 => Dialect::Draft2019,
            Spoken::Draft2020 => Dialect::Modern,
        };
        let doc = Document::parse("made", schema.to_string()).unwrap();
        read::schema_with(&doc, Some(dialect), &|_| None).unwrap()
    }

    /// The schema as the payload of an event in an `OpenAPI` document.
    fn component(self, schema: &Value) -> Schema {
        let version = if self == Spoken::OpenApi30 { "3.0.3" } else { "3.1.0" };
        let document = json!({
            "openapi": version, "info": {"title": "Made", "version": "1"}, "paths": {},
            "components": {"schemas": {"Made": {
                "type": "object", "required": ["made"], "properties": {"made": schema},
            }}},
        });
        let doc = Document::parse("made", document.to_string()).unwrap();
        read::events(&doc).unwrap().remove(0).payload
    }

    /// An instance of what was read as an event's payload, where it is one.
    pub(crate) fn payload(self, value: &Value) -> Value {
        match self {
            Spoken::OpenApi30 | Spoken::OpenApi31 => json!({ "made": value }),
            _ => value.clone(),
        }
    }

    /// The schema as the other validator reads it.
    pub(crate) fn judge(self, schema: &Value) -> jsonschema::Validator {
        let draft = match self {
            Spoken::OpenApi30 | Spoken::Draft4 => jsonschema::Draft::Draft4,
            Spoken::Draft6 => jsonschema::Draft::Draft6,
            Spoken::Draft7 => jsonschema::Draft::Draft7,
            Spoken::Draft2019 => jsonschema::Draft::Draft201909,
            Spoken::Draft2020 | Spoken::OpenApi31 => jsonschema::Draft::Draft202012,
        };
        let schema = match self {
            Spoken::OpenApi30 => wrapped(&without_nullable(schema)),
            Spoken::OpenApi31 => wrapped(schema),
            _ => schema.clone(),
        };
        jsonschema::options().with_draft(draft).build(&schema).unwrap()
    }

    pub(crate) fn has_const(self) -> bool {
        !matches!(self, Spoken::OpenApi30 | Spoken::Draft4)
    }

    pub(crate) fn has_unevaluated(self) -> bool {
        self >= Spoken::Draft2019
    }

    /// A schema that nothing matches.
    pub(crate) fn never(self) -> Value {
        if self.has_const() { json!(false) } else { json!({"not": {}}) }
    }

    /// A schema that everything matches.
    pub(crate) fn anything(self) -> Value {
        if self.has_const() { json!(true) } else { json!({}) }
    }

    /// A schema that one value matches.
    pub(crate) fn exactly(self, value: &Value) -> Value {
        if self.has_const() { json!({ "const": value }) } else { json!({ "enum": [value] }) }
    }

    /// A schema of arrays with these first items, and a schema for the others.
    pub(crate) fn tuple(
        self,
        out: &mut Map<String, Value>,
        first: Vec<Value>,
        rest: Option<Value>,
    ) {
        let (first_key, rest_key) = match self {
            Spoken::Draft2020 | Spoken::OpenApi31 => ("prefixItems", "items"),
            _ => ("items", "additionalItems"),
        };
        out.insert(first_key.into(), first.into());
        if let Some(rest) = rest {
            out.insert(rest_key.into(), rest);
        }
    }
}

fn wrapped(schema: &Value) -> Value {
    json!({"type": "object", "required": ["made"], "properties": {"made": schema}})
}

/// `nullable` as a type, for a validator that does not support it.
fn without_nullable(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let mut out: Map<String, Value> =
                members.iter().map(|(k, v)| (k.clone(), without_nullable(v))).collect();
            if out.remove("nullable").is_some()
                && let Some(Value::String(name)) = out.get("type").cloned()
            {
                out.insert("type".into(), json!([name, "null"]));
            }
            out.into()
        }
        Value::Array(items) => items.iter().map(without_nullable).collect(),
        other => other.clone(),
    }
}
