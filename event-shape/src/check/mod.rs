//! Checks a shape against a locked event, in const evaluation.
//!
//! The locked side is text, which a cursor walks; the other side is a [`Shape`]. Both sort their fields, so
//! that comparing two objects is one merge. Nothing here allocates or reads the clock. The same functions
//! run in a `const` of the user's crate, where a break is an error at the field, and in tests, where it is
//! a value.

mod agree;
mod asked;
mod cursor;
mod flatten;
mod identity;
mod message;
mod object;
mod presence;
mod report;
mod respell;
mod rules;
mod scalars;
mod spelling;
mod tagged;
mod untagged;
mod untagged_walk;
mod variants;
mod walk;

pub use agree::{Fields, agrees};
pub use asked::{Foreign, Own, second_name, supersedes, written_and_read, written_as_said};
pub use flatten::greedy;
pub use message::Message;
pub use untagged::{Taken, taken_for_another};

use crate::shape::{Field, Ref, Shape};
use cursor::Cursor;
use report::{Frame, Step};

/// A definition of a locked event, which `@N;` in a text refers to.
#[derive(Debug, Clone, Copy)]
pub struct Definition<'a> {
    /// Its Rust name.
    pub name: &'a str,
    /// Its line in the schema file, from 1.
    pub line: u32,
    /// Its compact text.
    pub text: &'a str,
}

/// One version of an event, as the checks read it.
#[derive(Debug, Clone, Copy)]
pub struct Locked<'a> {
    /// The event type.
    pub event: &'a str,
    /// The version that the Rust type declares.
    pub version: &'a str,
    /// The version that the type is checked against: the declared one, or the newest one before it.
    pub against: &'a str,
    /// The schema file, relative to the package.
    pub file: &'a str,
    /// Whether that version is locked.
    pub locked: bool,
    /// `true`: the type must be that version. `false`: it may differ from it as a minor may.
    pub exact: bool,
    /// Whether the type was generated from that schema: parts that cannot be compared with a shape are
    /// accepted.
    pub generated: bool,
    /// Compact text of the root object.
    pub root: &'a str,
    /// The definitions that the root reaches.
    pub definitions: &'a [Definition<'a>],
}

impl Locked<'static> {
    /// Reads the text of [`lock_text`](crate::baseline::lock_text): a lock without definitions, in one
    /// string.
    pub const fn read(text: &'static str) -> Locked<'static> {
        let mut c = Cursor::new(text);
        let (event, version, against, file) = (c.name(), c.name(), c.name(), c.name());
        let (locked, exact, generated) = (c.next() == b'!', c.next() == b'!', c.next() == b'!');
        let root = text.split_at(c.position()).1;
        Locked { event, version, against, file, locked, exact, generated, root, definitions: &[] }
    }
}

pub(crate) struct Walk<'a> {
    locked: &'a Locked<'a>,
    message: Message,
    seen: [Option<walk::Seen>; 256],
    count: usize,
    /// Definitions to compare when the stack is empty.
    waiting: [Option<walk::Waiting>; 64],
    last: usize,
}

/// Checks a field against the locked one whose text begins at byte `at` of [`Locked::root`].
///
/// # Errors
///
/// Returns the break as a message.
#[allow(clippy::result_large_err)] // const evaluation has no heap to put it on
pub const fn check_field(
    locked: &Locked<'_>,
    shape: Ref,
    flags: u8,
    at: usize,
) -> Result<(), Message> {
    let mut walk = Walk::new(locked);
    let mut c = Cursor::at(locked.root, at);
    let head = c.field();
    let field = Field { name: "", flags, shape };
    let frame = Frame::root(Step::Field(head.name), head.line);
    let kept = walk.field(&frame, &field, head.optional, &mut c);
    if walk.finish(kept) { Ok(()) } else { Err(walk.message) }
}

/// Checks a type against the whole root object.
///
/// # Errors
///
/// Returns the first break as a message.
#[allow(clippy::result_large_err)] // const evaluation has no heap to put it on
pub const fn check_event(locked: &Locked<'_>, shape: Ref) -> Result<(), Message> {
    let mut walk = Walk::new(locked);
    let mut c = Cursor::new(locked.root);
    let frame = Frame::root(Step::Same, 0);
    let kept = walk.ty(&frame, shape.get(), &mut c);
    if walk.finish(kept) { Ok(()) } else { Err(walk.message) }
}

/// Checks field `index` of a struct's shape against the locked field of its name, in a `const` of the
/// user's crate: a break is an error at the call.
///
/// # Panics
///
/// Panics if the field breaks the lock, which makes the const evaluation fail.
#[track_caller]
pub const fn field(of: Fields, index: usize) {
    if let Err(message) = of.hold(index) {
        panic!("{}", message.as_str())
    }
}

/// Checks all fields that have a number, as [`field`] does for one.
///
/// # Panics
///
/// Panics if a field breaks the lock.
#[track_caller]
pub const fn rest(of: Fields) {
    let mut i = 0;
    while i < of.len() {
        if let Err(message) = of.hold(i) {
            panic!("{}", message.as_str())
        }
        i += 1;
    }
}

/// The byte at which the field of this name begins.
const fn place_of(root: &str, name: &str) -> Option<usize> {
    let mut c = Cursor::new(root);
    c.next();
    c.open();
    while c.peek() != b')' {
        let at = c.position();
        if cursor::same(c.field().name, name) {
            return Some(at);
        }
        c.skip();
    }
    None
}

/// Checks one field against the locked one whose text begins at byte `at` of [`Locked::root`], in a `const`
/// of the user's crate; `place` is that of [`agrees`]. It does not need the shapes of other fields: this
/// field is checked even if another one has no shape.
///
/// # Panics
///
/// Panics if the field breaks the lock, which makes the const evaluation fail.
#[track_caller]
pub const fn part(locked: &Locked<'_>, shape: Ref, flags: u8, at: usize, place: usize) {
    if agree::agrees(locked, shape, flags, place) {
        return;
    }
    if let Err(message) = check_field(locked, shape, flags, at) {
        panic!("{}", message.as_str())
    }
}

/// Finds a locked field in the flattened types, and checks it.
///
/// # Panics
///
/// Panics if the field is missing or breaks the lock.
#[track_caller]
pub const fn flattened_field(locked: &Locked<'_>, flat: &[Field], at: usize) {
    let mut walk = Walk::new(locked);
    let mut c = Cursor::at(locked.root, at);
    let head = c.field();
    let frame = Frame::root(Step::Field(head.name), head.line);
    let kept = match flatten::flattened(flat, head.name) {
        Some(field) => {
            let mut root = Cursor::new(locked.root);
            root.next();
            let open = root.open();
            walk.field(&frame, &field, head.optional, &mut c)
                && walk.read_under_one_name(&Frame::root(Step::Same, 0), Some(field), open)
        }
        // that is reported at the flattened field itself
        None if has_unknown(flat) || flatten::incomparable(flat).is_some() => true,
        None => walk.removed(&frame, head.optional, c, ""),
    };
    let kept = walk.finish(kept);
    assert!(kept, "{}", walk.message.as_str());
}

/// Checks that a flattened type has no fields that the locked event lacks, and none that the struct has
/// already: as one of `names`, or in a type that is flattened before it.
///
/// # Panics
///
/// Panics if it has one.
#[track_caller]
pub const fn flattened_extras(locked: &Locked<'_>, flat: &[Field], index: usize, names: &[&str]) {
    let mut walk = Walk::new(locked);
    let mut c = Cursor::new(locked.root);
    c.next();
    let open = c.open();
    let frame = Frame::root(Step::Same, 0);
    let (before, here) = (flat.split_at(index).0, &flat[index]);
    let kept = (index > 0 || walk.flattened_alone(&frame, flat))
        && walk.written_once(&frame, here, names, before)
        && walk.flattened_extras(&frame, here, open, c);
    let kept = walk.finish(kept);
    assert!(kept, "{}", walk.message.as_str());
}

/// Checks a field that the version does not list, and that a minor may add, against the schema of
/// undeclared fields.
///
/// # Panics
///
/// Panics if it breaks that schema, which makes the const evaluation fail.
#[track_caller]
pub const fn added(locked: &Locked<'_>, name: &'static str, shape: Ref, flags: u8) {
    let mut walk = Walk::new(locked);
    let mut c = Cursor::new(locked.root);
    c.next();
    let open = c.open();
    let frame = Frame::root(Step::Same, 0);
    let kept = walk.extra(&frame, &Field { name, flags, shape }, open, c, &[]);
    let kept = walk.finish(kept);
    assert!(kept, "{}", walk.message.as_str());
}

const fn has_unknown(flat: &[Field]) -> bool {
    let mut i = 0;
    while i < flat.len() {
        if let Shape::Unknown = flat[i].shape.get() {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether the field agrees with the lock; decides whether a message of the derive applies.
pub const fn holds(locked: &Locked<'_>, shape: Ref, flags: u8, at: usize) -> bool {
    check_field(locked, shape, flags, at).is_ok()
}

/// Whether a field may be absent when read.
pub const fn reads_absent(shape: Ref, flags: u8) -> bool {
    matches!(shape.get(), Shape::Unknown)
        || presence::reads_absent(&Field { name: "", flags, shape })
}

/// Whether a value can be read from `null`.
pub const fn reads_null(shape: Ref) -> bool {
    matches!(shape.get(), Shape::Unknown | Shape::Any) || presence::is_nullable(shape.get())
}

/// Whether a value is never written as the `null` of an `Option`.
pub const fn never_null(shape: Ref) -> bool {
    matches!(shape.get(), Shape::Unknown) || !presence::is_nullable(shape.get())
}
