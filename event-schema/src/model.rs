//! One schema model for every dialect.
//!
//! An arena of [`Node`]s. `$ref` is resolved to a [`NodeId`], so recursion is a cycle of IDs, and walking
//! is up to the caller. The model is independent of the dialect: `OpenAPI`'s `nullable` is the type `null`,
//! draft 4's boolean `exclusiveMaximum` is an exclusive bound, `const` is an enum of one value;
//! `definitions`, `$defs` and `components/schemas` are [`Definition`]s. Each node has its JSON pointer and
//! position. A keyword that constrains instances and cannot be modelled is kept by name in
//! [`Node::unsupported`], so that a change there is undecided instead of overlooked. Names that no dialect
//! knows are annotations.

mod containers;
mod scalars;
mod types;

use std::sync::Arc;

pub use self::containers::{ArrayRules, Contains, ObjectRules, Property};
pub use self::scalars::{Bound, NumberRules, StringRules, format_range};
pub use self::types::Types;
use crate::compat::Kept;
use crate::diagnostic::Diagnostic;
use crate::document::{Pos, Span};
pub use crate::number::Decimal;

/// The index of a node in its [`Schema`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// The ID as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A schema: a root and everything that it reaches.
#[derive(Debug, Clone)]
pub struct Schema {
    /// The file that it was read from, as shown in diagnostics.
    pub file: Arc<str>,
    /// The node that an instance must match.
    pub root: NodeId,
    /// Whether `1.0` is not an integer, as in draft 4 (and for Rust's integers).
    pub strict_integers: bool,
    /// Named definitions of the document, in its order, used or not; then the definitions of other
    /// documents that it refers to, whose nodes have the file.
    pub definitions: Vec<Definition>,
    pub(crate) nodes: Vec<Node>,
    /// The schema in both readings, if it has places that readers understand in two ways. The schema itself
    /// has the reading of generated types.
    pub readings: Option<Arc<Readings>>,
    /// Warnings of the reader.
    pub remarks: Vec<Diagnostic>,
    /// Prepared data for comparisons.
    pub(crate) prepared: Kept,
}

/// A schema in two readings, each of which some readers use.
#[derive(Debug)]
pub struct Readings {
    /// The reading of the specification.
    pub letter: Schema,
    /// The intended reading.
    pub intent: Schema,
    /// The places at which they differ.
    pub places: Vec<Twofold>,
}

/// A place with two readings: a keyword that some readers apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twofold {
    /// The file.
    pub file: Arc<str>,
    /// RFC 6901 pointer of the schema with the keyword.
    pub pointer: String,
    /// Line and column of the keyword's value.
    pub pos: Pos,
    /// The position in bytes.
    pub span: Span,
    /// The keyword and what it is beside, in words.
    pub keyword: String,
    /// The dialect in which it has no meaning there.
    pub dialect: String,
}

impl Schema {
    /// The node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// All nodes, in the order of their ids.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (NodeId, &Node)> {
        self.nodes
            .iter()
            .enumerate()
            .map(|(i, n)| (NodeId(u32::try_from(i).unwrap_or(u32::MAX)), n))
    }

    /// Follows pure references (`$ref` with no other constraint beside it) to a node that is not one. Stops
    /// at a cycle of references.
    pub fn resolve(&self, mut id: NodeId) -> NodeId {
        for _ in 0..self.nodes.len() {
            match self.node(id).pure_reference() {
                Some(to) => id = to,
                None => return id,
            }
        }
        id
    }

    /// The name of the definition that `id` is, if it is one.
    pub fn definition_name(&self, id: NodeId) -> Option<&str> {
        self.definitions.iter().find(|d| d.node == id).map(|d| d.name.as_str())
    }
}

/// A named schema of the document, or of another document that it refers to.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Its key under `definitions`, `$defs` or `components/schemas`. For another document also the name of
    /// a property or of a part that is complete by itself; a whole document has the name of its file.
    pub name: String,
    /// The schema.
    pub node: NodeId,
}

/// A schema node: one JSON Schema object (or boolean).
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// RFC 6901 pointer from the document's root, such as `/components/schemas/Order`.
    pub pointer: String,
    /// The file, if it is another one than the schema's own.
    pub file: Option<Arc<str>>,
    /// The position of the node's value.
    pub span: Span,
    /// Line and column of [`span`](Self::span)'s start.
    pub pos: Pos,
    /// Keywords for people and generators.
    pub notes: Notes,
    /// `false`, or a schema that certainly has no instance.
    pub never: bool,
    /// `$ref`, resolved.
    pub reference: Option<NodeId>,
    /// The allowed types; [`Types::ALL`] if the schema does not restrict them.
    pub types: Types,
    /// `enum`, or `const` as its one value.
    pub values: Option<Vec<Literal>>,
    /// Keywords for numbers.
    pub number: Option<Box<NumberRules>>,
    /// Keywords for strings.
    pub string: Option<Box<StringRules>>,
    /// Keywords for arrays.
    pub array: Option<Box<ArrayRules>>,
    /// Keywords for objects.
    pub object: Option<Box<ObjectRules>>,
    /// `allOf`.
    pub all_of: Vec<NodeId>,
    /// `unevaluatedProperties` and `unevaluatedItems` beside other keywords, rewritten with keywords that
    /// can be evaluated one by one. An instance must match each.
    pub unevaluated: Vec<NodeId>,
    /// Those keywords as they were read, until all nodes are.
    pub(crate) waiting: Option<Box<Unevaluated>>,
    /// `anyOf`; empty if missing.
    pub any_of: Vec<NodeId>,
    /// `oneOf`; empty if missing.
    pub one_of: Vec<NodeId>,
    /// `not`.
    pub not: Option<NodeId>,
    /// `if`, `then`, `else`.
    pub conditional: Option<Conditional>,
    /// `OpenAPI`'s `discriminator`.
    pub discriminator: Option<Discriminator>,
    /// Keywords that constrain instances and cannot be modelled.
    pub unsupported: Vec<Unsupported>,
}

impl Node {
    /// Whether every instance is valid, as far as the model knows: it has only annotations and no
    /// constraints.
    pub fn allows_anything(&self) -> bool {
        self.says_nothing()
    }

    /// Whether the node decides by itself whether an instance matches, without other schemas.
    pub fn is_plain(&self) -> bool {
        self.reference.is_none()
            && self.all_of.is_empty()
            && self.any_of.is_empty()
            && self.one_of.is_empty()
            && self.unevaluated.is_empty()
            && self.not.is_none()
            && self.conditional.is_none()
    }

    /// The referenced node, if this node has no other constraint.
    pub fn pure_reference(&self) -> Option<NodeId> {
        let reference = self.reference?;
        let alone = self.types == Types::ALL
            && self.is_bare()
            && self.all_of.is_empty()
            && self.any_of.is_empty()
            && self.one_of.is_empty();
        alone.then_some(reference)
    }

    /// Whether the node has no constraint.
    pub(crate) fn says_nothing(&self) -> bool {
        self.types == Types::ALL
            && self.is_bare()
            && self.reference.is_none()
            && self.all_of.is_empty()
            && self.any_of.is_empty()
            && self.one_of.is_empty()
    }

    /// Whether the node lists values and has no other constraint that they could violate.
    pub(crate) fn is_only_values(&self) -> bool {
        self.values.is_some()
            && self.types == Types::ALL
            && self.unevaluated.is_empty()
            && self.waiting.is_none()
            && self.reference.is_none()
            && self.all_of.is_empty()
            && self.any_of.is_empty()
            && self.one_of.is_empty()
            && !self.never
            && self.number.is_none()
            && self.string.is_none()
            && self.array.is_none()
            && self.object.is_none()
            && self.not.is_none()
            && self.conditional.is_none()
            && self.unsupported.is_empty()
    }

    /// Whether the node only states types.
    pub(crate) fn is_only_types(&self) -> bool {
        self.is_bare()
            && self.reference.is_none()
            && self.all_of.is_empty()
            && self.any_of.is_empty()
            && self.one_of.is_empty()
    }

    /// Whether the node only has types, references, `allOf` and unions.
    pub(crate) fn is_bare(&self) -> bool {
        !self.never
            && self.values.is_none()
            && self.number.is_none()
            && self.string.is_none()
            && self.array.is_none()
            && self.object.is_none()
            && self.unevaluated.is_empty()
            && self.waiting.is_none()
            && self.not.is_none()
            && self.conditional.is_none()
            && self.unsupported.is_empty()
    }

    /// Whether the node is a `oneOf` or an `anyOf`, not both, and has no other constraint except its types.
    pub fn is_only_union(&self) -> bool {
        self.one_of.is_empty() != self.any_of.is_empty()
            && self.reference.is_none()
            && self.all_of.is_empty()
            && self.is_bare()
    }

    /// The branches of `oneOf` or `anyOf`.
    pub fn branches(&self) -> &[NodeId] {
        if self.one_of.is_empty() { &self.any_of } else { &self.one_of }
    }
}

/// Annotations.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Notes {
    /// `title`.
    pub title: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `default`.
    pub default: Option<Literal>,
    /// `examples`, and `OpenAPI`'s `example`.
    pub examples: Vec<Literal>,
    /// `deprecated`.
    pub deprecated: bool,
    /// `x-open: true`: an enum (or union) that may gain values in a minor; its readers keep unknown values.
    pub open: bool,
    /// Other keywords that do not constrain instances: `x-…`, and names that no dialect knows.
    pub extensions: Vec<(String, serde_json::Value)>,
}

/// A JSON value of the document.
#[derive(Debug, Clone, PartialEq)]
pub struct Literal {
    /// The value.
    pub value: serde_json::Value,
    /// The line and column.
    pub pos: Pos,
    /// The position in bytes.
    pub span: Span,
}

/// `if`, `then`, `else`.
#[derive(Debug, Clone)]
pub struct Conditional {
    /// `if`.
    pub condition: NodeId,
    /// `then`.
    pub then: Option<NodeId>,
    /// `else`.
    pub otherwise: Option<NodeId>,
}

/// `OpenAPI`'s `discriminator`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discriminator {
    /// `propertyName`.
    pub property: String,
    /// `mapping`: from values to nodes.
    pub mapping: Vec<(String, NodeId)>,
}

/// `unevaluatedProperties` and `unevaluatedItems` beside keywords that evaluate, as they were read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unevaluated {
    /// `unevaluatedProperties`.
    pub(crate) properties: Option<NodeId>,
    /// `unevaluatedItems`.
    pub(crate) items: Option<NodeId>,
    /// `if` without `then` and `else`: it does not assert anything, but it evaluates.
    pub(crate) condition: Option<NodeId>,
}

/// A keyword that the reader does not understand.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsupported {
    /// The keyword.
    pub keyword: String,
    /// Its value.
    pub value: serde_json::Value,
    /// The line and column.
    pub pos: Pos,
    /// The document and the place, if the meaning depends on other parts of the document.
    pub(crate) context: Option<(Arc<str>, String)>,
    /// Why it is not understood, if the keyword is supported elsewhere.
    pub(crate) why: Option<&'static str>,
}

impl Unsupported {
    /// Whether both have the same meaning, whatever it is.
    pub(crate) fn says_the_same(&self, other: &Unsupported) -> bool {
        self.keyword == other.keyword && self.value == other.value && self.context == other.context
    }

    /// Why it is not understood, if the keyword is supported elsewhere: what it does there, in words.
    pub fn why(&self) -> Option<&str> {
        self.why
    }

    /// The keyword, and why it cannot be evaluated.
    pub(crate) fn reason(&self) -> String {
        format!("`{}`, which {}", self.keyword, self.why.unwrap_or("is not supported"))
    }
}
