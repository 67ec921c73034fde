//! The way forward: `From<Old> for New`, or `TryFrom` where a conversion may fail. The keys mirror those
//! of the way back.

use event_shape::Field as Flag;
use event_shape::baseline::{self, Version};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Path;
use syn::ext::IdentExt;

use super::breaks;
use super::value::{Direction, Place, ident, named_at, on_option};
use crate::ast::{Container, Data, Field};
use crate::check::{Break, Declared};
use crate::context::Context;
use crate::spans::mark;
use crate::words;

const UP: Direction = Direction::Up;

/// The conversion of an event from the older major, where `upcast` asks for one.
pub(crate) fn major(
    cx: &Context,
    c: &Container<'_>,
    declared: &Declared<'_>,
    old: &Version,
    path: &Path,
    said: &[String],
) -> TokenStream {
    let (Some(span), Data::Named(fields)) = (c.event.upcast, &c.data) else {
        return TokenStream::new();
    };
    let mut body = given(cx, c, fields);
    let mut unfilled = Vec::new();
    for field in fields.iter().filter(|f| !is_given(c, f)) {
        let Some(name) = field.ident else { continue };
        let older = counterpart(field, old);
        match filled(field, older, &old.defs) {
            Some(value) => body.extend(quote!(#name: #value,)),
            None => unfilled.push((field, older)),
        }
    }
    if unfilled.is_empty() {
        let name = &c.input.ident;
        return UP.conversion(c, path, &quote!(#name { #body }), UP.can_fail(fields));
    }
    // what a break has said already is not said again
    unfilled.retain(|(field, _)| !said.contains(&field.wire));
    let mut out = UP.fallback(c, path);
    if !unfilled.is_empty() {
        out.extend(breaks::emit(&missing(declared, old, path, span, fields, &unfilled), declared));
    }
    out
}

/// An impl that is never run, where `upcast` asks for one.
pub(crate) fn fallback(c: &Container<'_>, path: &Path) -> TokenStream {
    if c.event.upcast.is_some() { UP.fallback(c, path) } else { TokenStream::new() }
}

/// The conversion of a part of an event, where `upcast` asks for one.
pub(crate) fn parts(cx: &Context, c: &Container<'_>) -> TokenStream {
    misplaced(cx, c);
    let (Some(_), Some(path)) = (c.event.upcast, &c.event.supersedes) else {
        return TokenStream::new();
    };
    let name = &c.input.ident;
    match &c.data {
        Data::Named(fields) => {
            let mut body = given(cx, c, fields);
            for field in fields.iter().filter(|f| !is_given(c, f)) {
                let Some(rust) = field.ident else { continue };
                if let Some(value) = part(cx, field, rust) {
                    body.extend(quote!(#rust: #value,));
                }
            }
            UP.conversion(c, path, &quote!(#name { #body }), UP.can_fail(fields))
        }
        Data::Enum(variants) => UP.conversion(c, path, &UP.variants(c, path, variants), false),
        // that `supersedes` is not for it has been said on the way back
        _ => TokenStream::new(),
    }
}

/// Keys that need another one are recorded where they stand alone.
pub(crate) fn misplaced(cx: &Context, c: &Container<'_>) {
    if let (Some(span), None) = (c.event.upcast, &c.event.supersedes) {
        cx.error(span, "`upcast` is about the type that `supersedes` names");
    }
    if c.event.upcast.is_none()
        && let Data::Named(fields) = &c.data
    {
        for field in fields {
            let way = &field.event.up;
            if way.function().is_some() || way.default.is_some() {
                cx.error(
                    field.span(),
                    "`up`, `try_up` and `up_default` are about the way from the superseded type: add `upcast` on the struct",
                );
            }
        }
    }
}

/// The fields of `upcast(..)`. They come first: what they look at may be moved after that.
fn given(cx: &Context, c: &Container<'_>, fields: &[Field<'_>]) -> TokenStream {
    let mut out = TokenStream::new();
    for (key, value) in &c.event.up {
        if fields.iter().any(|f| f.ident.is_some_and(|ident| ident.unraw() == key.unraw())) {
            out.extend(quote!(#key: #value,));
        } else {
            cx.error(key.span(), format_args!("there is no field `{key}` here"));
        }
    }
    out
}

fn is_given(c: &Container<'_>, field: &Field<'_>) -> bool {
    field.ident.is_some_and(|ident| c.event.up.iter().any(|(key, _)| key.unraw() == ident.unraw()))
}

/// The older field that the field comes from: the one that it names, or the one of its wire name.
fn counterpart<'b>(field: &Field<'_>, old: &'b Version) -> Option<&'b baseline::Field> {
    let by_name = |name: &str| old.root.fields.iter().find(|o| o.name == name);
    match &field.event.from {
        Some(from) => by_name(&from.value()),
        None if field.event.drop || field.skipped || field.has(Flag::FLATTEN) => None,
        None => by_name(&field.wire),
    }
}

/// The field's value; `None`: nothing fills it.
fn filled(
    field: &Field<'_>,
    older: Option<&baseline::Field>,
    defs: &[baseline::Def],
) -> Option<TokenStream> {
    let Some(older) = older else {
        // as serde fills a field that it skips
        let empty = words::option_of(field.ty).is_some() || field.skipped;
        let default = empty.then(|| quote!(::core::default::Default::default()));
        return field.event.up.default.clone().or(default);
    };
    let name = ident(&older.rust, Span::call_site());
    if let Some(value) = UP.by_function(field, &name) {
        return Some(value);
    }
    UP.option_aware(field, older, defs, UP.member(field, &older.rust))
}

/// The value of a part's field, where no baseline says what the older type has.
fn part(cx: &Context, field: &Field<'_>, rust: &Ident) -> Option<TokenStream> {
    if !field.event.drop {
        let older = match &field.event.from {
            Some(from) => ident(&from.value(), from.span()),
            None => rust.clone(),
        };
        let value = UP.by_function(field, &older).unwrap_or_else(|| {
            let old = UP.member(field, &older.to_string());
            match &field.event.up.default {
                Some(default) => {
                    let inside = named_at("__some", field);
                    let some = UP.into_at(field, quote!(#inside), Place::Or);
                    on_option(&inside, &old, &some, default)
                }
                None => UP.into(field, old),
            }
        });
        return Some(value);
    }
    let empty = words::option_of(field.ty).map(|_| quote!(::core::default::Default::default()));
    let value = field.event.up.default.clone().or(empty);
    if value.is_none() {
        cx.error(
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
fn missing(
    declared: &Declared<'_>,
    old: &Version,
    path: &Path,
    span: Span,
    fields: &[Field<'_>],
    unfilled: &[(&Field<'_>, Option<&baseline::Field>)],
) -> Break {
    let name = |field: &Field<'_>| field.ident.map(|i| i.unraw().to_string()).unwrap_or_default();
    let list: Vec<_> = unfilled.iter().map(|(f, _)| format!("`{}`", name(f))).collect();
    let mut notes: Vec<String> = unfilled
        .iter()
        .map(|(field, older)| match older {
            Some(o) => format!(
                "`{}` is optional there ({}:{}) and required here: `#[event(up_default = ..)]` on `{}`",
                o.name,
                old.file,
                o.line,
                name(field)
            ),
            None => format!("`{}` is required here, and {}.{} doesn't have it", name(field), old.major, old.minor),
        })
        .collect();
    if let Some((first, _)) = unfilled.iter().find(|(_, older)| older.is_none()) {
        notes.push("to fix, on the field: `#[event(from = \"..\")]` names the older one, with `up = path::to_fn` where the type differs; or `up_default = ..`".to_owned());
        let path = super::event::last_of(path);
        notes.push(format!(
            "or, on the struct: `#[event(upcast({} = <expression over `old: {path}`>))]`",
            name(first)
        ));
    }
    let verb = if unfilled.len() == 1 { "has" } else { "have" };
    Break {
        at: mark(span),
        name: "EveryFieldIsFilled",
        judge: None,
        message: format!(
            "event {} cannot be made from {}.{}: nothing fills {}",
            declared.title(),
            old.major,
            old.minor,
            list.join(", ")
        ),
        label: format!("{} of {} fields {verb} no source", unfilled.len(), fields.len()),
        notes,
    }
}
