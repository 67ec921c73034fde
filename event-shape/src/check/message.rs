//! Messages in const evaluation: a buffer of fixed size, and how both sides are described.

use super::cursor::Cursor;
use crate::range::INTEGERS;
use crate::shape::{Ref, Scalar, Shape, Tag};

const CAPACITY: usize = 1536;

/// The number of breaks that a message lists after the first one; the remaining ones are counted.
const TOLD: usize = 4;

/// The message of a check: the first break in full, the next ones in one line each. Text that does not fit
/// is left out.
pub struct Message {
    bytes: [u8; CAPACITY],
    len: usize,
    breaks: usize,
    /// Whether the text up to the next break is left out.
    quiet: bool,
    /// The length without the number of breaks that are not listed.
    told: usize,
    /// The rule at the end of the message's first line; empty once it is written.
    rule: &'static str,
}

impl Message {
    pub(super) const fn new() -> Message {
        Message { bytes: [0; CAPACITY], len: 0, breaks: 0, quiet: false, told: 0, rule: "" }
    }

    /// Starts a break: writes the text before its path; returns whether the break is listed or only
    /// counted.
    pub(super) const fn begin(&mut self, rule: &'static str) -> Break {
        self.breaks += 1;
        self.quiet = false;
        self.rule = if self.breaks == 1 { rule } else { "" };
        if self.breaks == 1 {
            return Break::First;
        }
        if self.breaks <= 1 + TOLD {
            self.push("\nalso: `");
            return Break::Later;
        }
        if self.breaks == 2 + TOLD {
            self.told = self.len;
        }
        self.len = self.told;
        self.push("\nand ");
        self.number((self.breaks - 1 - TOLD) as i128);
        self.push(" more");
        self.quiet = true;
        Break::Counted
    }

    /// Whether the current break has a single line.
    pub(super) const fn is_later(&self) -> bool {
        self.breaks > 1
    }

    /// Ends the first line of a break, with its rule for the first break; for a later break, leaves out the
    /// text from here on.
    pub(super) const fn end_line(&mut self) {
        if !self.rule.is_empty() {
            self.rule(self.rule);
            self.rule = "";
        }
        self.quiet = self.breaks > 1;
    }

    /// Ends a line with its rule.
    pub(super) const fn rule(&mut self, rule: &'static str) {
        self.push(" [");
        self.push(rule);
        self.push("]");
    }

    /// Adds the place of a later break, if its line is listed.
    pub(super) const fn resume(&mut self) -> bool {
        self.quiet = self.breaks > 1 + TOLD;
        !self.quiet
    }

    /// The text.
    pub const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    /// Appends all of the text, or nothing if it does not fit, so that the buffer stays UTF-8.
    pub(super) const fn push(&mut self, text: &str) {
        let text = text.as_bytes();
        if self.quiet || self.len + text.len() > CAPACITY {
            return;
        }
        let mut i = 0;
        while i < text.len() {
            self.bytes[self.len] = text[i];
            self.len += 1;
            i += 1;
        }
    }

    pub(super) const fn number(&mut self, n: i128) {
        if n < 0 {
            self.push("-");
        }
        let mut rest = n.unsigned_abs();
        let mut digits = [0u8; 40];
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if let Ok(text) = core::str::from_utf8(digits.split_at(at).1) {
            self.push(text);
        }
    }
}

/// The index of the break that starts.
pub(super) enum Break {
    First,
    Later,
    Counted,
}

const fn integer(m: &mut Message, lo: i128, hi: i128) {
    m.push("integer (");
    let mut i = 0;
    while i < INTEGERS.len() {
        if INTEGERS[i].1 == lo && INTEGERS[i].2 == hi {
            m.push(INTEGERS[i].0);
            m.push(")");
            return;
        }
        i += 1;
    }
    m.number(lo);
    m.push("..=");
    m.number(hi);
    m.push(")");
}

const fn string(m: &mut Message, format: &str) {
    m.push("string");
    if let Some(format) = crate::formats::untyped(format) {
        m.push(" (");
        m.push(format);
        m.push(", for which no Rust type is configured)");
    } else if !format.is_empty() {
        m.push(" (");
        m.push(format);
        m.push(")");
    }
}

/// A number or a boolean.
pub(super) const fn scalar(m: &mut Message, value: Scalar) {
    match value {
        Scalar::Bool(true) => m.push("true"),
        Scalar::Bool(false) => m.push("false"),
        Scalar::Int(n) => m.number(n),
    }
}

/// Describes the Rust type's wire format.
pub(super) const fn of_shape(m: &mut Message, shape: &Shape) {
    match shape {
        Shape::Any => m.push("any JSON"),
        Shape::Null => m.push("null"),
        Shape::Bool => m.push("boolean"),
        Shape::Int(lo, hi) => integer(m, *lo, *hi),
        Shape::Num(true) => m.push("number (f32)"),
        Shape::Num(false) => m.push("number (f64)"),
        Shape::Str(format) => string(m, format),
        Shape::Nullable(to) => {
            of_shape(m, to.get());
            m.push(" or null");
        }
        Shape::Array(to) => {
            m.push("array of ");
            of_shape(m, to.get());
        }
        Shape::Fixed(to, n) => {
            m.push("array of ");
            m.number(*n as i128);
            m.push(" times ");
            of_shape(m, to.get());
        }
        Shape::Tuple(places) => tuple(m, places),
        Shape::Map(to) => {
            m.push("map of ");
            of_shape(m, to.get());
        }
        Shape::Newtype(to) => of_shape(m, to.get()),
        Shape::Object(o) => {
            m.push("object `");
            m.push(o.ty.name);
            m.push("`");
        }
        Shape::Enum(e) => {
            m.push("enum `");
            m.push(e.ty.name);
            m.push("`");
        }
        Shape::Back(_) => m.push("an enclosing type"),
        Shape::Values(values) => {
            m.push("one of ");
            let mut i = 0;
            while i < values.len() {
                if i > 0 {
                    m.push(", ");
                }
                scalar(m, values[i]);
                i += 1;
            }
        }
        Shape::Unknown => m.push("unknown"),
    }
}

const fn tuple(m: &mut Message, places: &[Ref]) {
    m.push("tuple of (");
    let mut i = 0;
    while i < places.len() {
        if i > 0 {
            m.push(", ");
        }
        of_shape(m, places[i].get());
        i += 1;
    }
    m.push(")");
}

/// Describes the schema's type. `definition` returns the names of the definitions.
pub(super) const fn of_text(
    m: &mut Message,
    c: &mut Cursor<'_>,
    definitions: &[super::Definition<'_>],
) {
    match c.next() {
        b'*' => m.push("any JSON"),
        b'0' => m.push("null"),
        b'b' => m.push("boolean"),
        b'i' => {
            let (lo, hi) = c.bounds();
            match (lo, hi) {
                (None, None) => m.push("integer (i64)"),
                (Some(0), None) => m.push("integer (u64)"),
                (Some(lo), None) => {
                    m.push("integer (");
                    m.number(lo);
                    m.push("..)");
                }
                (None, Some(hi)) => {
                    m.push("integer (..=");
                    m.number(hi);
                    m.push(")");
                }
                (Some(lo), Some(hi)) => integer(m, lo, hi),
            }
        }
        b'n' => m.push(if c.next() == b'4' { "number (f32)" } else { "number (f64)" }),
        b's' => string(m, c.name()),
        b'?' => {
            of_text(m, c, definitions);
            m.push(" or null");
        }
        b'[' => {
            m.push("array of ");
            of_text(m, c, definitions);
        }
        b'{' => {
            m.push("map of ");
            of_text(m, c, definitions);
        }
        b'(' => {
            m.push("tuple of (");
            let mut first = true;
            while c.peek() != b')' {
                if !first {
                    m.push(", ");
                }
                first = false;
                of_text(m, c, definitions);
            }
            m.push(")");
        }
        b'@' => {
            let index = c.number() as usize;
            if index < definitions.len() {
                let d = definitions[index];
                m.push(match Cursor::new(d.text).peek() {
                    b'o' => "object `",
                    b'e' => "enum `",
                    _ => "`",
                });
                m.push(d.name);
                m.push("`");
            }
        }
        b'v' => {
            m.push("one of ");
            let mut first = true;
            while let Some(value) = c.value() {
                if !first {
                    m.push(", ");
                }
                first = false;
                scalar(m, value);
            }
        }
        b'o' => m.push("object"),
        b'e' => m.push("enum"),
        b'x' => {
            m.push("a schema that cannot be compared with a Rust type: ");
            m.push(c.name());
        }
        _ => {}
    }
}

/// Describes how the variants of an enum are distinguished.
pub(super) const fn of_tag(m: &mut Message, tag: &Tag) {
    match tag {
        Tag::External => m.push("by the variant's name around its content (external)"),
        Tag::Untagged => m.push("by which one fits (untagged)"),
        Tag::Internal(t) => {
            m.push("by the field `");
            m.push(t);
            m.push("` beside the content (internal)");
        }
        Tag::Adjacent(t, c) => {
            m.push("by the field `");
            m.push(t);
            m.push("`, content in `");
            m.push(c);
            m.push("` (adjacent)");
        }
    }
}
