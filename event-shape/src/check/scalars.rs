//! Closed lists of values, strings and integers.

use super::cursor::{Cursor, same};
use super::report::{Frame, Sample};
use super::{Walk, rules};
use crate::range::{INTEGERS, is_rust_range};
use crate::shape::{Scalar, Shape};

impl<'a> Walk<'a> {
    /// A closed list of numbers and booleans: the same values, in any order.
    pub(super) const fn values(
        &mut self,
        f: &Frame<'_>,
        shape: &'static Shape,
        values: &'static [Scalar],
        c: &mut Cursor<'a>,
        at: Cursor<'a>,
    ) -> bool {
        let mut count = 0;
        while let Some(value) = c.value() {
            if !holds(values, value) {
                self.start(rules::FIELD_TYPE_CHANGED, f);
                self.say("changed its type");
                self.was(at);
                self.now(shape);
                self.unread(f, Sample::Scalar(value));
                return self.fix(&["keep the locked values"]);
            }
            count += 1;
        }
        if count == values.len() {
            return true;
        }
        self.start(rules::ENUM_VALUE_ADDED, f);
        self.say("has values that the schema does not list");
        self.was(at);
        self.now(shape);
        self.place(f);
        self.fix(&["keep the locked values"])
    }

    pub(super) const fn string(
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
        self.start(rules::FIELD_TYPE_CHANGED, f);
        self.say("changed its type");
        self.was(at);
        self.now(shape);
        self.unwelcome(f, Sample::Json("\"text\""));
        self.fix(&[
            "a type that writes nothing else, or, if your code ensures it, `#[event(as = \"string\", format = \"",
            locked,
            "\")]`",
        ])
    }

    pub(super) const fn integer(
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
        self.start(rules::FIELD_TYPE_CHANGED, f);
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
}

const fn holds(values: &[Scalar], value: Scalar) -> bool {
    let mut i = 0;
    while i < values.len() {
        let found = match (values[i], value) {
            (Scalar::Bool(a), Scalar::Bool(b)) => a == b,
            (Scalar::Int(a), Scalar::Int(b)) => a == b,
            _ => false,
        };
        if found {
            return true;
        }
        i += 1;
    }
    false
}
