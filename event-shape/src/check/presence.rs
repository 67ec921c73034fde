//! Whether a field may be absent or null, both when read and when written.

use super::cursor::Cursor;
use super::report::{Frame, Sample};
use super::{Walk, rules};
use crate::shape::{Field, Shape};

impl<'a> Walk<'a> {
    /// Checks a field's presence and type: `optional` and the cursor belong to the schema.
    pub(super) const fn field(
        &mut self,
        f: &Frame<'_>,
        field: &Field,
        optional: bool,
        c: &mut Cursor<'a>,
    ) -> bool {
        let shape = field.shape.get();
        if let Shape::Unknown = shape {
            c.skip();
            return true;
        }
        let at = *c;
        let takes_null = self.takes_null(at);
        let nullable = is_nullable(shape);
        let skips = field.has(Field::SKIPS | Field::SKIPS_NONE | Field::UNWRITTEN);
        if !optional {
            if nullable && !takes_null {
                self.start(rules::FIELD_MADE_OPTIONAL, f);
                self.say("was required and is now optional");
                self.unwelcome(f, if skips { Sample::Absent } else { Sample::Json("null") });
                return self.fix(&["remove the `Option`"]);
            }
            if skips {
                self.start(rules::FIELD_MADE_OPTIONAL, f);
                self.say("was required and may now be left out");
                self.unwelcome(f, Sample::Absent);
                return self.fix(&["remove `skip_serializing` or `skip_serializing_if`"]);
            }
            return self.ty(f, shape, c);
        }
        if !reads_absent(field) {
            self.start(rules::FIELD_MADE_REQUIRED, f);
            self.say("was optional and is now required");
            self.unread(f, Sample::Absent);
            return self.fix(&["`Option<..>`, or `#[serde(default)]`"]);
        }
        if !nullable {
            return self.ty(f, shape, c);
        }
        let inner = beneath(shape);
        if takes_null {
            // `Option<Option<T>>`: absent, null, or a value
            let twice = is_nullable(inner) && self.resolved(at).peek() == b'?';
            return self.ty(f, if twice { inner } else { shape }, c);
        }
        if !field.has(Field::SKIPS_NONE | Field::UNWRITTEN) {
            self.start(rules::NULL_WRITTEN, f);
            self.say("is optional, and is written as `null` instead of being left out");
            self.unwelcome(f, Sample::Json("null"));
            return self.fix(&["`#[serde(skip_serializing_if = \"Option::is_none\")]`"]);
        }
        self.ty(f, inner, c)
    }

    /// Whether the schema's type accepts `null`.
    const fn takes_null(&self, c: Cursor<'a>) -> bool {
        matches!(self.resolved(c).peek(), b'?' | b'*' | b'0')
    }
}

/// Whether the field may be absent when read.
pub(super) const fn reads_absent(field: &Field) -> bool {
    if field.has(Field::DEFAULT) {
        return true;
    }
    let bare = !matches!(field.shape.get(), Shape::Newtype(_));
    bare && !field.has(Field::EXPLICIT) && is_nullable(field.shape.get())
}

/// Whether the shape is written as `null` for some value, because of an `Option` at its top.
pub(super) const fn is_nullable(shape: &'static Shape) -> bool {
    match shape {
        Shape::Nullable(_) => true,
        Shape::Newtype(to) => is_nullable(to.get()),
        _ => false,
    }
}

/// The shape inside the top `Option`.
const fn beneath(shape: &'static Shape) -> &'static Shape {
    match shape {
        Shape::Nullable(to) => to.get(),
        Shape::Newtype(to) => beneath(to.get()),
        _ => shape,
    }
}
