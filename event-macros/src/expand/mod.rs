//! From what was read and found to tokens. Everything stands in one `const _` with one import, so that
//! nothing of the macro's is visible in the user's crate.

pub(crate) mod back;
mod breaks;
mod down;
mod event;
mod proofs;
pub(crate) mod shape;
mod sunset;
mod union;
mod up;
mod value;
mod warn;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::ast::{Container, Data};
use crate::check::Declared;
use crate::context::Context;

/// `#[derive(Event)]`.
pub(crate) fn event(input: &DeriveInput) -> TokenStream {
    let cx = Context::default();
    let c = Container::read(&cx, input, true);
    if !matches!(c.data, Data::Named(_) | Data::Nothing) {
        cx.fatal(
            input.ident.span(),
            "an event is a struct with named fields: only that can gain fields later",
        );
    } else if let Some(param) = input.generics.params.first() {
        cx.fatal(
            syn::spanned::Spanned::span(param),
            match param {
                syn::GenericParam::Lifetime(_) => {
                    "an event that was read owns its data, so it cannot borrow: use owned types, such as `String`"
                }
                _ => "an event is one wire type, so it cannot be generic; its parts can, with `#[derive(EventData)]`",
            },
        );
    }
    if let Some(key) = c.serde.into.as_ref().or(c.serde.from.as_ref()) {
        cx.fatal(key.span(), "an event is written and read as its own fields: convert in your code, or derive `Event` on that type");
    }
    let shape = if cx.is_lost() { shape::unknown(&c) } else { shape::implement(&cx, &c) };
    let body = if !cx.is_lost() {
        let declared = Declared::read(&cx, &c);
        event::expand(&cx, &c, declared.as_ref())
    } else if cx.has_doubts() {
        // an event is `Serialize`, which only serde can say of it
        TokenStream::new()
    } else {
        event::fallback(&c)
    };
    wrap(&cx, &c, &quote!(#shape #body))
}

/// `#[derive(EventData)]`.
pub(crate) fn event_data(input: &DeriveInput) -> TokenStream {
    let cx = Context::default();
    let c = Container::read(&cx, input, false);
    let shape = shape::implement(&cx, &c);
    let down = down::parts(&cx, &c);
    let up = up::parts(&cx, &c);
    wrap(&cx, &c, &quote!(#shape #down #up))
}

fn wrap(cx: &Context, c: &Container<'_>, body: &TokenStream) -> TokenStream {
    let runtime = runtime(c);
    let doubts = doubts(cx, c, &runtime);
    let errors = cx.finish();
    // what the user allows on the type, the derive's own uses of deprecated constants are allowed too
    let mut allowed = c.input.attrs.iter().filter(|attr| {
        (attr.path().is_ident("allow") || attr.path().is_ident("expect"))
            && matches!(&attr.meta, syn::Meta::List(list) if list.tokens.to_string().contains("deprecated"))
    });
    let allowed = allowed.next_back().map(|_| quote!(#[allow(deprecated)]));
    quote! {
        #errors
        #[allow(non_upper_case_globals, non_camel_case_types, dead_code, unused_qualifications, long_running_const_eval, clippy::all, clippy::pedantic)]
        #allowed
        const _: () = {
            use #runtime::__private::event_shape as __shape;
            #doubts
            #body
        };
    }
}

/// Errors only where serde takes what is not known here: where it does not, its own error is the one.
fn doubts(cx: &Context, c: &Container<'_>, runtime: &TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let ident = &c.input.ident;
    for (span, text) in cx.doubts() {
        if !c.input.generics.params.is_empty() {
            cx.error(span, text);
            continue;
        }
        let callee: Vec<proc_macro2::TokenTree> =
            quote!(#runtime::__private::known_to_serde_alone).into_iter().collect();
        let args = quote!(<#runtime::__private::BySerde<#ident>>::IS, #text);
        let call: TokenStream = crate::spans::call(&callee, args, (span, span)).collect();
        out.extend(quote!(const _: () = { use #runtime::__private::NotBySerde as _; #call };));
    }
    out
}

/// The path of `event_runtime`.
fn runtime(c: &Container<'_>) -> TokenStream {
    c.event.krate.as_ref().map_or_else(|| quote!(::event_runtime), |path| quote!(#path))
}
