//! A wire shape as a JSON Schema (draft 4) document.
//!
//! The inverse of what `event-codegen` makes of a schema: the document of a type, compiled again, is a
//! type of the same wire shape. What a field promises is what serde does with it: it is `required` where
//! it is always written and no `#[serde(default)]` lets it be absent, and takes `null` where a `None` is
//! written as one.

use std::fmt::Write as _;

use event_shape::{Body, Enum, Field, Object, Ref, Scalar, Shape, Tag, Type};
use serde_json::{Map, Value, json};

/// Why a shape has no schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place} cannot be expressed as a schema: {reason}")]
pub struct NoSchema {
    /// The field, as a path of wire names from the event's root.
    pub place: String,
    /// What stands in the way.
    pub reason: &'static str,
}

/// The document of an event's payload. Keys are sorted, so that one shape has one text.
///
/// # Errors
///
/// A part of the type has a shape that no schema says: a flattened enum, or a type whose derive failed.
pub(super) fn document(shape: Ref, source: &str, sunset: &str) -> Result<Value, NoSchema> {
    let mut writer = Writer::default();
    let Shape::Object(root) = shape.get() else {
        return Err(writer.refuse("an event is an object"));
    };
    let mut out = writer.object(root)?;
    describe(&mut out, root.ty.docs);
    let mut definitions = Map::new();
    for definition in writer.definitions {
        definitions.insert(definition.name, definition.schema);
    }
    if !definitions.is_empty() {
        out.insert("definitions".to_owned(), Value::Object(definitions));
    }
    out.insert("$schema".to_owned(), json!("http://json-schema.org/draft-04/schema#"));
    out.insert("title".to_owned(), json!(root.ty.name));
    out.insert("x-amazon-events-source".to_owned(), json!(source));
    if !sunset.is_empty() {
        out.insert("x-event-sunset".to_owned(), json!(sunset));
    }
    let mut out = Value::Object(out);
    out.sort_all_objects();
    Ok(out)
}

/// A named type, once for each set of arguments.
struct Definition {
    identity: String,
    name: String,
    schema: Value,
}

#[derive(Default)]
struct Writer {
    definitions: Vec<Definition>,
    /// The enclosing types: identifier, and index of the definition.
    around: Vec<(&'static str, usize)>,
    /// Where the writer is, for an error.
    path: Vec<String>,
}

impl Writer {
    fn refuse(&self, reason: &'static str) -> NoSchema {
        let place = if self.path.is_empty() {
            "the event".to_owned()
        } else {
            format!("`{}`", self.path.join("."))
        };
        NoSchema { place, reason }
    }

    fn ty(&mut self, shape: &'static Shape) -> Result<Value, NoSchema> {
        Ok(match shape {
            Shape::Any => json!({}),
            Shape::Null => json!({ "type": "null" }),
            Shape::Bool => json!({ "type": "boolean" }),
            Shape::Int(low, high) => integer(*low, *high),
            Shape::Num(true) => json!({ "type": "number", "format": "float" }),
            Shape::Num(false) => json!({ "type": "number" }),
            Shape::Str("") => json!({ "type": "string" }),
            Shape::Str(format) => json!({ "type": "string", "format": format }),
            Shape::Nullable(to) => or_null(self.ty(to.get())?),
            Shape::Newtype(to) => self.ty(to.get())?,
            Shape::Array(to) => json!({ "type": "array", "items": self.ty(to.get())? }),
            Shape::Tuple(places) => {
                let places: Result<Vec<_>, _> = places.iter().map(|p| self.ty(p.get())).collect();
                self.tuple(&places?)?
            }
            Shape::Fixed(to, length) => {
                let place = self.ty(to.get())?;
                self.tuple(&vec![place; *length])?
            }
            Shape::Map(to) => {
                json!({ "type": "object", "additionalProperties": self.ty(to.get())? })
            }
            Shape::Values(values) => self::values(values),
            Shape::Object(object) => {
                self.named(object.ty, shape, |w| w.object(object).map(Value::Object))?
            }
            Shape::Enum(e) => self.named(e.ty, shape, |w| w.enumeration(e))?,
            Shape::Back(id) => match self.around.iter().rev().find(|(around, _)| around == id) {
                Some((_, index)) => reference(&self.definitions[*index].name),
                None => return Err(self.refuse("it holds itself through a generic type")),
            },
            Shape::Unknown => return Err(self.refuse("its derive failed")),
        })
    }

    fn tuple(&self, places: &[Value]) -> Result<Value, NoSchema> {
        let length = places.len();
        if length == 0 {
            // draft 4 has no empty `items`
            return Err(self.refuse("a tuple without places"));
        }
        Ok(json!({
            "type": "array",
            "items": places,
            "additionalItems": false,
            "minItems": length,
            "maxItems": length,
        }))
    }

    /// A definition and the reference to it.
    fn named(
        &mut self,
        ty: Type,
        shape: &'static Shape,
        body: impl FnOnce(&mut Writer) -> Result<Value, NoSchema>,
    ) -> Result<Value, NoSchema> {
        let identity = if ty.args.is_empty() { ty.id.to_owned() } else { structure(shape) };
        if let Some(known) = self.definitions.iter().find(|d| d.identity == identity) {
            return Ok(reference(&known.name));
        }
        let plain = spoken(ty);
        let taken = |name: &str| self.definitions.iter().any(|d| d.name == name);
        let mut name = plain.clone();
        let mut number = 2;
        while taken(&name) {
            name = format!("{plain}{number}");
            number += 1;
        }
        let index = self.definitions.len();
        self.definitions.push(Definition { identity, name: name.clone(), schema: Value::Null });
        self.around.push((ty.id, index));
        let schema = body(self);
        self.around.pop();
        let mut schema = schema?;
        if let Value::Object(members) = &mut schema {
            describe(members, ty.docs);
        }
        self.definitions[index].schema = schema;
        Ok(reference(&name))
    }

    fn object(&mut self, object: &Object) -> Result<Map<String, Value>, NoSchema> {
        let mut members = Members::default();
        self.fields(object.fields, false, &mut members)?;
        self.flattened_alone(object.fields)?;
        if members.second_names && !object.closed {
            return Err(self.refuse(
                "a field is also read under another name, which an undeclared field may have",
            ));
        }
        for (name, doc) in docs(object.ty.docs).1 {
            // beside a reference nothing counts; what it leads to has its own description
            if let Some(Value::Object(property)) = members.properties.get_mut(name)
                && !property.contains_key("$ref")
            {
                property.insert("description".to_owned(), json!(doc));
            }
        }
        Ok(members.finish(object.closed))
    }

    /// A flattened map takes what other flattened fields read, too.
    fn flattened_alone(&self, fields: &'static [Field]) -> Result<(), NoSchema> {
        let first = fields.iter().position(|f| f.has(Field::FLATTEN)).unwrap_or(fields.len());
        match event_shape::check::greedy(&fields[first..]) {
            Some(_) => Err(self.refuse("a flattened map also takes what another flattened field reads: those fields would be written twice")),
            None => Ok(()),
        }
    }

    fn fields(
        &mut self,
        fields: &'static [Field],
        maybe: bool,
        out: &mut Members,
    ) -> Result<(), NoSchema> {
        for field in fields {
            self.path.push(field.name.to_owned());
            if field.has(Field::FLATTEN) {
                let left_out = field.has(Field::SKIPS | Field::UNWRITTEN);
                self.flattened(field.shape.get(), maybe || left_out, out)?;
            } else {
                out.second_names |= field.has(Field::ALIASED);
                let (optional, shape) = presence(field);
                let schema = self.ty(shape)?;
                if out.properties.contains_key(field.name) {
                    return Err(
                        self.refuse("it is written twice, and an object has one field of a name")
                    );
                }
                out.add(field.name, schema, !(optional || maybe));
            }
            self.path.pop();
        }
        Ok(())
    }

    /// The fields of a flattened type; `maybe`: an `Option` may leave all of them out.
    fn flattened(
        &mut self,
        shape: &'static Shape,
        maybe: bool,
        out: &mut Members,
    ) -> Result<(), NoSchema> {
        match shape {
            Shape::Object(object) => self.fields(object.fields, maybe, out),
            Shape::Newtype(to) => self.flattened(to.get(), maybe, out),
            Shape::Nullable(to) => self.flattened(to.get(), true, out),
            Shape::Map(to) => {
                // of any JSON: what an open object takes anyway
                if !matches!(to.get(), Shape::Any) {
                    out.rest = Some(self.ty(to.get())?);
                }
                Ok(())
            }
            Shape::Any => Ok(()),
            _ => Err(self.refuse("a flattened type has to be a struct or a map")),
        }
    }

    fn enumeration(&mut self, e: &Enum) -> Result<Value, NoSchema> {
        let mut out = match e.tag {
            Tag::External if e.variants.iter().all(|v| matches!(v.body, Body::Unit)) => {
                let names: Vec<_> = e.variants.iter().map(|v| v.name).collect();
                Map::from_iter([
                    ("type".to_owned(), json!("string")),
                    ("enum".to_owned(), json!(names)),
                ])
            }
            tag => {
                let mut branches = Vec::new();
                for variant in e.variants {
                    let step = if variant.name.is_empty() { e.ty.name } else { variant.name };
                    self.path.push(format!("<{step}>"));
                    branches.push(self.variant(tag, variant.name, &variant.body, e.closed)?);
                    self.path.pop();
                }
                // what fits several untagged variants is read as the first of them
                let untagged = matches!(tag, Tag::Untagged);
                if untagged && let Some(taken) = event_shape::check::taken_for_another(e) {
                    return Err(self.refuse(if taken.both {
                        "two untagged variants read each other's values: tell them apart by a tag, or by a field that only one of them requires"
                    } else {
                        "an untagged variant reads the values of one that comes after it, and loses a part of them: put the later one first"
                    }));
                }
                let union = if untagged { "anyOf" } else { "oneOf" };
                Map::from_iter([(union.to_owned(), Value::Array(branches))])
            }
        };
        if e.open {
            out.insert("x-open".to_owned(), json!(true));
        }
        Ok(Value::Object(out))
    }

    fn variant(
        &mut self,
        tag: Tag,
        name: &str,
        body: &Body,
        closed: bool,
    ) -> Result<Value, NoSchema> {
        let constant = || json!({ "type": "string", "enum": [name] });
        match (tag, body) {
            (Tag::External, Body::Unit) => Ok(constant()),
            (Tag::External, _) => {
                let content = self.content(body, closed)?;
                let mut members = Members::default();
                members.add(name, content, true);
                Ok(Value::Object(members.finish(true)))
            }
            // read back, it is an enum or `null`, which is another type
            (Tag::Untagged, Body::Unit) => {
                Err(self.refuse("an untagged variant without content is `null`: use an `Option`"))
            }
            (Tag::Untagged, _) => self.content(body, closed),
            (Tag::Internal(key), _) => {
                let mut members = Members::default();
                let mut closed = closed;
                match body {
                    Body::Unit => {}
                    Body::Fields(fields) => {
                        self.fields(fields, false, &mut members)?;
                        self.flattened_alone(fields)?;
                    }
                    Body::One(to) => closed |= self.beside(to.get(), &mut members)?,
                }
                if members.properties.contains_key(key) {
                    return Err(self.refuse(
                        "it holds a field of the tag's name, which would be written twice",
                    ));
                }
                if members.second_names && !closed {
                    return Err(self.refuse("a field is also read under another name, which an undeclared field may have"));
                }
                members.add(key, constant(), true);
                Ok(Value::Object(members.finish(closed)))
            }
            (Tag::Adjacent(key, content), _) => {
                let mut members = Members::default();
                members.add(key, constant(), true);
                if !matches!(body, Body::Unit) {
                    let schema = self.content(body, closed)?;
                    members.add(content, schema, true);
                }
                Ok(Value::Object(members.finish(closed)))
            }
        }
    }

    /// What stands beside an internal tag; whether it is closed.
    fn beside(&mut self, shape: &'static Shape, out: &mut Members) -> Result<bool, NoSchema> {
        match shape {
            Shape::Newtype(to) => self.beside(to.get(), out),
            Shape::Object(object) => {
                self.fields(object.fields, false, out)?;
                Ok(object.closed)
            }
            _ => Err(self.refuse("only the fields of a struct can stand beside an internal tag")),
        }
    }

    fn content(&mut self, body: &Body, closed: bool) -> Result<Value, NoSchema> {
        match body {
            Body::Unit => Ok(json!({ "type": "null" })),
            Body::One(to) => self.ty(to.get()),
            Body::Fields(fields) => {
                let mut members = Members::default();
                self.fields(fields, false, &mut members)?;
                self.flattened_alone(fields)?;
                if members.second_names && !closed {
                    return Err(self.refuse("a field is also read under another name, which an undeclared field may have"));
                }
                Ok(Value::Object(members.finish(closed)))
            }
        }
    }
}

/// The type's own doc comment, and those of its fields or variants by wire name.
fn docs(text: &'static str) -> (&'static str, Vec<(&'static str, &'static str)>) {
    let mut parts = text.split('\0');
    let own = parts.next().unwrap_or_default();
    (own, parts.filter_map(|part| part.split_once('\u{1}')).collect())
}

fn describe(schema: &mut Map<String, Value>, text: &'static str) {
    let own = docs(text).0;
    if !own.is_empty() {
        schema.insert("description".to_owned(), json!(own));
    }
}

/// A closed list of numbers and booleans.
fn values(values: &[Scalar]) -> Value {
    let booleans = values.iter().all(|v| matches!(v, Scalar::Bool(_)));
    let integers = values.iter().all(|v| matches!(v, Scalar::Int(_)));
    let list: Vec<Value> = values
        .iter()
        .map(|v| match v {
            Scalar::Bool(value) => json!(value),
            Scalar::Int(value) => i64::try_from(*value).map_or_else(|_| json!(value), Value::from),
        })
        .collect();
    let mut out = Map::from_iter([("enum".to_owned(), Value::Array(list))]);
    if booleans || integers {
        out.insert("type".to_owned(), json!(if booleans { "boolean" } else { "integer" }));
    }
    Value::Object(out)
}

/// What a type with parameters is made of: its arguments' shapes may not tell it.
fn structure(shape: &'static Shape) -> String {
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

/// The parts of an object's schema.
#[derive(Default)]
struct Members {
    properties: Map<String, Value>,
    required: Vec<String>,
    rest: Option<Value>,
    /// Whether a field is read under another name, too.
    second_names: bool,
}

impl Members {
    fn add(&mut self, name: &str, schema: Value, required: bool) {
        self.properties.insert(name.to_owned(), schema);
        if required {
            self.required.push(name.to_owned());
        }
    }

    fn finish(self, closed: bool) -> Map<String, Value> {
        let mut out = Map::new();
        if closed {
            out.insert("additionalProperties".to_owned(), json!(false));
        } else if let Some(rest) = self.rest {
            out.insert("additionalProperties".to_owned(), rest);
        }
        out.insert("properties".to_owned(), Value::Object(self.properties));
        if !self.required.is_empty() {
            // draft 4 has no empty list here
            let mut required = self.required;
            required.sort_unstable();
            out.insert("required".to_owned(), json!(required));
        }
        out.insert("type".to_owned(), json!("object"));
        out
    }
}

/// Whether the field may be absent, and the shape of what is there otherwise.
fn presence(field: &Field) -> (bool, &'static Shape) {
    const LEFT_OUT: u8 = Field::SKIPS | Field::SKIPS_NONE | Field::UNWRITTEN;
    let shape = field.shape.get();
    let optional = field.flags & (LEFT_OUT | Field::DEFAULT) != 0;
    match shape {
        // `None` is left out, so that what is there is no `null`; of two, the outer one is left out
        Shape::Nullable(to) if field.has(Field::SKIPS_NONE | Field::UNWRITTEN) => (true, to.get()),
        _ => (optional, shape),
    }
}

fn integer(low: i128, high: i128) -> Value {
    let mut out = Map::from_iter([("type".to_owned(), json!("integer"))]);
    let mut bound = |key: &str, value: i128| {
        // every Rust integer that serde_json writes by default is in one of the two
        let number = i64::try_from(value)
            .map(Value::from)
            .or_else(|_| u64::try_from(value).map(Value::from));
        if let Ok(number) = number {
            out.insert(key.to_owned(), number);
        }
    };
    // a schema without bounds is an `i64`, and one that begins at 0 a `u64`
    if (low, high) != (i64::MIN.into(), i64::MAX.into()) {
        bound("minimum", low);
        if (low, high) != (0, u64::MAX.into()) {
            bound("maximum", high);
        }
    }
    Value::Object(out)
}

fn or_null(mut schema: Value) -> Value {
    let nullable = schema.get("type").and_then(Value::as_str).map(|ty| json!([ty, "null"]));
    match (schema.as_object_mut(), nullable) {
        // any JSON takes `null` already
        (Some(any), _) if any.is_empty() => schema,
        (Some(_), Some(types)) if types[0] == "null" => schema,
        (Some(object), Some(types)) if !object.contains_key("enum") => {
            object.insert("type".to_owned(), types);
            schema
        }
        _ => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

/// A reference is a URI: of other letters than ASCII's it has the bytes.
fn reference(name: &str) -> Value {
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

/// A name for the definition: the type's, and those of its arguments.
fn spoken(ty: Type) -> String {
    ty.args.iter().fold(ty.name.to_owned(), |name, arg| name + &of_argument(arg.get(), spoken))
}

/// An argument in letters and digits; what named types are called is up to `named`.
fn of_argument(shape: &'static Shape, named: fn(Type) -> String) -> String {
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
