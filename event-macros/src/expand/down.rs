//! The way back: `From<New> for Old`, or `TryFrom` where a conversion may fail.
//!
//! For an event the older fields come from the baseline, and rustc checks the types. For a part of an
//! event there is no baseline: it has the fields of the older one, and rustc says which it hasn't.

use event_shape::Field as Flag;
use event_shape::baseline::{self, Version};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;
use syn::ext::IdentExt;

use super::breaks;
use super::value::{Direction, ident};
use crate::ast::{Container, Data, Field};
use crate::check::{Break, Declared};
use crate::context::Context;
use crate::words;

const DOWN: Direction = Direction::Down;

/// The conversion of an event into the older major, and whether it may fail.
pub(crate) fn major(
    cx: &Context,
    c: &Container<'_>,
    declared: &Declared<'_>,
    old: &Version,
    path: &Path,
    said: &[String],
) -> (TokenStream, bool) {
    let Data::Named(fields) = &c.data else { return (TokenStream::new(), false) };
    let can_fail = DOWN.can_fail(fields);
    // First what `down(..)` computes, which may look at fields that are moved after that. It may also be
    // for a field that the older schema doesn't have (`#[serde(skip)]`).
    let mut body = given(c);
    let mut unfilled = Vec::new();
    let mut left = Vec::new();
    for name in &c.event.drop {
        if !old.root.fields.iter().any(|o| o.name == name.value() && o.optional) {
            cx.error(
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
            && !old.root.fields.iter().any(|o| o.name == from.value())
        {
            cx.error(
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
    for o in &old.root.fields {
        let rust = ident(&o.rust, super::event::path_span(path));
        if c.event.down.iter().any(|(key, _)| key.unraw() == o.rust) {
            continue;
        }
        match source(fields, o) {
            Some(field) => match value(field, o, &old.defs) {
                Some(value) => body.extend(quote!(#rust: #value,)),
                None => unfilled.push((o, Some(field))),
            },
            None if o.optional => {
                let dropped = |f: &Field<'_>| f.event.drop && f.wire == o.name;
                if !fields.iter().any(dropped) && !c.event.drop.iter().any(|d| d.value() == o.name)
                {
                    left.push(o);
                }
                body.extend(quote!(#rust: ::core::default::Default::default(),));
            }
            None => unfilled.push((o, None)),
        }
    }
    if unfilled.is_empty() {
        let mut out = conversion(c, path, &body, can_fail);
        if !left.is_empty() {
            out.extend(left_empty(old, path, &left));
        }
        return (out, can_fail);
    }
    // what a break has said already is not said again
    unfilled.retain(|(o, _)| !said.contains(&o.name));
    let mut out = fallback(c, path);
    if !unfilled.is_empty() {
        out.extend(breaks::emit(&unmapped(c, declared, old, path, &unfilled), declared));
    }
    (out, false)
}

/// An impl that is never run: the reason why there is none has been shown.
pub(crate) fn fallback(c: &Container<'_>, path: &Path) -> TokenStream {
    DOWN.fallback(c, path)
}

/// The conversion of a part of an event, where `supersedes` asks for one.
pub(crate) fn parts(cx: &Context, c: &Container<'_>) -> TokenStream {
    let Some(path) = &c.event.supersedes else { return TokenStream::new() };
    match &c.data {
        Data::Named(fields) => {
            let can_fail = DOWN.can_fail(fields);
            let mut body = given(c);
            for field in fields.iter().filter(|f| !f.event.drop) {
                let Some(name) = field.ident else { continue };
                let target = match &field.event.from {
                    Some(from) => ident(&from.value(), from.span()),
                    None => name.clone(),
                };
                if c.event.down.iter().any(|(key, _)| key.unraw() == target.unraw()) {
                    continue;
                }
                let value = plain_value(field);
                body.extend(quote!(#target: #value,));
            }
            conversion(c, path, &body, can_fail)
        }
        Data::Enum(variants) => DOWN.conversion(c, path, &DOWN.variants(c, path, variants), false),
        _ => {
            cx.error(super::event::path_span(path), "`supersedes` here is for structs with named fields and for enums; write `From` by hand");
            TokenStream::new()
        }
    }
}

fn conversion(c: &Container<'_>, path: &Path, body: &TokenStream, can_fail: bool) -> TokenStream {
    let literal = quote_spanned!(super::event::path_span(path)=> #path { #body });
    DOWN.conversion(c, path, &literal, can_fail)
}

/// The fields of `down(..)`.
fn given(c: &Container<'_>) -> TokenStream {
    c.event.down.iter().map(|(key, value)| quote!(#key: #value,)).collect()
}

/// The field that fills an older one: the one that names it, or the one that has its wire name.
fn source<'f>(fields: &'f [Field<'f>], old: &baseline::Field) -> Option<&'f Field<'f>> {
    fields
        .iter()
        .find(|f| f.event.from.as_ref().is_some_and(|from| from.value() == old.name))
        .or_else(|| {
            fields.iter().find(|f| {
                !f.skipped
                    && !f.has(Flag::FLATTEN)
                    && f.wire == old.name
                    && !f.event.drop
                    && f.event.from.is_none()
            })
        })
}

/// The older field's value. `None`: it is required, the field may hold nothing, and no default is given.
fn value(field: &Field<'_>, old: &baseline::Field, defs: &[baseline::Def]) -> Option<TokenStream> {
    let name = field.ident?;
    if field.event.down.function().is_some() {
        return DOWN.by_function(field, name);
    }
    DOWN.option_aware(field, old, defs, DOWN.member(field, &name.to_string()))
}

/// The value by `down`, `try_down` or `From`, without a look at the older field.
fn plain_value(field: &Field<'_>) -> TokenStream {
    let Some(name) = field.ident else { return TokenStream::new() };
    DOWN.by_function(field, name)
        .unwrap_or_else(|| DOWN.into(field, DOWN.member(field, &name.to_string())))
}

/// Every older field that nothing fills, in one error.
fn unmapped(
    c: &Container<'_>,
    declared: &Declared<'_>,
    old: &Version,
    path: &Path,
    unfilled: &[(&baseline::Field, Option<&Field<'_>>)],
) -> Break {
    let list: Vec<_> = unfilled.iter().map(|(o, _)| format!("`{}`", o.name)).collect();
    let mut notes: Vec<String> = unfilled
        .iter()
        .map(|(o, field)| {
            let place = format!("{}:{}", old.file, o.line);
            match field.and_then(|f| f.ident) {
                Some(name) => format!(
                    "`{}` is required there ({place}) and optional here: `#[event(down_default = ..)]` on `{name}`",
                    o.name
                ),
                None => format!("`{}`: {}, required ({place})", o.name, words::of_schema(&o.ty, &old.defs)),
            }
        })
        .collect();
    if let Some((first, _)) = unfilled.iter().find(|(_, field)| field.is_none()) {
        notes.push("to fix, on the field that now carries it: `#[event(from = \"..\")]`, with `down = path::to_fn` where the type differs".to_owned());
        notes.push(format!(
            "or, where nothing carries it, on the struct: `#[event(down({} = <expression over `new: {}`>))]`",
            first.rust, c.input.ident
        ));
    }
    let verb = if unfilled.len() == 1 { "has" } else { "have" };
    Break {
        at: path.to_token_stream(),
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

/// A warning that names the optional older fields that nothing fills.
fn left_empty(old: &Version, path: &Path, left: &[&baseline::Field]) -> TokenStream {
    let names: Vec<_> = left.iter().map(|o| format!("`{}`", o.name)).collect();
    let drops: Vec<_> = left.iter().map(|o| format!("drop = \"{}\"", o.name)).collect();
    let (verb, they) = if left.len() == 1 { ("is", "it") } else { ("are", "them") };
    let text = format!(
        "{} of {}.{} {verb} never filled from this version: consumers of that version no longer get {they}\n\
         to fix: `#[event(from = \"..\")]` on the field that carries it, or `down({} = ..)` on the struct\n\
         or, where that is meant: `#[event({})]`",
        names.join(", "),
        old.major,
        old.minor,
        left[0].rust,
        drops.join(", ")
    );
    super::warn::emit("optional_fields", super::event::path_span(path), &text)
}
