//! What Rust types a schema becomes, before anybody asks how they are written.
//!
//! A [`Plan`] is one version of an event as named definitions and field types. It reads at least what
//! the schema allows: rules that no Rust type holds (`pattern`, `maximum: 100`, `if`) are left to
//! validation. The plan feeds both the baseline that the derive reads and the lowering to Rust types,
//! so that these two can't disagree about a shape.

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

/// One version of an event as Rust will see it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Plan {
    /// The definitions; the first one is the event's payload.
    pub defs: Vec<Def>,
    /// Of a payload that is a union: the fields that its branches have in common.
    pub common: Vec<Field>,
    /// What the schema says and no type holds.
    pub losses: Vec<Loss>,
}

/// A named type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Def {
    /// The Rust name, unique in the module.
    pub rust: String,
    /// Doc comment, may be empty.
    pub doc: String,
    /// Line in the schema file, from 1.
    pub line: u32,
    pub kind: Kind,
    /// Where it stands in a file that several events may refer to.
    pub origin: Option<Origin>,
    /// The module of a shared definition.
    pub module: Option<String>,
    /// In an event's plan: where the type is instead of here.
    pub elsewhere: Option<Elsewhere>,
}

/// Where a shared type is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Elsewhere {
    /// The module of its file.
    pub module: String,
    /// Its name there.
    pub rust: String,
    /// Whether a type of the event's own module names it.
    pub used: bool,
}

/// A place in another file than the event's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Origin {
    /// The file, as it is shown.
    pub file: Arc<str>,
    /// The pointers of the schemas that hold together there.
    pub pointers: Vec<String>,
    /// The property that is left out, since the tag of a union writes it.
    pub without: Option<String>,
}

/// What a named type is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// An object.
    Struct {
        /// Whether undeclared fields may come; where not, those of `extra` still do: names that match a
        /// pattern.
        open: bool,
        fields: Vec<Field>,
        /// What undeclared fields hold, where the schema says more of them than that they may come.
        extra: Option<Ty>,
    },
    /// A union, or an enum of strings.
    Enum {
        /// Whether unknown values may come.
        open: bool,
        tag: Tag,
        variants: Vec<Variant>,
    },
    /// An enum of values that are not all strings, each written as the JSON that it is: numbers, booleans,
    /// or any mixture.
    Values {
        repr: Repr,
        /// The wire name of a variant is the JSON text of its value.
        variants: Vec<Variant>,
    },
}

/// What the values of an enum have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repr {
    Bool,
    /// Whole numbers from the least to the greatest.
    Int(i128, i128),
    /// Anything.
    Any,
}

/// A field, in the document's order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    /// The name on the wire.
    pub wire: String,
    /// The Rust name, `r#` included where it is a keyword.
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

/// Whether a field must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It must.
    Required,
    /// It must, maybe as `null`: its `Option` doesn't stand for absent.
    Explicit,
    /// It may be absent.
    Optional,
    /// The schema requires it, and tolerance alone makes it optional.
    Tolerated,
}

impl Presence {
    /// What the schema demands of a field of this type.
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
    /// Whether its content is read from an object alone: serde reads a struct from an array, too, and in a
    /// union of several JSON types that is another branch, or none.
    pub object_only: bool,
}

impl Variant {
    /// A value: a variant without content.
    pub(crate) fn unit(wire: String, rust: String, line: u32) -> Variant {
        Variant { wire, rust, doc: String::new(), line, ty: None, object_only: false }
    }
}

/// How variants are told apart.
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
    /// Inclusive bounds, where the schema proves them.
    Int(Option<i128>, Option<i128>),
    /// `true`: single precision.
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
    /// The type, or null; never twice.
    pub(crate) fn nullable(self) -> Ty {
        match self {
            Ty::Any | Ty::Null | Ty::Nullable(_) => self,
            ty => Ty::Nullable(Box::new(ty)),
        }
    }

    /// What an `Option` around the type is; one that is an `Option` already stays.
    pub(crate) fn optional(self) -> Ty {
        match self {
            Ty::Nullable(_) => self,
            ty => Ty::Nullable(Box::new(ty)),
        }
    }
}
