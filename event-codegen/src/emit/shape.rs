//! The wire shapes of generated types, as one table per module.
//!
//! A hand-written struct may contain a generated type, and the derive then needs its shape. Generated types
//! match their baseline by construction, so nothing needs to be checked: the result that the derive would
//! compute field by field is written directly. One static for all types of a module, and one constant for
//! each type that several fields have, cost rustc a fraction of an impl with a static per type.

use std::collections::HashMap;

use event_shape::baseline::Scalar;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::ident;
use crate::lower::{Natives, integer};
use crate::plan::{Field, Kind, Plan, Presence, Repr, Tag, Ty, Variant};

/// The table and the impls of a module, of an event or a shared file.
///
/// # Errors
///
/// Returns an error for a configured type that is not a type.
pub(super) fn table(
    plan: &Plan,
    module: Option<&str>,
    natives: &Natives,
    runtime: &syn::Path,
) -> Result<TokenStream, String> {
    let mut places = Vec::with_capacity(plan.defs.len());
    let mut here = 0;
    for def in &plan.defs {
        let name = ident(&def.rust);
        places.push(match (&def.elsewhere, def.module.as_deref()) {
            (None, own) if own == module => {
                here += 1;
                Place::Here(here - 1)
            }
            (None, Some(other)) => {
                let other = ident(other);
                Place::Elsewhere(quote!(super::super::#other::#name))
            }
            _ => Place::Elsewhere(quote!(super::#name)),
        });
    }
    let own =
        || plan.defs.iter().filter(|d| d.elsewhere.is_none() && d.module.as_deref() == module);
    let mut leaves = Leaves { natives, places, by_text: HashMap::new(), items: TokenStream::new() };
    let mut shapes = Vec::with_capacity(here);
    for def in own() {
        let name = def.rust.trim_start_matches("r#");
        let id = format!("::{name}");
        let ty =
            quote!(Type { name: #name, id: concat!(module_path!(), #id), docs: "", args: &[] });
        shapes.push(match &def.kind {
            Kind::Struct { open, fields, extra } => {
                let closed = !open && extra.is_none();
                let fields = leaves.fields(fields, extra.as_ref())?;
                quote!(Shape::Object(Object { ty: #ty, closed: #closed, fields: &[#(#fields),*] }))
            }
            Kind::Values { repr, variants } => values(*repr, variants),
            Kind::Enum { open, tag, variants } => {
                let list = leaves.variants(tag, variants)?;
                let units = variants.iter().all(|v| v.ty.is_none());
                let unknown = match (open, units) {
                    (false, _) => quote!(None),
                    (true, true) => quote!(Some(Ref::new(&Shape::Str("")))),
                    (true, false) => quote!(Some(Ref::new(&Shape::Any))),
                };
                let tag = match tag {
                    Tag::External => quote!(External),
                    Tag::Internal(name) => quote!(Internal(#name)),
                    Tag::Untagged => quote!(Untagged),
                };
                quote! {
                    Shape::Enum(Enum {
                        ty: #ty, tag: Tag::#tag, closed: false, open: #open, writes_unknown: #open,
                        unknown: #unknown,
                        variants: &[#(#list),*],
                    })
                }
            }
        });
    }
    let impls = own().enumerate().map(|(i, def)| {
        let (name, i) = (ident(&def.rust), Literal::usize_unsuffixed(i));
        quote! {
            impl EventData for super::#name {
                const SHAPE: Ref = Ref::new(&SHAPES[#i]);
            }
        }
    });
    let (len, leaves) = (Literal::usize_unsuffixed(here), leaves.items);
    Ok(quote! {
        #[allow(unused_imports, dead_code)]
        mod __shapes {
            use #runtime::__private::v0_1::event_shape::{
                Body, Enum, EventData, Field, Object, Ref, Scalar, Shape, Tag, Type, Variant,
            };
            #leaves
            static SHAPES: [Shape; #len] = [#(#shapes),*];
            #(#impls)*
        }
    })
}

/// The shape of an enum of values.
fn values(repr: Repr, variants: &[Variant]) -> TokenStream {
    let Some(values) = crate::baseline::scalars(repr, variants) else { return quote!(Shape::Any) };
    let values = values.into_iter().map(|value| match value {
        Scalar::Bool(value) => quote!(Scalar::Bool(#value)),
        Scalar::Int(value) => {
            let value = Literal::i128_unsuffixed(value);
            quote!(Scalar::Int(#value))
        }
    });
    quote!(Shape::Values(&[#(#values),*]))
}

/// The impl for an enum of values alone; the derive writes the others.
pub(super) fn of_values(
    repr: Repr,
    variants: &[Variant],
    name: &syn::Ident,
    runtime: &syn::Path,
) -> TokenStream {
    let value = values(repr, variants);
    quote! {
        const _: () = {
            #[allow(unused_imports)]
            use #runtime::__private::v0_1::event_shape::{EventData, Ref, Scalar, Shape};
            impl EventData for #name {
                const SHAPE: Ref = Ref::new(&#value);
            }
        };
    }
}

/// The flags of `#[serde(skip_serializing_if = "Option::is_none")]`: `Field::SKIPS | Field::SKIPS_NONE`.
const SKIPPED_WHERE_NONE: u8 = 6;

/// `Field::DEFAULT`: may be absent when read, although the schema requires it.
const DEFAULT: u8 = 1;

/// `Field::EXPLICIT`: an absent field is not read as `None`.
const EXPLICIT: u8 = 16;

/// The place of a definition's shape.
enum Place {
    /// In this table.
    Here(usize),
    /// With its type.
    Elsewhere(TokenStream),
}

/// The shapes of field types, each once.
struct Leaves<'a> {
    natives: &'a Natives,
    /// By definition.
    places: Vec<Place>,
    by_text: HashMap<String, syn::Ident>,
    items: TokenStream,
}

impl Leaves<'_> {
    /// Sorted by wire name, as in a shape; flattened fields last.
    fn fields(&mut self, fields: &[Field], extra: Option<&Ty>) -> Result<Vec<TokenStream>, String> {
        let mut sorted: Vec<&Field> = fields.iter().collect();
        sorted.sort_by(|a, b| a.wire.cmp(&b.wire));
        let field = |f: &Field| {
            let name = &f.wire;
            let flags = Literal::u8_unsuffixed(match f.presence {
                Presence::Required => 0,
                Presence::Explicit => EXPLICIT,
                Presence::Optional => SKIPPED_WHERE_NONE,
                Presence::Tolerated => DEFAULT + SKIPPED_WHERE_NONE,
            });
            let ty = if f.optional() { f.ty.clone().optional() } else { f.ty.clone() };
            let shape = self.shape(&ty)?;
            Ok(quote!(Field { name: #name, flags: #flags, shape: #shape }))
        };
        let mut out = sorted.into_iter().map(field).collect::<Result<Vec<_>, String>>()?;
        if let Some(ty) = extra {
            let name = super::extra_name(fields);
            let shape = self.shape(&Ty::Map(Box::new(ty.clone())))?;
            out.push(quote!(Field { name: #name, flags: Field::FLATTEN, shape: #shape }));
        }
        Ok(out)
    }

    /// Sorted by wire name; untagged variants in their own order.
    fn variants(&mut self, tag: &Tag, variants: &[Variant]) -> Result<Vec<TokenStream>, String> {
        let mut sorted: Vec<&Variant> = variants.iter().collect();
        if *tag != Tag::Untagged {
            sorted.sort_by(|a, b| a.wire.cmp(&b.wire));
        }
        let variant = |v: &Variant| {
            let name = &v.wire;
            Ok(match &v.ty {
                None => quote!(Variant { name: #name, body: Body::Unit }),
                Some(ty) => {
                    let shape = self.shape(ty)?;
                    quote!(Variant { name: #name, body: Body::One(#shape) })
                }
            })
        };
        sorted.into_iter().map(variant).collect()
    }

    /// The name of the constant for the shape of `ty`.
    fn shape(&mut self, ty: &Ty) -> Result<TokenStream, String> {
        let of = |rust: &str| -> Result<TokenStream, String> {
            let rust: syn::Type =
                syn::parse_str(rust).map_err(|e| format!("`{rust}` is not a type: {e}"))?;
            Ok(quote!(<#rust as EventData>::SHAPE))
        };
        let value = match ty {
            Ty::Def(i) => match self.places.get(*i) {
                Some(Place::Here(i)) => {
                    let i = Literal::usize_unsuffixed(*i);
                    quote!(Ref::new(&SHAPES[#i]))
                }
                Some(Place::Elsewhere(path)) => quote!(<#path as EventData>::SHAPE),
                None => quote!(Ref::new(&Shape::Unknown)),
            },
            Ty::Any => quote!(Ref::new(&Shape::Any)),
            Ty::Null => quote!(Ref::new(&Shape::Null)),
            Ty::Bool => quote!(Ref::new(&Shape::Bool)),
            Ty::Int(lo, hi) => of(integer(*lo, *hi).1)?,
            Ty::Num(single) => quote!(Ref::new(&Shape::Num(#single))),
            Ty::Str(format) => {
                let native = self.natives.formats.iter().find(|(f, _)| f == format);
                if let Some((_, rust)) = native {
                    of(rust)?
                } else {
                    quote!(Ref::new(&Shape::Str("")))
                }
            }
            Ty::Nullable(inner) => {
                let inner = self.shape(inner)?;
                quote!(Ref::new(&Shape::Nullable(#inner)))
            }
            Ty::Array(inner) => {
                let inner = self.shape(inner)?;
                quote!(Ref::new(&Shape::Array(#inner)))
            }
            Ty::Map(inner) => {
                let inner = self.shape(inner)?;
                quote!(Ref::new(&Shape::Map(#inner)))
            }
            Ty::Tuple(places) => {
                let places =
                    places.iter().map(|p| self.shape(p)).collect::<Result<Vec<_>, String>>()?;
                quote!(Ref::new(&Shape::Tuple(&[#(#places),*])))
            }
        };
        let text = value.to_string();
        let next = self.by_text.len();
        let name = self.by_text.entry(text).or_insert_with(|| {
            let name = format_ident!("S{}", next);
            self.items.extend(quote!(const #name: Ref = #value;));
            name
        });
        Ok(quote!(#name))
    }
}
