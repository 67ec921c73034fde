//! Checks for the compiler beside the shape: whether a name is the one that it looks like, whether a field
//! is written as its attribute states, and whether an alias is free.

use event_shape::Field as Flag;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

use super::back::Owner;
use super::shape::of_field;
use super::{runtime, warn};
use crate::ast::{Container, Data, Written};
use crate::attr::prefix;
use crate::check::{Made, Warning};
use crate::{rules, spans};

/// Statements before the shape that only compile if a name is that of the standard library or of serde.
pub(super) fn statements(c: &Container<'_>) -> TokenStream {
    let mut out = TokenStream::new();
    for path in &c.options {
        let ty = prefix(path, "is_none").or_else(|| prefix(path, "deserialize"));
        let known = ["::std::option::Option", "::core::option::Option"];
        if let Some(ty) = ty.filter(|ty| !known.contains(&ty.as_str()))
            && let Ok(ty) = syn::LitStr::new(&ty, path.span()).parse::<syn::Path>()
        {
            let none = quote_spanned!(path.span()=> ::core::option::Option::None);
            out.extend(quote_spanned!(path.span()=> let _: #ty<()> = #none;));
        }
    }
    let mut seen: Vec<String> = Vec::new();
    let mut own = Vec::new();
    c.data.each(&mut |field| own.extend(&field.own));
    for path in own {
        let ty = prefix(path, "deserialize").unwrap_or_default();
        if ty.starts_with("::serde::") || seen.contains(&ty) {
            continue;
        }
        if let Ok(name) = syn::LitStr::new(&ty, path.span()).parse::<syn::Path>() {
            let runtime = runtime(c);
            out.extend(quote! {
                {
                    const fn __serde<'de, T: #runtime::__private::v0_1::serde::Deserialize<'de>>() {}
                    const fn __own<'de, T: #name<'de>>() {
                        __serde::<'de, T>()
                    }
                }
            });
        }
        seen.push(ty);
    }
    // an absent field is only read as `None` if its type really is an `Option`
    c.data.each(&mut |field| {
        if field.as_is
            && !field.has(Flag::DEFAULT | Flag::EXPLICIT)
            && let Some(inner) = crate::words::option_of(field.ty)
        {
            let ty = field.ty;
            out.extend(quote! {
                let _: ::core::marker::PhantomData<#ty> =
                    ::core::marker::PhantomData::<::core::option::Option<#inner>>;
            });
        }
    });
    out
}

/// Constants beside the shape. A type with parameters has none, because they would depend on its
/// parameters.
pub(super) fn checks(c: &Container<'_>, made: &Made<'_>, me: Owner<'_>) -> TokenStream {
    let mut out = TokenStream::new();
    if let (Data::Enum(_), None) = (&c.data, c.event.repr) {
        out.extend(repr(c));
    }
    c.data.each(&mut |field| {
        if !field.skipped && field.may_be_nan() {
            let span = spans::ends_of_type(field.ty).0;
            out.extend(warn::emit(&Warning::new(rules::NUMBER_MAY_BE_NAN, "float", span, NAN)));
        }
    });
    if me.generic {
        return out;
    }
    if let (Made::Converted(types), Some(into), Some(from)) = (made, &c.serde.into, &c.serde.from)
        && into.value() != from.value()
    {
        let (written, read, _) = &**types;
        let callee: Vec<TokenTree> = quote!(__shape::check::written_and_read).into_iter().collect();
        let args =
            quote!(<#written as __shape::EventData>::SHAPE, <#read as __shape::EventData>::SHAPE);
        let call: TokenStream = spans::call(&callee, args, (into.span(), into.span())).collect();
        out.extend(quote!(const _: __shape::Ref = #call;));
    }
    c.data.each(&mut |field| {
        if !field.as_is || matches!(field.written, Written::Unknown) {
            return;
        }
        let (ty, like) = (field.ty.to_token_stream(), of_field(field, me));
        let callee: Vec<TokenTree> = quote!(__shape::check::written_as_said).into_iter().collect();
        let args = quote!(<__shape::check::Own<#ty>>::SHAPE, #like);
        let call: TokenStream = spans::call(&callee, args, spans::ends_of_type(field.ty)).collect();
        out.extend(quote!(const _: () = { use __shape::check::Foreign as _; #call };));
    });
    if let Data::Named(fields) = &c.data {
        let mut flat = TokenStream::new();
        for field in fields {
            if field.has(Flag::FLATTEN) {
                let shape = of_field(field, me);
                flat.extend(quote!(#shape,));
            }
        }
        if flat.is_empty() {
            return out;
        }
        for field in fields {
            for second in &field.names.aliases {
                let callee: Vec<TokenTree> =
                    quote!(__shape::check::second_name).into_iter().collect();
                let args = quote!(#second, &[#flat]);
                let at = (second.span(), second.span());
                let call: TokenStream = spans::call(&callee, args, at).collect();
                out.extend(quote!(const _: () = #call;));
            }
        }
    }
    out
}

const NAN: &str = "NaN and the infinities are written as `null`, which the schema does not allow, and the derive cannot detect them: if your code never writes them, add `#[event(finite)]` to the field";

/// Warns about an enum that may be written as its number.
fn repr(c: &Container<'_>) -> Option<TokenStream> {
    const NUMBERS: [&str; 12] =
        ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"];
    let mut span: Option<Span> = None;
    for attr in c.input.attrs.iter().filter(|a| a.path().is_ident("repr")) {
        // rustc reports mistakes in it
        let _ = attr.parse_nested_meta(|meta| {
            if NUMBERS.iter().any(|n| meta.path.is_ident(n)) {
                span = Some(syn::spanned::Spanned::span(&meta.path));
            }
            super::super::attr::ignore(&meta)
        });
    }
    Some(warn::emit(&Warning::new(
        rules::NUMBER_OR_TEXT,
        "repr",
        span?,
        "the derive assumes that this enum is written as text, as serde's derives do. `serde_repr` writes its number instead, and the derive cannot detect that: in that case add `#[event(repr)]`, otherwise `#[allow(deprecated)]` on the enum",
    )))
}
