//! Flattened fields: what they write into the enclosing object, and what they take of it.

use super::cursor::{Cursor, Open, order, same};
use super::object::{is_one_of, lists};
use super::report::{Frame, Sample, Step};
use super::{Walk, rules};
use crate::shape::{Field, Shape};

impl<'a> Walk<'a> {
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
    pub(super) const fn flattens_another(&mut self, f: &Frame<'_>, field: &Field) -> bool {
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
