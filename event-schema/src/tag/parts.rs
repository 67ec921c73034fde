//! A branch together with its `$ref` and `allOf`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Tag;
use crate::model::{Node, NodeId, ObjectRules, Schema, Types};
use crate::validate::type_of;

/// The maximum number of parts of one branch. A tag in a later part is not found.
const MAX_PARTS: usize = 64;

/// The nodes that all apply to an instance of a node: itself, the targets of its references, and its
/// `allOf`.
pub(crate) struct Parts<'s> {
    schema: &'s Schema,
    nodes: Vec<&'s Node>,
}

impl<'s> Parts<'s> {
    pub(crate) fn new(schema: &'s Schema, id: NodeId) -> Parts<'s> {
        Parts::of_all(schema, [id])
    }

    pub(super) fn of_all(schema: &'s Schema, ids: impl IntoIterator<Item = NodeId>) -> Parts<'s> {
        let mut todo: Vec<NodeId> = ids.into_iter().collect();
        let mut seen: Vec<NodeId> = Vec::new();
        let mut nodes = Vec::new();
        while let Some(id) = todo.pop() {
            if seen.contains(&id) || nodes.len() >= MAX_PARTS {
                continue;
            }
            seen.push(id);
            let node = schema.node(id);
            nodes.push(node);
            todo.extend(node.reference.iter().chain(&node.all_of));
        }
        Parts { schema, nodes }
    }

    /// The types of instances, or a superset.
    pub(crate) fn types(&self) -> Types {
        let mut types = Types::ALL;
        for node in &self.nodes {
            if node.never {
                return Types::NONE;
            }
            types = types.intersection(node.types);
            if let Some(values) = node.values.as_ref().filter(|_| !node.notes.open) {
                let own = values.iter().map(|v| type_of(&v.value));
                types = types.intersection(own.fold(Types::NONE, Types::union));
            }
        }
        types
    }

    /// The remaining values, if they are listed and the list is closed, or a superset.
    fn values(&self) -> Option<Vec<Value>> {
        let listed = |node: &&&Node| node.values.is_some() && !node.notes.open;
        let node = self.nodes.iter().find(listed)?;
        let types = self.types();
        let values = node.values.iter().flatten().map(|l| &l.value);
        Some(values.filter(|v| types.intersects(type_of(v))).cloned().collect())
    }

    pub(crate) fn tag(&self) -> Option<Tag> {
        let types = self.types();
        match self.values() {
            Some(values) if values.is_empty() => None,
            Some(values) => Some(Tag { values, types }),
            None => (types != Types::ALL).then(|| Tag { values: Vec::new(), types }),
        }
    }

    fn objects(&self) -> impl Iterator<Item = &'s ObjectRules> {
        self.nodes.iter().filter_map(|n| n.object.as_deref())
    }

    fn is_required(&self, name: &str) -> bool {
        self.objects().any(|rules| rules.is_required(name))
    }

    /// Whether the name is declared.
    pub(crate) fn declares(&self, name: &str) -> bool {
        self.objects().any(|rules| rules.property(name).is_some())
    }

    /// Declared properties that are required, in the document's order.
    pub(crate) fn required_properties(&self) -> Vec<&'s str> {
        let names =
            self.objects().flat_map(|rules| rules.properties.iter().map(|p| p.name.as_str()));
        names.filter(|name| self.is_required(name)).collect()
    }

    /// The tag in a required property.
    pub(crate) fn required_property(&self, name: &str) -> Option<Tag> {
        if !self.is_required(name) {
            return None;
        }
        self.property(name)?.tag()
    }

    /// The nodes that apply to a declared property.
    fn property(&self, name: &str) -> Option<Parts<'s>> {
        let ids: Vec<NodeId> =
            self.objects().filter_map(|rules| rules.property(name)).map(|p| p.node).collect();
        (!ids.is_empty()).then(|| Parts::of_all(self.schema, ids))
    }

    /// The tag in the first item of a non-empty array.
    pub(super) fn first_place(&self) -> Option<Tag> {
        let arrays = || self.nodes.iter().filter_map(|n| n.array.as_deref());
        if !arrays().any(|rules| rules.min_items > 0) {
            return None;
        }
        let ids: Vec<NodeId> = arrays().filter_map(|rules| rules.item(0)).collect();
        Parts::of_all(self.schema, ids).tag()
    }

    /// The only required name.
    pub(super) fn only_required(&self) -> Option<&'s str> {
        let names: BTreeSet<&'s str> =
            self.objects().flat_map(|rules| rules.required.iter().map(String::as_str)).collect();
        let mut names = names.into_iter();
        names.next().filter(|_| names.next().is_none())
    }

    /// Whether an instance has none of the sorted names except its own.
    pub(super) fn excludes_others(&self, names: &[&str], own: &str) -> bool {
        self.objects().any(|rules| {
            rules.max_properties == Some(1)
                || (is_closed(self.schema, rules)
                    && rules
                        .properties
                        .iter()
                        .all(|p| p.name == own || names.binary_search(&p.name.as_str()).is_err()))
        })
    }
}

fn is_closed(schema: &Schema, rules: &ObjectRules) -> bool {
    let never = |id: NodeId| schema.node(schema.resolve(id)).never;
    rules.patterns.is_empty() && rules.additional.is_some_and(never)
}

/// The types of a node's instances, including those of its union's branches, or a superset.
pub(crate) fn types_of(schema: &Schema, id: NodeId) -> Types {
    let parts = Parts::new(schema, id);
    let mut types = parts.types();
    for node in parts.nodes.iter().filter(|n| !n.notes.open) {
        for union in [&node.one_of, &node.any_of] {
            if !union.is_empty() {
                let of = |id: &NodeId| Parts::new(schema, *id).types();
                types = types.intersection(union.iter().map(of).fold(Types::NONE, Types::union));
            }
        }
    }
    types
}
