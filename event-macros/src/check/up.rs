//! The conversion from the superseded type. The keys mirror those of the conversion to it.

use event_shape::Field as Flag;
use event_shape::baseline::{self, Version};
use proc_macro2::{Ident, Span};
use syn::Path;
use syn::ext::IdentExt;

use super::convert::{Body, Inside, ident};
use super::down::find;
use super::majors::{Converted, last_of};
use super::{At, Break, Conversion, Declared, Filled, Value, Way};
use crate::ast::{Container, Data, Field};
use crate::context::Context;
use crate::rules;
use crate::words;

/// The conversion of an event from the older major, if it has `upcast`.
pub(super) fn major<'c>(
    cx: &Context,
    c: &'c Container<'c>,
    declared: &Declared<'_>,
    old: &'c Version,
    path: &'c Path,
    said: &[String],
) -> Option<Converted<'c>> {
    let (Some(span), Data::Named(fields)) = (c.event.upcast, &c.data) else { return None };
    let mut out = Converted {
        conversion: Conversion::never(Way::Up, path),
        breaks: Vec::new(),
        warnings: Vec::new(),
    };
    let mut filled = given(cx, c, fields);
    let mut unfilled = Vec::new();
    for field in fields {
        let Some(name) = field.ident.filter(|_| !is_given(c, field)) else { continue };
        let older = counterpart(field, old);
        let value = match older {
            Some(o) => Way::Up.value(field, o, &old.defs, &ident(&o.rust, Span::call_site())),
            // filled as serde fills a skipped field
            None => by_itself(field).or(field.skipped.then_some(Value::Empty)),
        };
        match value {
            Some(value) => filled.push(Filled { target: name.clone(), value }),
            None => unfilled.push((field, older)),
        }
    }
    if unfilled.is_empty() {
        out.conversion = Conversion::fields(Way::Up, path, filled, fields);
        return Some(out);
    }
    // a break has reported this already
    unfilled.retain(|(field, _)| !said.contains(&field.wire));
    if !unfilled.is_empty() {
        out.breaks.push(missing(declared, old, path, span, fields.len(), &unfilled));
    }
    Some(out)
}

/// The conversion of a part of an event, if it has `upcast`.
pub(super) fn part<'c>(cx: &Context, c: &'c Container<'c>) -> Option<Conversion<'c>> {
    misplaced(cx, c);
    let (Some(_), Some(path)) = (c.event.upcast, &c.event.supersedes) else { return None };
    match &c.data {
        Data::Named(fields) => {
            let mut filled = given(cx, c, fields);
            for field in fields {
                let Some(name) = field.ident.filter(|_| !is_given(c, field)) else { continue };
                if let Some(value) = of_a_part(cx, field, name) {
                    filled.push(Filled { target: name.clone(), value });
                }
            }
            Some(Conversion::fields(Way::Up, path, filled, fields))
        }
        Data::Enum(variants) => {
            Some(Conversion { way: Way::Up, path, body: Body::Variants(variants), can_fail: false })
        }
        // the other direction has reported that `supersedes` is not allowed here
        _ => None,
    }
}

/// Reports keys that require another key.
pub(super) fn misplaced(cx: &Context, c: &Container<'_>) {
    if let (Some(span), None) = (c.event.upcast, &c.event.supersedes) {
        cx.error(rules::EVENT_ATTRIBUTE, span, "`upcast` requires `supersedes`");
    }
    let (None, Data::Named(fields)) = (c.event.upcast, &c.data) else { return };
    for field in fields {
        let way = &field.event.up;
        if way.function().is_some() || way.default.is_some() {
            cx.error(
                rules::EVENT_ATTRIBUTE,
                field.span(),
                "`up`, `try_up` and `up_default` require `upcast` on the struct",
            );
        }
    }
}

/// The fields of `upcast(..)`. They come first, because they may read fields that are moved later.
fn given<'c>(cx: &Context, c: &'c Container<'c>, fields: &[Field<'_>]) -> Vec<Filled<'c>> {
    let mut out = Vec::new();
    for (key, value) in &c.event.up {
        let mut known = false;
        for field in fields {
            known |= field.ident.is_some_and(|ident| ident.unraw() == key.unraw());
        }
        if known {
            out.push(Filled { target: key.clone(), value: Value::Given(value) });
        } else {
            cx.error(rules::EVENT_ATTRIBUTE, key.span(), format_args!("unknown field `{key}`"));
        }
    }
    out
}

fn is_given(c: &Container<'_>, field: &Field<'_>) -> bool {
    let Some(name) = field.ident else { return false };
    for (key, _) in &c.event.up {
        if key.unraw() == name.unraw() {
            return true;
        }
    }
    false
}

/// The older field that the field comes from: the one that it names, or the one with its wire name.
fn counterpart<'c>(field: &Field<'_>, old: &'c Version) -> Option<&'c baseline::Field> {
    match &field.event.from {
        Some(from) => find(&old.root, &from.value()),
        None if field.event.drop || field.skipped || field.has(Flag::FLATTEN) => None,
        None => find(&old.root, &field.wire),
    }
}

/// The value of a field that the older type does not have.
fn by_itself<'c>(field: &'c Field<'c>) -> Option<Value<'c>> {
    match &field.event.up.default {
        Some(default) => Some(Value::Given(default)),
        None => words::option_of(field.ty).map(|_| Value::Empty),
    }
}

/// The value of a part's field, for which no baseline lists the older fields.
fn of_a_part<'c>(cx: &Context, field: &'c Field<'c>, rust: &Ident) -> Option<Value<'c>> {
    if !field.event.drop {
        let older = match &field.event.from {
            Some(from) => ident(&from.value(), from.span()),
            None => rust.clone(),
        };
        return Some(match (Way::Up.of(field).function(), &field.event.up.default) {
            (Some(_), _) => Value::Function(field, older),
            (None, Some(_)) => Value::Converted(field, older.to_string(), Some(Inside::Or), None),
            (None, None) => Value::Converted(field, older.to_string(), None, None),
        });
    }
    let value = by_itself(field);
    if value.is_none() {
        cx.error(
            rules::FIELD_NOT_CONVERTED,
            field.span(),
            format_args!(
                "nothing fills `{rust}` in the conversion from the superseded type\n\
                 to fix: `#[event(up_default = ..)]` here, or `upcast({rust} = <expression over `old`>)` on the type"
            ),
        );
    }
    value
}

/// Reports every field without a value, in one error.
fn missing<'c>(
    declared: &Declared<'_>,
    old: &Version,
    path: &Path,
    span: Span,
    fields: usize,
    unfilled: &[(&Field<'_>, Option<&baseline::Field>)],
) -> Break<'c> {
    let (mut list, mut notes) = (Vec::new(), Vec::new());
    let mut first = None;
    for (field, older) in unfilled {
        let name = field.ident.map(|i| i.unraw().to_string()).unwrap_or_default();
        list.push(format!("`{name}`"));
        notes.push(match older {
            Some(o) => format!(
                "`{}` is optional there ({}:{}) and required here: `#[event(up_default = ..)]` on `{name}`",
                o.name, old.file, o.line,
            ),
            None => format!(
                "`{name}` is required here, but {}.{} does not have it",
                old.major, old.minor
            ),
        });
        if older.is_none() && first.is_none() {
            first = Some(name);
        }
    }
    if let Some(first) = first {
        notes.push("to fix, on the field: `#[event(from = \"..\")]` names the older one, with `up = path::to_fn` where the type differs; or `up_default = ..`".to_owned());
        notes.push(format!(
            "or, on the struct: `#[event(upcast({first} = <expression over `old: {}`>))]`",
            last_of(path)
        ));
    }
    let verb = if unfilled.len() == 1 { "has" } else { "have" };
    Break {
        rule: rules::FIELD_NOT_CONVERTED,
        at: At::Span(span),
        name: "EveryFieldIsFilled",
        judge: None,
        message: format!(
            "event {} cannot be made from {}.{}: nothing fills {}",
            declared.title(),
            old.major,
            old.minor,
            list.join(", ")
        ),
        label: format!("{} of {fields} fields {verb} no source", unfilled.len()),
        notes,
    }
}
