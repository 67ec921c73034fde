//! The campaign: real consumers with a store, at a queue, in virtual time.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use event_runtime::consume::{Consumer, DeadLetters, HandlerError, Outcome, Stop, Verdict};
use event_runtime::decode::Incoming;
use event_runtime::idempotency::Key;
use event_runtime::name::ConsumerName;
use event_runtime::{Envelope, Event, EventId, Timestamp};
use rand::RngExt;
use tokio::task::JoinSet;

use super::court::Court;
use super::ledger::Tally;
use super::queue::{Letters, Queue, Received};
use super::witness::Witness;
use super::world::{LATEST, Living, Mode, SKEW_MS, World};

/// Events in flight together.
const BLOCK: usize = 100;
/// After this many blocks their items are removed from the store.
const BLOCKS_OF_A_STORE: usize = 100;
const WORKERS: usize = 4;
/// Messages that a worker receives and handles at once.
const BATCH: usize = 10;
const CONCURRENCY: usize = 3;
/// Longer than anything takes: an event that is not settled by then never will be.
const TOO_LONG: Duration = Duration::from_hours(6);
const CONSUMER: &str = "c";

#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Placed {
    /// Permanently refused by its handler.
    refused: bool,
}

impl Event for Placed {
    const TYPE: &'static str = "order.placed";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const VERSION: &'static str = "v1";
    const SOURCE: &'static str = "app.shop";
    const DETAIL_TYPE: &'static str = "order.placed:v1";
}

/// The key of the event in a message; `None` if it is not an event.
pub fn key_of(body: &str) -> Option<Key> {
    let incoming = Incoming::read(body.as_bytes()).ok()?;
    Some(Key::new(&ConsumerName::new(CONSUMER).unwrap(), incoming.id()))
}

/// Runs a campaign in one mode, and returns the counts. `court` creates a store and its records.
///
/// # Errors
///
/// All violations.
pub async fn campaign<C: Court>(
    court: impl AsyncFn(u64) -> C,
    mode: Mode,
    seed: u64,
    events: usize,
) -> Result<Tally, Vec<String>> {
    let world = World::new(seed, mode);
    let blocks = events.div_ceil(BLOCK);
    let mut begun = 0;
    while begun < blocks {
        let court = Arc::new(court(world.draw(RngExt::random)).await);
        let until = (begun + BLOCKS_OF_A_STORE).min(blocks);
        while begun < until {
            block(&court, mode, &world).await;
            begun += 1;
            if world.ledger.is_guilty() {
                return world.ledger.verdict();
            }
        }
    }
    world.ledger.verdict()
}

/// Runs a block of events to the end, and judges it.
async fn block<C: Court>(court: &Arc<C>, mode: Mode, world: &World) {
    let queue = Queue::default();
    let keys: Vec<Key> = (0..BLOCK).map(|_| send(&queue, world)).collect();
    queue.send(None, &Arc::from(r#"{"version":"0","id":"a naive reader's"}"#));
    let lives = Arc::new(AtomicU64::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let (court, world, queue) = (Arc::clone(court), world.clone(), queue.clone());
        let lives = Arc::clone(&lives);
        workers.spawn(async move { supervise(&court, mode, &world, &queue, &lives).await });
    }
    let ended = tokio::time::timeout(TOO_LONG, async {
        while let Some(worker) = workers.join_next().await {
            worker.unwrap();
        }
    });
    if ended.await.is_err() {
        world.ledger.fault(format!("no end: {} messages are left", queue.len()));
    }
    // Running calls still arrive, and must change nothing.
    tokio::time::sleep(LATEST).await;
    let entered = match mode {
        Mode::WithItsMark => court.entered(&keys).await,
        _ => HashMap::new(),
    };
    world.ledger.judge(&entered);
}

/// One event, in one to three copies.
fn send(queue: &Queue, world: &World) -> Key {
    let id = EventId::from(ulid::Ulid(world.draw(RngExt::random)));
    let refused = world.hits(20);
    let envelope = Envelope::of(id, Timestamp::UNIX_EPOCH, Placed { refused });
    let body = Arc::from(serde_json::to_string(&envelope).unwrap());
    let key = Key::new(&ConsumerName::new(CONSUMER).unwrap(), id);
    world.ledger.open(&key, refused);
    for _ in 0..world.draw(|draw| draw.random_range(1..=3)) {
        queue.send(Some(&key), &body);
    }
    key
}

/// Runs one worker after the other, until the queue is empty.
async fn supervise<C: Court>(
    court: &Arc<C>,
    mode: Mode,
    world: &World,
    queue: &Queue,
    lives: &AtomicU64,
) {
    loop {
        let skew = world.draw(|draw| draw.random_range(-SKEW_MS..=SKEW_MS));
        let life = Living::new(world, lives.fetch_add(1, Ordering::Relaxed), skew);
        let consumer = consumer(court, mode, &life);
        let letters: Arc<dyn DeadLetters> = Arc::new(Letters(Arc::clone(&life)));
        tokio::select! {
            biased;
            // Dropped, with all messages in flight.
            () = life.died.notified() => {}
            () = work(&consumer, &life, queue, &letters) => return,
        }
        tokio::time::sleep(world.millis(100, 2_000)).await;
    }
}

fn consumer<C: Court>(court: &Arc<C>, mode: Mode, life: &Arc<Living>) -> Consumer {
    let store = Witness::new(court.store(), Arc::clone(life));
    let (terms, clock) = (mode.terms(), Arc::clone(life));
    let (at, court, own) = (store.clone(), Arc::clone(court), Arc::clone(life));
    Consumer::builder(CONSUMER, store)
        .on::<Placed, _>(move |event, context| {
            let (store, court, life) = (at.clone(), Arc::clone(&court), Arc::clone(&own));
            async move {
                let world = &life.world;
                let running = Running::new(&life, context.key());
                let worked = async {
                    life.step().await;
                    if event.data.refused {
                        return Err(HandlerError::permanent("refused"));
                    }
                    if world.hits(50) {
                        return Err(HandlerError::transient("not yet"));
                    }
                    if world.hits(30) {
                        // Longer than a lease, which is renewed meanwhile.
                        tokio::time::sleep(world.millis(11_000, 25_000)).await;
                    }
                    if mode == Mode::WithItsMark {
                        let effect = court.effect(context.key());
                        return context.complete_with(&store, effect).await;
                    }
                    life.step().await;
                    world.ledger.applied(context.key(), life.id, world.now());
                    life.step().await;
                    Ok(())
                };
                let worked = worked.await;
                running.returned();
                worked
            }
        })
        .clock(move || clock.clock())
        .lease(terms.lease)
        .keep(terms.keep)
        .on_timeout(terms.on_timeout)
        .concurrency(CONCURRENCY)
        .build()
        .unwrap()
}

/// A running handler. If it is dropped before it returns, the ledger is notified.
struct Running {
    life: Arc<Living>,
    key: Key,
    task: tokio::task::Id,
    returned: bool,
}

impl Running {
    fn new(life: &Arc<Living>, key: &Key) -> Self {
        let (life, key, task) = (Arc::clone(life), key.clone(), tokio::task::id());
        Self { life, key, task, returned: false }
    }

    fn returned(mut self) {
        self.returned = true;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.returned {
            let Living { id, world, .. } = &*self.life;
            world.ledger.cut(&self.key, (*id, self.task), world.now());
        }
    }
}

/// Receives, handles and settles, as a poller does.
async fn work(consumer: &Consumer, life: &Living, queue: &Queue, letters: &Arc<dyn DeadLetters>) {
    let world = &life.world;
    loop {
        life.step().await;
        let batch = queue.receive(BATCH, world);
        if batch.is_empty() {
            if queue.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
            continue;
        }
        let records = batch.iter().map(|received| received.record.clone().into()).collect();
        let mut verdicts: Vec<(usize, Outcome, Verdict)> = Vec::new();
        let told = |at, outcome, verdict| verdicts.push((at, outcome, verdict));
        consumer.deliver(records, &Stop::never(), Some(letters), told).await;
        for (at, _, verdict) in verdicts {
            settle(&batch[at], verdict, life, queue).await;
        }
    }
}

async fn settle(received: &Received, verdict: Verdict, life: &Living, queue: &Queue) {
    life.step().await;
    match verdict {
        Verdict::Acknowledge => {
            // A message that is done but not deleted is delivered again.
            if life.world.hits(50) {
                return;
            }
            if let Some(key) = &received.key {
                life.world.ledger.acknowledged(key);
            }
            queue.delete(received);
        }
        Verdict::Return { after } => {
            let pause = after.unwrap_or_else(|| life.world.millis(500, 4_000));
            queue.hide(received, pause);
        }
    }
}
