//! The queue of one consumer, with at-least-once delivery and a dead-letter queue.

mod state;
#[cfg(test)]
mod tests;

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use self::state::{Fate, State, later};
use crate::backoff::Backoff;
use crate::limits::{MAX_QUEUE_RETENTION, QUEUE_RETENTION};
use crate::topology::plan;
use crate::trace::Trace;

/// The settings of a queue.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use event_runtime::embedded::{QueueSettings, Rule};
///
/// let retention = Duration::from_hours(24);
/// let rule = Rule::to("emailer")
///     .source("app.shop")
///     .queue(QueueSettings { retention, ..QueueSettings::default() });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueSettings {
    /// How long a delivered message is hidden from other receivers. If it is neither acknowledged
    /// nor returned by then, it is delivered again.
    pub visibility: Duration,
    /// How long a message is kept. After that it is dropped silently, as in SQS: [`Queue::expired`]
    /// counts these messages.
    pub retention: Duration,
    /// How long the dead-letter queue keeps its messages. The age of a message continues to count
    /// there, except in a FIFO queue, where it starts again.
    pub dead_letter_retention: Duration,
    /// How long a failed message waits, and how often a message is delivered before it goes to the
    /// dead-letter queue.
    pub backoff: Backoff,
    /// Whether a message waits until all messages before it are settled: a FIFO queue with one
    /// group.
    pub fifo: bool,
}

impl QueueSettings {
    /// The settings of a declared queue, with the dead-letter queue of its redrive policy. The
    /// delay of a failed message is a setting of the consumer; here it has the default.
    pub(super) fn of(queue: &plan::Queue, dead_letters: Option<&plan::Queue>) -> Self {
        let mut backoff = Backoff::default();
        if let Some(redrive) = &queue.redrive_policy {
            backoff.attempts = redrive.max_receive_count;
        }
        let kept =
            |queue: &plan::Queue| Duration::from_secs(queue.message_retention_period_seconds);
        Self {
            visibility: Duration::from_secs(queue.visibility_timeout_seconds),
            retention: kept(queue),
            dead_letter_retention: dead_letters.map_or(MAX_QUEUE_RETENTION, kept),
            backoff,
            fifo: queue.fifo,
        }
    }
}

impl Default for QueueSettings {
    /// 30 seconds and 4 days, as in SQS, and five deliveries; dead letters are kept for 14 days.
    fn default() -> Self {
        Self {
            visibility: Duration::from_secs(30),
            retention: QUEUE_RETENTION,
            dead_letter_retention: MAX_QUEUE_RETENTION,
            backoff: Backoff::default(),
            fifo: false,
        }
    }
}

/// One delivery of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The receipt to settle this delivery.
    pub receipt: Receipt,
    /// The body of the message.
    pub body: Arc<str>,
    /// How often the message has been delivered, including this time.
    pub receives: u32,
    /// The trace in which it was published.
    pub trace: Trace,
}

/// Identifies one delivery of one message. It becomes invalid when the message is settled or
/// delivered again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Receipt {
    message: u64,
    delivery: u64,
}

/// A rejected message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The body of the message.
    pub body: Arc<str>,
    /// The reason.
    pub reason: String,
    /// How often it had been delivered.
    pub receives: u32,
}

/// The queue of one consumer. Cheap to clone; clones refer to the same queue.
#[derive(Debug, Clone)]
pub struct Queue {
    name: Arc<str>,
    settings: QueueSettings,
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
}

impl Queue {
    pub(super) fn new(name: Arc<str>, settings: QueueSettings) -> Self {
        Self { name, settings, state: Arc::default(), changed: Arc::default() }
    }

    /// Returns the name of the queue's consumer.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the settings.
    pub fn settings(&self) -> QueueSettings {
        self.settings
    }

    /// Puts any text into the queue, as if it were sent to the queue directly: poison, for a test.
    pub fn inject_raw(&self, body: impl Into<Arc<str>>) {
        self.arrive(body.into(), Trace::default());
    }

    /// Puts a second copy of each message into the queue, as at-least-once delivery may do. Returns
    /// how many.
    pub fn inject_duplicates(&self) -> usize {
        let mut state = self.lock();
        let copy = |message: &state::Message| (message.body.clone(), message.trace.clone());
        let bodies: Vec<_> = state.messages.values().map(copy).collect();
        let copies = bodies.len();
        for (body, trace) in bodies {
            state.arrive(body, trace);
        }
        drop(state);
        self.changed.notify_waiters();
        copies
    }

    /// Receives the next visible messages, at most `max`, and hides them.
    pub fn receive(&self, max: usize) -> Vec<Delivery> {
        let now = Instant::now();
        let fifo = self.settings.fifo;
        let mut state = self.lock();
        state.bury_exhausted(now, &self.settings);
        let State { messages, deliveries, .. } = &mut *state;
        messages
            .iter_mut()
            .take_while(|(_, message)| !fifo || message.visible_at <= now)
            .filter(|(_, message)| message.visible_at <= now)
            .take(max)
            .map(|(&id, message)| {
                *deliveries += 1;
                message.receives += 1;
                message.visible_at = later(now, self.settings.visibility);
                message.delivery = Some(*deliveries);
                Delivery {
                    receipt: Receipt { message: id, delivery: *deliveries },
                    body: message.body.clone(),
                    receives: message.receives,
                    trace: message.trace.clone(),
                }
            })
            .collect()
    }

    /// Deletes the message. Returns `false` if the receipt is invalid: the message may be delivered
    /// again.
    pub fn ack(&self, receipt: Receipt) -> bool {
        self.settle(receipt, |_| Fate::Gone)
    }

    /// Returns the message to the queue, to be delivered again after the back-off or `after`,
    /// whichever is longer. At its last delivery it goes to the dead-letter queue instead, with the
    /// reason. Returns `false` if the receipt is invalid.
    pub fn retry(&self, receipt: Receipt, reason: &str, after: Option<Duration>) -> bool {
        let backoff = self.settings.backoff;
        self.settle(receipt, |message| {
            message.last_failure = Some(reason.to_owned());
            if backoff.is_exhausted(message.receives) {
                return Fate::Dead;
            }
            message.hide_for(backoff.delay(message.receives).max(after.unwrap_or_default()));
            Fate::Waits
        })
    }

    /// Returns the message to the queue without counting this delivery, to be delivered again after
    /// `after`: it could not be handled yet, which is not a failure. Returns `false` if the receipt
    /// is invalid.
    pub fn defer(&self, receipt: Receipt, after: Duration) -> bool {
        self.settle(receipt, |message| {
            message.receives = message.receives.saturating_sub(1);
            message.hide_for(after);
            Fate::Waits
        })
    }

    /// Moves the message to the dead-letter queue. Returns `false` if the receipt is invalid.
    pub fn dead_letter(&self, receipt: Receipt, reason: &str) -> bool {
        self.settle(receipt, |message| {
            message.last_failure = Some(reason.to_owned());
            Fate::Dead
        })
    }

    /// Returns the dead letters, in the order of their arrival.
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.lock().dead.iter().map(|dead| dead.letter.clone()).collect()
    }

    /// Moves the dead letters back to the queue, as if they had never been delivered. Returns how
    /// many.
    pub fn redrive(&self) -> usize {
        let mut state = self.lock();
        let dead = std::mem::take(&mut state.dead);
        let count = dead.len();
        for dead in dead {
            state.arrive(dead.letter.body, dead.trace);
        }
        drop(state);
        self.changed.notify_waiters();
        count
    }

    /// Returns how many messages are waiting, delayed or in flight. Dead letters are not counted.
    pub fn len(&self) -> usize {
        self.lock().messages.len()
    }

    /// Whether all messages are settled.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many messages and dead letters were dropped at the end of their retention.
    pub fn expired(&self) -> u64 {
        self.lock().expired
    }

    /// Waits for messages and receives them, at most `max`. Cancel safe.
    pub async fn next(&self, max: usize) -> Vec<Delivery> {
        loop {
            let changed = self.changed();
            let deliveries = self.receive(max);
            if !deliveries.is_empty() {
                return deliveries;
            }
            self.wait(changed).await;
        }
    }

    /// Like [`Queue::next`], but returns nothing once the queue is empty: no message is waiting,
    /// delayed or in flight.
    pub async fn next_until_empty(&self, max: usize) -> Vec<Delivery> {
        loop {
            let changed = self.changed();
            let deliveries = self.receive(max);
            if !deliveries.is_empty() || self.is_empty() {
                return deliveries;
            }
            self.wait(changed).await;
        }
    }

    /// Created before looking at the queue, so that no change in between is missed.
    fn changed(&self) -> Pin<Box<Notified<'_>>> {
        let mut changed = Box::pin(self.changed.notified());
        changed.as_mut().enable();
        changed
    }

    /// Waits until something changes or the next message is visible.
    async fn wait(&self, changed: Pin<Box<Notified<'_>>>) {
        let next = {
            let state = self.lock();
            let retention = self.settings.retention;
            let mut times = state.messages.values().map(|message| {
                // The end of a retention counts too: it may empty the queue.
                message.visible_at.min(later(message.sent_at, retention))
            });
            // In a FIFO queue the first message is next, even if later ones are visible.
            if self.settings.fifo { times.next() } else { times.min() }
        };
        match next {
            None => changed.await,
            Some(visible_at) => tokio::select! {
                () = changed => {}
                () = tokio::time::sleep_until(visible_at) => {}
            },
        }
    }

    fn settle(&self, receipt: Receipt, decide: impl FnOnce(&mut state::Message) -> Fate) -> bool {
        let mut state = self.lock();
        let message = state.messages.get_mut(&receipt.message);
        let Some(message) = message.filter(|m| m.delivery == Some(receipt.delivery)) else {
            return false;
        };
        message.delivery = None;
        match decide(message) {
            Fate::Waits => {}
            Fate::Gone => {
                state.messages.remove(&receipt.message);
            }
            Fate::Dead => state.bury(receipt.message, &self.settings),
        }
        drop(state);
        self.changed.notify_waiters();
        true
    }

    pub(super) fn arrive(&self, body: Arc<str>, trace: Trace) {
        self.lock().arrive(body, trace);
        self.changed.notify_waiters();
    }

    /// Locks the state, after removing expired messages.
    fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.expire(Instant::now(), self.settings.retention);
        state
    }
}
