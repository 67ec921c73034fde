//! One type against one text. The rules are the table in the crate's documentation.

use super::cursor::{Cursor, order, same};
use super::presence::is_nullable;
use super::report::{Frame, Sample, Step};
use super::{Message, Walk};
use crate::range::{INTEGERS, is_rust_range};
use crate::shape::{Ref, Shape};

/// Types deeper than this are not compared: a break, for nothing is taken on trust.
const DEPTH: u32 = 96;

/// A pair of definition and Rust type that the walk has begun. Meeting it again proves nothing new:
/// either the first meeting finds a break, which ends the walk, or both agree.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    definition: u32,
    shape: &'static Shape,
}

impl<'a> Walk<'a> {
    pub(super) const fn new(locked: &'a super::Locked<'a>) -> Walk<'a> {
        Walk { locked, message: Message::new(), seen: [None; 64], count: 0 }
    }

    /// `shape` against the type at the cursor, which then stands behind it. `false`: a break, in words.
    pub(super) const fn ty(
        &mut self,
        f: &Frame<'_>,
        shape: &'static Shape,
        c: &mut Cursor<'a>,
    ) -> bool {
        let at = *c;
        if f.depth > DEPTH {
            self.start(f);
            self.say("is nested too deep to be compared");
            self.place(f);
            return self.fix(&["flatten the type"]);
        }
        match shape {
            Shape::Unknown => {
                c.skip();
                return true;
            }
            Shape::Newtype(to) => return self.ty(f, to.get(), c),
            Shape::Back(id) => {
                return match enclosing(f, id) {
                    Some(shape) => self.ty(f, shape, c),
                    None => self.changed(f, shape, at),
                };
            }
            _ => {}
        }
        match (c.next(), shape) {
            (b'@', _) => self.definition(f, shape, c.number(), at),
            (b'*', Shape::Any) | (b'0', Shape::Null) | (b'b', Shape::Bool) => true,
            (b'*', Shape::Nullable(to)) if matches!(to.get(), Shape::Any) => true,
            (b'0', Shape::Nullable(to)) if matches!(to.get(), Shape::Null) => true,
            (b'i', Shape::Int(lo, hi)) => self.integer(f, shape, (*lo, *hi), c.bounds(), at),
            (b'n', Shape::Num(single)) => {
                (c.next() == b'4') == *single || self.changed(f, shape, at)
            }
            (b's', Shape::Str(format)) => self.string(f, shape, format, c.name(), at),
            // `None` and `Some(None)` are written the same way
            (b'?', Shape::Nullable(to)) if is_nullable(to.get()) => {
                *c = at;
                self.ty(f, to.get(), c)
            }
            (b'?', Shape::Nullable(to)) => self.ty(f, to.get(), c),
            (b'?', Shape::Any) => self.writes_anything(f, at),
            (b'?', _) => {
                self.start(f);
                self.say("may be `null` and can't be read as `null` any more");
                self.unread(f, Sample::Json("null"));
                self.fix(&["`Option<..>` around the type"])
            }
            (b'[', Shape::Array(to)) => self.ty(&f.below(Step::Items, 0), to.get(), c),
            (b'(', Shape::Tuple(places)) => self.tuple(f, shape, places, c, at),
            (b'(', Shape::Fixed(to, n)) => {
                let mut i = 0;
                while c.peek() != b')' {
                    if i == *n {
                        return self.changed(f, shape, at);
                    }
                    if !self.ty(&f.below(Step::Items, 0), to.get(), c) {
                        return false;
                    }
                    i += 1;
                }
                c.next();
                i == *n || self.changed(f, shape, at)
            }
            (b'{', Shape::Map(to)) => self.ty(&f.below(Step::Values, 0), to.get(), c),
            // it writes `{}`, and steps over whatever it reads
            (b'{', Shape::Object(o)) if o.fields.is_empty() && !o.closed => {
                c.skip();
                true
            }
            (b'o', Shape::Object(o)) => {
                let open = c.open();
                let inside = Frame { shape: Some(shape), ..f.below(Step::Same, 0) };
                self.object(&inside, o.fields, o.closed, open, c)
            }
            (b'e', Shape::Enum(e)) => {
                let inside = Frame { shape: Some(shape), ..f.below(Step::Same, 0) };
                self.variants(&inside, e, c)
            }
            (b'x', _) => {
                let reason = c.name();
                if self.locked.generated || matches!(shape, Shape::Any) {
                    return true;
                }
                self.start(f);
                self.say("can't be held to its schema: ");
                self.say(reason);
                self.place(f);
                self.say("\nto fix: take the generated type, or say that it is unproved: `#[event(as = \"any\")]`");
                false
            }
            (base, Shape::Nullable(_)) if base != b'*' => {
                self.start(f);
                self.say("is written as `null` where it is `None`, which the schema doesn't allow");
                self.unwelcome(f, Sample::Json("null"));
                self.fix(&["take the `Option` away"])
            }
            (b'*', _) => {
                self.start(f);
                self.say("changed its type");
                self.was(at);
                self.now(shape);
                self.unread(f, Sample::Schema(at));
                self.fix(&["`serde_json::Value`, or `#[event(as = \"any\")]` where your own code reads anything"])
            }
            (_, Shape::Any) => self.writes_anything(f, at),
            _ => self.changed(f, shape, at),
        }
    }

    const fn writes_anything(&mut self, f: &Frame<'_>, at: Cursor<'a>) -> bool {
        self.start(f);
        self.say("changed its type");
        self.was(at);
        self.now(&Shape::Any);
        self.unwelcome(f, Sample::Json("{\"any\":[\"JSON\"]}"));
        self.fix(&["give it the locked type"])
    }

    /// The text says one thing and the type another.
    const fn changed(&mut self, f: &Frame<'_>, shape: &'static Shape, at: Cursor<'a>) -> bool {
        self.start(f);
        self.say("changed its type");
        self.was(at);
        self.now(shape);
        match (self.resolved(at).peek(), shape) {
            (b'i', Shape::Num(_)) => self.unwelcome(f, Sample::Json("1.5")),
            (b'n', Shape::Num(false)) => self.unwelcome(f, Sample::Json("0.123456789012")),
            (b'n', Shape::Num(true)) => self.unread(f, Sample::Json("1e300")),
            (b'e', Shape::Str(format)) if format.is_empty() => {
                self.unwelcome(f, Sample::Text("text"));
            }
            (b'[', Shape::Tuple(_) | Shape::Fixed(..)) => self.unread(f, Sample::Json("[]")),
            (b'(', Shape::Array(_)) => self.unwelcome(f, Sample::Json("[]")),
            (b'o', Shape::Map(_)) => self.unwelcome(f, Sample::Json("{\"key\":..}")),
            (b'{', Shape::Object(_)) => self.unread(f, Sample::Json("{\"key\":..}")),
            _ => self.unread(f, Sample::Schema(at)),
        }
        self.fix(&["keep the locked type"])
    }

    const fn definition(
        &mut self,
        f: &Frame<'_>,
        shape: &'static Shape,
        index: u32,
        at: Cursor<'a>,
    ) -> bool {
        let definitions = self.locked.definitions;
        if index as usize >= definitions.len() {
            return self.changed(f, shape, at);
        }
        let mut i = 0;
        while i < self.count {
            if let Some(seen) = self.seen[i]
                && seen.definition == index
                && same_type(seen.shape, shape)
            {
                return true;
            }
            i += 1;
        }
        if self.count < self.seen.len() {
            self.seen[self.count] = Some(Seen { definition: index, shape });
            self.count += 1;
        }
        let d = definitions[index as usize];
        if matches!(Cursor::new(d.text).peek(), b'o' | b'e' | b'@' | b'?') {
            self.ty(&f.below(Step::Same, d.line), shape, &mut Cursor::new(d.text))
        } else {
            self.ty(f, shape, &mut Cursor::new(d.text))
        }
    }

    const fn tuple(
        &mut self,
        f: &Frame<'_>,
        shape: &'static Shape,
        places: &'static [Ref],
        c: &mut Cursor<'a>,
        at: Cursor<'a>,
    ) -> bool {
        let mut i = 0;
        while c.peek() != b')' {
            if i == places.len() {
                return self.changed(f, shape, at);
            }
            if !self.ty(&f.below(Step::Items, 0), places[i].get(), c) {
                return false;
            }
            i += 1;
        }
        c.next();
        i == places.len() || self.changed(f, shape, at)
    }

    const fn string(
        &mut self,
        f: &Frame<'_>,
        shape: &'static Shape,
        format: &str,
        locked: &str,
        at: Cursor<'a>,
    ) -> bool {
        if same(format, locked) || (format.is_empty() && !crate::formats::has_type(locked)) {
            return true;
        }
        if let Some(locked) = crate::formats::untyped(locked)
            && same(format, locked)
        {
            return true;
        }
        if !format.is_empty() {
            return self.changed(f, shape, at);
        }
        self.start(f);
        self.say("changed its type");
        self.was(at);
        self.now(shape);
        self.unwelcome(f, Sample::Json("\"text\""));
        self.fix(&[
            "a type that writes nothing else, or, where your code sees to it, `#[event(as = \"string\", format = \"",
            locked,
            "\")]`",
        ])
    }

    const fn integer(
        &mut self,
        f: &Frame<'_>,
        shape: &'static Shape,
        (lo, hi): (i128, i128),
        locked: (Option<i128>, Option<i128>),
        at: Cursor<'a>,
    ) -> bool {
        let (low, high) = match locked {
            (None, None) => (INTEGERS[0].1, INTEGERS[0].2),
            (Some(0), None) => (INTEGERS[1].1, INTEGERS[1].2),
            (low, high) => (
                if let Some(low) = low { low } else { INTEGERS[0].1 },
                if let Some(high) = high { high } else { INTEGERS[0].2 },
            ),
        };
        let reads = lo <= low && hi >= high;
        if reads && (!is_rust_range(low, high) || (lo == low && hi == high)) {
            return true;
        }
        self.start(f);
        self.say("changed its type");
        self.was(at);
        self.now(shape);
        if lo > low {
            self.unread(f, Sample::Number(low));
        } else if hi < high {
            self.unread(f, Sample::Number(high));
        } else if lo < low {
            self.unwelcome(f, Sample::Number(low - 1));
        } else {
            self.unwelcome(f, Sample::Number(high + 1));
        }
        self.fix(&["an integer type of the locked range"])
    }

    /// What a definition at the cursor stands for.
    pub(super) const fn resolved(&self, mut c: Cursor<'a>) -> Cursor<'a> {
        let mut hops = 0;
        while c.peek() == b'@' && hops < 8 {
            c.next();
            let index = c.number() as usize;
            if index < self.locked.definitions.len() {
                c = Cursor::new(self.locked.definitions[index].text);
            }
            hops += 1;
        }
        c
    }
}

/// The enclosing type that a generic recursive one means.
const fn enclosing(f: &Frame<'_>, id: &str) -> Option<&'static Shape> {
    match f.shape {
        Some(
            shape @ (Shape::Object(crate::Object { ty, .. }) | Shape::Enum(crate::Enum { ty, .. })),
        ) if same(ty.id, id) => Some(shape),
        _ => match f.up {
            Some(up) => enclosing(up, id),
            None => None,
        },
    }
}

/// Whether both shapes belong to the same Rust type. Types are told by definition and arguments.
const fn same_type(a: &'static Shape, b: &'static Shape) -> bool {
    match (a, b) {
        (
            Shape::Object(crate::Object { ty: a, .. }),
            Shape::Object(crate::Object { ty: b, .. }),
        )
        | (Shape::Enum(crate::Enum { ty: a, .. }), Shape::Enum(crate::Enum { ty: b, .. })) => {
            if order(a.id, b.id) != 0 || a.args.len() != b.args.len() {
                return false;
            }
            let mut i = 0;
            while i < a.args.len() {
                if !same_type(a.args[i].get(), b.args[i].get()) {
                    return false;
                }
                i += 1;
            }
            true
        }
        (Shape::Nullable(a), Shape::Nullable(b))
        | (Shape::Array(a), Shape::Array(b))
        | (Shape::Map(a), Shape::Map(b))
        | (Shape::Newtype(a), Shape::Newtype(b)) => same_type(a.get(), b.get()),
        (Shape::Fixed(a, n), Shape::Fixed(b, m)) => *n == *m && same_type(a.get(), b.get()),
        (Shape::Str(a), Shape::Str(b)) => same(a, b),
        (Shape::Int(a, c), Shape::Int(b, d)) => *a == *b && *c == *d,
        (Shape::Num(a), Shape::Num(b)) => *a == *b,
        (Shape::Bool, Shape::Bool) | (Shape::Any, Shape::Any) | (Shape::Null, Shape::Null) => true,
        _ => false,
    }
}
