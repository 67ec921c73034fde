//! How a consumer is declared: what it reads, from which queue, and what becomes of failures.

use std::time::Duration;

use crate::Queue;
use crate::limits::{MAX_RULE_ATTEMPTS, MAX_RULE_RETRY};
use crate::plan::Read;

/// The declaration of one consumer, begun by [`new`](Self::new). Nothing of it is checked before
/// [`TopologyBuilder::build`](crate::TopologyBuilder::build), which tells everything at once.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a declaration does nothing before it is part of a topology"]
pub struct Declaration {
    pub(crate) name: String,
    pub(crate) rule: Option<String>,
    pub(crate) reads: Vec<Read>,
    pub(crate) attempts: u32,
    pub(crate) age: Duration,
    pub(crate) queue: Queue,
    pub(crate) concurrency: u32,
    pub(crate) window: Option<Duration>,
    pub(crate) redrives: u32,
}

impl Declaration {
    /// Declares a consumer of these events. Where they are Rust types, `event_runtime`'s `Consumer::of` does it
    /// by those.
    ///
    /// # Example
    ///
    /// ```
    /// use std::time::Duration;
    /// use event_topology::plan::Read;
    /// use event_topology::{Declaration, Queue};
    ///
    /// let emailer = Declaration::new("emailer", [Read::new("order.placed", 1, 0, "app.shop")])
    ///     .retry(185, Duration::from_hours(24))
    ///     .queue(Queue::standard().max_receives(3))
    ///     .idempotency(Duration::from_hours(6 * 24))
    ///     .concurrency(4);
    /// ```
    pub fn new(name: &str, reads: impl IntoIterator<Item = Read>) -> Self {
        let mut reads: Vec<Read> = reads.into_iter().collect();
        reads.sort();
        Self {
            name: name.to_owned(),
            rule: None,
            reads,
            attempts: MAX_RULE_ATTEMPTS,
            age: MAX_RULE_RETRY,
            queue: Queue::standard(),
            concurrency: 1,
            window: None,
            redrives: 0,
        }
    }

    /// The name of the rule. That of the consumer, if not said.
    pub fn rule(self, name: &str) -> Self {
        Self { rule: Some(name.to_owned()), ..self }
    }

    /// How often the rule tries to deliver to the queue again, 0 to 185 times, and how old an event
    /// may get meanwhile, 1 minute to 24 hours. 185 times and 24 hours, if not said. What is not
    /// delivered by then goes to the target's dead-letter queue.
    pub fn retry(self, attempts: u32, age: Duration) -> Self {
        Self { attempts, age, ..self }
    }

    /// The queue. [`Queue::standard`], if not said.
    pub fn queue(self, queue: Queue) -> Self {
        Self { queue, ..self }
    }

    /// For how long an event is remembered as done. If not said, for as long as a copy of it may
    /// come: while the rule retries, while the queue keeps it, and while dead letters wait to be
    /// [`redriven`](Self::redriven). Less than that is an error of the topology.
    pub fn idempotency(self, window: Duration) -> Self {
        Self { window: Some(window), ..self }
    }

    /// How often a dead letter is put back into the queue at most. An event has to be remembered for
    /// so much longer.
    pub fn redriven(self, times: u32) -> Self {
        Self { redrives: times, ..self }
    }

    /// How many messages are handled at once. 1, if not said.
    pub fn concurrency(self, messages: u32) -> Self {
        Self { concurrency: messages, ..self }
    }

    pub(crate) fn rule_name(&self) -> &str {
        self.rule.as_deref().unwrap_or(&self.name)
    }
}
