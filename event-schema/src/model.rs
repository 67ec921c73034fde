//! One schema model for every dialect.
//!
//! An arena of [`Node`]s. `$ref` is resolved to a [`NodeId`], so recursion is a cycle of IDs, and walking
//! is up to the caller. The model is independent of the dialect: `OpenAPI`'s `nullable` is the type `null`,
//! draft 4's boolean `exclusiveMaximum` is an exclusive bound, `const` is an enum of one value;
//! `definitions`, `$defs` and `components/schemas` are [`Definition`]s. Each node has its JSON pointer and
//! position. A keyword that constrains instances and cannot be modelled is kept by name in
//! [`Node::unsupported`], so that a change there is undecided instead of overlooked. Names that no dialect
//! knows are annotations.

use std::sync::Arc;

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

/// A set of JSON types. `NUMBER` always includes `INTEGER`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Types(u8);

impl Types {
    /// `null`.
    pub const NULL: Types = Types(1);
    /// `boolean`.
    pub const BOOLEAN: Types = Types(2);
    /// `integer`: numbers without a fraction (1.0 is one).
    pub const INTEGER: Types = Types(4);
    /// `number`: integers too.
    pub const NUMBER: Types = Types(4 | 8);
    /// `string`.
    pub const STRING: Types = Types(16);
    /// `array`.
    pub const ARRAY: Types = Types(32);
    /// `object`.
    pub const OBJECT: Types = Types(64);
    /// Integers written with a point, such as 1.0, which are integers in some dialects. Only the kernel
    /// distinguishes them.
    pub(crate) const POINT: Types = Types(128);
    /// Numbers in any form.
    pub(crate) const NUMERIC: Types = Types(4 | 8 | 128);
    /// Every type.
    pub const ALL: Types = Types(127);
    /// No type.
    pub const NONE: Types = Types(0);

    /// Whether it includes all of `other`.
    pub const fn contains(self, other: Types) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether it includes some of `other`.
    pub const fn intersects(self, other: Types) -> bool {
        self.0 & other.0 != 0
    }

    /// The union.
    #[must_use]
    pub const fn union(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }

    /// The intersection.
    #[must_use]
    pub const fn intersection(self, other: Types) -> Types {
        Types(self.0 & other.0)
    }

    /// The difference. Removing `integer` leaves `number` without its integers: only the bit for fractions.
    #[must_use]
    pub const fn difference(self, other: Types) -> Types {
        Types(self.0 & !other.0)
    }

    /// With a separate bit for integers written with a point: a number always, an integer if not `strict`.
    #[must_use]
    pub(crate) const fn with_point(self, strict: bool) -> Types {
        let deciding = if strict { 8 } else { 4 };
        Types(if self.0 & deciding == 0 { self.0 & 127 } else { self.0 | 128 })
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Default for Types {
    fn default() -> Self {
        Types::ALL
    }
}

/// Keywords for numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NumberRules {
    /// `minimum` or `exclusiveMinimum`, whichever is tighter.
    pub min: Option<Bound>,
    /// `maximum` or `exclusiveMaximum`, whichever is tighter.
    pub max: Option<Bound>,
    /// `multipleOf`.
    pub multiple_of: Option<Decimal>,
    /// `int32`, `int64`, `uint8` …, `float`, `double`, or another text.
    pub format: Option<String>,
}

impl NumberRules {
    /// The interval of the allowed numbers: `minimum` and `maximum` in both forms, narrowed by the formats
    /// `int8` to `int64`, `uint8` to `uint64`, and `float`.
    pub fn interval(&self) -> (Option<Bound>, Option<Bound>) {
        let range = self.format.as_deref().and_then(format_bounds);
        let Some((low, high)) = range else { return (self.min, self.max) };
        let narrowed = |own: &Option<Bound>, value: Decimal, lower: bool| match own {
            Some(own) if (own.value >= value) == lower || own.value == value => *own,
            _ => Bound { value, exclusive: false },
        };
        (Some(narrowed(&self.min, low, true)), Some(narrowed(&self.max, high, false)))
    }

    /// The allowed integers, both ends included, as far as they are bounded: `minimum` and `maximum` in
    /// both forms, and the formats `int8` to `int64` and `uint8` to `uint64`.
    pub fn integer_range(&self) -> (Option<i128>, Option<i128>) {
        let end = |bound: &Bound, lower: bool| {
            let n = bound.value.to_integer(lower)?;
            let outside = bound.exclusive && bound.value.is_integer();
            Some(if !outside {
                n
            } else if lower {
                n + 1
            } else {
                n - 1
            })
        };
        let min = self.min.as_ref().and_then(|b| end(b, true));
        let max = self.max.as_ref().and_then(|b| end(b, false));
        match self.format.as_deref().and_then(format_range) {
            Some((low, high)) => {
                (Some(min.map_or(low, |n| n.max(low))), Some(max.map_or(high, |n| n.min(high))))
            }
            None => (min, max),
        }
    }
}

/// The range of a number format. `double` has none, because every number of a JSON text is read as one.
fn format_bounds(format: &str) -> Option<(Decimal, Decimal)> {
    if format == "float" {
        let max = Decimal::parse("340282346638528859811704183484516925440")?;
        return Some((max.checked_times(-1)?, max));
    }
    format_range(format).map(|(low, high)| (low.into(), high.into()))
}

/// The range of an integer format such as `int32`.
pub fn format_range(format: &str) -> Option<(i128, i128)> {
    let (signed, bits) = match format.strip_prefix('u') {
        Some(rest) => (false, rest),
        None => (true, format),
    };
    let bits: u32 =
        bits.strip_prefix("int")?.parse().ok().filter(|b| [8, 16, 32, 64].contains(b))?;
    Some(if signed { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) } else { (0, (1 << bits) - 1) })
}

/// A bound of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// The value.
    pub value: Decimal,
    /// Whether the value itself is excluded.
    pub exclusive: bool,
}

/// Keywords for strings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StringRules {
    /// `minLength`, in characters.
    pub min_length: u64,
    /// `maxLength`, in characters.
    pub max_length: Option<u64>,
    /// `pattern`, an ECMA 262 regular expression, not anchored.
    pub pattern: Option<String>,
    /// `format`.
    pub format: Option<String>,
    /// `contentEncoding`.
    pub content_encoding: Option<String>,
}

/// Keywords for arrays.
#[derive(Debug, Clone, Default)]
pub struct ArrayRules {
    /// `items` as an array, or `prefixItems`: one schema for each of the first positions.
    pub prefix: Vec<NodeId>,
    /// `items`, or `additionalItems` after a prefix: the schema of all other positions.
    pub items: Option<NodeId>,
    /// `minItems`.
    pub min_items: u64,
    /// `maxItems`.
    pub max_items: Option<u64>,
    /// `uniqueItems`.
    pub unique: bool,
    /// `contains` with `minContains` and `maxContains`.
    pub contains: Option<Contains>,
}

impl ArrayRules {
    /// The schema of the item at a position; `None` if anything is allowed.
    pub fn item(&self, at: usize) -> Option<NodeId> {
        self.prefix.get(at).copied().or(self.items)
    }
}

/// `contains`.
#[derive(Debug, Clone)]
pub struct Contains {
    /// The schema.
    pub node: NodeId,
    /// `minContains` (default: 1).
    pub min: u64,
    /// `maxContains`.
    pub max: Option<u64>,
}

/// Keywords for objects.
#[derive(Debug, Clone, Default)]
pub struct ObjectRules {
    /// `properties`, in the document's order.
    pub properties: Vec<Property>,
    /// `required`, sorted; may include undeclared names.
    pub required: Vec<String>,
    /// `patternProperties`, in the document's order.
    pub patterns: Vec<(String, NodeId)>,
    /// `additionalProperties`; `None` if missing, which allows any.
    pub additional: Option<NodeId>,
    /// `propertyNames`.
    pub names: Option<NodeId>,
    /// `minProperties`.
    pub min_properties: u64,
    /// `maxProperties`.
    pub max_properties: Option<u64>,
    /// `dependentRequired`, and the array form of `dependencies`.
    pub dependent_required: Vec<(String, Vec<String>)>,
    /// `dependentSchemas`, and the schema form of `dependencies`.
    pub dependent_schemas: Vec<(String, NodeId)>,
    /// The indices of the properties, sorted by name; empty until the reader has read all of them.
    pub(crate) by_name: Vec<u32>,
}

impl ObjectRules {
    /// Builds the index for looking up properties.
    pub(crate) fn index(&mut self) {
        let mut order: Vec<u32> = (0..).take(self.properties.len()).collect();
        order.sort_by(|a, b| {
            self.properties[*a as usize].name.cmp(&self.properties[*b as usize].name)
        });
        self.by_name = order;
    }

    /// The declared property with this name.
    pub fn property(&self, name: &str) -> Option<&Property> {
        if self.by_name.len() != self.properties.len() {
            return self.properties.iter().find(|p| p.name == name);
        }
        let at = |i: &u32| &self.properties[*i as usize];
        let found = self.by_name.binary_search_by(|i| at(i).name.as_str().cmp(name)).ok()?;
        Some(at(&self.by_name[found]))
    }

    /// The declared properties, sorted by name.
    pub(crate) fn by_name(&self) -> impl Iterator<Item = &Property> {
        let indexed = self.by_name.len() == self.properties.len();
        let mut sorted: Vec<&Property> =
            if indexed { Vec::new() } else { self.properties.iter().collect() };
        sorted.sort_by(|a, b| a.name.cmp(&b.name));
        let known = self.by_name.iter().filter(move |_| indexed);
        known.map(|i| &self.properties[*i as usize]).chain(sorted)
    }

    /// Whether the name is required.
    pub fn is_required(&self, name: &str) -> bool {
        self.required.binary_search_by(|r| r.as_str().cmp(name)).is_ok()
    }
}

/// A declared property.
#[derive(Debug, Clone)]
pub struct Property {
    /// The name on the wire.
    pub name: String,
    /// The schema of its value.
    pub node: NodeId,
    /// The line and column of the key.
    pub pos: Pos,
    /// The position of the key in bytes, including its quotes.
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
