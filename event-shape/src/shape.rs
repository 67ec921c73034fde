//! A Rust type's wire shape as static data.
//!
//! A derived type owns one `static` [`Shape`]. Its edges are [`Ref`]s, which const validation does not
//! follow, so `Node → Vec<Node> → Node` is a cycle through the address of a static and not a cycle of
//! constants. Recursive types need no special case.

use core::mem::MaybeUninit;

use crate::code::Code;
#[cfg(feature = "check")]
use crate::code::Wrap;

/// An edge from one shape to another.
///
/// The `MaybeUninit` is only for rustc: const validation would follow a plain reference, and so evaluate a
/// recursive type's static while it is being evaluated.
#[derive(Clone, Copy)]
pub struct Ref {
    to: MaybeUninit<&'static Shape>,
    pub(crate) code: Code,
}

impl Ref {
    /// An edge to the shape.
    pub const fn new(shape: &'static Shape) -> Ref {
        Ref { to: MaybeUninit::new(shape), code: Code::NONE }
    }

    /// An edge to a shape without edges, with its [`Code`].
    pub const fn leaf(shape: &'static Shape) -> Ref {
        Ref { to: MaybeUninit::new(shape), code: Code::of_leaf(shape) }
    }

    /// An edge to an option, an array or a map of `inner`, with its [`Code`].
    #[cfg(feature = "check")]
    pub(crate) const fn around(shape: &'static Shape, inner: Ref, wrap: Wrap) -> Ref {
        Ref { to: MaybeUninit::new(shape), code: inner.code.in_a(wrap) }
    }

    /// The shape as one number, if that is known without following the edge.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The shape at the other end.
    #[allow(unsafe_code)]
    pub const fn get(&self) -> &'static Shape {
        // SAFETY: the field is private, and every constructor initialises it.
        unsafe { self.to.assume_init() }
    }
}

impl core::fmt::Debug for Ref {
    /// Prints the edge without following it, because shapes may be recursive.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Ref(..)")
    }
}

/// What serde writes and reads for a type.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Any JSON.
    Any,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// An integer between two inclusive bounds.
    Int(i128, i128),
    /// A number; `true` means 32 bits.
    Num(bool),
    /// A string in a format; the empty format means any string.
    Str(&'static str),
    /// The shape or `null`: `Option<T>`.
    Nullable(Ref),
    /// An array of any length.
    Array(Ref),
    /// An array with one shape per position.
    Tuple(&'static [Ref]),
    /// An array of a fixed length.
    Fixed(Ref, usize),
    /// An object with any keys.
    Map(Ref),
    /// Written as its content, but a missing field is not read as `None` through it.
    Newtype(Ref),
    /// A struct.
    Object(Object),
    /// An enum.
    Enum(Enum),
    /// One of these numbers or booleans.
    Values(&'static [Scalar]),
    /// The enclosing type with this [`Type::id`] (generic recursive types cannot own a static).
    Back(&'static str),
    /// A type whose derive failed: it agrees with every schema, so that one mistake is one error.
    Unknown,
}

impl Shape {
    /// A struct without parameters, with this name and [`Type::id`], that ignores unknown fields.
    pub const fn open(name: &'static str, id: &'static str, fields: &'static [Field]) -> Shape {
        Shape::documented(name, id, "", fields)
    }

    /// Same as [`open`](Shape::open), with [`Type::docs`].
    pub const fn documented(
        name: &'static str,
        id: &'static str,
        docs: &'static str,
        fields: &'static [Field],
    ) -> Shape {
        Shape::Object(Object { ty: Type { name, id, docs, args: &[] }, closed: false, fields })
    }
}

/// A value of a closed list that is not a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i128),
}

/// Which Rust type a shape belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Type {
    /// The name, for messages.
    pub name: &'static str,
    /// Module path, name, and a number if that is not unique: every definition has its own.
    pub id: &'static str,
    /// Doc comments: the type's own, then for each documented field or variant a `'\0'`, its wire name, a
    /// `'\x01'` and the text.
    pub docs: &'static str,
    /// The shapes of its type arguments. A type with arguments is a different type for each set of them,
    /// and is identified by its parts.
    pub args: &'static [Ref],
}

/// A struct's shape.
#[derive(Debug, Clone, Copy)]
pub struct Object {
    /// The Rust type.
    pub ty: Type,
    /// Whether unknown fields are an error (`deny_unknown_fields`).
    pub closed: bool,
    /// The fields, sorted by wire name; flattened ones come last.
    pub fields: &'static [Field],
}

/// A field's shape.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name on the wire; for a flattened field, which has none, the Rust name.
    pub name: &'static str,
    /// The sum of flags such as [`Field::DEFAULT`].
    pub flags: u8,
    /// The shape of the value.
    pub shape: Ref,
}

impl Field {
    /// It may be absent when read: `#[serde(default)]`.
    pub const DEFAULT: u8 = 1;
    /// It may be absent when written: `skip_serializing_if`.
    pub const SKIPS: u8 = 2;
    /// It is absent exactly when the value is `None`: `skip_serializing_if = "Option::is_none"`.
    pub const SKIPS_NONE: u8 = 4;
    /// Its fields are part of the enclosing object: `#[serde(flatten)]`.
    pub const FLATTEN: u8 = 8;
    /// A function reads it, so an absent field is not read as `None`.
    pub const EXPLICIT: u8 = 16;
    /// It is never written: `skip_serializing`.
    pub const UNWRITTEN: u8 = 32;
    /// It is also read under another name: `alias`.
    pub const ALIASED: u8 = 64;

    /// Fields by their names, flags and shapes, one of each per field: rustc evaluates three arrays faster
    /// than an array of structs.
    pub const fn list<const N: usize>(
        names: [&'static str; N],
        flags: &[u8; N],
        shapes: [Ref; N],
    ) -> [Field; N] {
        let mut fields = [Field { name: "", flags: 0, shape: Ref::new(&Shape::Unknown) }; N];
        let mut i = 0;
        while i < N {
            fields[i] = Field { name: names[i], flags: flags[i], shape: shapes[i] };
            i += 1;
        }
        fields
    }

    /// Whether the flag is set.
    pub const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// An enum's shape.
#[derive(Debug, Clone, Copy)]
pub struct Enum {
    /// The Rust type.
    pub ty: Type,
    /// How variants are distinguished.
    pub tag: Tag,
    /// Whether unknown fields of a variant are an error (`deny_unknown_fields`).
    pub closed: bool,
    /// Whether an unknown variant is read into a catch-all.
    pub open: bool,
    /// Whether the catch-all can be written with a value that no schema lists.
    pub writes_unknown: bool,
    /// The content of the catch-all; `None` if it is a unit (`#[serde(other)]`) or missing.
    pub unknown: Option<Ref>,
    /// The variants, sorted by wire name; untagged ones in declaration order.
    pub variants: &'static [Variant],
}

/// How serde distinguishes variants.
#[derive(Debug, Clone, Copy)]
pub enum Tag {
    /// `{"variant": …}`.
    External,
    /// By which one fits.
    Untagged,
    /// `{"tag": "variant", …}`.
    Internal(&'static str),
    /// `{"tag": "variant", "content": …}`.
    Adjacent(&'static str, &'static str),
}

/// A variant's shape.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// The name on the wire; empty where untagged.
    pub name: &'static str,
    /// The content.
    pub body: Body,
}

/// The content of a variant.
#[derive(Debug, Clone, Copy)]
pub enum Body {
    /// Nothing.
    Unit,
    /// One value.
    One(Ref),
    /// Fields, sorted as those of an [`Object`].
    Fields(&'static [Field]),
}
