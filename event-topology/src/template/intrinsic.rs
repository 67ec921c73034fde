//! Functions of CloudFormation as values.

use serde_json::{Value, json};

/// `!Ref`.
pub(super) fn reference(id: &str) -> Value {
    json!({ "Ref": id })
}

/// `!GetAtt`.
pub(super) fn attribute(id: &str, name: &str) -> Value {
    json!({"Fn::GetAtt": [id, name]})
}

/// A name that ends with the stage. FIFO queues end with `.fifo` after it.
pub(super) fn staged(name: &str) -> Value {
    match name.strip_suffix(".fifo") {
        Some(base) => json!({"Fn::Sub": format!("{}-${{Stage}}.fifo", literal(base))}),
        None => json!({"Fn::Sub": format!("{}-${{Stage}}", literal(name))}),
    }
}

/// A text within `!Sub` that has no variable.
pub(super) fn literal(text: &str) -> String {
    text.replace("${", "${!")
}

/// The same with the members of every object by name, also where `serde_json` keeps the order in which they were
/// inserted: a template has the same bytes in every build.
pub(super) fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            members.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect()
        }
        other => other.clone(),
    }
}
