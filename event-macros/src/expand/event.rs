//! `impl Event`, the checks against the lock, and what the struct supersedes.

use event_shape::Field as Flag;
use event_shape::baseline::{self, Baseline, Object, Ty, Version};
use proc_macro2::{Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::quote;
use syn::spanned::Spanned;

use super::back::Owner;
use super::{breaks, down, runtime, shape, sunset, union, up, warn};
use crate::ast::{Container, Data};
use crate::check::{self, Call, Declared, Held};
use crate::context::Context;
use crate::{locate, spans};

/// Everything of an event but its shape.
pub(crate) fn expand(
    cx: &Context,
    c: &Container<'_>,
    declared: Option<&Declared<'_>>,
) -> TokenStream {
    let Some(declared) = declared else { return fallback(c) };
    let Some(baseline) = check::find(cx, c, declared) else { return fallback(c) };
    let source = check::source(cx, c, declared, &baseline);
    let mut out = TokenStream::new();
    let held = check::hold(c, declared, &baseline);
    out.extend(held.as_ref().map(|held| checks(c, declared, held)));
    let said = held.map(|held| held.said).unwrap_or_default();
    let place = locate::place(&baseline, declared.major, declared.minor);
    out.extend(not_locked(declared, &place));
    out.extend(sunset::check(cx, c, declared, &baseline));

    up::misplaced(cx, c);
    let older = place.older;
    let missing = check::needs_predecessor(cx, c, declared, older);
    out.extend(missing.as_ref().map(|b| breaks::emit(b, declared)));
    let mut renditions = TokenStream::new();
    let path = check::superseded(c).filter(|path| !check::is_itself(path, &c.input.ident));
    if let (Some(path), Some(newest)) = (path, older) {
        let old = superseded_version(cx, c, &baseline, newest);
        out.extend(check::is_predecessor(path, declared, old, &runtime(c)));
        if check::union(old).is_some() {
            renditions = union::supersede(cx, c, old, path);
        } else {
            let (conversion, can_fail) = down::major(cx, c, declared, old, path, &said);
            out.extend(conversion);
            out.extend(up::major(cx, c, declared, old, path, &said));
            if c.event.retired.is_none() {
                renditions = also(c, path, can_fail);
            }
        }
    } else if let (Some(span), None) = (c.event.retired, check::superseded(c)) {
        cx.error(span, "`retired` is about the major that `supersedes` names");
    }
    out.extend(implement(c, declared, &baseline, &source, &renditions));
    out
}

/// The impl with what the attributes say, where more could not be found out: users of the type compile.
pub(crate) fn fallback(c: &Container<'_>) -> TokenStream {
    if !c.input.generics.params.is_empty() || c.serde.remote.is_some() {
        // what its parameters would have to be, nobody has said; and what stands for another type is
        // itself neither written nor read
        return TokenStream::new();
    }
    let text = |key: &Option<syn::LitStr>| key.as_ref().map(syn::LitStr::value).unwrap_or_default();
    let ty = text(&c.event.ty);
    let (major, minor) = check::parse(&text(&c.event.version)).unwrap_or_default();
    let (version, detail_type) = (format!("v{major}"), format!("{ty}:v{major}"));
    let mut out = constants(
        c,
        &ty,
        (major, minor),
        &version,
        &text(&c.event.source),
        &detail_type,
        &TokenStream::new(),
    );
    if let Some(path) = &c.event.supersedes
        && !check::is_itself(path, &c.input.ident)
    {
        out.extend(down::fallback(c, path));
        out.extend(up::fallback(c, path));
    }
    out
}

fn implement(
    c: &Container<'_>,
    declared: &Declared<'_>,
    baseline: &Baseline,
    source: &str,
    renditions: &TokenStream,
) -> TokenStream {
    let Declared { major, minor, .. } = *declared;
    let ty = declared.ty.value();
    let own = locate::place(baseline, major, minor).against.and_then(|v| v.detail_type.clone());
    let detail_type = own.unwrap_or_else(|| format!("{ty}:v{major}"));
    constants(c, &ty, (major, minor), &format!("v{major}"), source, &detail_type, renditions)
}

fn constants(
    c: &Container<'_>,
    ty: &str,
    (major, minor): (u32, u32),
    version: &str,
    source: &str,
    detail_type: &str,
    renditions: &TokenStream,
) -> TokenStream {
    let (ident, runtime) = (&c.input.ident, runtime(c));
    let (impl_generics, ty_generics, where_clause) = c.input.generics.split_for_impl();
    let sunset = sunset::constant(c);
    let registry = c.event.registry.as_ref();
    let registry = registry.map(|r| quote!(const REGISTRY: &'static ::core::primitive::str = #r;));
    quote! {
        #[automatically_derived]
        impl #impl_generics #runtime::Event for #ident #ty_generics #where_clause {
            const TYPE: &'static ::core::primitive::str = #ty;
            const MAJOR: ::core::primitive::u32 = #major;
            const MINOR: ::core::primitive::u32 = #minor;
            const VERSION: &'static ::core::primitive::str = #version;
            const SOURCE: &'static ::core::primitive::str = #source;
            const DETAIL_TYPE: &'static ::core::primitive::str = #detail_type;
            #registry
            #sunset
            #renditions
        }
    }
}

/// `renditions` of an event that is published as the older major too.
fn also(c: &Container<'_>, path: &syn::Path, can_fail: bool) -> TokenStream {
    let runtime = runtime(c);
    let older = if can_fail {
        quote! {
            match <#path as ::core::convert::TryFrom<Self>>::try_from(self) {
                ::core::result::Result::Ok(__old) => <#path as #runtime::Event>::renditions(__old, __out),
                ::core::result::Result::Err(__reason) => __out.fail::<#path>(__reason),
            }
        }
    } else {
        quote!(<#path as #runtime::Event>::renditions(<#path as ::core::convert::From<Self>>::from(self), __out))
    };
    quote! {
        fn renditions(self, __out: &mut #runtime::Renditions) {
            __out.push(&self);
            #older
        }
    }
}

/// `LOCKED`, the breaks, and a constant for each field that only types can judge.
fn checks(c: &Container<'_>, declared: &Declared<'_>, held: &Held<'_>) -> TokenStream {
    let flat = flat(c, held);
    let breaks = held.breaks.iter().map(|b| breaks::emit(b, declared));
    let mut single = TokenStream::new();
    for check in &held.checks {
        let (callee, args) = match &check.call {
            Call::Part(shape, flags, at, place) => {
                (quote!(__shape::check::part), quote!(__LOCKED, #shape, #flags, #at, #place))
            }
            Call::Other(callee, args) => (callee.clone(), args.clone()),
        };
        let callee: Vec<TokenTree> = callee.into_iter().collect();
        let call: TokenStream = spans::call(&callee, args, check.at).collect();
        let name = Ident::new(&check.name, check.at.0);
        let guard = check.guard.as_ref().map(|guard| quote!(if #guard));
        single.extend(quote!(const #name: () = #guard { #call };));
    }
    // A constant costs rustc more than what stands in it, and a struct more than a string: where nothing
    // else asks for the lock, it is text.
    let shared = !single.is_empty() || held.breaks.iter().any(|b| b.judge.is_some());
    let locked = shared.then(|| {
        let lock = lock(declared, held);
        quote!(const __LOCKED: &__shape::Locked<'static> = #lock;)
    });
    let plain = (!held.plain.is_empty()).then(|| {
        let against = held.against;
        let name = format!("fields_are_as_in_{}_{}", against.major, against.minor);
        let (name, ident) = (Ident::new(&name, Span::call_site()), &c.input.ident);
        let callee: Vec<TokenTree> = quote!(__shape::check::field).into_iter().collect();
        let mut calls: Vec<TokenTree> = Vec::new();
        for (index, at) in &held.plain {
            let index = Literal::usize_unsuffixed(*index);
            calls.extend(spans::call(&callee, quote!(__of, #index), *at));
            calls.push(TokenTree::Punct(Punct::new(';', Spacing::Alone)));
        }
        // a name may be another type with other arguments
        let callee: Vec<TokenTree> = quote!(__shape::check::rest).into_iter().collect();
        let at = (ident.span(), ident.span());
        calls.extend(spans::call(&callee, quote!(__of), at));
        let calls: TokenStream = calls.into_iter().collect();
        let (made, lock) = if shared {
            (quote!(of), quote!(__LOCKED))
        } else {
            let text = lock_text(declared, held);
            (quote!(new), quote!(#text))
        };
        let codes: Vec<u8> = held.codes.iter().flat_map(|code| code.to_le_bytes()).collect();
        let codes = Literal::byte_string(&codes);
        quote! {
            const #name: () = {
                let __of = __shape::check::Fields::#made(#lock, <#ident as __shape::EventShape>::SHAPE, #codes);
                if __of.differ() { #calls }
            };
        }
    });
    quote! {
        #locked
        #flat
        #(#breaks)*
        #plain
        #single
    }
}

/// The lock as the checks read it.
fn lock(declared: &Declared<'_>, held: &Held<'_>) -> TokenStream {
    let Version { major, minor, file, locked, .. } = held.against;
    let (event, version) = (declared.ty.value(), format!("{}.{}", declared.major, declared.minor));
    let against = format!("{major}.{minor}");
    let (exact, generated, root) = (held.exact, declared.generated, &held.root);
    let reached = reached(held.against);
    let definitions = held.against.defs.iter().zip(reached).map(|(d, reached)| {
        let (name, line, text) =
            (&d.rust, d.line, if reached { d.ty.to_text() } else { String::new() });
        quote!(__shape::Definition { name: #name, line: #line, text: #text })
    });
    quote! {
        &__shape::Locked {
            event: #event, version: #version, against: #against, file: #file, locked: #locked,
            exact: #exact, generated: #generated, root: #root, definitions: &[#(#definitions),*],
        }
    }
}

/// The lock as text.
fn lock_text(declared: &Declared<'_>, held: &Held<'_>) -> String {
    let Version { major, minor, file, locked, .. } = held.against;
    let names = [
        &declared.ty.value(),
        &format!("{}.{}", declared.major, declared.minor),
        &format!("{major}.{minor}"),
        file.as_str(),
    ];
    baseline::lock_text(names, [*locked, held.exact, declared.generated], &held.root)
}

/// Which definitions the root reaches: only they need their text in the user's crate.
fn reached(version: &Version) -> Vec<bool> {
    fn ty(t: &Ty, version: &Version, out: &mut [bool]) {
        match t {
            Ty::Nullable(t) | Ty::Array(t) | Ty::Map(t) => ty(t, version, out),
            Ty::Tuple(ts) => ts.iter().for_each(|t| ty(t, version, out)),
            Ty::Object(o) => object(o, version, out),
            Ty::Enum(e) => {
                e.variants.iter().filter_map(|v| v.ty.as_ref()).for_each(|t| ty(t, version, out));
            }
            Ty::Ref(i) => {
                if let Some(seen @ false) = out.get_mut(*i as usize) {
                    *seen = true;
                    ty(&version.defs[*i as usize].ty, version, out);
                }
            }
            Ty::Any
            | Ty::Null
            | Ty::Bool
            | Ty::Int(..)
            | Ty::Num(_)
            | Ty::Str(_)
            | Ty::Values(_)
            | Ty::Opaque(_) => {}
        }
    }
    fn object(o: &Object, version: &Version, out: &mut [bool]) {
        o.rest.iter().for_each(|t| ty(t, version, out));
        o.fields.iter().for_each(|f| ty(&f.ty, version, out));
    }
    let mut out = vec![false; version.defs.len()];
    object(&version.root, version, &mut out);
    out
}

/// The flattened fields, where there are any.
fn flat(c: &Container<'_>, held: &Held<'_>) -> Option<TokenStream> {
    let Data::Named(fields) = &c.data else { return None };
    let flat: Vec<_> = fields
        .iter()
        .filter(|f| !f.skipped && f.has(Flag::FLATTEN))
        .map(|f| shape::entry(f, Owner { ident: &c.input.ident, generic: false }))
        .collect();
    let n = flat.len();
    (n > 0 && !held.checks.is_empty())
        .then(|| quote!(static __FLAT: [__shape::Field; #n] = [#(#flat),*];))
}

/// A warning where the declared version is not locked yet.
fn not_locked(declared: &Declared<'_>, place: &locate::Place<'_>) -> Option<TokenStream> {
    if declared.generated {
        return None;
    }
    let text = match place.against {
        Some(v) if place.exact && v.locked => return None,
        Some(v) if place.exact => {
            format!("{} is not locked yet: run `cargo event lock` before it is published", v.file)
        }
        _ => format!(
            "event {} has no schema yet: a test with `event_testing::assert_locked` writes one (`EVENT_ACCEPT=1 cargo test`), and `cargo event lock` locks it before it is published",
            declared.title()
        ),
    };
    let name = format!("version_{}_{}", declared.major, declared.minor);
    Some(warn::emit(&name, declared.version.span(), &text))
}

fn superseded_version<'b>(
    cx: &Context,
    c: &Container<'_>,
    baseline: &'b Baseline,
    newest: &'b Version,
) -> &'b Version {
    let Some(said) = &c.event.supersedes_version else { return newest };
    let found = check::parse(&said.value()).filter(|(major, _)| *major == newest.major).and_then(
        |(major, minor)| baseline.versions.iter().find(|v| v.major == major && v.minor == minor),
    );
    found.unwrap_or_else(|| {
        cx.error(
            said.span(),
            format_args!(
                "not a version of the major before: its newest is \"{}.{}\"",
                newest.major, newest.minor
            ),
        );
        newest
    })
}

/// Where an error about the struct's relation to the older major points.
pub(super) fn path_span(path: &syn::Path) -> Span {
    path.span()
}

/// A path as a message names it.
pub(super) fn last_of(path: &syn::Path) -> String {
    path.segments.iter().map(|s| s.ident.to_string()).collect::<Vec<_>>().join("::")
}
