//! Joins `allOf`, and `$ref` with keywords beside it, into one node where that has the same meaning.
//!
//! A schema that is split into `allOf`, or joined again, has the same instances, names and Rust types.
//! Compared keyword by keyword it would look different, so both versions are compared in the joined form. A
//! part that cannot be joined without a change of meaning stays as it is.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::model::{
    ArrayRules, Bound, Node, NodeId, NumberRules, ObjectRules, Property, Schema, StringRules, Types,
};
use crate::tag;
use crate::validate::equal;

/// The maximum number of properties and other parts that are copied per node of the schema.
const MAX_COPIES: usize = 8;

/// Returns the schema with its `allOf` joined. IDs of nodes stay.
pub(super) fn apply(mut schema: Cow<'_, Schema>) -> Cow<'_, Schema> {
    if !schema.nodes.iter().any(is_composed) {
        return schema;
    }
    name_children(&mut schema);
    let count = schema.nodes.len();
    let mut flat = Flat {
        schema: schema.to_mut(),
        stages: vec![Stage::New; count],
        budget: count * MAX_COPIES + 1_000,
        joined: HashMap::new(),
    };
    let mut at = 0;
    // joined properties are appended, and have parts of their own
    while at < flat.schema.nodes.len() {
        flat.finish(at);
        at += 1;
    }
    schema
}

/// Records the children of a base with a discriminator, because joined children no longer refer to it.
fn name_children(schema: &mut Cow<'_, Schema>) {
    let bases: Vec<NodeId> = schema
        .nodes()
        .filter(|(_, node)| node.discriminator.is_some() && node.branches().is_empty())
        .map(|(id, _)| id)
        .collect();
    for base in bases {
        let children = tag::children(schema, base);
        if let Some(discriminator) = &mut schema.to_mut().nodes[base.index()].discriminator {
            discriminator.mapping = children;
        }
    }
}

fn is_composed(node: &Node) -> bool {
    !node.all_of.is_empty()
        || (node.reference.is_some() && node.pure_reference().is_none())
        || lone_branch(node).is_some()
}

/// The only branch of a union that has one.
fn lone_branch(node: &Node) -> Option<NodeId> {
    match (node.one_of.as_slice(), node.any_of.as_slice()) {
        ([one], []) | ([], [one]) if !node.notes.open && node.discriminator.is_none() => Some(*one),
        _ => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Open,
    Done,
}

struct Flat<'a> {
    schema: &'a mut Schema,
    stages: Vec<Stage>,
    budget: usize,
    /// The node for a property that two parts declare.
    joined: HashMap<(NodeId, NodeId), NodeId>,
}

impl Flat<'_> {
    /// Joins a node after the parts that it consists of, without recursion.
    fn finish(&mut self, start: usize) {
        let mut todo = vec![start];
        while let Some(&at) = todo.last() {
            match self.stages[at] {
                Stage::Done => {
                    todo.pop();
                }
                Stage::Open => {
                    todo.pop();
                    self.join(at);
                    self.stages[at] = Stage::Done;
                }
                Stage::New => {
                    self.stages[at] = Stage::Open;
                    let node = &self.schema.nodes[at];
                    let lone = lone_branch(node);
                    let parts = node.reference.iter().chain(&node.all_of).chain(&lone);
                    let new = |id: &&NodeId| self.stages[id.index()] == Stage::New;
                    todo.extend(parts.filter(new).map(|id| id.index()));
                }
            }
        }
    }

    fn join(&mut self, at: usize) {
        if !is_composed(&self.schema.nodes[at]) {
            return;
        }
        let mut node = std::mem::take(&mut self.schema.nodes[at]);
        let mut parts: Vec<NodeId> = node.reference.take().into_iter().collect();
        parts.append(&mut node.all_of);
        if let Some(one) = lone_branch(&node) {
            parts.push(one);
            node.one_of.clear();
            node.any_of.clear();
        }
        let mut seen: Vec<NodeId> = Vec::new();
        let mut left: Vec<NodeId> = Vec::new();
        let wraps = says_nothing(&node) && node.discriminator.is_none() && !node.notes.open;
        for part in parts {
            let target = self.schema.resolve(part);
            // a part that is not finished yet contains this node
            if target.index() == at || self.stages[target.index()] != Stage::Done {
                left.push(part);
            } else if !seen.contains(&target) {
                seen.push(target);
            }
        }
        if wraps && left.is_empty() && seen.len() == 1 {
            node.reference = seen.pop();
            self.schema.nodes[at] = node;
            return;
        }
        for target in seen {
            // a joined part passes on what is left of its own parts
            let part = self.schema.nodes[target.index()].clone();
            let cost = size(&part);
            if cost <= self.budget && can_join(&node, &part, self.schema) {
                self.budget -= cost;
                self.take(&mut node, part);
            } else {
                left.push(target);
            }
        }
        node.all_of.extend(left);
        self.schema.nodes[at] = node;
    }

    /// Adds the keywords of a part. None is lost, because [`can_join`] has checked it.
    fn take(&mut self, node: &mut Node, part: Node) {
        node.never |= part.never;
        node.types = node.types.intersection(part.types);
        node.values = match (node.values.take(), part.values) {
            (Some(own), Some(others)) => Some(
                own.into_iter()
                    .filter(|l| others.iter().any(|o| equal(&o.value, &l.value)))
                    .collect(),
            ),
            (own, other) => own.or(other),
        };
        join_rules(&mut node.number, part.number, numbers);
        join_rules(&mut node.string, part.string, strings);
        join_rules(&mut node.array, part.array, arrays);
        if let Some(other) = part.object {
            let own = node.object.take().map(|rules| *rules).unwrap_or_default();
            node.object = Some(Box::new(self.objects(own, *other)));
        }
        node.unevaluated.extend(part.unevaluated);
        node.all_of.extend(part.reference);
        node.all_of.extend(part.all_of);
        if !part.any_of.is_empty() || !part.one_of.is_empty() {
            node.any_of.extend(part.any_of);
            node.one_of.extend(part.one_of);
            node.discriminator = node.discriminator.take().or(part.discriminator);
        }
        node.not = node.not.or(part.not);
        node.conditional = node.conditional.take().or(part.conditional);
        node.unsupported.extend(part.unsupported);
        node.notes.default = node.notes.default.take().or(part.notes.default);
    }

    fn objects(&mut self, mut own: ObjectRules, other: ObjectRules) -> ObjectRules {
        own.additional = own.additional.or(other.additional);
        own.names = own.names.or(other.names);
        let mut places: HashMap<String, usize> =
            own.properties.iter().enumerate().map(|(i, p)| (p.name.clone(), i)).collect();
        for property in other.properties {
            if let Some(at) = places.get(&property.name) {
                let known = &own.properties[*at];
                let node = self.both(known, &property);
                own.properties[*at].node = node;
            } else {
                places.insert(property.name.clone(), own.properties.len());
                own.properties.push(property);
            }
        }
        own.required.extend(other.required);
        own.required.sort();
        own.required.dedup();
        own.patterns.extend(other.patterns);
        own.min_properties = own.min_properties.max(other.min_properties);
        own.max_properties = least(own.max_properties, other.max_properties);
        own.dependent_required.extend(other.dependent_required);
        own.dependent_schemas.extend(other.dependent_schemas);
        own.index();
        own
    }

    /// The node of a property that two parts declare.
    fn both(&mut self, p: &Property, q: &Property) -> NodeId {
        let key = (self.schema.resolve(p.node), self.schema.resolve(q.node));
        if key.0 == key.1 {
            return p.node;
        }
        if let Some(known) = self.joined.get(&key) {
            return *known;
        }
        let first = self.schema.node(p.node);
        let node = Node {
            pointer: first.pointer.clone(),
            file: first.file.clone(),
            span: first.span,
            pos: first.pos,
            all_of: vec![p.node, q.node],
            ..Node::default()
        };
        let id = NodeId(u32::try_from(self.schema.nodes.len()).unwrap_or(u32::MAX));
        self.schema.nodes.push(node);
        self.stages.push(Stage::New);
        self.joined.insert(key, id);
        id
    }
}

/// Whether the node has no keywords of its own.
fn says_nothing(node: &Node) -> bool {
    node.types == Types::ALL && node.is_bare()
}

/// The cost of copying a node.
fn size(node: &Node) -> usize {
    let object =
        node.object.iter().map(|r| r.properties.len() + r.required.len() + r.patterns.len());
    let values = node.values.iter().map(Vec::len);
    1 + object.chain(values).sum::<usize>()
        + node.all_of.len()
        + node.any_of.len()
        + node.one_of.len()
}

fn can_join(node: &Node, part: &Node, schema: &Schema) -> bool {
    let union = |n: &Node| !n.any_of.is_empty() || !n.one_of.is_empty();
    let opens = |n: &Node| n.values.is_some() || union(n);
    // a part that is open there is not open here
    !((part.notes.open && (opens(part) || opens(node))) || (node.notes.open && opens(part)))
        && !(union(node) && union(part))
        && !(node.discriminator.is_some() && union(part))
        && part.waiting.is_none()
        && !(node.not.is_some() && part.not.is_some())
        && !(node.conditional.is_some() && part.conditional.is_some())
        && both(node.number.as_deref(), part.number.as_deref(), |a, b| {
            agree(a.format.as_ref(), b.format.as_ref())
                && agree(a.multiple_of.as_ref(), b.multiple_of.as_ref())
        })
        && both(node.string.as_deref(), part.string.as_deref(), |a, b| {
            agree(a.format.as_ref(), b.format.as_ref())
                && agree(a.pattern.as_ref(), b.pattern.as_ref())
                && agree(a.content_encoding.as_ref(), b.content_encoding.as_ref())
        })
        && both(node.array.as_deref(), part.array.as_deref(), |a, b| {
            let places = |r: &ArrayRules| !r.prefix.is_empty() || r.items.is_some();
            !(places(a) && places(b) || a.contains.is_some() && b.contains.is_some())
        })
        && both(node.object.as_deref(), part.object.as_deref(), |a, b| {
            let names = |r: &ObjectRules| !r.properties.is_empty() || !r.patterns.is_empty();
            let rest = |r: &ObjectRules| r.additional.is_some_and(|id| !is_anything(schema, id));
            // `additionalProperties` only applies to the names beside it
            !(rest(a) && (names(b) || b.additional.is_some()))
                && !(rest(b) && (names(a) || a.additional.is_some()))
                && !(a.names.is_some() && b.names.is_some())
        })
}

fn is_anything(schema: &Schema, id: NodeId) -> bool {
    schema.node(schema.resolve(id)).says_nothing()
}

fn both<T>(a: Option<&T>, b: Option<&T>, agree: impl Fn(&T, &T) -> bool) -> bool {
    a.zip(b).is_none_or(|(a, b)| agree(a, b))
}

fn agree<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
    both(a, b, |a, b| a == b)
}

fn join_rules<T>(own: &mut Option<Box<T>>, other: Option<Box<T>>, join: impl Fn(&mut T, T)) {
    match (own.as_deref_mut(), other) {
        (Some(own), Some(other)) => join(own, *other),
        (None, Some(other)) => *own = Some(other),
        (_, None) => {}
    }
}

fn numbers(own: &mut NumberRules, other: NumberRules) {
    let tighter = |a: Option<Bound>, b: Option<Bound>, lower: bool| match (a, b) {
        (Some(a), Some(b)) => {
            let first = match a.value.cmp(&b.value) {
                std::cmp::Ordering::Equal => a.exclusive,
                order => (order == std::cmp::Ordering::Greater) == lower,
            };
            Some(if first { a } else { b })
        }
        (a, b) => a.or(b),
    };
    own.min = tighter(own.min.take(), other.min, true);
    own.max = tighter(own.max.take(), other.max, false);
    own.multiple_of = own.multiple_of.take().or(other.multiple_of);
    own.format = own.format.take().or(other.format);
}

fn strings(own: &mut StringRules, other: StringRules) {
    own.min_length = own.min_length.max(other.min_length);
    own.max_length = least(own.max_length, other.max_length);
    own.pattern = own.pattern.take().or(other.pattern);
    own.format = own.format.take().or(other.format);
    own.content_encoding = own.content_encoding.take().or(other.content_encoding);
}

fn arrays(own: &mut ArrayRules, other: ArrayRules) {
    if own.prefix.is_empty() {
        own.prefix = other.prefix;
    }
    own.items = own.items.or(other.items);
    own.min_items = own.min_items.max(other.min_items);
    own.max_items = least(own.max_items, other.max_items);
    own.unique |= other.unique;
    own.contains = own.contains.take().or(other.contains);
}

fn least(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
