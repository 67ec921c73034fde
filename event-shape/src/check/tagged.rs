//! How variants are distinguished: by a tag, beside it, or in another way than in the schema.

use super::cursor::{Cursor, TagHead, same};
use super::report::{Frame, Sample, Step};
use super::variants::through;
use super::{Walk, message, rules};
use crate::shape::{Body, Enum, Shape, Tag};

impl<'a> Walk<'a> {
    /// `deny_unknown_fields` on an adjacently tagged enum rejects fields other than tag and content. For a
    /// variant without content, the baseline does not state whether its object is closed.
    pub(super) const fn closed_beside_tag(&mut self, f: &Frame<'_>, mut c: Cursor<'a>) -> bool {
        let mut closed = true;
        while c.peek() != b')' {
            if c.variant().carries {
                let mut inner = self.resolved(c);
                c.skip();
                closed &= inner.next() == b'o' && !inner.open().unknown;
            } else {
                closed = false;
            }
        }
        if closed {
            return true;
        }
        self.start(rules::OBJECT_CLOSED, f);
        self.say("denies unknown fields, but the schema allows them beside the tag");
        self.unread(f, Sample::Json("{..,\"new\":1}"));
        self.fix(&["remove `#[serde(deny_unknown_fields)]`"])
    }

    /// A schema cannot express adjacent tags: it lists objects that have the tag and, as their only other
    /// field, the content. Returns the name of the content if all variants have this form.
    pub(super) const fn content_field(
        &self,
        was: &TagHead<'a>,
        now: &Tag,
        mut c: Cursor<'a>,
    ) -> Option<&'static str> {
        let (TagHead::Internal(a), Tag::Adjacent(b, content)) = (was, now) else { return None };
        if !same(a, b) {
            return None;
        }
        while c.peek() != b')' {
            if !c.variant().carries {
                continue;
            }
            let mut inner = self.resolved(c);
            c.skip();
            if inner.next() != b'o' {
                return None;
            }
            inner.open();
            if inner.peek() == b')' {
                return None;
            }
            let field = inner.field();
            inner.skip();
            if field.optional || !same(field.name, content) || inner.peek() != b')' {
                return None;
            }
        }
        Some(content)
    }

    /// The content of an adjacently tagged variant, which is the only other field of its object.
    pub(super) const fn beside_tag(
        &mut self,
        f: &Frame<'_>,
        e: &'static Enum,
        body: &'static Body,
        c: &mut Cursor<'a>,
    ) -> bool {
        let at = *c;
        let mut inner = self.resolved(at);
        c.skip();
        inner.next();
        inner.open();
        let field = inner.field();
        let here = f.below(Step::Field(field.name), field.line);
        match body {
            Body::Unit => self.carries(f, at),
            Body::One(to) => self.ty(&here, to.get(), &mut inner),
            Body::Fields(fields) => {
                let mut object = self.resolved(inner);
                if object.next() != b'o' {
                    return self.carries(&here, inner);
                }
                let open = object.open();
                self.object(&here, fields, e.closed, open, &mut object)
            }
        }
    }

    pub(super) const fn retagged(
        &mut self,
        f: &Frame<'_>,
        e: &'static Enum,
        tag: &TagHead<'a>,
    ) -> bool {
        self.start(rules::VARIANTS_RETAGGED, f);
        self.say("changed how its variants are distinguished");
        self.say("\n  was: ");
        let was = match *tag {
            TagHead::External => None,
            TagHead::Untagged => Some("by which one fits (untagged)"),
            TagHead::Internal(t) => {
                self.say("by the field `");
                self.say(t);
                self.say("` beside the content (internal)");
                Some("")
            }
            TagHead::Adjacent(t, c) => {
                self.say("by the field `");
                self.say(t);
                self.say("`, content in `");
                self.say(c);
                self.say("` (adjacent)");
                Some("")
            }
        };
        match was {
            Some(text) => self.say(text),
            None => message::of_tag(&mut self.message, &Tag::External),
        }
        self.say("\n  now: ");
        message::of_tag(&mut self.message, &e.tag);
        self.place(f);
        self.say("\nwho breaks: stored events, earlier publishers and consumers of ");
        self.say(self.locked.against);
        self.say(": neither side reads what the other writes");
        match *tag {
            TagHead::External => self.fix(&["remove `tag`, `content` and `untagged`"]),
            TagHead::Untagged => self.fix(&["`#[serde(untagged)]`"]),
            TagHead::Internal(t) => self.fix(&["`#[serde(tag = \"", t, "\")]`"]),
            TagHead::Adjacent(t, c) => {
                self.fix(&["`#[serde(tag = \"", t, "\", content = \"", c, "\")]`"])
            }
        }
    }

    /// The fields beside an internal tag must not include its name.
    pub(super) const fn no_tag_inside(
        &mut self,
        f: &Frame<'_>,
        e: &'static Enum,
        shape: &'static Shape,
    ) -> bool {
        let Tag::Internal(tag) = e.tag else { return true };
        match through(shape) {
            Shape::Object(o) if super::object::lists(o.fields, tag) => self.tag_inside(f, tag),
            Shape::Enum(inner) => match inner.tag {
                Tag::Internal(own) | Tag::Adjacent(own, _) if same(own, tag) => {
                    self.tag_inside(f, tag)
                }
                _ => true,
            },
            _ => true,
        }
    }

    pub(super) const fn tag_inside(&mut self, f: &Frame<'_>, tag: &str) -> bool {
        self.start(rules::NAME_USED_TWICE, f);
        self.say("holds a field `");
        self.say(tag);
        self.say("`, which is also the name of the tag: it would be written twice");
        self.place(f);
        self.fix(&["remove that field, or rename it"])
    }
}

/// Whether both distinguish variants in the same way.
pub(super) const fn same_tag(was: &TagHead<'_>, now: &Tag) -> bool {
    match (was, now) {
        (TagHead::External, Tag::External) | (TagHead::Untagged, Tag::Untagged) => true,
        (TagHead::Internal(a), Tag::Internal(b)) => same(a, b),
        (TagHead::Adjacent(a, x), Tag::Adjacent(b, y)) => same(a, b) && same(x, y),
        _ => false,
    }
}
