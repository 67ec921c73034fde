//! Field by field: present, under its name, optional or required, of its type.

use event_shape::baseline::{self, Baseline, Ty, Version};
use event_shape::{Code, Field as Flag};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

use super::names;
use super::{Break, Declared};
use crate::ast::{Container, Data, Field};
use crate::expand::back::Owner;
use crate::expand::shape::of_field;
use crate::locate::place;
use crate::spans::{ends, ends_of_type, mark};
use crate::words;

/// What holding the struct to a version came to.
pub(crate) struct Held<'b> {
    pub(crate) against: &'b Version,
    pub(crate) exact: bool,
    /// Compact text of the root object.
    pub(crate) root: String,
    /// For each field of the shape: the number of the type that it has to have; 0 where the field has a
    /// check of its own, or none.
    pub(crate) codes: Vec<u16>,
    /// Names of types that stand in the fields that have a number.
    names: Vec<String>,
    pub(crate) breaks: Vec<Break>,
    pub(crate) checks: Vec<FieldCheck>,
    /// Fields of which tokens say that the type is the locked one: only a shadowed name can prove them
    /// wrong. So one constant holds all of them by their numbers, and where one differs, says so at the
    /// field where a name stands for the first time: its index in the shape, and the ends of its type.
    pub(crate) plain: Vec<(usize, (Span, Span))>,
    /// Wire names that a break says are gone, and the new ones of what was renamed: that nothing fills
    /// them in another major is no second mistake.
    pub(crate) said: Vec<String>,
}

/// A check that const evaluation makes.
pub(crate) struct FieldCheck {
    /// Name of the constant, which the error mentions.
    pub(crate) name: String,
    pub(crate) call: Call,
    /// What the error spans: its first and its last token.
    pub(crate) at: (Span, Span),
    /// Made only where this is `true`: otherwise a break says more.
    pub(crate) guard: Option<TokenStream>,
}

/// What is called.
pub(crate) enum Call {
    /// `check::part`: shape, flags, the byte of the locked field, and its place.
    Part(TokenStream, u8, usize, usize),
    /// Another function, with its arguments.
    Other(TokenStream, TokenStream),
}

/// Where a field stands: in the struct's shape, and in the locked text its head and its type.
#[derive(Clone, Copy)]
struct Spot {
    index: usize,
    at: usize,
    /// Twice the byte of the type, plus one where the field is optional.
    place: usize,
}

pub(super) struct Holder<'a, 'b> {
    pub(super) owner: Owner<'a>,
    pub(super) declared: &'a Declared<'a>,
    pub(super) version: &'b Version,
    pub(super) exact: bool,
    pub(super) title: String,
    pub(super) renames: bool,
}

/// Holds the struct to its version, or to the newest one before it.
pub(crate) fn hold<'b>(
    c: &Container<'_>,
    declared: &Declared<'_>,
    baseline: &'b Baseline,
) -> Option<Held<'b>> {
    let place = place(baseline, declared.major, declared.minor);
    let version = place.against?;
    let Data::Named(all) = &c.data else { return None };
    let fields: Vec<&Field<'_>> = all.iter().filter(|f| !f.skipped).collect();
    let holder = Holder {
        owner: Owner { ident: &c.input.ident, generic: false },
        declared,
        version,
        exact: place.exact,
        title: format!("breaking change in event {}", declared.title()),
        renames: c.serde.rename_all.write != crate::attr::case::Rule::None,
    };
    let sorted = crate::expand::shape::sorted(all);
    let codes = vec![0; sorted.iter().filter(|f| !f.has(Flag::FLATTEN)).count()];
    let mut held = Held {
        against: version,
        exact: place.exact,
        root: String::new(),
        codes,
        names: Vec::new(),
        breaks: Vec::new(),
        checks: Vec::new(),
        plain: Vec::new(),
        said: Vec::new(),
    };
    version.root.write_head(&mut held.root);
    if let Some(found) = super::union(version) {
        held.breaks.push(super::union::of_a_struct(c, declared, version, found));
        held.said.extend(fields.iter().map(|f| f.wire.clone()));
        held.root.push(')');
        return Some(held);
    }
    let root = &version.root;
    let takes_more = root.open || root.patterned;
    if let (Some(span), true) = (c.serde.deny_unknown_fields, takes_more) {
        held.breaks.push(holder.denies(span, root.patterned));
    }
    if takes_more {
        for field in &fields {
            let second = field.names.aliases.iter().find(|alias| alias.value() != field.wire);
            // one that was renamed gets a break that says more
            let renamed = |name: &str| root.fields.iter().any(|l| l.name == name);
            held.breaks.extend(
                second
                    .filter(|s| !renamed(&s.value()))
                    .map(|second| holder.has_two_names(field, second)),
            );
        }
    }

    let by_name = |name: &str| {
        sorted.iter().copied().enumerate().find(|(_, f)| f.wire == name && !f.has(Flag::FLATTEN))
    };
    let locked = &version.root.fields;
    let extra: Vec<&Field<'_>> = fields
        .iter()
        .copied()
        .filter(|f| !f.has(Flag::FLATTEN) && !locked.iter().any(|l| l.name == f.wire))
        .collect();
    let missing = locked.iter().filter(|l| by_name(&l.name).is_none()).count();
    let flattens = fields.iter().any(|f| f.has(Flag::FLATTEN));
    let mut renamed: Vec<&str> = Vec::new();
    for l in locked {
        let from = held.root.len();
        l.write_head(&mut held.root);
        let ty = held.root.len();
        l.ty.write(&mut held.root);
        if let Some((index, field)) = by_name(&l.name) {
            let place = 2 * ty + usize::from(l.optional);
            holder.field(&mut held, field, l, Spot { index, at: from, place });
        } else if let Some(field) =
            names::renamed_to(l, &extra, missing).filter(|f| !renamed.contains(&f.wire.as_str()))
        {
            renamed.push(&field.wire);
            held.said.extend([l.name.clone(), field.wire.clone()]);
            held.breaks.push(holder.was_renamed(field, l));
        } else if flattens {
            let flat = fields.iter().find(|f| f.has(Flag::FLATTEN));
            let at = flat.map_or_else(|| ends(&c.input.ident), |f| ends_of_type(f.ty));
            held.checks.push(FieldCheck {
                name: holder.const_name(&l.rust),
                call: Call::Other(
                    quote!(__shape::check::flattened_field),
                    quote!(__LOCKED, &__FLAT, #from),
                ),
                at,
                guard: None,
            });
        } else {
            held.said.push(l.name.clone());
            held.breaks.push(holder.was_removed(&c.input.ident, l));
        }
    }
    held.root.push(')');
    let own = || fields.iter().filter(|f| !f.has(Flag::FLATTEN)).map(|f| &f.wire);
    for (i, field) in fields.iter().filter(|f| f.has(Flag::FLATTEN)).enumerate() {
        let own = own();
        let mut name = field.ident.map(ToString::to_string).unwrap_or_default();
        if locked.iter().any(|l| l.rust == name) {
            // the locked field of this name, which is looked for inside, has a constant too
            name.push_str("_flattened");
        }
        held.checks.push(FieldCheck {
            name: holder.const_name(&name),
            call: Call::Other(
                quote!(__shape::check::flattened_extras),
                quote!(__LOCKED, &__FLAT, #i, &[#(#own),*]),
            ),
            at: ends_of_type(field.ty),
            guard: None,
        });
    }
    for field in extra {
        if !renamed.contains(&field.wire.as_str()) {
            holder.is_new(&mut held, field);
        }
    }
    Some(held)
}

impl Holder<'_, '_> {
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

    fn denies(&self, span: proc_macro2::Span, patterned: bool) -> Break {
        let (schema, example) = if patterned {
            (
                "the schema allows fields whose names match a pattern",
                "one whose name matches a pattern",
            )
        } else {
            ("the schema is open", "{\"new\":1,..}")
        };
        Break {
            at: mark(span),
            name: "OpenObjectsStayOpen",
            judge: None,
            message: format!("{}: it denies fields that it does not know, and {schema}", self.title),
            label: "an event of a later minor would no longer be read".to_owned(),
            notes: vec![
                format!("who breaks: consumers that use this type; an event with {example} is valid for {}", self.against()),
                "to fix: remove `deny_unknown_fields`; it is for schemas with `\"additionalProperties\": false`".to_owned(),
            ],
        }
    }

    /// A field under its locked name. Tokens pick the message, and types decide whether it is true.
    fn field(&self, held: &mut Held<'_>, field: &Field<'_>, l: &baseline::Field, to: Spot) {
        if let Some(code) = plain(field, l) {
            held.codes[to.index] = code;
            if field.look().is_some_and(|ty| words::has_new_name(ty, &mut held.names)) {
                held.plain.push((to.index, ends_of_type(field.ty)));
            }
            return;
        }
        let shape = of_field(field, self.owner);
        let (flags, at) = (field.flags, to.at);
        let ty = field.ty.to_token_stream();
        let null = takes_null(&l.ty, &self.version.defs);
        let option = field.is_option();
        let skips = field.has(Flag::SKIPS | Flag::SKIPS_NONE | Flag::UNWRITTEN);
        let against = self.against();
        let name = &l.name;
        let absent = format!("an event of {against} without `{name}`");

        let (trait_name, judge, message, label, mut notes) = if !l.optional && option && !null {
            (
                "RequiredStaysRequired",
                Some(quote!(__shape::check::never_null(#shape))),
                format!("{}: field `{name}` was required and is now optional", self.title),
                format!("consumers of {against} rely on it"),
                vec![
                    format!(
                        "who breaks: consumers of {against}; {{\"{name}\":null}}, or an event without it, would be written, and they reject it"
                    ),
                    "to fix: take the `Option` away".to_owned(),
                ],
            )
        } else if !l.optional && skips {
            (
                "RequiredStaysRequired",
                None,
                format!("{}: field `{name}` was required and may now be left out", self.title),
                format!("consumers of {against} rely on it"),
                vec![
                    format!(
                        "who breaks: consumers of {against}; {absent} would be written, and they reject it"
                    ),
                    "to fix: take `skip_serializing` or `skip_serializing_if` away".to_owned(),
                ],
            )
        } else if l.optional && !option && !field.has(Flag::DEFAULT) && field.look().is_some() {
            (
                "OptionalStaysOptional",
                Some(quote!(__shape::check::reads_absent(#shape, #flags))),
                format!("{}: field `{name}` was optional and is now required", self.title),
                "events written before may lack it, and would no longer be read".to_owned(),
                vec![
                    format!("who breaks: stored events; {absent} is valid"),
                    format!(
                        "to fix: `Option<{}>` with `#[serde(skip_serializing_if = \"Option::is_none\")]`, or `#[serde(default)]`",
                        spelt(&ty)
                    ),
                ],
            )
        } else if l.optional && option && !null && !field.has(Flag::SKIPS_NONE | Flag::UNWRITTEN) {
            (
                "AbsentIsNotNull",
                Some(quote!(__shape::check::never_null(#shape))),
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
                "NullStaysReadable",
                Some(quote!(__shape::check::reads_null(#shape))),
                format!(
                    "{}: field `{name}` may be `null` and can no longer be read as `null`",
                    self.title
                ),
                "stored events hold `null` here".to_owned(),
                vec![
                    format!("who breaks: stored events; {{\"{name}\":null}} is valid"),
                    format!("to fix: `Option<{}>`", spelt(&ty)),
                ],
            )
        } else if looks_changed(field, l, null) {
            (
                "TypeStays",
                Some(quote!(__shape::check::holds(__LOCKED, #shape, #flags, #at))),
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
            held.checks.push(self.typed(field, l, to, None));
            return;
        };
        notes.insert(0, self.place(l.line));
        notes.push(self.next_major());
        if trait_name != "TypeStays" && judge.is_some() {
            held.checks.push(self.typed(field, l, to, judge.clone()));
        }
        held.breaks.push(Break { at: ty, name: trait_name, judge, message, label, notes });
    }

    fn typed(
        &self,
        field: &Field<'_>,
        l: &baseline::Field,
        to: Spot,
        guard: Option<TokenStream>,
    ) -> FieldCheck {
        let shape = of_field(field, self.owner);
        let call = Call::Part(shape, field.flags, to.at, to.place);
        FieldCheck { name: self.const_name(&l.rust), call, at: ends_of_type(field.ty), guard }
    }
}

/// The number that the field's shape has to have, where tokens say that it has.
fn plain(field: &Field<'_>, l: &baseline::Field) -> Option<u16> {
    let ty = field.look()?;
    let option = words::option_of(ty);
    let inner = if l.optional { option.unwrap_or(ty) } else { ty };
    if words::guess(inner, &l.ty) != Some(true) {
        return None;
    }
    let code = Code::of_field(&l.ty, l.optional, field.flags, option.is_some());
    (code != Code::NONE).then(|| code.bits())
}

/// Whether tokens say that the type is the schema's, but for `null`.
fn is_without_null(field: &Field<'_>, schema: &Ty) -> bool {
    match (field.look(), schema) {
        (Some(ty), Ty::Nullable(inner)) => words::guess(ty, inner) == Some(true),
        _ => false,
    }
}

/// Whether tokens say that the type is another one.
fn looks_changed(field: &Field<'_>, l: &baseline::Field, null: bool) -> bool {
    field.look().is_some_and(|ty| {
        let inner = if l.optional && !null { words::option_of(ty).unwrap_or(ty) } else { ty };
        words::guess(inner, &l.ty) == Some(false)
    })
}

fn takes_null(ty: &Ty, defs: &[baseline::Def]) -> bool {
    match ty {
        Ty::Any | Ty::Null | Ty::Nullable(_) => true,
        Ty::Ref(i) => defs
            .get(*i as usize)
            .is_some_and(|d| matches!(d.ty, Ty::Any | Ty::Null | Ty::Nullable(_))),
        _ => false,
    }
}

/// Tokens of a type as one writes them.
pub(super) fn spelt(ty: &TokenStream) -> String {
    let mut out = ty.to_string();
    for (from, to) in [
        (" < ", "<"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        (" :: ", "::"),
        (" ::", "::"),
        (":: ", "::"),
        ("& ", "&"),
    ] {
        out = out.replace(from, to);
    }
    out
}
