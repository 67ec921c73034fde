//! Events that break their own schema, read as far as they go.
//!
//! AWS services publish events that their own published schemas refuse: required fields are missing,
//! `null` stands for an object, a string for a number, an RFC 1123 date for a `date-time`, a single
//! value for an array. A type that was generated with `configure().tolerant("registry/type")` has only
//! optional fields; [`Tolerant`] reads it from such events and says what it had to overlook.
//!
//! What is wrong is repaired in the JSON before serde sees it, by the type's own wire shape. What can't
//! be repaired is left out. Types without tolerance are read by plain serde and know nothing of this.

mod date;
mod repair;

use std::fmt;

use event_shape::EventShape;
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde::{Deserialize, Serialize};

/// A value that was read tolerantly, and what that took.
///
/// ```
/// use event_runtime::tolerant::{Repair, Tolerance, Tolerant};
/// # mod generated {
/// #     #[derive(serde::Deserialize, Debug, PartialEq)]
/// #     pub struct StageChanged { pub version: Option<String>, pub tries: Option<Vec<i64>>, pub at: Option<event_runtime::Timestamp> }
/// #     use event_runtime::__private::event_shape::{EventShape, Field, Object, Ref, Shape, Type};
/// #     static SHAPE: Shape = Shape::Object(Object { ty: Type { name: "StageChanged", id: "x", args: &[] }, closed: false, fields: &[
/// #         Field { name: "at", flags: 7, shape: <Option<event_runtime::Timestamp> as EventShape>::SHAPE },
/// #         Field { name: "tries", flags: 7, shape: <Option<Vec<i64>> as EventShape>::SHAPE },
/// #         Field { name: "version", flags: 7, shape: <Option<String> as EventShape>::SHAPE },
/// #     ] });
/// #     impl EventShape for StageChanged { const SHAPE: Ref = Ref::new(&SHAPE); }
/// # }
/// # use generated::StageChanged;
/// let json = r#"{"version": 1, "tries": "3", "at": "Thu, 13 Aug 2020 09:14:52 GMT"}"#;
/// let read: Tolerant<StageChanged> = serde_json::from_str(json)?;
/// assert_eq!(read.value.version.as_deref(), Some("1"));
/// assert_eq!(read.value.tries, Some(vec![3]));
///
/// let said: Vec<String> = read.repairs.iter().map(ToString::to_string).collect();
/// assert_eq!(said, [
///     "`at`: a date in another format than RFC 3339",
///     "`tries`: a single value where an array belongs",
///     "`tries[0]`: a string where an integer belongs",
///     "`version`: a number where a string belongs",
/// ]);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// In an AWS event: `serde_json::from_str::<AwsEvent<Tolerant<T>>>(body)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tolerant<T> {
    /// The value.
    pub value: T,
    /// What was overlooked, in the order of the shape. Empty where the event is as its schema says.
    pub repairs: Vec<Repair>,
}

impl<'de, T: DeserializeOwned + EventShape> Deserialize<'de> for Tolerant<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut json = serde_json::Value::deserialize(deserializer)?;
        let repairs = repair::repair(&mut json, T::SHAPE.get());
        let value = serde_path_to_error::deserialize(json).map_err(D::Error::custom)?;
        Ok(Self { value, repairs })
    }
}

/// One thing that was overlooked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// Where in the JSON: `lines[2].price`; empty at the root.
    pub path: String,
    /// What was wrong there.
    pub tolerance: Tolerance,
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path, self.tolerance)
    }
}

/// What an event may do that its schema doesn't allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Tolerance {
    /// A required field is missing: absent.
    Missing,
    /// `null` where the schema has none: absent.
    Null,
    /// A scalar of another type that says the same.
    Coerced {
        /// The JSON type that came.
        from: &'static str,
        /// The type that the schema has.
        to: &'static str,
    },
    /// A date in another format than RFC 3339.
    Date,
    /// A single value for an array: an array of it.
    Single,
    /// A value that could not be made into what the schema says: left out.
    LeftOut {
        /// The JSON type that came.
        from: &'static str,
    },
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("missing, and required"),
            Self::Null => f.write_str("`null`, which its schema doesn't allow"),
            Self::Coerced { from, to } => write!(f, "{from} where {to} belongs"),
            Self::Date => f.write_str("a date in another format than RFC 3339"),
            Self::Single => f.write_str("a single value where an array belongs"),
            Self::LeftOut { from } => write!(f, "{from} that can't be read here, left out"),
        }
    }
}

#[cfg(test)]
mod tests;
