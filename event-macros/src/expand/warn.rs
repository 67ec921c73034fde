//! Warnings. Stable Rust has no diagnostics from a macro: the use of a deprecated constant, with the
//! user's span, is the one warning that a macro can word.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// A warning at the span; `name` is what rustc says is deprecated.
pub(crate) fn emit(name: &str, span: Span, text: &str) -> TokenStream {
    let declared = Ident::new(name, Span::call_site());
    let used = Ident::new(name, span);
    quote! {
        const _: () = {
            #[deprecated(note = #text)]
            const #declared: () = ();
            #used
        };
    }
}

/// Days since 1970 now. `SOURCE_DATE_EPOCH` (seconds) stands for now where a build is to be the same on
/// every day.
pub(crate) fn today() -> Option<i64> {
    if let Some(seconds) =
        std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|s| s.parse::<i64>().ok())
    {
        return Some(seconds.div_euclid(86_400));
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(now.as_secs() / 86_400).ok()
}
