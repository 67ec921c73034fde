//! A payload that is a union: a struct has the same fields in every event, so no struct matches it.

use event_shape::baseline::{Def, Enum, Ty, Version};

use proc_macro2::Span;
use syn::Path;

use super::{At, Break, Declared, Renditions, last_of};
use crate::ast::{Container, Data};
use crate::context::Context;
use crate::rules;

/// The union that is the payload of a version, if any. The root then only has the fields of all branches.
pub(super) fn union(version: &Version) -> Option<(&Def, &Enum)> {
    let def = version.defs.first()?;
    match &def.ty {
        Ty::Enum(union) => Some((def, union)),
        _ => None,
    }
}

/// The break of a struct that declares such a version.
pub(super) fn of_a_struct<'c>(
    c: &Container<'_>,
    declared: &Declared<'_>,
    version: &Version,
    (def, union): (&Def, &Enum),
) -> Break<'c> {
    let against = format!("{}.{}", version.major, version.minor);
    let names: Vec<String> = union.variants.iter().map(|v| format!("`{}`", v.rust)).collect();
    let word = if version.locked { "locked in" } else { "stated in" };
    Break {
        rule: rules::STRUCT_IN_PLACE_OF_UNION,
        at: At::Span(c.input.ident.span()),
        name: "UnionsStayUnions",
        judge: None,
        message: format!(
            "breaking change in event {}: the payload is a union, but a struct holds one set of fields",
            declared.title()
        ),
        label: format!("expected an enum of {}", names.join(", ")),
        notes: vec![
            format!("{word} {}:{}: the payload is the enum `{}`", version.file, def.line, def.rust),
            format!(
                "who breaks: consumers of {against}; an event without the fields of its variant would be written, and they reject it"
            ),
            format!(
                "to fix: the generated enum `{}` (`event_runtime::include_events!()`) in place of this struct",
                def.rust
            ),
            format!(
                "or: a new major, `version = \"{}.0\"`, whose payload is an object",
                declared.major + 1
            ),
        ],
    }
}

/// A superseded version whose payload is a union: only the user knows which variant an event becomes, so
/// the conversions are written by hand. Each key of the derived conversion is an error.
pub(super) fn supersede<'c>(
    cx: &Context,
    c: &Container<'_>,
    old: &Version,
    path: &'c Path,
) -> Renditions<'c> {
    let (major, minor, name) = (old.major, old.minor, &c.input.ident);
    if let Some(span) = c.event.upcast {
        let older = last_of(path);
        cx.error(
            rules::CONVERSION_KEY_WITHOUT_EFFECT,
            span,
            format_args!(
                "the payload of {major}.{minor} is a union, from which no conversion is derived\n\
                 to fix: remove `upcast`, and write `impl From<{older}> for {name}`"
            ),
        );
    }
    for span in in_vain(c) {
        cx.error(
            rules::CONVERSION_KEY_WITHOUT_EFFECT,
            span,
            format_args!(
                "the payload of {major}.{minor} is a union, to which no conversion is derived: this key has no effect\n\
                 to fix: remove it, and write the conversion in `impl From<{name}> for {}`",
                last_of(path)
            ),
        );
    }
    if c.event.retired.is_some() {
        return Renditions::None;
    }
    Renditions::ByHand(path)
}

/// Keys for conversions to the older version.
fn in_vain(c: &Container<'_>) -> Vec<Span> {
    let mut out: Vec<Span> = c.event.down.iter().map(|(key, _)| key.span()).collect();
    out.extend(c.event.drop.iter().map(syn::LitStr::span));
    if let Data::Named(fields) = &c.data {
        for field in fields {
            let down = &field.event.down;
            out.extend(field.event.from.as_ref().map(syn::LitStr::span));
            if down.function().is_some() || down.default.is_some() {
                out.push(field.span());
            }
        }
    }
    out
}
