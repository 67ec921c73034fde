//! The conversion to the superseded type.
//!
//! For an event, the older fields come from the baseline, and rustc checks the types. A part of an event
//! has no baseline: it has the fields of the older type, and rustc reports missing ones.

use event_shape::Field as Flag;
use event_shape::baseline::{self, Object, Version};
use syn::Path;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::convert::{Body, ident};
use super::majors::Converted;
use super::{At, Break, Conversion, Declared, Filled, Value, Warning, Way};
use crate::ast::{Container, Data, Field};
use crate::context::Context;
use crate::rules;
use crate::words;

/// The conversion of an event to the older major.
pub(super) fn major<'c>(
    cx: &Context,
    c: &'c Container<'c>,
    declared: &Declared<'_>,
    old: &'c Version,
    path: &'c Path,
    said: &[String],
) -> Converted<'c> {
    let mut out = Converted {
        conversion: Conversion::never(Way::Down, path),
        breaks: Vec::new(),
        warnings: Vec::new(),
    };
    let Data::Named(fields) = &c.data else { return out };
    named_fields_exist(cx, c, fields, old);
    // First the values of `down(..)`, which may read fields that are moved later. They may also fill a
    // field that the older schema does not have (`#[serde(skip)]`).
    let mut filled = given(c);
    let mut unfilled = Vec::new();
    let mut left = Vec::new();
    for o in &old.root.fields {
        if is_given(c, &o.rust) {
            continue;
        }
        let target = ident(&o.rust, path.span());
        let value = match source(fields, o) {
            Some(field) => {
                let name = field.ident.cloned();
                let value = name.and_then(|name| Way::Down.value(field, o, &old.defs, &name));
                if value.is_none() {
                    unfilled.push((o, Some(field)));
                }
                value
            }
            None if o.optional => {
                if !is_dropped(c, fields, &o.name) {
                    left.push(o);
                }
                Some(Value::Empty)
            }
            None => {
                unfilled.push((o, None));
                None
            }
        };
        if let Some(value) = value {
            filled.push(Filled { target, value });
        }
    }
    if unfilled.is_empty() {
        out.conversion = Conversion::fields(Way::Down, path, filled, fields);
        if !left.is_empty() {
            out.warnings.push(left_empty(old, path, &left));
        }
        return out;
    }
    // a break has reported this already
    unfilled.retain(|(o, _)| !said.contains(&o.name));
    if !unfilled.is_empty() {
        out.breaks.push(unmapped(c, declared, old, path, &unfilled));
    }
    out
}

/// The conversion of a part of an event, if it has `supersedes`.
pub(super) fn part<'c>(cx: &Context, c: &'c Container<'c>) -> Option<Conversion<'c>> {
    let path = c.event.supersedes.as_ref()?;
    match &c.data {
        Data::Named(fields) => {
            let mut filled = given(c);
            for field in fields {
                let (Some(name), false) = (field.ident, field.event.drop) else { continue };
                let target = match &field.event.from {
                    Some(from) => ident(&from.value(), from.span()),
                    None => name.clone(),
                };
                if is_given(c, &target.unraw().to_string()) {
                    continue;
                }
                let value = match Way::Down.of(field).function() {
                    Some(_) => Value::Function(field, name.clone()),
                    None => Value::Converted(field, name.to_string(), None, None),
                };
                filled.push(Filled { target, value });
            }
            Some(Conversion::fields(Way::Down, path, filled, fields))
        }
        Data::Enum(variants) => Some(Conversion {
            way: Way::Down,
            path,
            body: Body::Variants(variants),
            can_fail: false,
        }),
        _ => {
            cx.error(rules::EVENT_ATTRIBUTE, path.span(), "`supersedes` requires a struct with named fields or an enum here; write `From` by hand");
            None
        }
    }
}

/// Checks that the keys that name an older field name an existing one.
fn named_fields_exist(cx: &Context, c: &Container<'_>, fields: &[Field<'_>], old: &Version) {
    for name in &c.event.drop {
        if !find(&old.root, &name.value()).is_some_and(|o| o.optional) {
            cx.error(
                rules::EVENT_ATTRIBUTE,
                name.span(),
                format_args!(
                    "{}.{} has no optional field `{}` to drop",
                    old.major,
                    old.minor,
                    name.value()
                ),
            );
        }
    }
    for field in fields {
        if let Some(from) = &field.event.from
            && find(&old.root, &from.value()).is_none()
        {
            cx.error(
                rules::EVENT_ATTRIBUTE,
                from.span(),
                format_args!(
                    "{}.{} has no field `{}`; it has {}",
                    old.major,
                    old.minor,
                    from.value(),
                    words::names(&old.root)
                ),
            );
        }
    }
}

/// The field of this wire name.
pub(super) fn find<'c>(root: &'c Object, name: &str) -> Option<&'c baseline::Field> {
    root.fields.iter().find(|field| field.name == name)
}

/// The fields of `down(..)`.
fn given<'c>(c: &'c Container<'c>) -> Vec<Filled<'c>> {
    let mut out = Vec::new();
    for (key, value) in &c.event.down {
        out.push(Filled { target: key.clone(), value: Value::Given(value) });
    }
    out
}

fn is_given(c: &Container<'_>, rust: &str) -> bool {
    for (key, _) in &c.event.down {
        if key.unraw() == rust {
            return true;
        }
    }
    false
}

fn is_dropped(c: &Container<'_>, fields: &[Field<'_>], name: &str) -> bool {
    for field in fields {
        if field.event.drop && field.wire == name {
            return true;
        }
    }
    for dropped in &c.event.drop {
        if dropped.value() == name {
            return true;
        }
    }
    false
}

/// The field that fills an older one: the one that names it, or the one with its wire name.
fn source<'c>(fields: &'c [Field<'c>], old: &baseline::Field) -> Option<&'c Field<'c>> {
    for field in fields {
        if let Some(from) = &field.event.from
            && from.value() == old.name
        {
            return Some(field);
        }
    }
    fields.iter().find(|field| {
        field.wire == old.name
            && !field.skipped
            && !field.has(Flag::FLATTEN)
            && !field.event.drop
            && field.event.from.is_none()
    })
}

/// Reports every older field without a value, in one error.
fn unmapped<'c>(
    c: &Container<'_>,
    declared: &Declared<'_>,
    old: &Version,
    path: &'c Path,
    unfilled: &[(&baseline::Field, Option<&Field<'_>>)],
) -> Break<'c> {
    let mut list = Vec::new();
    let mut notes = Vec::new();
    let mut first = None;
    for (o, field) in unfilled {
        list.push(format!("`{}`", o.name));
        let place = format!("{}:{}", old.file, o.line);
        notes.push(match field.and_then(|f| f.ident) {
            Some(name) => format!(
                "`{}` is required there ({place}) and optional here: `#[event(down_default = ..)]` on `{name}`",
                o.name
            ),
            None => format!("`{}`: {}, required ({place})", o.name, words::of_schema(&o.ty, &old.defs)),
        });
        if field.is_none() && first.is_none() {
            first = Some(&o.rust);
        }
    }
    if let Some(first) = first {
        notes.push("to fix, on the field that carries it now: `#[event(from = \"..\")]`, with `down = path::to_fn` where the type differs".to_owned());
        notes.push(format!(
            "or, if no field carries it, on the struct: `#[event(down({first} = <expression over `new: {}`>))]`",
            c.input.ident
        ));
    }
    let verb = if unfilled.len() == 1 { "has" } else { "have" };
    Break {
        rule: rules::FIELD_NOT_CONVERTED,
        at: At::Path(path),
        name: "EveryFieldIsMapped",
        judge: None,
        message: format!(
            "event {} cannot be written as {}.{}: nothing fills {}",
            declared.title(),
            old.major,
            old.minor,
            list.join(", ")
        ),
        label: format!("{} of {} fields {verb} no source", unfilled.len(), old.root.fields.len()),
        notes,
    }
}

/// Warns about the optional older fields that are never filled.
fn left_empty(old: &Version, path: &Path, left: &[&baseline::Field]) -> Warning {
    let (mut names, mut drops) = (Vec::new(), Vec::new());
    for o in left {
        names.push(format!("`{}`", o.name));
        drops.push(format!("drop = \"{}\"", o.name));
    }
    let (verb, they) = if left.len() == 1 { ("is", "it") } else { ("are", "them") };
    let text = format!(
        "{} of {}.{} {verb} never filled from this version: consumers of that version no longer get {they}\n\
         to fix: `#[event(from = \"..\")]` on the field that carries it, or `down({} = ..)` on the struct\n\
         or, if that is intended: `#[event({})]`",
        names.join(", "),
        old.major,
        old.minor,
        left[0].rust,
        drops.join(", ")
    );
    Warning::new(rules::OPTIONAL_FIELD_NOT_CONVERTED, "optional_fields", path.span(), &text)
}
