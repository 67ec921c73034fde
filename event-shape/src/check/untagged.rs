//! Untagged variants: serde takes the first one that fits, so a variant must not read what a later one
//! writes and lose a part of it.

use super::cursor::same;
use super::presence::reads_absent;
use super::respell::respells;
use crate::shape::{Body, Enum, Field, Ref, Shape, Tag};

/// Two variants, by index: `earlier` reads what `later` writes, and writes something else back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// The variant that reads.
    pub earlier: usize,
    /// The variant whose values it reads.
    pub later: usize,
    /// Whether the other order has the same problem, because each reads what the other writes.
    pub both: bool,
}

/// The first two variants of which one is taken for the other, in the order in which serde tries them.
pub const fn taken_for_another(e: &Enum) -> Option<Taken> {
    let mut later = 1;
    while later < e.variants.len() {
        let mut earlier = 0;
        while earlier < later {
            let (a, b) = (&e.variants[earlier].body, &e.variants[later].body);
            if takes(a, b, e.closed) {
                return Some(Taken { earlier, later, both: takes(b, a, e.closed) });
            }
            earlier += 1;
        }
        later += 1;
    }
    None
}

const fn takes(reads: &Body, writes: &Body, closed: bool) -> bool {
    match (reads, writes) {
        (Body::One(a), Body::One(b)) => alters(a.get(), b.get(), 0),
        (Body::Fields(a), Body::Fields(b)) => object_alters(a, closed, b),
        (Body::Fields(a), Body::One(b)) => fields_take(a, closed, b.get()),
        (Body::One(a), Body::Fields(b)) => takes_fields(a.get(), b),
        // a unit is `null`, which is written back unchanged
        (Body::Unit, _) | (_, Body::Unit) => false,
    }
}

const fn takes_fields(reads: &'static Shape, writes: &'static [Field]) -> bool {
    match through(reads) {
        Shape::Object(a) => object_alters(a.fields, a.closed, writes),
        Shape::Map(to) => !matches!(through(to.get()), Shape::Any),
        Shape::Nullable(to) => takes_fields(to.get(), writes),
        Shape::Enum(_) | Shape::Back(_) | Shape::Unknown | Shape::Newtype(_) => true,
        // any JSON is written back unchanged, and the other shapes do not read objects
        Shape::Any
        | Shape::Null
        | Shape::Bool
        | Shape::Int(..)
        | Shape::Num(_)
        | Shape::Values(_)
        | Shape::Str(_)
        | Shape::Array(_)
        | Shape::Fixed(..)
        | Shape::Tuple(_) => false,
    }
}

const fn fields_take(fields: &'static [Field], closed: bool, writes: &'static Shape) -> bool {
    match through(writes) {
        Shape::Object(b) => object_alters(fields, closed, b.fields),
        Shape::Map(_) | Shape::Any => !closed,
        Shape::Nullable(to) => fields_take(fields, closed, to.get()),
        Shape::Enum(_) | Shape::Back(_) | Shape::Unknown | Shape::Newtype(_) => true,
        // the fields of a variant are only read from an object
        Shape::Null
        | Shape::Bool
        | Shape::Int(..)
        | Shape::Num(_)
        | Shape::Values(_)
        | Shape::Str(_)
        | Shape::Array(_)
        | Shape::Fixed(..)
        | Shape::Tuple(_) => false,
    }
}

/// Whether one type may read a value of the other and write it back as another JSON value.
#[expect(clippy::match_same_arms, reason = "an arm a pair of shapes, in the order of the types")]
const fn alters(reads: &'static Shape, writes: &'static Shape, depth: u32) -> bool {
    let (reads, writes) = (through(reads), through(writes));
    if depth > 8 {
        return true;
    }
    match (reads, writes) {
        // any JSON is written back unchanged
        (Shape::Any | Shape::Null, _) => false,
        (Shape::Nullable(a), Shape::Nullable(b)) => alters(a.get(), b.get(), depth + 1),
        (Shape::Nullable(a), _) => alters(a.get(), writes, depth + 1),
        (_, Shape::Nullable(b)) => alters(reads, b.get(), depth + 1),
        // 5 is written back as 5.0, and a large number as another number
        (Shape::Num(_), Shape::Int(..) | Shape::Values(_)) => true,
        (Shape::Num(a), Shape::Num(b)) => *a && !*b,
        (Shape::Array(a) | Shape::Fixed(a, _), Shape::Array(b) | Shape::Fixed(b, _)) => {
            alters(a.get(), b.get(), depth + 1)
        }
        (Shape::Tuple(places), Shape::Array(b) | Shape::Fixed(b, _)) => {
            a_place_alters(places, b.get(), depth + 1)
        }
        (Shape::Array(a) | Shape::Fixed(a, _), Shape::Tuple(places)) => {
            let mut i = 0;
            while i < places.len() {
                if alters(a.get(), places[i].get(), depth + 1) {
                    return true;
                }
                i += 1;
            }
            false
        }
        (Shape::Tuple(a), Shape::Tuple(b)) => {
            let mut i = 0;
            while i < a.len() && i < b.len() {
                if alters(a[i].get(), b[i].get(), depth + 1) {
                    return true;
                }
                i += 1;
            }
            false
        }
        // the value that any JSON, or an enum, has in place of an array or a map is unknown
        (
            Shape::Array(a) | Shape::Fixed(a, _) | Shape::Map(a),
            Shape::Any | Shape::Enum(_) | Shape::Back(_),
        ) => alters(a.get(), &Shape::Any, depth + 1),
        (Shape::Tuple(places), Shape::Any | Shape::Enum(_) | Shape::Back(_)) => {
            a_place_alters(places, &Shape::Any, depth + 1)
        }
        (Shape::Num(_), Shape::Any | Shape::Enum(_) | Shape::Back(_)) => true,
        (Shape::Map(a), Shape::Map(b)) => alters(a.get(), b.get(), depth + 1),
        (Shape::Map(a), Shape::Object(_)) => !matches!(through(a.get()), Shape::Any),
        (Shape::Object(a), Shape::Object(b)) => object_alters(a.fields, a.closed, b.fields),
        (Shape::Object(a), Shape::Map(_) | Shape::Any) => !a.closed,
        (Shape::Object(_), Shape::Enum(_) | Shape::Back(_)) => true,
        // serde also reads a struct from an array, field by field
        (Shape::Object(a), Shape::Array(_) | Shape::Fixed(..) | Shape::Tuple(_)) => {
            reads_arrays(a.fields)
        }
        (Shape::Str(format), _) => respells(format, writes),
        (Shape::Bool | Shape::Int(..) | Shape::Values(_), _) => false,
        // string values of an enum are written back unchanged
        (Shape::Enum(e), Shape::Str(_)) => match e.tag {
            Tag::Untagged => a_variant_alters(e, writes, depth + 1),
            _ => (e.open && !e.writes_unknown) || the_catch_all_alters(e, writes, depth + 1),
        },
        (
            Shape::Enum(e),
            Shape::Null
            | Shape::Bool
            | Shape::Int(..)
            | Shape::Num(_)
            | Shape::Values(_)
            | Shape::Array(_)
            | Shape::Fixed(..)
            | Shape::Tuple(_),
        ) => match e.tag {
            Tag::External => the_catch_all_alters(e, writes, depth + 1),
            // serde also reads these from an array, the tag first
            Tag::Internal(_) | Tag::Adjacent(..) => {
                matches!(writes, Shape::Array(_) | Shape::Fixed(..) | Shape::Tuple(_))
                    || the_catch_all_alters(e, writes, depth + 1)
            }
            Tag::Untagged => a_variant_alters(e, writes, depth + 1),
        },
        (
            Shape::Enum(_),
            Shape::Object(_) | Shape::Map(_) | Shape::Any | Shape::Enum(_) | Shape::Back(_),
        )
        | (Shape::Back(_) | Shape::Unknown, _)
        | (_, Shape::Unknown) => true,
        // two kinds of JSON: neither is read as the other
        (
            Shape::Num(_),
            Shape::Null
            | Shape::Bool
            | Shape::Str(_)
            | Shape::Array(_)
            | Shape::Fixed(..)
            | Shape::Tuple(_)
            | Shape::Map(_)
            | Shape::Object(_),
        )
        | (
            Shape::Array(_) | Shape::Fixed(..) | Shape::Tuple(_),
            Shape::Null
            | Shape::Bool
            | Shape::Int(..)
            | Shape::Num(_)
            | Shape::Values(_)
            | Shape::Str(_)
            | Shape::Map(_)
            | Shape::Object(_),
        )
        | (
            Shape::Map(_) | Shape::Object(_),
            Shape::Null
            | Shape::Bool
            | Shape::Int(..)
            | Shape::Num(_)
            | Shape::Values(_)
            | Shape::Str(_),
        )
        | (Shape::Map(_), Shape::Array(_) | Shape::Fixed(..) | Shape::Tuple(_)) => false,
        // `through` has removed these
        (Shape::Newtype(_), _) | (_, Shape::Newtype(_)) => true,
    }
}

/// Whether an element of a tuple may read an element of an array and write it back as another value.
const fn a_place_alters(places: &'static [Ref], writes: &'static Shape, depth: u32) -> bool {
    let mut i = 0;
    while i < places.len() {
        if alters(places[i].get(), writes, depth) {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether a variant of an untagged enum may read a scalar or an array and write it back as another value.
const fn a_variant_alters(e: &'static Enum, writes: &'static Shape, depth: u32) -> bool {
    let mut i = 0;
    while i < e.variants.len() {
        // fields are only read from an object, a unit only from `null`
        if let Body::One(a) = &e.variants[i].body
            && alters(a.get(), writes, depth)
        {
            return true;
        }
        i += 1;
    }
    the_catch_all_alters(e, writes, depth)
}

/// Whether the catch-all variant may read a value and write it back as another one.
const fn the_catch_all_alters(e: &'static Enum, writes: &'static Shape, depth: u32) -> bool {
    match &e.unknown {
        Some(a) => alters(a.get(), writes, depth),
        None => false,
    }
}

/// A struct reads an object unless it requires a field that never occurs, or denies one that always does.
pub(super) const fn object_alters(
    reads: &'static [Field],
    closed: bool,
    writes: &'static [Field],
) -> bool {
    let mut i = 0;
    while i < reads.len() {
        if reads[i].has(Field::FLATTEN) {
            // undecided
            return true;
        }
        match find(writes, reads[i].name) {
            Some(other) => {
                let both_there = !reads_absent(&reads[i]) && !reads_absent(other);
                if both_there && disjoint(reads[i].shape.get(), other.shape.get()) {
                    return false;
                }
            }
            None => {
                if !reads_absent(&reads[i]) && !flattens(writes) {
                    return false;
                }
            }
        }
        i += 1;
    }
    if closed {
        let mut i = 0;
        while i < writes.len() {
            const LEFT_OUT: u8 = Field::SKIPS | Field::SKIPS_NONE | Field::UNWRITTEN;
            if writes[i].flags & LEFT_OUT == 0 && find(reads, writes[i].name).is_none() {
                return false;
            }
            i += 1;
        }
    }
    true
}

/// Whether an array of any elements may be read field by field: a struct without flattened fields.
const fn reads_arrays(fields: &[Field]) -> bool {
    let mut i = 0;
    while i < fields.len() {
        if fields[i].has(Field::FLATTEN) {
            return false;
        }
        i += 1;
    }
    true
}

/// Whether the two have no value in common.
const fn disjoint(a: &'static Shape, b: &'static Shape) -> bool {
    match (kind(a), kind(b)) {
        (0, _) | (_, 0) => false,
        (a, b) => a != b,
    }
}

/// The kind of JSON; 0 if it may be one of several.
const fn kind(shape: &'static Shape) -> u8 {
    match through(shape) {
        Shape::Bool => 1,
        Shape::Int(..) | Shape::Num(_) => 2,
        Shape::Str(_) => 3,
        Shape::Array(_) | Shape::Fixed(..) | Shape::Tuple(_) => 4,
        Shape::Map(_) => 5,
        _ => 0,
    }
}

pub(super) const fn find<'f>(fields: &'f [Field], name: &str) -> Option<&'f Field> {
    let mut i = 0;
    while i < fields.len() {
        if !fields[i].has(Field::FLATTEN) && same(fields[i].name, name) {
            return Some(&fields[i]);
        }
        i += 1;
    }
    None
}

const fn flattens(fields: &[Field]) -> bool {
    !fields.is_empty() && fields[fields.len() - 1].has(Field::FLATTEN)
}

pub(super) const fn through(mut shape: &'static Shape) -> &'static Shape {
    while let Shape::Newtype(to) = shape {
        shape = to.get();
    }
    shape
}
