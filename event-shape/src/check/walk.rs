//! Compares one type with one text. The rules are the table in the crate's documentation.

use super::cursor::{Cursor, same};
use super::identity::same_type;
use super::presence::is_nullable;
use super::report::{Around, Frame, Sample, Step};
use super::{Message, Walk, rules};
use crate::shape::{Ref, Shape, Type};

/// Deeper types are not compared: that is a break, because nothing is accepted unchecked.
const DEPTH: u32 = 600;

/// Const evaluation has few stack frames. Below this many steps, a definition waits until the stack is
/// empty again; other nesting (an array of arrays) may continue to the second number.
const STACK: u32 = 30;
const STACK_END: u32 = 76;

/// A pair of definition and Rust type that the walk has entered. Entering it again proves nothing new:
/// either the first visit finds a break, which ends the walk, or both agree.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    definition: u32,
    shape: &'static Shape,
}

/// A definition that waits to be compared.
#[derive(Clone, Copy)]
pub(super) struct Waiting {
    definition: u32,
    shape: &'static Shape,
    total: u32,
    around: Around,
}

impl<'a> Walk<'a> {
    pub(super) const fn new(locked: &'a super::Locked<'a>) -> Walk<'a> {
        Walk {
            locked,
            message: Message::new(),
            seen: [None; 256],
            count: 0,
            waiting: [None; 64],
            last: 0,
        }
    }

    /// Compares the waiting definitions, including those that are added meanwhile; `kept` is the result so
    /// far.
    pub(super) const fn finish(&mut self, mut kept: bool) -> bool {
        let mut i = 0;
        while i < self.last {
            if let Some(w) = self.waiting[i] {
                let d = self.locked.definitions[w.definition as usize];
                let mut frame = Frame::root(Step::Deep(d.name), d.line);
                frame.total = w.total;
                frame.around = w.around;
                kept &= self.ty(&frame, w.shape, &mut Cursor::new(d.text));
            }
            i += 1;
        }
        kept
    }

    /// Queues a definition until the stack is empty; `false` if the queue is full.
    const fn wait(&mut self, f: &Frame<'_>, definition: u32, shape: &'static Shape) -> bool {
        let Some(around) = generic_ones(f) else { return false };
        if self.last == self.waiting.len() {
            return false;
        }
        self.waiting[self.last] = Some(Waiting { definition, shape, total: f.total, around });
        self.last += 1;
        true
    }

    pub(super) const fn too_deep(&mut self, f: &Frame<'_>) -> bool {
        self.start(rules::SCHEMA_NOT_COMPARABLE, f);
        self.say("is nested too deep to be compared");
        self.place(f);
        self.fix(&["flatten the type"])
    }

    /// Compares `shape` with the type at the cursor, and moves the cursor after it. Returns `false` for a
    /// break, with a message.
    pub(super) const fn ty(
        &mut self,
        f: &Frame<'_>,
        shape: &'static Shape,
        c: &mut Cursor<'a>,
    ) -> bool {
        let at = *c;
        if f.total > DEPTH || f.depth > STACK_END {
            return self.too_deep(f);
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
            (b'v', Shape::Int(..) | Shape::Bool | Shape::Any) if self.locked.generated => {
                while c.value().is_some() {}
                true
            }
            (b'v', Shape::Values(values)) => self.values(f, shape, values, c, at),
            (b's', Shape::Str(format)) => self.string(f, shape, format, c.name(), at),
            // `None` and `Some(None)` are written the same way
            (b'?', Shape::Nullable(to)) if is_nullable(to.get()) => {
                *c = at;
                self.ty(f, to.get(), c)
            }
            (b'?', Shape::Nullable(to)) => self.ty(f, to.get(), c),
            (b'?', Shape::Any) => self.writes_anything(f, at),
            (b'?', _) => {
                self.start(rules::NULL_FORBIDDEN, f);
                self.say("may be `null` and can no longer be read as `null`");
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
            // it writes `{}` and ignores what it reads
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
                self.start(rules::SCHEMA_NOT_COMPARABLE, f);
                self.say("cannot be compared with its schema: ");
                self.say(reason);
                self.place(f);
                self.say("\nto fix: use the generated type, or mark the field as unchecked: `#[event(as = \"any\")]`");
                false
            }
            (base, Shape::Nullable(_)) if base != b'*' => {
                self.start(rules::NULL_WRITTEN, f);
                self.say("is written as `null` when it is `None`, which the schema does not allow");
                self.unwelcome(f, Sample::Json("null"));
                self.fix(&["remove the `Option`"])
            }
            (b'*', _) => {
                self.start(rules::FIELD_TYPE_CHANGED, f);
                self.say("changed its type");
                self.was(at);
                self.now(shape);
                self.unread(f, Sample::Schema(at));
                self.fix(&["`serde_json::Value`, or `#[event(as = \"any\")]` if your own code reads any JSON"])
            }
            (_, Shape::Any) => self.writes_anything(f, at),
            _ => self.changed(f, shape, at),
        }
    }

    const fn writes_anything(&mut self, f: &Frame<'_>, at: Cursor<'a>) -> bool {
        self.start(rules::FIELD_TYPE_CHANGED, f);
        self.say("changed its type");
        self.was(at);
        self.now(&Shape::Any);
        self.unwelcome(f, Sample::Json("{\"any\":[\"JSON\"]}"));
        self.fix(&["use the locked type"])
    }

    /// The text and the type disagree.
    pub(super) const fn changed(
        &mut self,
        f: &Frame<'_>,
        shape: &'static Shape,
        at: Cursor<'a>,
    ) -> bool {
        self.start(rules::FIELD_TYPE_CHANGED, f);
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
            (b'v', Shape::Int(..) | Shape::Bool | Shape::Any) => {
                self.place(f);
                self.say("\nwho breaks: consumers of ");
                self.say(self.locked.against);
                self.say("; values other than these would be written, and consumers reject them");
                return self.fix(&["an enum of these numbers: `#[repr(..)]`, `#[event(repr)]` and the derives of `serde_repr`; for a type with its own serde impl, `event_runtime::impl_shape!(Type = 1 | 2)`; or the generated type"]);
            }
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
        if f.depth > STACK {
            return self.wait(f, index, shape) || self.too_deep(f);
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

    /// The definition that the cursor refers to.
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

/// The enclosing type that a generic recursive type refers to.
const fn enclosing(f: &Frame<'_>, id: &str) -> Option<&'static Shape> {
    if let Some(shape) = f.shape
        && let Some(ty) = type_of(shape)
        && same(ty.id, id)
    {
        return Some(shape);
    }
    if let Some(up) = f.up {
        return enclosing(up, id);
    }
    let mut i = 0;
    while i < f.around.len() {
        if let Some(shape) = f.around[i]
            && let Some(ty) = type_of(shape)
            && same(ty.id, id)
        {
            return Some(shape);
        }
        i += 1;
    }
    None
}

/// The generic types around a frame; empty if there are too many.
const fn generic_ones(f: &Frame<'_>) -> Option<Around> {
    let mut out: Around = [None; 4];
    let mut n = 0;
    let mut frame = f;
    loop {
        if let Some(shape) = frame.shape
            && let Some(ty) = type_of(shape)
            && !ty.args.is_empty()
        {
            if n == out.len() {
                return None;
            }
            out[n] = Some(shape);
            n += 1;
        }
        match frame.up {
            Some(up) => frame = up,
            None => break,
        }
    }
    let mut i = 0;
    while i < frame.around.len() {
        if frame.around[i].is_some() {
            if n == out.len() {
                return None;
            }
            out[n] = frame.around[i];
            n += 1;
        }
        i += 1;
    }
    Some(out)
}

const fn type_of(shape: &'static Shape) -> Option<&'static Type> {
    match shape {
        Shape::Object(o) => Some(&o.ty),
        Shape::Enum(e) => Some(&e.ty),
        _ => None,
    }
}
