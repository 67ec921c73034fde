//! What a type is written as, or why nobody can say it.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericParam, Type};

use crate::ast::{Body, Container, Data, Field, Variant, Written};
use crate::context::Context;
use crate::rules;
use crate::spans::{arguments, is_colon, starts_arguments};

/// What the shape of a type is made of.
pub(crate) enum Made<'c> {
    /// The reason why it is not known has been recorded: it agrees with all.
    Unknown,
    /// `into` and `from`; `true`: with a look at whether the two are written alike.
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

/// What the type is made of.
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
            cx.error(rules::WRITTEN_NOT_READ, text.span(), "it is written as one type and read as another: expected both `into` and `from` (or `try_from`)");
            return None;
        };
        let parse = |text: &syn::LitStr| {
            text.parse::<Type>().map_err(|error| cx.push(rules::NO_WIRE_SHAPE, error)).ok()
        };
        let (written, read) = (parse(into)?, parse(from)?);
        // of a type without parameters, a constant beside the shape compares them
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
                    "a tag on a struct is a field that it doesn't have: make it one",
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
                    "`transparent` writes the field{} and reads the field{}: an event of this type is not read as this type\n\
                     to fix: `#[serde(skip)]` on all fields but one",
                    name(a),
                    name(b)
                ),
            );
        }
        _ => cx.doubt(span, "which field `transparent` sees is not known"),
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
                "a variant that is written as its number carries nothing",
            );
            return None;
        }
    }
    Some(Made::Numbers(variants))
}

/// Records where a type with parameters holds itself with others: the marker would take that for the
/// enclosing type, and its shape can't be made of itself.
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
                    "`{me}` holds itself with other arguments, and such a type has no event shape\n\
                     to fix: use its own, `{me}<{own}>`, or a type of its own without parameters",
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
