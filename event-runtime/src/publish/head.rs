//! The envelope as text, written once for each rendition, around its payload.
//!
//! All renditions of an event share its id and its time, so these become text once. The payload is
//! serialised straight into the detail: it is neither built up apart nor copied. The fields and their
//! order are those of [`Envelope`](crate::Envelope), which a test holds this to.

use serde::Serialize;
use serde::ser::Error as _;
use ulid::ULID_LEN;

use super::Stamp;

/// Room for the envelope and a payload as most are: of a longer one the text grows.
const ROOM: usize = 512;

/// What is the same in each rendition of one event, as text.
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

    /// The envelope of a payload. Source and type are escaped where they need it; `version` is `v` and a
    /// number.
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
        // serde_json writes UTF-8, and so does this.
        String::from_utf8(text).map_err(serde_json::Error::custom)
    }
}
