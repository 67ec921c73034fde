//! The event that AWS puts around a payload, with optional fields.

use event_shape::{EventData, Field, Object, Ref, Shape, Type};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An [`AwsEvent`](crate::AwsEvent) of which only `detail-type` and `source` are required, because
/// they identify it.
///
/// For `Tolerant<PartialAwsEvent<T>>`, which repairs the outer fields like those of the payload,
/// and reports them together. The type of the payload is one of `configure().tolerant(..)`.
///
/// ```
/// use event_runtime::tolerant::{PartialAwsEvent, Tolerant};
///
/// let body = r#"{"detail-type": "Object Created", "source": "aws.s3", "resources": "arn:aws:s3:::photos", "detail": {}}"#;
/// let read: Tolerant<PartialAwsEvent<serde_json::Value>> = serde_json::from_str(body)?;
/// assert_eq!(read.value.resources, Some(vec!["arn:aws:s3:::photos".to_owned()]));
/// assert_eq!(read.value.time, None);
///
/// let places: Vec<&str> = read.repairs.iter().map(|r| r.path.as_str()).collect();
/// assert_eq!(places, ["account", "id", "region", "resources", "time", "version"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PartialAwsEvent<D> {
    /// The version of this outer format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Assigned by AWS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the event is.
    pub detail_type: String,
    /// The source that published the event.
    pub source: String,
    /// The AWS account, 12 digits; a number gets its leading zeros back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The time of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// The AWS region that the event came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The ARNs from the publisher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<String>>,
    /// The archive replay that delivered this event again, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay_name: Option<String>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<D>,
}

const fn field(name: &'static str, flags: u8, shape: Ref) -> Field {
    Field { name, flags, shape }
}

/// Absent if it is `None`.
const OPTIONAL: u8 = Field::SKIPS | Field::SKIPS_NONE;
/// The same, but only because of the tolerance: its absence is reported.
const TOLERATED: u8 = OPTIONAL | Field::DEFAULT;

const TEXT: Ref = <Option<String> as EventData>::SHAPE;
const ACCOUNT: Ref = Ref::new(&Shape::Nullable(Ref::new(&Shape::Str(super::repair::ACCOUNT))));

// rustc lists the types that have a shape; this one is not meant for a part of an event
#[diagnostic::do_not_recommend]
impl<D: EventData> EventData for PartialAwsEvent<D> {
    const SHAPE: Ref = Ref::new(&Shape::Object(Object {
        ty: Type {
            name: "PartialAwsEvent",
            id: "event_runtime::tolerant::PartialAwsEvent",
            docs: "",
            args: &[D::SHAPE],
        },
        closed: false,
        fields: &[
            field("account", TOLERATED, ACCOUNT),
            field("detail", TOLERATED, <Option<D> as EventData>::SHAPE),
            field("detail-type", 0, <String as EventData>::SHAPE),
            field("id", TOLERATED, TEXT),
            field("region", TOLERATED, TEXT),
            field("replay-name", OPTIONAL, TEXT),
            field("resources", TOLERATED, <Option<Vec<String>> as EventData>::SHAPE),
            field("source", 0, <String as EventData>::SHAPE),
            field("time", TOLERATED, <Option<Timestamp> as EventData>::SHAPE),
            field("version", TOLERATED, TEXT),
        ],
    }));
}
