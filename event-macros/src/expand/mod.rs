//! From what was read and found to tokens. Everything stands in one `const _` with one import, so that
//! nothing of the macro's is visible in the user's crate.

pub(crate) mod back;
mod breaks;
mod down;
mod event;
pub(crate) mod shape;
mod sunset;
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
        cx.error(
            input.ident.span(),
            "an event is a struct with named fields: only that can gain fields later",
        );
    } else if let Some(param) = input.generics.params.first() {
        cx.error(
            syn::spanned::Spanned::span(param),
            "an event is one wire type, so it can't be generic; its parts can, with `#[derive(EventData)]`",
        );
    }
    if let Some(key) = c.serde.into.as_ref().or(c.serde.from.as_ref()) {
        cx.error(key.span(), "an event is written and read as its own fields: convert in your code, or derive `Event` on that type");
    }
    let shape = if cx.is_empty() { shape::implement(&cx, &c) } else { shape::unknown(&c) };
    let body = if cx.is_empty() {
        let declared = Declared::read(&cx, &c);
        event::expand(&cx, &c, declared.as_ref())
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
    let errors = cx.finish();
    let runtime = runtime(c);
    quote! {
        #errors
        #[allow(non_upper_case_globals, non_camel_case_types, dead_code, unused_qualifications, long_running_const_eval, clippy::all, clippy::pedantic)]
        const _: () = {
            use #runtime::__private::event_shape as __shape;
            #body
        };
    }
}

/// The path of `event_runtime`.
fn runtime(c: &Container<'_>) -> TokenStream {
    c.event.krate.as_ref().map_or_else(|| quote!(::event_runtime), |path| quote!(#path))
}
