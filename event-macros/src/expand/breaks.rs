//! How a break is shown: as an unmet bound (E0277) in our words. The bound stands in a function named
//! after the version, with the version literal's span, so that rustc shows that literal as well.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::check::{Break, Declared};

/// The tokens of a break. They stand in the derive's constant, beside `LOCKED`.
pub(crate) fn emit(b: &Break, declared: &Declared<'_>) -> TokenStream {
    let (message, label) = (escape(&b.message), escape(&b.label));
    let notes = b.notes.iter().map(|note| {
        let note = escape(note);
        quote!(, note = #note)
    });
    let span = declared.version.span();
    let bound = Ident::new(&format!("version_{}_{}", declared.major, declared.minor), span);
    let name = Ident::new(b.name, Span::call_site());
    let name_at_version = Ident::new(b.name, span);
    let judge = b.judge.as_ref().map_or_else(|| quote!(false), |judge| quote!({ #judge }));
    let needs = quote_spanned!(span=> #name_at_version<#judge>);
    let at = &b.at;
    quote! {
        const _: () = {
            #[diagnostic::on_unimplemented(message = #message, label = #label #(#notes)*)]
            trait #name<const KEPT: ::core::primitive::bool> {}
            #[diagnostic::do_not_recommend]
            impl<T: ?::core::marker::Sized> #name<true> for T {}
            const fn #bound<T: ?::core::marker::Sized + #needs>() {}
            #bound::<#at>()
        };
    }
}

/// Braces are format parameters of the attribute.
fn escape(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}
