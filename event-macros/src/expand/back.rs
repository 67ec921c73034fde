//! Types that contain themselves.
//!
//! A type without parameters owns a static, and refers to it by name. A type with parameters cannot own
//! one: where it contains itself with its own parameters, a marker refers to the enclosing type.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::{GenericArgument, PathArguments, Type, TypePath};

use crate::spans::{arguments, is_colon, starts_arguments};

/// The type that owns the field.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) ident: &'a Ident,
    /// Whether it has parameters. Such a type cannot own a static, so a marker refers to it where it
    /// contains itself.
    pub(crate) generic: bool,
}

/// Whether [`named`] would change nothing, if that is cheap to determine.
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

/// The tokens of a type without `Self`, which is unavailable in a static; in a generic type with `__Back`
/// where it refers to itself.
pub(super) fn named(tokens: TokenStream, me: Owner<'_>) -> TokenStream {
    let mut out = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    // a name after `::` may be that of another type
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
