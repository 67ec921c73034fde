//! The text of a break: path, both sides, locked file and line, witness event, and fix.

use super::Walk;
use super::cursor::{Cursor, TagHead};
use super::message::{self, Break, Message};
use crate::shape::{Body, Scalar, Shape};

/// One step of the path from the event's root. Frames are on the stack of the walk.
pub(super) struct Frame<'a> {
    pub(super) up: Option<&'a Frame<'a>>,
    pub(super) step: Step<'a>,
    /// The line in the schema file; 0 means the line of the frame above.
    pub(super) line: u32,
    /// The derived type that the walk is in from this frame on.
    pub(super) shape: Option<&'static Shape>,
    /// The depth on the stack, and in the event.
    pub(super) depth: u32,
    pub(super) total: u32,
    /// For a frame without a parent: the generic types around it, innermost first.
    pub(super) around: Around,
}

/// The generic types around a place, innermost first.
pub(super) type Around = [Option<&'static Shape>; 4];

/// Where a step leads.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    /// Into a field.
    Field(&'a str),
    /// Into an array's items.
    Items,
    /// Into a map's values.
    Values,
    /// Into the content of a variant.
    Variant(TagHead<'a>, &'a str, &'a str),
    /// Into a definition: the same place in the event, another place in the file.
    Same,
    /// Somewhere below, into the definition of this name.
    Deep(&'a str),
}

impl<'a> Frame<'a> {
    pub(super) const fn root(step: Step<'a>, line: u32) -> Frame<'a> {
        Frame { up: None, step, line, shape: None, depth: 0, total: 0, around: [None; 4] }
    }

    pub(super) const fn below(&'a self, step: Step<'a>, line: u32) -> Frame<'a> {
        Frame {
            up: Some(self),
            step,
            line,
            shape: None,
            depth: self.depth + 1,
            total: self.total + 1,
            around: [None; 4],
        }
    }

    const fn line(&self) -> u32 {
        match self.up {
            Some(up) if self.line == 0 => up.line(),
            _ => self.line,
        }
    }
}

/// The end of a witness.
#[derive(Clone, Copy)]
pub(super) enum Sample<'a> {
    /// A value that the schema allows.
    Schema(Cursor<'a>),
    /// A value that the Rust type writes.
    Type(&'static Shape),
    /// This text.
    Json(&'a str),
    /// This number.
    Number(i128),
    /// This number or boolean.
    Scalar(Scalar),
    /// A string.
    Text(&'a str),
    /// Nothing: the last field is left out.
    Absent,
}

impl<'a> Walk<'a> {
    /// Writes the headline up to the path; the description of the change follows. For a break after the
    /// first one, that is all, with its place.
    pub(super) const fn start(&mut self, rule: &'static str, f: &Frame<'_>) {
        match self.message.begin(rule) {
            Break::First => {
                self.say("breaking change in event `");
                self.say(self.locked.event);
                self.say("` ");
                self.say(self.locked.version);
                self.say(": `");
            }
            Break::Later => {}
            Break::Counted => return,
        }
        path(&mut self.message, f);
        self.say("` ");
    }

    pub(super) const fn say(&mut self, text: &str) {
        if let [b'\n', ..] = text.as_bytes() {
            self.message.end_line();
        }
        self.message.push(text);
    }

    pub(super) const fn was(&mut self, mut c: Cursor<'a>) {
        self.say("\n  was: ");
        message::of_text(&mut self.message, &mut c, self.locked.definitions);
    }

    pub(super) const fn now(&mut self, shape: &Shape) {
        self.say("\n  now: ");
        message::of_shape(&mut self.message, shape);
    }

    pub(super) const fn place(&mut self, f: &Frame<'_>) {
        let later = self.message.is_later();
        if !later {
            self.say(if self.locked.locked { "\nlocked in " } else { "\nstated in " });
        } else if self.message.resume() {
            self.say(" (");
        }
        self.say(self.locked.file);
        let line = f.line();
        if line > 0 {
            self.say(":");
            self.message.number(line as i128);
        }
        if later {
            self.say(")");
            self.message.end_line();
        }
    }

    /// Writes the place, and an event of the schema that the type cannot read.
    pub(super) const fn unread(&mut self, f: &Frame<'_>, sample: Sample<'a>) {
        self.place(f);
        self.say("\nwho breaks: stored events and earlier publishers; ");
        self.witness(f, sample);
        self.say(" is a valid ");
        self.say(self.locked.against);
        self.say(" event and would no longer be read");
    }

    /// Writes the place, and an event that the type writes and the schema does not allow.
    pub(super) const fn unwelcome(&mut self, f: &Frame<'_>, sample: Sample<'a>) {
        self.place(f);
        self.say("\nwho breaks: consumers of ");
        self.say(self.locked.against);
        self.say("; ");
        self.witness(f, sample);
        self.say(" would be written but is not valid for that version");
    }

    /// Writes the fix and the alternative, a new major. Returns `false` for the caller to return.
    pub(super) const fn fix(&mut self, way: &[&str]) -> bool {
        self.say("\nto fix: ");
        let mut i = 0;
        while i < way.len() {
            self.say(way[i]);
            i += 1;
        }
        self.say("\nor: a new major, `version = \"");
        let version = self.locked.version.as_bytes();
        let (mut major, mut i) = (0i128, 0);
        while i < version.len() && version[i].is_ascii_digit() {
            major = major * 10 + (version[i] - b'0') as i128;
            i += 1;
        }
        self.message.number(major + 1);
        self.say(".0\"`, with `supersedes = ..`");
        false
    }

    const fn witness(&mut self, f: &Frame<'_>, sample: Sample<'a>) {
        if let (Sample::Absent, Some(up)) = (&sample, f.up) {
            prefix(&mut self.message, up);
            if !in_internal(f) {
                self.say("{}");
            }
            suffix(&mut self.message, up);
            return;
        } else if let Sample::Absent = sample {
            self.say("{}");
            return;
        }
        prefix(&mut self.message, f);
        match sample {
            Sample::Schema(mut c) => of_text(&mut self.message, &mut c, self.locked.definitions, 0),
            Sample::Type(shape) => of_shape(&mut self.message, shape, 0),
            Sample::Json(text) => self.say(text),
            Sample::Number(n) => self.message.number(n),
            Sample::Scalar(value) => message::scalar(&mut self.message, value),
            Sample::Text(text) => {
                self.say("\"");
                self.say(text);
                self.say("\"");
            }
            Sample::Absent => {}
        }
        suffix(&mut self.message, f);
    }
}

/// Writes the steps by name; returns whether it wrote any.
const fn path(m: &mut Message, f: &Frame<'_>) -> bool {
    let some = match f.up {
        Some(up) => path(m, up),
        None => false,
    };
    let name = match f.step {
        Step::Field(name) => name,
        Step::Variant(_, wire, rust) => {
            if wire.is_empty() {
                rust
            } else {
                wire
            }
        }
        Step::Items => {
            m.push("[]");
            return true;
        }
        Step::Values => {
            m.push("[*]");
            return true;
        }
        Step::Deep(name) => {
            m.push("..");
            name
        }
        Step::Same => return some,
    };
    if some {
        m.push(".");
    }
    m.push(name);
    true
}

/// Whether the step's field is beside an internal tag, in braces that are already open.
const fn in_internal(f: &Frame<'_>) -> bool {
    match f.up {
        Some(Frame { step: Step::Variant(TagHead::Internal(_), ..), .. }) => true,
        Some(up) if matches!(up.step, Step::Same) => in_internal(up),
        _ => false,
    }
}

const fn prefix(m: &mut Message, f: &Frame<'_>) {
    if let Some(up) = f.up {
        prefix(m, up);
    }
    match f.step {
        Step::Field(name) => {
            m.push(if in_internal(f) { ",\"" } else { "{\"" });
            m.push(name);
            m.push("\":");
        }
        Step::Items => m.push("["),
        Step::Values => m.push("{\"key\":"),
        Step::Variant(TagHead::External, wire, _) => {
            m.push("{\"");
            m.push(wire);
            m.push("\":");
        }
        Step::Variant(TagHead::Internal(tag), wire, _) => tagged(m, tag, wire),
        Step::Variant(TagHead::Adjacent(tag, content), wire, _) => {
            tagged(m, tag, wire);
            m.push(",\"");
            m.push(content);
            m.push("\":");
        }
        Step::Deep(_) => m.push(".."),
        Step::Variant(TagHead::Untagged, ..) | Step::Same => {}
    }
}

const fn tagged(m: &mut Message, tag: &str, wire: &str) {
    m.push("{\"");
    m.push(tag);
    m.push("\":\"");
    m.push(wire);
    m.push("\"");
}

const fn suffix(m: &mut Message, f: &Frame<'_>) {
    match f.step {
        Step::Field(_) if in_internal(f) => {}
        Step::Items => m.push("]"),
        Step::Variant(TagHead::Untagged, ..) | Step::Same | Step::Deep(_) => {}
        Step::Field(_) | Step::Values | Step::Variant(..) => m.push("}"),
    }
    if let Some(up) = f.up {
        suffix(m, up);
    }
}

const fn text_of(format: &str) -> &str {
    let format = match crate::formats::untyped(format) {
        Some(format) => format,
        None => format,
    };
    match format.as_bytes() {
        b"date-time" => "\"2026-01-31T12:00:00Z\"",
        b"date" => "\"2026-01-31\"",
        b"uuid" => "\"67e55044-10b1-426f-9247-bb680e5fe0c8\"",
        b"duration" => "\"PT90S\"",
        b"decimal" => "\"12.50\"",
        b"ip" | b"ipv4" => "\"192.0.2.1\"",
        b"ipv6" => "\"2001:db8::1\"",
        b"ulid" => "\"01ARZ3NDEKTSV4RRFFQ69G5FAV\"",
        b"char" => "\"x\"",
        _ => "\"text\"",
    }
}

/// A value that the schema allows, shortened: nested objects are `{..}`.
const fn of_text(
    m: &mut Message,
    c: &mut Cursor<'_>,
    definitions: &[super::Definition<'_>],
    depth: u32,
) {
    match c.next() {
        b'b' => m.push("true"),
        b'0' => m.push("null"),
        b'i' => match c.bounds() {
            (Some(n), _) | (None, Some(n)) => m.number(n),
            (None, None) => m.push("7"),
        },
        b'n' => m.push("1.5"),
        b's' => m.push(text_of(c.name())),
        b'?' => of_text(m, c, definitions, depth),
        b'[' | b'(' => {
            m.push("[");
            if c.peek() != b')' && depth < 4 {
                of_text(m, c, definitions, depth + 1);
            }
            m.push("]");
        }
        b'@' => {
            let index = c.number() as usize;
            if index < definitions.len() && depth < 4 {
                of_text(m, &mut Cursor::new(definitions[index].text), definitions, depth + 1);
            }
        }
        b'e' => {
            c.next();
            let tag = c.tag();
            let v = c.variant();
            match tag {
                TagHead::External if v.carries => {
                    m.push("{\"");
                    m.push(v.name);
                    m.push("\":..}");
                }
                TagHead::External => {
                    m.push("\"");
                    m.push(v.name);
                    m.push("\"");
                }
                TagHead::Internal(tag) | TagHead::Adjacent(tag, _) => {
                    tagged(m, tag, v.name);
                    m.push(",..}");
                }
                TagHead::Untagged => m.push(".."),
            }
        }
        b'*' => m.push("{\"any\":[\"JSON\"]}"),
        b'v' => match c.value() {
            Some(value) => message::scalar(m, value),
            None => m.push(".."),
        },
        _ => m.push("{..}"),
    }
}

/// A value that the type writes, shortened.
const fn of_shape(m: &mut Message, shape: &Shape, depth: u32) {
    match shape {
        Shape::Any => m.push("{\"any\":[\"JSON\"]}"),
        Shape::Null => m.push("null"),
        Shape::Bool => m.push("true"),
        Shape::Int(_, hi) => m.number(if *hi < 7 { *hi } else { 7 }),
        Shape::Num(_) => m.push("1.5"),
        Shape::Str(format) => m.push(text_of(format)),
        Shape::Values([first, ..]) => message::scalar(m, *first),
        Shape::Nullable(to) | Shape::Newtype(to) => of_shape(m, to.get(), depth),
        Shape::Array(to) | Shape::Fixed(to, _) => {
            m.push("[");
            if depth < 4 {
                of_shape(m, to.get(), depth + 1);
            }
            m.push("]");
        }
        Shape::Tuple(places) => {
            m.push("[");
            let mut i = 0;
            while i < places.len() && depth < 4 {
                if i > 0 {
                    m.push(",");
                }
                of_shape(m, places[i].get(), depth + 1);
                i += 1;
            }
            m.push("]");
        }
        Shape::Enum(e) if !e.variants.is_empty() && matches!(e.variants[0].body, Body::Unit) => {
            m.push("\"");
            m.push(e.variants[0].name);
            m.push("\"");
        }
        _ => m.push("{..}"),
    }
}
