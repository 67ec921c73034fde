//! The key and the owner of a claim.

use std::fmt;

use super::fingerprint;
use crate::EventId;
use crate::limits::MAX_KEY_BYTES;
use crate::name::ConsumerName;

/// The key that a consumer claims: `consumer#id`, or `consumer#id#subkey` for a part of an event's
/// effect.
///
/// It does not contain the version: all versions of an event have one effect.
///
/// # Example
///
/// ```
/// use event_runtime::idempotency::Key;
/// use event_runtime::name::ConsumerName;
///
/// let id = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?;
/// let key = Key::new(&ConsumerName::new("emailer")?, id);
/// assert_eq!(key.as_str(), "emailer#01ARZ3NDEKTSV4RRFFQ69G5FAV");
/// assert_eq!(key.sub("ann@example.com").as_str(), "emailer#01ARZ3NDEKTSV4RRFFQ69G5FAV#ann@example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// Returns the key of an event at a consumer. Neither part can contain a `#`, so two events
    /// never share a key.
    pub fn new(consumer: &ConsumerName, id: EventId) -> Self {
        Self(format!("{consumer}#{id}"))
    }

    /// Returns the key of a function or an event by a part of its input, as JSON. The texts of two
    /// equal values have one key. No event ID has this form.
    pub(crate) fn of_part(consumer: &ConsumerName, json: &str) -> Self {
        Self(format!("{consumer}#by:{}", fingerprint::of_value(json)))
    }

    /// Returns the key of a part of the effect, for example one of several recipients.
    ///
    /// If the key would be longer than DynamoDB allows, it contains the SHA-256 of the part
    /// instead.
    #[must_use]
    pub fn sub(&self, subkey: &str) -> Self {
        if self.0.len() + 1 + subkey.len() <= MAX_KEY_BYTES {
            Self(format!("{}#{subkey}", self.0))
        } else {
            Self(format!("{}#sha256:{}", self.0, fingerprint::sha256(subkey)))
        }
    }

    /// Returns the key as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The token of one claim: random, and never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(u128);

impl Owner {
    /// Returns a new token.
    pub fn unique() -> Self {
        Self(rand::random())
    }

    /// Converts the token for a store.
    pub const fn to_u128(self) -> u128 {
        self.0
    }

    /// Converts a token from a store.
    pub const fn from_u128(token: u128) -> Self {
        Self(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_of_any_length_has_key_within_limit() {
        let key = Key::new(&ConsumerName::new(&"c".repeat(64)).unwrap(), EventId::generate());
        let (one, other) = (key.sub(&"a".repeat(5000)), key.sub(&"a".repeat(5001)));
        assert_ne!(one, other);
        assert!(one.as_str().len() <= MAX_KEY_BYTES);
        let room = MAX_KEY_BYTES - key.as_str().len() - 1;
        assert_eq!(key.sub(&"a".repeat(room)).as_str().len(), MAX_KEY_BYTES);
        assert!(key.sub(&"a".repeat(room + 1)).as_str().contains("#sha256:"));
    }
}
