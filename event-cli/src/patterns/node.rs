//! A document of any language as a tree whose parts know their place.

use std::sync::Arc;

use event_schema::diagnostic::Diagnostic;
use event_schema::document::{Document, Json, Pos, Span, Value as JsonValue};
use event_schema::rules;

use super::yaml;

/// Where something stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// In bytes.
    pub(crate) span: Span,
    /// For people.
    pub(crate) pos: Pos,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

/// A value whose parts know their place.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// A JSON number.
    Number(String),
    String(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// A value that this document does not say, and why.
    Unknown(String),
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) value: Node,
}

impl Node {
    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The value behind several keys.
    pub(crate) fn at(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The members; none where this is not an object.
    pub(crate) fn entries(&self) -> &[Entry] {
        if let Value::Map(entries) = &self.value { entries } else { &[] }
    }

    /// The elements; none where this is not a list.
    pub(crate) fn items(&self) -> &[Node] {
        if let Value::List(items) = &self.value { items } else { &[] }
    }

    /// The string, where this is one.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }

    /// The tree of a JSON document.
    pub(crate) fn of_json(document: &Document) -> Node {
        of(document, &document.root)
    }

    /// The documents of a file: JSON or, where the name or the text says so, YAML.
    pub(crate) fn read(shown: &str, text: &Arc<str>) -> Result<Vec<Node>, Box<Diagnostic>> {
        let named = |ends: &[&str]| ends.iter().any(|end| shown.ends_with(end));
        let first = text.trim_start_matches('\u{feff}').trim_start().chars().next();
        let is_json = match first {
            _ if named(&[".json"]) => true,
            _ if named(&[".yaml", ".yml"]) => false,
            first => matches!(first, Some('{' | '[')),
        };
        if is_json {
            let document = Document::parse(shown, text.clone()).map_err(|error| {
                unreadable(
                    shown,
                    Place { span: error.span, pos: error.pos },
                    format!("failed to parse the JSON: {}", error.message),
                )
            })?;
            return Ok(vec![Node::of_json(&document)]);
        }
        yaml::read(text).map_err(|(place, message)| {
            unreadable(shown, place, format!("failed to parse the YAML: {message}"))
        })
    }
}

pub(crate) fn unreadable(shown: &str, place: Place, message: String) -> Box<Diagnostic> {
    let mut d = Diagnostic::error(&rules::PATTERN_FILE_UNREADABLE, shown.into(), message);
    if place.pos.line > 0 {
        (d.span, d.pos) = (Some(place.span), Some(place.pos));
    }
    Box::new(d.with_help(rules::PATTERN_FILE_UNREADABLE.fix))
}

fn of(document: &Document, json: &Json) -> Node {
    let place = |span| Place { span, pos: document.pos(span) };
    let value = match &json.value {
        JsonValue::Null => Value::Null,
        JsonValue::Bool(value) => Value::Bool(*value),
        JsonValue::Number(text) => Value::Number(text.clone()),
        JsonValue::String(text) => Value::String(text.clone()),
        JsonValue::Array(items) => {
            Value::List(items.iter().map(|item| of(document, item)).collect())
        }
        JsonValue::Object(members) => Value::Map(
            members
                .iter()
                .map(|member| Entry {
                    key: member.key.clone(),
                    place: place(member.key_span),
                    value: of(document, &member.value),
                })
                .collect(),
        ),
    };
    Node { value, place: place(json.span) }
}
