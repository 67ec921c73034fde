//! The only module that uses typify.
//!
//! A [`Plan`] becomes a schema that typify handles without guessing: every named type is a definition,
//! every field and variant has a name that typify keeps (`t0`, `f0`, `v0`), unions are externally tagged,
//! and only the formats with a type are used. The result is the Rust type of every field: integer widths,
//! collections, native types, and the boxes that recursion needs. Names, attributes and docs are added
//! later (see [`crate::emit`]).
//!
//! A panic of typify is caught here and becomes an error. [`crate::watch`] bounds its time.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use schemars::schema::{
    ArrayValidation, InstanceType, ObjectValidation, RootSchema, Schema, SchemaObject, SingleOrVec,
    SubschemaValidation,
};
use schemars::{Map, Set};
use serde_json::Value;
use typify::{TypeDetails, TypeEnumVariant, TypeId, TypeSpace, TypeSpaceSettings};

use crate::plan::{Kind, Plan, Ty};

/// The types of formats, and the path of the runtime crate.
#[derive(Debug, Clone)]
pub(crate) struct Natives {
    /// Path of the runtime crate, such as `::event_runtime`.
    pub runtime: String,
    /// String format → Rust type, for example `date-time` → `::event_runtime::Timestamp`.
    pub formats: Vec<(String, String)>,
    /// The type of numbers, if it is not `f64`.
    pub number: Option<String>,
}

/// The Rust types of one plan, by definition.
pub(crate) struct Lowered {
    pub defs: Vec<LoweredDef>,
}

/// The Rust types of one definition's fields, or of its variants' contents (`None` for a unit).
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
/// Returns typify's message if it fails.
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
        settings.with_conversion(
            typed(InstanceType::String, Some(format)),
            path,
            std::iter::empty(),
        );
    }
    let mut space = TypeSpace::new(&settings);
    let definitions = plan
        .defs
        .iter()
        .enumerate()
        .map(|(i, def)| {
            // the content of a definition in another module does not matter, because only its name is used
            // here
            let schema = match def.elsewhere {
                Some(_) => object(Map::new(), Set::new(), true),
                None => definition(&def.kind, natives),
            };
            (format!("T{i}"), schema)
        })
        .collect();
    let root = RootSchema { definitions, ..RootSchema::default() };
    space.add_root_schema(root).map_err(|e| format!("typify: {e}"))?;

    let mut by_name = std::collections::BTreeMap::new();
    for ty in space.iter_types() {
        by_name.insert(ty.name(), ty);
    }
    let mut defs = Vec::with_capacity(plan.defs.len());
    for (i, def) in plan.defs.iter().enumerate() {
        if def.elsewhere.is_some() {
            defs.push(LoweredDef { types: Vec::new(), extra: None });
            continue;
        }
        let cx = Cx { space: &space, plan, natives, module: def.module.as_deref() };
        let lowered = by_name.get(&format!("T{i}")).map(typify::Type::details);
        let mut rest = None;
        let types = match (&def.kind, lowered) {
            (Kind::Values { variants, .. }, Some(TypeDetails::Enum(_))) => {
                variants.iter().map(|_| None).collect()
            }
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
    format!("typify did not generate a struct or an enum for the type `{name}`")
}

/// The definition as typify's input. It is built as values instead of parsed from JSON, because this is the
/// hot path.
fn definition(kind: &Kind, natives: &Natives) -> Schema {
    match kind {
        Kind::Struct { open, fields, extra } => {
            let all = fields.iter().enumerate();
            let mut properties: Map<String, Schema> =
                all.clone().map(|(n, f)| (format!("f{n}"), schema(&f.ty, natives))).collect();
            let mut required: Set<String> =
                all.filter(|(_, f)| !f.optional()).map(|(n, _)| format!("f{n}")).collect();
            if let Some(ty) = extra {
                properties.insert("extra".to_owned(), map(ty, natives));
                required.insert("extra".to_owned());
            }
            // without it, an object without properties would be a map
            object(properties, required, !open || fields.is_empty())
        }
        Kind::Values { variants, .. } => constants((0..variants.len()).map(|n| format!("V{n}"))),
        Kind::Enum { variants, .. } if variants.iter().all(|v| v.ty.is_none()) => {
            constants((0..variants.len()).map(|n| format!("V{n}")))
        }
        Kind::Enum { variants, .. } => {
            let branch = |(n, v): (usize, &crate::plan::Variant)| {
                let name = format!("V{n}");
                match &v.ty {
                    None => constants([name].into_iter()),
                    Some(ty) => object(
                        Map::from([(name.clone(), schema(ty, natives))]),
                        Set::from([name]),
                        true,
                    ),
                }
            };
            one_of(variants.iter().enumerate().map(branch).collect())
        }
    }
}

fn schema(ty: &Ty, natives: &Natives) -> Schema {
    match ty {
        Ty::Any => SchemaObject::default().into(),
        Ty::Null => typed(InstanceType::Null, None).into(),
        Ty::Bool => typed(InstanceType::Boolean, None).into(),
        Ty::Int(lo, hi) => typed(InstanceType::Integer, Some(integer(*lo, *hi).0)).into(),
        Ty::Num(single) => {
            typed(InstanceType::Number, Some(if *single { "float" } else { "double" })).into()
        }
        Ty::Str(format) => {
            let known = natives.formats.iter().any(|(f, _)| f == format);
            typed(InstanceType::String, known.then_some(format)).into()
        }
        Ty::Nullable(ty) => {
            one_of(vec![schema(ty, natives), typed(InstanceType::Null, None).into()])
        }
        Ty::Array(ty) => array(SingleOrVec::from(schema(ty, natives)), None),
        Ty::Tuple(types) => {
            let items: Vec<Schema> = types.iter().map(|t| schema(t, natives)).collect();
            let length = u32::try_from(items.len()).ok();
            array(SingleOrVec::from(items), length)
        }
        Ty::Map(ty) => map(ty, natives),
        Ty::Def(i) => Schema::new_ref(format!("#/definitions/T{i}")),
    }
}

fn typed(ty: InstanceType, format: Option<&str>) -> SchemaObject {
    SchemaObject {
        instance_type: Some(ty.into()),
        format: format.map(str::to_owned),
        ..SchemaObject::default()
    }
}

fn constants(names: impl Iterator<Item = String>) -> Schema {
    let values = names.map(Value::String).collect();
    SchemaObject { enum_values: Some(values), ..typed(InstanceType::String, None) }.into()
}

fn one_of(branches: Vec<Schema>) -> Schema {
    let one_of = SubschemaValidation { one_of: Some(branches), ..SubschemaValidation::default() };
    SchemaObject { subschemas: Some(Box::new(one_of)), ..SchemaObject::default() }.into()
}

fn object(properties: Map<String, Schema>, required: Set<String>, closed: bool) -> Schema {
    let additional_properties = closed.then(|| Box::new(Schema::Bool(false)));
    let object = ObjectValidation {
        properties,
        required,
        additional_properties,
        ..ObjectValidation::default()
    };
    SchemaObject { object: Some(Box::new(object)), ..typed(InstanceType::Object, None) }.into()
}

fn map(values: &Ty, natives: &Natives) -> Schema {
    let object = ObjectValidation {
        additional_properties: Some(Box::new(schema(values, natives))),
        ..ObjectValidation::default()
    };
    SchemaObject { object: Some(Box::new(object)), ..typed(InstanceType::Object, None) }.into()
}

fn array(items: SingleOrVec<Schema>, length: Option<u32>) -> Schema {
    let array = ArrayValidation {
        items: Some(items),
        min_items: length,
        max_items: length,
        ..ArrayValidation::default()
    };
    SchemaObject { array: Some(Box::new(array)), ..typed(InstanceType::Array, None) }.into()
}

/// The narrowest integer type that includes all that the schema allows, as typify's format and in Rust. If
/// a side is not bounded, no machine integer is large enough, and 64 bits are the accepted limit.
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
    /// The module that contains the types, if there are several.
    module: Option<&'a str>,
}

impl Cx<'_> {
    fn field(&self, id: &TypeId) -> Result<Option<RustType>, String> {
        let ty = self.space.get_type(id).map_err(|e| format!("typify: {e}"))?;
        let optional = match ty.details() {
            TypeDetails::Option(_) => true,
            TypeDetails::Box(inner) => self.option(&inner)?.is_some(),
            _ => false,
        };
        Ok(Some(RustType { tokens: self.rust(id)?, optional }))
    }

    /// The inner type of an `Option`, if the type is one.
    fn option(&self, id: &TypeId) -> Result<Option<TypeId>, String> {
        let ty = self.space.get_type(id).map_err(|e| format!("typify: {e}"))?;
        Ok(match ty.details() {
            TypeDetails::Option(inner) => Some(inner),
            _ => None,
        })
    }

    fn rust(&self, id: &TypeId) -> Result<TokenStream, String> {
        let ty = self.space.get_type(id).map_err(|e| format!("typify: {e}"))?;
        Ok(match ty.details() {
            TypeDetails::Struct(_) | TypeDetails::Enum(_) | TypeDetails::Newtype(_) => {
                let name = ty.name();
                let index: Option<usize> = name.strip_prefix('T').and_then(|n| n.parse().ok());
                let def = index.and_then(|i| self.plan.defs.get(i)).ok_or_else(|| lost(&name))?;
                let ident = format_ident!("{}", def.rust);
                match def.module.as_deref() {
                    Some(other) if self.module != Some(other) => {
                        let other = crate::emit::ident(other);
                        quote!(super::#other::#ident)
                    }
                    _ => quote!(#ident),
                }
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
                // typify breaks some cycles around the `Option`, where people box the inner type
                if let Some(inner) = self.option(&id)? {
                    let inner = self.rust(&inner)?;
                    quote!(Option<Box<#inner>>)
                } else {
                    let inner = self.rust(&id)?;
                    quote!(Box<#inner>)
                }
            }
            TypeDetails::Tuple(ids) => {
                let inner = ids.map(|id| self.rust(&id)).collect::<Result<Vec<_>, _>>()?;
                quote!((#(#inner,)*))
            }
            TypeDetails::Array(id, length) => {
                // a tuple whose positions all have the same type
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
    syn::parse_str(text).map_err(|e| format!("`{text}` is not a type: {e}"))
}
