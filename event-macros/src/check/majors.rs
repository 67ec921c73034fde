//! A new major and the one before it.

use event_shape::baseline::Version;
use proc_macro2::TokenStream;
use quote::quote;

use super::{Break, Declared};
use crate::ast::Container;
use crate::context::Context;
use crate::spans::mark;

/// A major that follows another one names the type that it supersedes.
pub(crate) fn needs_predecessor(
    cx: &Context,
    c: &Container<'_>,
    declared: &Declared<'_>,
    older: Option<&Version>,
) -> Option<Break> {
    let path = c.event.supersedes.as_ref();
    if let Some(path) = path
        && is_itself(path, &c.input.ident)
    {
        cx.error(
            syn::spanned::Spanned::span(path),
            "a type does not supersede itself: expected the type of the earlier major",
        );
        return None;
    }
    match (older, path) {
        (Some(old), None) if !declared.generated => {
            let name = &c.input.ident;
            Some(Break {
                at: mark(declared.version.span()),
                name: "MajorHasAPredecessor",
                judge: None,
                message: format!(
                    "event {} is a new major and says nothing about {}.{}",
                    declared.title(),
                    old.major,
                    old.minor
                ),
                label: "needs `supersedes = <the type of the earlier major>`".to_owned(),
                notes: vec![
                    format!(
                        "{} has readers: both majors are published until it is retired",
                        old.file
                    ),
                    format!(
                        "to fix: `#[event(.., supersedes = path::to::v{}::{name})]`",
                        old.major
                    ),
                ],
            })
        }
        (None, Some(path)) => {
            cx.error(
                syn::spanned::Spanned::span(path),
                format_args!(
                    "`{}` has no major before {} that could be superseded",
                    declared.ty.value(),
                    declared.major
                ),
            );
            None
        }
        _ => None,
    }
}

/// Whether the path names the type that says it.
pub(crate) fn is_itself(path: &syn::Path, me: &proc_macro2::Ident) -> bool {
    path.get_ident().is_some_and(|name| name == "Self" || name == me)
}

/// A check that the superseded type is the event that the conversion is written for: of this type, and of
/// the newest version of the major before.
pub(crate) fn is_predecessor(
    path: &syn::Path,
    declared: &Declared<'_>,
    old: &Version,
    runtime: &TokenStream,
) -> TokenStream {
    let (ty, major, minor) = (declared.ty.value(), old.major, old.minor);
    let callee: Vec<proc_macro2::TokenTree> =
        quote!(__shape::check::supersedes).into_iter().collect();
    let args = quote!(
        #ty, #major, #minor,
        <#path as #runtime::Event>::TYPE, <#path as #runtime::Event>::MAJOR, <#path as #runtime::Event>::MINOR
    );
    let call: TokenStream = crate::spans::call(&callee, args, crate::spans::ends(path)).collect();
    quote!(const _: () = #call;)
}
