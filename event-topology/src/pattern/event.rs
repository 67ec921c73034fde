//! The values of an event, by path, as far as patterns ask for them.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde_json::value::RawValue;

use super::json::Json;
use super::model::Leaf;
use super::number::Number;

/// How deep objects and arrays of an event may be nested.
const DEPTH: usize = 128;

/// Why an event cannot be matched.
#[derive(Debug)]
#[non_exhaustive]
pub enum EventError {
    /// The text is not JSON.
    Json(serde_json::Error),
    /// The event is JSON, but not an object.
    NotAnObject,
    /// Objects and arrays are nested deeper than 128 levels.
    TooDeep,
    /// Elements of arrays can be combined in so many ways that the search was stopped.
    TooManyCombinations,
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(_) => f.write_str("failed to parse the event"),
            Self::NotAnObject => f.write_str("expected an event to be a JSON object"),
            Self::TooDeep => write!(f, "the event is nested deeper than {DEPTH} levels"),
            Self::TooManyCombinations => {
                f.write_str("the arrays of the event can be combined in too many ways")
            }
        }
    }
}

impl std::error::Error for EventError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            _ => None,
        }
    }
}

/// A value, and for each array around it the element in which it is.
pub(super) struct Value<'e> {
    pub(super) leaf: Leaf<'e>,
    pub(super) elements: Elements,
}

/// Numbers of arrays with the positions of elements, sorted by array.
pub(super) type Elements = Vec<(u32, u32)>;

/// The paths that patterns ask for.
#[derive(Debug, Clone, Default)]
pub(super) struct Paths {
    wanted: HashSet<String>,
    /// Texts that end before a dot of a wanted path: an object there may lead to it.
    leading: HashSet<String>,
}

impl Paths {
    pub(super) fn insert(&mut self, path: &str) {
        if self.wanted.insert(path.to_owned()) {
            let dots = path.match_indices('.').map(|(at, _)| at);
            self.leading.extend(dots.map(|at| path[..at].to_owned()));
        }
    }
}

/// The values of an event at wanted paths.
#[derive(Default)]
pub(super) struct Event<'e> {
    values: HashMap<String, Vec<Value<'e>>>,
}

impl<'e> Event<'e> {
    pub(super) fn read(text: &'e str, paths: &Paths) -> Result<Self, EventError> {
        let raw: &RawValue = serde_json::from_str(text).map_err(EventError::Json)?;
        let Json::Object(members) = Json::open(raw).map_err(EventError::Json)? else {
            return Err(EventError::NotAnObject);
        };
        let mut reader = Reader {
            paths,
            path: String::new(),
            elements: Vec::new(),
            arrays: 0,
            event: Self::default(),
        };
        reader.object(members, 0)?;
        Ok(reader.event)
    }

    pub(super) fn at(&self, path: &str) -> &[Value<'e>] {
        self.values.get(path).map_or(&[], Vec::as_slice)
    }
}

struct Reader<'e, 'p> {
    paths: &'p Paths,
    path: String,
    elements: Elements,
    arrays: u32,
    event: Event<'e>,
}

impl<'e> Reader<'e, '_> {
    fn object(
        &mut self,
        members: Vec<(std::borrow::Cow<'e, str>, &'e RawValue)>,
        depth: usize,
    ) -> Result<(), EventError> {
        for (name, raw) in members {
            let before = self.path.len();
            if before > 0 || depth > 0 {
                self.path.push('.');
            }
            self.path.push_str(&name);
            if self.paths.wanted.contains(&self.path) || self.paths.leading.contains(&self.path) {
                self.value(raw, depth + 1)?;
            }
            self.path.truncate(before);
        }
        Ok(())
    }

    fn value(&mut self, raw: &'e RawValue, depth: usize) -> Result<(), EventError> {
        if depth > DEPTH {
            return Err(EventError::TooDeep);
        }
        let leaf = match Json::open(raw).map_err(EventError::Json)? {
            Json::Object(members) => return self.object(members, depth),
            Json::Array(items) => return self.array(items, depth),
            Json::Null => Leaf::Null,
            Json::Bool(value) => Leaf::Bool(value),
            Json::Number(text) => Leaf::Number(Number::new(text)),
            Json::String(text) => Leaf::String(text),
        };
        if self.paths.wanted.contains(&self.path) {
            let value = Value { leaf, elements: self.elements.clone() };
            match self.event.values.get_mut(&self.path) {
                Some(values) => values.push(value),
                None => drop(self.event.values.insert(self.path.clone(), vec![value])),
            }
        }
        Ok(())
    }

    /// An array stands for its elements. Objects and arrays in it are elements that are told apart; plain values
    /// are all values of the same field.
    fn array(&mut self, items: Vec<&'e RawValue>, depth: usize) -> Result<(), EventError> {
        let array = self.arrays;
        self.arrays += 1;
        for (position, raw) in (0..).zip(items) {
            let nested = matches!(raw.get().as_bytes().first(), Some(b'{' | b'['));
            if nested {
                self.elements.push((array, position));
            }
            self.value(raw, depth + 1)?;
            if nested {
                self.elements.pop();
            }
        }
        Ok(())
    }
}
