//! Parts of a schema: what an object is made of, numbers, listed values, and what may be null.

use event_shape::{Field, Scalar, Shape};
use serde_json::{Map, Value, json};

/// A closed list of numbers and booleans.
pub(super) fn values(values: &[Scalar]) -> Value {
    let booleans = values.iter().all(|v| matches!(v, Scalar::Bool(_)));
    let integers = values.iter().all(|v| matches!(v, Scalar::Int(_)));
    let list: Vec<Value> = values
        .iter()
        .map(|v| match v {
            Scalar::Bool(value) => json!(value),
            Scalar::Int(value) => i64::try_from(*value).map_or_else(|_| json!(value), Value::from),
        })
        .collect();
    let mut out = Map::from_iter([("enum".to_owned(), Value::Array(list))]);
    if booleans || integers {
        out.insert("type".to_owned(), json!(if booleans { "boolean" } else { "integer" }));
    }
    Value::Object(out)
}

/// The parts of an object's schema.
#[derive(Default)]
pub(super) struct Members {
    pub(super) properties: Map<String, Value>,
    required: Vec<String>,
    pub(super) rest: Option<Value>,
    /// Whether a field is read under a second name.
    pub(super) second_names: bool,
}

impl Members {
    pub(super) fn add(&mut self, name: &str, schema: Value, required: bool) {
        self.properties.insert(name.to_owned(), schema);
        if required {
            self.required.push(name.to_owned());
        }
    }

    pub(super) fn finish(self, closed: bool) -> Map<String, Value> {
        let mut out = Map::new();
        if closed {
            out.insert("additionalProperties".to_owned(), json!(false));
        } else if let Some(rest) = self.rest {
            out.insert("additionalProperties".to_owned(), rest);
        }
        out.insert("properties".to_owned(), Value::Object(self.properties));
        if !self.required.is_empty() {
            // draft 4 has no empty list here
            let mut required = self.required;
            required.sort_unstable();
            out.insert("required".to_owned(), json!(required));
        }
        out.insert("type".to_owned(), json!("object"));
        out
    }
}

/// Whether the field may be absent, and the shape of what is there otherwise.
pub(super) fn presence(field: &Field) -> (bool, &'static Shape) {
    const LEFT_OUT: u8 = Field::SKIPS | Field::SKIPS_NONE | Field::UNWRITTEN;
    let shape = field.shape.get();
    let optional = field.flags & (LEFT_OUT | Field::DEFAULT) != 0;
    match shape {
        // `None` is left out, so a present value is not `null`; of two options, the outer one is
        // left out
        Shape::Nullable(to) if field.has(Field::SKIPS_NONE | Field::UNWRITTEN) => (true, to.get()),
        _ => (optional, shape),
    }
}

pub(super) fn integer(low: i128, high: i128) -> Value {
    let mut out = Map::from_iter([("type".to_owned(), json!("integer"))]);
    let mut bound = |key: &str, value: i128| {
        // every Rust integer that serde_json writes by default is in one of the two
        let number = i64::try_from(value)
            .map(Value::from)
            .or_else(|_| u64::try_from(value).map(Value::from));
        if let Ok(number) = number {
            out.insert(key.to_owned(), number);
        }
    };
    // a schema without bounds is an `i64`, and one that begins at 0 a `u64`
    if (low, high) != (i64::MIN.into(), i64::MAX.into()) {
        bound("minimum", low);
        if (low, high) != (0, u64::MAX.into()) {
            bound("maximum", high);
        }
    }
    Value::Object(out)
}

pub(super) fn or_null(mut schema: Value) -> Value {
    let nullable = schema.get("type").and_then(Value::as_str).map(|ty| json!([ty, "null"]));
    match (schema.as_object_mut(), nullable) {
        // any JSON already includes `null`
        (Some(any), _) if any.is_empty() => schema,
        (Some(_), Some(types)) if types[0] == "null" => schema,
        (Some(object), Some(types)) if !object.contains_key("enum") => {
            object.insert("type".to_owned(), types);
            schema
        }
        _ => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}
