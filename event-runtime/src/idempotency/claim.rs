//! What is asked of a store, and what it answers.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Fingerprint, Key, Owner, Window, WindowError};

/// For how long a consumer claims and remembers, and what becomes of what nobody finished.
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
    /// For how long a completion is remembered, rounded up to whole seconds.
    ///
    /// It must outlast every redelivery: see [`Window`].
    pub keep: Duration,
    /// What becomes of an event whose worker was not heard of again.
    pub on_timeout: OnTimeout,
}

/// What becomes of an event whose lease ended without a word: its worker died, or is too slow, and
/// whether the effect took place nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnTimeout {
    /// The next worker may claim it: at least once. The default.
    #[default]
    Retry,
    /// Nobody may, until someone looked and freed it with [`IdempotencyStore::forget`], or until
    /// [`Terms::keep`] is over: at most once. For effects that do more harm twice than not at all.
    ///
    /// [`IdempotencyStore::forget`]: super::IdempotencyStore::forget
    Block,
}

impl Default for Terms {
    /// A lease of 30 seconds, as long as the visibility time-out that SQS starts with; remembered as
    /// long as a rule and a queue with the settings of AWS may take; and `Retry`.
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            keep: Window::of_queue().minimum(),
            on_timeout: OnTimeout::default(),
        }
    }
}

impl Terms {
    /// Whether events are remembered for as long as they may come again.
    ///
    /// # Errors
    ///
    /// [`WindowError`], which prints the sum.
    pub fn check(&self, window: &Window) -> Result<(), WindowError> {
        window.check(self.keep)
    }
}

/// A worker's request for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What it asks for.
    pub key: Key,
    /// Who asks: a token of its own for each attempt, so that an answer that was lost can be asked
    /// for again with the same.
    pub owner: Owner,
    /// The payload at hand. Where it is known, a completion of another payload is no duplicate.
    pub payload: Option<Fingerprint>,
}

impl Attempt {
    /// An attempt by a new owner.
    pub fn new(key: Key) -> Self {
        Self { key, owner: Owner::unique(), payload: None }
    }

    /// The same, with the payload to compare.
    #[must_use]
    pub fn with_payload(self, payload: Fingerprint) -> Self {
        Self { payload: Some(payload), ..self }
    }
}

/// The right to handle an event for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What was claimed.
    pub key: Key,
    /// By whom.
    pub owner: Owner,
    /// Until when; later, others may claim it.
    pub until: Timestamp,
    /// The payload that it was claimed for.
    pub payload: Option<Fingerprint>,
}

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Claim {
    /// Handle it, and then complete or release the lease.
    Granted(Lease),
    /// Another worker handles it. Not done: come back later.
    InProgress {
        /// When its lease ends.
        until: Timestamp,
    },
    /// It has been handled. A duplicate.
    Completed(Completion),
    /// An event of this id has been handled, but with another payload: its publisher gave the id
    /// twice. Neither done nor a duplicate.
    Mismatch {
        /// What was handled.
        handled: Fingerprint,
    },
    /// A worker claimed it and was not heard of again, and [`OnTimeout::Block`] keeps others out.
    Blocked {
        /// When its lease ended.
        since: Timestamp,
    },
}

/// That a key was completed, as a store remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// For how long that is remembered: until the end of this second.
    pub until: Timestamp,
    /// What the effect returned, as JSON, where it returned something.
    pub result: Option<Arc<str>>,
    /// The payload that was handled, where it is known.
    pub payload: Option<Fingerprint>,
}

impl Completion {
    /// What an attempt is answered: a duplicate, unless the payload is another.
    pub fn answer(self, attempt: &Attempt) -> Claim {
        match (&self.payload, &attempt.payload) {
            (Some(handled), Some(at_hand)) if handled.contradicts(at_hand) => {
                Claim::Mismatch { handled: handled.clone() }
            }
            _ => Claim::Completed(self),
        }
    }
}

/// The answer to completing, renewing and releasing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Settled {
    /// It is as asked for.
    Done,
    /// The lease is someone else's now, or nobody's. Nothing was changed.
    LeaseLost,
}
