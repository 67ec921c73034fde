//! Parses the body of a message into an envelope.
//!
//! A rule with a queue as its target writes the **whole** EventBridge event to the message, and our
//! envelope is its `detail`. Both have an `id`, a `source` and a `version`, so a reader that
//! confuses them finds plausible values in the wrong places: `version` is then `0`, and `id` is one
//! that AWS assigns at each delivery, which breaks both routing and the detection of duplicates. So
//! [`Incoming::read`] determines the layer and refuses the ones that it cannot use.
//!
//! Routing only needs the head: the payload stays raw JSON in the message until a handler requests
//! its own type. [`Incoming::read_if`] decides whether an event is wanted before it parses the
//! envelope.

mod error;
mod peek;

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

pub use self::error::{DecodeError, Hidden};
use crate::shown::misfit;
use crate::{DetailType, Envelope, Event, EventId, Version};

/// One of our events in a message, parsed as far as routing needs.
///
/// # Example
///
/// ```
/// use event_runtime::decode::Incoming;
///
/// let body = br#"{
///     "version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103",
///     "detail-type": "order.placed:v1", "source": "app.shop",
///     "account": "123456789012", "time": "2026-11-23T13:06:06Z", "region": "eu-central-1",
///     "resources": [],
///     "detail": {
///         "id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "source": "app.shop", "type": "order.placed",
///         "version": "v1", "occurredAt": "2026-11-23T13:06:06Z", "data": {"orderId": "A-1"}
///     }
/// }"#;
/// let incoming = Incoming::read(body)?;
/// assert_eq!(incoming.detail_type().to_string(), "order.placed:v1");
/// let envelope = incoming.decode::<serde_json::Value>()?;
/// assert_eq!(envelope.data["orderId"], "A-1");
///
/// // The same bytes where only an envelope is expected: refused, never read as version `0`.
/// let error = Incoming::read_envelope(body).unwrap_err();
/// assert!(error.to_string().contains("whole EventBridge event"));
/// # Ok::<(), event_runtime::decode::DecodeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Incoming<'a> {
    id: EventId,
    source: Cow<'a, str>,
    event_type: Cow<'a, str>,
    version: Version,
    occurred_at: Timestamp,
    data: &'a RawValue,
    replay: Option<Cow<'a, str>>,
}

/// The layer of a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layer {
    /// Our envelope.
    Envelope,
    /// The event that EventBridge puts around it.
    AwsEvent,
    /// An SNS notification, with the event as text in its `Message`.
    SnsNotification,
    /// A Lambda invocation's batch of records, with an event in each record.
    RecordBatch,
    /// What Lambda sends to the destination of an asynchronous invocation, with the event in its
    /// `requestPayload`.
    InvocationRecord,
    /// The message with which S3 tests the notifications of a bucket. It has no event.
    S3Test,
    /// A JSON string: the event was serialised twice.
    JsonString,
    /// A JSON array: the batch of a Pipe.
    JsonArray,
    /// An EventBridge event whose `detail` is a JSON string instead of an object.
    TextDetail,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Envelope => "an event envelope",
            Self::AwsEvent => "a whole EventBridge event, with the envelope in its `detail`",
            Self::SnsNotification => "an SNS notification, with the event as text in its `Message`",
            Self::RecordBatch => "a batch of `Records`, with an event in the body of each",
            Self::InvocationRecord => {
                "the record of a Lambda invocation, with the event in its `requestPayload` \
                 (`Wrapping::Invocation` reads it)"
            }
            Self::S3Test => "the message by which S3 tests a notification, without an event",
            Self::JsonString => "a JSON string (`Wrapping::Text` reads the event in it)",
            Self::JsonArray => {
                "a JSON array, such as the batch of a Pipe: send each element by itself"
            }
            Self::TextDetail => {
                "an EventBridge event whose `detail` is a JSON string: publish the envelope as an \
                 object"
            }
        })
    }
}

/// The layers around the events in a consumer's messages, which depend on its rule and its queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Wrapping {
    /// Whole EventBridge events or bare envelopes, recognised by their fields. The default.
    #[default]
    EventOrEnvelope,
    /// Whole EventBridge events only: a rule without an input path.
    Event,
    /// Bare envelopes only: a rule with the input path `$.detail`.
    Envelope,
    /// SNS notifications with either as the text of their `Message`: a topic between rule and
    /// queue, without raw message delivery.
    Sns,
    /// The records that Lambda sends to the failure destination of a function, with either as their
    /// `requestPayload`: to handle the events that a function failed to handle.
    Invocation,
    /// JSON strings that contain either: a producer that serializes twice.
    Text,
}

impl<'a> Incoming<'a> {
    /// Parses a message body: a whole EventBridge event (as a rule delivers it) or a bare envelope
    /// (as a rule with the input path `$.detail` delivers it). Both are recognised by their fields.
    ///
    /// # Errors
    ///
    /// Any [`DecodeError`] except [`WrongEvent`](DecodeError::WrongEvent) and
    /// [`Payload`](DecodeError::Payload): the payload is not parsed.
    pub fn read(body: &'a [u8]) -> Result<Self, DecodeError> {
        peek::event(body, true)
    }

    /// Parses a bare envelope, the `detail` of an EventBridge event.
    ///
    /// # Errors
    ///
    /// Like [`Incoming::read`], and [`DecodeError::WrongLayer`] for a whole EventBridge event.
    pub fn read_envelope(detail: &'a [u8]) -> Result<Self, DecodeError> {
        peek::envelope(detail)
    }

    /// Parses a message body in the given layer, and refuses any other. [`Wrapping::Sns`],
    /// [`Wrapping::Invocation`] and [`Wrapping::Text`] are refused here: call [`unwrapped`] first.
    ///
    /// # Errors
    ///
    /// Like [`Incoming::read`], and [`DecodeError::WrongLayer`].
    pub fn read_as(body: &'a [u8], wrapping: Wrapping) -> Result<Self, DecodeError> {
        match wrapping {
            Wrapping::EventOrEnvelope => Self::read(body),
            Wrapping::Envelope => Self::read_envelope(body),
            Wrapping::Event => peek::event(body, false),
            Wrapping::Sns | Wrapping::Invocation | Wrapping::Text => {
                let found = peek::layer_of(body)?;
                Err(DecodeError::WrongLayer { expected: Layer::AwsEvent, found })
            }
        }
    }

    /// Like [`Incoming::read_as`], for an event that is `wanted`; `None` for another one. `wanted`
    /// is called as soon as type and version are known, which in an EventBridge event is before its
    /// `detail`. The rest of an unwanted event is not parsed, so errors in it are not found. An
    /// event without a type is parsed and refused as usual.
    ///
    /// # Errors
    ///
    /// Like [`Incoming::read_as`].
    ///
    /// # Example
    ///
    /// ```
    /// use event_runtime::decode::{Incoming, Wrapping};
    ///
    /// let body = br#"{"detail-type": "order.placed:v1", "source": "app.shop", "detail": {}}"#;
    /// let mine = |it: event_runtime::DetailType<'_>| it.event_type == "invoice.issued";
    /// assert!(Incoming::read_if(body, Wrapping::Event, mine)?.is_none());
    /// # Ok::<(), event_runtime::decode::DecodeError>(())
    /// ```
    pub fn read_if(
        body: &'a [u8],
        wrapping: Wrapping,
        wanted: impl FnMut(DetailType<'_>) -> bool,
    ) -> Result<Option<Self>, DecodeError> {
        match wrapping {
            Wrapping::EventOrEnvelope => peek::event_if(body, true, wanted),
            Wrapping::Event => peek::event_if(body, false, wanted),
            Wrapping::Envelope | Wrapping::Sns | Wrapping::Invocation | Wrapping::Text => {
                Self::read_as(body, wrapping).map(Some)
            }
        }
    }

    /// Returns the ID of the event, the same in all of its versions.
    pub fn id(&self) -> EventId {
        self.id
    }

    /// Returns the source that published the event.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns type and version, which select the handler.
    pub fn detail_type(&self) -> DetailType<'_> {
        DetailType { event_type: &self.event_type, version: self.version }
    }

    /// Returns when the event happened.
    pub fn occurred_at(&self) -> Timestamp {
        self.occurred_at
    }

    /// Returns the payload as it is in the message.
    pub fn data(&self) -> &'a RawValue {
        self.data
    }

    /// Returns the archive replay that delivered this event again, if any. Replays do not keep the
    /// order.
    pub fn replay(&self) -> Option<&str> {
        self.replay.as_deref()
    }

    /// Returns the envelope with its payload as `D`. Fields that `D` does not have are ignored, so
    /// that a later minor can be read too; that is serde's default, and generated types keep it.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Payload`] with the place in the data that does not match.
    pub fn decode<D: DeserializeOwned>(&self) -> Result<Envelope<D>, DecodeError> {
        let json = self.data.get();
        let data = serde_json::from_str(json).map_err(|error| self.misfit::<D>(json, &error))?;
        Ok(Envelope {
            id: self.id,
            source: self.source.clone().into_owned(),
            event_type: self.event_type.clone().into_owned(),
            version: self.version,
            occurred_at: self.occurred_at,
            data,
        })
    }

    /// Returns the envelope of the event `E`, and of no other type or major.
    ///
    /// # Errors
    ///
    /// [`DecodeError::WrongEvent`], [`DecodeError::WrongSource`] and [`DecodeError::Payload`].
    pub fn decode_event<E: Event + DeserializeOwned>(&self) -> Result<Envelope<E>, DecodeError> {
        if self.event_type != E::TYPE || self.version.major() != E::MAJOR {
            return Err(DecodeError::WrongEvent {
                expected: E::DETAIL_TYPE,
                found: self.detail_type().to_string(),
            });
        }
        if self.source != E::SOURCE {
            let found = self.source.clone().into_owned();
            return Err(DecodeError::WrongSource { expected: E::SOURCE, found });
        }
        self.decode()
    }

    /// Parses a second time to find the place: only failures pay for it.
    #[cold]
    fn misfit<D: DeserializeOwned>(&self, json: &str, error: &serde_json::Error) -> DecodeError {
        let reader = &mut serde_json::Deserializer::from_str(json);
        let (path, reason, details) = match serde_path_to_error::deserialize::<_, D>(reader) {
            Err(error) => {
                let path = error.path().to_string();
                let error = error.into_inner();
                (path, misfit(&error), error.to_string())
            }
            Ok(_) => (String::new(), misfit(error), error.to_string()),
        };
        let path = if path == "." { String::new() } else { path };
        let detail_type = self.detail_type().to_string();
        DecodeError::Payload { detail_type, path, reason, details: Hidden(details) }
    }
}

/// Returns the event or envelope inside a wrapping; the body itself if nothing is around it.
///
/// # Errors
///
/// [`DecodeError::Malformed`], and [`DecodeError::WrongLayer`] if the body does not have that
/// wrapping.
///
/// # Example
///
/// ```
/// use event_runtime::decode::{Wrapping, unwrapped};
///
/// let body = br#"{"requestContext": {}, "requestPayload": {"detail-type": "a:v1"}}"#;
/// assert_eq!(*unwrapped(body, Wrapping::Invocation)?, br#"{"detail-type": "a:v1"}"#[..]);
/// assert_eq!(*unwrapped(br#""{}""#, Wrapping::Text)?, b"{}"[..]);
/// # Ok::<(), event_runtime::decode::DecodeError>(())
/// ```
pub fn unwrapped(body: &[u8], wrapping: Wrapping) -> Result<Cow<'_, [u8]>, DecodeError> {
    #[derive(Deserialize)]
    struct Invocation<'a> {
        #[serde(rename = "requestPayload", borrow)]
        payload: &'a RawValue,
    }
    let wrong = |expected| {
        let found = peek::layer_of(body)?;
        Err(DecodeError::WrongLayer { expected, found })
    };
    match wrapping {
        Wrapping::EventOrEnvelope | Wrapping::Event | Wrapping::Envelope => Ok(Cow::Borrowed(body)),
        Wrapping::Sns => sns_message(body).map(|text| Cow::Owned(text.into_bytes())),
        Wrapping::Invocation => match peek::layer_of(body)? {
            Layer::InvocationRecord => serde_json::from_slice::<Invocation<'_>>(body)
                .map(|record| Cow::Borrowed(record.payload.get().as_bytes()))
                .map_err(|error| DecodeError::Malformed { layer: Layer::InvocationRecord, error }),
            _ => wrong(Layer::InvocationRecord),
        },
        Wrapping::Text => match serde_json::from_slice::<String>(body) {
            Ok(text) => Ok(Cow::Owned(text.into_bytes())),
            Err(_) => wrong(Layer::JsonString),
        },
    }
}

/// Returns the text in the `Message` of an SNS notification.
///
/// # Errors
///
/// [`DecodeError::Malformed`], and [`DecodeError::WrongLayer`] if the body is not an SNS
/// notification.
pub fn sns_message(body: &[u8]) -> Result<String, DecodeError> {
    #[derive(Deserialize)]
    struct Notification {
        #[serde(rename = "Message")]
        message: String,
    }
    match peek::layer_of(body)? {
        Layer::SnsNotification => serde_json::from_slice::<Notification>(body)
            .map(|notification| notification.message)
            .map_err(|error| DecodeError::Malformed { layer: Layer::SnsNotification, error }),
        found => Err(DecodeError::WrongLayer { expected: Layer::SnsNotification, found }),
    }
}
