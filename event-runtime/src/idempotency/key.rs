//! What is claimed, and by whom.

use std::fmt;

use crate::EventId;
use crate::name::ConsumerName;

/// What a consumer claims: `consumer#id`, or `consumer#id#subkey` for a part of an event's effect.
///
/// The version is not in it: the renditions of one event are one effect.
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
    /// The key of an event at a consumer. Neither part can hold a `#`, so no two events share a key.
    pub fn new(consumer: &ConsumerName, id: EventId) -> Self {
        Self(format!("{consumer}#{id}"))
    }

    /// The key of a part of the effect: one recipient of several, say.
    #[must_use]
    pub fn sub(&self, subkey: &str) -> Self {
        Self(format!("{}#{subkey}", self.0))
    }

    /// The key as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The token of one claim: random, and never used for a second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(u128);

impl Owner {
    /// A token that nobody has.
    pub fn unique() -> Self {
        Self(rand::random())
    }

    /// The token as a store keeps it.
    pub const fn to_u128(self) -> u128 {
        self.0
    }

    /// The token as a store kept it.
    pub const fn from_u128(token: u128) -> Self {
        Self(token)
    }
}
