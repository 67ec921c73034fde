//! A type that holds itself.
//!
//! A type without parameters owns a static, and names it. One with parameters can't: where it holds
//! itself with its own parameters, a marker stands for the enclosing type.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, GenericParam, PathArguments, Type, TypePath};

use crate::ast::{Body, Container, Data, Field, Written};
use crate::context::Context;

/// The type whose field it is.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) ident: &'a Ident,
    /// Whether it has parameters. Such a type can't own a static, and so a marker names it where it holds
    /// itself.
    pub(crate) generic: bool,
}

/// Records where a type with parameters holds itself with others: the marker would take that for the
/// enclosing type, and its shape can't be made of itself.
pub(super) fn of_other_arguments(cx: &Context, c: &Container<'_>) {
    let own: Vec<String> = c
        .input
        .generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(p) => Some(p.ident.to_string()),
            GenericParam::Const(p) => Some(p.ident.to_string()),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    if own.is_empty() {
        return;
    }
    for field in all(&c.data) {
        let Written::Type(ty) = field.written else { continue };
        if holds_other(ty.to_token_stream(), &c.input.ident, &own) {
            let own = own.join(", ");
            cx.push(syn::Error::new_spanned(
                ty,
                format_args!(
                    "`{me}` holds itself with other arguments, and such a type has no event shape\n\
                     to fix: use its own, `{me}<{own}>`, or a type of its own without parameters",
                    me = c.input.ident,
                ),
            ));
        }
    }
}

fn all<'c, 'a>(data: &'c Data<'a>) -> Vec<&'c Field<'a>> {
    match data {
        Data::Named(fields) | Data::Tuple(fields) => fields.iter().collect(),
        Data::Newtype(field) => vec![field],
        Data::Unit | Data::Nothing => Vec::new(),
        Data::Enum(variants) => variants
            .iter()
            .flat_map(|v| match &v.body {
                Body::Unit => Vec::new(),
                Body::One(field) => vec![&**field],
                Body::Tuple(fields) | Body::Named(fields) => fields.iter().collect(),
            })
            .collect(),
    }
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

/// Whether [`named`] would change nothing, where that is easily seen.
pub(super) fn names_none(ty: &Type, me: Owner<'_>) -> bool {
    let Type::Path(TypePath { qself: None, path, .. }) = ty else { return false };
    !me.generic
        && path.segments.first().is_some_and(|first| first.ident != "Self")
        && path.segments.iter().all(|segment| match &segment.arguments {
            PathArguments::None => true,
            PathArguments::AngleBracketed(args) => args.args.iter().all(|arg| match arg {
                GenericArgument::Type(ty) => names_none(ty, me),
                GenericArgument::Lifetime(_) => true,
                _ => false,
            }),
            PathArguments::Parenthesized(_) => false,
        })
}

/// The tokens of a type without `Self`, which a static doesn't know; in a generic type with `__Back`
/// where it names itself.
pub(super) fn named(tokens: TokenStream, me: Owner<'_>) -> TokenStream {
    let mut out = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    // a name behind `::` may be that of another type
    let mut in_a_path = false;
    while let Some(token) = tokens.next() {
        let colon = is_colon(&token);
        match token {
            TokenTree::Ident(ident)
                if me.generic && !in_a_path && (ident == *me.ident || ident == "Self") =>
            {
                out.extend([TokenTree::Ident(Ident::new("__Back", ident.span()))]);
                if starts_arguments(tokens.peek()) {
                    arguments(&mut tokens);
                }
            }
            TokenTree::Ident(ident) if ident == "Self" => {
                let mut name = me.ident.clone();
                name.set_span(ident.span());
                out.extend([TokenTree::Ident(name)]);
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), named(group.stream(), me));
                inner.set_span(group.span());
                out.extend([TokenTree::Group(inner)]);
            }
            token => out.extend([token]),
        }
        in_a_path = colon;
    }
    out
}

fn is_colon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(p) if p.as_char() == ':')
}

fn starts_arguments(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == '<')
}

/// Steps over `<..>`: the arguments' texts, lifetimes aside.
fn arguments(tokens: &mut impl Iterator<Item = TokenTree>) -> Vec<String> {
    let mut depth = 0usize;
    let mut out = vec![String::new()];
    for token in tokens {
        if let TokenTree::Punct(p) = &token {
            match p.as_char() {
                '<' => {
                    depth += 1;
                    if depth == 1 {
                        continue;
                    }
                }
                '>' => depth = depth.saturating_sub(1),
                ',' if depth == 1 => {
                    out.push(String::new());
                    continue;
                }
                _ => {}
            }
        }
        if depth == 0 {
            break;
        }
        if let Some(last) = out.last_mut() {
            last.push_str(&token.to_string());
        }
    }
    out.retain(|argument| !argument.is_empty() && !argument.starts_with('\''));
    out
}
