//! Messages and their outcomes.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

/// One message, as a queue delivered it.
///
/// # Example
///
/// ```
/// use event_runtime::consume::Record;
///
/// let record = Record::new("m-1", "{}").receives(2);
/// assert_eq!((record.id.as_str(), &*record.body, record.receives), ("m-1", "{}", 2));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Its ID in the queue: the `messageId` of SQS.
    pub id: String,
    /// Its body.
    pub body: Arc<str>,
    /// How often it has been delivered, including this time.
    pub receives: u32,
}

impl Record {
    /// Returns the first delivery of a message, with its ID in the queue and its body.
    pub fn new(id: impl Into<String>, body: impl Into<Arc<str>>) -> Self {
        Self { id: id.into(), body: body.into(), receives: 1 }
    }

    /// Sets how often the message has been delivered, including this time (default: 1).
    #[must_use]
    pub fn receives(self, receives: u32) -> Self {
        Self { receives, ..self }
    }
}

/// The outcome of one message, which decides what to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Its event was handled and is marked as done. Acknowledge it.
    Handled,
    /// Its event was already handled. Acknowledge it.
    Duplicate,
    /// The consumer has no handler for its event and is set to
    /// [`Unhandled::Skip`](super::Unhandled::Skip). Acknowledge it.
    Skipped,
    /// Another worker is handling its event. Deliver it again.
    Busy {
        /// When the other worker's lease ends.
        until: Timestamp,
    },
    /// It failed, and a retry may help. Deliver it again.
    Retry {
        /// Why it failed.
        reason: String,
        /// The minimum delay.
        after: Option<Duration>,
    },
    /// The handler took longer than its lease, and another worker has the event now. Deliver it
    /// again, to get that worker's result.
    LeaseLost,
    /// A retry will not help. Send it to the dead-letter queue and then acknowledge it; if that
    /// fails, deliver it again.
    DeadLetter {
        /// What kind of failure it is.
        kind: DeadLetterKind,
        /// Why it failed.
        reason: String,
    },
}

/// Why a message is a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeadLetterKind {
    /// It fails to decode.
    Poison,
    /// The consumer has no handler for its event.
    Unhandled,
    /// The handler returned a permanent error.
    Permanent,
    /// An event with its ID was handled with another payload: the publisher used the ID twice.
    Mismatch,
    /// A worker claimed it and disappeared, and
    /// [`OnTimeout::Block`](crate::idempotency::OnTimeout::Block) blocks it.
    Blocked,
}

impl DeadLetterKind {
    /// Returns the kind as text, as it is written beside a dead letter.
    ///
    /// # Example
    ///
    /// ```
    /// use event_runtime::consume::DeadLetterKind;
    ///
    /// assert_eq!(DeadLetterKind::Poison.code(), "Poison");
    /// ```
    pub const fn code(self) -> &'static str {
        match self {
            Self::Poison => "Poison",
            Self::Unhandled => "Unhandled",
            Self::Permanent => "Permanent",
            Self::Mismatch => "Mismatch",
            Self::Blocked => "Blocked",
        }
    }
}

impl Outcome {
    /// Whether the message may be acknowledged as it is.
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Handled | Self::Duplicate | Self::Skipped)
    }
}

/// The outcome of each message of a batch, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "messages that are not settled must be given back"]
pub struct BatchReport {
    /// The ID of each record, and its outcome.
    pub outcomes: Vec<(String, Outcome)>,
}

impl BatchReport {
    /// Returns the IDs of the records that must be delivered again or sent to the dead-letter
    /// queue: in a partial batch response, these are the failures, except for dead letters that
    /// were sent.
    pub fn unsettled(&self) -> impl Iterator<Item = (&str, &Outcome)> {
        let outcomes = self.outcomes.iter().map(|(id, outcome)| (id.as_str(), outcome));
        outcomes.filter(|(_, outcome)| !outcome.is_settled())
    }

    /// Counts the outcomes.
    pub fn stats(&self) -> Stats {
        let mut stats = Stats::default();
        self.outcomes.iter().for_each(|(_, outcome)| stats.count(outcome));
        stats
    }
}

/// Counts of outcomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// All messages. It is the sum of the other counts.
    pub received: u64,
    /// Events handled and marked as done.
    pub handled: u64,
    /// Events that were already handled.
    pub duplicates: u64,
    /// Events without a handler that were skipped.
    pub skipped: u64,
    /// Events that another worker was handling.
    pub busy: u64,
    /// Transient failures.
    pub retried: u64,
    /// Handlers that took longer than their lease.
    pub lease_lost: u64,
    /// Dead letters: messages that failed to decode.
    pub poison: u64,
    /// Dead letters: events without a handler.
    pub unhandled: u64,
    /// Dead letters: permanent errors of the handler.
    pub permanent: u64,
    /// Dead letters: IDs that were used twice, with another payload.
    pub mismatched: u64,
    /// Dead letters: events that a lost worker may have handled.
    pub blocked: u64,
}

impl Stats {
    /// Adds one outcome.
    pub fn count(&mut self, outcome: &Outcome) {
        self.received += 1;
        let kind = match outcome {
            Outcome::Handled => &mut self.handled,
            Outcome::Duplicate => &mut self.duplicates,
            Outcome::Skipped => &mut self.skipped,
            Outcome::Busy { .. } => &mut self.busy,
            Outcome::Retry { .. } => &mut self.retried,
            Outcome::LeaseLost => &mut self.lease_lost,
            Outcome::DeadLetter { kind: DeadLetterKind::Poison, .. } => &mut self.poison,
            Outcome::DeadLetter { kind: DeadLetterKind::Unhandled, .. } => &mut self.unhandled,
            Outcome::DeadLetter { kind: DeadLetterKind::Permanent, .. } => &mut self.permanent,
            Outcome::DeadLetter { kind: DeadLetterKind::Mismatch, .. } => &mut self.mismatched,
            Outcome::DeadLetter { kind: DeadLetterKind::Blocked, .. } => &mut self.blocked,
        };
        *kind += 1;
    }

    /// Adds the counts of other messages.
    pub fn add(&mut self, other: &Self) {
        // Destructured, so that a new count cannot be forgotten here.
        let Self {
            received,
            handled,
            duplicates,
            skipped,
            busy,
            retried,
            lease_lost,
            poison,
            unhandled,
            permanent,
            mismatched,
            blocked,
        } = other;
        self.received += received;
        self.handled += handled;
        self.duplicates += duplicates;
        self.skipped += skipped;
        self.busy += busy;
        self.retried += retried;
        self.lease_lost += lease_lost;
        self.poison += poison;
        self.unhandled += unhandled;
        self.permanent += permanent;
        self.mismatched += mismatched;
        self.blocked += blocked;
    }

    /// Returns the number of dead letters of all kinds.
    pub fn dead_lettered(&self) -> u64 {
        self.poison + self.unhandled + self.permanent + self.mismatched + self.blocked
    }
}
