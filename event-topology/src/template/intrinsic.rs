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
