//! How the queue of a consumer is declared.

use std::time::Duration;

use crate::limits::{MAX_QUEUE_RETENTION, QUEUE_RETENTION};

/// The queue of a consumer and its dead-letter queue.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use event_topology::Queue;
///
/// let queue = Queue::standard().visibility(Duration::from_mins(2)).max_receives(3);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Queue {
    pub(crate) name: Option<String>,
    pub(crate) fifo: bool,
    pub(crate) visibility: Duration,
    pub(crate) retention: Duration,
    pub(crate) max_receives: u32,
    pub(crate) dead_letter_retention: Duration,
}

impl Queue {
    /// A standard queue as SQS sets it up: a received message is hidden for 30 seconds, and a message
    /// is kept for 4 days. After five deliveries it is a dead letter, which is kept for 14 days.
    pub fn standard() -> Self {
        Self {
            name: None,
            fifo: false,
            visibility: Duration::from_secs(30),
            retention: QUEUE_RETENTION,
            max_receives: 5,
            dead_letter_retention: MAX_QUEUE_RETENTION,
        }
    }

    /// The same as a FIFO queue: one message group, so that each message waits for the one before.
    pub fn fifo() -> Self {
        Self { fifo: true, ..Self::standard() }
    }

    /// Sets the name of the queue (default: the consumer's, with `-` for each `.`). The
    /// dead-letter queues are named after it, and `.fifo` is added where it belongs.
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }

    /// For how long a received message is hidden, 1 second to 12 hours.
    pub fn visibility(self, visibility: Duration) -> Self {
        Self { visibility, ..self }
    }

    /// For how long a message is kept, 1 minute to 14 days.
    pub fn retention(self, retention: Duration) -> Self {
        Self { retention, ..self }
    }

    /// How often a message is received before it is a dead letter, 1 to 1,000 times.
    pub fn max_receives(self, max_receives: u32) -> Self {
        Self { max_receives, ..self }
    }

    /// For how long the dead-letter queues keep what is in them, up to 14 days. Longer than the
    /// queue itself: the age of a message goes on counting in a standard dead-letter queue.
    pub fn dead_letter_retention(self, dead_letter_retention: Duration) -> Self {
        Self { dead_letter_retention, ..self }
    }

    /// The names of the queue, of its dead-letter queue, and of that of its rule's target, which is
    /// a standard queue in any case: EventBridge takes no other there.
    pub(crate) fn names(&self, consumer: &str) -> Names {
        let suffix = if self.fifo { ".fifo" } else { "" };
        let base = match &self.name {
            Some(name) => name.strip_suffix(suffix).unwrap_or(name).to_owned(),
            None => consumer.replace('.', "-"),
        };
        Names {
            events: format!("{base}{suffix}"),
            failed: format!("{base}-failed{suffix}"),
            undelivered: format!("{base}-undelivered"),
        }
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self::standard()
    }
}

/// The names of the queues of one consumer.
pub(crate) struct Names {
    pub(crate) events: String,
    pub(crate) failed: String,
    pub(crate) undelivered: String,
}
