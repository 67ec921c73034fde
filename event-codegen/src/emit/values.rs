//! Enums whose values are not all strings: serde reads them through the value's own type.

use std::fmt::Write;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::ident;
use crate::lower::Natives;
use crate::plan::{Repr, Variant};

/// The input for an enum of values.
pub(super) struct Text<'a> {
    pub natives: &'a Natives,
    pub repr: Repr,
    pub variants: &'a [Variant],
}

/// The enum, and the conversions that its serde impls use.
pub(super) fn item(
    text: &Text<'_>,
    name: &syn::Ident,
    doc: &[String],
    further: &TokenStream,
    serde: &str,
) -> TokenStream {
    let Text { natives, repr, variants } = text;
    let wire = match repr {
        Repr::Bool => "bool".to_owned(),
        Repr::Int(lo, _) if *lo < 0 => "i64".to_owned(),
        Repr::Int(_, hi) if *hi > i128::from(i64::MAX) => "u64".to_owned(),
        Repr::Int(..) => "i64".to_owned(),
        Repr::Any => format!("{}::Value", natives.runtime),
    };
    let names: Vec<syn::Ident> = variants.iter().map(|v| ident(&v.rust)).collect();
    let docs = variants.iter().map(|v| format!(" `{}`", v.wire.replace('`', "'")));
    let expected = expected(variants);
    let conversions = if let Repr::Any = repr {
        let path = path(&natives.runtime);
        let texts = variants.iter().map(|v| &v.wire);
        let (len, all) = (Literal::usize_unsuffixed(variants.len()), &names);
        quote! {
            impl TryFrom<#path::Value> for #name {
                type Error = String;
                fn try_from(value: #path::Value) -> Result<Self, String> {
                    let all: [Self; #len] = [#(Self::#all),*];
                    let found = all.into_iter().find(|v| #path::__private::v0_1::same(&#path::Value::from(*v), &value));
                    found.ok_or_else(|| #path::__private::v0_1::no_value(&value, #expected))
                }
            }
            impl From<#name> for #path::Value {
                fn from(value: #name) -> Self {
                    #path::__private::v0_1::literal(match value { #(#name::#names => #texts),* })
                }
            }
        }
    } else {
        let ty = format_ident!("{}", wire);
        let path = path(&natives.runtime);
        let literals: Vec<TokenStream> = variants.iter().map(|v| literal(&v.wire)).collect();
        quote! {
            impl TryFrom<#ty> for #name {
                type Error = String;
                fn try_from(value: #ty) -> Result<Self, String> {
                    match value {
                        #(#literals => Ok(Self::#names),)*
                        other => Err(#path::__private::v0_1::no_value(&other, #expected)),
                    }
                }
            }
            impl From<#name> for #ty {
                fn from(value: #name) -> Self {
                    match value { #(#name::#names => #literals),* }
                }
            }
        }
    };
    quote! {
        #(#[doc = #doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, #further serde::Serialize, serde::Deserialize)]
        #[serde(crate = #serde, try_from = #wire, into = #wire)]
        pub enum #name { #(#[doc = #docs] #names),* }
        #conversions
    }
}

fn path(text: &str) -> TokenStream {
    syn::parse_str::<syn::Path>(text).map_or_else(|_| quote!(event_runtime), |path| quote!(#path))
}

/// The values, for a message.
fn expected(variants: &[Variant]) -> String {
    let mut out = String::new();
    for (i, v) in variants.iter().enumerate() {
        let between = match i {
            0 => "",
            _ if i + 1 == variants.len() => " or ",
            _ => ", ",
        };
        let _ = write!(out, "{between}{}", v.wire);
    }
    out
}

/// A boolean or an integer as in the plan, which is its own Rust text.
fn literal(text: &str) -> TokenStream {
    text.parse().unwrap_or_default()
}
