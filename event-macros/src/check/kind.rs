//! Whether the type can be an event.

use syn::GenericParam;
use syn::spanned::Spanned;

use crate::ast::{Container, Data};
use crate::context::Context;
use crate::rules;

/// An event is a struct with named fields, written and read as itself.
pub(crate) fn is_event(cx: &Context, c: &Container<'_>) {
    if !matches!(c.data, Data::Named(_) | Data::Nothing) {
        cx.fatal(
            rules::NOT_AN_EVENT,
            c.input.ident.span(),
            "an event is a struct with named fields: only that can gain fields later",
        );
    } else if let Some(param) = c.input.generics.params.first() {
        cx.fatal(
            rules::NOT_AN_EVENT,
            param.span(),
            match param {
                GenericParam::Lifetime(_) => {
                    "an event that was read owns its data, so it cannot borrow: use owned types, such as `String`"
                }
                _ => "an event is one wire type, so it cannot be generic; its parts can, with `#[derive(EventData)]`",
            },
        );
    }
    if let Some(span) = c.serde.transparent_at {
        cx.fatal(
            rules::NOT_AN_EVENT,
            span,
            "an event is an object with named fields, and `transparent` writes it as its one field\n\
             to fix: remove `transparent`",
        );
    }
    if let Some(span) = c.serde.remote {
        cx.fatal(
            rules::NOT_AN_EVENT,
            span,
            "what `remote` names is written through this struct, and an event is written as itself\n\
             to fix: remove `remote`, and convert in your code",
        );
    }
    if let Some(key) = c.serde.into.as_ref().or(c.serde.from.as_ref()) {
        cx.fatal(
            rules::NOT_AN_EVENT,
            key.span(),
            "an event is written and read as its own fields: convert in your code, or derive `Event` on that type",
        );
    }
}
