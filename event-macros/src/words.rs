//! Names of types: for a schema's type, for its Rust type, and for a type's tokens.

use event_shape::UNTYPED;
use event_shape::baseline::{Def, Field, Object, Scalar, Tag, Ty};
use syn::{GenericArgument, PathArguments, PathSegment, Type};

/// The name of a schema's type in a message.
pub(crate) fn of_schema(ty: &Ty, defs: &[Def]) -> String {
    match ty {
        Ty::Any => "any JSON".to_owned(),
        Ty::Null => "null".to_owned(),
        Ty::Bool => "boolean".to_owned(),
        Ty::Int(lo, hi) => {
            let text = |n: &Option<i128>| n.map(|n| n.to_string()).unwrap_or_default();
            let range = || format!("{}..={}", text(lo), text(hi));
            format!("integer ({})", integer(*lo, *hi).map_or_else(range, str::to_owned))
        }
        Ty::Num(true) => "number (f32)".to_owned(),
        Ty::Num(false) => "number (f64)".to_owned(),
        Ty::Str(format) if format.is_empty() => "string".to_owned(),
        Ty::Str(format) => format!("string ({})", format.trim_start_matches(UNTYPED)),
        Ty::Nullable(t) => format!("{} or null", of_schema(t, defs)),
        Ty::Array(t) => format!("array of {}", of_schema(t, defs)),
        Ty::Map(t) => format!("map of {}", of_schema(t, defs)),
        Ty::Tuple(ts) => {
            let places: Vec<_> = ts.iter().map(|t| of_schema(t, defs)).collect();
            format!("tuple of ({})", places.join(", "))
        }
        Ty::Ref(i) => match defs.get(*i as usize) {
            Some(Def { rust, ty: Ty::Enum(_), .. }) => format!("enum `{rust}`"),
            Some(Def { rust, ty: Ty::Object(_), .. }) => format!("object `{rust}`"),
            Some(def) => of_schema(&def.ty, &[]),
            None => "unknown".to_owned(),
        },
        Ty::Object(o) => format!("object {{ {} }}", names(o)),
        Ty::Enum(e) if e.tag == Tag::Untagged => "untagged enum".to_owned(),
        Ty::Enum(e) => {
            let names: Vec<_> = e.variants.iter().map(|v| format!("`{}`", v.name)).collect();
            format!("one of {}", names.join(", "))
        }
        Ty::Values(values) => {
            let values: Vec<String> = values.iter().map(|v| scalar(*v)).collect();
            format!("one of {}", values.join(", "))
        }
        Ty::Opaque(why) => format!("a schema that cannot be compared with a Rust type: {why}"),
    }
}

fn scalar(value: Scalar) -> String {
    match value {
        Scalar::Bool(value) => value.to_string(),
        Scalar::Int(value) => value.to_string(),
    }
}

/// The names of an object's fields, as a list for a message.
pub(crate) fn names(object: &Object) -> String {
    let names: Vec<_> = object.fields.iter().map(|f| format!("`{}`", f.name)).collect();
    names.join(", ")
}

/// The Rust integer type with exactly this range; a schema without bounds is an `i64`.
fn integer(lo: Option<i128>, hi: Option<i128>) -> Option<&'static str> {
    const TYPES: [(&str, i128, i128); 8] = [
        ("i64", i64::MIN as i128, i64::MAX as i128),
        ("u64", 0, u64::MAX as i128),
        ("i32", i32::MIN as i128, i32::MAX as i128),
        ("u32", 0, u32::MAX as i128),
        ("i16", i16::MIN as i128, i16::MAX as i128),
        ("u16", 0, u16::MAX as i128),
        ("i8", i8::MIN as i128, i8::MAX as i128),
        ("u8", 0, u8::MAX as i128),
    ];
    match (lo, hi) {
        (None, None) => Some("i64"),
        (Some(0), None) => Some("u64"),
        _ => TYPES.iter().find(|(_, a, b)| lo == Some(*a) && hi == Some(*b)).map(|t| t.0),
    }
}

/// The declaration of the field in Rust.
pub(crate) fn rust_field(field: &Field, defs: &[Def]) -> String {
    let ty = rust_type(&field.ty, defs);
    if field.optional {
        format!("{}: Option<{ty}>", field.rust)
    } else {
        format!("{}: {ty}", field.rust)
    }
}

fn rust_type(ty: &Ty, defs: &[Def]) -> String {
    match ty {
        Ty::Any | Ty::Opaque(_) => "serde_json::Value".to_owned(),
        Ty::Null => "()".to_owned(),
        Ty::Bool => "bool".to_owned(),
        Ty::Int(lo, hi) => integer(*lo, *hi).unwrap_or("i64").to_owned(),
        Ty::Num(single) => if *single { "f32" } else { "f64" }.to_owned(),
        Ty::Str(format) => match format.as_str() {
            "date-time" => "jiff::Timestamp",
            "date" => "jiff::civil::Date",
            "duration" => "jiff::Span",
            "uuid" => "uuid::Uuid",
            "ulid" => "ulid::Ulid",
            "decimal" => "rust_decimal::Decimal",
            "ip" => "std::net::IpAddr",
            "ipv4" => "std::net::Ipv4Addr",
            "ipv6" => "std::net::Ipv6Addr",
            "char" => "char",
            _ => "String",
        }
        .to_owned(),
        Ty::Nullable(t) => format!("Option<{}>", rust_type(t, defs)),
        Ty::Array(t) => format!("Vec<{}>", rust_type(t, defs)),
        Ty::Map(t) => format!("BTreeMap<String, {}>", rust_type(t, defs)),
        Ty::Tuple(ts) => {
            let places: Vec<_> = ts.iter().map(|t| rust_type(t, defs)).collect();
            format!("({})", places.join(", "))
        }
        Ty::Ref(i) => defs.get(*i as usize).map_or_else(|| "..".to_owned(), |d| d.rust.clone()),
        Ty::Object(_) | Ty::Enum(_) | Ty::Values(_) => "..".to_owned(),
    }
}

/// The type inside `Option<..>`, by its tokens.
pub(crate) fn option_of(ty: &Type) -> Option<&Type> {
    argument(ty, &["Option"])
}

/// Whether the path ends in this name.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    let Type::Path(path) = crate::spans::peel(ty) else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == name)
}

/// The last type argument, if the path ends in one of these names.
pub(crate) fn argument<'a>(ty: &'a Type, names: &[&str]) -> Option<&'a Type> {
    let Type::Path(path) = crate::spans::peel(ty) else { return None };
    let last = path.path.segments.last()?;
    let inner = argument_of(last)?;
    // the text of an identifier is requested from the compiler, so it is read once
    let name = last.ident.to_string();
    names.contains(&name.as_str()).then_some(inner)
}

/// Whether it is bytes in a `Cow`, by its tokens, as serde decides it too.
pub(crate) fn is_borrowed_bytes(ty: &Type) -> bool {
    match argument(ty, &["Cow"]).map(crate::spans::peel) {
        Some(Type::Slice(slice)) => is_named(&slice.elem, "u8"),
        _ => false,
    }
}

/// The place of a reference in the type, outside of `PhantomData`.
pub(crate) fn reference(ty: &Type) -> Option<proc_macro2::Span> {
    match crate::spans::peel(ty) {
        Type::Reference(r) => Some(r.and_token.span),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let PathArguments::AngleBracketed(args) = &last.arguments else { return None };
            if last.ident == "PhantomData" {
                return None;
            }
            args.args.iter().find_map(|arg| match arg {
                GenericArgument::Type(ty) => reference(ty),
                _ => None,
            })
        }
        Type::Tuple(places) => places.elems.iter().find_map(reference),
        Type::Array(array) => reference(&array.elem),
        _ => None,
    }
}

/// Whether the type is a float: a value may then be written as `null` where its schema has a number.
pub(crate) fn is_float(ty: &Type) -> bool {
    is_named(ty, "f64") || is_named(ty, "f32")
}

fn argument_of(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(args) = &segment.arguments else { return None };
    args.args.iter().rev().find_map(|arg| match arg {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Whether the type contains a path that is not among `names`, which it is then added to.
pub(crate) fn has_new_name(ty: &Type, names: &mut Vec<String>) -> bool {
    let Type::Path(path) = crate::spans::peel(ty) else { return true };
    let mut name = String::new();
    let mut new = false;
    for segment in &path.path.segments {
        name.push_str("::");
        name.push_str(&segment.ident.to_string());
        if let PathArguments::AngleBracketed(args) = &segment.arguments {
            for arg in &args.args {
                new |= match arg {
                    GenericArgument::Type(ty) => has_new_name(ty, names),
                    _ => false,
                };
            }
        }
    }
    if !names.contains(&name) {
        names.push(name);
        new = true;
    }
    new
}

/// What tokens show about a type and its schema: `true` for the same type, `false` for another kind of
/// JSON, or nothing. This only chooses the message of a break; the types decide whether there is one.
pub(crate) fn guess(ty: &Type, schema: &Ty) -> Option<bool> {
    let Type::Path(path) = crate::spans::peel(ty) else { return None };
    let last = path.path.segments.last()?;
    let name = last.ident.to_string();
    let name = name.as_str();
    if let Some(inner) = argument_of(last) {
        match (name, schema) {
            ("Box" | "Arc" | "Rc" | "Cow", _) => return guess(inner, schema),
            ("Option", Ty::Nullable(t))
            | ("Vec", Ty::Array(t))
            | ("HashMap" | "BTreeMap", Ty::Map(t)) => return guess(inner, t),
            // a difference in `null` alone is reported by the compiler's check
            ("Option", _) => return guess(inner, schema).filter(|same| !same),
            ("Vec", _) => return other(kind_of(schema)?, Kind::List),
            ("HashMap" | "BTreeMap", _) => return other(kind_of(schema)?, Kind::Object),
            _ => {}
        }
    }
    let kind = kind_of(schema)?;
    match (name, schema) {
        ("String", Ty::Str(format)) if !event_shape::has_type(format) => Some(true),
        ("bool", Ty::Bool) | ("f64", Ty::Num(false)) | ("f32", Ty::Num(true)) => Some(true),
        ("Timestamp" | "DateTime", Ty::Str(format)) if format == "date-time" => Some(true),
        ("Date" | "NaiveDate", Ty::Str(format)) if format == "date" => Some(true),
        ("Span", Ty::Str(format)) if format == "duration" => Some(true),
        ("Uuid", Ty::Str(format)) if format == "uuid" => Some(true),
        ("Ulid", Ty::Str(format)) if format == "ulid" => Some(true),
        ("Decimal", Ty::Str(format)) if format == "decimal" => Some(true),
        ("String", _) => other(kind, Kind::Text),
        ("bool", _) => other(kind, Kind::Bool),
        ("u8" | "u16" | "u32" | "u64" | "i8" | "i16" | "i32" | "i64", Ty::Int(lo, hi))
            if integer(*lo, *hi) == Some(name) =>
        {
            Some(true)
        }
        ("u8" | "u16" | "u32" | "u64" | "i8" | "i16" | "i32" | "i64" | "f32" | "f64", _) => {
            other(kind, Kind::Number)
        }
        _ => None,
    }
}

/// Kinds of JSON that have no value in common.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Bool,
    Number,
    Text,
    List,
    Object,
}

fn other(schema: Kind, ty: Kind) -> Option<bool> {
    (schema != ty).then_some(false)
}

fn kind_of(schema: &Ty) -> Option<Kind> {
    Some(match schema {
        Ty::Bool => Kind::Bool,
        Ty::Int(..) | Ty::Num(_) => Kind::Number,
        Ty::Str(_) => Kind::Text,
        Ty::Array(_) | Ty::Tuple(_) => Kind::List,
        Ty::Map(_) | Ty::Object(_) => Kind::Object,
        Ty::Nullable(t) => return kind_of(t),
        Ty::Any | Ty::Null | Ty::Ref(_) | Ty::Enum(_) | Ty::Values(_) | Ty::Opaque(_) => {
            return None;
        }
    })
}

/// A value that the schema allows, as JSON, shortened.
pub(crate) fn sample(ty: &Ty, defs: &[Def]) -> String {
    sample_at(ty, defs, 0)
}

fn sample_at(ty: &Ty, defs: &[Def], depth: u32) -> String {
    match ty {
        Ty::Any => r#"{"any":["JSON"]}"#.to_owned(),
        Ty::Null => "null".to_owned(),
        Ty::Bool => "true".to_owned(),
        Ty::Int(lo, hi) => lo.or(*hi).unwrap_or(7).to_string(),
        Ty::Num(_) => "1.5".to_owned(),
        Ty::Str(format) => match format.trim_start_matches(UNTYPED) {
            "date-time" => r#""2026-01-31T12:00:00Z""#,
            "date" => r#""2026-01-31""#,
            "uuid" => r#""67e55044-10b1-426f-9247-bb680e5fe0c8""#,
            "decimal" => r#""12.50""#,
            _ => r#""text""#,
        }
        .to_owned(),
        Ty::Nullable(t) => sample_at(t, defs, depth),
        Ty::Array(t) => format!("[{}]", sample_at(t, defs, depth + 1)),
        Ty::Map(t) => format!(r#"{{"key":{}}}"#, sample_at(t, defs, depth + 1)),
        Ty::Ref(i) if depth < 3 => {
            defs.get(*i as usize).map_or_else(String::new, |d| sample_at(&d.ty, defs, depth + 1))
        }
        Ty::Enum(e) => match e.variants.first() {
            Some(v) if e.tag == Tag::External && v.ty.is_none() => format!("\"{}\"", v.name),
            _ => "{..}".to_owned(),
        },
        Ty::Values(values) => values.first().map_or_else(String::new, |v| scalar(*v)),
        Ty::Tuple(_) | Ty::Ref(_) | Ty::Object(_) | Ty::Opaque(_) => "{..}".to_owned(),
    }
}
