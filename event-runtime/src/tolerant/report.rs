//! The reports of repairs, as text and as data.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// The maximum length of a quoted text.
const TEXT: usize = 80;

/// One repair.
///
/// It quotes the event, at most 80 characters. If that must not be logged, use `path` and
/// `tolerance`.
///
/// ```
/// use event_runtime::tolerant::{Kind, Tolerance, Tolerant};
///
/// let read: Tolerant<Vec<u8>> = serde_json::from_str(r#"[1, "12", 300]"#)?;
/// assert_eq!(read.value, [1, 12]);
/// assert_eq!(read.repairs[0].to_string(), "`[1]`: the string \"12\" was read as the number 12");
/// assert_eq!(read.repairs[1].path, "[2]");
/// assert_eq!(read.repairs[1].tolerance, Tolerance::LeftOut);
/// assert_eq!(read.repairs[1].found.as_ref().map(|f| f.kind), Some(Kind::Number));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Repair {
    /// The place in the JSON: `detail.lines[2].price`; empty at the root.
    pub path: String,
    /// The kind of the error.
    pub tolerance: Tolerance,
    /// The original value; `None` if it was missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Seen>,
    /// The repaired value; `None` if the place is absent now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made: Option<Seen>,
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: ", self.path)?;
        match (&self.tolerance, &self.found, &self.made) {
            (Tolerance::Coerced, Some(found), Some(made)) => {
                write!(f, "{found} was read as {made}")
            }
            (Tolerance::Date, Some(found), Some(Seen { text: Some(date), .. })) => {
                write!(f, "{found} was read as the date {date}")
            }
            (Tolerance::Single, Some(found), _) => write!(f, "{found} was read as an array of it"),
            (Tolerance::LeftOut, Some(found), _) => {
                write!(f, "{found} cannot be read here and was left out")
            }
            (tolerance, ..) => tolerance.fmt(f),
        }
    }
}

/// A value, as a report quotes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Seen {
    /// Its JSON type.
    pub kind: Kind,
    /// Its text, if it is a string, a number or a boolean: the first 80 characters, and `…` if it
    /// is longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Seen {
    pub(super) fn of(json: &Value) -> Self {
        let (kind, text) = match json {
            Value::Null => (Kind::Null, None),
            Value::Bool(b) => (Kind::Boolean, Some(b.to_string())),
            Value::Number(n) => (Kind::Number, Some(bounded(&n.to_string()))),
            Value::String(s) => (Kind::String, Some(bounded(s))),
            Value::Array(_) => (Kind::Array, None),
            Value::Object(_) => (Kind::Object, None),
        };
        Self { kind, text }
    }
}

fn bounded(text: &str) -> String {
    match text.char_indices().nth(TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, self.text.as_deref().unwrap_or_default()) {
            (Kind::Null, _) => f.write_str("`null`"),
            (Kind::Boolean, text) => write!(f, "the boolean {text}"),
            (Kind::Number, text) => write!(f, "the number {text}"),
            (Kind::String, text) => write!(f, "the string {text:?}"),
            (Kind::Array, _) => f.write_str("an array"),
            (Kind::Object, _) => f.write_str("an object"),
        }
    }
}

/// The types of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// An error in an event that is tolerated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Tolerance {
    /// A required field is missing: it stays absent.
    Missing,
    /// `null` where the schema does not allow it: read as absent.
    Null,
    /// A scalar of another type with the same meaning.
    Coerced,
    /// A date in another format than RFC 3339.
    Date,
    /// A single value instead of an array: read as an array of it.
    Single,
    /// A value that could not be repaired: left out.
    LeftOut,
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing, and required",
            Self::Null => "`null`, which its schema does not allow, was read as absent",
            Self::Coerced => "a scalar of another type",
            Self::Date => "a date in another format than RFC 3339",
            Self::Single => "a single value instead of an array",
            Self::LeftOut => "a value that cannot be read here was left out",
        })
    }
}
