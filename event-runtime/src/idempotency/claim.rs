//! The requests to a store and its answers.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Fingerprint, Key, Owner, Window, WindowError};

/// How long a consumer claims and remembers events, and what happens to unfinished ones.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use event_runtime::idempotency::{OnTimeout, Terms};
///
/// let terms = Terms { on_timeout: OnTimeout::Block, ..Terms::default() };
/// assert_eq!(terms.keep, Duration::from_hours(120));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// How long a claim lasts if it is not renewed.
    pub lease: Duration,
    /// How long a completion is remembered, rounded up to whole seconds.
    ///
    /// It must be longer than every redelivery can take: see [`Window`].
    pub keep: Duration,
    /// What happens to an event whose worker disappeared.
    pub on_timeout: OnTimeout,
}

/// What happens to an event whose lease ended without a result: its worker died, or is too slow,
/// and it is unknown whether the effect took place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnTimeout {
    /// The next worker may claim it: at least once. The default.
    #[default]
    Retry,
    /// It is blocked until a person has checked it and freed it with [`IdempotencyStore::forget`],
    /// or until [`Terms::keep`] has passed: at most once. For effects that do more harm twice than
    /// never.
    ///
    /// [`IdempotencyStore::forget`]: super::IdempotencyStore::forget
    Block,
}

impl Default for Terms {
    /// A lease of 30 seconds, the default visibility timeout of SQS; remembered as long as a rule
    /// and a queue with AWS's default settings may take; and `Retry`.
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            keep: Window::of_queue().minimum(),
            on_timeout: OnTimeout::default(),
        }
    }
}

impl Terms {
    /// Checks that events are remembered for as long as they may be delivered again.
    ///
    /// # Errors
    ///
    /// [`WindowError`], which lists the sum.
    pub fn check(&self, window: &Window) -> Result<(), WindowError> {
        window.check(self.keep)
    }
}

/// A worker's request for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The key.
    pub key: Key,
    /// The owner: a token of its own for each attempt, so that the same request can be repeated
    /// after a lost response.
    pub owner: Owner,
    /// The payload. If it is known, a completion of another payload is not a duplicate.
    pub payload: Option<Fingerprint>,
}

impl Attempt {
    /// Returns an attempt by a new owner.
    pub fn new(key: Key) -> Self {
        Self { key, owner: Owner::unique(), payload: None }
    }

    /// Returns the attempt with the payload to compare.
    #[must_use]
    pub fn with_payload(self, payload: Fingerprint) -> Self {
        Self { payload: Some(payload), ..self }
    }
}

/// The right to handle an event for a limited time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The claimed key.
    pub key: Key,
    /// The owner.
    pub owner: Owner,
    /// When it ends; after that, others may claim the key.
    pub until: Timestamp,
    /// The payload for which it was claimed.
    pub payload: Option<Fingerprint>,
}

/// The result of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Claim {
    /// Handle it, and then complete or release the lease.
    Granted(Lease),
    /// Another worker is handling it. Try again later.
    InProgress {
        /// When its lease ends.
        until: Timestamp,
    },
    /// It was already handled: a duplicate.
    Completed(Completion),
    /// An event with this ID was handled with another payload: the publisher used the ID twice. It
    /// is neither done nor a duplicate.
    Mismatch {
        /// The payload that was handled.
        handled: Fingerprint,
    },
    /// A worker claimed it and disappeared, and [`OnTimeout::Block`] blocks it.
    Blocked {
        /// When its lease ended.
        since: Timestamp,
    },
}

/// A completed key, as a store remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// How long it is remembered: until the end of this second.
    pub until: Timestamp,
    /// The return value of the effect as JSON, if any.
    pub result: Option<Arc<str>>,
    /// The payload that was handled, if known.
    pub payload: Option<Fingerprint>,
}

impl Completion {
    /// Returns the result for an attempt: a duplicate, unless the payload differs.
    pub fn answer(self, attempt: &Attempt) -> Claim {
        match (&self.payload, &attempt.payload) {
            (Some(handled), Some(at_hand)) if handled.contradicts(at_hand) => {
                Claim::Mismatch { handled: handled.clone() }
            }
            _ => Claim::Completed(self),
        }
    }
}

/// The result of completing, renewing and releasing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Settled {
    /// The request succeeded.
    Done,
    /// Another worker has the lease, or nobody. Nothing was changed.
    LeaseLost,
}
