//! Names of definitions, and the difference between two types with the same name.

use std::fmt::Write as _;

use event_shape::{Body, Enum, Field, Object, Shape, Type};
use serde_json::{Value, json};

/// The structure of a type with parameters: the shapes of its arguments may not distinguish it.
pub(super) fn structure(shape: &'static Shape) -> String {
    let fields = |fields: &'static [Field]| {
        let list =
            fields.iter().map(|f| format!("{}:{}:{}", f.name, f.flags, structure(f.shape.get())));
        list.collect::<Vec<_>>().join(",")
    };
    match shape {
        Shape::Object(o) if o.ty.args.is_empty() => o.ty.id.to_owned(),
        Shape::Enum(e) if e.ty.args.is_empty() => e.ty.id.to_owned(),
        Shape::Object(o) => format!("{}<{}>", o.ty.id, fields(o.fields)),
        Shape::Enum(e) => {
            let variants = e.variants.iter().map(|v| match v.body {
                Body::Unit => v.name.to_owned(),
                Body::One(to) => format!("{}({})", v.name, structure(to.get())),
                Body::Fields(list) => format!("{}({})", v.name, fields(list)),
            });
            format!("{}<{}>", e.ty.id, variants.collect::<Vec<_>>().join(","))
        }
        Shape::Nullable(to) => format!("?{}", structure(to.get())),
        Shape::Newtype(to) => structure(to.get()),
        Shape::Array(to) => format!("[{}]", structure(to.get())),
        Shape::Map(to) => format!("{{{}}}", structure(to.get())),
        Shape::Fixed(to, length) => format!("[{};{length}]", structure(to.get())),
        Shape::Tuple(places) => {
            let list: Vec<_> = places.iter().map(|p| structure(p.get())).collect();
            format!("({})", list.join(","))
        }
        _ => of_argument(shape, spoken),
    }
}

/// A reference is a URI: of other letters than ASCII's it has the bytes.
pub(super) fn reference(name: &str) -> Value {
    let mut uri = "#/definitions/".to_owned();
    for byte in name.bytes() {
        if byte.is_ascii() {
            uri.push(char::from(byte));
        } else {
            // writing to a text can't fail
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    json!({ "$ref": uri })
}

/// Returns a name for the definition: that of the type and of its arguments.
pub(super) fn spoken(ty: Type) -> String {
    ty.args.iter().fold(ty.name.to_owned(), |name, arg| name + &of_argument(arg.get(), spoken))
}

/// The name of an argument in letters and digits; `named` names the named types.
pub(super) fn of_argument(shape: &'static Shape, named: fn(Type) -> String) -> String {
    match shape {
        Shape::Any => "Any".to_owned(),
        Shape::Null => "Null".to_owned(),
        Shape::Bool => "Bool".to_owned(),
        Shape::Int(low, high) => format!("Int{low}To{high}").replace('-', "Minus"),
        Shape::Num(single) => if *single { "Float" } else { "Number" }.to_owned(),
        Shape::Str(format) => {
            let letters: String = format.chars().filter(char::is_ascii_alphanumeric).collect();
            format!("Text{letters}")
        }
        Shape::Nullable(to) => format!("Maybe{}", of_argument(to.get(), named)),
        Shape::Array(to) => format!("List{}", of_argument(to.get(), named)),
        Shape::Map(to) => format!("Map{}", of_argument(to.get(), named)),
        Shape::Newtype(to) => of_argument(to.get(), named),
        Shape::Fixed(to, length) => format!("Array{length}{}", of_argument(to.get(), named)),
        Shape::Tuple(places) => {
            places.iter().fold("Tuple".to_owned(), |out, p| out + &of_argument(p.get(), named))
        }
        Shape::Object(Object { ty, .. }) | Shape::Enum(Enum { ty, .. }) => named(*ty),
        Shape::Back(id) => (*id).to_owned(),
        Shape::Values(values) => format!("Values{}", values.len()),
        Shape::Unknown => "Unknown".to_owned(),
    }
}
