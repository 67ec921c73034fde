//! Parses the head of a message in one pass: its layers, and the fields that routing needs.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::{DecodeError, Incoming, Layer};
use crate::{DetailType, moment};

/// Borrowed if the JSON has no escapes.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The fields that distinguish the layers, and those that routing needs. `D` is the type of the
/// `detail`.
struct Peek<'a, D> {
    id: Option<Text<'a>>,
    source: Option<Text<'a>>,
    version: Option<Text<'a>>,
    event_type: Option<Text<'a>>,
    occurred_at: Option<Text<'a>>,
    /// A payload of `null` is a payload.
    data: Option<&'a RawValue>,

    detail_type: Option<Text<'a>>,
    detail: Option<D>,
    replay_name: Option<Text<'a>>,

    message: Option<IgnoredAny>,
    topic: Option<IgnoredAny>,
    records: Option<IgnoredAny>,
    request_payload: Option<IgnoredAny>,
    request_context: Option<IgnoredAny>,
    s3_event: Option<&'a RawValue>,
}

impl<D> Default for Peek<'_, D> {
    fn default() -> Self {
        Self {
            id: None,
            source: None,
            version: None,
            event_type: None,
            occurred_at: None,
            data: None,
            detail_type: None,
            detail: None,
            replay_name: None,
            message: None,
            topic: None,
            records: None,
            request_payload: None,
            request_context: None,
            s3_event: None,
        }
    }
}

/// A field's name.
#[derive(Clone, Copy, Deserialize)]
#[serde(field_identifier)]
enum Key {
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "source")]
    Source,
    #[serde(rename = "version")]
    Version,
    #[serde(rename = "type")]
    Type,
    #[serde(rename = "occurredAt")]
    OccurredAt,
    #[serde(rename = "data")]
    Data,
    #[serde(rename = "detail-type")]
    DetailType,
    #[serde(rename = "detail")]
    Detail,
    #[serde(rename = "replay-name")]
    ReplayName,
    Message,
    TopicArn,
    Records,
    #[serde(rename = "requestPayload")]
    RequestPayload,
    #[serde(rename = "requestContext")]
    RequestContext,
    Event,
    #[serde(other)]
    Other,
}

impl<'de: 'a, 'a, D: Deserialize<'de>> Deserialize<'de> for Peek<'a, D> {
    fn deserialize<F: Deserializer<'de>>(from: F) -> Result<Self, F::Error> {
        Reader { wanted: &mut |_| true, detail: PhantomData }.deserialize(from)
    }
}

/// Parses a [`Peek`]. Asks whether the event is wanted as soon as it is known, and stops if it is
/// not.
struct Reader<'w, D> {
    wanted: &'w mut dyn FnMut(DetailType<'_>) -> bool,
    detail: PhantomData<D>,
}

impl<'de, D: Deserialize<'de>> DeserializeSeed<'de> for Reader<'_, D> {
    type Value = Peek<'de, D>;

    fn deserialize<F: Deserializer<'de>>(self, from: F) -> Result<Self::Value, F::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, D: Deserialize<'de>> Visitor<'de> for Reader<'_, D> {
    type Value = Peek<'de, D>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut peek = Peek::default();
        while let Some(key) = map.next_key()? {
            match key {
                Key::Id => put(&mut map, &mut peek.id, "id")?,
                Key::Source => put(&mut map, &mut peek.source, "source")?,
                Key::Version => put(&mut map, &mut peek.version, "version")?,
                Key::Type => put(&mut map, &mut peek.event_type, "type")?,
                Key::OccurredAt => put(&mut map, &mut peek.occurred_at, "occurredAt")?,
                Key::DetailType => put(&mut map, &mut peek.detail_type, "detail-type")?,
                Key::ReplayName => put(&mut map, &mut peek.replay_name, "replay-name")?,
                Key::Message => put(&mut map, &mut peek.message, "Message")?,
                Key::TopicArn => put(&mut map, &mut peek.topic, "TopicArn")?,
                Key::Records => put(&mut map, &mut peek.records, "Records")?,
                Key::RequestPayload => put(&mut map, &mut peek.request_payload, "requestPayload")?,
                Key::RequestContext => put(&mut map, &mut peek.request_context, "requestContext")?,
                Key::Event => put(&mut map, &mut peek.s3_event, "Event")?,
                Key::Detail => {
                    self.ask(peek.detail_type.as_ref().and_then(|t| DetailType::parse(&t.0)))?;
                    put(&mut map, &mut peek.detail, "detail")?;
                }
                Key::Data if peek.data.is_some() => return Err(A::Error::duplicate_field("data")),
                Key::Data => {
                    self.ask(peek.envelope_is())?;
                    peek.data = Some(map.next_value()?);
                }
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(peek)
    }
}

impl<D> Reader<'_, D> {
    /// Stops if the event is known and not wanted. The error is not shown: the caller has recorded
    /// the answer.
    fn ask<E: serde::de::Error>(&mut self, event: Option<DetailType<'_>>) -> Result<(), E> {
        match event {
            Some(event) if !(self.wanted)(event) => Err(E::custom("not wanted")),
            _ => Ok(()),
        }
    }
}

/// The value of a field that occurs once; `null` counts as absent.
fn put<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    map: &mut A,
    field: &mut Option<T>,
    name: &'static str,
) -> Result<(), A::Error> {
    if field.is_some() {
        return Err(A::Error::duplicate_field(name));
    }
    *field = map.next_value()?;
    Ok(())
}

impl<'a, D> Peek<'a, D> {
    /// The event in a bare envelope, as far as it has been parsed.
    fn envelope_is(&self) -> Option<DetailType<'_>> {
        let (event_type, version) = (self.event_type.as_ref()?, self.version.as_ref()?);
        let alone = self.detail_type.is_none();
        let version = version.0.parse().ok().filter(|_| alone)?;
        Some(DetailType { event_type: &event_type.0, version })
    }

    fn layer(&self) -> Layer {
        if self.detail_type.is_some() && self.detail.is_some() {
            Layer::AwsEvent
        } else if self.message.is_some() && self.topic.is_some() {
            Layer::SnsNotification
        } else if self.records.is_some() && self.data.is_none() {
            Layer::RecordBatch
        } else if self.request_payload.is_some() && self.request_context.is_some() {
            Layer::InvocationRecord
        } else if self.s3_event.is_some_and(|event| event.get() == "\"s3:TestEvent\"") {
            Layer::S3Test
        } else {
            Layer::Envelope
        }
    }

    /// Whether enough of an envelope is present to report errors in the rest.
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
            occurred_at: moment::parse(&occurred_at)
                .map_err(|error| invalid("occurredAt", &error))?,
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
    text.parse().map_err(|error: T::Err| invalid(field, &error))
}

fn invalid(field: &'static str, reason: &dyn fmt::Display) -> DecodeError {
    DecodeError::InvalidField { field, reason: reason.to_string() }
}

/// The `detail` of an event, parsed together with the event.
#[expect(
    clippy::large_enum_variant,
    reason = "on the stack once an event, and nearly always the large one"
)]
enum Detail<'a> {
    Object(Peek<'a, IgnoredAny>),
    /// Not a JSON object, and so not an envelope.
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

/// Returns the outermost layer.
pub(super) fn layer_of(body: &[u8]) -> Result<Layer, DecodeError> {
    match serde_json::from_slice::<Peek<'_, IgnoredAny>>(body) {
        Ok(peek) => Ok(peek.layer()),
        Err(error) => match not_an_object(body) {
            Some(found) => Ok(found),
            None => Err(DecodeError::Malformed { layer: Layer::AwsEvent, error }),
        },
    }
}

/// Returns the layer of a body that is JSON but not an object.
#[cold]
fn not_an_object(body: &[u8]) -> Option<Layer> {
    let layer = match body.iter().find(|byte| !byte.is_ascii_whitespace())? {
        b'"' => Layer::JsonString,
        b'[' => Layer::JsonArray,
        _ => return None,
    };
    serde_json::from_slice::<IgnoredAny>(body).is_ok().then_some(layer)
}

/// Why a body failed to parse.
#[cold]
fn unread(expected: Layer, body: &[u8], error: serde_json::Error) -> DecodeError {
    match not_an_object(body) {
        Some(found) => DecodeError::WrongLayer { expected, found },
        None => DecodeError::Malformed { layer: expected, error },
    }
}

/// Parses a whole EventBridge event, or a bare envelope if `bare` allows it.
pub(super) fn event(body: &[u8], bare: bool) -> Result<Incoming<'_>, DecodeError> {
    match read(body, &mut |_| true) {
        Ok(outer) => whole_or_bare(outer, body, bare),
        Err(_) => in_steps(body, bare),
    }
}

/// The same for an event that is `wanted`. Another one is parsed only as far as necessary.
pub(super) fn event_if(
    body: &[u8],
    bare: bool,
    mut wanted: impl FnMut(DetailType<'_>) -> bool,
) -> Result<Option<Incoming<'_>>, DecodeError> {
    let mut declined = false;
    let mut ask = |event: DetailType<'_>| {
        declined |= !wanted(event);
        !declined
    };
    match read(body, &mut ask) {
        Ok(outer) => whole_or_bare(outer, body, bare).map(Some),
        Err(_) if declined => Ok(None),
        Err(_) => in_steps(body, bare).map(Some),
    }
}

/// UTF-8 is checked once for the whole body instead of for each string. An invalid body is parsed
/// as far as it goes: invalid text in a field that is not used does no harm.
fn read<'de, D: Deserialize<'de>>(
    body: &'de [u8],
    wanted: &mut dyn FnMut(DetailType<'_>) -> bool,
) -> serde_json::Result<Peek<'de, D>> {
    let reader = Reader { wanted, detail: PhantomData };
    match std::str::from_utf8(body) {
        Ok(text) => to_the_end(reader, serde_json::Deserializer::from_str(text)),
        Err(_) => to_the_end(reader, serde_json::Deserializer::from_slice(body)),
    }
}

fn to_the_end<'de, D: Deserialize<'de>, R: serde_json::de::Read<'de>>(
    reader: Reader<'_, D>,
    mut json: serde_json::Deserializer<R>,
) -> serde_json::Result<Peek<'de, D>> {
    let peek = reader.deserialize(&mut json)?;
    json.end().map(|()| peek)
}

fn whole_or_bare<'a>(
    outer: Peek<'a, Detail<'a>>,
    body: &'a [u8],
    bare: bool,
) -> Result<Incoming<'a>, DecodeError> {
    match (outer.layer(), outer.detail) {
        (Layer::AwsEvent, Some(Detail::Object(inner))) => {
            whole(outer.detail_type.as_ref(), outer.source.as_ref(), outer.replay_name, Ok(inner))
        }
        (Layer::AwsEvent, _) => in_steps(body, bare),
        (Layer::Envelope, detail) if bare => Peek { detail, ..outer }.into_incoming(),
        (found, _) => Err(DecodeError::WrongLayer { expected: Layer::AwsEvent, found }),
    }
}

/// Like [`event`], one layer at a time: the second parse of a body that failed to parse, to report
/// its layer.
#[cold]
fn in_steps(body: &[u8], bare: bool) -> Result<Incoming<'_>, DecodeError> {
    let outer: Peek<'_, &RawValue> =
        serde_json::from_slice(body).map_err(|error| unread(Layer::AwsEvent, body, error))?;
    match (outer.layer(), outer.detail) {
        (Layer::Envelope, _) if bare => outer.into_incoming(),
        (Layer::AwsEvent, Some(detail)) => {
            let ours = outer.detail_type.as_ref().and_then(|t| DetailType::parse(&t.0)).is_some();
            if ours && detail.get().starts_with('"') {
                let found = Layer::TextDetail;
                return Err(DecodeError::WrongLayer { expected: Layer::Envelope, found });
            }
            let inner = serde_json::from_str(detail.get());
            whole(outer.detail_type.as_ref(), outer.source.as_ref(), outer.replay_name, inner)
        }
        (found, _) => Err(DecodeError::WrongLayer { expected: Layer::AwsEvent, found }),
    }
}

/// Parses a bare envelope.
pub(super) fn envelope(detail: &[u8]) -> Result<Incoming<'_>, DecodeError> {
    let peek: Peek<'_, IgnoredAny> =
        read(detail, &mut |_| true).map_err(|error| unread(Layer::Envelope, detail, error))?;
    match peek.layer() {
        Layer::Envelope => peek.into_incoming(),
        found => Err(DecodeError::WrongLayer { expected: Layer::Envelope, found }),
    }
}

/// Parses the envelope in an EventBridge event, and checks it against the event.
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
    // The fields that rules match must be the same as those that select the handler.
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
