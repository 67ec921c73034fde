//! Enums: what each variant is on the wire, by the way that variants are tagged.

use event_shape::{Body, Enum, Shape, Tag};
use serde_json::{Map, Value, json};

use super::parts::Members;
use super::{NoSchema, Writer};

impl Writer {
    pub(super) fn enumeration(&mut self, e: &Enum) -> Result<Value, NoSchema> {
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
            // when read back, this is an enum or `null`, which is another type
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
                        "it has a field with the name of the tag, which would be written twice",
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

    /// Adds the members beside an internal tag. Returns whether they are closed.
    fn beside(&mut self, shape: &'static Shape, out: &mut Members) -> Result<bool, NoSchema> {
        match shape {
            Shape::Newtype(to) => self.beside(to.get(), out),
            Shape::Object(object) => {
                self.fields(object.fields, false, out)?;
                Ok(object.closed)
            }
            _ => Err(self.refuse("only the fields of a struct can be beside an internal tag")),
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
