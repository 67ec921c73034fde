//! Configured types for formats and numbers: generated code checks the shape of each, so that a type that
//! does not write what its schemas state does not compile.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use crate::lower::Natives;
use crate::plan::{Kind, Plan, Ty};

/// The configured types that some type uses.
#[derive(Debug, Default)]
pub(crate) struct Used {
    formats: BTreeSet<String>,
    number: bool,
}

impl Used {
    /// Searches a plan.
    pub(crate) fn add(&mut self, plan: &Plan) {
        for def in &plan.defs {
            match &def.kind {
                Kind::Struct { fields, extra, .. } => {
                    fields.iter().map(|f| &f.ty).chain(extra).for_each(|ty| self.ty(ty));
                }
                Kind::Enum { variants, .. } => {
                    variants.iter().filter_map(|v| v.ty.as_ref()).for_each(|ty| self.ty(ty));
                }
                Kind::Values { .. } => {}
            }
        }
    }

    fn ty(&mut self, ty: &Ty) {
        match ty {
            Ty::Str(format) if !format.is_empty() => {
                if !self.formats.contains(format) {
                    self.formats.insert(format.clone());
                }
            }
            Ty::Num(false) => self.number = true,
            Ty::Nullable(ty) | Ty::Array(ty) | Ty::Map(ty) => self.ty(ty),
            Ty::Tuple(places) => places.iter().for_each(|ty| self.ty(ty)),
            Ty::Any | Ty::Null | Ty::Bool | Ty::Int(..) | Ty::Num(_) | Ty::Str(_) | Ty::Def(_) => {}
        }
    }
}

/// The checks, in a separate module; empty if only default types are used.
///
/// # Errors
///
/// Returns an error for a configured type that is not a type.
pub(crate) fn checks(used: &Used, natives: &Natives) -> Result<Option<TokenStream>, String> {
    let runtime = super::runtime(natives)?;
    let usual = format!("{}::Timestamp", natives.runtime);
    let parse = |rust: &str| {
        syn::parse_str::<syn::Type>(rust).map_err(|e| format!("`{rust}` is not a type: {e}"))
    };
    let mut checks = Vec::new();
    for (format, rust) in
        natives.formats.iter().filter(|(f, r)| used.formats.contains(f) && *r != usual)
    {
        let ty = parse(rust)?;
        let message = format!(
            "`{rust}` is configured for strings of the format `{format}`, but writes something else\n\
             to fix: use another type in `formats.{format}` (event.toml, or `configure().format(..)`), or leave \
             the format out: its strings are then `String`{}",
            hint(rust, false)
        );
        checks.push(quote! {
            const _: () = assert!(configured::writes_string(<#ty as EventData>::SHAPE, #format), "{}", #message);
        });
    }
    if let Some(rust) = natives.number.as_deref().filter(|_| used.number) {
        let ty = parse(rust)?;
        let message = format!(
            "`{rust}` is configured for numbers, but does not write a JSON number\n\
             to fix: use another type in `number` (event.toml, or `configure().number(..)`), or leave it out: \
             numbers are then `f64`{}",
            hint(rust, true)
        );
        checks.push(quote! {
            const _: () = assert!(configured::writes_number(<#ty as EventData>::SHAPE), "{}", #message);
        });
    }
    Ok((!checks.is_empty()).then(|| {
        quote! {
            #[doc(hidden)]
            mod __configured {
                use #runtime::__private::v0_1::event_shape::{EventData, configured};
                #(#checks)*
            }
        }
    }))
}

/// The dependency to add to Cargo.toml for a type whose wire format depends on it.
fn hint(rust: &str, number: bool) -> &'static str {
    let path: String = rust.chars().filter(|c| !c.is_whitespace()).collect();
    let path = path.trim_start_matches("::");
    if path == "rust_decimal::Decimal" && number {
        "\nor, in Cargo.toml: `event-runtime = { version = \"0.1\", features = [\"rust_decimal-float\"] }`, which makes `Decimal` write a JSON number"
    } else if path.starts_with("time::") {
        "\n`time` only writes RFC 3339 if a field has `with = \"time::serde::rfc3339\"`: take \
         `event_runtime::time::Rfc3339`, with `event-runtime = { version = \"0.1\", features = [\"time\"] }` in \
         Cargo.toml"
    } else {
        ""
    }
}
