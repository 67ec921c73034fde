//! The baseline: a locked event in the form that the derive and const evaluation read.
//!
//! `event-codegen` writes one file per event ([`Baseline::to_text`]). The derive reads it
//! ([`Baseline::parse`]) and passes each field's type on as a compact string, which the const checks walk
//! without building a tree. Writer and readers share this module, so the format cannot drift.
//!
//! # The compact type text
//!
//! ```text
//! type    := '*'                                any JSON
//!          | '0'                                only null
//!          | 'b'                                boolean
//!          | 'i' [int] ',' [int] ';'            integer, inclusive bounds where the schema proves them
//!          | 'n' ('4' | '8')                    number: float, double
//!          | 's' name                           string; name = its format, or empty; '~' before it: `UNTYPED`
//!          | '?' type                           type or null
//!          | '[' type                           array
//!          | '(' type* ')'                      tuple
//!          | '{' type                           map with string keys
//!          | '@' int ';'                        definition, by index
//!          | 'v' value* ')'                    one of these numbers or booleans
//!          | 'o' (open | '+' type) field* ')'   object; '+': open, and unknown fields hold this type
//!          | 'e' open tag variant* ')'          enum
//!          | 'x' name                           cannot be compared with a Rust shape; name = the reason
//! open    := '~' | '!' | '^'                    open: unknown fields or variants are allowed; closed;
//!                                               '^': closed except for fields whose names match a pattern
//! value   := 't' | 'f' | int ';'                true, false, a whole number
//! field   := line ',' ('!' | '?') name name type    required or optional; wire name; Rust name
//! tag     := 'x' | 'u' | 'i' name | 'a' name name   external, untagged, internal, adjacent (tag, content)
//! variant := line ',' name name ('.' | '=' type)    wire name; Rust name; unit or with content
//! name    := length ':' bytes                   length in bytes, decimal
//! ```
//!
//! Fields are sorted by wire name, so that two sides can be merged in one pass. Variants are sorted too;
//! untagged variants have no wire name and keep the schema's order.

mod day;
mod parse;
mod write;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

pub use crate::shape::Scalar;

pub use day::days;
pub use parse::parse_ty;
pub use write::lock_text;

/// The format of a baseline file. Raise it with every change of the text, including a new key: a reader
/// that does not know the key would check the struct against less than the schema states.
///
/// | format | new |
/// |---|---|
/// | 1 | |
/// | 2 | `sunset` |
/// | 3 | the type of undeclared fields |
/// | 4 | `=` for the definition that is the root; an index sorted by event type |
/// | 5 | closed lists of numbers and booleans; closed objects with `patternProperties` |
pub const FORMAT: u32 = 5;

/// Replaces the text of a definition that is the root object.
const ROOT: &str = "=";

/// First line of every baseline file, before the number of its format.
const TITLE: &str = "event-contracts baseline ";

/// One event, with every version that `schemas/` has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The event type, such as `proposal.published`.
    pub event: String,
    /// The registry (folder) of the event, such as `app-core`.
    pub registry: String,
    /// The versions, ascending.
    pub versions: Vec<Version>,
}

/// One version of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The major.
    pub major: u32,
    /// The minor.
    pub minor: u32,
    /// Whether `schemas.lock` lists it.
    pub locked: bool,
    /// The schema file, relative to the package's root, with `/` between parts.
    pub file: String,
    /// The `source` of `EventBridge`, if the schema or the configuration states it.
    pub source: Option<String>,
    /// The `detail-type` of `EventBridge`, if it differs from `type:vMAJOR`.
    pub detail_type: Option<String>,
    /// The day from which the previous major should be retired, `yyyy-mm-dd` (`x-event-sunset`).
    pub sunset: Option<String>,
    /// The payload's root object.
    pub root: Object,
    /// What [`Ty::Ref`] points to.
    pub defs: Vec<Def>,
}

/// A named definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Def {
    /// The Rust name that generated code gives it.
    pub rust: String,
    /// Line of the definition in the schema file, from 1.
    pub line: u32,
    /// The type.
    pub ty: Ty,
}

/// An object: its fields, sorted by wire name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Whether undeclared fields are allowed (`additionalProperties` is not `false`).
    pub open: bool,
    /// Whether the object is closed except for fields whose names match a pattern (`patternProperties`).
    pub patterned: bool,
    /// The type of undeclared fields, if the schema restricts it.
    pub rest: Option<Box<Ty>>,
    /// The fields.
    pub fields: Vec<Field>,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name on the wire.
    pub name: String,
    /// The Rust name that generated code gives it.
    pub rust: String,
    /// Line of the property in the schema file, from 1.
    pub line: u32,
    /// Whether the field may be absent.
    pub optional: bool,
    /// The type of the value.
    pub ty: Ty,
}

/// A type on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ty {
    /// Any JSON.
    Any,
    /// Only `null`.
    Null,
    /// A boolean.
    Bool,
    /// An integer between inclusive bounds; `None` means that the schema does not bound that side.
    Int(Option<i128>, Option<i128>),
    /// A number; `true` means `float` (32 bits).
    Num(bool),
    /// A string with a format; the empty string means no format.
    Str(String),
    /// One of these numbers or booleans.
    Values(Vec<Scalar>),
    /// The type, or null.
    Nullable(Box<Ty>),
    /// An array.
    Array(Box<Ty>),
    /// A tuple.
    Tuple(Vec<Ty>),
    /// An object with any keys and values of one type.
    Map(Box<Ty>),
    /// A definition, by index into [`Version::defs`].
    Ref(u32),
    /// An object.
    Object(Object),
    /// An enum.
    Enum(Enum),
    /// A schema that cannot be compared with a Rust shape, and the reason.
    Opaque(String),
}

/// An enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enum {
    /// Whether unknown variants are allowed (`x-open`).
    pub open: bool,
    /// How variants are distinguished.
    pub tag: Tag,
    /// The variants.
    pub variants: Vec<Variant>,
}

/// How serde distinguishes variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// `{"variant": …}`, or `"variant"` where it is a unit.
    External,
    /// `{"tag": "variant", …}`.
    Internal(String),
    /// `{"tag": "variant", "content": …}`.
    Adjacent(String, String),
    /// By which one fits.
    Untagged,
}

/// A variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The name on the wire (empty where untagged).
    pub name: String,
    /// The Rust name that generated code gives it.
    pub rust: String,
    /// Line in the schema file, from 1.
    pub line: u32,
    /// The content.
    pub ty: Option<Ty>,
}
