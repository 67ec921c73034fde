//! Unexpected behaviour of queues, clocks and handlers: nothing is lost, and nothing else is
//! affected.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets an error has failed and should say where"
)]

mod common;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_runtime::consume::{
    Consumer, ConsumerBuilder, DeadLetter, DeadLetterKind, DeadLetters, Delivered, HandlerError,
    Outcome, Record, Stop, Verdict,
};
use event_runtime::embedded::Database;
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, MemoryStore, RedbStore, Settled, Terms,
};
use event_runtime::name::ConsumerName;
use event_runtime::store::{BoxFuture, StoreError};
use event_runtime::{Envelope, Event, EventId, Timestamp};

use self::common::{PublishedV1, v1};

fn message(id: &str, event: EventId, proposal: &str) -> Delivered {
    let envelope = Envelope::of(event, Timestamp::UNIX_EPOCH, v1(proposal));
    let body = serde_json::to_string(&envelope).unwrap();
    Record::new(id, body).into()
}

fn fresh(proposal: &str) -> Delivered {
    message("m", EventId::generate(), proposal)
}

/// Records proposals by name; the handler panics for those that begin with `panics`.
fn noting(seen: &Arc<Mutex<Vec<String>>>) -> ConsumerBuilder {
    let seen = Arc::clone(seen);
    Consumer::builder("emailer", MemoryStore::new()).on::<PublishedV1, _>(move |event, context| {
        let proposal = event.data.proposal_id;
        // Also before the future exists.
        assert_ne!(proposal, "panics at once");
        let seen = Arc::clone(&seen);
        async move {
            tokio::task::yield_now().await;
            match proposal.as_str() {
                "panics" => panic!("{}", "with a text of its own"),
                "panics without a text" => std::panic::panic_any(7),
                "panics in a part" => {
                    context.once("part", || async { panic!("in the part") }).await?;
                }
                _ => {}
            }
            seen.lock().unwrap().push(proposal);
            Ok(())
        }
    })
}

/// Returns the result of each message, in the order of the batch. Each is reported once.
async fn deliver(consumer: &Consumer, batch: Vec<Delivered>) -> Vec<(Outcome, Verdict)> {
    let mut told = vec![None; batch.len()];
    let tell = |at: usize, outcome, verdict| {
        assert!(told[at].replace((outcome, verdict)).is_none(), "{at} is told of twice");
    };
    consumer.deliver(batch, &Stop::never(), None, tell).await;
    told.into_iter().map(Option::unwrap).collect()
}

#[tokio::test]
async fn batch_may_be_empty_or_huge() {
    let seen = Arc::default();
    let consumer = noting(&seen).concurrency(16).build().unwrap();
    assert_eq!(deliver(&consumer, vec![]).await, []);
    assert_eq!(consumer.handle_batch(vec![]).await.stats().received, 0);

    let batch: Vec<_> = (0..10_000).map(|number| fresh(&number.to_string())).collect();
    let told = deliver(&consumer, batch).await;
    assert!(told.iter().all(|(outcome, _)| *outcome == Outcome::Handled));
    assert_eq!(seen.lock().unwrap().len(), 10_000);
}

#[tokio::test]
async fn records_may_share_an_id_or_have_none() {
    let seen = Arc::default();
    let consumer = noting(&seen).concurrency(3).build().unwrap();
    let batch = vec![
        message("same", EventId::generate(), "P"),
        message("same", EventId::generate(), "panics"),
        message("", EventId::generate(), "Q"),
        Record::new("", "").receives(0).into(),
    ];
    let told = deliver(&consumer, batch).await;
    let acknowledged: Vec<_> = told.iter().map(|(_, v)| *v == Verdict::Acknowledge).collect();
    assert_eq!(acknowledged, [true, false, true, false]);
    assert!(matches!(told[3].0, Outcome::DeadLetter { .. }), "{told:?}");
}

#[tokio::test]
async fn event_twice_in_one_batch_takes_effect_once() {
    let seen = Arc::default();
    let consumer = noting(&seen).concurrency(2).build().unwrap();
    let id = EventId::generate();
    let batch = || vec![message("one", id, "P"), message("other", id, "P")];
    let told = deliver(&consumer, batch()).await;
    assert_eq!(told[0], (Outcome::Handled, Verdict::Acknowledge));
    // The copy waited for the first one, and was delivered once.
    assert_eq!(told[1], (Outcome::Duplicate, Verdict::Acknowledge));
    let told = deliver(&consumer, batch()).await;
    assert!(told.iter().all(|it| *it == (Outcome::Duplicate, Verdict::Acknowledge)), "{told:?}");
    assert_eq!(*seen.lock().unwrap(), ["P"]);
}

#[tokio::test]
async fn panic_in_handler_is_failure_and_frees_claim() {
    let seen = Arc::default();
    let consumer = noting(&seen).concurrency(2).build().unwrap();
    let panicking = ["panics at once", "panics", "panics without a text", "panics in a part"];
    let mut batch: Vec<_> = panicking.into_iter().map(fresh).collect();
    batch.push(fresh("P"));
    for _ in 0..2 {
        let told = deliver(&consumer, batch.clone()).await;
        let reasons: Vec<_> = told
            .iter()
            .filter_map(|(outcome, _)| match outcome {
                Outcome::Retry { reason, .. } => Some(reason.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(reasons.len(), 4, "busy would mean that the claim stands: {told:?}");
        assert!(reasons[0].starts_with("the handler panicked: assertion"), "{reasons:?}");
        assert_eq!(
            reasons[1..],
            [
                "the handler panicked: with a text of its own",
                "the handler panicked: without a message",
                "the handler panicked: in the part"
            ]
        );
    }
    assert_eq!(*seen.lock().unwrap(), ["P"]);
}

/// A payload whose type panics in `deserialize`.
#[derive(serde::Serialize)]
struct Trap;

impl<'de> serde::Deserialize<'de> for Trap {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("while it is read")
    }
}

impl Event for Trap {
    const TYPE: &'static str = "proposal.published";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const VERSION: &'static str = "v1";
    const SOURCE: &'static str = "app.solar";
    const DETAIL_TYPE: &'static str = "proposal.published:v1";
}

/// A place for dead letters that panics.
struct Pit;

impl DeadLetters for Pit {
    fn send<'a>(&'a self, _: DeadLetter<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        panic!("while it is given up")
    }
}

#[tokio::test]
async fn panicking_deserialize_is_poison_and_panicking_dead_letter_is_returned() {
    let consumer = Consumer::builder("emailer", MemoryStore::new())
        .on::<Trap, _>(|_, _| async { Ok(()) })
        .build()
        .unwrap();
    let pit: Arc<dyn DeadLetters> = Arc::new(Pit);
    let poison = Record::new("p", "{");
    let mut told = Vec::new();
    let tell = |at, outcome, verdict| told.push((at, outcome, verdict));
    let batch = vec![fresh("P"), poison.into()];
    consumer.deliver(batch, &Stop::never(), Some(&pit), tell).await;
    told.sort_by_key(|(at, ..)| *at);
    assert_eq!(told.len(), 2);
    for (_, outcome, verdict) in told {
        assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
        assert!(matches!(verdict, Verdict::Return { .. }), "{verdict:?}");
    }
    // With a place for dead letters, it is a dead letter that names the place of the panic, and is
    // not claimed.
    let [(Outcome::DeadLetter { kind: DeadLetterKind::Poison, reason }, _)] =
        &deliver(&consumer, vec![fresh("P")]).await[..]
    else {
        panic!("a message whose data cannot be read is poison")
    };
    assert_eq!(reason, "deserializing the data of `proposal.published:v1` panicked");
}

#[tokio::test(start_paused = true)]
async fn dropped_delivery_leaves_leases_that_expire() {
    let begun = Arc::new(AtomicU32::new(0));
    let store = MemoryStore::new();
    let start = tokio::time::Instant::now();
    let consumer = |hangs: bool| {
        let begun = Arc::clone(&begun);
        Consumer::builder("emailer", store.clone())
            .clock(move || Timestamp::UNIX_EPOCH + start.elapsed())
            .concurrency(4)
            .on::<PublishedV1, _>(move |_, _| {
                begun.fetch_add(1, Ordering::Relaxed);
                async move {
                    if hangs {
                        std::future::pending::<()>().await;
                    }
                    Ok::<_, HandlerError>(())
                }
            })
            .build()
            .unwrap()
    };
    let batch: Vec<_> = (0..4).map(|number| fresh(&number.to_string())).collect();
    let hanging = consumer(true);
    let dropped = tokio::time::timeout(Duration::from_secs(3), deliver(&hanging, batch.clone()));
    assert!(dropped.await.is_err());
    let told = deliver(&consumer(false), batch.clone()).await;
    assert!(told.iter().all(|(outcome, _)| matches!(outcome, Outcome::Busy { .. })), "{told:?}");
    tokio::time::advance(Duration::from_secs(31)).await;
    let told = deliver(&consumer(false), batch).await;
    assert!(told.iter().all(|(outcome, _)| *outcome == Outcome::Handled), "{told:?}");
    assert_eq!(begun.load(Ordering::Relaxed), 8);
}

#[tokio::test]
async fn clock_may_be_at_either_end_of_time() {
    let database = Database::in_memory().unwrap();
    let (memory, redb) = (MemoryStore::new(), RedbStore::new(&database));
    let stores: [&dyn IdempotencyStore; 2] = [&memory, &redb];
    let name = ConsumerName::new("c").unwrap();
    for store in stores {
        for now in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            let terms = Terms { keep: Duration::MAX, ..Terms::default() };
            let attempt = || Attempt::new(Key::new(&name, EventId::generate()));
            let (first, other) = (attempt(), attempt());
            let again = Attempt { key: first.key.clone(), ..attempt() };
            let claim = store.claim(&first, now, &terms).await.unwrap();
            let Claim::Granted(lease) = claim else { panic!("{now}: {claim:?}") };
            let claim = store.claim(&again, now, &terms).await.unwrap();
            assert!(matches!(claim, Claim::InProgress { .. }), "{now}: {claim:?}");
            assert_eq!(store.renew(&lease, now, &terms).await.unwrap(), Settled::Done);
            let done = store.complete(&lease, now, &terms, None).await.unwrap();
            assert_eq!(done, Settled::Done);
            let claim = store.claim(&again, now, &terms).await.unwrap();
            assert!(matches!(claim, Claim::Completed(_)), "{now}: {claim:?}");
            let claim = store.claim(&other, now, &terms).await.unwrap();
            let Claim::Granted(lease) = claim else { panic!("{now}: {claim:?}") };
            assert_eq!(store.release(&lease).await.unwrap(), Settled::Done);
        }
    }
    let seen = Arc::default();
    for now in [Timestamp::MIN, Timestamp::MAX] {
        let consumer = noting(&seen).clock(move || now).build().unwrap();
        let event = fresh("P");
        assert_eq!(deliver(&consumer, vec![event.clone()]).await[0].0, Outcome::Handled);
        assert_eq!(deliver(&consumer, vec![event]).await[0].0, Outcome::Duplicate);
    }
}
