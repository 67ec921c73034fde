//! Content filters of a consumer, checked against the type of the event.

use std::collections::BTreeMap;

use event_shape::{Body, Enum, Field, Object, Ref, Scalar, Shape, Tag, Variant};
use event_topology::filter::{Field as Fact, Payload, Shape as Facts};
use serde_json::Value;

use super::Declaration;
use super::attach::Sealed;
use crate::{Event, EventData};

/// Content filters by the type of an event. Import it together with the declaration.
///
/// # Example
///
/// ```
/// use event_runtime::consume::Consumer;
/// use event_runtime::topology::{Filter, Topology};
/// use event_runtime::{Event, EventData};
/// use serde_json::json;
/// # #[derive(serde::Serialize, serde::Deserialize, EventData)]
/// # #[serde(rename_all = "camelCase")]
/// # struct OrderPlaced { order_id: String, total: u32 }
/// # impl Event for OrderPlaced {
/// #     const TYPE: &'static str = "order.placed";
/// #     const MAJOR: u32 = 1;
/// #     const MINOR: u32 = 0;
/// #     const SOURCE: &'static str = "app.shop";
/// # }
///
/// let large = json!({"total": [{"numeric": [">=", 1000]}]});
/// let topology = Topology::on("shop")
///     .consumer(Consumer::of::<OrderPlaced>("audit").filter::<OrderPlaced>(&large))
///     .build()?;
/// assert!(topology.plan().rules[0].event_pattern.to_string().contains("numeric"));
///
/// let misspelt = json!({"totals": [{"numeric": [">=", 1000]}]});
/// let error = Topology::on("shop")
///     .consumer(Consumer::of::<OrderPlaced>("audit").filter::<OrderPlaced>(&misspelt))
///     .build()
///     .unwrap_err();
/// assert!(error.to_string().contains("no event has this field"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Filter: Sealed {
    /// Takes only events of this type whose payload matches: the part of an EventBridge pattern that is about the
    /// payload. [`build`](super::TopologyBuilder::build) reports fields that no event has, and values that they never
    /// have.
    #[must_use]
    fn filter<E: Event + EventData>(self, pattern: &Value) -> Self;
}

impl Filter for Declaration {
    fn filter<E: Event + EventData>(self, pattern: &Value) -> Self {
        self.filtered(E::TYPE, E::MAJOR, &pattern.to_string(), payload_of::<E>())
    }
}

/// What the payload of an event can be, from its Rust type.
pub fn payload_of<E: EventData>() -> Payload {
    let mut types = Types::default();
    let root = types.edge(E::SHAPE);
    let shapes = types.shapes.into_iter().map(|shape| shape.unwrap_or(Facts::Any)).collect();
    Payload::with_types(root, shapes)
}

/// Structs and enums by the address of their shape: each has its place before it is looked at, since it may contain
/// itself.
#[derive(Default)]
struct Types {
    places: BTreeMap<usize, usize>,
    shapes: Vec<Option<Facts>>,
    /// The enclosing types without a static of their own, by id.
    around: Vec<(&'static str, usize)>,
}

impl Types {
    fn edge(&mut self, to: Ref) -> Facts {
        self.shape(to.get())
    }

    fn shape(&mut self, shape: &'static Shape) -> Facts {
        match shape {
            Shape::Any | Shape::Unknown => Facts::Any,
            Shape::Null => Facts::Null,
            Shape::Bool => Facts::Bool,
            Shape::Int(least, most) => Facts::Integer(*least, *most),
            Shape::Num(_) => Facts::Number,
            Shape::Str(_) => Facts::Text,
            Shape::Nullable(inner) => self.edge(*inner).or_null(),
            Shape::Array(items) | Shape::Fixed(items, _) => {
                Facts::List(Box::new(self.edge(*items)))
            }
            Shape::Tuple(places) => {
                let places = places.iter().map(|place| self.edge(*place)).collect();
                Facts::List(Box::new(Facts::Either(places)))
            }
            Shape::Map(values) => Facts::Map(Box::new(self.edge(*values))),
            Shape::Newtype(inner) => self.edge(*inner),
            Shape::Values(values) => Facts::OneOf(values.iter().map(scalar).collect()),
            Shape::Back(id) => {
                let known = self.around.iter().rev().find(|(other, _)| other == id);
                known.map_or(Facts::Any, |(_, place)| Facts::Type(*place))
            }
            Shape::Object(object) => self.named(shape, object.ty.id, |types| types.object(object)),
            Shape::Enum(all) => self.named(shape, all.ty.id, |types| types.variants(all)),
        }
    }

    fn named(
        &mut self,
        shape: &'static Shape,
        id: &'static str,
        make: impl FnOnce(&mut Self) -> Facts,
    ) -> Facts {
        let address = std::ptr::from_ref(shape).addr();
        if let Some(place) = self.places.get(&address) {
            return Facts::Type(*place);
        }
        let place = self.shapes.len();
        self.shapes.push(None);
        self.places.insert(address, place);
        self.around.push((id, place));
        let made = make(self);
        self.around.pop();
        if let Some(slot) = self.shapes.get_mut(place) {
            *slot = Some(made);
        }
        Facts::Type(place)
    }

    fn object(&mut self, object: &'static Object) -> Facts {
        self.fields(object.fields, &[])
    }

    /// An object with these fields and a tag before them, where there is one. What is flattened into it adds its
    /// fields; where that is not an object of known fields, any field may be there.
    fn fields(&mut self, fields: &'static [Field], tag: &[Fact]) -> Facts {
        let mut alternatives = vec![tag.to_vec()];
        let mut any = false;
        for field in fields {
            if field.has(Field::UNWRITTEN) {
                continue;
            }
            let shape = self.edge(field.shape);
            if field.has(Field::FLATTEN) {
                let Some(inner) = self.known_fields(&shape) else {
                    any = true;
                    continue;
                };
                if alternatives.len() * inner.len() > MAX_ALTERNATIVES {
                    any = true;
                    continue;
                }
                let product = alternatives.iter().flat_map(|one| {
                    inner.iter().map(|other| [one.as_slice(), other.as_slice()].concat())
                });
                alternatives = product.collect();
                continue;
            }
            let absent = Field::DEFAULT | Field::SKIPS | Field::SKIPS_NONE;
            let required = field.flags & absent == 0;
            let fact = Fact { name: field.name.to_owned(), required, shape };
            for one in &mut alternatives {
                one.push(fact.clone());
            }
        }
        let mut objects: Vec<Facts> = alternatives.into_iter().map(Facts::Object).collect();
        if any {
            objects.push(Facts::Map(Box::new(Facts::Any)));
        }
        if objects.len() == 1 { objects.remove(0) } else { Facts::Either(objects) }
    }

    /// The fields of what is flattened, in each of its alternatives.
    fn known_fields(&self, shape: &Facts) -> Option<Vec<Vec<Fact>>> {
        match shape {
            Facts::Object(fields) => Some(vec![fields.clone()]),
            Facts::Type(place) => self.known_fields(self.shapes.get(*place)?.as_ref()?),
            Facts::Either(all) => {
                let all: Option<Vec<_>> = all.iter().map(|one| self.known_fields(one)).collect();
                all.map(|all| all.concat())
            }
            // an absent option of a struct
            Facts::Null => Some(vec![Vec::new()]),
            _ => None,
        }
    }

    fn variants(&mut self, all: &'static Enum) -> Facts {
        let mut names = Vec::new();
        let mut others = Vec::new();
        for variant in all.variants {
            match (all.tag, variant.body) {
                (Tag::External, Body::Unit) => names.push(Value::from(variant.name)),
                _ => others.push(self.variant(all.tag, variant)),
            }
        }
        // What a catch-all writes is what a later minor may add. No event has it today, so that a filter cannot ask
        // for it; where it is not a name, its fields are unknown.
        if all.open && names.is_empty() {
            others.push(Facts::Any);
        }
        if !names.is_empty() {
            others.insert(0, Facts::OneOf(names));
        }
        if others.len() == 1 { others.remove(0) } else { Facts::Either(others) }
    }

    fn variant(&mut self, tag: Tag, variant: &'static Variant) -> Facts {
        let content = |types: &mut Self| match variant.body {
            Body::Unit => Facts::Null,
            Body::One(inner) => types.edge(inner),
            Body::Fields(fields) => types.fields(fields, &[]),
        };
        match tag {
            Tag::Untagged => content(self),
            Tag::External => Facts::Object(vec![Fact::required(variant.name, content(self))]),
            Tag::Internal(tag) => {
                let named = Fact::required(tag, Facts::one_of([variant.name]));
                match variant.body {
                    Body::Unit => Facts::Object(vec![named]),
                    Body::Fields(fields) => self.fields(fields, &[named]),
                    Body::One(inner) => {
                        let inner = self.edge(inner);
                        let Some(all) = self.known_fields(&inner) else { return Facts::Any };
                        let tagged = |mut fields: Vec<Fact>| {
                            fields.insert(0, named.clone());
                            Facts::Object(fields)
                        };
                        Facts::Either(all.into_iter().map(tagged).collect())
                    }
                }
            }
            Tag::Adjacent(tag, name) => {
                let named = Fact::required(tag, Facts::one_of([variant.name]));
                match variant.body {
                    Body::Unit => Facts::Object(vec![named]),
                    _ => Facts::Object(vec![named, Fact::required(name, content(self))]),
                }
            }
        }
    }
}

/// Alternatives of a struct with flattened enums; beyond that, any field may be there.
const MAX_ALTERNATIVES: usize = 256;

fn scalar(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Bool(value) => Value::from(*value),
        Scalar::Int(value) => match i64::try_from(*value) {
            Ok(value) => Value::from(value),
            Err(_) => u64::try_from(*value).map_or(Value::Null, Value::from),
        },
    }
}
