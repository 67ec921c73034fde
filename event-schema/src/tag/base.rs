//! Discriminators: the values of a branch, and the children of a base.

use std::collections::HashSet;

use crate::model::{Discriminator, NodeId, Schema};

/// The values of a discriminator that map to a branch: those of its mapping, otherwise the name of the
/// branch's definition.
pub fn mapped(schema: &Schema, discriminator: &Discriminator, branch: NodeId) -> Vec<String> {
    let target = schema.resolve(branch);
    let listed: Vec<String> = discriminator
        .mapping
        .iter()
        .filter(|(_, node)| *node == branch || schema.resolve(*node) == target)
        .map(|(value, _)| value.clone())
        .collect();
    if !listed.is_empty() {
        return listed;
    }
    let direct = schema.node(branch).pure_reference().unwrap_or(branch);
    let name = schema.definition_name(direct).or_else(|| schema.definition_name(target));
    name.map(str::to_owned).into_iter().collect()
}

/// The children of a base: the targets of its discriminator's mapping, and every definition that extends
/// the base by `allOf`, directly or through another definition, by its own name; none if the base has a
/// union of its own. Each has its tag: those of the mapping first, in its order.
pub fn children(schema: &Schema, base: NodeId) -> Vec<(String, NodeId)> {
    let node = schema.node(base);
    let Some(discriminator) = &node.discriminator else { return Vec::new() };
    if !node.one_of.is_empty() || !node.any_of.is_empty() {
        return Vec::new();
    }
    let mut out: Vec<(String, NodeId)> = discriminator.mapping.clone();
    for definition in &schema.definitions {
        let child = definition.node;
        let known = |(tag, node): &(String, NodeId)| {
            *tag == definition.name || schema.resolve(*node) == schema.resolve(child)
        };
        if schema.resolve(child) != base && extends(schema, child, base) && !out.iter().any(known) {
            out.push((definition.name.clone(), child));
        }
    }
    out
}

/// Whether a schema has the base in its `allOf`, or one that does.
fn extends(schema: &Schema, id: NodeId, base: NodeId) -> bool {
    let mut seen = HashSet::new();
    let mut todo = vec![id];
    while let Some(next) = todo.pop() {
        let node = schema.node(next);
        for part in node.all_of.iter().chain(node.reference.iter()) {
            if *part == base || schema.resolve(*part) == base {
                return true;
            }
            if seen.insert(*part) {
                todo.push(*part);
            }
        }
    }
    false
}
