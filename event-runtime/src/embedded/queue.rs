//! The queue of one consumer: at least once, with a dead-letter queue.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::topology::plan;

/// How a queue delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueSettings {
    /// How long a delivered message is hidden from other receivers. One that was neither
    /// acknowledged nor given back by then comes again.
    pub visibility: Duration,
    /// How long a message that failed waits, and how often one is delivered in all before it goes to
    /// the dead-letter queue.
    pub backoff: Backoff,
    /// Whether a message waits for all before it to be settled: a FIFO queue with one group.
    pub fifo: bool,
}

impl QueueSettings {
    /// As declared. How long a message waits that failed is the consumer's, and as by default.
    pub(super) fn of(queue: &plan::Queue) -> Self {
        let mut backoff = Backoff::default();
        if let Some(redrive) = &queue.redrive_policy {
            backoff.attempts = redrive.max_receive_count;
        }
        let visibility = Duration::from_secs(queue.visibility_timeout_seconds);
        Self { visibility, backoff, fifo: queue.fifo }
    }
}

impl Default for QueueSettings {
    /// 30 seconds, as with SQS, and five deliveries.
    fn default() -> Self {
        Self { visibility: Duration::from_secs(30), backoff: Backoff::default(), fifo: false }
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

#[derive(Debug, Default)]
struct State {
    /// By the order of arrival.
    messages: BTreeMap<u64, Message>,
    dead: Vec<DeadLetter>,
    arrivals: u64,
    deliveries: u64,
}

#[derive(Debug)]
struct Message {
    body: Arc<str>,
    receives: u32,
    visible_at: Instant,
    /// The delivery that may settle it.
    delivery: Option<u64>,
    last_failure: Option<String>,
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
        state.bury_exhausted(now, self.settings.backoff);
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
        self.lock().dead.clone()
    }

    /// Puts what is in the dead-letter queue back into the queue, as if never delivered. Returns how
    /// many.
    pub fn redrive(&self) -> usize {
        let mut state = self.lock();
        let dead = std::mem::take(&mut state.dead);
        let count = dead.len();
        for letter in dead {
            state.arrive(letter.body);
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
            let mut times = state.messages.values().map(|message| message.visible_at);
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

    fn settle(&self, receipt: Receipt, decide: impl FnOnce(&mut Message) -> Fate) -> bool {
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
            Fate::Dead => state.bury(receipt.message),
        }
        drop(state);
        self.changed.notify_waiters();
        true
    }

    pub(super) fn arrive(&self, body: Arc<str>) {
        self.lock().arrive(body);
        self.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Fate {
    Waits,
    Gone,
    Dead,
}

impl Message {
    fn hide_for(&mut self, wait: Duration) {
        self.visible_at = later(Instant::now(), wait);
    }
}

impl State {
    fn arrive(&mut self, body: Arc<str>) {
        self.arrivals += 1;
        let message = Message {
            body,
            receives: 0,
            visible_at: Instant::now(),
            delivery: None,
            last_failure: None,
        };
        self.messages.insert(self.arrivals, message);
    }

    /// Messages whose last delivery was never settled.
    fn bury_exhausted(&mut self, now: Instant, backoff: Backoff) {
        let exhausted: Vec<u64> = self
            .messages
            .iter()
            .filter(|(_, m)| m.visible_at <= now && m.receives > 0)
            .filter(|(_, m)| backoff.is_exhausted(m.receives))
            .map(|(&id, _)| id)
            .collect();
        for id in exhausted {
            self.bury(id);
        }
    }

    fn bury(&mut self, id: u64) {
        let Some(Message { body, receives, delivery, last_failure, .. }) =
            self.messages.remove(&id)
        else {
            return;
        };
        let failure = match (delivery, last_failure) {
            (Some(_), _) => "the receiver did not settle it in time".to_owned(),
            (None, Some(failure)) => failure,
            (None, None) => "no reason was given".to_owned(),
        };
        self.dead.push(DeadLetter { body, reason: failure, receives });
    }
}

/// A wait that is too long to be told is as good as for ever.
fn later(now: Instant, wait: Duration) -> Instant {
    const YEAR: Duration = Duration::from_hours(365 * 24);
    now + wait.min(YEAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(attempts: u32) -> Queue {
        let backoff = Backoff { base: Duration::ZERO, attempts, ..Backoff::default() };
        let settings = QueueSettings { backoff, ..QueueSettings::default() };
        Queue::new("emailer".into(), settings)
    }

    fn one(queue: &Queue) -> Delivery {
        let mut deliveries = queue.receive(10);
        assert_eq!(deliveries.len(), 1);
        deliveries.remove(0)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_settled_comes_again() {
        let queue = queue(5);
        queue.inject_raw("a");
        let first = one(&queue);
        assert_eq!(queue.receive(10), []);
        tokio::time::advance(Duration::from_secs(30)).await;

        let second = one(&queue);
        assert_eq!((first.receives, second.receives), (1, 2));
        assert!(!queue.ack(first.receipt), "a void receipt settles nothing");
        assert!(queue.ack(second.receipt));
        assert!(!queue.ack(second.receipt));
        assert!(queue.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_delivery_ends_in_the_dead_letter_queue() {
        let queue = queue(2);
        queue.inject_raw("fails");
        assert!(queue.retry(one(&queue).receipt, "first", None));
        assert!(queue.retry(one(&queue).receipt, "second", None));
        queue.inject_raw("is left lying");
        for _ in 0..2 {
            one(&queue);
            tokio::time::advance(Duration::from_secs(30)).await;
        }
        assert_eq!(queue.receive(10), []);

        let dead = queue.dead_letters();
        assert_eq!(dead.len(), 2);
        assert_eq!((dead[0].reason.as_str(), dead[0].receives), ("second", 2));
        assert_eq!(dead[1].reason, "the receiver did not settle it in time");
        assert_eq!(queue.redrive(), 2);
        assert_eq!(queue.receive(10).iter().map(|d| d.receives).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(queue.dead_letters(), []);
    }

    #[tokio::test(start_paused = true)]
    async fn in_a_fifo_queue_each_message_waits_for_the_one_before() {
        let settings = QueueSettings { fifo: true, ..QueueSettings::default() };
        let queue = Queue::new("emailer".into(), settings);
        queue.inject_raw("first");
        queue.inject_raw("second");
        let first = queue.receive(1).remove(0);
        assert_eq!(queue.receive(10), [], "the first is with a receiver");
        assert!(queue.defer(first.receipt, Duration::from_secs(1)));
        assert_eq!(queue.receive(10), [], "the first is delayed");
        tokio::time::advance(Duration::from_secs(1)).await;
        let bodies: Vec<_> = queue.receive(10).iter().map(|d| d.body.to_string()).collect();
        assert_eq!(bodies, ["first", "second"]);
    }

    #[tokio::test(start_paused = true)]
    async fn to_defer_counts_no_delivery() {
        let queue = queue(2);
        queue.inject_raw("a");
        for _ in 0..5 {
            let delivery = queue.next(1).await.remove(0);
            assert_eq!(delivery.receives, 1);
            assert!(queue.defer(delivery.receipt, Duration::from_secs(3)));
            assert_eq!(queue.receive(1), []);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_retry_waits_at_least_as_long_as_asked_for() {
        let queue = queue(5);
        queue.inject_raw("a");
        assert!(queue.retry(one(&queue).receipt, "later", Some(Duration::from_secs(7))));
        let before = Instant::now();
        assert_eq!(queue.next_until_empty(1).await.len(), 1);
        assert!(before.elapsed() >= Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ends_when_another_receiver_has_dealt_with_the_last_message() {
        let queue = queue(5);
        queue.inject_raw("a");
        let delivery = one(&queue);
        let waiting = tokio::spawn({
            let queue = queue.clone();
            async move { queue.next_until_empty(1).await }
        });
        tokio::task::yield_now().await;
        let before = Instant::now();
        assert!(queue.ack(delivery.receipt));
        assert_eq!(waiting.await.unwrap(), []);
        assert!(before.elapsed() < Duration::from_secs(1));
    }
}
