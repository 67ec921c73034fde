//! The fast path: whether a whole struct agrees with its lock, without a message about what does not.
//!
//! Const evaluation costs function calls, not operators: what [`Walk`](super::Walk) does in readable steps
//! takes a millisecond per field. This pass decides the common case, a struct that matches its lock, on
//! bare bytes. It may return false where the walk returns true, but never the reverse: a field that it does
//! not pass is walked, and the walk decides.

use super::{Definition, Locked, Message};
use crate::shape::{Body, Enum, Field, Ref, Shape, Tag};

/// A struct, its lock, and whether one of its fields may differ from the lock.
#[derive(Clone, Copy)]
pub struct Fields {
    lock: Lock,
    shape: Ref,
    codes: &'static [u8],
    differ: bool,
}

#[derive(Clone, Copy)]
enum Lock {
    Read(&'static Locked<'static>),
    /// The text for [`Locked::read`]: it is only read if a field differs.
    Text(&'static str),
}

impl Fields {
    /// A struct of this shape. `codes` has two bytes per field, the lower one first: the number that the
    /// field's shape must have according to its tokens ([`Code::of_field`](crate::Code::of_field)), or 0
    /// for a field that is not compared by number.
    pub const fn new(lock: &'static str, shape: Ref, codes: &'static [u8]) -> Fields {
        Fields { lock: Lock::Text(lock), shape, codes, differ: differ(shape, codes) }
    }

    /// Same as [`new`](Fields::new), for a lock that other checks read too.
    pub const fn of(lock: &'static Locked<'static>, shape: Ref, codes: &'static [u8]) -> Fields {
        Fields { lock: Lock::Read(lock), shape, codes, differ: differ(shape, codes) }
    }

    /// Whether any field differs.
    pub const fn differ(&self) -> bool {
        self.differ
    }

    /// Checks field `index` against the locked field of its name, if its shape differs from what the tokens
    /// state.
    ///
    /// # Errors
    ///
    /// Returns the break as a message.
    #[allow(clippy::result_large_err)] // const evaluation has no heap to put it on
    pub(super) const fn hold(&self, index: usize) -> Result<(), Message> {
        let Shape::Object(o) = self.shape.get() else { return Ok(()) };
        if index >= o.fields.len() || 2 * index + 1 >= self.codes.len() {
            return Ok(());
        }
        let code = code(self.codes, index);
        if code == 0 || code == o.fields[index].shape.code.0 {
            return Ok(());
        }
        let read;
        let locked = match self.lock {
            Lock::Read(locked) => locked,
            Lock::Text(text) => {
                read = Locked::read(text);
                &read
            }
        };
        let field = &o.fields[index];
        match super::place_of(locked.root, field.name) {
            Some(at) => super::check_field(locked, field.shape, field.flags, at),
            None => Ok(()),
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.codes.len() / 2
    }
}

const fn code(codes: &[u8], index: usize) -> u16 {
    codes[2 * index] as u16 | (codes[2 * index + 1] as u16) << 8
}

const fn differ(shape: Ref, codes: &[u8]) -> bool {
    // a shape that is not an object belongs to a failed derive
    let Shape::Object(o) = shape.get() else { return false };
    let fields = o.fields;
    let (mut i, mut at) = (0, 0);
    while at < codes.len() && i < fields.len() {
        let code = codes[at] as u16 | (codes[at + 1] as u16) << 8;
        if code != 0 && code != fields[i].shape.code.0 {
            return true;
        }
        i += 1;
        at += 2;
    }
    false
}

/// Whether a field certainly agrees with the locked one. `place` is twice the byte of [`Locked::root`] at
/// which the field's type begins, plus one if the field is optional.
pub const fn agrees(locked: &Locked<'_>, shape: Ref, flags: u8, place: usize) -> bool {
    let f = Field { name: "", flags, shape };
    field(locked.definitions, locked.root.as_bytes(), place / 2, place % 2 == 1, &f, 0) != 0
}

/// Deeper types are left to the walk, which remembers the definitions that it has entered.
const DEPTH: u32 = 5;

/// Every function here returns the position after what it compared, or 0 for "not certain".
const fn field(
    defs: &[Definition<'_>],
    t: &[u8],
    p: usize,
    optional: bool,
    f: &Field,
    depth: u32,
) -> usize {
    const LEFT_OUT: u8 = Field::SKIPS | Field::SKIPS_NONE | Field::UNWRITTEN;
    let shape = f.shape.get();
    if !optional {
        return if f.flags & LEFT_OUT == 0 { ty(defs, t, p, shape, depth) } else { 0 };
    }
    if let Shape::Nullable(to) = shape {
        let fits = f.flags & Field::SKIPS_NONE != 0
            && f.flags & Field::UNWRITTEN == 0
            && f.flags & (Field::EXPLICIT | Field::DEFAULT) != Field::EXPLICIT;
        return if fits { ty(defs, t, p, to.get(), depth) } else { 0 };
    }
    if f.flags & Field::DEFAULT != 0 && !matches!(shape, Shape::Newtype(_)) {
        ty(defs, t, p, shape, depth)
    } else {
        0
    }
}

const fn ty(
    defs: &[Definition<'_>],
    t: &[u8],
    p: usize,
    shape: &'static Shape,
    depth: u32,
) -> usize {
    match (t[p], shape) {
        (b's', Shape::Str(format)) => name(t, p + 1, format.as_bytes()),
        (b'b', Shape::Bool) | (b'*', Shape::Any) | (b'0', Shape::Null) => p + 1,
        (b'i', Shape::Int(lo, hi)) => integer(t, p + 1, *lo, *hi),
        (b'n', Shape::Num(single)) if (t[p + 1] == b'4') == *single => p + 2,
        (b'?', Shape::Nullable(to)) | (b'[', Shape::Array(to)) | (b'{', Shape::Map(to)) => {
            ty(defs, t, p + 1, to.get(), depth)
        }
        (b'@', _) => {
            let (mut n, mut q) = (0, p + 1);
            while t[q] != b';' {
                n = n * 10 + (t[q] - b'0') as usize;
                q += 1;
            }
            if depth < DEPTH
                && n < defs.len()
                && ty(defs, defs[n].text.as_bytes(), 0, shape, depth + 1) != 0
            {
                q + 1
            } else {
                0
            }
        }
        (b'o', Shape::Object(o)) => {
            if t[p + 1] == b'+' || (o.closed && t[p + 1] != b'!') {
                0
            } else {
                object(defs, t, p + 2, o.fields, depth)
            }
        }
        (b'e', Shape::Enum(e)) => variants(defs, t, p + 1, e, depth),
        (_, Shape::Newtype(to)) => ty(defs, t, p, to.get(), depth),
        _ => 0,
    }
}

const fn integer(t: &[u8], mut p: usize, lo: i128, hi: i128) -> usize {
    if t[p] == b',' && t[p + 1] == b';' {
        return if lo == i64::MIN as i128 && hi == i64::MAX as i128 { p + 2 } else { 0 };
    }
    let low = t[p] != b',';
    let (mut value, mut negative) = (0i128, t[p] == b'-');
    p += negative as usize;
    while t[p] != b',' {
        value = value * 10 + (t[p] - b'0') as i128;
        p += 1;
    }
    if low && lo != (if negative { -value } else { value }) {
        return 0;
    }
    p += 1;
    if t[p] == b';' {
        return if low && lo == 0 && hi == u64::MAX as i128 { p + 1 } else { 0 };
    }
    value = 0;
    negative = t[p] == b'-';
    p += negative as usize;
    while t[p] != b';' {
        value = value * 10 + (t[p] - b'0') as i128;
        p += 1;
    }
    if low && hi == (if negative { -value } else { value }) { p + 1 } else { 0 }
}

/// A name, preceded by its length.
const fn name(t: &[u8], mut p: usize, name: &[u8]) -> usize {
    let mut n = 0;
    while t[p] != b':' {
        n = n * 10 + (t[p] - b'0') as usize;
        p += 1;
    }
    if n != name.len() {
        return 0;
    }
    p += 1;
    let mut i = 0;
    while i < n {
        if t[p] != name[i] {
            return 0;
        }
        p += 1;
        i += 1;
    }
    p
}

/// The position after a name.
const fn skip_name(t: &[u8], mut p: usize) -> usize {
    let mut n = 0;
    while t[p] != b':' {
        n = n * 10 + (t[p] - b'0') as usize;
        p += 1;
    }
    p + 1 + n
}

/// The same fields in the same order.
const fn object(
    defs: &[Definition<'_>],
    t: &[u8],
    mut p: usize,
    fields: &'static [Field],
    depth: u32,
) -> usize {
    let n = fields.len();
    let mut i = 0;
    while i < n {
        if t[p] == b')' || fields[i].flags & (Field::FLATTEN | Field::ALIASED) != 0 {
            return 0;
        }
        while t[p] != b',' {
            p += 1;
        }
        let optional = t[p + 1] == b'?';
        p = name(t, p + 2, fields[i].name.as_bytes());
        if p == 0 {
            return 0;
        }
        p = field(defs, t, skip_name(t, p), optional, &fields[i], depth);
        if p == 0 {
            return 0;
        }
        i += 1;
    }
    if t[p] == b')' { p + 1 } else { 0 }
}

const fn variants(
    defs: &[Definition<'_>],
    t: &[u8],
    mut p: usize,
    shape: &'static Enum,
    depth: u32,
) -> usize {
    // the walk checks the fields that an object may have beyond the list
    if t[p] == b'~' || shape.open || shape.closed {
        return 0;
    }
    p = match (t[p + 1], shape.tag) {
        (b'x', Tag::External) => p + 2,
        (b'i', Tag::Internal(tag)) => name(t, p + 2, tag.as_bytes()),
        (b'a', Tag::Adjacent(tag, content)) => {
            let q = name(t, p + 2, tag.as_bytes());
            if q == 0 { 0 } else { name(t, q, content.as_bytes()) }
        }
        _ => 0,
    };
    if p == 0 {
        return 0;
    }
    let n = shape.variants.len();
    let mut i = 0;
    while i < n {
        if t[p] == b')' {
            return 0;
        }
        while t[p] != b',' {
            p += 1;
        }
        p = name(t, p + 1, shape.variants[i].name.as_bytes());
        if p == 0 {
            return 0;
        }
        p = skip_name(t, p);
        p = match (t[p], &shape.variants[i].body) {
            (b'.', Body::Unit) => p + 1,
            (b'=', Body::One(to)) => ty(defs, t, p + 1, to.get(), depth),
            (b'=', Body::Fields(fields)) if t[p + 1] == b'o' && t[p + 2] != b'+' => {
                object(defs, t, p + 3, fields, depth)
            }
            _ => 0,
        };
        if p == 0 {
            return 0;
        }
        i += 1;
    }
    if t[p] == b')' { p + 1 } else { 0 }
}
