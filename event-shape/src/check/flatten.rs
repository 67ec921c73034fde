//! Flattened fields: what they write into the enclosing object, and what they read from it.

use super::cursor::{Cursor, Open, order, same};
use super::object::{is_one_of, lists};
use super::report::{Frame, Sample, Step};
use super::{Walk, rules};
use crate::shape::{Field, Shape};

impl<'a> Walk<'a> {
    /// Checks the values of a flattened map against the schema of undeclared fields.
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
        self.say("flattens a map of one type, but the schema allows undeclared fields of any type");
        self.now(shape);
        self.unread(&Frame::root(Step::Same, 0), Sample::Json("{\"new\":{\"any\":[\"JSON\"]},..}"));
        self.fix(&["use a map of `serde_json::Value`, or state the type of undeclared fields in the schema (`additionalProperties`)"])
    }

    /// A flattened map takes every field that it sees.
    pub(super) const fn flattened_alone(&mut self, f: &Frame<'_>, fields: &[Field]) -> bool {
        let Some(map) = greedy(flattened_ones(fields)) else { return true };
        let here = f.below(Step::Field(map.name), 0);
        self.start(rules::FLATTENED_FIELD, &here);
        self.say("flattens a map, which also takes the fields of another flattened field: they would be written twice");
        self.place(&here);
        self.fix(&["flatten at most one map, as the last of the flattened fields, after structs that flatten nothing themselves"])
    }

    /// The flattened type is not a struct or a map.
    pub(super) const fn flattens_another(&mut self, f: &Frame<'_>, field: &Field) -> bool {
        let here = f.below(Step::Field(field.name), 0);
        self.start(rules::FLATTENED_FIELD, &here);
        self.say("flattens a type that cannot be compared field by field");
        self.now(field.shape.get());
        self.place(f);
        self.fix(&["flatten a struct, or a map"])
    }

    /// Checks that no field of a flattened type has the name of another field: one of `names`, or a field
    /// `before` it.
    pub(super) const fn written_once(
        &mut self,
        f: &Frame<'_>,
        flat: &Field,
        names: &[&str],
        before: &[Field],
    ) -> bool {
        let Some(name) = repeated(flat, names, before) else { return true };
        self.start(rules::NAME_USED_TWICE, &f.below(Step::Field(name), 0));
        self.say("is written twice: also by the flattened `");
        self.say(flat.name);
        self.say("`, but an object has only one field of each name");
        self.place(f);
        self.fix(&["remove one of the two, or rename it"])
    }

    /// Fields of a flattened type that the schema does not list. `c` is at the schema's first field.
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
                    "flattens a map, but the schema only allows undeclared fields whose names match a pattern"
                } else {
                    "flattens a map, but the object is closed"
                });
                self.unwelcome(f, Sample::Json("{\"new\":1,..}"));
                return self.fix(&["remove the map"]);
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

/// The type of a field with `#[serde(flatten)]`.
enum Flat {
    /// A struct's fields; `true` if all of them may be absent together (`Option`).
    Fields(&'static [Field], bool),
    /// A map that takes the fields that no other field takes, and the type of its values.
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

/// A name in a flattened type that is one of `names` or the name of a field in `before`.
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

/// The first flattened field, at any depth, that is not a struct or a map.
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

/// A field of a flattened type as the enclosing type writes and reads it. With `maybe`, an `Option` may
/// leave all of them out. serde ignores defaults of flattened fields.
const fn loosened(mut field: Field, maybe: bool, flat: &Field) -> Field {
    if maybe {
        field.flags |= Field::DEFAULT | Field::SKIPS;
    }
    field.flags |= flat.flags & (Field::SKIPS | Field::UNWRITTEN);
    field
}

/// What a flattened field takes from an object.
enum Takes {
    /// The fields that it declares; later flattened fields do not see them.
    Own,
    /// The fields that it declares; later flattened fields see them too, because it flattens a type itself.
    Shared,
    /// Every field that it sees.
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

/// The first map among several flattened fields that would also take another one's fields; `flat` is in
/// declaration order.
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

/// The flattened fields, which come last.
const fn flattened_ones(fields: &[Field]) -> &[Field] {
    let mut i = fields.len();
    while i > 0 && fields[i - 1].has(Field::FLATTEN) {
        i -= 1;
    }
    fields.split_at(i).1
}

/// The field with that name in the flattened types among `fields`.
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
