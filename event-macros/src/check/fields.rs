//! Checks each field: present, under its locked name, optional or required, of the locked type.

use event_shape::Field as Flag;
use event_shape::baseline::{self, Baseline, Version};
use proc_macro2::Span;

use super::look::{is_without_null, looks_changed, plain, spelt, takes_null};
use super::names;
use super::{Asks, At, Break, Declared, Judge, Question, Says};
use crate::ast::{Container, Data, Field};
use crate::locate::place;
use crate::rules;
use crate::spans::ends_of_type;
use crate::words;

/// The result of checking the struct against a version.
pub(crate) struct Held<'c> {
    pub(crate) against: &'c Version,
    pub(crate) exact: bool,
    /// The compact text of the root object.
    pub(crate) root: String,
    /// For each field of the shape, the number of the type that it must have; 0 if the field has a check of
    /// its own, or none.
    pub(crate) codes: Vec<u16>,
    /// Names of types in the fields that have a number.
    names: Vec<String>,
    pub(crate) breaks: Vec<Break<'c>>,
    pub(crate) questions: Vec<Question<'c>>,
    /// Fields whose tokens match the locked type: only a shadowed name can make that wrong. So one constant
    /// checks all of them by their numbers and reports a difference at the field where a name occurs for
    /// the first time: its index in the shape, and the ends of its type.
    pub(crate) plain: Vec<(usize, (Span, Span))>,
    /// Wire names that a break reports as removed, and the new ones of renamed fields: in the conversion to
    /// another major, a missing value for them is not a second mistake.
    pub(crate) said: Vec<String>,
}

/// The position of a field: its index in the struct's shape, and its head and type in the locked text.
#[derive(Clone, Copy)]
struct Spot {
    index: usize,
    at: usize,
    /// Twice the byte of the type, plus one if the field is optional.
    place: usize,
}

pub(super) struct Holder<'c> {
    pub(super) declared: &'c Declared<'c>,
    pub(super) version: &'c Version,
    pub(super) exact: bool,
    pub(super) title: String,
    pub(super) renames: bool,
}

/// Checks the struct against its version, or against the newest one before it.
pub(crate) fn hold<'c>(
    c: &'c Container<'c>,
    declared: &'c Declared<'c>,
    baseline: &'c Baseline,
) -> Option<Held<'c>> {
    let place = place(baseline, declared.major, declared.minor);
    let version = place.against?;
    let Data::Named(all) = &c.data else { return None };
    let holder = Holder {
        declared,
        version,
        exact: place.exact,
        title: format!("breaking change in event {}", declared.title()),
        renames: c.serde.rename_all.write != crate::attr::case::Rule::None,
    };
    let sorted = crate::ast::sorted(all);
    let (mut own, mut flat) = (Vec::new(), Vec::new());
    for field in all {
        if field.skipped {
        } else if field.has(Flag::FLATTEN) {
            flat.push(field);
        } else {
            own.push(field);
        }
    }
    let mut held = Held {
        against: version,
        exact: place.exact,
        root: String::new(),
        codes: vec![0; own.len()],
        names: Vec::new(),
        breaks: Vec::new(),
        questions: Vec::new(),
        plain: Vec::new(),
        said: Vec::new(),
    };
    version.root.write_head(&mut held.root);
    if let Some(found) = super::union::union(version) {
        held.breaks.push(super::union::of_a_struct(c, declared, version, found));
        for field in &own {
            held.said.push(field.wire.clone());
        }
        held.root.push(')');
        return Some(held);
    }
    holder.takes_more(&mut held, c, &own);
    let locked = &version.root.fields;
    let mut extra: Vec<&'c Field<'c>> = Vec::new();
    for field in &own {
        if !is_listed(locked, &field.wire) {
            extra.push(field);
        }
    }
    let mut missing = 0;
    for l in locked {
        missing += usize::from(by_name(&sorted, &l.name).is_none());
    }
    let mut renamed: Vec<&str> = Vec::new();
    for l in locked {
        let from = held.root.len();
        l.write_head(&mut held.root);
        let ty = held.root.len();
        l.ty.write(&mut held.root);
        if let Some((index, field)) = by_name(&sorted, &l.name) {
            let place = 2 * ty + usize::from(l.optional);
            holder.field(&mut held, field, l, Spot { index, at: from, place });
        } else if let Some(field) =
            names::renamed_to(l, &extra, missing).filter(|f| !renamed.contains(&f.wire.as_str()))
        {
            renamed.push(&field.wire);
            held.said.extend([l.name.clone(), field.wire.clone()]);
            held.breaks.push(holder.was_renamed(field, l));
        } else if let Some(first) = flat.first() {
            held.questions.push(Question {
                name: holder.const_name(&l.rust),
                asks: Asks::FlattenedField(from),
                at: ends_of_type(first.ty),
                only_if: None,
            });
        } else {
            held.said.push(l.name.clone());
            held.breaks.push(holder.was_removed(&c.input.ident, l));
        }
    }
    held.root.push(')');
    for (i, field) in flat.iter().enumerate() {
        let mut name = field.ident.map(ToString::to_string).unwrap_or_default();
        if locked.iter().any(|l| l.rust == name) {
            // the locked field of this name, which is searched inside, has a constant too
            name.push_str("_flattened");
        }
        let mut beside = Vec::new();
        for field in &own {
            beside.push(field.wire.as_str());
        }
        held.questions.push(Question {
            name: holder.const_name(&name),
            asks: Asks::FlattenedExtras(i, beside),
            at: ends_of_type(field.ty),
            only_if: None,
        });
    }
    for field in extra {
        if !renamed.contains(&field.wire.as_str()) {
            holder.is_new(&mut held, field);
        }
    }
    Some(held)
}

/// The field that is written under the name, and its index.
fn by_name<'c>(sorted: &[&'c Field<'c>], name: &str) -> Option<(usize, &'c Field<'c>)> {
    for (i, field) in sorted.iter().enumerate() {
        if field.wire == name && !field.has(Flag::FLATTEN) {
            return Some((i, field));
        }
    }
    None
}

fn is_listed(locked: &[baseline::Field], name: &str) -> bool {
    for l in locked {
        if l.name == name {
            return true;
        }
    }
    false
}

impl<'c> Holder<'c> {
    /// An open object: reports what denies its undeclared fields, and aliases that read one as another
    /// field.
    fn takes_more(&self, held: &mut Held<'c>, c: &Container<'_>, own: &[&'c Field<'c>]) {
        let root = &self.version.root;
        if !root.open && !root.patterned {
            return;
        }
        if let Some(span) = c.serde.deny_unknown_fields {
            held.breaks.push(self.denies(span, root.patterned));
        }
        for field in own {
            for second in &field.names.aliases {
                let second_name = second.value();
                if second_name == field.wire {
                    continue;
                }
                // a renamed field gets a more specific break
                if !is_listed(&root.fields, &second_name) {
                    held.breaks.push(self.has_two_names(field, second));
                }
                break;
            }
        }
    }

    pub(super) fn place(&self, line: u32) -> String {
        let word = if self.version.locked { "locked in" } else { "stated in" };
        format!("{word} {}:{line}", self.version.file)
    }

    pub(super) fn next_major(&self) -> String {
        format!(
            "or: a new major, `version = \"{}.0\"`, with `supersedes = ..`",
            self.declared.major + 1
        )
    }

    pub(super) fn against(&self) -> String {
        format!("{}.{}", self.version.major, self.version.minor)
    }

    pub(super) fn const_name(&self, field: &str) -> String {
        let kind = if self.version.locked { "locked" } else { "stated" };
        format!(
            "{}_is_as_{kind}_in_{}_{}",
            field.trim_start_matches("r#"),
            self.version.major,
            self.version.minor
        )
    }

    fn denies(&self, span: Span, patterned: bool) -> Break<'c> {
        let (schema, example) = if patterned {
            (
                "the schema allows fields whose names match a pattern",
                "one whose name matches a pattern",
            )
        } else {
            ("the schema is open", "{\"new\":1,..}")
        };
        Break {
            rule: rules::OBJECT_CLOSED,
            at: At::Span(span),
            name: "OpenObjectsStayOpen",
            judge: None,
            message: format!("{}: it denies unknown fields, but {schema}", self.title),
            label: "an event of a later minor would no longer be read".to_owned(),
            notes: vec![
                format!("who breaks: consumers that use this type; an event with {example} is valid for {}", self.against()),
                "to fix: remove `deny_unknown_fields`; it is only for schemas with `\"additionalProperties\": false`".to_owned(),
            ],
        }
    }

    /// Checks a field under its locked name. The tokens choose the message; the types decide whether it
    /// applies.
    fn field(&self, held: &mut Held<'c>, field: &'c Field<'c>, l: &baseline::Field, to: Spot) {
        if let Some(code) = plain(field, l) {
            held.codes[to.index] = code;
            if field.look().is_some_and(|ty| words::has_new_name(ty, &mut held.names)) {
                held.plain.push((to.index, ends_of_type(field.ty)));
            }
            return;
        }
        let null = takes_null(&l.ty, &self.version.defs);
        let option = field.is_option();
        let skips = field.has(Flag::SKIPS | Flag::SKIPS_NONE | Flag::UNWRITTEN);
        let against = self.against();
        let name = &l.name;
        let absent = format!("an event of {against} without `{name}`");

        let (rule, trait_name, says, message, label, mut notes) = if !l.optional && option && !null
        {
            (
                rules::FIELD_MADE_OPTIONAL,
                "RequiredStaysRequired",
                Some(Says::NeverNull),
                format!("{}: field `{name}` was required and is now optional", self.title),
                format!("consumers of {against} rely on it"),
                vec![
                    format!(
                        "who breaks: consumers of {against}; {{\"{name}\":null}}, or an event without it, would be written, and they reject it"
                    ),
                    "to fix: remove the `Option`".to_owned(),
                ],
            )
        } else if !l.optional && skips {
            (
                rules::FIELD_MADE_OPTIONAL,
                "RequiredStaysRequired",
                None,
                format!("{}: field `{name}` was required and may now be left out", self.title),
                format!("consumers of {against} rely on it"),
                vec![
                    format!(
                        "who breaks: consumers of {against}; {absent} would be written, and they reject it"
                    ),
                    "to fix: remove `skip_serializing` or `skip_serializing_if`".to_owned(),
                ],
            )
        } else if l.optional && !option && !field.has(Flag::DEFAULT) && field.look().is_some() {
            (
                rules::FIELD_MADE_REQUIRED,
                "OptionalStaysOptional",
                Some(Says::ReadsAbsent),
                format!("{}: field `{name}` was optional and is now required", self.title),
                "events written before may lack it, and would no longer be read".to_owned(),
                vec![
                    format!("who breaks: stored events; {absent} is valid"),
                    format!(
                        "to fix: `Option<{}>` with `#[serde(skip_serializing_if = \"Option::is_none\")]`, or `#[serde(default)]`",
                        spelt(field.ty)
                    ),
                ],
            )
        } else if l.optional && option && !null && !field.has(Flag::SKIPS_NONE | Flag::UNWRITTEN) {
            (
                rules::NULL_WRITTEN,
                "AbsentIsNotNull",
                Some(Says::NeverNull),
                format!(
                    "{}: field `{name}` is written as `null` instead of being left out",
                    self.title
                ),
                format!("{against} allows it to be absent, not to be `null`"),
                vec![
                    format!(
                        "who breaks: consumers of {against}; {{\"{name}\":null}} would be written, and they reject it"
                    ),
                    "to fix: `#[serde(skip_serializing_if = \"Option::is_none\")]` on the field"
                        .to_owned(),
                ],
            )
        } else if !option && is_without_null(field, &l.ty) {
            (
                rules::NULL_FORBIDDEN,
                "NullStaysReadable",
                Some(Says::ReadsNull),
                format!(
                    "{}: field `{name}` may be `null` and can no longer be read as `null`",
                    self.title
                ),
                "stored events hold `null` here".to_owned(),
                vec![
                    format!("who breaks: stored events; {{\"{name}\":null}} is valid"),
                    format!("to fix: `Option<{}>`", spelt(field.ty)),
                ],
            )
        } else if looks_changed(field, l, null) {
            (
                rules::FIELD_TYPE_CHANGED,
                "TypeStays",
                Some(Says::Holds(to.at)),
                format!("{}: field `{name}` changed its type", self.title),
                format!("locked as {}", words::of_schema(&l.ty, &self.version.defs)),
                vec![
                    format!(
                        "who breaks: stored events; {{\"{name}\":{}}} is valid and would no longer be read",
                        words::sample(&l.ty, &self.version.defs)
                    ),
                    "to fix: keep the locked type".to_owned(),
                ],
            )
        } else {
            held.questions.push(self.typed(field, l, to, None));
            return;
        };
        notes.insert(0, self.place(l.line));
        notes.push(self.next_major());
        let judge = says.map(|says| Judge { field, says });
        if judge.is_some() && !matches!(says, Some(Says::Holds(_))) {
            held.questions.push(self.typed(field, l, to, judge));
        }
        let at = At::Type(field.ty);
        held.breaks.push(Break { rule, at, name: trait_name, judge, message, label, notes });
    }

    fn typed(
        &self,
        field: &'c Field<'c>,
        l: &baseline::Field,
        to: Spot,
        only_if: Option<Judge<'c>>,
    ) -> Question<'c> {
        let asks = Asks::Part(field, to.at, to.place);
        Question { name: self.const_name(&l.rust), asks, at: ends_of_type(field.ty), only_if }
    }
}
