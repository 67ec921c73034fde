//! The event that AWS puts around a payload, as far as it is there.

use event_shape::{EventData, Field, Object, Ref, Shape, Type};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An [`AwsEvent`](crate::AwsEvent) of which only `detail-type` and `source` must be there: they say what it is.
///
/// For `Tolerant<PartialAwsEvent<T>>`, where the outer fields are repaired as those of the payload are, and
/// reported with them. The type of the payload is one of `configure().tolerant(..)`.
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
    /// Given by AWS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the event is.
    pub detail_type: String,
    /// Who published the event.
    pub source: String,
    /// The AWS account, 12 digits; a number has its leading zeros given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The time of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// The AWS region that the event came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The ARNs that the publisher named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<String>>,
    /// The archive replay that delivered this event again, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay_name: Option<String>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<D>,
}

const fn field(name: &'static str, flags: u8, shape: Ref) -> Field {
    Field { name, flags, shape }
}

/// Absent where it is `None`.
const OPTIONAL: u8 = Field::SKIPS | Field::SKIPS_NONE;
/// The same, and by tolerance alone: that it is absent is reported.
const TOLERATED: u8 = OPTIONAL | Field::DEFAULT;

const TEXT: Ref = <Option<String> as EventData>::SHAPE;
const ACCOUNT: Ref = Ref::new(&Shape::Nullable(Ref::new(&Shape::Str(super::repair::ACCOUNT))));

// rustc lists who has a shape: this one is nobody's choice for a part of an event
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
