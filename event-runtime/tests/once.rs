//! Results, transactional effects, IDs that were used twice, and events that a lost worker may have
//! handled.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]
#![cfg(feature = "embedded")]

mod common;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{PublishedV1, v1};
use event_runtime::consume::{Consumer, DeadLetterKind, HandlerError, Outcome, Record};
use event_runtime::embedded::Database;
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, LocalCache, MemoryStore, OnTimeout, RedbStore, Terms,
    TransactionalStore,
};
use event_runtime::{Envelope, EventId, Timestamp};

fn record(id: EventId, event: &PublishedV1) -> Record {
    let envelope = Envelope {
        id,
        source: "app.solar".to_owned(),
        event_type: "proposal.published".to_owned(),
        version: "v1".parse().unwrap(),
        occurred_at: Timestamp::UNIX_EPOCH,
        data: event,
    };
    Record::new("m", serde_json::to_string(&envelope).unwrap())
}

async fn outcome(consumer: &Consumer, record: Record) -> Outcome {
    consumer.handle_batch(vec![record]).await.outcomes.remove(0).1
}

#[tokio::test]
async fn part_returns_same_result_on_redelivery() {
    let charged = Arc::new(AtomicU32::new(0));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (count, numbers) = (charged.clone(), seen.clone());
    let consumer = Consumer::builder("payer", MemoryStore::new())
        .on::<PublishedV1, _>(move |_, context| {
            let (count, numbers) = (count.clone(), numbers.clone());
            async move {
                let number: u32 = context
                    .once_with("charge", || async {
                        Ok(40 + count.fetch_add(1, Ordering::Relaxed))
                    })
                    .await?;
                let mut numbers = numbers.lock().unwrap();
                numbers.push(number);
                if numbers.len() == 1 {
                    return Err(HandlerError::transient("the mail server is away"));
                }
                Ok(())
            }
        })
        .build()
        .unwrap();
    let record = record(EventId::generate(), &v1("P"));
    assert!(matches!(outcome(&consumer, record.clone()).await, Outcome::Retry { .. }));
    assert_eq!(outcome(&consumer, record).await, Outcome::Handled);
    assert_eq!(*seen.lock().unwrap(), [40, 40]);
    assert_eq!(charged.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn id_used_twice_is_dead_letter_and_not_duplicate() {
    let consumer = Consumer::builder("emailer", MemoryStore::new())
        .on::<PublishedV1, _>(|_, _| async { Ok(()) })
        .build()
        .unwrap();
    let id = EventId::generate();
    assert_eq!(outcome(&consumer, record(id, &v1("P"))).await, Outcome::Handled);
    assert_eq!(outcome(&consumer, record(id, &v1("P"))).await, Outcome::Duplicate);
    let Outcome::DeadLetter { kind, reason } = outcome(&consumer, record(id, &v1("Q"))).await
    else {
        panic!("the payload is another");
    };
    assert_eq!(kind, DeadLetterKind::Mismatch);
    assert!(reason.starts_with(&format!("another payload was handled under `emailer#{id}`")));
    let stats = consumer.stats();
    assert_eq!((stats.handled, stats.duplicates, stats.mismatched), (1, 1, 1));
    assert_eq!(stats.dead_lettered(), 1);
}

#[tokio::test]
async fn event_of_lost_worker_is_dead_letter_until_forgotten() {
    let store = MemoryStore::new();
    let terms = Terms { on_timeout: OnTimeout::Block, ..Terms::default() };
    let handled = Arc::new(AtomicU32::new(0));
    let count = handled.clone();
    let consumer = Consumer::builder("payer", store.clone())
        .on_timeout(OnTimeout::Block)
        .on::<PublishedV1, _>(move |_, _| {
            count.fetch_add(1, Ordering::Relaxed);
            async { Ok(()) }
        })
        .build()
        .unwrap();
    let id = EventId::generate();
    let key = Key::new(consumer.name(), id);
    let before = Timestamp::now() - Duration::from_mins(5);
    let lost = store.claim(&Attempt::new(key.clone()), before, &terms).await.unwrap();
    assert!(matches!(lost, Claim::Granted(_)));

    let Outcome::DeadLetter { kind, reason } = outcome(&consumer, record(id, &v1("P"))).await
    else {
        panic!("nobody knows whether it was handled");
    };
    assert_eq!(kind, DeadLetterKind::Blocked);
    assert!(reason.contains("may have handled the event: check, `forget` the key"), "{reason}");
    assert_eq!(handled.load(Ordering::Relaxed), 0);

    store.forget(&key).await.unwrap();
    assert_eq!(outcome(&consumer, record(id, &v1("P"))).await, Outcome::Handled);
}

/// A handler whose effect is committed with the mark, and which then fails at first.
async fn commits_once<S>(store: S, effect: impl Fn() -> S::Effect + Send + Sync + 'static)
where
    S: TransactionalStore + Clone + 'static,
{
    let (claims, effect) = (store.clone(), Arc::new(effect));
    let consumer = Consumer::builder("booker", store)
        .on::<PublishedV1, _>(move |_, context| {
            let (claims, effect) = (claims.clone(), effect());
            async move {
                context.complete_with(&claims, effect).await?;
                Err(HandlerError::transient("too late to fail"))
            }
        })
        .build()
        .unwrap();
    let record = record(EventId::generate(), &v1("P"));
    assert_eq!(outcome(&consumer, record.clone()).await, Outcome::Handled);
    assert_eq!(outcome(&consumer, record).await, Outcome::Duplicate);
}

#[tokio::test]
async fn effect_committed_with_its_mark_takes_place_once() {
    let applied = Arc::new(AtomicU32::new(0));
    let count = applied.clone();
    commits_once(LocalCache::new(MemoryStore::new(), 10), move || {
        let count = count.clone();
        Box::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        })
    })
    .await;
    assert_eq!(applied.load(Ordering::Relaxed), 1);
}

const BOOKED: redb::TableDefinition<'_, u32, u32> = redb::TableDefinition::new("booked");

#[tokio::test]
async fn failed_effect_in_database_file_rolls_back_its_mark() {
    let database = Database::in_memory().unwrap();
    let store = RedbStore::new(&database);
    let applied = Arc::new(AtomicU32::new(0));
    let count = applied.clone();
    commits_once(store.clone(), move || {
        let count = count.clone();
        Box::new(move |transaction| {
            transaction.open_table(BOOKED)?.insert(count.fetch_add(1, Ordering::Relaxed), 1)?;
            Ok(())
        })
    })
    .await;
    assert_eq!(applied.load(Ordering::Relaxed), 1);

    let key = Key::new(&event_runtime::name::ConsumerName::new("c").unwrap(), EventId::generate());
    let (terms, now) = (Terms::default(), Timestamp::now());
    let claim = store.claim(&Attempt::new(key.clone()), now, &terms).await.unwrap();
    let Claim::Granted(lease) = claim else { panic!("a new key is free") };
    let failing = Box::new(|_: &redb::WriteTransaction| Err(redb::Error::Corrupted("no".into())));
    let error = store.complete_with(&lease, now, &terms, None, failing).await.unwrap_err();
    assert!(error.to_string().contains("no"), "{error}");
    let again = store.claim(&Attempt::new(key), now, &terms).await.unwrap();
    assert!(matches!(again, Claim::InProgress { .. }), "{again:?}");
}
