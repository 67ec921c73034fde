//! Turns the results of `check` into tokens, without decisions of its own. Everything is in one `const _`
//! with one import, so that no name of the macro is visible in the user's crate.

mod back;
mod breaks;
mod checks;
mod convert;
mod event;
mod proofs;
mod shape;
mod warn;

pub(crate) use convert::conversion;
pub(crate) use event::{event, fallback};
pub(crate) use shape::implement as shape;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;

use crate::ast::Container;
use crate::spans;

/// The derive's tokens: errors outside, everything else in a constant.
pub(crate) fn wrap(
    c: &Container<'_>,
    doubts: &[(Span, String)],
    errors: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let runtime = runtime(c);
    let doubts = of_doubts(c, doubts, &runtime);
    let allowed = allows_deprecated(c).then(|| quote!(#[allow(deprecated)]));
    quote! {
        #errors
        #[allow(non_upper_case_globals, non_camel_case_types, dead_code, unused_qualifications, long_running_const_eval, clippy::all, clippy::pedantic)]
        #allowed
        const _: () = {
            use #runtime::__private::v0_1::event_shape as __shape;
            #doubts
            #body
        };
    }
}

/// Lints that the user allows on the type are also allowed for the derive's own uses of deprecated
/// constants.
fn allows_deprecated(c: &Container<'_>) -> bool {
    for attr in &c.input.attrs {
        if let syn::Meta::List(list) = &attr.meta
            && (list.path.is_ident("allow") || list.path.is_ident("expect"))
            && list.tokens.to_string().contains("deprecated")
        {
            return true;
        }
    }
    false
}

/// Errors that only apply if serde accepts the attribute: otherwise serde's own error is the only one.
fn of_doubts(c: &Container<'_>, doubts: &[(Span, String)], runtime: &TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let ident = &c.input.ident;
    for (span, text) in doubts {
        let callee: Vec<TokenTree> =
            quote!(#runtime::__private::v0_1::known_to_serde_alone).into_iter().collect();
        let args = quote!(<#runtime::__private::v0_1::BySerde<#ident>>::IS, #text);
        let call: TokenStream = spans::call(&callee, args, (*span, *span)).collect();
        out.extend(
            quote!(const _: () = { use #runtime::__private::v0_1::NotBySerde as _; #call };),
        );
    }
    out
}

/// The path of `event_runtime`.
fn runtime(c: &Container<'_>) -> TokenStream {
    if let Some(path) = &c.event.krate { quote!(#path) } else { quote!(::event_runtime) }
}
