//! Event patterns: the language in which EventBridge's rules say which events they take.
//!
//! [`EventPattern::parse`] reads a pattern and reports every mistake of it; [`EventPattern::matches`] decides as
//! EventBridge does; [`PatternSet`] matches thousands of patterns at once. The embedded bus, the templates and the
//! commands use these and no other matcher.
//!
//! Sources: *Amazon EventBridge User Guide*, "Creating event patterns" and "Comparison operators for use in event
//! patterns"; where they leave a question open, *Event Ruler* (`aws/event-ruler`), the library that EventBridge uses.

mod address;
mod branch;
mod event;
mod json;
mod model;
mod number;
mod read;
mod serial;
mod set;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use branch::{Branch, Branches};
use event::{Event, Paths};

pub use address::Cidr;
pub use event::EventError;
pub use model::{AnythingBut, Bound, Condition, Member, Object, Range};
pub use number::Number;
pub use read::{InvalidPattern, Problem};
pub use set::PatternSet;
pub use text::{IgnoreCase, Wildcard};

/// An event pattern.
///
/// Every field of the pattern must match; a field matches if one of its conditions matches one of its values. An
/// array in an event stands for its elements, and conditions on several fields of objects in an array must be met
/// by the same element. Names are joined by dots, so that a field `a.b` and a field `b` of `a` are one.
///
/// # Example
///
/// ```
/// use event_topology::pattern::EventPattern;
///
/// let pattern = EventPattern::parse(r#"{"source": ["app.shop"], "detail": {"total": [{"numeric": [">", 100]}]}}"#)?;
/// assert!(pattern.matches(r#"{"source": "app.shop", "detail": {"total": 100.5}}"#)?);
/// assert!(!pattern.matches(r#"{"source": "app.shop", "detail": {"total": "100.5"}}"#)?);
///
/// let mistakes = EventPattern::parse(r#"{"source": "app.shop", "detail": {"total": [{"numbers": 1}]}}"#).unwrap_err();
/// assert_eq!(mistakes.problems.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct EventPattern {
    object: Object,
    branches: Vec<Branch>,
    replaced: BTreeSet<String>,
}

/// The fields by which events are routed; what is in `detail` is for filters.
pub(crate) const ROUTED_BY: [&str; 2] = ["source", "detail-type"];

/// An event that has nothing else.
pub(crate) fn routed_as(source: &str, detail_type: &str) -> String {
    serde_json::json!({"source": source, "detail-type": detail_type}).to_string()
}

impl EventPattern {
    /// Reads a pattern from its JSON.
    ///
    /// # Errors
    ///
    /// [`InvalidPattern`] with every mistake, each with its place.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let object = read::read(text)?;
        let Ok(Branches { branches, replaced }) = Branches::of(&object) else {
            let message = format!("`$or` makes more than {} combinations", branch::BRANCHES);
            return Err(InvalidPattern {
                problems: vec![Problem { path: String::new(), line: 1, column: 1, message }],
            });
        };
        Ok(Self { object, branches, replaced })
    }

    /// The pattern that takes these pairs of source and detail-type and no others, with as few alternatives as there
    /// are different sets of detail-types among the sources. `None` without a pair: EventBridge refuses a pattern
    /// without a field.
    ///
    /// # Example
    ///
    /// ```
    /// use event_topology::pattern::EventPattern;
    ///
    /// let one = EventPattern::exactly([("app.shop", "order.placed:v1"), ("app.shop", "order.paid:v1")]).unwrap();
    /// assert_eq!(
    ///     one.to_string(),
    ///     r#"{"source":["app.shop"],"detail-type":["order.paid:v1","order.placed:v1"]}"#
    /// );
    ///
    /// let two = EventPattern::exactly([("app.shop", "order.placed:v1"), ("app.bank", "paid:v2")]).unwrap();
    /// assert!(!two.matches(r#"{"source":"app.shop","detail-type":"paid:v2"}"#)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn exactly<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Self> {
        let mut by_source: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (source, detail_type) in pairs {
            by_source.entry(source).or_default().insert(detail_type);
        }
        let mut by_detail_types: BTreeMap<BTreeSet<&str>, BTreeSet<&str>> = BTreeMap::new();
        for (source, detail_types) in by_source {
            by_detail_types.entry(detail_types).or_default().insert(source);
        }
        let mut sets: Vec<_> =
            by_detail_types.into_iter().map(|(types, sources)| (sources, types)).collect();
        sets.sort();
        let mut objects: Vec<Object> =
            sets.into_iter().map(|(sources, types)| Object::listing(sources, types)).collect();
        let object = match objects.len() {
            0 | 1 => objects.pop()?,
            _ => Object { members: vec![Member::Or(objects)] },
        };
        Self::of(object)
    }

    /// The pattern that takes these sources and these detail-types in any combination; an empty list takes all.
    /// `None` if both are empty.
    pub fn listing<'a>(
        sources: impl IntoIterator<Item = &'a str>,
        detail_types: impl IntoIterator<Item = &'a str>,
    ) -> Option<Self> {
        Self::of(Object::listing(sources, detail_types))
            .filter(|pattern| !pattern.object.members.is_empty())
    }

    pub(crate) fn of(object: Object) -> Option<Self> {
        let Branches { branches, replaced } = Branches::of(&object).ok()?;
        Some(Self { object, branches, replaced })
    }

    /// Whether an event, as JSON, matches.
    ///
    /// # Errors
    ///
    /// [`EventError`] if the event cannot be read, or cannot be decided within bounds.
    pub fn matches(&self, event: &str) -> Result<bool, EventError> {
        let mut paths = Paths::default();
        self.branches
            .iter()
            .flat_map(|branch| &branch.fields)
            .for_each(|(path, _)| paths.insert(path));
        let event = Event::read(event, &paths)?;
        for branch in &self.branches {
            if branch.matches(&event)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the pattern lists this string at this path, as in `"detail-type": ["order.placed:v1"]`.
    pub fn mentions(&self, path: &str, text: &str) -> bool {
        let fields = self.branches.iter().flat_map(|branch| &branch.fields);
        let mut conditions =
            fields.filter(|(field, _)| field == path).flat_map(|(_, conditions)| conditions.iter());
        conditions.any(|condition| matches!(condition, Condition::String(listed) if listed == text))
    }

    /// The pattern as a tree.
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// Paths with a second condition, which replaces the first one: EventBridge keeps the last condition on a path,
    /// also where one is inside of `$or` and the other outside. That is hardly ever meant.
    pub fn replaced(&self) -> impl Iterator<Item = &str> {
        self.replaced.iter().map(String::as_str)
    }
}

/// Patterns are equal if they have the same conditions at the same paths, in whatever order they are written.
impl PartialEq for EventPattern {
    fn eq(&self, other: &Self) -> bool {
        self.branches == other.branches
    }
}

impl Eq for EventPattern {}

impl FromStr for EventPattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for EventPattern {
    /// The pattern as compact JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.object.fmt(f)
    }
}
