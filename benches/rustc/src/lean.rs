//! Lean types: generated text without the parts that nobody would write by hand.
//!
//! It keeps modules, structs, enums, their fields and variants, serde's attributes, derives. It
//! removes comments, impls, wire shapes, and the path by which generated code finds serde.

use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit_mut::{VisitMut, visit_item_mod_mut};
use syn::{Attribute, Item, ItemMod, Meta, Token, parse_quote};

/// The derives of lean types.
#[derive(Clone, Copy, PartialEq)]
pub enum Derives {
    /// The same as ours.
    Usual,
    /// `Serialize` and `Deserialize` alone.
    Serde,
}

/// Returns the lean text.
pub fn text(generated: &str, derives: Derives) -> String {
    let mut file = syn::parse_file(generated).expect("generated text parses");
    Strip { derives }.visit_file_mut(&mut file);
    prettyplease::unparse(&file)
}

struct Strip {
    derives: Derives,
}

impl VisitMut for Strip {
    fn visit_item_mod_mut(&mut self, module: &mut ItemMod) {
        if let Some((_, items)) = &mut module.content {
            items.retain(|item| match item {
                Item::Struct(_) | Item::Enum(_) => true,
                Item::Mod(inner) => inner.ident != "__shapes",
                _ => false,
            });
        }
        visit_item_mod_mut(self, module);
    }

    fn visit_attributes_mut(&mut self, attrs: &mut Vec<Attribute>) {
        attrs.retain(|a| a.path().is_ident("serde") || a.path().is_ident("derive"));
        attrs.retain_mut(|attr| {
            if attr.path().is_ident("derive") && self.derives == Derives::Serde {
                *attr = parse_quote!(#[derive(serde::Serialize, serde::Deserialize)]);
            } else if let (true, Meta::List(list)) = (attr.path().is_ident("serde"), &attr.meta) {
                let parse = Punctuated::<Meta, Token![,]>::parse_terminated;
                let said = parse.parse2(list.tokens.clone()).expect("serde's attribute");
                let kept: Vec<Meta> = said
                    .into_iter()
                    .filter(|m| m.path().get_ident().is_none_or(|i| i != "crate"))
                    .collect();
                *attr = parse_quote!(#[serde(#(#kept),*)]);
                return !kept.is_empty();
            }
            true
        });
    }
}
