//! The Rust types of a schema, independent of how they are written.
//!
//! A [`Plan`] is one version of an event as named definitions and field types. Its types read at least what
//! the schema allows: constraints that no Rust type expresses (`pattern`, `maximum: 100`, `if`) are left to
//! validation. Both the baseline that the derive reads and the generated Rust types are made from the plan,
//! so they cannot disagree about a shape.

use std::sync::Arc;

mod account;
mod base;
mod build;
mod doc;
mod keep;
mod loss;
mod naming;
mod objects;
mod root;
mod tolerant;
mod unions;
mod values;
mod view;

pub(crate) use build::plan;
pub(crate) use keep::keep_undeclared;
pub(crate) use loss::Loss;
pub(crate) use naming::Names;
pub(crate) use tolerant::tolerant;

/// One version of an event in Rust.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Plan {
    /// The definitions; the first one is the event's payload.
    pub defs: Vec<Def>,
    /// For a payload that is a union: the fields that its branches have in common.
    pub common: Vec<Field>,
    /// What the schema states and no type expresses.
    pub losses: Vec<Loss>,
}

/// A named type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Def {
    /// The Rust name, unique in the module.
    pub rust: String,
    /// The doc comment, which may be empty.
    pub doc: String,
    /// Line in the schema file, from 1.
    pub line: u32,
    pub kind: Kind,
    /// The place in a file that several events may refer to.
    pub origin: Option<Origin>,
    /// The module of a shared definition.
    pub module: Option<String>,
    /// For a definition in an event's plan: the place that its type has moved to.
    pub elsewhere: Option<Elsewhere>,
}

/// The place of a shared type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Elsewhere {
    /// The module of its file.
    pub module: String,
    /// Its name in that module.
    pub rust: String,
    /// Whether a type of the event's own module refers to it.
    pub used: bool,
}

/// A place in another file than the event's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Origin {
    /// The file, as it is shown.
    pub file: Arc<str>,
    /// The pointers of the schemas that apply together there.
    pub pointers: Vec<String>,
    /// The property that is left out, because the tag of a union writes it.
    pub without: Option<String>,
}

/// The kind of a named type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// An object.
    Struct {
        /// Whether undeclared fields are allowed; if not, those of `extra` still are: names that match a
        /// pattern.
        open: bool,
        fields: Vec<Field>,
        /// The type of undeclared fields, if the schema restricts it.
        extra: Option<Ty>,
    },
    /// A union, or an enum of strings.
    Enum {
        /// Whether unknown values are allowed.
        open: bool,
        tag: Tag,
        variants: Vec<Variant>,
    },
    /// An enum whose values are not all strings, each written as its JSON: numbers, booleans, or a mixture.
    Values {
        repr: Repr,
        /// The wire name of a variant is the JSON text of its value.
        variants: Vec<Variant>,
    },
}

/// The common type of an enum's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repr {
    Bool,
    /// Integers from the least to the greatest.
    Int(i128, i128),
    /// Anything.
    Any,
}

/// A field, in the document's order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    /// The name on the wire.
    pub wire: String,
    /// The Rust name, including `r#` for a keyword.
    pub rust: String,
    pub doc: String,
    pub line: u32,
    pub presence: Presence,
    pub deprecated: bool,
    pub ty: Ty,
}

impl Field {
    /// Whether it may be absent.
    pub(crate) fn optional(&self) -> bool {
        matches!(self.presence, Presence::Optional | Presence::Tolerated)
    }
}

/// Whether a field must be present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It must be present.
    Required,
    /// It must be present but may be `null`: an absent field is not read as `None`.
    Explicit,
    /// It may be absent.
    Optional,
    /// The schema requires it; only tolerance makes it optional.
    Tolerated,
}

impl Presence {
    /// The constraints that the schema has for a field of this type.
    fn of(required: bool, ty: &Ty) -> Presence {
        match (required, ty) {
            (false, _) => Presence::Optional,
            (true, Ty::Nullable(_)) => Presence::Explicit,
            (true, _) => Presence::Required,
        }
    }
}

/// A variant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Variant {
    /// The name on the wire; empty where untagged.
    pub wire: String,
    pub rust: String,
    pub doc: String,
    pub line: u32,
    pub ty: Option<Ty>,
    /// Whether its content is only read from an object: serde reads a struct from an array too, which is
    /// another branch, or none, in a union of several JSON types.
    pub object_only: bool,
}

impl Variant {
    /// A value: a variant without content.
    pub(crate) fn unit(wire: String, rust: String, line: u32) -> Variant {
        Variant { wire, rust, doc: String::new(), line, ty: None, object_only: false }
    }
}

/// How variants are distinguished.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tag {
    External,
    Internal(String),
    Untagged,
}

/// The type of a field, an element or a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ty {
    Any,
    Null,
    Bool,
    /// Inclusive bounds, if the schema proves them.
    Int(Option<i128>, Option<i128>),
    /// `true` for single precision.
    Num(bool),
    /// The format, or empty.
    Str(String),
    Nullable(Box<Ty>),
    Array(Box<Ty>),
    Tuple(Vec<Ty>),
    Map(Box<Ty>),
    /// Index into [`Plan::defs`].
    Def(usize),
}

impl Ty {
    /// The type, or null; never nested.
    pub(crate) fn nullable(self) -> Ty {
        match self {
            Ty::Any | Ty::Null | Ty::Nullable(_) => self,
            ty => Ty::Nullable(Box::new(ty)),
        }
    }

    /// The type inside an `Option`; one that is an `Option` already stays.
    pub(crate) fn optional(self) -> Ty {
        match self {
            Ty::Nullable(_) => self,
            ty => Ty::Nullable(Box::new(ty)),
        }
    }
}
