//! Objects: one merge of two sorted lists of fields, including those of flattened types.

use super::cursor::{Cursor, Open, order, same};
use super::flatten::{flattened, incomparable};
use super::presence::reads_absent;
use super::report::{Frame, Sample, Step};
use super::{Walk, rules};
use crate::shape::{Field, Shape};

impl<'a> Walk<'a> {
    /// Checks a struct's fields against the schema's, from after the `open` mark to after the `)`.
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
                "denies unknown fields, but the schema allows fields whose names match a pattern"
            } else {
                "denies unknown fields, but the schema is open"
            });
            self.unread(f, Sample::Json("{\"new\":1,..}"));
            agrees = self.fix(&["remove `#[serde(deny_unknown_fields)]`"]);
        }
        let first = *c;
        agrees &= self.flattened_alone(f, fields);
        let mut i = 0;
        // A removed field and a new one may be one renamed field, which is one break. The fields of a
        // flattened type that cannot be compared are unknown.
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
            "add it back, or `#[serde(rename = \"",
            name,
            "\")]` on the field that holds it now",
        ])
    }

    /// Checks a field that the schema does not list. If the schema has a field that `fields` lacks, that
    /// field was removed and this one may be its new name: then the rename is reported.
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
            // other fields under this name already have a type
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
            self.fix(&["remove it, or add it to a new minor as an `Option`"])
        } else if !open_end {
            self.say("is new, but the object is closed");
            self.now(field.shape.get());
            self.unwelcome(&here, Sample::Type(field.shape.get()));
            self.fix(&["remove it"])
        } else {
            self.say("is new and required");
            self.now(field.shape.get());
            self.unread(&here, Sample::Absent);
            self.fix(&["`Option<..>`, or `#[serde(default)]`"])
        }
    }

    /// Checks an alias, which may be the name of an undeclared field.
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
        self.say("is also read under another name, but the schema is open");
        self.place(&here);
        self.say("\nwho breaks: stored events; one that has a field of that name too would no longer be read");
        self.fix(&["remove `alias`"])
    }
}

/// The shape of the value when the field is present.
pub(super) const fn present(field: &Field) -> &'static Shape {
    match field.shape.get() {
        Shape::Nullable(to) if field.has(Field::SKIPS_NONE | Field::UNWRITTEN) => to.get(),
        shape => shape,
    }
}

/// The first field, from an index on, that the schema does not list; the empty string if all are listed.
/// The cursor is at the schema's first field.
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

pub(super) const fn is_one_of(names: &[&str], name: &str) -> bool {
    let mut i = 0;
    while i < names.len() {
        if same(names[i], name) {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether a field is written under this name, including those of flattened types.
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
