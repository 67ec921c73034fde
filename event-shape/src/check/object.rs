//! Objects: a merge of two sorted lists of fields, and a look into flattened types.

use super::cursor::{Cursor, Open, order, same};
use super::presence::reads_absent;
use super::report::{Frame, Sample, Step};
use super::{Walk, rules};
use crate::shape::{Field, Shape};

impl<'a> Walk<'a> {
    /// A struct's fields against the schema's, from behind the `open` mark to behind the `)`.
    pub(super) const fn object(
        &mut self,
        f: &Frame<'_>,
        fields: &'static [Field],
        closed: bool,
        open: Open<'a>,
        c: &mut Cursor<'a>,
    ) -> bool {
        let mut agrees = true;
        if closed && open.unknown {
            self.start(rules::OBJECT_CLOSED, f);
            self.say(if open.patterned {
                "denies fields that it does not know, and the schema allows those whose names match a pattern"
            } else {
                "denies fields that it does not know, and the schema is open"
            });
            self.unread(f, Sample::Json("{\"new\":1,..}"));
            agrees = self.fix(&["take `#[serde(deny_unknown_fields)]` away"]);
        }
        let first = *c;
        agrees &= self.flattened_alone(f, fields);
        let mut i = 0;
        // A field that is gone and one that is new may be one that was renamed: that is one break. What a
        // flattened type reads that cannot be compared, nobody knows.
        let (mut gone, mut new) = (false, false);
        if let Some(field) = incomparable(fields) {
            new = !self.flattens_another(f, field);
        }
        while c.peek() != b')' {
            let head = c.field();
            let here = f.below(Step::Field(head.name), head.line);
            while i < fields.len()
                && !fields[i].has(Field::FLATTEN)
                && order(fields[i].name, head.name) < 0
            {
                if !gone && !new {
                    new = !self.extra(f, &fields[i], open, first, fields);
                }
                i += 1;
            }
            let found = if i < fields.len()
                && !fields[i].has(Field::FLATTEN)
                && same(fields[i].name, head.name)
            {
                i += 1;
                Some(fields[i - 1])
            } else {
                flattened(fields, head.name)
            };
            let at = *c;
            match found {
                Some(field) if self.field(&here, &field, head.optional, c) => {
                    agrees &= self.read_under_one_name(f, found, open);
                    continue;
                }
                Some(_) => agrees = false,
                None if new => {}
                None => {
                    let instead = unlisted(fields, i, first);
                    gone |= !self.removed(&here, head.optional, at, instead);
                }
            }
            agrees &= self.read_under_one_name(f, found, open);
            *c = at;
            c.skip();
        }
        c.next();
        while i < fields.len() && !gone && !new {
            let kept = if fields[i].has(Field::FLATTEN) {
                self.written_once(f, &fields[i], &[], fields.split_at(i).0)
                    && self.flattened_extras(f, &fields[i], open, first)
            } else {
                self.extra(f, &fields[i], open, first, fields)
            };
            new = !kept;
            i += 1;
        }
        agrees && !gone && !new
    }

    /// No field is written under the locked name.
    pub(super) const fn removed(
        &mut self,
        f: &Frame<'_>,
        optional: bool,
        at: Cursor<'a>,
        instead: &str,
    ) -> bool {
        self.start(
            if optional { rules::OPTIONAL_FIELD_REMOVED } else { rules::REQUIRED_FIELD_REMOVED },
            f,
        );
        if instead.is_empty() {
            self.say("was removed");
        } else {
            self.say("was removed, and `");
            self.say(instead);
            self.say("` is new");
        }
        self.was(at);
        self.say(if optional { ", optional" } else { ", required" });
        if optional {
            self.unread(f, Sample::Schema(at));
        } else {
            self.unwelcome(f, Sample::Absent);
        }
        let name = match f.step {
            Step::Field(name) => name,
            _ => "..",
        };
        self.fix(&[
            "put it back, or `#[serde(rename = \"",
            name,
            "\")]` on the field that has it now",
        ])
    }

    /// A field that the schema doesn't list. Where the schema has a field that `fields` doesn't, that one
    /// is gone, and this one may be its new name: then that is what to say.
    pub(super) const fn extra(
        &mut self,
        f: &Frame<'_>,
        field: &Field,
        open: Open<'a>,
        mut schema: Cursor<'a>,
        fields: &[Field],
    ) -> bool {
        if let Shape::Unknown = field.shape.get() {
            return true;
        }
        let absent = reads_absent(field);
        let open_end = open.unknown && !open.patterned;
        if !self.locked.exact && open_end && absent {
            if !self.read_under_one_name(f, Some(*field), open) {
                return false;
            }
            // what may have come under this name has a type already
            return match open.rest {
                Some(mut rest) => {
                    let here = f.below(Step::Field(field.name), 0);
                    self.ty(&here, present(field), &mut rest)
                }
                None => true,
            };
        }
        while !fields.is_empty() && schema.peek() != b')' {
            let head = schema.field();
            if !lists(fields, head.name) {
                let here = f.below(Step::Field(head.name), head.line);
                return self.removed(&here, head.optional, schema, field.name);
            }
            schema.skip();
        }
        let here = f.below(Step::Field(field.name), 0);
        self.start(
            if self.locked.exact {
                rules::FIELD_NOT_IN_SCHEMA
            } else if !open_end {
                rules::FIELD_ADDED_TO_CLOSED_OBJECT
            } else {
                rules::REQUIRED_FIELD_ADDED
            },
            &here,
        );
        if self.locked.exact {
            self.say("is not in ");
            self.say(self.locked.against);
            self.now(field.shape.get());
            self.unwelcome(&here, Sample::Type(field.shape.get()));
            self.fix(&["take it away, or, as an `Option`, add it to a new minor"])
        } else if !open_end {
            self.say("is new, and the object is closed");
            self.now(field.shape.get());
            self.unwelcome(&here, Sample::Type(field.shape.get()));
            self.fix(&["take it away"])
        } else {
            self.say("is new and required");
            self.now(field.shape.get());
            self.unread(&here, Sample::Absent);
            self.fix(&["`Option<..>`, or `#[serde(default)]`"])
        }
    }

    /// What a flattened map holds against what the schema says of undeclared fields.
    const fn rest(
        &mut self,
        f: &Frame<'_>,
        shape: &'static Shape,
        rest: Option<Cursor<'a>>,
    ) -> bool {
        if let Some(mut rest) = rest {
            return self.ty(&f.below(Step::Values, 0), shape, &mut rest);
        }
        if matches!(shape, Shape::Any | Shape::Unknown) {
            return true;
        }
        self.start(rules::FLATTENED_FIELD, f);
        self.say("flattens a map of one type, and the schema says nothing of undeclared fields");
        self.now(shape);
        self.unread(&Frame::root(Step::Same, 0), Sample::Json("{\"new\":{\"any\":[\"JSON\"]},..}"));
        self.fix(&["a map of `serde_json::Value`; or say in the schema what undeclared fields hold (`additionalProperties`)"])
    }

    /// A second name, under which only a field is read, may be that of an undeclared field.
    pub(super) const fn read_under_one_name(
        &mut self,
        f: &Frame<'_>,
        field: Option<Field>,
        open: Open<'a>,
    ) -> bool {
        let Some(field) = field else { return true };
        if !field.has(Field::ALIASED) || !open.unknown {
            return true;
        }
        let here = f.below(Step::Field(field.name), 0);
        self.start(rules::ALIAS_IN_OPEN_OBJECT, &here);
        self.say("is also read under another name, and the schema is open");
        self.place(&here);
        self.say("\nwho breaks: stored events; one that has a field of that name too would no longer be read");
        self.fix(&["take `alias` away"])
    }

    /// A flattened map takes every field that it sees.
    pub(super) const fn flattened_alone(&mut self, f: &Frame<'_>, fields: &[Field]) -> bool {
        let Some(map) = greedy(flattened_ones(fields)) else { return true };
        let here = f.below(Step::Field(map.name), 0);
        self.start(rules::FLATTENED_FIELD, &here);
        self.say("flattens a map, which also takes what another flattened field reads: those fields would be written twice");
        self.place(&here);
        self.fix(&["one flattened map at most, as the last of the flattened fields, behind structs that flatten nothing themselves"])
    }

    /// Neither a struct nor a map is flattened.
    const fn flattens_another(&mut self, f: &Frame<'_>, field: &Field) -> bool {
        let here = f.below(Step::Field(field.name), 0);
        self.start(rules::FLATTENED_FIELD, &here);
        self.say("flattens a type that cannot be compared field by field");
        self.now(field.shape.get());
        self.place(f);
        self.fix(&["flatten a struct, or a map"])
    }

    /// Whether no field of a flattened type has a name that one of the others has: of `names`, or `before` it.
    pub(super) const fn written_once(
        &mut self,
        f: &Frame<'_>,
        flat: &Field,
        names: &[&str],
        before: &[Field],
    ) -> bool {
        let Some(name) = repeated(flat, names, before) else { return true };
        self.start(rules::NAME_USED_TWICE, &f.below(Step::Field(name), 0));
        self.say("is written twice: by the flattened `");
        self.say(flat.name);
        self.say("` too, and an object has one field of a name");
        self.place(f);
        self.fix(&["take one of the two away, or rename it"])
    }

    /// Fields of a flattened type that the schema doesn't list. `c` stands at the schema's first field.
    pub(super) const fn flattened_extras(
        &mut self,
        f: &Frame<'_>,
        field: &Field,
        open: Open<'a>,
        mut c: Cursor<'a>,
    ) -> bool {
        let (fields, maybe) = match under(field) {
            Flat::Fields(fields, maybe) => (fields, maybe),
            Flat::Rest(_) if open.patterned && self.locked.generated => return true,
            Flat::Rest(shape) if open.unknown && !open.patterned => {
                let here = f.below(Step::Field(field.name), 0);
                return self.rest(&here, shape, open.rest);
            }
            Flat::Rest(_) => {
                let here = f.below(Step::Field(field.name), 0);
                self.start(rules::FLATTENED_FIELD, &here);
                self.say(if open.patterned {
                    "flattens a map, and only fields whose names match a pattern may come"
                } else {
                    "flattens a map, and the object is closed"
                });
                self.unwelcome(f, Sample::Json("{\"new\":1,..}"));
                return self.fix(&["take the map away"]);
            }
            Flat::Unknown => return true,
            Flat::Other => return self.flattens_another(f, field),
        };
        let first = c;
        let mut i = 0;
        while i < fields.len() {
            let here = fields[i];
            if here.has(Field::FLATTEN) {
                if !self.flattened_extras(f, &here, open, first) {
                    return false;
                }
            } else {
                let mut listed = false;
                while c.peek() != b')' {
                    let mut ahead = c;
                    let by = order(ahead.field().name, here.name);
                    if by > 0 {
                        break;
                    }
                    ahead.skip();
                    c = ahead;
                    if by == 0 {
                        listed = true;
                        break;
                    }
                }
                if !listed && !self.extra(f, &loosened(here, maybe, field), open, first, &[]) {
                    return false;
                }
            }
            i += 1;
        }
        true
    }
}

/// The shape of what is written where the field is there.
const fn present(field: &Field) -> &'static Shape {
    match field.shape.get() {
        Shape::Nullable(to) if field.has(Field::SKIPS_NONE | Field::UNWRITTEN) => to.get(),
        shape => shape,
    }
}

/// What stands under `#[serde(flatten)]`.
enum Flat {
    /// A struct's fields; `true`: all of them may be absent together (`Option`).
    Fields(&'static [Field], bool),
    /// A map that takes what no field takes, and what it holds.
    Rest(&'static Shape),
    Unknown,
    Other,
}

const fn under(field: &Field) -> Flat {
    let mut shape = field.shape.get();
    let mut maybe = false;
    loop {
        match shape {
            Shape::Object(o) => return Flat::Fields(o.fields, maybe),
            Shape::Nullable(to) => {
                maybe = true;
                shape = to.get();
            }
            Shape::Newtype(to) => shape = to.get(),
            Shape::Map(to) => return Flat::Rest(to.get()),
            Shape::Any => return Flat::Rest(shape),
            Shape::Unknown => return Flat::Unknown,
            _ => return Flat::Other,
        }
    }
}

/// A name in a flattened type that is one of `names`, or that of a field in `before`.
const fn repeated(flat: &Field, names: &[&str], before: &[Field]) -> Option<&'static str> {
    let Flat::Fields(fields, _) = under(flat) else { return None };
    let mut i = 0;
    while i < fields.len() {
        if fields[i].has(Field::FLATTEN) {
            if let Some(name) = repeated(&fields[i], names, before) {
                return Some(name);
            }
        } else if lists(before, fields[i].name) || is_one_of(names, fields[i].name) {
            return Some(fields[i].name);
        }
        i += 1;
    }
    None
}

/// The flattened field, also one inside of another, that is neither a struct nor a map.
pub(super) const fn incomparable(fields: &[Field]) -> Option<&Field> {
    let mut i = fields.len();
    while i > 0 && fields[i - 1].has(Field::FLATTEN) {
        i -= 1;
        match under(&fields[i]) {
            Flat::Other => return Some(&fields[i]),
            Flat::Fields(inner, _) => {
                if let Some(field) = incomparable(inner) {
                    return Some(field);
                }
            }
            Flat::Rest(_) | Flat::Unknown => {}
        }
    }
    None
}

/// The first of the fields from an index on that the schema does not list; empty where there is none. The
/// cursor stands at the schema's first field.
const fn unlisted(fields: &'static [Field], mut i: usize, first: Cursor<'_>) -> &'static str {
    while i < fields.len() && !fields[i].has(Field::FLATTEN) {
        let (mut schema, mut found) = (first, false);
        while schema.peek() != b')' && !found {
            found = same(schema.field().name, fields[i].name);
            schema.skip();
        }
        if !found {
            return fields[i].name;
        }
        i += 1;
    }
    ""
}

const fn is_one_of(names: &[&str], name: &str) -> bool {
    let mut i = 0;
    while i < names.len() {
        if same(names[i], name) {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether a field is written under this name, flattened types included.
pub(super) const fn lists(fields: &[Field], name: &str) -> bool {
    let mut i = 0;
    while i < fields.len() && !fields[i].has(Field::FLATTEN) {
        if same(fields[i].name, name) {
            return true;
        }
        i += 1;
    }
    flattened(fields, name).is_some()
}

/// A field of a flattened type as the enclosing one writes and reads it; `maybe`: an `Option` may leave all
/// of them out. serde knows no default of a flattened field.
const fn loosened(mut field: Field, maybe: bool, flat: &Field) -> Field {
    if maybe {
        field.flags |= Field::DEFAULT | Field::SKIPS;
    }
    field.flags |= flat.flags & (Field::SKIPS | Field::UNWRITTEN);
    field
}

/// What a flattened field takes of an object.
enum Takes {
    /// The fields that it declares, which are gone for those behind it.
    Own,
    /// The fields that it declares, which those behind it see as well: it flattens a type itself.
    Shared,
    /// Whatever it sees.
    All,
}

const fn takes(field: &Field) -> Takes {
    match under(field) {
        Flat::Rest(_) => Takes::All,
        Flat::Unknown | Flat::Other => Takes::Own,
        Flat::Fields(fields, _) => {
            let mut i = 0;
            let mut own = Takes::Own;
            while i < fields.len() {
                if fields[i].has(Field::FLATTEN) {
                    if let Takes::All = takes(&fields[i]) {
                        return Takes::All;
                    }
                    own = Takes::Shared;
                }
                i += 1;
            }
            own
        }
    }
}

/// Of several flattened fields, a map that would take what is another one's too: `flat` as declared.
pub const fn greedy(flat: &[Field]) -> Option<&Field> {
    let mut i = 0;
    while i < flat.len() {
        if let Takes::All = takes(&flat[i]) {
            let mut k = 0;
            while k < flat.len() {
                if k > i || (k < i && !matches!(takes(&flat[k]), Takes::Own)) {
                    return Some(&flat[i]);
                }
                k += 1;
            }
        }
        i += 1;
    }
    None
}

/// The flattened ones, which come last.
const fn flattened_ones(fields: &[Field]) -> &[Field] {
    let mut i = fields.len();
    while i > 0 && fields[i - 1].has(Field::FLATTEN) {
        i -= 1;
    }
    fields.split_at(i).1
}

/// The field of that name in the flattened types among `fields`.
pub(super) const fn flattened(fields: &[Field], name: &str) -> Option<Field> {
    let mut i = fields.len();
    while i > 0 && fields[i - 1].has(Field::FLATTEN) {
        i -= 1;
        if let Flat::Fields(inner, maybe) = under(&fields[i]) {
            let mut k = 0;
            while k < inner.len() && !inner[k].has(Field::FLATTEN) {
                if same(inner[k].name, name) {
                    return Some(loosened(inner[k], maybe, &fields[i]));
                }
                k += 1;
            }
            if let Some(found) = flattened(inner, name) {
                return Some(loosened(found, maybe, &fields[i]));
            }
        }
    }
    None
}
