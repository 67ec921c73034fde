//! The way forward, from the type that is superseded. The keys mirror those of the way back.

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

/// The conversion of an event from the older major, where `upcast` asks for one.
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
            // as serde fills a field that it skips
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
    // what a break has said already is not said again
    unfilled.retain(|(field, _)| !said.contains(&field.wire));
    if !unfilled.is_empty() {
        out.breaks.push(missing(declared, old, path, span, fields.len(), &unfilled));
    }
    Some(out)
}

/// The conversion of a part of an event, where `upcast` asks for one.
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
        // that `supersedes` is not for it has been said on the way back
        _ => None,
    }
}

/// Keys that need another one are recorded where they stand alone.
pub(super) fn misplaced(cx: &Context, c: &Container<'_>) {
    if let (Some(span), None) = (c.event.upcast, &c.event.supersedes) {
        cx.error(
            rules::EVENT_ATTRIBUTE,
            span,
            "`upcast` is about the type that `supersedes` names",
        );
    }
    let (None, Data::Named(fields)) = (c.event.upcast, &c.data) else { return };
    for field in fields {
        let way = &field.event.up;
        if way.function().is_some() || way.default.is_some() {
            cx.error(
                rules::EVENT_ATTRIBUTE,
                field.span(),
                "`up`, `try_up` and `up_default` are about the way from the superseded type: add `upcast` on the struct",
            );
        }
    }
}

/// The fields of `upcast(..)`. They come first: what they look at may be moved after that.
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
            cx.error(
                rules::EVENT_ATTRIBUTE,
                key.span(),
                format_args!("there is no field `{key}` here"),
            );
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

/// The older field that the field comes from: the one that it names, or the one of its wire name.
fn counterpart<'c>(field: &Field<'_>, old: &'c Version) -> Option<&'c baseline::Field> {
    match &field.event.from {
        Some(from) => find(&old.root, &from.value()),
        None if field.event.drop || field.skipped || field.has(Flag::FLATTEN) => None,
        None => find(&old.root, &field.wire),
    }
}

/// What fills a field that the older type does not have.
fn by_itself<'c>(field: &'c Field<'c>) -> Option<Value<'c>> {
    match &field.event.up.default {
        Some(default) => Some(Value::Given(default)),
        None => words::option_of(field.ty).map(|_| Value::Empty),
    }
}

/// The value of a part's field, where no baseline says what the older type has.
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
                "nothing fills `{rust}` on the way from the superseded type\n\
                 to fix: `#[event(up_default = ..)]` here, or `upcast({rust} = <expression over `old`>)` on the type"
            ),
        );
    }
    value
}

/// Every field that nothing fills, in one error.
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
                "`{name}` is required here, and {}.{} doesn't have it",
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
