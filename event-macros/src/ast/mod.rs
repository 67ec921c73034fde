//! The derive's input with its wire names: what serde writes, field by field.

mod docs;
mod field;
mod inert;
mod names;
mod variant;

use docs::docs;
use field::fields;
use inert::inert;
use names::names_of_variants;
use std::sync::{Mutex, PoisonError};

use event_shape::Field as Flag;
use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{DeriveInput, Fields, LitStr, Type};

use crate::attr::{EventAttrs, EventFieldAttrs, Names, SerdeContainer};
use crate::context::Context;
use crate::rules;

/// A struct or enum.
pub(crate) struct Container<'a> {
    pub(crate) input: &'a DeriveInput,
    pub(crate) serde: SerdeContainer,
    pub(crate) event: EventAttrs,
    pub(crate) data: Data<'a>,
    /// Paths that look like the standard library's `Option`; the compiler checks them.
    pub(crate) options: Vec<LitStr>,
    /// Doc comments, in the form of `event_shape::Type::docs`.
    pub(crate) docs: String,
    /// The part after the module path in [`event_shape::Type::id`].
    pub(crate) id: String,
}

/// The fields or variants.
pub(crate) enum Data<'a> {
    Named(Vec<Field<'a>>),
    Newtype(Box<Field<'a>>),
    Tuple(Vec<Field<'a>>),
    Unit,
    Enum(Vec<Variant<'a>>),
    /// A union, for which an error has been recorded.
    Nothing,
}

/// A field that is written or read.
pub(crate) struct Field<'a> {
    /// The Rust name; none in a tuple.
    pub(crate) ident: Option<&'a Ident>,
    pub(crate) ty: &'a Type,
    pub(crate) names: Names,
    pub(crate) event: EventFieldAttrs,
    /// The name on the wire; empty in a tuple, the Rust name where flattened.
    pub(crate) wire: String,
    /// Flags of `event_shape::Field`.
    pub(crate) flags: u8,
    /// Skipped: neither written nor read.
    pub(crate) skipped: bool,
    pub(crate) written: Written<'a>,
    /// An attribute states how it is written, but its own type writes or reads it nevertheless.
    pub(crate) as_is: bool,
    /// The path that looks like the standard library's `Option`, if the compiler must check it.
    pub(crate) option: Option<LitStr>,
    /// The path by which `deserialize_with` names serde's own function.
    pub(crate) own: Option<LitStr>,
    /// serde's `Deserialize` fills the field if it is absent.
    pub(crate) defaults: bool,
    doc: String,
}

/// Where a field's shape comes from.
pub(crate) enum Written<'a> {
    Type(&'a Type),
    Text(String),
    TextOrNull(String),
    Any,
    /// Written as this type of `as = ..`.
    Like(Box<Type>),
    /// An error has been recorded: it agrees with everything.
    Unknown,
}

/// A variant.
pub(crate) struct Variant<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) wire: String,
    pub(crate) body: Body<'a>,
    /// The catch-all: unknown variants are read into it.
    pub(crate) catch_all: bool,
    pub(crate) unwritten: bool,
    pub(crate) skipped: bool,
    names: Names,
    doc: String,
}

/// The content of a variant.
pub(crate) enum Body<'a> {
    Unit,
    One(Box<Field<'a>>),
    Tuple(Vec<Field<'a>>),
    Named(Vec<Field<'a>>),
}

impl<'a> Container<'a> {
    pub(crate) fn read(cx: &Context, input: &'a DeriveInput, is_event: bool) -> Container<'a> {
        let serde = SerdeContainer::read(cx, &input.attrs);
        let event = EventAttrs::read(cx, &input.attrs, is_event);
        let data = match &input.data {
            syn::Data::Struct(s) => {
                let rules = (serde.rename_all.write, serde.rename_all.read);
                match &s.fields {
                    Fields::Named(named) => {
                        Data::Named(fields(cx, &named.named, rules, serde.default))
                    }
                    Fields::Unnamed(tuple) if tuple.unnamed.len() == 1 => Data::Newtype(Box::new(
                        Field::read(cx, &tuple.unnamed[0], rules, serde.default),
                    )),
                    Fields::Unnamed(tuple) => {
                        Data::Tuple(fields(cx, &tuple.unnamed, rules, serde.default))
                    }
                    Fields::Unit => Data::Unit,
                }
            }
            syn::Data::Enum(e) => {
                Data::Enum(e.variants.iter().map(|v| Variant::read(cx, v, &serde)).collect())
            }
            syn::Data::Union(_) => {
                cx.fatal(
                    rules::NO_WIRE_SHAPE,
                    input.ident.span(),
                    "a union has no wire shape: serde cannot write it",
                );
                Data::Nothing
            }
        };
        inert(cx, &input.attrs, &event.inert);
        if let Data::Enum(variants) = &data {
            names_of_variants(cx, variants, &serde);
        }
        let mut options: Vec<LitStr> = Vec::new();
        data.each(&mut |field| {
            if let Some(option) = &field.option
                && !options.iter().any(|known| known.value() == option.value())
            {
                options.push(option.clone());
            }
        });
        let docs = docs(&input.attrs, &data);
        let id = id(&input.ident);
        Container { input, serde, event, data, options, docs, id }
    }
}

/// Distinguishes a type from others of its module: a macro may create several with the same name there,
/// each in a block of its own, so they are numbered; and a program may contain two versions of a crate.
fn id(ident: &Ident) -> String {
    static SEEN: Mutex<Vec<(String, usize)>> = Mutex::new(Vec::new());
    let name = ident.unraw().to_string();
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut n = 0;
    match seen.binary_search_by(|(known, _)| known.as_str().cmp(&name)) {
        Ok(at) => {
            seen[at].1 += 1;
            n = seen[at].1;
        }
        Err(at) => seen.insert(at, (name.clone(), 0)),
    }
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    if n == 0 { format!("::{name}@{version}") } else { format!("::{name}@{version}#{n}") }
}
impl<'a> Data<'a> {
    /// Calls it with every field, including those of variants.
    pub(crate) fn each<'s>(&'s self, call: &mut dyn FnMut(&'s Field<'a>)) {
        match self {
            Data::Named(fields) | Data::Tuple(fields) => {
                for field in fields {
                    call(field);
                }
            }
            Data::Newtype(field) => call(field),
            Data::Enum(variants) => {
                for variant in variants {
                    match &variant.body {
                        Body::Named(fields) | Body::Tuple(fields) => {
                            for field in fields {
                                call(field);
                            }
                        }
                        Body::One(field) => call(field),
                        Body::Unit => {}
                    }
                }
            }
            Data::Unit | Data::Nothing => {}
        }
    }
}

/// Fields in the order of a shape: sorted by wire name, flattened ones last.
pub(crate) fn sorted<'f, 'a>(fields: &'f [Field<'a>]) -> Vec<&'f Field<'a>> {
    let mut out = Vec::with_capacity(fields.len());
    for field in fields {
        if !field.skipped {
            out.push(field);
        }
    }
    crate::order::sort(&mut out, |a, b| {
        let (a_last, b_last) = (a.has(Flag::FLATTEN), b.has(Flag::FLATTEN));
        // flattened fields keep their declaration order, in which serde reads them
        if a_last || b_last { !a_last } else { a.wire < b.wire }
    });
    out
}
