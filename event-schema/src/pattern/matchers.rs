//! Data that is compiled once for evaluating instances, and the remaining budget.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::{Matcher, compile};
use crate::model::{NodeId, Schema};
use crate::tag::{self, Tagged};

/// The number of bytes of a text that take as long to match as visiting a node.
const BYTES: u64 = 16;

/// The children of a base with their tags.
type Children = Rc<Vec<(String, NodeId)>>;

/// How the branches of a union are distinguished, if they are.
type Tags = Option<Rc<Tagged>>;

/// Compiled patterns by their source.
#[derive(Debug, Default)]
pub(crate) struct Matchers {
    known: RefCell<HashMap<String, Option<Rc<Matcher>>>>,
    /// The number of nodes that may still be visited, if bounded.
    steps: Cell<Option<u64>>,
    /// The children of bases, by their schema.
    children: RefCell<HashMap<(usize, NodeId), Children>>,
    /// How the branches of unions are distinguished, by their schema.
    tags: RefCell<HashMap<(usize, NodeId), Tags>>,
}

impl Matchers {
    /// For one instance, with a bound on the number of visited nodes.
    pub(crate) fn bounded(steps: u64) -> Matchers {
        Matchers { steps: Cell::new(Some(steps)), ..Matchers::default() }
    }

    /// The children of a base with a discriminator.
    pub(crate) fn children(&self, schema: &Schema, base: NodeId) -> Children {
        let key = (std::ptr::from_ref(schema) as usize, base);
        let mut known = self.children.borrow_mut();
        let found = known.entry(key).or_insert_with(|| Rc::new(tag::children(schema, base)));
        Rc::clone(found)
    }

    /// How the branches of a union are distinguished, if they are.
    pub(crate) fn tagged(&self, schema: &Schema, union: NodeId) -> Option<Rc<Tagged>> {
        let key = (std::ptr::from_ref(schema) as usize, union);
        let mut known = self.tags.borrow_mut();
        known.entry(key).or_insert_with(|| tag::of(schema, union).map(Rc::new)).clone()
    }

    /// Allows this many more nodes; returns how many were left.
    pub(crate) fn allow(&self, steps: u64) -> u64 {
        self.steps.replace(Some(steps)).unwrap_or(0)
    }

    /// Counts nodes, or equivalent work.
    pub(crate) fn spend(&self, nodes: u64) {
        self.steps.set(self.steps.get().map(|left| left.saturating_sub(nodes)));
    }

    /// Whether the budget is exhausted.
    pub(crate) fn is_spent(&self) -> bool {
        self.steps.get() == Some(0)
    }

    /// Whether the pattern matches somewhere in the text; `None` if that cannot be evaluated.
    pub(crate) fn matches(&self, pattern: &str, text: &str) -> Option<bool> {
        self.spend(1 + text.len() as u64 / BYTES);
        if let Some(known) = self.known.borrow().get(pattern) {
            return known.as_ref()?.matches(text);
        }
        let matcher = compile(pattern).map(Rc::new);
        let answer = matcher.as_ref().and_then(|m| m.matches(text));
        self.known.borrow_mut().insert(pattern.to_owned(), matcher);
        answer
    }
}
