//! The head of a message, in one pass: which layers there are, and what routing reads of them.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{DecodeError, Incoming, Layer};
use crate::DetailType;

/// Borrowed where the JSON has no escapes.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The fields by which the layers are told apart, and what routing reads of each. `D` is what is read of
/// the `detail`.
#[derive(Deserialize)]
struct Peek<'a, D> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    source: Option<Text<'a>>,
    #[serde(borrow)]
    version: Option<Text<'a>>,
    #[serde(borrow, rename = "type")]
    event_type: Option<Text<'a>>,
    #[serde(borrow, rename = "occurredAt")]
    occurred_at: Option<Text<'a>>,
    /// The default makes a payload of `null` a payload, where an `Option` would take it for absent.
    #[serde(borrow, default, deserialize_with = "present")]
    data: Option<&'a RawValue>,

    #[serde(borrow, rename = "detail-type")]
    detail_type: Option<Text<'a>>,
    detail: Option<D>,
    #[serde(borrow, rename = "replay-name")]
    replay_name: Option<Text<'a>>,

    #[serde(rename = "Message")]
    message: Option<IgnoredAny>,
    #[serde(rename = "TopicArn")]
    topic: Option<IgnoredAny>,
    #[serde(rename = "Records")]
    records: Option<IgnoredAny>,
}

fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

impl<'a, D> Peek<'a, D> {
    fn layer(&self) -> Layer {
        if self.detail_type.is_some() && self.detail.is_some() {
            Layer::AwsEvent
        } else if self.message.is_some() && self.topic.is_some() {
            Layer::SnsNotification
        } else if self.records.is_some() && self.data.is_none() {
            Layer::RecordBatch
        } else {
            Layer::Envelope
        }
    }

    /// Enough of an envelope to say what is wrong with the rest of it.
    fn resembles_envelope(&self) -> bool {
        self.event_type.is_some() && self.data.is_some()
    }

    fn into_incoming(self) -> Result<Incoming<'a>, DecodeError> {
        let id = required(self.id, "id")?;
        let source = required(self.source, "source")?;
        let event_type = required(self.event_type, "type")?;
        let version = required(self.version, "version")?;
        let occurred_at = required(self.occurred_at, "occurredAt")?;
        Ok(Incoming {
            id: parse(&id, "id")?,
            source,
            event_type,
            version: parse(&version, "version")?,
            occurred_at: parse(&occurred_at, "occurredAt")?,
            data: self.data.ok_or(DecodeError::MissingField { field: "data" })?,
            replay: None,
        })
    }
}

fn required<'a>(text: Option<Text<'a>>, field: &'static str) -> Result<Cow<'a, str>, DecodeError> {
    text.map(|text| text.0).ok_or(DecodeError::MissingField { field })
}

fn parse<T: std::str::FromStr<Err: fmt::Display>>(
    text: &str,
    field: &'static str,
) -> Result<T, DecodeError> {
    text.parse()
        .map_err(|error: T::Err| DecodeError::InvalidField { field, reason: error.to_string() })
}

/// The `detail` of an event, read while the event is.
enum Detail<'a> {
    Object(Peek<'a, IgnoredAny>),
    /// No JSON object, and so no envelope.
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for Detail<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(DetailVisitor)
    }
}

struct DetailVisitor;

impl<'de> Visitor<'de> for DetailVisitor {
    type Value = Detail<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Peek::deserialize(MapAccessDeserializer::new(map)).map(Detail::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Detail::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Detail::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Detail::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Detail::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Detail::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Detail::Other)
    }
}

/// Which layer is outermost.
pub(super) fn layer_of(body: &[u8]) -> Result<Layer, DecodeError> {
    let peek: Peek<'_, IgnoredAny> = serde_json::from_slice(body)
        .map_err(|error| DecodeError::Malformed { layer: Layer::AwsEvent, error })?;
    Ok(peek.layer())
}

/// A whole EventBridge event, or a bare envelope where `bare` allows it.
pub(super) fn event(body: &[u8], bare: bool) -> Result<Incoming<'_>, DecodeError> {
    let Ok(outer) = serde_json::from_slice::<Peek<'_, Detail<'_>>>(body) else {
        return in_steps(body, bare);
    };
    match (outer.layer(), outer.detail) {
        (Layer::AwsEvent, Some(Detail::Object(inner))) => {
            whole(outer.detail_type.as_ref(), outer.source.as_ref(), outer.replay_name, Ok(inner))
        }
        (Layer::AwsEvent, _) => in_steps(body, bare),
        (Layer::Envelope, detail) if bare => Peek { detail, ..outer }.into_incoming(),
        (found, _) => Err(DecodeError::WrongLayer { expected: Layer::AwsEvent, found }),
    }
}

/// As [`event`], a layer at a time: the second reading of what did not read, to say which layer it was.
#[cold]
fn in_steps(body: &[u8], bare: bool) -> Result<Incoming<'_>, DecodeError> {
    let outer: Peek<'_, &RawValue> = serde_json::from_slice(body)
        .map_err(|error| DecodeError::Malformed { layer: Layer::AwsEvent, error })?;
    match (outer.layer(), outer.detail) {
        (Layer::Envelope, _) if bare => outer.into_incoming(),
        (Layer::AwsEvent, Some(detail)) => {
            let inner = serde_json::from_str(detail.get());
            whole(outer.detail_type.as_ref(), outer.source.as_ref(), outer.replay_name, inner)
        }
        (found, _) => Err(DecodeError::WrongLayer { expected: Layer::AwsEvent, found }),
    }
}

/// A bare envelope.
pub(super) fn envelope(detail: &[u8]) -> Result<Incoming<'_>, DecodeError> {
    let peek: Peek<'_, IgnoredAny> = serde_json::from_slice(detail)
        .map_err(|error| DecodeError::Malformed { layer: Layer::Envelope, error })?;
    match peek.layer() {
        Layer::Envelope => peek.into_incoming(),
        found => Err(DecodeError::WrongLayer { expected: Layer::Envelope, found }),
    }
}

/// The envelope in an EventBridge event, held to what the event says of it.
fn whole<'a>(
    detail_type: Option<&Text<'a>>,
    source: Option<&Text<'a>>,
    replay: Option<Text<'a>>,
    inner: Result<Peek<'a, IgnoredAny>, serde_json::Error>,
) -> Result<Incoming<'a>, DecodeError> {
    let detail_type = detail_type.map_or("", |text| &text.0);
    let source = source.map_or("", |text| &text.0);

    let inner = match inner {
        Ok(peek) if peek.layer() == Layer::AwsEvent => {
            return Err(DecodeError::WrongLayer {
                expected: Layer::Envelope,
                found: Layer::AwsEvent,
            });
        }
        Ok(peek) if peek.resembles_envelope() || DetailType::parse(detail_type).is_some() => peek,
        Err(error) if DetailType::parse(detail_type).is_some() => {
            return Err(DecodeError::Malformed { layer: Layer::Envelope, error });
        }
        Ok(_) | Err(_) => {
            return Err(DecodeError::Foreign {
                source_name: source.to_owned(),
                detail_type: detail_type.to_owned(),
            });
        }
    };

    let incoming = Incoming { replay: replay.map(|text| text.0), ..inner.into_incoming()? };
    // What rules matched against must be what the handler is chosen by.
    if DetailType::parse(detail_type) != Some(incoming.detail_type()) {
        return Err(DecodeError::Mismatch {
            field: "detail-type",
            outside: detail_type.to_owned(),
            inside: incoming.detail_type().to_string(),
        });
    }
    if source != incoming.source {
        return Err(DecodeError::Mismatch {
            field: "source",
            outside: source.to_owned(),
            inside: incoming.source.into_owned(),
        });
    }
    Ok(incoming)
}
