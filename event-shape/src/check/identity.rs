//! Whether two shapes have the same wire format.
//!
//! A type without parameters is identified by its [`Type::id`](crate::Type::id), which is unique. A type
//! with parameters may depend on more than the shapes of its arguments (for example on an associated type),
//! so two of them are the same only if all their parts are.

use super::cursor::same;
use crate::shape::{Body, Field, Ref, Shape, Tag, Variant};

/// Whether both are the same. `false` may also mean "unknown".
pub(super) const fn same_type(a: &'static Shape, b: &'static Shape) -> bool {
    match (a, b) {
        (Shape::Object(a), Shape::Object(b)) => {
            let plain = a.ty.args.is_empty() && b.ty.args.is_empty();
            same(a.ty.id, b.ty.id)
                && (plain || (a.closed == b.closed && same_fields(a.fields, b.fields)))
        }
        (Shape::Enum(a), Shape::Enum(b)) => {
            let plain = a.ty.args.is_empty() && b.ty.args.is_empty();
            let unknown = match (a.unknown, b.unknown) {
                (Some(a), Some(b)) => same_type(a.get(), b.get()),
                (None, None) => true,
                _ => false,
            };
            same(a.ty.id, b.ty.id)
                && (plain
                    || (a.closed == b.closed
                        && a.open == b.open
                        && unknown
                        && same_tags(a.tag, b.tag)
                        && same_variants(a.variants, b.variants)))
        }
        (Shape::Nullable(a), Shape::Nullable(b))
        | (Shape::Array(a), Shape::Array(b))
        | (Shape::Map(a), Shape::Map(b))
        | (Shape::Newtype(a), Shape::Newtype(b)) => same_type(a.get(), b.get()),
        (Shape::Fixed(a, n), Shape::Fixed(b, m)) => *n == *m && same_type(a.get(), b.get()),
        (Shape::Tuple(a), Shape::Tuple(b)) => same_refs(a, b),
        (Shape::Str(a), Shape::Str(b)) | (Shape::Back(a), Shape::Back(b)) => same(a, b),
        (Shape::Int(a, c), Shape::Int(b, d)) => *a == *b && *c == *d,
        (Shape::Num(a), Shape::Num(b)) => *a == *b,
        (Shape::Bool, Shape::Bool) | (Shape::Any, Shape::Any) | (Shape::Null, Shape::Null) => true,
        _ => false,
    }
}

const fn same_refs(a: &[Ref], b: &[Ref]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() {
        if !same_type(a[i].get(), b[i].get()) {
            return false;
        }
        i += 1;
    }
    a.len() == b.len()
}

const fn same_fields(a: &'static [Field], b: &'static [Field]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() {
        if !same(a[i].name, b[i].name)
            || a[i].flags != b[i].flags
            || !same_type(a[i].shape.get(), b[i].shape.get())
        {
            return false;
        }
        i += 1;
    }
    a.len() == b.len()
}

const fn same_variants(a: &'static [Variant], b: &'static [Variant]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() {
        let alike = match (&a[i].body, &b[i].body) {
            (Body::Unit, Body::Unit) => true,
            (Body::One(a), Body::One(b)) => same_type(a.get(), b.get()),
            (Body::Fields(a), Body::Fields(b)) => same_fields(a, b),
            _ => false,
        };
        if !alike || !same(a[i].name, b[i].name) {
            return false;
        }
        i += 1;
    }
    a.len() == b.len()
}

const fn same_tags(a: Tag, b: Tag) -> bool {
    match (a, b) {
        (Tag::External, Tag::External) | (Tag::Untagged, Tag::Untagged) => true,
        (Tag::Internal(a), Tag::Internal(b)) => same(a, b),
        (Tag::Adjacent(a, x), Tag::Adjacent(b, y)) => same(a, b) && same(x, y),
        _ => false,
    }
}
