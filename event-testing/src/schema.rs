//! Converts a wire shape to a JSON Schema (draft 4) document.
//!
//! This is the inverse of `event-codegen`: the document of a type, compiled again, is a type of the
//! same wire shape. It states what serde does with a field: the field is `required` if it is always
//! written and has no `#[serde(default)]`, and it accepts `null` if a `None` is written as `null`.

mod names;
mod parts;
mod variants;

use event_shape::{Field, Object, Ref, Shape, Type};
use serde_json::{Map, Value, json};

use self::names::{reference, spoken, structure};
use self::parts::{Members, integer, or_null, presence};

/// Why a shape has no schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place} cannot be expressed as a schema: {reason}")]
pub struct NoSchema {
    /// The field, as a path of wire names from the event's root.
    pub place: String,
    /// The reason.
    pub reason: &'static str,
}

/// Returns the document of an event's payload. Keys are sorted, so that one shape always gives the
/// same text.
///
/// # Errors
///
/// If a part of the type cannot be expressed as a schema: a flattened enum, or a type whose derive
/// failed.
pub(super) fn document(shape: Ref, source: &str, sunset: &str) -> Result<Value, NoSchema> {
    let mut writer = Writer::default();
    let Shape::Object(root) = shape.get() else {
        return Err(writer.refuse("an event must be an object"));
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
    /// The current place, for errors.
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
            Shape::Values(values) => parts::values(values),
            Shape::Object(object) => {
                self.named(object.ty, shape, |w| w.object(object).map(Value::Object))?
            }
            Shape::Enum(e) => self.named(e.ty, shape, |w| w.enumeration(e))?,
            Shape::Back(id) => match self.around.iter().rev().find(|(around, _)| around == id) {
                Some((_, index)) => reference(&self.definitions[*index].name),
                None => return Err(self.refuse("it contains itself through a generic type")),
            },
            Shape::Unknown => return Err(self.refuse("its derive failed")),
        })
    }

    fn tuple(&self, places: &[Value]) -> Result<Value, NoSchema> {
        let length = places.len();
        if length == 0 {
            // draft 4 has no empty `items`
            return Err(self.refuse("a tuple without elements"));
        }
        Ok(json!({
            "type": "array",
            "items": places,
            "additionalItems": false,
            "minItems": length,
            "maxItems": length,
        }))
    }

    /// Returns a reference to a definition, and adds the definition.
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
            // keywords beside a reference are ignored; the target has its own description
            if let Some(Value::Object(property)) = members.properties.get_mut(name)
                && !property.contains_key("$ref")
            {
                property.insert("description".to_owned(), json!(doc));
            }
        }
        Ok(members.finish(object.closed))
    }

    /// Refuses a flattened map that also reads the fields of other flattened fields.
    fn flattened_alone(&self, fields: &'static [Field]) -> Result<(), NoSchema> {
        let first = fields.iter().position(|f| f.has(Field::FLATTEN)).unwrap_or(fields.len());
        match event_shape::check::greedy(&fields[first..]) {
            Some(_) => Err(self.refuse("a flattened map also contains the fields of another flattened field: they would be written twice")),
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
                // a map of any JSON: an open object accepts that already
                if !matches!(to.get(), Shape::Any) {
                    out.rest = Some(self.ty(to.get())?);
                }
                Ok(())
            }
            Shape::Any => Ok(()),
            _ => Err(self.refuse("a flattened type must be a struct or a map")),
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
