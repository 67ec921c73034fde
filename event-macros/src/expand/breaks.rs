//! Shows a break as an unmet bound (E0277) with our text. The bound is in a function named after the
//! version, with the version literal's span, so that rustc shows that literal as well.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::back::Owner;
use super::checks::judged;
use crate::check::{At, Break, Declared};
use crate::{rules, spans};

/// The tokens of a break, placed in the derive's constant beside `__LOCKED`.
pub(super) fn emit(b: &Break<'_>, declared: &Declared<'_>, me: Owner<'_>) -> TokenStream {
    let (message, label) = (escape(&rules::named(b.rule, &b.message)), escape(&b.label));
    let mut notes = TokenStream::new();
    for note in &b.notes {
        let note = escape(note);
        notes.extend(quote!(, note = #note));
    }
    let span = declared.version.span();
    let bound = Ident::new(&format!("version_{}_{}", declared.major, declared.minor), span);
    let name = Ident::new(b.name, Span::call_site());
    let name_at_version = Ident::new(b.name, span);
    let judge = if let Some(judge) = b.judge {
        let holds = judged(judge, me);
        quote!({ #holds })
    } else {
        quote!(false)
    };
    let needs = quote_spanned!(span=> #name_at_version<#judge>);
    let at = match b.at {
        At::Span(span) => spans::mark(span),
        At::Type(ty) => ty.to_token_stream(),
        At::Path(path) => path.to_token_stream(),
    };
    quote! {
        const _: () = {
            #[diagnostic::on_unimplemented(message = #message, label = #label #notes)]
            trait #name<const KEPT: ::core::primitive::bool> {}
            #[diagnostic::do_not_recommend]
            impl<T: ?::core::marker::Sized> #name<true> for T {}
            const fn #bound<T: ?::core::marker::Sized + #needs>() {}
            #bound::<#at>()
        };
    }
}

/// Escapes braces, which are format parameters of the attribute.
fn escape(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}
