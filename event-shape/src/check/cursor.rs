//! A cursor over compact type text, which `baseline` wrote. Reading past the end returns `0`.

use crate::shape::Scalar;

/// The position of a walk in a text.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Cursor<'a> {
        Cursor { text, at: 0 }
    }

    pub(super) const fn at(text: &'a str, at: usize) -> Cursor<'a> {
        Cursor { text, at }
    }

    pub(super) const fn position(&self) -> usize {
        self.at
    }

    pub(super) const fn peek(&self) -> u8 {
        let bytes = self.text.as_bytes();
        // `)` ends every list, so a truncated text ends the walk instead of running on
        if self.at < bytes.len() { bytes[self.at] } else { b')' }
    }

    pub(super) const fn next(&mut self) -> u8 {
        let c = self.peek();
        self.at += 1;
        c
    }

    /// A number and the byte after it.
    pub(super) const fn number(&mut self) -> u32 {
        let mut n = 0u32;
        loop {
            let c = self.next();
            if !c.is_ascii_digit() {
                return n;
            }
            n = n.wrapping_mul(10).wrapping_add((c - b'0') as u32);
        }
    }

    /// A bound, if one is present, and the byte after it.
    const fn bound(&mut self) -> Option<i128> {
        let negative = self.peek() == b'-';
        if negative {
            self.at += 1;
        }
        let mut n = 0i128;
        let mut any = false;
        loop {
            let c = self.next();
            if !c.is_ascii_digit() {
                break;
            }
            any = true;
            n = n.wrapping_mul(10).wrapping_add((c - b'0') as i128);
        }
        if any { Some(if negative { -n } else { n }) } else { None }
    }

    /// Both bounds of an integer.
    pub(super) const fn bounds(&mut self) -> (Option<i128>, Option<i128>) {
        let lo = self.bound();
        (lo, self.bound())
    }

    /// A name, preceded by its length.
    pub(super) const fn name(&mut self) -> &'a str {
        let len = self.number() as usize;
        let from = self.at;
        let end = from + len;
        self.at = end;
        if end <= self.text.len() && self.text.is_char_boundary(end) {
            self.text.split_at(end).0.split_at(from).1
        } else {
            ""
        }
    }

    /// Skips a type.
    pub(super) const fn skip(&mut self) {
        match self.next() {
            b'i' => {
                self.bounds();
            }
            b'n' => self.at += 1,
            b's' | b'x' => {
                self.name();
            }
            b'v' => {
                while self.peek() != b')' {
                    self.at += 1;
                }
                self.at += 1;
            }
            b'?' | b'[' | b'{' => self.skip(),
            b'@' => {
                self.number();
            }
            b'(' => {
                while self.peek() != b')' {
                    self.skip();
                }
                self.at += 1;
            }
            b'o' => {
                self.open();
                while self.peek() != b')' {
                    self.field();
                    self.skip();
                }
                self.at += 1;
            }
            b'e' => {
                self.at += 1;
                self.tag();
                while self.peek() != b')' {
                    if self.variant().carries {
                        self.skip();
                    }
                }
                self.at += 1;
            }
            _ => {}
        }
    }

    /// Whether an object allows undeclared fields.
    pub(super) const fn open(&mut self) -> Open<'a> {
        let mark = self.next();
        let mut open = Open { unknown: mark != b'!', patterned: mark == b'^', rest: None };
        if mark == b'+' {
            open.rest = Some(*self);
            self.skip();
        }
        open
    }

    /// The next value of a closed list; after the last one comes the end.
    pub(super) const fn value(&mut self) -> Option<Scalar> {
        match self.peek() {
            b't' => self.at += 1,
            b'f' => {
                self.at += 1;
                return Some(Scalar::Bool(false));
            }
            b')' => {
                self.at += 1;
                return None;
            }
            _ => {
                return match self.bound() {
                    Some(n) => Some(Scalar::Int(n)),
                    None => None,
                };
            }
        }
        Some(Scalar::Bool(true))
    }

    /// The head of a field; its type follows.
    pub(super) const fn field(&mut self) -> FieldHead<'a> {
        let line = self.number();
        let optional = self.next() == b'?';
        let name = self.name();
        self.name();
        FieldHead { line, optional, name }
    }

    /// An enum's tag.
    pub(super) const fn tag(&mut self) -> TagHead<'a> {
        match self.next() {
            b'u' => TagHead::Untagged,
            b'i' => TagHead::Internal(self.name()),
            b'a' => {
                let tag = self.name();
                TagHead::Adjacent(tag, self.name())
            }
            _ => TagHead::External,
        }
    }

    /// The head of a variant; its type follows, if it has content.
    pub(super) const fn variant(&mut self) -> VariantHead<'a> {
        let line = self.number();
        let name = self.name();
        let rust = self.name();
        let carries = self.next() == b'=';
        VariantHead { line, name, rust, carries }
    }
}

/// What an object states about fields that it does not list.
#[derive(Clone, Copy)]
pub(super) struct Open<'a> {
    /// They are allowed.
    pub(super) unknown: bool,
    /// They are allowed only under names that match a pattern.
    pub(super) patterned: bool,
    /// They have this type.
    pub(super) rest: Option<Cursor<'a>>,
}

/// The part before a field's type.
#[derive(Clone, Copy)]
pub(super) struct FieldHead<'a> {
    pub(super) line: u32,
    pub(super) optional: bool,
    pub(super) name: &'a str,
}

/// The part before a variant's type.
#[derive(Clone, Copy)]
pub(super) struct VariantHead<'a> {
    pub(super) line: u32,
    pub(super) name: &'a str,
    pub(super) rust: &'a str,
    pub(super) carries: bool,
}

/// How the schema distinguishes variants.
#[derive(Clone, Copy)]
pub(super) enum TagHead<'a> {
    External,
    Untagged,
    Internal(&'a str),
    Adjacent(&'a str, &'a str),
}

/// Byte order of two names: negative, zero, positive.
pub(super) const fn order(a: &str, b: &str) -> i32 {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = 0;
    while i < a.len() && i < b.len() {
        if a[i] != b[i] {
            return a[i] as i32 - b[i] as i32;
        }
        i += 1;
    }
    if a.len() == b.len() {
        0
    } else if a.len() < b.len() {
        -1
    } else {
        1
    }
}

/// Whether two names are the same.
pub(super) const fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && order(a, b) == 0
}
