//! Whether the type can be an event.

use syn::GenericParam;
use syn::spanned::Spanned;

use crate::ast::{Container, Data};
use crate::context::Context;
use crate::rules;

/// Checks that an event is a struct with named fields, written and read as itself.
pub(crate) fn is_event(cx: &Context, c: &Container<'_>) {
    if !matches!(c.data, Data::Named(_) | Data::Nothing) {
        cx.fatal(
            rules::NOT_AN_EVENT,
            c.input.ident.span(),
            "an event must be a struct with named fields, because only such a struct can gain fields later",
        );
    } else if let Some(param) = c.input.generics.params.first() {
        cx.fatal(
            rules::NOT_AN_EVENT,
            param.span(),
            match param {
                GenericParam::Lifetime(_) => {
                    "an event must own its data: use owned types, such as `String`"
                }
                _ => "an event cannot be generic, because it has one wire format; its parts can, with `#[derive(EventData)]`",
            },
        );
    }
    if let Some(span) = c.serde.transparent_at {
        cx.fatal(
            rules::NOT_AN_EVENT,
            span,
            "an event must be an object with named fields, but `transparent` writes it as its only field\n\
             to fix: remove `transparent`",
        );
    }
    if let Some(span) = c.serde.remote {
        cx.fatal(
            rules::NOT_AN_EVENT,
            span,
            "`remote` writes another type through this struct, but an event must be written as itself\n\
             to fix: remove `remote`, and convert in your code",
        );
    }
    if let Some(key) = c.serde.into.as_ref().or(c.serde.from.as_ref()) {
        cx.fatal(
            rules::NOT_AN_EVENT,
            key.span(),
            "an event must be written and read as its own fields: convert in your code, or derive `Event` on that type",
        );
    }
}
