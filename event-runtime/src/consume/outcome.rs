//! Messages in, outcomes out.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

/// One message, as a queue delivered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// By what the queue knows it: the `messageId` of SQS.
    pub id: String,
    /// Its text.
    pub body: Arc<str>,
    /// How often it has been delivered, this time included.
    pub receives: u32,
}

/// What came of one message, and so what is to be done with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Its event was handled and is marked as done. Acknowledge it.
    Handled,
    /// Its event was handled before. Acknowledge it.
    Duplicate,
    /// Nothing here handles its event, and [`Unhandled::Skip`](super::Unhandled::Skip) says so.
    /// Acknowledge it.
    Skipped,
    /// Another worker handles its event now. Not done: deliver it again.
    Busy {
        /// When the other worker's lease ends.
        until: Timestamp,
    },
    /// It failed, and another try may help. Deliver it again.
    Retry {
        /// Why it failed.
        reason: String,
        /// How long to wait at least.
        after: Option<Duration>,
    },
    /// The handler took longer than its lease, and another worker has the event now. Deliver it
    /// again, to learn what came of that.
    LeaseLost,
    /// No try will help. Send it to the dead-letter queue and then acknowledge it; if that fails,
    /// deliver it again.
    DeadLetter {
        /// What kind of failure it is.
        kind: DeadLetterKind,
        /// Why it failed.
        reason: String,
    },
}

/// Why a message is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeadLetterKind {
    /// It does not decode.
    Poison,
    /// Nothing here handles its event.
    Unhandled,
    /// The handler says that no try will help.
    Permanent,
    /// An event of its id was handled, with another payload: its publisher gave the id twice.
    Mismatch,
    /// A worker claimed it and was not heard of again, and
    /// [`OnTimeout::Block`](crate::idempotency::OnTimeout::Block) keeps others from it.
    Blocked,
}

impl DeadLetterKind {
    /// The kind as it stands beside a dead letter, for whoever looks for one kind in a queue.
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

/// What came of each message of a batch, in the order of the batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "messages that are not settled must be given back"]
pub struct BatchReport {
    /// The id of each record, and what came of it.
    pub outcomes: Vec<(String, Outcome)>,
}

impl BatchReport {
    /// The ids of the records that are to be delivered again or sent to the dead-letter queue: in a
    /// partial batch response, the failures, less the dead letters that were sent.
    pub fn unsettled(&self) -> impl Iterator<Item = (&str, &Outcome)> {
        let outcomes = self.outcomes.iter().map(|(id, outcome)| (id.as_str(), outcome));
        outcomes.filter(|(_, outcome)| !outcome.is_settled())
    }

    /// The outcomes, counted.
    pub fn stats(&self) -> Stats {
        let mut stats = Stats::default();
        self.outcomes.iter().for_each(|(_, outcome)| stats.count(outcome));
        stats
    }
}

/// Outcomes, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Messages in all. The other numbers add up to this one.
    pub received: u64,
    /// Events handled and marked as done.
    pub handled: u64,
    /// Events handled before.
    pub duplicates: u64,
    /// Events without a handler that were passed over.
    pub skipped: u64,
    /// Events that another worker had.
    pub busy: u64,
    /// Failures that may pass.
    pub retried: u64,
    /// Handlers that outlived their lease.
    pub lease_lost: u64,
    /// Dead letters: what does not decode.
    pub poison: u64,
    /// Dead letters: events without a handler.
    pub unhandled: u64,
    /// Dead letters: what the handler gave up.
    pub permanent: u64,
    /// Dead letters: ids that were given twice, with another payload.
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

    /// Adds those of other messages.
    pub fn add(&mut self, other: &Self) {
        // Taken apart, so that a new number cannot be forgotten here.
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

    /// Dead letters of all kinds.
    pub fn dead_lettered(&self) -> u64 {
        self.poison + self.unhandled + self.permanent + self.mismatched + self.blocked
    }
}
