//! Checks that the derive emits in addition to the lock, each in a `const` of the user's crate, where a
//! failed check is an error.

use core::marker::PhantomData;

use super::identity::same_type;
use super::message::{self, Message};
use super::{object, rules};
use crate::EventData;
use crate::shape::{Body, Field, Ref, Shape};

/// The shape that a type has by its own impl, if it has one: `Own::<T>::SHAPE`, with [`Foreign`] in scope.
pub struct Own<T: ?Sized>(PhantomData<T>);

impl<T: EventData + ?Sized> Own<T> {
    /// The shape.
    pub const SHAPE: Option<Ref> = Some(T::SHAPE);
}

/// Replaces [`Own::SHAPE`](Own) for a type without a shape.
pub trait Foreign {
    /// Always `None`.
    const SHAPE: Option<Ref> = None;
}

impl<T: ?Sized> Foreign for Own<T> {}

/// Checks that a type that has a shape is written as `#[event(as = ..)]` states.
///
/// # Panics
///
/// Panics if it is not, which makes the const evaluation fail.
#[track_caller]
pub const fn written_as_said(own: Option<Ref>, said: Ref) {
    let Some(own) = own else { return };
    if alike(own.get(), said.get(), 0) {
        return;
    }
    let mut m = Message::new();
    m.push("`as` states that this field is written as ");
    message::of_shape(&mut m, said.get());
    m.push(", but its type writes or reads it as ");
    message::of_shape(&mut m, own.get());
    m.rule(rules::TYPE_CONTRADICTS_ATTRIBUTE);
    m.push("\nto fix: add a serde function that does what `as` states (`#[serde(with = \"..\")]`), or remove `as`");
    panic!("{}", m.as_str())
}

/// Whether the first shape writes what the second one states. A string may state any format: the user's
/// code ensures it.
const fn alike(own: &'static Shape, said: &'static Shape, depth: u32) -> bool {
    if depth > 12 {
        return false;
    }
    match (own, said) {
        (_, Shape::Any | Shape::Unknown) | (Shape::Unknown, _) => true,
        (Shape::Newtype(a), _) => alike(a.get(), said, depth),
        (_, Shape::Newtype(b)) => alike(own, b.get(), depth),
        (Shape::Str(a), Shape::Str(b)) => a.is_empty() || super::cursor::same(a, b),
        (Shape::Nullable(a), Shape::Nullable(b))
        | (Shape::Array(a), Shape::Array(b))
        | (Shape::Map(a), Shape::Map(b)) => alike(a.get(), b.get(), depth + 1),
        (Shape::Object(a), Shape::Object(b)) => {
            same_type(own, said)
                || (a.closed == b.closed && alike_fields(a.fields, b.fields, depth + 1))
        }
        _ => same_type(own, said),
    }
}

const fn alike_fields(a: &'static [Field], b: &'static [Field], depth: u32) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() {
        if !super::cursor::same(a[i].name, b[i].name)
            || a[i].flags != b[i].flags
            || !alike(a[i].shape.get(), b[i].shape.get(), depth)
        {
            return false;
        }
        i += 1;
    }
    a.len() == b.len()
}

/// The shape of a type that is written `into` one type and read `from` another: both must have the same
/// wire format.
///
/// # Panics
///
/// Panics if they differ.
#[track_caller]
pub const fn written_and_read(into: Ref, from: Ref) -> Ref {
    if matches!(into.get(), Shape::Unknown) || same_type(into.get(), from.get()) {
        return into;
    }
    let mut m = Message::new();
    m.push("this type is written as ");
    message::of_shape(&mut m, into.get());
    m.push(" but read as ");
    message::of_shape(&mut m, from.get());
    m.rule(rules::WRITTEN_NOT_READ);
    m.push(
        "\nto fix: use types that are written the same way in `into` and in `from` or `try_from`",
    );
    panic!("{}", m.as_str())
}

/// Checks that an alias is not the name of a field in a flattened type.
///
/// # Panics
///
/// Panics if it is.
#[track_caller]
pub const fn second_name(name: &str, flattened: &[Ref]) {
    let mut i = 0;
    while i < flattened.len() {
        if has_name(flattened[i].get(), name) {
            let mut m = Message::new();
            m.push("`");
            m.push(name);
            m.push(
                "` is also a field of a flattened type: an event that has it can no longer be read",
            );
            m.rule(rules::ALIAS_IN_OPEN_OBJECT);
            m.push("\nto fix: remove `alias`");
            panic!("{}", m.as_str())
        }
        i += 1;
    }
}

const fn has_name(mut shape: &'static Shape, name: &str) -> bool {
    loop {
        match shape {
            Shape::Nullable(to) | Shape::Newtype(to) => shape = to.get(),
            Shape::Object(o) => return object::lists(o.fields, name),
            Shape::Enum(e) => {
                let mut i = 0;
                while i < e.variants.len() {
                    if let Body::Fields(fields) = e.variants[i].body
                        && object::lists(fields, name)
                    {
                        return true;
                    }
                    i += 1;
                }
                return false;
            }
            _ => return false,
        }
    }
}

/// Checks that a superseded type is the event and version that the conversion is written for.
///
/// # Panics
///
/// Panics if it is another event or another version.
#[track_caller]
pub const fn supersedes(
    event: &str,
    major: u32,
    minor: u32,
    ty: &str,
    ty_major: u32,
    ty_minor: u32,
) {
    let mut m = Message::new();
    if !super::cursor::same(event, ty) {
        m.push("this type is the event `");
        m.push(ty);
        m.push("`, but `supersedes` expects the earlier major of `");
        m.push(event);
        m.push("`");
        m.rule(rules::PREDECESSOR_WRONG);
    } else if major != ty_major {
        m.push("this type is version ");
        version(&mut m, ty_major, ty_minor);
        m.push(", but the previous major is ");
        version(&mut m, major, minor);
        m.rule(rules::PREDECESSOR_WRONG);
        m.push("\nto fix: use the type of the previous major, because each major supersedes the one before it");
    } else if minor != ty_minor {
        m.push("this type is version ");
        version(&mut m, ty_major, ty_minor);
        m.push(", but the conversion is written for ");
        version(&mut m, major, minor);
        m.rule(rules::PREDECESSOR_WRONG);
        m.push("\nto fix: use the type of that version, or `supersedes_version = \"");
        version(&mut m, ty_major, ty_minor);
        m.push("\"`");
    } else {
        return;
    }
    panic!("{}", m.as_str())
}

const fn version(m: &mut Message, major: u32, minor: u32) {
    m.number(major as i128);
    m.push(".");
    m.number(minor as i128);
}
