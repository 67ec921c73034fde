//! Values that a schema lists. A value with a number that neither a 64-bit integer nor a double represents
//! is described with bounds instead, which are exact.

use super::node::Reader;
use super::sources::Place;
use super::uri::escape_pointer;
use crate::document::{Json, Value};
use crate::model::{ArrayRules, Bound, Decimal, Literal, Node, NodeId, NumberRules, ObjectRules};
use crate::model::{Property, Types};
use crate::validate::equal;

/// The result of a schema's `enum` and `const`.
pub(super) struct Listed {
    /// The values of both.
    pub(super) values: Option<Vec<Literal>>,
    /// Nodes for the values that cannot be listed.
    pub(super) nodes: Vec<NodeId>,
    /// Keywords that cannot be described either.
    pub(super) unclear: Vec<&'static str>,
}

/// Reads `enum` and `const` together: a value must be allowed by both.
pub(super) fn listed<'d>(
    r: &mut Reader<'d>,
    place: &Place<'d>,
    has_enum: bool,
    has_const: bool,
) -> Listed {
    let mut out = Listed { values: None, nodes: Vec::new(), unclear: Vec::new() };
    for (keyword, there) in [("enum", has_enum), ("const", has_const)] {
        if !there {
            continue;
        }
        let Some(json) = place.json.get(keyword) else { continue };
        let listed = match json.as_array() {
            Some(values) if keyword == "enum" => values,
            _ => std::slice::from_ref(json),
        };
        let (plain, odd): (Vec<_>, Vec<_>) = listed.iter().partition(|json| is_exact(json));
        let plain: Vec<Literal> = plain.into_iter().map(|json| r.literal(place, json)).collect();
        if !odd.is_empty() {
            let odd: Option<Vec<NodeId>> =
                odd.into_iter().map(|json| described(r, place, keyword, json)).collect();
            let Some(mut any_of) = odd else {
                out.unclear.push(keyword);
                continue;
            };
            let values = Node { values: Some(plain), ..part(r, place, keyword) };
            any_of.push(r.add(values));
            let union = Node { any_of, ..part(r, place, keyword) };
            out.nodes.push(r.add(union));
            continue;
        }
        out.values = Some(match out.values.take() {
            Some(before) => before
                .into_iter()
                .filter(|a| plain.iter().any(|b| equal(&a.value, &b.value)))
                .collect(),
            None => plain,
        });
    }
    out
}

/// Whether a value is represented exactly as written.
fn is_exact(json: &Json) -> bool {
    match &json.value {
        Value::Number(text) => {
            let number = serde_json::from_str::<serde_json::Number>(text).ok();
            let exact = number.as_ref().and_then(Decimal::from_number);
            exact.is_some() && exact == Decimal::parse(text)
        }
        Value::Array(items) => items.iter().all(is_exact),
        Value::Object(members) => members.iter().all(|m| is_exact(&m.value)),
        _ => true,
    }
}

/// A new node at this place.
fn part(r: &Reader<'_>, place: &Place<'_>, keyword: &str) -> Node {
    let node = r.empty(place);
    Node { pointer: format!("{}/{}", node.pointer, escape_pointer(keyword)), ..node }
}

/// A node that only this value matches.
fn described<'d>(
    r: &mut Reader<'d>,
    place: &Place<'d>,
    keyword: &str,
    json: &'d Json,
) -> Option<NodeId> {
    let mut node = part(r, place, keyword);
    match &json.value {
        Value::Number(text) => {
            let bound = Bound { value: Decimal::parse(text)?, exclusive: false };
            let (min, max) = (Some(bound), Some(bound));
            node.types = Types::NUMBER;
            node.number = Some(Box::new(NumberRules { min, max, ..NumberRules::default() }));
        }
        Value::Array(items) => {
            let prefix: Option<Vec<NodeId>> =
                items.iter().map(|json| described(r, place, keyword, json)).collect();
            let never = Node { never: true, ..part(r, place, keyword) };
            node.types = Types::ARRAY;
            node.array = Some(Box::new(ArrayRules {
                prefix: prefix?,
                items: Some(r.add(never)),
                min_items: items.len() as u64,
                ..ArrayRules::default()
            }));
        }
        Value::Object(members) => {
            let mut rules = ObjectRules::default();
            for member in members {
                let node = described(r, place, keyword, &member.value)?;
                let (name, pos) = (member.key.clone(), r.pos(place, member.key_span));
                rules.required.push(name.clone());
                rules.properties.push(Property { name, node, pos, span: member.key_span });
            }
            rules.required.sort();
            rules.index();
            let never = Node { never: true, ..part(r, place, keyword) };
            rules.additional = Some(r.add(never));
            node.types = Types::OBJECT;
            node.object = Some(Box::new(rules));
        }
        _ => node.values = Some(vec![r.literal(place, json)]),
    }
    Some(r.add(node))
}
