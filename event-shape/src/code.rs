//! Common types as one number, so that const evaluation compares a field in one step.
//!
//! A number describes the whole type: a leaf in its lowest six bits, and above them two bits for each
//! option, array or map around it, innermost first. Other types (a struct, an enum, an integer with unusual
//! bounds, more than five layers) have no number and are walked. So equal numbers mean equal types, and a
//! type without a number never equals one.

use crate::baseline::Ty;
use crate::range::INTEGERS as RANGES;
use crate::shape::{Field, Shape};

/// A type in one number, or [`Code::NONE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code(pub(crate) u16);

/// A layer around a type.
#[derive(Clone, Copy)]
pub(crate) enum Wrap {
    Nullable = 1,
    Array = 2,
    Map = 3,
}

/// Bits of a leaf, and of a layer.
const LEAF: u32 = 6;
const LAYER: u32 = 2;

/// Leaves by their number, which is never 0: integers from here on, then strings.
const INTEGERS: u16 = 6;
const STRINGS: u16 = 14;
const _: () = assert!(STRINGS as usize == INTEGERS as usize + RANGES.len());
const _: () = assert!(STRINGS as usize + crate::TYPED_FORMATS.len() < 1 << LEAF);

impl Code {
    /// No number: the type must be walked.
    pub const NONE: Code = Code(0);

    /// The number; 0 for [`Code::NONE`].
    pub const fn bits(self) -> u16 {
        self.0
    }

    pub(crate) const fn of_leaf(shape: &Shape) -> Code {
        match shape {
            Shape::Any => Code(1),
            Shape::Null => Code(2),
            Shape::Bool => Code(3),
            Shape::Num(true) => Code(4),
            Shape::Num(false) => Code(5),
            Shape::Int(lo, hi) => Code::of_integer(*lo, *hi),
            Shape::Str(format) => Code::of_string(format),
            _ => Code::NONE,
        }
    }

    const fn of_integer(lo: i128, hi: i128) -> Code {
        let mut i = 0u16;
        while (i as usize) < RANGES.len() {
            let range = RANGES[i as usize];
            if range.1 == lo && range.2 == hi {
                return Code(INTEGERS + i);
            }
            i += 1;
        }
        Code::NONE
    }

    const fn of_string(format: &str) -> Code {
        if format.is_empty() {
            return Code(STRINGS);
        }
        let mut i = 0u16;
        while (i as usize) < crate::TYPED_FORMATS.len() {
            if crate::formats::same(crate::TYPED_FORMATS[i as usize], format) {
                return Code(STRINGS + 1 + i);
            }
            i += 1;
        }
        Code::NONE
    }

    pub(crate) const fn in_a(self, wrap: Wrap) -> Code {
        let mut at = LEAF;
        while self.0 >> at != 0 {
            at += LAYER;
        }
        if self.0 == 0 || at + LAYER > u16::BITS {
            return Code::NONE;
        }
        Code(self.0 | (wrap as u16) << at)
    }

    /// `Option` of the type.
    #[must_use]
    pub const fn or_null(self) -> Code {
        self.in_a(Wrap::Nullable)
    }

    /// The one Rust type that represents the schema's type in the table of the crate's documentation, if it
    /// has a number.
    pub fn of(ty: &Ty) -> Code {
        match ty {
            Ty::Any => Code::of_leaf(&Shape::Any),
            Ty::Null => Code::of_leaf(&Shape::Null),
            Ty::Bool => Code::of_leaf(&Shape::Bool),
            Ty::Num(single) => Code::of_leaf(&Shape::Num(*single)),
            Ty::Int(None, None) => Code::of_integer(i64::MIN.into(), i64::MAX.into()),
            Ty::Int(Some(0), None) => Code::of_integer(0, u64::MAX.into()),
            Ty::Int(Some(lo), Some(hi)) => Code::of_integer(*lo, *hi),
            Ty::Str(format) if crate::has_type(format) => Code::of_string(format),
            Ty::Str(_) => Code::of_string(""),
            Ty::Nullable(inner) => Code::of(inner).in_a(Wrap::Nullable),
            Ty::Array(inner) => Code::of(inner).in_a(Wrap::Array),
            Ty::Map(inner) => Code::of(inner).in_a(Wrap::Map),
            Ty::Int(..)
            | Ty::Tuple(_)
            | Ty::Values(_)
            | Ty::Ref(_)
            | Ty::Object(_)
            | Ty::Enum(_)
            | Ty::Opaque(_) => Code::NONE,
        }
    }

    /// The shape that a field with these flags must have; `option`: whether it looks like an `Option`.
    pub fn of_field(ty: &Ty, optional: bool, flags: u8, option: bool) -> Code {
        const LEFT_OUT: u8 = Field::SKIPS | Field::SKIPS_NONE | Field::UNWRITTEN;
        let has = |flag: u8| flags & flag != 0;
        let fits = match (optional, option) {
            (false, _) => !has(LEFT_OUT),
            (true, true) => {
                has(Field::SKIPS_NONE)
                    && !has(Field::UNWRITTEN)
                    && (has(Field::DEFAULT) || !has(Field::EXPLICIT))
            }
            (true, false) => has(Field::DEFAULT),
        };
        match Code::of(ty) {
            _ if !fits => Code::NONE,
            code if optional && option => code.or_null(),
            code => code,
        }
    }
}
