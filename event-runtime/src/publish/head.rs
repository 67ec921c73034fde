//! The envelope as text, written directly around each payload.
//!
//! All versions of an event share its ID and its time, so these are formatted once. The payload is
//! serialized directly into the detail, without an intermediate value or copy. The fields and their
//! order are those of [`Envelope`](crate::Envelope), and a test checks it.

use serde::Serialize;
use serde::ser::Error as _;
use ulid::ULID_LEN;

use super::Stamp;

/// Capacity for the envelope and a payload of usual size; the text grows for a longer one.
const ROOM: usize = 512;

/// The parts that are the same in each version of one event, as text.
#[derive(Debug)]
pub(crate) struct Head {
    id: [u8; ULID_LEN],
    occurred_at: String,
}

impl Head {
    pub(crate) fn of(stamp: Stamp) -> Self {
        let mut id = [0; ULID_LEN];
        stamp.id.ulid().array_to_str(&mut id);
        Self { id, occurred_at: stamp.occurred_at.to_string() }
    }

    /// Returns the envelope of a payload. Source and type are escaped if necessary; `version` is
    /// `v` and a number.
    pub(crate) fn around<D: Serialize + ?Sized>(
        &self,
        [source, event_type, version]: [&str; 3],
        data: &D,
    ) -> Result<String, serde_json::Error> {
        let mut text = Vec::with_capacity(ROOM);
        text.extend_from_slice(b"{\"id\":\"");
        text.extend_from_slice(&self.id);
        text.extend_from_slice(b"\",\"source\":");
        serde_json::to_writer(&mut text, source)?;
        text.extend_from_slice(b",\"type\":");
        serde_json::to_writer(&mut text, event_type)?;
        text.extend_from_slice(b",\"version\":\"");
        text.extend_from_slice(version.as_bytes());
        text.extend_from_slice(b"\",\"occurredAt\":\"");
        text.extend_from_slice(self.occurred_at.as_bytes());
        text.extend_from_slice(b"\",\"data\":");
        serde_json::to_writer(&mut text, data)?;
        text.push(b'}');
        // serde_json writes UTF-8, and the rest is UTF-8 too.
        String::from_utf8(text).map_err(serde_json::Error::custom)
    }
}
