//! One entry of a `PutEvents` call: how it is created, its size by AWS's formula, and its limits.

use std::borrow::Cow;

use jiff::Timestamp;

use super::Head;
use crate::event::{Enveloped, Rendition, RenditionError};
use crate::limits::{Limits, MAX_DETAIL_TYPE_CHARS, RESERVED_SOURCE, TIME_BYTES};
use crate::{EventId, Version};

/// The values that all versions of one event share.
///
/// # Example
///
/// ```
/// use event_runtime::publish::Stamp;
///
/// let stamp = Stamp::now();
/// assert_eq!(stamp.occurred_at.subsec_nanosecond() % 1_000_000, 0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The id of the event.
    pub id: EventId,
    /// When it happened.
    pub occurred_at: Timestamp,
}

impl Stamp {
    /// Returns a new ID and the current time, in whole milliseconds, the resolution of every JSON
    /// reader.
    pub fn now() -> Self {
        let now = Timestamp::now();
        let occurred_at = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        Self { id: EventId::generate(), occurred_at }
    }
}

/// One entry of a `PutEvents` call: one event in one major.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The id of the event, as in the envelope.
    pub id: EventId,
    /// The major of the event.
    pub version: Version,
    /// The entry's `Source`.
    pub source: Cow<'static, str>,
    /// The entry's `DetailType`: `type:vN`.
    pub detail_type: Cow<'static, str>,
    /// The entry's `Detail`: the envelope as JSON.
    pub detail: String,
    /// The entry's `Time`, which becomes the `time` of the EventBridge event.
    pub time: Option<Timestamp>,
    /// The entry's `Resources`: ARNs for rules to match.
    pub resources: Vec<String>,
}

/// Why an entry cannot be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// The event has no payload in this major.
    #[error(transparent)]
    Rendition(#[from] RenditionError),
    /// The entry is larger than a whole call may be.
    #[error("the entry has {bytes} bytes: the maximum of a call is {limit}")]
    TooLarge {
        /// Its size by AWS's formula.
        bytes: usize,
        /// The limit of the publisher.
        limit: usize,
    },
    /// The event that a queue receives is larger than a message of SQS may be: EventBridge would
    /// accept the entry but could not deliver it.
    #[error(
        "the event, as EventBridge delivers it, has {bytes} bytes: the maximum of a queue is {limit}"
    )]
    MessageTooLarge {
        /// The maximum size of the event around the entry.
        bytes: usize,
        /// The limit of the publisher.
        limit: usize,
    },
    /// A detail-type that `PutEvents` refuses.
    #[error("the detail-type has {chars} characters: the maximum is {MAX_DETAIL_TYPE_CHARS}")]
    DetailTypeTooLong {
        /// Its length.
        chars: usize,
    },
    /// A source that `PutEvents` refuses.
    #[error("the source is empty")]
    SourceEmpty,
    /// A source that belongs to AWS services.
    #[error("the source `{source_name}` begins with `aws.`, which is reserved for AWS services")]
    SourceReserved {
        /// The source.
        source_name: String,
    },
    /// Several of these.
    #[error("{}", listed(.errors))]
    Several {
        /// The errors; at least two.
        errors: Vec<EntryError>,
    },
}

/// The maximum size of a text in a JSON string, in bytes.
fn escaped(text: &str) -> usize {
    let bytes = |byte: u8| match byte {
        b'"' | b'\\' => 2,
        0..=0x1f => 6,
        _ => 1,
    };
    text.bytes().map(bytes).sum()
}

fn listed(errors: &[EntryError]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

impl Entry {
    /// Creates an entry with the payload in its envelope, and checks the limits.
    ///
    /// # Errors
    ///
    /// [`EntryError`]: the payload does not exist, or AWS would refuse the entry.
    pub fn new(stamp: Stamp, rendition: Rendition, limits: &Limits) -> Result<Self, EntryError> {
        let Rendition { source, event_type, version, detail_type, data } = rendition;
        let names = [source, event_type, &version.to_string()];
        let detail = Head::of(stamp).around(names, &data?).map_err(RenditionError::Serialise);
        Self::of(stamp, Enveloped { source, version, detail_type, detail }, limits)
    }

    pub(super) fn of(
        stamp: Stamp,
        enveloped: Enveloped,
        limits: &Limits,
    ) -> Result<Self, EntryError> {
        let Enveloped { source, version, detail_type, detail } = enveloped;
        let entry = Self {
            id: stamp.id,
            version,
            source: Cow::Borrowed(source),
            detail_type: Cow::Borrowed(detail_type),
            detail: detail?,
            time: Some(stamp.occurred_at),
            resources: Vec::new(),
        };
        entry.check(limits)?;
        Ok(entry)
    }

    /// Returns the size by AWS's formula: 14 bytes for a `Time`, and the UTF-8 bytes of source,
    /// detail-type, detail and each resource. Source: *Amazon EventBridge User Guide*, "Calculating
    /// `PutEvents` event entry size".
    pub fn size(&self) -> usize {
        let time = if self.time.is_some() { TIME_BYTES } else { 0 };
        let resources: usize = self.resources.iter().map(String::len).sum();
        time + self.source.len() + self.detail_type.len() + self.detail.len() + resources
    }

    /// Returns the size of the message that a queue receives from a rule: the whole EventBridge
    /// event, with the longest region name.
    pub fn message_size(&self) -> usize {
        /// All of an event except the entry's own values.
        const AROUND: &str = concat!(
            r#"{"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","detail-type":"","#,
            r#""source":"","account":"123456789012","time":"2026-11-23T13:06:06Z","#,
            r#""region":"ap-southeast-99","resources":[],"detail":}"#,
        );
        /// The field that a replay of an archive adds, with a name of the maximum length.
        const REPLAY: usize = r#""replay-name":"","#.len() + 64;
        let resources: usize = self.resources.iter().map(|it| escaped(it) + 3).sum();
        AROUND.len()
            + REPLAY
            + escaped(&self.detail_type)
            + escaped(&self.source)
            + resources
            + self.detail.len()
    }

    /// Checks whether AWS would accept the entry.
    ///
    /// # Errors
    ///
    /// [`EntryError`]; [`EntryError::Several`] if there are several problems.
    pub fn check(&self, limits: &Limits) -> Result<(), EntryError> {
        let mut errors = Vec::new();
        if self.source.is_empty() {
            errors.push(EntryError::SourceEmpty);
        }
        if self.source.starts_with(RESERVED_SOURCE) {
            errors.push(EntryError::SourceReserved { source_name: self.source.to_string() });
        }
        let chars = self.detail_type.chars().count();
        if chars > MAX_DETAIL_TYPE_CHARS {
            errors.push(EntryError::DetailTypeTooLong { chars });
        }
        let (bytes, limit) = (self.size(), limits.request_bytes);
        if bytes > limit {
            errors.push(EntryError::TooLarge { bytes, limit });
        } else {
            let (bytes, limit) = (self.message_size(), limits.message_bytes);
            if bytes > limit {
                errors.push(EntryError::MessageTooLarge { bytes, limit });
            }
        }
        match errors.pop() {
            None => Ok(()),
            Some(only) if errors.is_empty() => Err(only),
            Some(last) => {
                errors.push(last);
                Err(EntryError::Several { errors })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;
    use crate::Envelope;

    fn rendition(data: &str) -> Rendition {
        Rendition {
            source: "app.shop",
            event_type: "order.placed",
            version: Version::new(2),
            detail_type: "order.placed:v2",
            data: Ok(RawValue::from_string(data.to_owned()).unwrap()),
        }
    }

    #[test]
    fn detail_equals_serialized_envelope() {
        let stamp = Stamp::now();
        let entry = Entry::new(stamp, rendition(r#"{"n":1}"#), &Limits::default()).unwrap();
        let envelope: Envelope<Box<RawValue>> = serde_json::from_str(&entry.detail).unwrap();
        assert_eq!(serde_json::to_string(&envelope).unwrap(), entry.detail);
        assert_eq!(envelope.detail_type().to_string(), entry.detail_type);
        assert_eq!((envelope.id, envelope.occurred_at), (stamp.id, stamp.occurred_at));
        assert_eq!(entry.time, Some(stamp.occurred_at));
    }

    #[test]
    fn size_is_counted_in_utf8_bytes() {
        let entry = Entry {
            id: EventId::generate(),
            version: Version::new(1),
            source: "é".into(),
            detail_type: "t:v1".into(),
            detail: "€".into(),
            time: None,
            resources: vec!["ab".into(), "c".into()],
        };
        assert_eq!(entry.size(), 2 + 4 + 3 + 3);
        assert_eq!(Entry { time: Some(Timestamp::UNIX_EPOCH), ..entry }.size(), 12 + 14);
    }

    #[test]
    fn size_limit_is_exact() {
        let stamp = Stamp::now();
        let bytes = Entry::new(stamp, rendition("{}"), &Limits::default()).unwrap().size();
        let limits = |request_bytes| Limits { request_bytes, ..Limits::default() };
        assert!(Entry::new(stamp, rendition("{}"), &limits(bytes)).is_ok());
        let error = Entry::new(stamp, rendition("{}"), &limits(bytes - 1)).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the entry has {bytes} bytes: the maximum of a call is {}", bytes - 1)
        );
    }

    #[test]
    fn entry_that_put_events_would_refuse_is_refused() {
        let entry = Entry::new(Stamp::now(), rendition("{}"), &Limits::default()).unwrap();
        let check = |entry: Entry| entry.check(&Limits::default());
        assert!(check(Entry { detail_type: "é".repeat(128).into(), ..entry.clone() }).is_ok());
        assert!(matches!(
            check(Entry { detail_type: "é".repeat(129).into(), ..entry.clone() }),
            Err(EntryError::DetailTypeTooLong { chars: 129 })
        ));
        assert!(matches!(
            check(Entry { source: "".into(), ..entry.clone() }),
            Err(EntryError::SourceEmpty)
        ));
        assert!(matches!(
            check(Entry { source: "aws.s3".into(), ..entry.clone() }),
            Err(EntryError::SourceReserved { .. })
        ));
        let entry = Entry { source: "".into(), detail_type: "t".repeat(129).into(), ..entry };
        assert_eq!(
            check(entry).unwrap_err().to_string(),
            "the source is empty; the detail-type has 129 characters: the maximum is 128"
        );
    }
}
