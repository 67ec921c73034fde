//! Schemas that refer to themselves without descending into the instance, such as `a: {"not": {"$ref":
//! "a"}}`.
//!
//! JSON Schema gives them no meaning, and validators do not terminate. The circular reference is removed,
//! and kept as an unsupported keyword: two versions have the same meaning if the whole circle is equal.

use std::collections::HashSet;
use std::sync::Arc;

use crate::kernel::{Classes, components};
use crate::model::{Node, NodeId, Schema, Unsupported};

const WHY: &str = "refers back to its own schema without descending into the event";

/// Removes what refers from a node back to itself.
pub(super) fn cut(schema: &mut Schema) {
    if !schema.nodes.iter().any(|node| node.reference.is_some()) {
        return;
    }
    let beside: Vec<Vec<NodeId>> = schema.nodes.iter().map(beside).collect();
    let mut classes = None;
    for component in components(&beside) {
        let alone = |id: &NodeId| !beside[id.index()].contains(id);
        if matches!(component.as_slice(), [id] if alone(id)) {
            continue;
        }
        let classes = classes.get_or_insert_with(|| Classes::new(schema));
        let within: HashSet<NodeId> = component.iter().copied().collect();
        for id in component {
            let pos = schema.nodes[id.index()].pos;
            let class = format!("{:x}", classes.of(id));
            let context = (Arc::from("circle"), class);
            let keywords = take(&mut schema.nodes[id.index()], &within);
            let node = &mut schema.nodes[id.index()];
            node.unsupported.extend(keywords.into_iter().map(|keyword| Unsupported {
                keyword: keyword.to_owned(),
                value: serde_json::Value::Null,
                pos,
                context: Some(context.clone()),
                why: Some(WHY),
            }));
        }
    }
}

/// The nodes that apply to the same instance.
fn beside(node: &Node) -> Vec<NodeId> {
    let lists = [&node.all_of, &node.any_of, &node.one_of, &node.unevaluated];
    let mut all: Vec<NodeId> = node.reference.iter().chain(&node.not).copied().collect();
    all.extend(lists.into_iter().flatten());
    if let Some(c) = &node.conditional {
        all.push(c.condition);
        all.extend(c.then.iter().chain(&c.otherwise));
    }
    let dependent = node.object.iter().flat_map(|rules| &rules.dependent_schemas);
    all.extend(dependent.map(|(_, id)| *id));
    all
}

/// Removes the keywords that refer to one of the nodes, and returns their names.
fn take(node: &mut Node, within: &HashSet<NodeId>) -> Vec<&'static str> {
    let mut found = Vec::new();
    let leads = |id: &NodeId| within.contains(id);
    if node.reference.take_if(|id| leads(id)).is_some() {
        found.push("$ref");
    }
    if node.not.take_if(|id| leads(id)).is_some() {
        found.push("not");
    }
    let lists = [
        ("allOf", &mut node.all_of),
        ("anyOf", &mut node.any_of),
        ("oneOf", &mut node.one_of),
        ("unevaluatedProperties", &mut node.unevaluated),
    ];
    for (keyword, list) in lists {
        if list.iter().any(leads) {
            list.clear();
            found.push(keyword);
        }
    }
    let leads_back = node
        .conditional
        .as_ref()
        .is_some_and(|c| leads(&c.condition) || c.then.iter().chain(&c.otherwise).any(leads));
    if leads_back {
        node.conditional = None;
        found.push("if");
    }
    if let Some(rules) = &mut node.object {
        let before = rules.dependent_schemas.len();
        rules.dependent_schemas.retain(|(_, id)| !leads(id));
        if rules.dependent_schemas.len() < before {
            found.push("dependentSchemas");
        }
    }
    found
}
