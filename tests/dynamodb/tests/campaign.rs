//! Faults with a fixed seed, on every store: duplicates × reordering × crashes between any two steps
//! × frozen workers × refused and unanswered calls × clocks that disagree. A ledger of effects is the
//! judge: no event lost, no effect twice.
//!
//! - Where the effect is committed with its mark (`complete_with`): **exactly once**, always.
//! - Where it is not, and lost workers block (`OnTimeout::Block`): never twice; what was not seen to
//!   its end is blocked, which is told.
//! - Where it is not, and lost workers are retried: at least once, and never a second time but where
//!   a worker was lost between the effect and its mark.
//!
//! `EVENT_CAMPAIGN=1000000` says how many events; small if not said.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that meets an error has failed and should say where; a campaign says what it met"
)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use event_runtime::aws::dynamodb::{DynamoDbStore, create_claims};
use event_runtime::embedded::Database;
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, Lease, MemoryStore, OnTimeout, RedbStore, Settled,
    Terms, TransactionalStore,
};
use event_runtime::name::ConsumerName;
use event_runtime::store::{BoxFuture, StoreError};
use event_runtime::{EventId, Timestamp};
use event_tests_dynamodb::{Dynamo, Fault};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use redb::ReadableTable;

const SEED: u64 = 0x5EED_0001;
/// Events in flight together.
const BLOCK: usize = 100;
const WORKERS: usize = 4;
const LEASE_MS: u64 = 10_000;
/// How far the clock of a worker is off, either way.
const SKEW_MS: i64 = 4_000;
/// After so long without an acknowledgement a delivery comes again.
const VISIBILITY_MS: i64 = 8_000;

fn events(few: usize) -> usize {
    let said = std::env::var("EVENT_CAMPAIGN").ok().and_then(|text| text.parse().ok());
    said.unwrap_or(few)
}

/// How an effect is applied.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    WithItsMark,
    Apart(OnTimeout),
}

/// A store, and a ledger that effects with a mark are entered in.
trait Court {
    type Store: TransactionalStore;
    fn store(&self) -> &Self::Store;
    fn effect(&self, key: &Key) -> <Self::Store as TransactionalStore>::Effect;
    /// How often the effect of this key was entered.
    async fn entered(&self, key: &Key) -> u64;
}

type Entries = Arc<Mutex<BTreeMap<String, u64>>>;

struct InMemory(MemoryStore, Entries);

impl Court for InMemory {
    type Store = MemoryStore;
    fn store(&self) -> &MemoryStore {
        &self.0
    }
    fn effect(&self, key: &Key) -> Box<dyn FnOnce() + Send> {
        let (entries, key) = (Arc::clone(&self.1), key.to_string());
        Box::new(move || *entries.lock().unwrap().entry(key).or_default() += 1)
    }
    async fn entered(&self, key: &Key) -> u64 {
        self.1.lock().unwrap().get(key.as_str()).copied().unwrap_or_default()
    }
}

const LEDGER: redb::TableDefinition<'_, &str, u64> = redb::TableDefinition::new("ledger");

/// The ledger is a table of the same file, written in the transaction of the mark.
struct InRedb(RedbStore);

impl Court for InRedb {
    type Store = RedbStore;
    fn store(&self) -> &RedbStore {
        &self.0
    }
    fn effect(&self, key: &Key) -> <RedbStore as TransactionalStore>::Effect {
        let key = key.to_string();
        Box::new(move |transaction| {
            let mut ledger = transaction.open_table(LEDGER)?;
            let before = ledger.get(key.as_str())?.map(|times| times.value()).unwrap_or_default();
            ledger.insert(key.as_str(), before + 1)?;
            Ok(())
        })
    }
    /// Read in a transaction of another key's: there is no other way in.
    async fn entered(&self, key: &Key) -> u64 {
        let reader = Key::new(&ConsumerName::new("reader").unwrap(), EventId::generate());
        let (now, terms) = (Timestamp::now(), Terms::default());
        let claim = self.0.claim(&Attempt::new(reader), now, &terms).await.unwrap();
        let Claim::Granted(lease) = claim else { panic!("a new key is free") };
        let times = Arc::new(Mutex::new(0));
        let (found, key) = (Arc::clone(&times), key.to_string());
        let read = Box::new(move |transaction: &redb::WriteTransaction| {
            let ledger = transaction.open_table(LEDGER)?;
            let stored = ledger.get(key.as_str())?.map(|times| times.value());
            *found.lock().unwrap() = stored.unwrap_or_default();
            Ok(())
        });
        let settled = self.0.complete_with(&lease, now, &terms, None, read).await.unwrap();
        assert_eq!(settled, Settled::Done);
        *times.lock().unwrap()
    }
}

/// The ledger is another table; each effect adds one to its key's item.
struct InDynamo {
    dynamo: Dynamo,
    store: DynamoDbStore,
    ledger: String,
}

impl Court for InDynamo {
    type Store = DynamoDbStore;
    fn store(&self) -> &DynamoDbStore {
        &self.store
    }
    fn effect(&self, key: &Key) -> Vec<TransactWriteItem> {
        let update = Update::builder()
            .table_name(&self.ledger)
            .key("id", AttributeValue::S(key.to_string()))
            .update_expression("ADD times :one")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .build()
            .unwrap();
        vec![TransactWriteItem::builder().update(update).build()]
    }
    async fn entered(&self, key: &Key) -> u64 {
        self.dynamo.heal();
        let request = self.dynamo.client.get_item().table_name(&self.ledger);
        let id = AttributeValue::S(key.to_string());
        let item = request.key("id", id).send().await.unwrap().item;
        let times = item.and_then(|item| item["times"].as_n().ok()?.parse().ok());
        times.unwrap_or_default()
    }
}

/// A call to the store, which may be refused before it does anything, or go unanswered after it did.
async fn call<'a, T>(
    rng: &mut StdRng,
    made: impl FnOnce() -> BoxFuture<'a, Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match rng.random_range(0..100) {
        0..5 => Err(StoreError::new("refused")),
        5..10 => made().await.and_then(|_| Err(StoreError::new("unanswered"))),
        _ => made().await,
    }
}

/// Where a worker is with a delivery.
enum Stage {
    Claiming,
    Granted(Lease),
    Applied(Lease),
    Acknowledging,
}

struct Worker {
    skew_ms: i64,
    /// The delivery, and when it becomes visible to others.
    at: Option<(usize, i64, Stage)>,
    /// Frozen until then.
    frozen_until: i64,
}

/// What is known of an event beside the ledger.
#[derive(Default, Clone)]
struct Known {
    effects: u64,
    /// Effects whose worker did not get to know that they were marked.
    unmarked: u64,
    marked: u64,
    acknowledged: bool,
    blocked: bool,
}

#[derive(Debug, Default)]
struct Tally {
    crashes: u64,
    freezes: u64,
    failed_calls: u64,
    lost_leases: u64,
    takeovers_refused: u64,
    duplicates: u64,
    blocked: u64,
    twice: u64,
}

/// Runs a block of events to the end and judges it.
async fn block<C: Court>(
    court: &C,
    mode: Mode,
    rng: &mut StdRng,
    now_ms: &mut i64,
    tally: &mut Tally,
) {
    let terms = Terms {
        lease: Duration::from_millis(LEASE_MS),
        keep: Duration::from_hours(24),
        on_timeout: match mode {
            Mode::WithItsMark => OnTimeout::Retry,
            Mode::Apart(on_timeout) => on_timeout,
        },
    };
    let consumer = ConsumerName::new("c").unwrap();
    let keys: Vec<_> =
        (0..BLOCK).map(|_| Key::new(&consumer, EventId::from(ulid::Ulid(rng.random())))).collect();
    let mut known = vec![Known::default(); BLOCK];
    // One to three copies of each, in any order. (Taken at random: that is the reordering.)
    let mut queue: Vec<(usize, i64)> = Vec::new();
    for event in 0..BLOCK {
        for _ in 0..rng.random_range(1..=3) {
            queue.push((event, *now_ms));
        }
    }
    let mut workers: Vec<_> = (0..WORKERS)
        .map(|_| Worker {
            skew_ms: rng.random_range(-SKEW_MS..=SKEW_MS),
            at: None,
            frozen_until: 0,
        })
        .collect();
    let mut turns = 0;
    while !queue.is_empty() || workers.iter().any(|worker| worker.at.is_some()) {
        turns += 1;
        assert!(turns < 100_000, "no end: {} in the queue", queue.len());
        *now_ms += rng.random_range(0..200);
        let worker = &mut workers[rng.random_range(0..WORKERS)];
        if worker.frozen_until > *now_ms {
            // Nobody else has anything to do: time goes by.
            *now_ms += 50;
            continue;
        }
        let Some((event, visible_at, stage)) = worker.at.take() else {
            let ready: Vec<_> = (0..queue.len()).filter(|&n| queue[n].1 <= *now_ms).collect();
            if ready.is_empty() {
                *now_ms += 500;
            } else {
                let (event, _) = queue.swap_remove(ready[rng.random_range(0..ready.len())]);
                worker.at = Some((event, *now_ms + VISIBILITY_MS, Stage::Claiming));
            }
            continue;
        };
        // Crashed: what it knew is gone, and the delivery comes again.
        if rng.random_bool(0.04) {
            tally.crashes += 1;
            if matches!(stage, Stage::Applied(_)) {
                known[event].unmarked += 1;
            }
            queue.push((event, visible_at.max(*now_ms)));
            continue;
        }
        // Frozen, for longer than its lease: others go on, and then it wakes and goes on too. The
        // delivery is given to another meanwhile.
        let working = matches!(stage, Stage::Granted(_) | Stage::Applied(_));
        if rng.random_bool(if working { 0.08 } else { 0.02 }) {
            tally.freezes += 1;
            worker.frozen_until = *now_ms + rng.random_range(5_000..30_000);
            queue.push((event, visible_at));
            worker.at = Some((event, visible_at, stage));
            continue;
        }
        let now = Timestamp::from_millisecond(*now_ms + worker.skew_ms).unwrap();
        let later = (event, *now_ms + rng.random_range(500..4_000));
        let key = &keys[event];
        let (store, attempt) = (court.store(), Attempt::new(key.clone()));
        worker.at = match stage {
            Stage::Claiming => match call(rng, || store.claim(&attempt, now, &terms)).await {
                Ok(Claim::Granted(lease)) => Some((event, visible_at, Stage::Granted(lease))),
                Ok(Claim::Completed(_)) => {
                    tally.duplicates += 1;
                    Some((event, visible_at, Stage::Acknowledging))
                }
                Ok(Claim::InProgress { .. }) => {
                    tally.takeovers_refused += 1;
                    queue.push(later);
                    None
                }
                Ok(Claim::Blocked { .. }) => {
                    known[event].blocked = true;
                    tally.blocked += 1;
                    None // to the dead-letter queue, for someone to look at
                }
                Ok(Claim::Mismatch { .. }) => panic!("there is one payload"),
                Err(_) => {
                    tally.failed_calls += 1;
                    queue.push(later);
                    None
                }
            },
            Stage::Granted(lease) if mode == Mode::WithItsMark => {
                let effect = court.effect(key);
                let settled =
                    call(rng, || store.complete_with(&lease, now, &terms, None, effect)).await;
                match settled {
                    Ok(Settled::Done) => Some((event, visible_at, Stage::Acknowledging)),
                    Ok(Settled::LeaseLost) => {
                        tally.lost_leases += 1;
                        queue.push(later);
                        None
                    }
                    Err(_) => {
                        tally.failed_calls += 1;
                        queue.push(later);
                        None
                    }
                }
            }
            Stage::Granted(lease) => {
                if rng.random_bool(0.05) {
                    // The handler failed before it did anything.
                    if call(rng, || store.release(&lease)).await.is_err() {
                        tally.failed_calls += 1;
                    }
                    queue.push(later);
                    None
                } else {
                    known[event].effects += 1;
                    Some((event, visible_at, Stage::Applied(lease)))
                }
            }
            Stage::Applied(lease) => {
                match call(rng, || store.complete(&lease, now, &terms, None)).await {
                    Ok(Settled::Done) => {
                        known[event].marked += 1;
                        Some((event, visible_at, Stage::Acknowledging))
                    }
                    Ok(Settled::LeaseLost) => {
                        tally.lost_leases += 1;
                        known[event].unmarked += 1;
                        queue.push(later);
                        None
                    }
                    Err(_) => {
                        tally.failed_calls += 1;
                        known[event].unmarked += 1;
                        queue.push(later);
                        None
                    }
                }
            }
            Stage::Acknowledging => {
                known[event].acknowledged = true;
                None
            }
        };
    }
    for (key, known) in keys.iter().zip(&known) {
        judge(court, mode, key, known, tally).await;
    }
}

async fn judge<C: Court>(court: &C, mode: Mode, key: &Key, known: &Known, tally: &mut Tally) {
    match mode {
        Mode::WithItsMark => {
            assert_eq!(court.entered(key).await, 1, "{key}");
            assert!(known.acknowledged, "{key} was never acknowledged");
        }
        Mode::Apart(OnTimeout::Block) => {
            assert!(known.effects <= 1, "{key}: {} effects", known.effects);
            assert!(known.effects == 1 || known.blocked, "{key} is lost");
            assert!(known.acknowledged || known.blocked, "{key}: nobody was told");
        }
        Mode::Apart(OnTimeout::Retry) => {
            assert!(known.effects >= 1 && known.acknowledged, "{key} is lost");
            assert!(known.marked <= 1, "{key}: marked {} times", known.marked);
            let explained = known.marked + known.unmarked;
            assert_eq!(known.effects, explained, "{key}: an effect that nobody accounts for");
            tally.twice += u64::from(known.effects > 1);
        }
    }
}

/// The campaign for each mode.
async fn campaign<C: Court>(name: &str, court: &C, few: usize, mut faults: impl FnMut(u64)) {
    let blocks = events(few).div_ceil(BLOCK);
    let modes = [Mode::WithItsMark, Mode::Apart(OnTimeout::Retry), Mode::Apart(OnTimeout::Block)];
    for (at, mode) in modes.into_iter().enumerate() {
        let mut rng = StdRng::seed_from_u64(SEED + at as u64);
        let (mut now_ms, mut tally) = (1_000_000_000_000, Tally::default());
        for _ in 0..blocks {
            faults(rng.random());
            block(court, mode, &mut rng, &mut now_ms, &mut tally).await;
        }
        println!("{name}, {mode:?}, {} events: {tally:?}", blocks * BLOCK);
        assert!(tally.crashes > 0 && tally.freezes > 0 && tally.duplicates > 0, "too tame");
        if mode == Mode::WithItsMark {
            assert!(tally.lost_leases > 0, "no zombie came to settle");
        }
    }
}

#[tokio::test]
async fn nothing_is_lost_and_nothing_done_twice_in_memory() {
    campaign("memory", &InMemory(MemoryStore::new(), Entries::default()), 2_000, |_| {}).await;
}

#[tokio::test]
async fn nothing_is_lost_and_nothing_done_twice_in_a_database_file() {
    let database = Database::in_memory().unwrap();
    let court = InRedb(RedbStore::new(&database));
    campaign("redb", &court, 200, |_| {}).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_and_nothing_done_twice_in_dynamodb() {
    let dynamo = Dynamo::start().await;
    let store = dynamo.claims().await;
    let ledger = dynamo.table("ledger-of-test");
    create_claims(&dynamo.client, &ledger).await.unwrap();
    let court = InDynamo { dynamo, store, ledger };
    campaign("dynamodb", &court, 100, |seed| {
        let mut rng = StdRng::seed_from_u64(seed);
        court.dynamo.faults(move |_| match rng.random_range(0..100) {
            0..8 => Fault::Throttled,
            8..12 => Fault::LostRequest,
            12..18 => Fault::LostAnswer,
            _ => Fault::None,
        });
    })
    .await;
}
