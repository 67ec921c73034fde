//! Warnings. Stable Rust has no diagnostics for macros: the use of a deprecated constant with the user's
//! span is the only warning whose text a macro can choose.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::check::Warning;

/// A warning at the span; rustc shows the constant's name as deprecated.
pub(super) fn emit(warning: &Warning) -> TokenStream {
    let Warning { name, span, text } = warning;
    let declared = Ident::new(name, Span::call_site());
    let used = Ident::new(name, *span);
    quote! {
        const _: () = {
            #[deprecated(note = #text)]
            const #declared: () = ();
            #used
        };
    }
}
