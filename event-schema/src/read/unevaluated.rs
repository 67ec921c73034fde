//! Rewrites `unevaluatedProperties` and `unevaluatedItems` with keywords that have the same meaning without
//! depending on others.
//!
//! What is evaluated depends on the parts of the schema that an instance matches. Each combination is a
//! separate case: the parts that match, those that do not, and what remains unevaluated.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::dialect::Dialect;
use crate::model::{ArrayRules, Node, NodeId, ObjectRules, Property, Schema, Types};

/// The maximum number of combinations of matching parts of one schema.
const MAX_CASES: usize = 64;

/// The maximum length of a chain of parts that is followed.
const MAX_DEPTH: usize = 64;

/// The maximum number of parts that are followed for one keyword.
const MAX_PARTS: u32 = 5_000;

/// The maximum number of names and positions of all cases of a schema together.
const MAX_SIZE: usize = 200_000;

/// The parts that an instance is assumed to match, and what they evaluate.
#[derive(Clone, Default)]
struct Case {
    matched: BTreeSet<NodeId>,
    unmatched: BTreeSet<NodeId>,
    present: BTreeSet<String>,
    absent: BTreeSet<String>,
    names: BTreeSet<String>,
    patterns: BTreeSet<String>,
    all_names: bool,
    places: usize,
    contained: BTreeSet<NodeId>,
    all_items: bool,
}

impl Case {
    /// Both at once; `None` if they contradict each other.
    fn and(&self, other: &Case) -> Option<Case> {
        let mut both = self.clone();
        both.matched.extend(&other.matched);
        both.unmatched.extend(&other.unmatched);
        both.present.extend(other.present.iter().cloned());
        both.absent.extend(other.absent.iter().cloned());
        both.names.extend(other.names.iter().cloned());
        both.patterns.extend(other.patterns.iter().cloned());
        both.contained.extend(&other.contained);
        both.all_names |= other.all_names;
        both.all_items |= other.all_items;
        both.places = both.places.max(other.places);
        let possible =
            both.matched.is_disjoint(&both.unmatched) && both.present.is_disjoint(&both.absent);
        possible.then_some(both)
    }

    fn size(&self) -> usize {
        1 + self.names.len() + self.patterns.len() + self.places
    }

    fn evaluates(&self) -> bool {
        self.all_names
            || self.all_items
            || self.places > 0
            || !(self.names.is_empty() && self.patterns.is_empty() && self.contained.is_empty())
    }
}

type Cases = Vec<Case>;

fn both(a: &[Case], b: &[Case]) -> Option<Cases> {
    if a.len() * b.len() > MAX_CASES * 4 {
        return None;
    }
    let all: Cases = a.iter().flat_map(|a| b.iter().filter_map(|b| a.and(b))).collect();
    (all.len() <= MAX_CASES).then_some(all)
}

/// Rewrites the keywords of every node. Returns the nodes whose keywords need too many cases.
pub(super) fn resolve(
    schema: &mut Schema,
    dialect: &dyn Fn(&Node) -> Dialect,
) -> Vec<(NodeId, &'static str)> {
    let mut lost = Vec::new();
    let mut size = 0;
    for at in 0..schema.nodes.len() {
        let id = NodeId(u32::try_from(at).unwrap_or(u32::MAX));
        let Some(found) = schema.nodes[at].waiting.clone() else { continue };
        for (keyword, rest) in
            [("unevaluatedProperties", found.properties), ("unevaluatedItems", found.items)]
        {
            let Some(rest) = rest else { continue };
            let items = keyword == "unevaluatedItems";
            let left = Cell::new(MAX_PARTS);
            let cases = Evaluation { schema, dialect, own: id, items, left }.parts(id, 0);
            size += cases.iter().flatten().map(Case::size).sum::<usize>();
            match cases {
                Some(cases) if size <= MAX_SIZE => {
                    let node = alternatives(schema, id, &cases, rest, !items);
                    schema.nodes[at].unevaluated.extend(node);
                }
                _ => lost.push((id, keyword)),
            }
        }
    }
    schema.nodes.iter_mut().for_each(|node| node.waiting = None);
    lost
}

struct Evaluation<'s> {
    schema: &'s Schema,
    dialect: &'s dyn Fn(&Node) -> Dialect,
    /// The node whose keywords are being rewritten: they do not count themselves.
    own: NodeId,
    /// Whether this is about items instead of properties.
    items: bool,
    /// The number of parts that may still be followed.
    left: Cell<u32>,
}

impl Evaluation<'_> {
    /// The cases of a node that an instance matches.
    fn parts(&self, id: NodeId, depth: usize) -> Option<Cases> {
        self.left.set(self.left.get().checked_sub(1)?);
        if depth > MAX_DEPTH {
            return None;
        }
        let node = self.schema.node(id);
        let mut own = Case::default();
        if let Some(rules) = &node.object {
            own.names.extend(rules.properties.iter().map(|p| p.name.clone()));
            own.patterns.extend(rules.patterns.iter().map(|(p, _)| p.clone()));
            own.all_names = rules.additional.is_some();
        }
        if let Some(rules) = &node.array {
            own.places = rules.prefix.len();
            own.all_items = rules.items.is_some();
            // in 2019-09, `contains` evaluates nothing by the letter, but validators disagree: undecided
            if self.items && rules.contains.is_some() && (self.dialect)(node) < Dialect::Modern {
                return None;
            }
            own.contained.extend(rules.contains.as_ref().map(|c| c.node));
        }
        if let Some(waiting) = node.waiting.as_deref().filter(|_| id != self.own) {
            own.all_names |= waiting.properties.is_some();
            own.all_items |= waiting.items.is_some();
        }
        let mut cases = vec![own];
        for part in node.reference.iter().chain(&node.all_of) {
            cases = both(&cases, &self.parts(*part, depth + 1)?)?;
        }
        for part in &node.any_of {
            cases = both(&cases, &self.either(*part, depth)?)?;
        }
        if !node.one_of.is_empty() {
            cases = both(&cases, &self.one(&node.one_of, depth)?)?;
        }
        let lone = node.waiting.as_ref().and_then(|w| w.condition);
        if let Some(condition) = lone {
            cases = both(&cases, &self.either(condition, depth)?)?;
        }
        if let Some(c) = &node.conditional {
            let part = |id: Option<NodeId>| match id {
                Some(id) => self.parts(id, depth + 1),
                None => Some(vec![Case::default()]),
            };
            let mut met = both(&self.parts(c.condition, depth + 1)?, &part(c.then)?)?;
            for case in &mut met {
                case.matched.insert(c.condition);
            }
            let mut unmet = part(c.otherwise)?;
            for case in &mut unmet {
                case.unmatched.insert(c.condition);
            }
            if met.iter().chain(&unmet).any(Case::evaluates) {
                met.append(&mut unmet);
                cases = both(&cases, &met)?;
            }
        }
        for (name, part) in node.object.iter().flat_map(|r| &r.dependent_schemas) {
            let mut with = self.parts(*part, depth + 1)?;
            if !with.iter().any(Case::evaluates) {
                continue;
            }
            for case in &mut with {
                case.present.insert(name.clone());
            }
            with.push(Case { absent: [name.clone()].into(), ..Case::default() });
            cases = both(&cases, &with)?;
        }
        Some(cases)
    }

    /// Matched or not, if that makes a difference.
    fn either(&self, id: NodeId, depth: usize) -> Option<Cases> {
        let mut cases = self.parts(id, depth + 1)?;
        if !cases.iter().any(Case::evaluates) {
            return Some(vec![Case::default()]);
        }
        for case in &mut cases {
            case.matched.insert(id);
        }
        cases.push(Case { unmatched: [id].into(), ..Case::default() });
        Some(cases)
    }

    /// One of the branches that evaluate something matches, or none of them does.
    fn one(&self, branches: &[NodeId], depth: usize) -> Option<Cases> {
        let mut all = Cases::new();
        let mut none = Case::default();
        for id in branches {
            let mut cases = self.parts(*id, depth + 1)?;
            if cases.iter().any(Case::evaluates) {
                for case in &mut cases {
                    case.matched.insert(*id);
                }
                all.append(&mut cases);
                none.unmatched.insert(*id);
            }
        }
        all.push(none);
        Some(all)
    }
}

/// The node for the keyword; nothing is needed if everything is evaluated.
fn alternatives(
    schema: &mut Schema,
    owner: NodeId,
    cases: &[Case],
    rest: NodeId,
    names: bool,
) -> Option<NodeId> {
    if cases.iter().all(|c| if names { c.all_names } else { c.all_items }) {
        return None;
    }
    let nodes: Vec<NodeId> =
        cases.iter().map(|case| one(schema, owner, case, rest, names)).collect();
    if let [node] = nodes.as_slice() {
        return Some(*node);
    }
    Some(add(schema, owner, Node { any_of: nodes, ..Node::default() }))
}

fn one(schema: &mut Schema, owner: NodeId, case: &Case, rest: NodeId, names: bool) -> NodeId {
    let mut node = Node::default();
    if names && !case.all_names {
        let anything = add(schema, owner, Node::default());
        let place = schema.node(owner);
        let mut rules = ObjectRules {
            properties: case
                .names
                .iter()
                .map(|name| Property {
                    name: name.clone(),
                    node: anything,
                    pos: place.pos,
                    span: place.span,
                })
                .collect(),
            patterns: case.patterns.iter().map(|p| (p.clone(), anything)).collect(),
            additional: Some(rest),
            ..ObjectRules::default()
        };
        rules.index();
        node.object = Some(Box::new(rules));
    }
    if !names && !case.all_items {
        let anything = add(schema, owner, Node::default());
        let mut any_of: Vec<NodeId> = case.contained.iter().copied().collect();
        let items = if any_of.is_empty() {
            rest
        } else {
            any_of.push(rest);
            add(schema, owner, Node { any_of, ..Node::default() })
        };
        let prefix = vec![anything; case.places];
        node.array =
            Some(Box::new(ArrayRules { prefix, items: Some(items), ..ArrayRules::default() }));
    }
    node.all_of.extend(&case.matched);
    for id in &case.unmatched {
        node.all_of.push(add(schema, owner, Node { not: Some(*id), ..Node::default() }));
    }
    let has = |name: &String| {
        let rules = ObjectRules { required: vec![name.clone()], ..ObjectRules::default() };
        Node { types: Types::OBJECT, object: Some(Box::new(rules)), ..Node::default() }
    };
    for name in &case.present {
        node.all_of.push(add(schema, owner, has(name)));
    }
    for name in &case.absent {
        let there = add(schema, owner, has(name));
        node.all_of.push(add(schema, owner, Node { not: Some(there), ..Node::default() }));
    }
    add(schema, owner, node)
}

/// A node at the place of its owner.
fn add(schema: &mut Schema, owner: NodeId, node: Node) -> NodeId {
    let at = schema.node(owner);
    let node = Node {
        pointer: at.pointer.clone(),
        file: at.file.clone(),
        span: at.span,
        pos: at.pos,
        ..node
    };
    let id = NodeId(u32::try_from(schema.nodes.len()).unwrap_or(u32::MAX));
    schema.nodes.push(node);
    id
}
