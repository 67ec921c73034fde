//! The one room that knows typify.
//!
//! A [`Plan`] goes in as a schema that typify handles without guessing: every named type is a
//! definition, every field and variant has a name that typify leaves alone (`t0`, `f0`, `v0`), unions
//! are externally tagged, formats are only those that we want a type for. What comes out is the Rust
//! type of every field: integer widths, collections, native types, and the boxes that recursion needs.
//! Names, attributes and docs are ours (see [`crate::emit`]).
//!
//! typify may still panic on something: that is caught here and becomes an error of this room.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use schemars::schema::{RootSchema, SchemaObject};
use serde_json::{Map, Value, json};
use typify::{TypeDetails, TypeEnumVariant, TypeId, TypeSpace, TypeSpaceSettings};

use crate::plan::{Kind, Plan, Ty};

/// Which types stand for formats, and where the runtime lives.
#[derive(Debug, Clone)]
pub(crate) struct Natives {
    /// Path of the runtime crate, such as `::event_runtime`.
    pub runtime: String,
    /// String format → Rust type, for example `date-time` → `::event_runtime::Timestamp`.
    pub formats: Vec<(String, String)>,
    /// The type of numbers, where it is not `f64`.
    pub number: Option<String>,
}

/// The Rust types of one plan, by definition.
pub(crate) struct Lowered {
    pub defs: Vec<LoweredDef>,
}

/// The Rust types of one definition's fields, or of its variants' contents (`None`: a unit).
pub(crate) struct LoweredDef {
    pub types: Vec<Option<RustType>>,
    /// The type of a struct's undeclared fields.
    pub extra: Option<RustType>,
}

/// A Rust type.
pub(crate) struct RustType {
    pub tokens: TokenStream,
    /// Whether it is an `Option`.
    pub optional: bool,
}

/// Lowers a plan.
///
/// # Errors
///
/// What typify said, where it could not.
pub(crate) fn lower(plan: &Plan, natives: &Natives) -> Result<Lowered, String> {
    catch_unwind(AssertUnwindSafe(|| lower_inner(plan, natives))).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("typify panicked: {}", text.unwrap_or("no message")))
    })
}

fn lower_inner(plan: &Plan, natives: &Natives) -> Result<Lowered, String> {
    let mut settings = TypeSpaceSettings::default();
    for (format, path) in &natives.formats {
        settings.with_conversion(string_with(format), path, std::iter::empty());
    }
    let mut space = TypeSpace::new(&settings);
    let definitions: Map<String, Value> = plan
        .defs
        .iter()
        .enumerate()
        .map(|(i, def)| (format!("T{i}"), definition(&def.kind, natives)))
        .collect();
    let root: RootSchema = serde_json::from_value(json!({ "definitions": definitions }))
        .map_err(|e| format!("the planned schema: {e}"))?;
    space.add_root_schema(root).map_err(|e| format!("typify: {e}"))?;

    let mut by_name = std::collections::BTreeMap::new();
    for ty in space.iter_types() {
        by_name.insert(ty.name(), ty);
    }
    let mut defs = Vec::with_capacity(plan.defs.len());
    let cx = Cx { space: &space, plan, natives };
    for (i, def) in plan.defs.iter().enumerate() {
        let lowered = by_name.get(&format!("T{i}")).map(typify::Type::details);
        let mut rest = None;
        let types = match (&def.kind, lowered) {
            (Kind::Struct { fields, extra, .. }, Some(TypeDetails::Struct(s))) => {
                let found: std::collections::BTreeMap<String, TypeId> =
                    s.properties_info().map(|p| (p.name.to_owned(), p.type_id)).collect();
                let field = |n: usize| {
                    let id = found.get(&format!("f{n}")).ok_or_else(|| lost(&def.rust))?;
                    cx.field(id)
                };
                if extra.is_some() {
                    rest = cx.field(found.get("extra").ok_or_else(|| lost(&def.rust))?)?;
                }
                (0..fields.len()).map(field).collect::<Result<_, _>>()?
            }
            (Kind::Enum { variants, .. }, Some(TypeDetails::Enum(e))) => {
                let found: std::collections::BTreeMap<String, Option<TypeId>> = e
                    .variants_info()
                    .map(|v| {
                        let content = match v.details {
                            TypeEnumVariant::Tuple(ids) => ids.into_iter().next(),
                            _ => None,
                        };
                        (v.name.to_owned(), content)
                    })
                    .collect();
                let variant = |(n, v): (usize, &crate::plan::Variant)| match &v.ty {
                    None => Ok(None),
                    Some(_) => match found.get(&format!("V{n}")) {
                        Some(Some(id)) => cx.field(id),
                        _ => Err(lost(&def.rust)),
                    },
                };
                variants.iter().enumerate().map(variant).collect::<Result<_, _>>()?
            }
            _ => return Err(lost(&def.rust)),
        };
        defs.push(LoweredDef { types, extra: rest });
    }
    Ok(Lowered { defs })
}

fn lost(name: &str) -> String {
    format!("typify made something else of the type `{name}` than a struct or an enum")
}

fn string_with(format: &str) -> SchemaObject {
    SchemaObject {
        instance_type: Some(schemars::schema::InstanceType::String.into()),
        format: Some(format.to_owned()),
        ..SchemaObject::default()
    }
}

/// The definition as typify gets it.
fn definition(kind: &Kind, natives: &Natives) -> Value {
    match kind {
        Kind::Struct { open, fields, extra } => {
            let mut properties: Map<String, Value> = fields
                .iter()
                .enumerate()
                .map(|(n, f)| (format!("f{n}"), schema(&f.ty, natives)))
                .collect();
            if let Some(ty) = extra {
                properties
                    .insert("extra".to_owned(), schema(&Ty::Map(Box::new(ty.clone())), natives));
            }
            let required: Vec<String> = fields
                .iter()
                .enumerate()
                .filter(|(_, f)| !f.optional)
                .map(|(n, _)| format!("f{n}"))
                .chain(extra.iter().map(|_| "extra".to_owned()))
                .collect();
            let mut object =
                json!({ "type": "object", "properties": properties, "required": required });
            if !open || fields.is_empty() {
                // without it, an object of no properties would be a map
                object["additionalProperties"] = json!(false);
            }
            object
        }
        Kind::Enum { variants, .. } if variants.iter().all(|v| v.ty.is_none()) => {
            let names: Vec<String> = (0..variants.len()).map(|n| format!("V{n}")).collect();
            json!({ "type": "string", "enum": names })
        }
        Kind::Enum { variants, .. } => {
            let branch = |(n, v): (usize, &crate::plan::Variant)| match &v.ty {
                None => json!({ "type": "string", "enum": [format!("V{n}")] }),
                Some(ty) => json!({
                    "type": "object",
                    "properties": { format!("V{n}"): schema(ty, natives) },
                    "required": [format!("V{n}")],
                    "additionalProperties": false,
                }),
            };
            json!({ "oneOf": variants.iter().enumerate().map(branch).collect::<Vec<_>>() })
        }
    }
}

fn schema(ty: &Ty, natives: &Natives) -> Value {
    match ty {
        Ty::Any => json!({}),
        Ty::Null => json!({ "type": "null" }),
        Ty::Bool => json!({ "type": "boolean" }),
        Ty::Int(lo, hi) => json!({ "type": "integer", "format": integer(*lo, *hi).0 }),
        Ty::Num(single) => {
            json!({ "type": "number", "format": if *single { "float" } else { "double" } })
        }
        Ty::Str(format) if natives.formats.iter().any(|(f, _)| f == format) => {
            json!({ "type": "string", "format": format })
        }
        Ty::Str(_) => json!({ "type": "string" }),
        Ty::Nullable(ty) => json!({ "oneOf": [schema(ty, natives), { "type": "null" }] }),
        Ty::Array(ty) => json!({ "type": "array", "items": schema(ty, natives) }),
        Ty::Tuple(types) => {
            let items: Vec<Value> = types.iter().map(|t| schema(t, natives)).collect();
            json!({ "type": "array", "items": items, "minItems": items.len(), "maxItems": items.len() })
        }
        Ty::Map(ty) => {
            json!({ "type": "object", "additionalProperties": schema(ty, natives) })
        }
        Ty::Def(i) => json!({ "$ref": format!("#/definitions/T{i}") }),
    }
}

/// The narrowest integer type that holds all that the schema allows, as typify's format and in Rust.
/// Where a side is open, the schema says nothing that a machine integer could hold, and 64 bits are the
/// accepted limit.
pub(crate) fn integer(lo: Option<i128>, hi: Option<i128>) -> (&'static str, &'static str) {
    const TYPES: [(&str, &str, i128, i128); 8] = [
        ("uint8", "u8", 0, u8::MAX as i128),
        ("int8", "i8", i8::MIN as i128, i8::MAX as i128),
        ("uint16", "u16", 0, u16::MAX as i128),
        ("int16", "i16", i16::MIN as i128, i16::MAX as i128),
        ("uint32", "u32", 0, u32::MAX as i128),
        ("int32", "i32", i32::MIN as i128, i32::MAX as i128),
        ("uint64", "u64", 0, u64::MAX as i128),
        ("int64", "i64", i64::MIN as i128, i64::MAX as i128),
    ];
    match (lo, hi) {
        (Some(lo), Some(hi)) => TYPES
            .iter()
            .find(|(_, _, min, max)| *min <= lo && hi <= *max)
            .map_or(("int64", "i64"), |(format, rust, _, _)| (*format, *rust)),
        (Some(lo), None) if lo >= 0 => ("uint64", "u64"),
        _ => ("int64", "i64"),
    }
}

struct Cx<'a> {
    space: &'a TypeSpace,
    plan: &'a Plan,
    natives: &'a Natives,
}

impl Cx<'_> {
    fn field(&self, id: &TypeId) -> Result<Option<RustType>, String> {
        let ty = self.space.get_type(id).map_err(|e| format!("typify: {e}"))?;
        let optional = matches!(ty.details(), TypeDetails::Option(_));
        Ok(Some(RustType { tokens: self.rust(id)?, optional }))
    }

    fn rust(&self, id: &TypeId) -> Result<TokenStream, String> {
        let ty = self.space.get_type(id).map_err(|e| format!("typify: {e}"))?;
        Ok(match ty.details() {
            TypeDetails::Struct(_) | TypeDetails::Enum(_) | TypeDetails::Newtype(_) => {
                let name = ty.name();
                let index: Option<usize> = name.strip_prefix('T').and_then(|n| n.parse().ok());
                let def = index.and_then(|i| self.plan.defs.get(i)).ok_or_else(|| lost(&name))?;
                let ident = format_ident!("{}", def.rust);
                quote!(#ident)
            }
            TypeDetails::Option(id) => {
                let inner = self.rust(&id)?;
                quote!(Option<#inner>)
            }
            TypeDetails::Vec(id) | TypeDetails::Set(id) => {
                let inner = self.rust(&id)?;
                quote!(Vec<#inner>)
            }
            TypeDetails::Map(_, value) => {
                let value = self.rust(&value)?;
                quote!(std::collections::BTreeMap<String, #value>)
            }
            TypeDetails::Box(id) => {
                let inner = self.rust(&id)?;
                quote!(Box<#inner>)
            }
            TypeDetails::Tuple(ids) => {
                let inner = ids.map(|id| self.rust(&id)).collect::<Result<Vec<_>, _>>()?;
                quote!((#(#inner,)*))
            }
            TypeDetails::Array(id, length) => {
                // a tuple whose places are all of one type
                let inner = self.rust(&id)?;
                let inner = std::iter::repeat_n(inner, length);
                quote!((#(#inner,)*))
            }
            TypeDetails::Builtin("::serde_json::Value") => {
                let path: syn::Path = parse(&format!("{}::Value", self.natives.runtime))?;
                quote!(#path)
            }
            TypeDetails::Builtin("f64") if self.natives.number.is_some() => {
                let path: syn::Type = parse(self.natives.number.as_deref().unwrap_or("f64"))?;
                quote!(#path)
            }
            TypeDetails::Builtin(name) => {
                let path: syn::Type = parse(name)?;
                quote!(#path)
            }
            TypeDetails::Unit => quote!(()),
            TypeDetails::String => quote!(String),
        })
    }
}

fn parse<T: syn::parse::Parse>(text: &str) -> Result<T, String> {
    syn::parse_str(text).map_err(|e| format!("`{text}` is no type: {e}"))
}
