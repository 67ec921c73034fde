//! The place of a pair of nodes in an event.

use std::borrow::Cow;

use serde_json::{Value, json};

/// A step from an instance to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A member.
    Member(String),
    /// An undeclared member.
    AnyMember,
    /// An item.
    Item(usize),
    /// The name of a member.
    Name,
    /// A branch of a union, by its tag: the same value in more detail.
    Branch(String),
}

/// The place in messages: `order.lines[].price`.
pub(super) fn label(path: &[Step]) -> Cow<'static, str> {
    if path.is_empty() {
        return Cow::Borrowed("the event");
    }
    let mut out = String::new();
    let mut branches: Vec<String> = Vec::new();
    for step in path {
        match step {
            Step::Member(name) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(name);
            }
            Step::AnyMember => out.push_str(".*"),
            Step::Item(_) => out.push_str("[]"),
            Step::Name => out.push_str(" (names)"),
            Step::Branch(tag) => branches.push(format!("`{tag}`")),
        }
    }
    let place = if out.is_empty() { "the event".to_owned() } else { format!("`{out}`") };
    match branches.as_slice() {
        [] => place.into(),
        branches => format!("{place} (branch {})", branches.join(", ")).into(),
    }
}

/// The value at its place, without anything else.
pub(super) fn wrap(path: &[Step], value: Value) -> Value {
    path.iter().rev().fold(value, |value, step| match step {
        Step::Member(name) => json!({ name: value }),
        Step::AnyMember => json!({ "a": value }),
        Step::Item(_) => json!([value]),
        Step::Branch(_) => value,
        Step::Name => match value {
            Value::String(name) => json!({ name: null }),
            other => other,
        },
    })
}
