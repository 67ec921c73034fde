//! Events that break their own schema, read as far as they go.
//!
//! AWS services publish events that their own published schemas refuse: required fields are missing,
//! `null` stands for an object, a string for a number, an RFC 1123 date for a `date-time`, a single
//! value for an array. A type that was generated with `configure().tolerant("registry/type")` has only
//! optional fields; [`Tolerant`] reads it from such events and says what it had to overlook.
//! [`PartialAwsEvent`] is the event around it, as tolerant.
//!
//! What is wrong is repaired in the JSON before serde sees it, by the type's own wire shape. What can't
//! be repaired is left out. Types without tolerance are read by plain serde and know nothing of this.

mod date;
mod format;
mod outer;
mod read;
mod repair;
mod report;

use event_shape::EventData;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};

pub use outer::PartialAwsEvent;
pub use report::{Kind, Repair, Seen, Tolerance};

/// A value that was read tolerantly, and what that took.
///
/// ```
/// use event_runtime::tolerant::{PartialAwsEvent, Tolerance, Tolerant};
/// # mod generated {
/// #     #[derive(serde::Deserialize, Debug, PartialEq)]
/// #     pub struct StageChanged { pub version: Option<String>, pub tries: Option<Vec<i64>>, pub at: Option<event_runtime::Timestamp> }
/// #     use event_runtime::__private::v0_1::event_shape::{EventData, Field, Object, Ref, Shape, Type};
/// #     static SHAPE: Shape = Shape::Object(Object { ty: Type { name: "StageChanged", id: "x", docs: "", args: &[] }, closed: false, fields: &[
/// #         Field { name: "at", flags: 7, shape: <Option<event_runtime::Timestamp> as EventData>::SHAPE },
/// #         Field { name: "tries", flags: 7, shape: <Option<Vec<i64>> as EventData>::SHAPE },
/// #         Field { name: "version", flags: 7, shape: <Option<String> as EventData>::SHAPE },
/// #     ] });
/// #     impl EventData for StageChanged { const SHAPE: Ref = Ref::new(&SHAPE); }
/// # }
/// # use generated::StageChanged;
/// let body = r#"{
///     "version": "0", "id": "1", "detail-type": "Stage Changed", "source": "aws.stages", "region": "eu-central-1",
///     "account": 123456789012, "time": "Thu, 13 Aug 2020 09:14:52 GMT", "resources": [{}],
///     "detail": {"version": 1, "tries": "3"}
/// }"#;
/// let read: Tolerant<PartialAwsEvent<StageChanged>> = serde_json::from_str(body)?;
/// let detail = read.value.detail.unwrap();
/// assert_eq!(detail.version.as_deref(), Some("1"));
/// assert_eq!(detail.tries, Some(vec![3]));
///
/// let said: Vec<String> = read.repairs.iter().map(ToString::to_string).collect();
/// assert_eq!(said, [
///     "`account`: the number 123456789012 was read as the string \"123456789012\"",
///     "`detail.at`: missing, and required",
///     "`detail.tries`: the string \"3\" was read as an array of it",
///     "`detail.tries[0]`: the string \"3\" was read as the number 3",
///     "`detail.version`: the number 1 was read as the string \"1\"",
///     "`resources[0]`: an object can't be read here and was left out",
///     "`time`: the string \"Thu, 13 Aug 2020 09:14:52 GMT\" was read as the date 2020-08-13T09:14:52Z",
/// ]);
/// assert_eq!(read.repairs[5].tolerance, Tolerance::LeftOut);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// `AwsEvent<Tolerant<T>>` is tolerant of what is in `detail` alone; its paths begin there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tolerant<T> {
    /// The value.
    pub value: T,
    /// What was overlooked, in the order of the shape; what only the type itself refuses comes last. Empty
    /// where the event is as its schema says.
    pub repairs: Vec<Repair>,
}

impl<'de, T: DeserializeOwned + EventData> Deserialize<'de> for Tolerant<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut json = serde_json::Value::deserialize(deserializer)?;
        let mut repairs = repair::repair(&mut json, T::SHAPE.get());
        let value = read::read(json, &mut repairs).map_err(D::Error::custom)?;
        Ok(Self { value, repairs })
    }
}

#[cfg(test)]
mod tests;
