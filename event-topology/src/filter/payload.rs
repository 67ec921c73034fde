//! What the payload of an event can be, as data: no JSON Schema, no Rust type.

use serde_json::Value;

/// What the payload of one major of an event can be. `event_runtime` makes it of a Rust type.
///
/// # Example
///
/// ```
/// use event_topology::filter::{Field, Payload, Shape};
/// use event_topology::plan::Read;
/// use event_topology::{Declaration, Topology};
///
/// let payload = Payload::of(Shape::Object(vec![
///     Field::required("status", Shape::one_of(["draft", "paid"])),
///     Field::optional("total", Shape::Number),
/// ]));
/// let placed = || [Read::new("order.placed", 1, 0, "app.shop")];
/// let consumer = |filter| Declaration::new("emailer", placed()).filtered("order.placed", 1, filter, payload.clone());
///
/// Topology::on("shop").consumer(consumer(r#"{"status": ["paid"]}"#)).build()?;
/// let error = Topology::on("shop").consumer(consumer(r#"{"status": ["payed"]}"#)).build().unwrap_err();
/// assert!(error.to_string().contains("`paid`"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Payload {
    pub(super) root: Shape,
    pub(super) types: Vec<Shape>,
}

/// What a value can be.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Shape {
    /// Any JSON.
    Any,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// An integer between two inclusive bounds.
    Integer(i128, i128),
    /// A number.
    Number,
    /// A string.
    Text,
    /// One of these strings, numbers and Booleans, and nothing else.
    OneOf(Vec<Value>),
    /// An array. EventBridge looks into it: a condition on the array is one on its items.
    List(Box<Shape>),
    /// An object with any names of fields.
    Map(Box<Shape>),
    /// An object with these fields.
    Object(Vec<Field>),
    /// Any of these.
    Either(Vec<Shape>),
    /// The shape at this place of [`Payload::with_types`], for types that contain themselves.
    Type(usize),
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The name on the wire.
    pub name: String,
    /// Whether every event has it.
    pub required: bool,
    /// What its value can be.
    pub shape: Shape,
}

impl Payload {
    /// A payload of this shape.
    pub fn of(root: Shape) -> Self {
        Self { root, types: Vec::new() }
    }

    /// A payload with shapes that [`Shape::Type`] refers to by place.
    pub fn with_types(root: Shape, types: Vec<Shape>) -> Self {
        Self { root, types }
    }

    /// The alternatives of a shape, without [`Shape::Either`], [`Shape::List`] and [`Shape::Type`]; and whether each
    /// value has one of them: an empty array has none.
    pub(super) fn alternatives<'a>(&'a self, shape: &'a Shape) -> (Vec<&'a Shape>, bool) {
        let mut found = Vec::new();
        let mut always = true;
        let mut seen = vec![false; self.types.len()];
        let mut open = vec![shape];
        while let Some(shape) = open.pop() {
            match shape {
                Shape::Either(any) => open.extend(any.iter().rev()),
                Shape::List(items) => {
                    always = false;
                    open.push(items);
                }
                Shape::Type(at) => match (self.types.get(*at), seen.get_mut(*at)) {
                    (Some(known), Some(seen)) if !*seen => {
                        *seen = true;
                        open.push(known);
                    }
                    (Some(_), _) => {}
                    // not a type of this payload: nothing is known
                    (None, _) => found.push(&Shape::Any),
                },
                other => found.push(other),
            }
        }
        (found, always)
    }
}

impl Shape {
    /// One of these strings, and nothing else.
    pub fn one_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::OneOf(texts.into_iter().map(Value::from).collect())
    }

    /// The shape or `null`.
    #[must_use]
    pub fn or_null(self) -> Self {
        Self::Either(vec![self, Self::Null])
    }
}

impl Field {
    /// A field that every event has.
    pub fn required(name: &str, shape: Shape) -> Self {
        Self { name: name.to_owned(), required: true, shape }
    }

    /// A field that an event may lack.
    pub fn optional(name: &str, shape: Shape) -> Self {
        Self { name: name.to_owned(), required: false, shape }
    }
}
