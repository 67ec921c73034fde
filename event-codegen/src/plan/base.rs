//! A discriminator on a base: the schemas that extend it with `allOf` are the branches of a union.
//!
//! `OpenAPI` has two ways to write a tagged union: `oneOf` with a `discriminator` beside it, and a base
//! with a `discriminator` whose children have it in `allOf`. A reference to the base means one of its
//! children.

use std::collections::{BTreeMap, BTreeSet};

use event_schema::model::{NodeId, Schema};
use event_schema::tag;

/// The bases of a schema, each with its children: the value of the tag, and the schema.
pub(super) struct Bases {
    children: BTreeMap<NodeId, Vec<(String, NodeId)>>,
}

impl Bases {
    pub(super) fn of(schema: &Schema) -> Bases {
        let mut children = BTreeMap::new();
        for (id, node) in schema.nodes() {
            let alone = node.one_of.is_empty() && node.any_of.is_empty();
            if node.discriminator.is_some() && alone {
                children.insert(id, tag::children(schema, id));
            }
        }
        Bases { children }
    }

    /// The children of a base; `None` if it is not a base, or nothing extends it.
    pub(super) fn children(&self, id: NodeId) -> Option<&[(String, NodeId)]> {
        self.children.get(&id).map(Vec::as_slice).filter(|c| !c.is_empty())
    }

    /// Whether a discriminator here has no branches.
    pub(super) fn is_childless(&self, id: NodeId) -> bool {
        self.children.get(&id).is_some_and(Vec::is_empty)
    }

    /// Whether the schema extends a base: it then means itself, and not the base's union.
    pub(super) fn is_child(&self, schema: &Schema, id: NodeId) -> bool {
        !self.children.is_empty()
            && ancestors(schema, id).iter().any(|base| self.children(*base).is_some())
    }
}

/// The schemas in this one's `allOf`, directly or through others.
fn ancestors(schema: &Schema, id: NodeId) -> BTreeSet<NodeId> {
    let mut out = BTreeSet::new();
    let mut todo = schema.node(id).all_of.clone();
    while let Some(next) = todo.pop() {
        let next = schema.resolve(next);
        if next != id && out.insert(next) {
            let node = schema.node(next);
            todo.extend(&node.all_of);
            todo.extend(node.reference);
        }
    }
    out
}
