//! Strings of a format that a Rust type parses and formats: which strings it writes in another spelling.

use super::cursor::same;
use super::untagged::{find, object_alters, through};
use crate::shape::{Body, Enum, Field, Shape, Tag};

/// Whether a variant reads the strings of a later one and writes them differently, in any order that the
/// schema may list them.
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

/// [`respells`], including lists, maps, options, objects and untagged enums.
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

/// Whether an object may be read as the other one and written with a string spelled differently.
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

/// Whether a parsed string (a date, a UUID) may read a string that the other type writes, and write it in
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
            // values of the same format keep their spelling, and most formats have no strings in common
            match (format.as_bytes(), other.as_bytes()) {
                (b"date", b"date-time") | (b"decimal", b"ulid") => true,
                _ => !crate::formats::has_type(other),
            }
        }
        Shape::Any | Shape::Back(_) | Shape::Unknown => true,
        Shape::Enum(e) => e.open || !names_are_words(e),
        // `through` has removed newtypes and options; the other shapes are not strings
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

/// Whether every string that a type of this format reads is written back unchanged.
const fn spells_one_way(format: &str) -> bool {
    format.is_empty()
        || !crate::formats::has_type(format)
        || same(format, "char")
        || same(format, "ipv4")
}

/// Whether no parsed string can read a variant's name: all of them have digits or colons, or the length of
/// a ULID.
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
