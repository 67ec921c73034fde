//! A superseded version whose payload is a union: only the user knows which variant an event becomes, so that
//! the conversions are written by hand, and asked for here.

use event_shape::baseline::Version;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::Path;

use super::runtime;
use crate::ast::{Container, Data};
use crate::context::Context;
use crate::spans;

/// `renditions` by a `From` of the user's, and an error for each key that would be about one of the derive's.
pub(super) fn supersede(
    cx: &Context,
    c: &Container<'_>,
    old: &Version,
    path: &Path,
) -> TokenStream {
    let (major, minor, name) = (old.major, old.minor, &c.input.ident);
    if let Some(span) = c.event.upcast {
        let older = super::event::last_of(path);
        cx.error(
            span,
            format_args!(
                "the payload of {major}.{minor} is a union, from which no conversion is derived\n\
                 to fix: remove `upcast`, and write `impl From<{older}> for {name}`"
            ),
        );
    }
    for span in in_vain(c) {
        cx.error(
            span,
            format_args!(
                "the payload of {major}.{minor} is a union, to which no conversion is derived: this key has no effect\n\
                 to fix: remove it, and say it in `impl From<{name}> for {}`",
                super::event::last_of(path)
            ),
        );
    }
    if c.event.retired.is_some() {
        return TokenStream::new();
    }
    let runtime = runtime(c);
    let callee: Vec<TokenTree> = quote!(__shape::ByHand::by_hand).into_iter().collect();
    let at = spans::ends(path);
    // an error about it stands at the path
    let me = Ident::new("__new", at.0);
    let call: TokenStream = spans::call(&callee, quote!(#me), at).collect();
    quote! {
        fn renditions(self, __out: &mut #runtime::Renditions) {
            __out.push(&self);
            let #me = self;
            <#path as #runtime::Event>::renditions(#call, __out)
        }
    }
}

/// Keys of conversions into the older version.
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
