//! The JSON on the wire: our envelope, and the event that AWS puts around it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{DetailType, Event, EventId, Version, moment};

/// One event in one major, as in the `detail` of the EventBridge event.
///
/// On the wire: `{"id", "source", "type", "version", "occurredAt", "data"}`.
///
/// # Example
///
/// ```
/// use event_runtime::Envelope;
///
/// let envelope: Envelope<serde_json::Value> = serde_json::from_str(
///     r#"{"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","source":"app.shop","type":"order.placed",
///         "version":"v1","occurredAt":"2026-11-23T13:06:06Z","data":{"orderId":"A-1"}}"#,
/// )?;
/// assert_eq!(envelope.detail_type().to_string(), "order.placed:v1");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope<D> {
    /// Assigned when the event is published; the same in each major and each redelivery.
    pub id: EventId,
    /// The source that published the event.
    pub source: String,
    /// The type of the event, without its version.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The major of this payload.
    pub version: Version,
    /// When it happened; the same in each major.
    #[serde(deserialize_with = "moment::deserialize")]
    pub occurred_at: Timestamp,
    /// The payload.
    pub data: D,
}

impl<D> Envelope<D> {
    /// Returns the detail-type of this envelope.
    pub fn detail_type(&self) -> DetailType<'_> {
        DetailType { event_type: &self.event_type, version: self.version }
    }

    /// Returns the same envelope with another payload, for example for an upcast to a newer type.
    pub fn map<T>(self, convert: impl FnOnce(D) -> T) -> Envelope<T> {
        let Self { id, source, event_type, version, occurred_at, data } = self;
        Envelope { id, source, event_type, version, occurred_at, data: convert(data) }
    }
}

impl<E: Event> Envelope<E> {
    /// Puts an event into an envelope.
    pub fn of(id: EventId, occurred_at: Timestamp, event: E) -> Self {
        Self {
            id,
            source: E::SOURCE.to_owned(),
            event_type: E::TYPE.to_owned(),
            version: Version::new(E::MAJOR),
            occurred_at,
            data: event,
        }
    }
}

/// The whole event that EventBridge delivers to a target, one of ours or that of an AWS service.
///
/// For a body that is text, as from SQS, `serde_json::from_str` is fastest: `from_slice` has to
/// check the UTF-8 of each string.
///
/// Source: *Amazon EventBridge User Guide*, "Events structure reference".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AwsEvent<D> {
    /// The version of this outer format, `0` in every event. It is not the version of one of our
    /// events.
    pub version: String,
    /// Assigned by AWS at each `PutEvents`: it does not identify duplicates.
    pub id: String,
    /// What the event is, for rules to match.
    pub detail_type: String,
    /// The source that published the event.
    pub source: String,
    /// The AWS account, 12 digits.
    pub account: String,
    /// The `Time` of the entry, or the time of the call; whole seconds.
    #[serde(deserialize_with = "moment::deserialize")]
    pub time: Timestamp,
    /// The AWS region that the event came from.
    pub region: String,
    /// The ARNs from the publisher; always present, possibly empty.
    pub resources: Vec<String>,
    /// The archive replay that delivered this event again, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay_name: Option<String>,
    /// The body: for our events, an [`Envelope`].
    pub detail: D,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope() -> Envelope<serde_json::Value> {
        Envelope {
            id: "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
            source: "app.shop".into(),
            event_type: "order.placed".into(),
            version: Version::new(2),
            occurred_at: "2026-11-23T13:06:06.25Z".parse().unwrap(),
            data: serde_json::json!({"n": 1}),
        }
    }

    const WIRE: &str = concat!(
        r#"{"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","source":"app.shop","type":"order.placed","#,
        r#""version":"v2","occurredAt":"2026-11-23T13:06:06.25Z","data":{"n":1}}"#
    );

    #[test]
    fn envelope_has_exactly_six_fields() {
        assert_eq!(serde_json::to_string(&envelope()).unwrap(), WIRE);
        assert_eq!(serde_json::from_str::<Envelope<_>>(WIRE).unwrap(), envelope());
    }

    #[test]
    fn fields_of_a_future_minor_are_ignored() {
        let wire = WIRE.replacen('{', r#"{"traceId":"x","#, 1);
        assert_eq!(serde_json::from_str::<Envelope<_>>(&wire).unwrap(), envelope());
    }

    #[test]
    fn whole_event_round_trips() {
        let wire = format!(
            concat!(
                r#"{{"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","#,
                r#""detail-type":"order.placed:v2","source":"app.shop","account":"123456789012","#,
                r#""time":"2026-11-23T13:06:06Z","region":"eu-central-1","resources":[],"#,
                r#""replay-name":"again","detail":{}}}"#
            ),
            WIRE
        );
        let event: AwsEvent<Envelope<serde_json::Value>> = serde_json::from_str(&wire).unwrap();
        assert_eq!(event.detail, envelope());
        assert_eq!(event.replay_name.as_deref(), Some("again"));
        assert_eq!(serde_json::to_string(&event).unwrap(), wire);
    }
}
