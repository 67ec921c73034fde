//! The compatibility that a change must have, and how strictly readers read.
//!
//! JSON Schema enforces every constraint and distinguishes null from absent. Rust types do neither: a
//! `String` has no `maxLength`, and an `Option` reads null like an absent field. If all readers are like
//! that, terms can say so, and changes that only a validator would notice are not breaks.

use std::borrow::Cow;
use std::collections::HashMap;

use super::policy::Policy;
use crate::model::{ArrayRules, Literal, Node, NodeId, NumberRules, Schema, StringRules, Types};

/// The compatibility that a change must have, and how strictly readers read. A [`Policy`] alone means
/// strict readers.
///
/// ```
/// use event_schema::compat::{self, Constraints, Policy, Terms, Verdict};
/// use event_schema::document::Document;
/// use event_schema::read;
///
/// let read = |text| read::schema(&Document::parse("a.json", text).unwrap()).unwrap();
/// let old = read(r#"{"properties": {"name": {"type": "string", "maxLength": 10}}}"#);
/// let new = read(r#"{"properties": {"name": {"type": "string", "maxLength": 20}}}"#);
/// let strict = compat::check(&old, &new, Policy::Additive);
/// assert_eq!(strict.verdict, Verdict::Breaking);
/// let terms = Terms { constraints: Constraints::Documentation, ..Terms::default() };
/// assert_eq!(compat::check(&old, &new, terms).verdict, Verdict::Compatible);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terms {
    /// The policy.
    pub policy: Policy,
    /// The meaning of bounds, lengths and patterns.
    pub constraints: Constraints,
    /// The meaning of null in an optional property.
    pub null: Null,
}

/// The meaning of `minimum`, `maxLength`, `pattern` and similar keywords for readers. Types, enums, formats
/// and declared properties always count, because Rust types enforce them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Constraints {
    /// Rules: an event that violates one is rejected.
    #[default]
    Enforced,
    /// Documentation: no reader rejects an event because of them, and integers have the width of their
    /// format.
    Documentation,
}

/// The meaning of null for readers of an optional property.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Null {
    /// A value that the schema must allow.
    #[default]
    Value,
    /// The same as absent, as in serde's `Option`.
    Absent,
}

impl From<Policy> for Terms {
    fn from(policy: Policy) -> Terms {
        Terms { policy, ..Terms::default() }
    }
}

impl Terms {
    /// The number of ways in which terms interpret a schema.
    pub(super) const KINDS: usize = 4;

    /// The index of the way of these terms.
    pub(super) fn kind(self) -> usize {
        2 * usize::from(self.constraints == Constraints::Documentation)
            + usize::from(self.null == Null::Absent)
    }

    /// The schema as readers with these terms interpret it. IDs of nodes stay.
    pub(super) fn apply(self, schema: &Schema) -> Cow<'_, Schema> {
        let mut schema = Cow::Borrowed(schema);
        if self.constraints == Constraints::Documentation {
            schema.to_mut().nodes.iter_mut().for_each(without_constraints);
        }
        if self.null == Null::Absent {
            with_null(schema.to_mut());
        }
        super::flatten::apply(schema)
    }
}

fn without_constraints(node: &mut Node) {
    if let Some(NumberRules { format: format @ Some(_), .. }) = node.number.take().map(|n| *n) {
        node.number = Some(Box::new(NumberRules { format, ..NumberRules::default() }));
    }
    if let Some(string) = node.string.take() {
        let StringRules { format, content_encoding, .. } = *string;
        if format.is_some() || content_encoding.is_some() {
            let kept = StringRules { format, content_encoding, ..StringRules::default() };
            node.string = Some(Box::new(kept));
        }
    }
    if let Some(array) = &mut node.array {
        // the length of a tuple is part of its type
        let tuple = !array.prefix.is_empty();
        **array = ArrayRules {
            prefix: std::mem::take(&mut array.prefix),
            items: array.items,
            min_items: if tuple { array.min_items } else { 0 },
            max_items: array.max_items.filter(|_| tuple),
            unique: array.unique,
            contains: None,
        };
    }
    if let Some(object) = &mut node.object {
        object.names = None;
        (object.min_properties, object.max_properties) = (0, None);
    }
}

/// Allows null in every optional property.
fn with_null(schema: &mut Schema) {
    let mut done = HashMap::new();
    let mut at = 0;
    // copies are appended, and have properties of their own
    while at < schema.nodes.len() {
        if let Some(mut object) = schema.nodes[at].object.take() {
            for i in 0..object.properties.len() {
                if !object.is_required(&object.properties[i].name) {
                    let node = object.properties[i].node;
                    object.properties[i].node = nullable(schema, node, &mut done);
                }
            }
            schema.nodes[at].object = Some(object);
        }
        at += 1;
    }
}

/// A node that also allows null; one per node.
fn nullable(schema: &mut Schema, id: NodeId, done: &mut HashMap<NodeId, NodeId>) -> NodeId {
    let id = schema.resolve(id);
    if let Some(known) = done.get(&id) {
        return *known;
    }
    let node = schema.node(id);
    let composed = node.never
        || node.reference.is_some()
        || !node.all_of.is_empty()
        || !node.unevaluated.is_empty()
        || !node.any_of.is_empty()
        || !node.one_of.is_empty()
        || node.not.is_some()
        || node.conditional.is_some()
        || !node.unsupported.is_empty();
    let copy = if composed {
        // the original node stays one branch, beside null
        let place = Node {
            pointer: node.pointer.clone(),
            file: node.file.clone(),
            span: node.span,
            pos: node.pos,
            ..Node::default()
        };
        let null = push(schema, Node { types: Types::NULL, ..place.clone() });
        Node { any_of: vec![id, null], ..place }
    } else {
        let mut copy = node.clone();
        copy.types = copy.types.union(Types::NULL);
        if let Some(values) = copy.values.as_mut().filter(|v| !v.iter().any(|l| l.value.is_null()))
        {
            let (pos, span) = (node.pos, node.span);
            values.push(Literal { value: serde_json::Value::Null, pos, span });
        }
        copy
    };
    let with_null = push(schema, copy);
    done.insert(id, with_null);
    done.insert(with_null, with_null);
    with_null
}

fn push(schema: &mut Schema, node: Node) -> NodeId {
    let id = NodeId(u32::try_from(schema.nodes.len()).unwrap_or(u32::MAX));
    schema.nodes.push(node);
    id
}
