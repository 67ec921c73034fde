//! Warnings. Stable Rust has no diagnostics from a macro: the use of a deprecated constant, with the
//! user's span, is the one warning that a macro can word.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::check::Warning;

/// A warning at the span; rustc says its name, as what is deprecated.
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
