//! Enums: tag, variants, what they carry, and whether unknown ones may come.

use super::cursor::{Cursor, TagHead, VariantHead, order, same};
use super::message;
use super::report::{Frame, Sample, Step};
use super::{Walk, rules};
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
            self.start(rules::CATCH_ALL_VARIANT, f);
            self.say("was open and is now closed: a variant that comes later is not read any more");
            self.unread(f, Sample::Text("a later one"));
            return self.fix(&[
                "keep a catch-all variant: `#[serde(other)] Unknown`, or `#[serde(untagged)] Unknown(String)`",
            ]);
        }
        if !open && e.open && e.writes_unknown {
            self.start(rules::CATCH_ALL_VARIANT, f);
            self.say("has a catch-all variant that can be written, and the enum is closed");
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
        // as with fields: a variant that is gone and a new one may be one that was renamed
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

    /// Whether the catch-all of an open enum holds whatever a later version may add: what generated code
    /// holds.
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
            // `#[serde(other)]`: nothing, or whatever stands beside the tag
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

    /// `deny_unknown_fields` beside an adjacent tag refuses what is neither tag nor content. Of a variant
    /// that carries nothing, the baseline does not say whether its object is closed.
    const fn closed_beside_tag(&mut self, f: &Frame<'_>, mut c: Cursor<'a>) -> bool {
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
        self.say("denies fields that it does not know, and the schema allows them beside the tag");
        self.unread(f, Sample::Json("{..,\"new\":1}"));
        self.fix(&["take `#[serde(deny_unknown_fields)]` away"])
    }

    /// Untagged variants: each of the schema's has one of the type's, in whatever order. In another order
    /// than the schema's, none may read what a later one writes.
    #[expect(
        clippy::many_single_char_names,
        reason = "indices of a const fn, which has no iterators"
    )]
    const fn untagged(&mut self, f: &Frame<'_>, e: &'static Enum, c: &mut Cursor<'a>) -> bool {
        let mut used = [false; 64];
        let (mut at_place, mut i) = (true, 0);
        if e.variants.len() > used.len() {
            return self.too_deep(f);
        }
        while c.peek() != b')' {
            let head = c.variant();
            let here = f.below(Step::Variant(TagHead::Untagged, head.name, head.rust), head.line);
            let at = *c;
            let mut found = None;
            // the one at the same place first: where that breaks, its break is what to say
            let mut k = 0;
            while k <= e.variants.len() && found.is_none() {
                let index = if k == 0 { i } else { k - 1 };
                if index < e.variants.len() && !used[index] {
                    let mut ahead = at;
                    let mut quiet = self.quiet();
                    if quiet.body(&here, e, &e.variants[index].body, &head, &mut ahead) {
                        found = Some(index);
                    }
                }
                k += 1;
            }
            let index = match found {
                Some(index) => index,
                None if i < e.variants.len() && !used[i] => i,
                None => return self.lost(f, e, &head, false),
            };
            if !self.body(&here, e, &e.variants[index].body, &head, c) {
                return false;
            }
            at_place &= index == i;
            used[index] = true;
            *c = at;
            if head.carries {
                c.skip();
            }
            i += 1;
        }
        c.next();
        let mut k = 0;
        while k < e.variants.len() {
            if !used[k] {
                self.start(rules::ENUM_VALUE_ADDED, f);
                self.say("has a new variant, and untagged ones are told apart by what fits");
                self.unwelcome(f, Sample::Json(".."));
                return self.fix(&["take it away"]);
            }
            k += 1;
        }
        if self.locked.generated {
            return true;
        }
        let Some(taken) = super::untagged::taken_for_another(e) else { return true };
        self.start(rules::VARIANT_TAKEN_FOR_ANOTHER, f);
        if at_place || taken.both {
            self.say("has untagged variants of which one reads what another one writes, and writes it back as another value");
            self.place(f);
            return self.fix(&["`serde_json::Value`, or the variant that keeps all values of both: `String` in place of a date beside a text"]);
        }
        self.say(
            "has its untagged variants in an order in which one reads what a later one writes",
        );
        self.place(f);
        self.fix(&["the order of the schema: the variant that requires more fields first; a text before a date or a UUID"])
    }

    /// A walk that begins where this one is and tells nothing.
    const fn quiet(&self) -> Walk<'a> {
        let mut quiet = Walk::new(self.locked);
        quiet.seen = self.seen;
        quiet.count = self.count;
        quiet
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
        self.start(rules::VARIANTS_RETAGGED, f);
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

    const fn lost(
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
            None => self.fix(&["put the variant back"]),
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
            self.say("`, which is not text: the schema allows any other text, and nothing else");
            self.unwelcome(f, Sample::Json("{..}"));
            return self.fix(&["make it a unit variant"]);
        }
        let meant = alike_in(schema, v.name);
        if let Some(name) = meant {
            self.start(rules::ENUM_VALUE_ADDED, f);
            self.say("writes `");
            self.say(v.name);
            self.say("`, and the schema has `");
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
                self.start(rules::FIELD_TYPE_CHANGED, f);
                self.say("carried nothing and now carries something");
                self.now(to.get());
                self.unread(&outside(f), Sample::Text(head.name));
                self.fix(&["make it a unit variant again"])
            }
            Body::Fields(_) => {
                self.start(rules::FIELD_TYPE_CHANGED, f);
                self.say("carried nothing and now carries fields");
                self.unread(&outside(f), Sample::Text(head.name));
                self.fix(&["make it a unit variant again"])
            }
        }
    }

    const fn carries(&mut self, f: &Frame<'_>, at: Cursor<'a>) -> bool {
        self.start(rules::FIELD_TYPE_CHANGED, f);
        self.say("changed what it carries");
        self.was(at);
        self.unread(f, Sample::Schema(at));
        self.fix(&["keep the locked content"])
    }

    /// What stands beside an internal tag must not have a field of its name.
    const fn no_tag_inside(
        &mut self,
        f: &Frame<'_>,
        e: &'static Enum,
        shape: &'static Shape,
    ) -> bool {
        let Tag::Internal(tag) = e.tag else { return true };
        match through(shape) {
            Shape::Object(o) if super::object::lists(o.fields, tag) => self.tag_inside(f, tag),
            _ => true,
        }
    }

    const fn tag_inside(&mut self, f: &Frame<'_>, tag: &str) -> bool {
        self.start(rules::NAME_USED_TWICE, f);
        self.say("holds a field `");
        self.say(tag);
        self.say("`, and the tag beside it is called the same: it would be written twice");
        self.place(f);
        self.fix(&["take that field away, or rename it"])
    }
}

/// What a newtype is written as.
const fn through(mut shape: &'static Shape) -> &'static Shape {
    while let Shape::Newtype(to) = shape {
        shape = to.get();
    }
    shape
}

/// Whether no variant of the schema carries anything.
const fn all_units(mut c: Cursor<'_>) -> bool {
    while c.peek() != b')' {
        if c.variant().carries {
            return false;
        }
    }
    true
}

/// The variant whose name differs from this one by letter case and separators alone.
const fn alike(variants: &'static [Variant], name: &str) -> Option<&'static str> {
    let mut i = 0;
    while i < variants.len() {
        if same_letters(variants[i].name, name) {
            return Some(variants[i].name);
        }
        i += 1;
    }
    None
}

/// The variant of the schema whose name differs from this one by letter case and separators alone.
const fn alike_in<'a>(mut c: Cursor<'a>, name: &str) -> Option<&'a str> {
    while c.peek() != b')' {
        let head = c.variant();
        if same_letters(head.name, name) {
            return Some(head.name);
        }
        if head.carries {
            c.skip();
        }
    }
    None
}

const fn same_letters(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let (mut i, mut k) = (0, 0);
    loop {
        while i < a.len() && matches!(a[i], b'_' | b'-') {
            i += 1;
        }
        while k < b.len() && matches!(b[k], b'_' | b'-') {
            k += 1;
        }
        if i == a.len() || k == b.len() {
            return i == a.len() && k == b.len() && i > 0;
        }
        if !a[i].eq_ignore_ascii_case(&b[k]) {
            return false;
        }
        i += 1;
        k += 1;
    }
}

/// The rule of serde that writes names like `locked`, where `now` is what is written without it.
const fn case_of(locked: &str, now: &str) -> &'static str {
    let (text, now) = (locked.as_bytes(), now.as_bytes());
    let (mut upper, mut lower, mut dash, mut line, mut words) = (false, false, false, false, 0);
    let mut i = 0;
    while i < text.len() {
        upper |= text[i].is_ascii_uppercase();
        lower |= text[i].is_ascii_lowercase();
        dash |= text[i] == b'-';
        line |= text[i] == b'_';
        i += 1;
    }
    i = 0;
    while i < now.len() {
        words += now[i].is_ascii_uppercase() as usize;
        i += 1;
    }
    match (upper, lower, dash, line) {
        (true, false, true, _) => "SCREAMING-KEBAB-CASE",
        (_, _, true, _) => "kebab-case",
        (true, false, _, true) => "SCREAMING_SNAKE_CASE",
        (_, _, _, true) => "snake_case",
        (true, false, ..) if words > 1 || text.len() > 1 => "UPPERCASE",
        (false, ..) => "lowercase",
        _ if !text.is_empty() && text[0].is_ascii_uppercase() => "PascalCase",
        _ => "camelCase",
    }
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

const fn same_tag(was: &TagHead<'_>, now: &Tag) -> bool {
    match (was, now) {
        (TagHead::External, Tag::External) | (TagHead::Untagged, Tag::Untagged) => true,
        (TagHead::Internal(a), Tag::Internal(b)) => same(a, b),
        (TagHead::Adjacent(a, x), Tag::Adjacent(b, y)) => same(a, b) && same(x, y),
        _ => false,
    }
}
