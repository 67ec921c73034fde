//! Enums: tag, variants, what they carry, and whether unknown ones may come.

use super::Walk;
use super::cursor::{Cursor, TagHead, VariantHead, order, same};
use super::message;
use super::report::{Frame, Sample, Step};
use crate::shape::{Body, Enum, Shape, Tag, Variant};

impl<'a> Walk<'a> {
    /// An enum against the schema's, from behind the `e` to behind the `)`.
    pub(super) const fn variants(
        &mut self,
        f: &Frame<'_>,
        e: &'static Enum,
        c: &mut Cursor<'a>,
    ) -> bool {
        let open = c.next() == b'~';
        let tag = c.tag();
        let content = self.content_field(&tag, &e.tag, *c);
        if content.is_none() && !same_tag(&tag, &e.tag) {
            return self.retagged(f, e, &tag);
        }
        if open && !e.open {
            self.start(f);
            self.say("was open and is now closed: a variant that comes later is not read any more");
            self.unread(f, Sample::Text("a later one"));
            return self.fix(&[
                "keep a catch-all variant: `#[serde(other)] Unknown`, or `#[serde(untagged)] Unknown(String)`",
            ]);
        }
        if !open && e.open && e.writes_unknown {
            self.start(f);
            self.say("has a catch-all variant that can be written, and the enum is closed");
            self.unwelcome(f, Sample::Text("something else"));
            return self.fix(&["`#[serde(skip_serializing)]` on the catch-all variant"]);
        }
        let untagged = matches!(e.tag, Tag::Untagged);
        let mut i = 0;
        let mut agrees = true;
        // as with fields: a variant that is gone and a new one may be one that was renamed
        let (mut gone, mut new) = (false, false);
        while c.peek() != b')' {
            let head = c.variant();
            if !untagged {
                while i < e.variants.len() && order(e.variants[i].name, head.name) < 0 {
                    if !gone && !new {
                        new = !self.extra_variant(f, &e.variants[i], open);
                    }
                    i += 1;
                }
            }
            let here = f.below(Step::Variant(tag, head.name, head.rust), head.line);
            let at = *c;
            if i < e.variants.len() && (untagged || same(e.variants[i].name, head.name)) {
                let body = &e.variants[i].body;
                let kept = if content.is_some() && head.carries {
                    self.beside_tag(&here, e, body, c)
                } else {
                    self.body(&here, e, body, &head, c)
                };
                if !kept && untagged {
                    // told apart by their order: what comes next says nothing
                    return false;
                }
                i += 1;
                if kept {
                    continue;
                }
                agrees = false;
            } else if !new {
                let unit = matches!(tag, TagHead::External) && !head.carries;
                gone |= !self.lost(f, &head, unit);
            }
            *c = at;
            if head.carries {
                c.skip();
            }
        }
        c.next();
        while i < e.variants.len() && !gone && !new {
            new = !self.extra_variant(f, &e.variants[i], open);
            i += 1;
        }
        agrees && !gone && !new
    }

    /// A schema has no word for adjacent tags: it lists objects that hold the tag and, as their one other
    /// field, the content. The content's name, where the schema is like that all through.
    const fn content_field(
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

    /// The content of an adjacently tagged variant, which stands in the one field of an object.
    const fn beside_tag(
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

    const fn retagged(&mut self, f: &Frame<'_>, e: &'static Enum, tag: &TagHead<'a>) -> bool {
        self.start(f);
        self.say("changed how its variants are told apart");
        self.say("\n  was: ");
        let was = match *tag {
            TagHead::External => None,
            TagHead::Untagged => Some("by what fits (untagged)"),
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
            TagHead::External => self.fix(&["take `tag`, `content` and `untagged` away"]),
            TagHead::Untagged => self.fix(&["`#[serde(untagged)]`"]),
            TagHead::Internal(t) => self.fix(&["`#[serde(tag = \"", t, "\")]`"]),
            TagHead::Adjacent(t, c) => {
                self.fix(&["`#[serde(tag = \"", t, "\", content = \"", c, "\")]`"])
            }
        }
    }

    const fn lost(&mut self, f: &Frame<'_>, head: &VariantHead<'a>, unit: bool) -> bool {
        self.start(f);
        self.say("lost the variant `");
        self.say(if head.name.is_empty() { head.rust } else { head.name });
        self.say("`");
        let here = f.below(Step::Same, head.line);
        self.unread(&here, if unit { Sample::Text(head.name) } else { Sample::Json("{..}") });
        self.fix(&["put the variant back"])
    }

    const fn extra_variant(&mut self, f: &Frame<'_>, v: &'static Variant, open: bool) -> bool {
        if open && !self.locked.exact {
            return true;
        }
        self.start(f);
        self.say("has the new variant `");
        self.say(v.name);
        self.say("`");
        self.unwelcome(
            f,
            if let Body::Unit = v.body { Sample::Text(v.name) } else { Sample::Json("{..}") },
        );
        if open {
            self.fix(&["a new minor: the enum is open"])
        } else {
            self.fix(&["take it away; only an enum that was open from the start (`x-open`) gains variants in a minor"])
        }
    }

    const fn body(
        &mut self,
        f: &Frame<'_>,
        e: &'static Enum,
        body: &'static Body,
        head: &VariantHead<'a>,
        c: &mut Cursor<'a>,
    ) -> bool {
        let at = *c;
        match body {
            Body::Unit if !head.carries => true,
            Body::One(to) if head.carries => self.ty(f, to.get(), c),
            Body::Fields(fields) if head.carries => {
                let mut inner = self.resolved(at);
                let kind = inner.next();
                // it writes `{}`, and steps over whatever it reads
                if kind == b'{' && fields.is_empty() && !e.closed {
                    c.skip();
                    return true;
                }
                if kind != b'o' {
                    return self.carries(f, at);
                }
                c.skip();
                let open = inner.open();
                self.object(f, fields, e.closed, open, &mut inner)
            }
            // beside an internal tag, nothing and no fields are written the same way
            Body::Unit if matches!(e.tag, Tag::Internal(_)) => {
                let mut inner = self.resolved(at);
                if inner.next() != b'o' {
                    return self.carries(f, at);
                }
                c.skip();
                let open = inner.open();
                self.object(f, &[], e.closed, open, &mut inner)
            }
            Body::Fields([]) if matches!(e.tag, Tag::Internal(_)) => true,
            Body::Unit => self.carries(f, at),
            Body::One(to) => {
                if let Shape::Unknown = to.get() {
                    return true;
                }
                self.start(f);
                self.say("carried nothing and now carries something");
                self.now(to.get());
                self.unread(&outside(f), Sample::Text(head.name));
                self.fix(&["make it a unit variant again"])
            }
            Body::Fields(_) => {
                self.start(f);
                self.say("carried nothing and now carries fields");
                self.unread(&outside(f), Sample::Text(head.name));
                self.fix(&["make it a unit variant again"])
            }
        }
    }

    const fn carries(&mut self, f: &Frame<'_>, at: Cursor<'a>) -> bool {
        self.start(f);
        self.say("changed what it carries");
        self.was(at);
        self.unread(f, Sample::Schema(at));
        self.fix(&["keep the locked content"])
    }
}

/// The enum around a variant, at the variant's line.
const fn outside<'a>(f: &Frame<'a>) -> Frame<'a> {
    Frame { up: f.up, step: Step::Same, line: f.line, shape: None, depth: f.depth }
}

const fn same_tag(was: &TagHead<'_>, now: &Tag) -> bool {
    match (was, now) {
        (TagHead::External, Tag::External) | (TagHead::Untagged, Tag::Untagged) => true,
        (TagHead::Internal(a), Tag::Internal(b)) => same(a, b),
        (TagHead::Adjacent(a, x), Tag::Adjacent(b, y)) => same(a, b) && same(x, y),
        _ => false,
    }
}
