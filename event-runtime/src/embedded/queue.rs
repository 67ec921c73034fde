//! The queue of one consumer: at least once, with a dead-letter queue.

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

/// How a queue delivers.
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
    /// How long a delivered message is hidden from other receivers. One that was neither
    /// acknowledged nor given back by then comes again.
    pub visibility: Duration,
    /// How long a message is kept. One that nobody dealt with by then is gone, without a word, as in
    /// SQS: [`Queue::expired`] counts them.
    pub retention: Duration,
    /// How long the dead-letter queue keeps what is in it. The age of a message goes on counting there,
    /// but in a FIFO queue, where it begins anew.
    pub dead_letter_retention: Duration,
    /// How long a message that failed waits, and how often one is delivered in all before it goes to
    /// the dead-letter queue.
    pub backoff: Backoff,
    /// Whether a message waits for all before it to be settled: a FIFO queue with one group.
    pub fifo: bool,
}

impl QueueSettings {
    /// As declared, with the dead-letter queue of its redrive policy. How long a message waits that
    /// failed is the consumer's, and as by default.
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
    /// 30 seconds and 4 days, as with SQS, and five deliveries; dead letters are kept for 14 days.
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
    /// For settling this delivery.
    pub receipt: Receipt,
    /// The text of the message.
    pub body: Arc<str>,
    /// How often the message has been delivered, this time included.
    pub receives: u32,
}

/// Names one delivery of one message. It is void once the message was delivered again or settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Receipt {
    message: u64,
    delivery: u64,
}

/// A message that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The text of the message.
    pub body: Arc<str>,
    /// Why it is here.
    pub reason: String,
    /// How often it had been delivered.
    pub receives: u32,
}

/// The queue of one consumer. Cheap to clone; clones are the same queue.
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

    /// The name of the consumer whose queue it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the queue delivers.
    pub fn settings(&self) -> QueueSettings {
        self.settings
    }

    /// Puts any text into the queue, as someone may who sends to it past the bus: poison, for a
    /// test.
    pub fn inject_raw(&self, body: impl Into<Arc<str>>) {
        self.arrive(body.into());
    }

    /// Puts a second copy of each message into the queue, as at-least-once delivery may. Returns how
    /// many.
    pub fn inject_duplicates(&self) -> usize {
        let mut state = self.lock();
        let bodies: Vec<_> = state.messages.values().map(|message| message.body.clone()).collect();
        let copies = bodies.len();
        for body in bodies {
            state.arrive(body);
        }
        drop(state);
        self.changed.notify_waiters();
        copies
    }

    /// The next messages that are visible, at most `max`, and hides them for a while.
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
                }
            })
            .collect()
    }

    /// The message was dealt with. `false` if the receipt is void: the message may come again.
    pub fn ack(&self, receipt: Receipt) -> bool {
        self.settle(receipt, |_| Fate::Gone)
    }

    /// The message failed and comes again, after the back-off or `after`, whichever is longer. At
    /// the last delivery it goes to the dead-letter queue instead, with the reason. `false` if the
    /// receipt is void.
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

    /// The message could not be taken on just now, which is no failure of it: it comes again after
    /// `after`, and this delivery is not counted. `false` if the receipt is void.
    pub fn defer(&self, receipt: Receipt, after: Duration) -> bool {
        self.settle(receipt, |message| {
            message.receives = message.receives.saturating_sub(1);
            message.hide_for(after);
            Fate::Waits
        })
    }

    /// The message goes to the dead-letter queue. `false` if the receipt is void.
    pub fn dead_letter(&self, receipt: Receipt, reason: &str) -> bool {
        self.settle(receipt, |message| {
            message.last_failure = Some(reason.to_owned());
            Fate::Dead
        })
    }

    /// What is in the dead-letter queue, in the order in which it came there.
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.lock().dead.iter().map(|dead| dead.letter.clone()).collect()
    }

    /// Puts what is in the dead-letter queue back into the queue, as if never delivered. Returns how
    /// many.
    pub fn redrive(&self) -> usize {
        let mut state = self.lock();
        let dead = std::mem::take(&mut state.dead);
        let count = dead.len();
        for dead in dead {
            state.arrive(dead.letter.body);
        }
        drop(state);
        self.changed.notify_waiters();
        count
    }

    /// How many messages are waiting, delayed or with a receiver. Dead letters are not counted.
    pub fn len(&self) -> usize {
        self.lock().messages.len()
    }

    /// Whether every message was dealt with.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many messages and dead letters are gone because nobody dealt with them in time.
    pub fn expired(&self) -> u64 {
        self.lock().expired
    }

    /// Waits for messages and receives them, at most `max`. Safe to drop while it waits.
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

    /// As [`Queue::next`], but returns nothing once the queue is empty: no message is waiting,
    /// delayed or with another receiver.
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

    /// Taken before looking at the queue, so that no change between looking and waiting is missed.
    fn changed(&self) -> Pin<Box<Notified<'_>>> {
        let mut changed = Box::pin(self.changed.notified());
        changed.as_mut().enable();
        changed
    }

    /// Until something changed or the next message is visible.
    async fn wait(&self, changed: Pin<Box<Notified<'_>>>) {
        let next = {
            let state = self.lock();
            let retention = self.settings.retention;
            let mut times = state.messages.values().map(|message| {
                // An end that comes first is looked at too: a queue may be empty by it.
                message.visible_at.min(later(message.sent_at, retention))
            });
            // Of a FIFO queue the first message is next, also while later ones are visible.
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

    pub(super) fn arrive(&self, body: Arc<str>) {
        self.lock().arrive(body);
        self.changed.notify_waiters();
    }

    /// Whoever looks at the queue sees it without what is over.
    fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.expire(Instant::now(), self.settings.retention);
        state
    }
}
