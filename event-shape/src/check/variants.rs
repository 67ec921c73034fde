//! Enums: tag, variants, their content, and whether unknown variants are allowed.

use super::cursor::{Cursor, TagHead, VariantHead, order, same};
use super::report::{Frame, Sample, Step};
use super::spelling::{alike, alike_in, case_of};
use super::tagged::same_tag;
use super::{Walk, rules};
use crate::shape::{Body, Enum, Shape, Tag, Variant};

impl<'a> Walk<'a> {
    /// Checks an enum against the schema's, from after the `e` to after the `)`.
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
            self.start(rules::CATCH_ALL_VARIANT, f);
            self.say(
                "was open and is now closed: a variant that is added later can no longer be read",
            );
            self.unread(f, Sample::Text("a later one"));
            return self.fix(&[
                "keep a catch-all variant: `#[serde(other)] Unknown`, or `#[serde(untagged)] Unknown(String)`",
            ]);
        }
        if !open && e.open && e.writes_unknown {
            self.start(rules::CATCH_ALL_VARIANT, f);
            self.say("has a catch-all variant that can be written, but the enum is closed");
            self.unwelcome(f, Sample::Text("something else"));
            return self.fix(&["`#[serde(skip_serializing)]` on the catch-all variant"]);
        }
        if !self.catches_all(f, e, open, &tag, *c) {
            return false;
        }
        if e.closed && content.is_some() && !self.closed_beside_tag(f, *c) {
            return false;
        }
        if matches!(e.tag, Tag::Untagged) {
            return self.untagged(f, e, c);
        }
        let mut i = 0;
        let mut agrees = true;
        let all = *c;
        // as with fields, a removed variant and a new one may be one renamed variant
        let (mut gone, mut new) = (false, false);
        while c.peek() != b')' {
            let head = c.variant();
            while i < e.variants.len() && order(e.variants[i].name, head.name) < 0 {
                if !gone && !new {
                    new = !self.extra_variant(f, e, &e.variants[i], open, all);
                }
                i += 1;
            }
            let here = f.below(Step::Variant(tag, head.name, head.rust), head.line);
            let at = *c;
            if i < e.variants.len() && same(e.variants[i].name, head.name) {
                let body = &e.variants[i].body;
                let kept = if content.is_some() && head.carries {
                    self.beside_tag(&here, e, body, c)
                } else {
                    self.body(&here, e, body, &head, c)
                };
                i += 1;
                if kept {
                    continue;
                }
                agrees = false;
            } else if !new {
                let unit = matches!(tag, TagHead::External) && !head.carries;
                gone |= !self.lost(f, e, &head, unit);
            }
            *c = at;
            if head.carries {
                c.skip();
            }
        }
        c.next();
        while i < e.variants.len() && !gone && !new {
            new = !self.extra_variant(f, e, &e.variants[i], open, all);
            i += 1;
        }
        agrees && !gone && !new
    }

    /// Whether the catch-all of an open enum holds whatever a later version may add, as generated code
    /// does.
    const fn catches_all(
        &mut self,
        f: &Frame<'_>,
        e: &'static Enum,
        open: bool,
        tag: &TagHead<'a>,
        variants: Cursor<'a>,
    ) -> bool {
        if !open {
            return true;
        }
        let texts = matches!(tag, TagHead::External) && all_units(variants);
        let fits = match e.unknown {
            // `#[serde(other)]`: no content, or only fields beside the tag
            None => texts || matches!((tag, e.tag), (TagHead::Internal(_), Tag::Internal(_))),
            Some(to) => match through(to.get()) {
                Shape::Unknown => true,
                Shape::Str(format) => texts && format.is_empty(),
                Shape::Any => !texts,
                _ => false,
            },
        };
        if fits {
            return true;
        }
        self.start(rules::CATCH_ALL_VARIANT, f);
        self.say("has a catch-all variant that does not hold what a later version may add");
        if let Some(to) = e.unknown {
            self.now(to.get());
        }
        self.unread(f, if texts { Sample::Text("a later one") } else { Sample::Json("{..}") });
        self.fix(&[if texts {
            "`#[serde(untagged)] Unknown(String)`"
        } else {
            "`#[serde(untagged)] Unknown(serde_json::Value)`"
        }])
    }

    pub(super) const fn lost(
        &mut self,
        f: &Frame<'_>,
        e: &'static Enum,
        head: &VariantHead<'a>,
        unit: bool,
    ) -> bool {
        self.start(rules::ENUM_VALUE_REMOVED, f);
        self.say("lost the variant `");
        self.say(if head.name.is_empty() { head.rust } else { head.name });
        self.say("`");
        let here = f.below(Step::Same, head.line);
        let alike = alike(e.variants, head.name);
        if let Some(name) = alike {
            self.say(", and writes `");
            self.say(name);
            self.say("`");
        }
        self.unread(&here, if unit { Sample::Text(head.name) } else { Sample::Json("{..}") });
        match alike {
            Some(name) => self.fix(&[
                "`#[serde(rename_all = \"",
                case_of(head.name, name),
                "\")]` on the enum, or `#[serde(rename = \"",
                head.name,
                "\")]` on the variant",
            ]),
            None => self.fix(&["add the variant back"]),
        }
    }

    const fn extra_variant(
        &mut self,
        f: &Frame<'_>,
        e: &'static Enum,
        v: &'static Variant,
        open: bool,
        schema: Cursor<'a>,
    ) -> bool {
        let texts = matches!(e.tag, Tag::External) && all_units(schema);
        if open && !self.locked.exact {
            if !texts || matches!(v.body, Body::Unit) {
                return true;
            }
            self.start(rules::ENUM_VALUE_ADDED, f);
            self.say("has the new variant `");
            self.say(v.name);
            self.say(
                "`, which is not a string: the schema allows any other string, and nothing else",
            );
            self.unwelcome(f, Sample::Json("{..}"));
            return self.fix(&["make it a unit variant"]);
        }
        let meant = alike_in(schema, v.name);
        if let Some(name) = meant {
            self.start(rules::ENUM_VALUE_ADDED, f);
            self.say("writes `");
            self.say(v.name);
            self.say("`, but the schema has `");
            self.say(name);
            self.say("`");
            let unit = matches!(v.body, Body::Unit);
            self.unwelcome(f, if unit { Sample::Text(v.name) } else { Sample::Json("{..}") });
            return self.fix(&[
                "`#[serde(rename_all = \"",
                case_of(name, v.name),
                "\")]` on the enum, or `#[serde(rename = \"",
                name,
                "\")]` on the variant",
            ]);
        }
        self.start(rules::ENUM_VALUE_ADDED, f);
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
            self.fix(&["remove it; only an enum that was open from the start (`x-open`) can gain variants in a minor"])
        }
    }

    pub(super) const fn body(
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
            Body::One(to) if head.carries => {
                self.no_tag_inside(f, e, to.get()) && self.ty(f, to.get(), c)
            }
            Body::Fields(fields) if head.carries => {
                if let Tag::Internal(tag) = e.tag
                    && super::object::lists(fields, tag)
                {
                    return self.tag_inside(f, tag);
                }
                let mut inner = self.resolved(at);
                let kind = inner.next();
                // it writes `{}` and ignores what it reads
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
            // beside an internal tag, no content and no fields are written the same way
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
                self.start(rules::FIELD_TYPE_CHANGED, f);
                self.say("had no content and now has content");
                self.now(to.get());
                self.unread(&outside(f), Sample::Text(head.name));
                self.fix(&["make it a unit variant again"])
            }
            Body::Fields(_) => {
                self.start(rules::FIELD_TYPE_CHANGED, f);
                self.say("had no content and now has fields");
                self.unread(&outside(f), Sample::Text(head.name));
                self.fix(&["make it a unit variant again"])
            }
        }
    }

    pub(super) const fn carries(&mut self, f: &Frame<'_>, at: Cursor<'a>) -> bool {
        self.start(rules::FIELD_TYPE_CHANGED, f);
        self.say("changed its content");
        self.was(at);
        self.unread(f, Sample::Schema(at));
        self.fix(&["keep the locked content"])
    }
}

/// The wire format of a newtype.
pub(super) const fn through(mut shape: &'static Shape) -> &'static Shape {
    while let Shape::Newtype(to) = shape {
        shape = to.get();
    }
    shape
}

/// Whether no variant of the schema has content.
const fn all_units(mut c: Cursor<'_>) -> bool {
    while c.peek() != b')' {
        if c.variant().carries {
            return false;
        }
    }
    true
}

/// The enum around a variant, at the variant's line.
const fn outside<'a>(f: &Frame<'a>) -> Frame<'a> {
    Frame {
        up: f.up,
        step: Step::Same,
        line: f.line,
        shape: None,
        depth: f.depth,
        total: f.total,
        around: f.around,
    }
}
