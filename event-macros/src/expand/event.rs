//! `impl Event`, the checks against the lock, and the conversions from and to the superseded type.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;

use super::back::Owner;
use super::{breaks, checks, convert, runtime, warn};
use crate::ast::Container;
use crate::check::{self, Conversion, Found, Predecessor, Renditions};
use crate::spans;

/// Everything for an event except its shape.
pub(crate) fn event(c: &Container<'_>, found: &Found<'_>) -> TokenStream {
    let declared = found.declared;
    let mut out = TokenStream::new();
    if let Some(held) = &found.held {
        out.extend(checks::checks(c, declared, held));
    }
    for warning in &found.warnings {
        out.extend(warn::emit(warning));
    }
    let me = Owner { ident: &c.input.ident, generic: false };
    for b in &found.breaks {
        out.extend(breaks::emit(b, declared, me));
    }
    if let Some(predecessor) = &found.predecessor {
        out.extend(is_predecessor(c, predecessor));
    }
    let defs = found.predecessor.as_ref().map_or(&[][..], |p| p.defs);
    for conversion in &found.conversions {
        out.extend(convert::conversion(c, conversion, defs));
    }
    let event = Constants {
        ty: &declared.ty.value(),
        version: (declared.major, declared.minor),
        source: &found.source,
        detail_type: &found.detail_type,
        retired: found.retired,
        superseded: found.predecessor.is_some().then_some(found.superseded_retired),
    };
    out.extend(implement(c, &event, &renditions(c, &found.renditions)));
    out
}

/// The impl with the values of the attributes, if nothing more could be determined: code that uses the type
/// compiles.
pub(crate) fn fallback(c: &Container<'_>, conversions: &[Conversion<'_>]) -> TokenStream {
    if !c.input.generics.params.is_empty() || c.serde.remote.is_some() {
        // the bounds of its parameters are unknown, and a type that stands in for another is not itself
        // written or read
        return TokenStream::new();
    }
    let text = |key: &Option<syn::LitStr>| key.as_ref().map(syn::LitStr::value).unwrap_or_default();
    let ty = text(&c.event.ty);
    let version = check::parse(&text(&c.event.version)).unwrap_or_default();
    let event = Constants {
        ty: &ty,
        version,
        source: &text(&c.event.source),
        detail_type: &format!("{ty}:v{}", version.0),
        retired: false,
        superseded: None,
    };
    let mut out = implement(c, &event, &TokenStream::new());
    for conversion in conversions {
        out.extend(convert::conversion(c, conversion, &[]));
    }
    out
}

struct Constants<'s> {
    ty: &'s str,
    version: (u32, u32),
    source: &'s str,
    detail_type: &'s str,
    /// Whether the lock calls its major retired.
    retired: bool,
    /// Whether the lock calls the major before it retired, if it supersedes one.
    superseded: Option<bool>,
}

fn implement(c: &Container<'_>, event: &Constants<'_>, renditions: &TokenStream) -> TokenStream {
    let (ident, runtime) = (&c.input.ident, runtime(c));
    let (impl_generics, ty_generics, where_clause) = c.input.generics.split_for_impl();
    let Constants { ty, version: (major, minor), source, detail_type, retired, superseded } =
        *event;
    let version = format!("v{major}");
    let mut keys = TokenStream::new();
    if let Some(registry) = &c.event.registry {
        keys.extend(quote!(const REGISTRY: &'static ::core::primitive::str = #registry;));
    }
    if let Some(date) = &c.event.sunset {
        keys.extend(quote!(const SUNSET: &'static ::core::primitive::str = #date;));
    }
    if retired {
        keys.extend(quote!(
            const RETIRED: ::core::primitive::bool = true;
        ));
    }
    if let Some((older, is_retired)) = c.event.supersedes.as_ref().zip(superseded) {
        let retired = c.event.retired.is_some() || is_retired;
        keys.extend(quote! {
            const SUPERSEDES: ::core::option::Option<#runtime::Superseded> =
                ::core::option::Option::Some(#runtime::Superseded {
                    major: <#older as #runtime::Event>::MAJOR,
                    retired: #retired,
                });
        });
    }
    quote! {
        #[automatically_derived]
        impl #impl_generics #runtime::Event for #ident #ty_generics #where_clause {
            const TYPE: &'static ::core::primitive::str = #ty;
            const MAJOR: ::core::primitive::u32 = #major;
            const MINOR: ::core::primitive::u32 = #minor;
            const VERSION: &'static ::core::primitive::str = #version;
            const SOURCE: &'static ::core::primitive::str = #source;
            const DETAIL_TYPE: &'static ::core::primitive::str = #detail_type;
            #keys
            #renditions
        }
    }
}

/// `renditions` of an event that is also published as the older major.
fn renditions(c: &Container<'_>, renditions: &Renditions<'_>) -> TokenStream {
    let runtime = runtime(c);
    let older = match renditions {
        Renditions::None => return TokenStream::new(),
        Renditions::Derived(path, true) => quote! {
            match <#path as ::core::convert::TryFrom<Self>>::try_from(self) {
                ::core::result::Result::Ok(__old) => <#path as #runtime::Event>::renditions(__old, __out),
                ::core::result::Result::Err(__reason) => __out.fail::<#path>(__reason),
            }
        },
        Renditions::Derived(path, false) => {
            quote!(<#path as #runtime::Event>::renditions(<#path as ::core::convert::From<Self>>::from(self), __out))
        }
        Renditions::ByHand(path) => {
            let callee: Vec<TokenTree> = quote!(__shape::ByHand::by_hand).into_iter().collect();
            let at = spans::ends(path);
            // an error about it points at the path
            let me = Ident::new("__new", at.0);
            let call: TokenStream = spans::call(&callee, quote!(#me), at).collect();
            quote! {
                let #me = self;
                <#path as #runtime::Event>::renditions(#call, __out)
            }
        }
    };
    quote! {
        fn renditions(self, __out: &mut #runtime::Renditions) {
            __out.push(&self);
            #older
        }
    }
}

/// A check that the superseded type is the one that the conversion is written for: the same event, at the
/// newest version of the previous major.
fn is_predecessor(c: &Container<'_>, predecessor: &Predecessor<'_>) -> TokenStream {
    let runtime = runtime(c);
    let Predecessor { path, ty, major, minor, .. } = predecessor;
    let callee: Vec<TokenTree> = quote!(__shape::check::supersedes).into_iter().collect();
    let args = quote!(
        #ty, #major, #minor,
        <#path as #runtime::Event>::TYPE, <#path as #runtime::Event>::MAJOR, <#path as #runtime::Event>::MINOR
    );
    let call: TokenStream = spans::call(&callee, args, spans::ends(path)).collect();
    quote!(const _: () = #call;)
}
