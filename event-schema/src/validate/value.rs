//! JSON values: their types, equality and names.

use std::collections::HashSet;

use serde_json::Value;

use crate::model::{Decimal, Types};

/// Whether a number is written with a point that it does not need. Numbers beyond 64 bits have no other
/// form here.
pub(super) fn has_point(n: &serde_json::Number) -> bool {
    n.as_f64().is_some_and(|double| n.is_f64() && double.abs() < 18_446_744_073_709_551_616.0)
}

fn is_integer(value: &Value) -> bool {
    matches!(value, Value::Number(n) if Decimal::from_number(n).is_some_and(|d| d.is_integer()))
}

/// The smallest set of types that includes the value.
pub(crate) fn type_of(value: &Value) -> Types {
    match value {
        Value::Null => Types::NULL,
        Value::Bool(_) => Types::BOOLEAN,
        Value::Number(_) if is_integer(value) => Types::INTEGER,
        Value::Number(_) => Types::NUMBER.difference(Types::INTEGER),
        Value::String(_) => Types::STRING,
        Value::Array(_) => Types::ARRAY,
        Value::Object(_) => Types::OBJECT,
    }
}

pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The types in words, such as `string or null`.
pub(crate) fn describe_types(types: Types) -> String {
    let names: Vec<_> = [
        (Types::STRING, "string"),
        (Types::NUMBER, "number"),
        (Types::BOOLEAN, "boolean"),
        (Types::ARRAY, "array"),
        (Types::OBJECT, "object"),
        (Types::NULL, "null"),
    ]
    .into_iter()
    .filter_map(|(t, name)| {
        let integer = t == Types::NUMBER && !types.contains(t) && types.contains(Types::INTEGER);
        let name = if integer { "integer" } else { name };
        (types.contains(t) || integer).then_some(name)
    })
    .collect();
    match names.len() {
        0 => "nothing".into(),
        6 => "any type".into(),
        _ => names.join(" or "),
    }
}

/// JSON equality: numbers by value, objects by members.
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) if !x.is_f64() && !y.is_f64() => x == y,
        (Value::Number(x), Value::Number(y)) => {
            // a number has one nearest double in any spelling
            let near = || x.as_f64() == y.as_f64();
            let one =
                || Decimal::from_number(x).is_some_and(|d| Some(d) == Decimal::from_number(y));
            x == y || (near() && one())
        }
        (Value::Array(x), Value::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| equal(x, y))
        }
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(k, v)| y.get(k).is_some_and(|w| equal(v, w)))
        }
        _ => a == b,
    }
}

/// Whether two items are equal, and the number of bytes that were compared, if it is large.
pub(super) fn has_duplicates(items: &[Value]) -> (bool, u64) {
    if items.len() < 16 {
        let found = items.iter().enumerate().any(|(i, a)| items[..i].iter().any(|b| equal(a, b)));
        return (found, 0);
    }
    let (mut seen, mut bytes) = (HashSet::new(), 0);
    let found = !items.iter().all(|item| {
        let text = canonical(item);
        bytes += text.len() as u64;
        seen.insert(text)
    });
    (found, bytes)
}

/// A text that is the same for equal values only.
pub(crate) fn canonical(value: &Value) -> String {
    match value {
        Value::Number(n) if n.is_i64() || n.is_u64() => n.to_string(),
        Value::Number(n) => {
            Decimal::from_number(n).map_or_else(|| n.to_string(), |d| d.to_string())
        }
        Value::Array(items) => {
            let parts: Vec<_> = items.iter().map(canonical).collect();
            format!("[{}]", parts.join(","))
        }
        Value::Object(members) => {
            let mut parts: Vec<_> = members
                .iter()
                .map(|(k, v)| format!("{}:{}", Value::String(k.clone()), canonical(v)))
                .collect();
            parts.sort();
            format!("{{{}}}", parts.join(","))
        }
        other => other.to_string(),
    }
}
