//! Texts of a format that a type of their own reads and writes: which texts it writes in another spelling.

use super::cursor::same;
use super::untagged::{find, object_alters, through};
use crate::shape::{Body, Enum, Field, Shape, Tag};

/// Whether a variant reads the texts of a later one and spells them otherwise: in whatever order the schema lists
/// them.
pub(super) const fn respelled(e: &Enum) -> bool {
    let mut later = 1;
    while later < e.variants.len() {
        let mut earlier = 0;
        while earlier < later {
            let found = match (&e.variants[earlier].body, &e.variants[later].body) {
                (Body::One(a), Body::One(b)) => respells_inside(a.get(), b.get(), 0),
                (Body::Fields(a), Body::Fields(b)) => fields_respell(a, e.closed, b, 0),
                _ => false,
            };
            if found {
                return true;
            }
            earlier += 1;
        }
        later += 1;
    }
    false
}

/// [`respells`], also in lists, maps, options, objects and untagged enums.
const fn respells_inside(reads: &'static Shape, writes: &'static Shape, depth: u32) -> bool {
    if depth > 8 {
        return true;
    }
    match (through(reads), through(writes)) {
        (Shape::Str(format), writes) => respells(format, writes),
        (Shape::Array(a) | Shape::Fixed(a, _), Shape::Array(b) | Shape::Fixed(b, _))
        | (Shape::Map(a), Shape::Map(b))
        | (Shape::Nullable(a), Shape::Nullable(b)) => respells_inside(a.get(), b.get(), depth + 1),
        (Shape::Nullable(a), writes) => respells_inside(a.get(), writes, depth + 1),
        (reads, Shape::Nullable(b)) => respells_inside(reads, b.get(), depth + 1),
        (Shape::Object(a), Shape::Object(b)) => {
            fields_respell(a.fields, a.closed, b.fields, depth + 1)
        }
        (Shape::Enum(e), writes) if matches!(e.tag, Tag::Untagged) => {
            let mut i = 0;
            while i < e.variants.len() {
                if let Body::One(a) = &e.variants[i].body
                    && respells_inside(a.get(), writes, depth + 1)
                {
                    return true;
                }
                i += 1;
            }
            false
        }
        (reads, Shape::Enum(e)) if matches!(e.tag, Tag::Untagged) => {
            let mut i = 0;
            while i < e.variants.len() {
                if let Body::One(b) = &e.variants[i].body
                    && respells_inside(reads, b.get(), depth + 1)
                {
                    return true;
                }
                i += 1;
            }
            false
        }
        _ => false,
    }
}

/// Whether an object may be read as the other, and a text of it spelt otherwise.
const fn fields_respell(
    reads: &'static [Field],
    closed: bool,
    writes: &'static [Field],
    depth: u32,
) -> bool {
    if !object_alters(reads, closed, writes) {
        return false;
    }
    let mut i = 0;
    while i < reads.len() {
        if let Some(other) = find(writes, reads[i].name)
            && respells_inside(reads[i].shape.get(), other.shape.get(), depth + 1)
        {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether a typed text (a date, a UUID) may read a text that the other type writes, and write it back in
/// another spelling: `2026-01-31T12:00:00+02:00` as `..T10:00:00Z`, `6F9619FF-..` in lower case.
pub(super) const fn respells(format: &str, writes: &'static Shape) -> bool {
    if spells_one_way(format) {
        return false;
    }
    match writes {
        Shape::Str(other) => {
            if other.is_empty() {
                return true;
            }
            // the values of one format come back as they were written, and most formats share none
            match (format.as_bytes(), other.as_bytes()) {
                (b"date", b"date-time") | (b"decimal", b"ulid") => true,
                _ => !crate::formats::has_type(other),
            }
        }
        Shape::Any | Shape::Back(_) | Shape::Unknown => true,
        Shape::Enum(e) => e.open || !names_are_words(e),
        // `through` has taken newtypes and options off; the others are no text
        Shape::Null
        | Shape::Bool
        | Shape::Int(..)
        | Shape::Num(_)
        | Shape::Values(_)
        | Shape::Nullable(_)
        | Shape::Array(_)
        | Shape::Fixed(..)
        | Shape::Tuple(_)
        | Shape::Map(_)
        | Shape::Object(_)
        | Shape::Newtype(_) => false,
    }
}

/// Whether every text that a type of this format reads is the one that it writes.
const fn spells_one_way(format: &str) -> bool {
    format.is_empty()
        || !crate::formats::has_type(format)
        || same(format, "char")
        || same(format, "ipv4")
}

/// Whether no typed text reads a variant's name: all of them have digits or colons, or the length of a ULID.
const fn names_are_words(e: &Enum) -> bool {
    const ULID: usize = 26;
    if matches!(e.tag, Tag::Untagged) {
        return false;
    }
    let mut i = 0;
    while i < e.variants.len() {
        let name = e.variants[i].name.as_bytes();
        let mut k = 0;
        while k < name.len() {
            if name[k].is_ascii_digit() || name[k] == b':' {
                return false;
            }
            k += 1;
        }
        if name.len() == ULID {
            return false;
        }
        i += 1;
    }
    true
}
