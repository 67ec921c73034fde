//! A queue that delivers at least once, in any order: messages become visible again, some arrive
//! more than once, some are not deleted when requested.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use event_runtime::consume::{DeadLetter, DeadLetters, Record};
use event_runtime::idempotency::Key;
use event_runtime::store::{BoxFuture, StoreError};
use rand::RngExt;
use tokio::time::Instant;

use super::world::{Call, Living, World};

/// Shorter than a lease: a copy arrives while another worker handles the event.
const VISIBILITY: Duration = Duration::from_secs(8);

/// A message: an event with its key, or no event at all.
#[derive(Debug, Clone)]
pub struct Message {
    pub key: Option<Key>,
    pub body: Arc<str>,
    receives: u32,
    visible_at: Instant,
    /// The delivery that may hide it.
    receipt: u64,
}

/// A message with a receiver.
#[derive(Debug)]
pub struct Received {
    pub key: Option<Key>,
    pub record: Record,
    place: u64,
    receipt: u64,
}

#[derive(Debug, Default)]
struct State {
    messages: Vec<(u64, Message)>,
    arrivals: u64,
    receipts: u64,
}

/// Clones are the same queue.
#[derive(Debug, Clone, Default)]
pub struct Queue(Arc<Mutex<State>>);

impl Queue {
    pub fn send(&self, key: Option<&Key>, body: &Arc<str>) {
        let mut state = self.lock();
        state.arrivals += 1;
        let message = Message {
            key: key.cloned(),
            body: Arc::clone(body),
            receives: 0,
            visible_at: Instant::now(),
            receipt: 0,
        };
        let place = state.arrivals;
        state.messages.push((place, message));
    }

    /// Returns up to this many messages in any order.
    pub fn receive(&self, max: usize, world: &World) -> Vec<Received> {
        let now = Instant::now();
        let mut state = self.lock();
        let State { messages, receipts, .. } = &mut *state;
        let mut visible: Vec<usize> =
            (0..messages.len()).filter(|at| messages[*at].1.visible_at <= now).collect();
        let mut received = Vec::new();
        while received.len() < max && !visible.is_empty() {
            let drawn = world.draw(|draw| draw.random_range(0..visible.len()));
            let (place, message) = &mut messages[visible.swap_remove(drawn)];
            *receipts += 1;
            message.receives += 1;
            message.visible_at = now + VISIBILITY;
            message.receipt = *receipts;
            received.push(Received {
                key: message.key.clone(),
                record: Record::new(place.to_string(), Arc::clone(&message.body))
                    .receives(message.receives),
                place: *place,
                receipt: *receipts,
            });
        }
        received
    }

    /// As with SQS, also by the receipt of an earlier delivery.
    pub fn delete(&self, received: &Received) {
        self.lock().messages.retain(|(place, _)| *place != received.place);
    }

    pub fn hide(&self, received: &Received, span: Duration) {
        let mut state = self.lock();
        let message = state.messages.iter_mut().find(|(place, _)| *place == received.place);
        if let Some((_, message)) = message.filter(|(_, it)| it.receipt == received.receipt) {
            message.visible_at = Instant::now() + span;
        }
    }

    pub fn is_empty(&self) -> bool {
        self.lock().messages.is_empty()
    }

    pub fn len(&self) -> usize {
        self.lock().messages.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The dead-letter queue of one worker.
pub struct Letters(pub Arc<Living>);

impl DeadLetters for Letters {
    fn send<'a>(&'a self, letter: DeadLetter<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let life = &self.0;
            life.step().await;
            let call = life.call();
            if call == Call::Refused {
                return Err(StoreError::new("refused"));
            }
            let key = super::run::key_of(&letter.record.body);
            life.world.ledger.dead_letter(key.as_ref(), letter.kind);
            life.step().await;
            if call == Call::Unanswered { Err(StoreError::new("unanswered")) } else { Ok(()) }
        })
    }
}
