//! The wire format of a type, or the reason why it is unknown.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericParam, Type};

use crate::ast::{Body, Container, Data, Field, Variant, Written};
use crate::context::Context;
use crate::rules;
use crate::spans::{arguments, is_colon, starts_arguments};

/// The source of a type's shape.
pub(crate) enum Made<'c> {
    /// The reason why it is not known has been recorded: it agrees with all.
    Unknown,
    /// `into` and `from`; `true` if both are compared.
    Converted(Box<(Type, Type, bool)>),
    /// `transparent`.
    SeenThrough(&'c Field<'c>),
    Null,
    Newtype(&'c Field<'c>),
    Object(&'c [Field<'c>]),
    Tuple(&'c [Field<'c>]),
    Enum(&'c [Variant<'c>]),
    /// An enum that is written as its number.
    Numbers(&'c [Variant<'c>]),
}

/// The fields or variants of the type.
pub(crate) fn shape<'c>(cx: &Context, c: &'c Container<'c>) -> Made<'c> {
    let before = cx.len();
    of_other_arguments(cx, c);
    let made = made(cx, c);
    match made {
        Some(made) if cx.len() == before && !cx.is_lost() => made,
        _ => Made::Unknown,
    }
}

fn made<'c>(cx: &Context, c: &'c Container<'c>) -> Option<Made<'c>> {
    if let (Some(text), _) | (None, Some(text)) = (&c.serde.into, &c.serde.from) {
        let (Some(into), Some(from)) = (&c.serde.into, &c.serde.from) else {
            cx.error(rules::WRITTEN_NOT_READ, text.span(), "this type is written as one type and read as another: expected both `into` and `from` (or `try_from`)");
            return None;
        };
        let parse = |text: &syn::LitStr| {
            text.parse::<Type>().map_err(|error| cx.push(rules::NO_WIRE_SHAPE, error)).ok()
        };
        let (written, read) = (parse(into)?, parse(from)?);
        // for a type without parameters, a constant beside the shape compares them
        let compare = into.value() != from.value() && !c.input.generics.params.is_empty();
        return Some(Made::Converted(Box::new((written, read, compare))));
    }
    if let Some(span) = c.event.repr {
        return numbers(cx, c, span);
    }
    Some(match &c.data {
        Data::Nothing => return None,
        Data::Unit => Made::Null,
        Data::Newtype(field) if c.serde.transparent => Made::SeenThrough(field),
        Data::Named(fields) | Data::Tuple(fields) if c.serde.transparent => {
            Made::SeenThrough(seen_through(cx, c, fields)?)
        }
        Data::Newtype(field) => Made::Newtype(field),
        Data::Named(fields) => {
            if let Some(tag) = &c.serde.tag {
                cx.error(
                    rules::NO_WIRE_SHAPE,
                    tag.span(),
                    "a tag on a struct is written as a field that the struct does not have: declare it as a field",
                );
                return None;
            }
            Made::Object(fields)
        }
        Data::Tuple(fields) => Made::Tuple(fields),
        Data::Enum(variants) => Made::Enum(variants),
    })
}

/// The field that a `transparent` struct is written as and read from.
fn seen_through<'c>(
    cx: &Context,
    c: &Container<'_>,
    fields: &'c [Field<'c>],
) -> Option<&'c Field<'c>> {
    let span = c.serde.transparent_at.unwrap_or_else(|| c.input.ident.span());
    let (mut written, mut read) = (Vec::new(), Vec::new());
    for field in fields {
        let (writes, reads) = field.is_seen_through();
        if writes {
            written.push(field);
        }
        if reads {
            read.push(field);
        }
    }
    match (&written[..], &read[..]) {
        ([a], [b]) if std::ptr::eq(*a, *b) => return Some(a),
        _ if cx.len() > 0 => {}
        ([a], [b]) => {
            let name = |f: &Field<'_>| f.ident.map_or_else(String::new, |i| format!(" `{i}`"));
            cx.error(
                rules::WRITTEN_NOT_READ,
                span,
                format_args!(
                    "`transparent` writes the field{} but reads the field{}, so this type cannot read its own events\n\
                     to fix: `#[serde(skip)]` on all fields but one",
                    name(a),
                    name(b)
                ),
            );
        }
        _ => cx.doubt(span, "cannot determine which field `transparent` uses"),
    }
    None
}

/// An enum that is written as its number.
fn numbers<'c>(cx: &Context, c: &'c Container<'c>, span: proc_macro2::Span) -> Option<Made<'c>> {
    let Data::Enum(variants) = &c.data else {
        cx.error(
            rules::NUMBER_OR_TEXT,
            span,
            "`repr` is for an enum that is written as its number",
        );
        return None;
    };
    for variant in variants {
        if !matches!(variant.body, Body::Unit) {
            cx.error(
                rules::NUMBER_OR_TEXT,
                variant.ident.span(),
                "a variant that is written as its number cannot hold data",
            );
            return None;
        }
    }
    Some(Made::Numbers(variants))
}

/// Records an error for a type with parameters that contains itself with other arguments: the marker would
/// be taken for the enclosing type, and a shape cannot contain itself.
fn of_other_arguments(cx: &Context, c: &Container<'_>) {
    let mut own: Vec<String> = Vec::new();
    for param in &c.input.generics.params {
        match param {
            GenericParam::Type(p) => own.push(p.ident.to_string()),
            GenericParam::Const(p) => own.push(p.ident.to_string()),
            GenericParam::Lifetime(_) => {}
        }
    }
    if own.is_empty() {
        return;
    }
    c.data.each(&mut |field| {
        let Written::Type(ty) = field.written else { return };
        if holds_other(ty.to_token_stream(), &c.input.ident, &own) {
            let own = own.join(", ");
            cx.push(rules::NO_WIRE_SHAPE, syn::Error::new_spanned(
                ty,
                format_args!(
                    "`{me}` contains itself with other type arguments, and such a type has no event shape\n\
                     to fix: use its own parameters, `{me}<{own}>`, or a separate type without parameters",
                    me = c.input.ident,
                ),
            ));
        }
    });
}

fn holds_other(tokens: TokenStream, me: &Ident, own: &[String]) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    let mut in_a_path = false;
    while let Some(token) = tokens.next() {
        let found = match &token {
            TokenTree::Ident(ident) => {
                ident == me
                    && !in_a_path
                    && starts_arguments(tokens.peek())
                    && arguments(&mut tokens) != own
            }
            TokenTree::Group(group) => holds_other(group.stream(), me, own),
            _ => false,
        };
        if found {
            return true;
        }
        in_a_path = is_colon(&token);
    }
    false
}
