//! Structural classes: nodes with the same meaning, whatever their place and name.
//!
//! A class is a 128-bit hash over the keywords that constrain instances (titles, for example, do not).
//! Nodes in a cycle of references are hashed in rounds, one for each step that could distinguish them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::wide::{Seeded, wide};
use crate::model::{Node, NodeId, Schema};
use crate::tag::{self, Tagged};
use crate::validate::canonical;

/// The maximum size of a cycle that is hashed; nodes of a larger one only equal themselves.
const MAX_CYCLE: usize = 256;

/// The class of each node of a schema.
#[derive(Debug)]
pub(crate) struct Classes {
    classes: Vec<u128>,
    tags: Mutex<HashMap<NodeId, Option<Arc<Tagged>>, Seeded>>,
}

impl Classes {
    pub(crate) fn of(&self, id: NodeId) -> u128 {
        self.classes[id.index()]
    }

    /// Whether the node has no constraints.
    pub(crate) fn is_trivial(&self, id: NodeId) -> bool {
        self.of(id) == 1
    }

    pub(crate) fn new(schema: &Schema) -> Classes {
        let mut classes = vec![0; schema.nodes.len()];
        if is_forward(schema) {
            for at in (0..classes.len()).rev() {
                classes[at] = hash(&schema.nodes[at], schema.strict_integers, &classes);
            }
            return Classes { classes, tags: Mutex::default() };
        }
        let children: Vec<Vec<NodeId>> = schema.nodes.iter().map(children).collect();
        for component in components(&children) {
            if let [id] = component.as_slice()
                && !children[id.index()].contains(id)
            {
                classes[id.index()] = hash(schema.node(*id), schema.strict_integers, &classes);
            } else {
                cycle(schema, &component, &mut classes);
            }
        }
        Classes { classes, tags: Mutex::default() }
    }

    /// How the branches of the union at a node are distinguished. The schema is the one of the classes.
    pub(crate) fn tagged(&self, schema: &Schema, id: NodeId) -> Option<Arc<Tagged>> {
        let node = schema.node(id);
        if node.one_of.is_empty() && node.any_of.is_empty() {
            return None;
        }
        let mut tags = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        tags.entry(id).or_insert_with(|| tag::of(schema, id).map(Arc::new)).clone()
    }
}

fn cycle(schema: &Schema, component: &[NodeId], classes: &mut [u128]) {
    // two cycles are comparable if they were hashed in as many rounds; as many rounds as they have nodes
    // together distinguish all their nodes
    let rounds = 2 * component.len().next_power_of_two();
    for id in component {
        classes[id.index()] = 2;
    }
    if component.len() > MAX_CYCLE {
        // a number that no other cycle has, even if this schema is dropped
        static CYCLES: AtomicU64 = AtomicU64::new(0);
        let cycle = CYCLES.fetch_add(1, Ordering::Relaxed);
        for id in component {
            let place = ("cycle", cycle, id.index());
            classes[id.index()] = wide(|h| place.hash(h));
        }
        return;
    }
    for _ in 0..rounds {
        let next: Vec<_> = component
            .iter()
            .map(|id| hash(schema.node(*id), schema.strict_integers, classes))
            .collect();
        for (id, class) in component.iter().zip(next) {
            classes[id.index()] = class;
        }
    }
    for id in component {
        let class = (rounds, classes[id.index()]);
        classes[id.index()] = wide(|h| class.hash(h));
    }
}

/// Whether every node only refers to nodes after it, so that the schema has no cycle.
fn is_forward(schema: &Schema) -> bool {
    schema.nodes().all(|(id, node)| {
        let mut forward = true;
        each_child(node, &mut |child| forward &= child > id);
        forward
    })
}

/// Every node that a node refers to.
fn children(node: &Node) -> Vec<NodeId> {
    let mut all: Vec<NodeId> = Vec::new();
    each_child(node, &mut |child| all.push(child));
    all
}

/// Visits every node that a node refers to.
pub(crate) fn each_child(node: &Node, visit: &mut dyn FnMut(NodeId)) {
    let lists = [&node.all_of, &node.any_of, &node.one_of, &node.unevaluated];
    node.reference
        .iter()
        .chain(&node.not)
        .chain(lists.into_iter().flatten())
        .for_each(|id| visit(*id));
    if let Some(c) = &node.conditional {
        visit(c.condition);
        c.then.iter().chain(&c.otherwise).for_each(|id| visit(*id));
    }
    if let Some(rules) = &node.array {
        rules.prefix.iter().chain(&rules.items).for_each(|id| visit(*id));
        rules.contains.iter().for_each(|c| visit(c.node));
    }
    if let Some(rules) = &node.object {
        rules.properties.iter().for_each(|p| visit(p.node));
        let named = rules.patterns.iter().chain(&rules.dependent_schemas);
        named.for_each(|(_, id)| visit(*id));
        rules.additional.iter().chain(&rules.names).for_each(|id| visit(*id));
    }
    children_of(node).for_each(|(_, id)| visit(*id));
}

/// The children that the discriminator of a base without branches maps to, which readers choose by their
/// tag.
fn children_of(node: &Node) -> impl Iterator<Item = &(String, NodeId)> {
    let stated = node.discriminator.iter().filter(|_| node.branches().is_empty());
    stated.flat_map(|d| &d.mapping)
}

fn hash(node: &Node, strict: bool, classes: &[u128]) -> u128 {
    let class = |id: &NodeId| classes[id.index()];
    if let Some(to) = node.pure_reference() {
        // a reference means its target; one that refers to itself means nothing
        return class(&to);
    }
    if node.says_nothing() {
        return 1;
    }
    let unordered = |mut list: Vec<u128>| {
        list.sort_unstable();
        list
    };
    // in some dialects, 1.0 is not an integer
    let types = node.types.with_point(strict);
    wide(|h| {
        (node.never, types, node.notes.open).hash(h);
        node.reference.as_ref().map(class).hash(h);
        let values = node.values.as_ref().map(|values| {
            let mut values: Vec<_> = values.iter().map(|v| canonical(&v.value)).collect();
            values.sort();
            values
        });
        values.hash(h);
        if let Some(rules) = &node.number {
            let bound = |b: &crate::model::Bound| (b.value, b.exclusive);
            ("number", rules.min.as_ref().map(bound), rules.max.as_ref().map(bound)).hash(h);
            (rules.multiple_of, &rules.format).hash(h);
        }
        if let Some(rules) = &node.string {
            ("string", rules.min_length, rules.max_length, &rules.pattern, &rules.format).hash(h);
            rules.content_encoding.hash(h);
        }
        if let Some(rules) = &node.array {
            let prefix: Vec<_> = rules.prefix.iter().map(class).collect();
            let contains = rules.contains.as_ref().map(|c| (class(&c.node), c.min, c.max));
            let items = rules.items.as_ref().map(class);
            ("array", prefix, items, rules.min_items, rules.max_items, rules.unique, contains)
                .hash(h);
        }
        if let Some(rules) = &node.object {
            "object".hash(h);
            rules.by_name().for_each(|p| (p.name.as_str(), class(&p.node)).hash(h));
            let mut patterns: Vec<_> =
                rules.patterns.iter().map(|(p, id)| (p, class(id))).collect();
            patterns.sort_unstable();
            (rules.properties.len(), patterns, &rules.required).hash(h);
            (rules.additional.as_ref().map(class), rules.names.as_ref().map(class)).hash(h);
            (rules.min_properties, rules.max_properties).hash(h);
            let mut required: Vec<_> = rules.dependent_required.iter().collect();
            required.sort_unstable();
            let mut schemas: Vec<_> =
                rules.dependent_schemas.iter().map(|(k, id)| (k, class(id))).collect();
            schemas.sort_unstable();
            (required, schemas).hash(h);
        }
        unordered(node.all_of.iter().map(class).collect()).hash(h);
        unordered(node.unevaluated.iter().map(class).collect()).hash(h);
        unordered(node.any_of.iter().map(class).collect()).hash(h);
        unordered(node.one_of.iter().map(class).collect()).hash(h);
        node.not.as_ref().map(class).hash(h);
        let conditional = node.conditional.as_ref().map(|c| {
            (class(&c.condition), c.then.as_ref().map(class), c.otherwise.as_ref().map(class))
        });
        conditional.hash(h);
        for (tag, child) in children_of(node) {
            (tag, class(child)).hash(h);
        }
        for keyword in &node.unsupported {
            (&keyword.keyword, canonical(&keyword.value), &keyword.context).hash(h);
        }
    })
}

/// Strongly connected components, each after those that it reaches (Tarjan's algorithm, without recursion).
pub(crate) fn components(children: &[Vec<NodeId>]) -> Vec<Vec<NodeId>> {
    const NEW: u32 = u32::MAX;
    let count = children.len();
    let (mut order, mut low) = (vec![NEW; count], vec![0u32; count]);
    let mut on_stack = vec![false; count];
    let (mut stack, mut out, mut next) = (Vec::new(), Vec::new(), 0u32);
    for root in 0..count {
        if order[root] != NEW {
            continue;
        }
        let mut calls = vec![(root, 0)];
        while let Some((at, child)) = calls.pop() {
            if child == 0 {
                (order[at], low[at]) = (next, next);
                next += 1;
                stack.push(at);
                on_stack[at] = true;
            } else {
                let done = children[at][child - 1].index();
                if on_stack[done] {
                    low[at] = low[at].min(low[done]);
                }
            }
            if let Some(to) = children[at].get(child).map(|id| id.index()) {
                calls.push((at, child + 1));
                if order[to] == NEW {
                    calls.push((to, 0));
                } else if on_stack[to] {
                    low[at] = low[at].min(order[to]);
                }
                continue;
            }
            if low[at] == order[at] {
                let mut component = Vec::new();
                while let Some(id) = stack.pop() {
                    on_stack[id] = false;
                    component.push(NodeId(u32::try_from(id).unwrap_or(u32::MAX)));
                    if id == at {
                        break;
                    }
                }
                out.push(component);
            }
        }
    }
    out
}
