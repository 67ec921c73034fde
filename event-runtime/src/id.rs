//! The ID of an event: a ULID, assigned when the event is published.
//!
//! Every version, retry and redelivery of an event has the same ID, so consumers detect duplicates
//! by it. (EventBridge's own event ID is new with each `PutEvents`.)

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};
use ulid::{Generator, Ulid};

/// The ID of an event, 26 characters on the wire.
///
/// # Example
///
/// ```
/// use event_runtime::EventId;
///
/// let first = EventId::generate();
/// let second = EventId::generate();
/// assert!(first < second);
/// assert_eq!(first.to_string().parse(), Ok(first));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(Ulid);

/// As on the bus, so that an ID from a log can be searched for:
/// `EventId(01M84BJC9GVEAFJXS90SA4RP8G)`.
impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventId({})", self.0)
    }
}

/// One generator per process, so that IDs within a millisecond increase.
static GENERATOR: Mutex<Generator> = Mutex::new(Generator::new());

impl EventId {
    /// Returns a new ID that is greater than all IDs that this process has generated, even if the
    /// clock was set back.
    pub fn generate() -> Self {
        next(&mut GENERATOR.lock().unwrap_or_else(PoisonError::into_inner), SystemTime::now())
    }

    /// Returns the ID as a `Ulid`.
    pub const fn ulid(self) -> Ulid {
        self.0
    }
}

/// Returns the next ID of a generator at this time, or after it.
fn next(generator: &mut Generator, now: SystemTime) -> EventId {
    EventId(match generator.generate_from_datetime(now) {
        Ok(ulid) => ulid,
        // The 80 random bits overflowed within one millisecond.
        Err(overflow) => overflow.commit_overflow_increment(),
    })
}

impl From<Ulid> for EventId {
    fn from(ulid: Ulid) -> Self {
        Self(ulid)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is not a ULID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid event ID `{text}`: expected a 26-character ULID")]
pub struct InvalidEventId {
    /// The text.
    pub text: String,
}

impl FromStr for EventId {
    type Err = InvalidEventId;

    /// # Errors
    ///
    /// If the text is not 26 characters of Crockford's base 32 that fit into 128 bits.
    fn from_str(text: &str) -> Result<Self, InvalidEventId> {
        // 26 characters hold 130 bits: a first character over `7` would wrap around to another ID.
        let fits = matches!(text.as_bytes().first(), Some(b'0'..=b'7'));
        match Ulid::from_string(text) {
            Ok(ulid) if fits => Ok(Self(ulid)),
            _ => Err(InvalidEventId { text: text.to_owned() }),
        }
    }
}

impl Serialize for EventId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = EventId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event ID: a 26-character ULID")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<EventId, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_id_as_on_the_bus() {
        let id = EventId::generate();
        assert_eq!(format!("{id:?}"), format!("EventId({id})"));
    }

    #[test]
    fn ids_increase_within_process() {
        let ids: Vec<EventId> = (0..10_000).map(|_| EventId::generate()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn ids_increase_after_clock_is_set_back() {
        let mut generator = Generator::new();
        let (now, hour) = (SystemTime::now(), std::time::Duration::from_hours(1));
        let times = [now, now - hour, SystemTime::UNIX_EPOCH, now, now + hour, now];
        let ids = times.map(|time| next(&mut generator, time));
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    }

    #[test]
    fn ids_of_each_thread_increase() {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn(|| (0..2_000).map(|_| EventId::generate()).collect::<Vec<_>>())
            })
            .collect();
        for worker in workers {
            assert!(worker.join().unwrap().is_sorted_by(|a, b| a < b));
        }
    }

    #[test]
    fn ids_of_many_threads_are_distinct() {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn(|| (0..2_000).map(|_| EventId::generate()).collect::<Vec<_>>())
            })
            .collect();
        let mut ids: Vec<_> = workers.into_iter().flat_map(|w| w.join().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 8_000);
    }

    #[test]
    fn texts_do_not_wrap_around_to_same_id() {
        assert!("7ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse::<EventId>().is_ok());
        assert!("8ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse::<EventId>().is_err());
    }

    #[test]
    fn id_of_whole_event_is_refused() {
        let uuid = "17793124-05d4-b198-2fde-7ededc63b103";
        assert!(uuid.parse::<EventId>().is_err());
        assert!(serde_json::from_str::<EventId>(&format!("\"{uuid}\"")).is_err());
    }

    #[test]
    fn json_round_trip_is_canonical() {
        let lower = "\"01arz3ndektsv4rrffq69g5fav\"";
        let id: EventId = serde_json::from_str(lower).unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), lower.to_uppercase());
    }
}
