//! Names: a field that was removed, renamed or added.

use event_shape::Field as Flag;
use event_shape::baseline;
use event_shape::near::is_near;

use super::fields::{Held, Holder};
use super::look::spelt;
use super::{Asks, At, Break, Judge, Question, Says};
use crate::ast::Field;
use crate::rules;
use crate::spans::ends_of_type;
use crate::words;

impl<'c> Holder<'c> {
    pub(super) fn was_renamed(&self, field: &Field<'_>, l: &baseline::Field) -> Break<'c> {
        let span = field.names.write.as_ref().map_or_else(|| field.span(), syn::LitStr::span);
        let mut notes = vec![self.stated(l)];
        if field.names.aliases.iter().any(|alias| alias.value() == l.name) {
            notes.push(
                "`alias` only affects readers that use this type: others look for the locked name"
                    .to_owned(),
            );
        }
        notes.push(format!(
            "who breaks: consumers look for `{0}`, and stored events, such as {{\"{0}\":{1}}}, have it",
            l.name,
            words::sample(&l.ty, &self.version.defs)
        ));
        notes.push(format!(
            "to fix: `#[serde(rename = \"{}\")]` keeps the wire name under the new Rust name",
            l.name
        ));
        notes.push(format!(
            "or: a new major, `version = \"{}.0\"`, with `#[event(from = \"{}\")]` here",
            self.declared.major + 1,
            l.name
        ));
        let why =
            if self.renames && field.names.write.is_none() { " (`rename_all` counts)" } else { "" };
        Break {
            rule: rules::FIELD_RENAMED,
            at: At::Span(span),
            name: "FieldKeepsItsName",
            judge: None,
            message: format!("{}: field `{}` was renamed to `{}`", self.title, l.name, field.wire),
            label: format!("written as `{}`{why}, locked as `{}`", field.wire, l.name),
            notes,
        }
    }

    fn stated(&self, l: &baseline::Field) -> String {
        let presence = if l.optional { "optional" } else { "required" };
        format!(
            "{}: `\"{}\"` is {}, {presence}",
            self.place(l.line),
            l.name,
            words::of_schema(&l.ty, &self.version.defs)
        )
    }

    pub(super) fn was_removed(&self, ident: &proc_macro2::Ident, l: &baseline::Field) -> Break<'c> {
        let who = if l.optional {
            format!(
                "who breaks: what stored events hold in `{}` is lost, and the name could come back as something else",
                l.name
            )
        } else {
            format!(
                "who breaks: consumers of {}; an event without `{}` would be written, and they reject it",
                self.against(),
                l.name
            )
        };
        Break {
            rule: if l.optional {
                rules::OPTIONAL_FIELD_REMOVED
            } else {
                rules::REQUIRED_FIELD_REMOVED
            },
            at: At::Span(ident.span()),
            name: "FieldStays",
            judge: None,
            message: format!("{}: field `{}` was removed", self.title, l.name),
            label: format!("no field is written as `{}`", l.name),
            notes: vec![
                self.stated(l),
                who,
                format!("to fix: add it back: `{}`", words::rust_field(l, &self.version.defs)),
                format!(
                    "or: a new major, `version = \"{}.0\"`, with `supersedes = ..` and `down({} = ..)`",
                    self.declared.major + 1,
                    l.rust
                ),
            ],
        }
    }

    /// An alias in an open object, which may have an undeclared field of that name.
    pub(super) fn has_two_names(&self, field: &Field<'_>, second: &syn::LitStr) -> Break<'c> {
        let (name, second_name) = (&field.wire, second.value());
        Break {
            rule: rules::ALIAS_IN_OPEN_OBJECT,
            at: At::Span(second.span()),
            name: "FieldHasOneName",
            judge: None,
            message: format!(
                "{}: field `{name}` is also read as `{second_name}`, but the schema is open",
                self.title
            ),
            label: format!("an event may have an undeclared field `{second_name}`"),
            notes: vec![
                format!(
                    "who breaks: stored events; one with both `{name}` and `{second_name}` is valid for {} and would no longer be read",
                    self.against()
                ),
                "to fix: remove `alias`".to_owned(),
            ],
        }
    }

    /// A field that the version does not list.
    pub(super) fn is_new(&self, held: &mut Held<'c>, field: &'c Field<'c>) {
        let said = self.is_not_listed(field);
        // a break reports what the tokens prove; the types are asked about the rest
        if !self.exact && self.version.root.open {
            held.questions.push(Question {
                name: self.const_name(&field.ident.map(ToString::to_string).unwrap_or_default()),
                asks: Asks::Added(field),
                at: ends_of_type(field.ty),
                only_if: said.as_ref().and_then(|b| b.judge),
            });
        }
        held.breaks.extend(said);
    }

    fn is_not_listed(&self, field: &'c Field<'c>) -> Option<Break<'c>> {
        let ty = spelt(field.ty);
        let optional = field.is_option() || field.has(Flag::DEFAULT);
        let holds = format!("{} holds {}", self.version.file, words::names(&self.version.root));
        let next = format!("{}.{}", self.declared.major, self.declared.minor + 1);
        if self.exact {
            let word = if self.version.locked { "is locked" } else { "is stated" };
            return Some(Break {
                rule: rules::FIELD_NOT_IN_SCHEMA,
                at: At::Span(field.span()),
                name: "FieldIsLocked",
                judge: None,
                message: format!(
                    "event {} {word} without the field `{}`",
                    self.declared.title(),
                    field.wire
                ),
                label: format!("not in {}", self.against()),
                notes: vec![
                    holds,
                    format!(
                        "who breaks: consumers of {} drop `{}`, and a later schema may use the name for something else",
                        self.against(),
                        field.wire
                    ),
                    match (self.version.locked, optional) {
                        (false, _) => format!(
                            "to fix: add it to {}, which is not locked yet",
                            self.version.file
                        ),
                        (true, true) => format!(
                            "to fix: add it in a new minor, because it is optional: `version = \"{next}\"`"
                        ),
                        (true, false) => format!(
                            "to fix: `Option<{ty}>` and a new minor, `version = \"{next}\"`; a required field needs a new major"
                        ),
                    },
                ],
            });
        }
        if !self.version.root.open {
            return Some(Break {
                rule: rules::FIELD_ADDED_TO_CLOSED_OBJECT,
                at: At::Span(field.span()),
                name: "ClosedObjectsStayClosed",
                judge: None,
                message: format!(
                    "{}: field `{}` is new, but the object is closed",
                    self.title, field.wire
                ),
                label: format!("consumers of {} reject unknown fields", self.against()),
                notes: vec![
                    holds,
                    format!(
                        "who breaks: consumers of {}; {{\"{}\":..}} would be written, and they reject it",
                        self.against(),
                        field.wire
                    ),
                    "to fix: remove it".to_owned(),
                    self.next_major(),
                ],
            });
        }
        if optional || field.look().is_none() {
            return None;
        }
        Some(Break {
            rule: rules::REQUIRED_FIELD_ADDED,
            at: At::Type(field.ty),
            name: "NewFieldsAreOptional",
            judge: Some(Judge { field, says: Says::ReadsAbsent }),
            message: format!("{}: field `{}` is new and required", self.title, field.wire),
            label: format!("events written as {} do not have it", self.against()),
            notes: vec![
                holds,
                format!(
                    "who breaks: stored events; an event of {} has no `{}` and would no longer be read",
                    self.against(),
                    field.wire
                ),
                format!(
                    "to fix: `Option<{ty}>` with `#[serde(skip_serializing_if = \"Option::is_none\")]`, or `#[serde(default)]`"
                ),
                self.next_major(),
            ],
        })
    }
}

/// The field that this one was probably renamed to.
pub(super) fn renamed_to<'c>(
    l: &baseline::Field,
    extra: &[&'c Field<'c>],
    missing: usize,
) -> Option<&'c Field<'c>> {
    for field in extra {
        for alias in &field.names.aliases {
            if alias.value() == l.name {
                return Some(field);
            }
        }
    }
    for field in extra {
        if is_near(&field.wire, &l.name) {
            return Some(field);
        }
    }
    let alone = extra.len() == 1 && missing == 1;
    for field in extra {
        let alike = alone || field.wire.contains(&l.name) || l.name.contains(&field.wire);
        if alike && fits(field, l) {
            return Some(field);
        }
    }
    None
}

/// Whether the field may be that one under another name.
fn fits(field: &Field<'_>, l: &baseline::Field) -> bool {
    let optional = field.is_option() || field.has(Flag::DEFAULT);
    let Some(ty) = field.look() else { return optional == l.optional };
    let inner = if l.optional { words::option_of(ty).unwrap_or(ty) } else { ty };
    optional == l.optional && words::guess(inner, &l.ty) != Some(false)
}
