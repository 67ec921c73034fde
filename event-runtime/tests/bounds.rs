//! Every await of a delivery ends, and a claim is kept or freed according to what is known of its
//! effect.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets an error has failed and should say where"
)]

mod common;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_runtime::consume::{
    Consumer, ConsumerBuilder, DeadLetter, DeadLetterKind, DeadLetters, Delivered, HandlerError,
    Outcome, Record, Stop, Stopper, Verdict,
};
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, Lease, MemoryStore, OnTimeout, Settled, Terms,
};
use event_runtime::store::{BoxFuture, StoreError};
use event_runtime::{Envelope, EventId, Timestamp};
use tokio::time::Instant;

use self::common::odd::{Odd, Op, Wrong};
use self::common::{PublishedV1, v1};

fn message(event: EventId) -> Delivered {
    let envelope = Envelope::of(event, Timestamp::UNIX_EPOCH, v1("P"));
    let body = serde_json::to_string(&envelope).unwrap();
    Record::new("m", body).into()
}

fn poison() -> Delivered {
    Record::new("p", "{").into()
}

async fn deliver(
    consumer: &Consumer,
    batch: Vec<Delivered>,
    stop: &Stop,
) -> Vec<(Outcome, Verdict)> {
    deliver_to(consumer, batch, stop, None).await
}

async fn deliver_to(
    consumer: &Consumer,
    batch: Vec<Delivered>,
    stop: &Stop,
    place: Option<&Arc<dyn DeadLetters>>,
) -> Vec<(Outcome, Verdict)> {
    let mut told = vec![None; batch.len()];
    let tell = |at: usize, outcome, verdict| {
        assert!(told[at].replace((outcome, verdict)).is_none(), "{at} is told of twice");
    };
    consumer.deliver(batch, stop, place, tell).await;
    told.into_iter().map(Option::unwrap).collect()
}

/// Counts its runs; each one does what the script says.
fn counting<F>(
    store: impl IdempotencyStore + 'static,
    runs: &Arc<AtomicU32>,
    work: impl Fn(u32) -> F + Send + Sync + 'static,
) -> ConsumerBuilder
where
    F: Future<Output = Result<(), HandlerError>> + Send + 'static,
{
    let runs = Arc::clone(runs);
    Consumer::builder("emailer", store)
        .on::<PublishedV1, _>(move |_, _| work(runs.fetch_add(1, SeqCst)))
}

fn soon(begin: u64, drop: u64) -> Stop {
    let now = Instant::now();
    Stop::at(now + Duration::from_millis(begin), now + Duration::from_millis(drop))
}

/// A wall clock that follows the runtime's clock, which the test has paused.
fn virtual_clock() -> impl Fn() -> Timestamp + Clone + Send + Sync {
    let start = Instant::now();
    move || Timestamp::UNIX_EPOCH + start.elapsed()
}

#[tokio::test(start_paused = true)]
async fn block_keeps_claim_of_effect_dropped_at_deadline() {
    let runs = Arc::default();
    let consumer = counting(MemoryStore::new(), &runs, |_| async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok(())
    })
    .on_timeout(OnTimeout::Block)
    .clock(virtual_clock())
    // A claim lasts no longer than the worker's time, and at least a second.
    .busy_wait(Duration::ZERO)
    .build()
    .unwrap();
    let event = message(EventId::generate());
    let told = deliver(&consumer, vec![event.clone()], &soon(50, 100)).await;
    assert!(matches!(&told[0].0, Outcome::Retry { .. }), "{told:?}");
    let told = deliver(&consumer, vec![event.clone()], &Stop::never()).await;
    assert!(matches!(&told[0].0, Outcome::Busy { .. }), "the lease still holds: {told:?}");
    tokio::time::advance(Duration::from_secs(31)).await;
    let told = deliver(&consumer, vec![event], &Stop::never()).await;
    let blocked = matches!(&told[0].0, Outcome::DeadLetter { kind: DeadLetterKind::Blocked, .. });
    assert!(blocked, "{told:?}");
    assert_eq!(runs.load(SeqCst), 1);
}

#[tokio::test]
async fn block_keeps_claim_after_panic_and_frees_it_after_error() {
    for (fails, expected) in [(true, 1), (false, 2)] {
        let runs = Arc::default();
        let consumer = counting(MemoryStore::new(), &runs, move |run| async move {
            match (run, fails) {
                (0, true) => panic!("after the effect"),
                (0, false) => Err(HandlerError::transient("before the effect")),
                _ => Ok(()),
            }
        })
        .on_timeout(OnTimeout::Block)
        .busy_wait(Duration::ZERO)
        .build()
        .unwrap();
        let event = message(EventId::generate());
        let first = deliver(&consumer, vec![event.clone()], &Stop::never()).await;
        let second = deliver(&consumer, vec![event], &Stop::never()).await;
        assert_eq!(runs.load(SeqCst), expected, "{first:?} {second:?}");
        if fails {
            let Outcome::DeadLetter { kind: DeadLetterKind::Blocked, reason } = &first[0].0 else {
                panic!("{first:?}")
            };
            assert!(reason.starts_with("the handler panicked: after the effect; "), "{reason}");
            assert!(reason.contains("`forget` the key `emailer#"), "{reason}");
        } else {
            assert_eq!(second[0].0, Outcome::Handled);
        }
    }
}

#[tokio::test]
async fn block_does_not_repeat_part_that_panicked() {
    let (parts, runs) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (in_part, begun) = (Arc::clone(&parts), Arc::clone(&runs));
    let consumer = Consumer::builder("emailer", MemoryStore::new())
        .on::<PublishedV1, _>(move |_, context| {
            begun.fetch_add(1, SeqCst);
            let parts = Arc::clone(&in_part);
            async move {
                let part = || async {
                    parts.fetch_add(1, SeqCst);
                    panic!("in the part")
                };
                context.once("mail", part).await.map(drop)
            }
        })
        .on_timeout(OnTimeout::Block)
        .busy_wait(Duration::ZERO)
        .build()
        .unwrap();
    let event = message(EventId::generate());
    for _ in 0..2 {
        let told = deliver(&consumer, vec![event.clone()], &Stop::never()).await;
        assert!(!told[0].0.is_settled(), "{told:?}");
    }
    assert_eq!((parts.load(SeqCst), runs.load(SeqCst)), (1, 2));
}

/// A place for dead letters that does not respond.
struct Hung;

impl DeadLetters for Hung {
    fn send<'a>(&'a self, _: DeadLetter<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn calls_of_a_lane_end_at_the_stop() {
    let hung: Arc<dyn DeadLetters> = Arc::new(Hung);
    for op in [Op::Claim, Op::Renew, Op::Complete, Op::Release] {
        let runs = Arc::default();
        let slow = matches!(op, Op::Renew | Op::Release);
        let consumer = counting(Odd::new(op, Wrong::Hangs), &runs, move |_| async move {
            if slow {
                tokio::time::sleep(Duration::from_mins(10)).await;
            }
            Ok(())
        });
        let consumer = consumer.clock(virtual_clock()).build().unwrap();
        let batch = vec![message(EventId::generate()), message(EventId::generate()), poison()];
        let begun = Instant::now();
        let told = deliver_to(&consumer, batch, &soon(200, 400), Some(&hung)).await;
        assert!(begun.elapsed() <= Duration::from_millis(500), "{op:?}: {:?}", begun.elapsed());
        for (outcome, verdict) in &told {
            assert!(!outcome.is_settled(), "{op:?}: {told:?}");
            assert!(matches!(verdict, Verdict::Return { .. }), "{op:?}: {told:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn unanswered_call_times_out_without_a_stop() {
    let hung: Arc<dyn DeadLetters> = Arc::new(Hung);
    for op in [Op::Claim, Op::Complete, Op::Release] {
        let runs = Arc::default();
        let consumer = counting(Odd::new(op, Wrong::Hangs), &runs, move |_| async move {
            if op == Op::Release { Err(HandlerError::transient("not yet")) } else { Ok(()) }
        });
        let consumer = consumer.clock(virtual_clock()).concurrency(2).build().unwrap();
        let batch = vec![message(EventId::generate()), poison()];
        let never = Stop::never();
        let delivery = deliver_to(&consumer, batch, &never, Some(&hung));
        let told = tokio::time::timeout(Duration::from_mins(2), delivery).await;
        let told = told.unwrap_or_else(|_| panic!("{op:?} has no end"));
        assert!(told.iter().all(|(outcome, _)| !outcome.is_settled()), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn handler_that_blocks_its_thread_ends_at_the_stop() {
    let runs = Arc::default();
    let consumer = counting(MemoryStore::new(), &runs, |_| async {
        std::thread::sleep(Duration::from_secs(3));
        Ok(())
    });
    let consumer = consumer.build().unwrap();
    let begun = Instant::now();
    let told = deliver(&consumer, vec![message(EventId::generate())], &soon(100, 200)).await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(matches!(told[0], (Outcome::Retry { .. }, Verdict::Return { .. })), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn handler_is_dropped_before_its_expired_lease_is_taken() {
    for wrong in [Wrong::Fails, Wrong::Hangs] {
        let at_it = Arc::new(Mutex::new((0_u32, 0_u32)));
        let clock = virtual_clock();
        let cut_off = Odd::new(Op::Renew, wrong);
        let consumer = |store: &dyn Fn() -> Odd, span: u64| {
            let at_it = Arc::clone(&at_it);
            Consumer::builder("emailer", store())
                .lease(Duration::from_secs(6))
                .clock(clock.clone())
                .on::<PublishedV1, _>(move |_, _| {
                    let at_it = Arc::clone(&at_it);
                    async move {
                        let _leaves = Leaves::enter(&at_it);
                        tokio::time::sleep(Duration::from_secs(span)).await;
                        Ok(())
                    }
                })
                .build()
                .unwrap()
        };
        let slow = consumer(&|| cut_off.clone(), 30);
        let healthy = Odd { inner: cut_off.inner.clone(), ..Odd::default() };
        let healthy = consumer(&|| healthy.clone(), 1);
        let event = message(EventId::generate());
        let copy = event.clone();
        let begun = Instant::now();
        let first = tokio::spawn(async move {
            let told = deliver(&slow, vec![event], &Stop::never()).await;
            (told, begun.elapsed())
        });
        tokio::time::sleep(Duration::from_millis(6001)).await;
        let second = deliver(&healthy, vec![copy], &Stop::never()).await;
        let (first, took) = first.await.unwrap();
        assert_eq!(first[0].0, Outcome::LeaseLost, "{wrong:?}");
        assert!(took <= Duration::from_millis(6001), "{wrong:?}: {took:?}");
        assert_eq!(second[0].0, Outcome::Handled, "{wrong:?}");
        assert_eq!(at_it.lock().unwrap().1, 1, "{wrong:?}: two handlers at once");
    }
}

/// How many handlers run now, and the maximum so far.
struct Leaves(Arc<Mutex<(u32, u32)>>);

impl Leaves {
    fn enter(at_it: &Arc<Mutex<(u32, u32)>>) -> Self {
        let mut both = at_it.lock().unwrap();
        both.0 += 1;
        both.1 = both.1.max(both.0);
        Self(Arc::clone(at_it))
    }
}

impl Drop for Leaves {
    fn drop(&mut self) {
        self.0.lock().unwrap().0 -= 1;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn handler_that_blocks_its_thread_keeps_its_lease() {
    let (store, runs) = (MemoryStore::new(), Arc::default());
    let consumer = |blocks: bool| {
        let builder = counting(store.clone(), &runs, move |_| async move {
            if blocks {
                std::thread::sleep(Duration::from_millis(1500));
            }
            Ok(())
        });
        let lease = Duration::from_millis(450);
        builder.lease(lease).busy_wait(Duration::ZERO).build().unwrap()
    };
    let (busy, other) = (consumer(true), consumer(false));
    let event = message(EventId::generate());
    let copy = event.clone();
    let first = tokio::spawn(async move { deliver(&busy, vec![event], &Stop::never()).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let second = deliver(&other, vec![copy], &Stop::never()).await;
    assert!(matches!(second[0].0, Outcome::Busy { .. }), "{second:?}");
    assert_eq!(first.await.unwrap()[0].0, Outcome::Handled);
    assert_eq!(runs.load(SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn renewal_after_own_completion_keeps_lease() {
    for with_effect in [true, false] {
        let store = Odd::new(Op::Complete, Wrong::Late(Duration::from_secs(5)));
        let (claims, applied) = (store.clone(), Arc::new(AtomicU32::new(0)));
        let noted = Arc::clone(&applied);
        let consumer = Consumer::builder("emailer", store)
            .lease(Duration::from_secs(3))
            .clock(virtual_clock())
            .on::<PublishedV1, _>(move |_, context| {
                let (claims, applied) = (claims.clone(), Arc::clone(&noted));
                async move {
                    if !with_effect {
                        applied.fetch_add(1, SeqCst);
                        return Ok(());
                    }
                    let effect = move || _ = applied.fetch_add(1, SeqCst);
                    context.complete_with(&claims, Box::new(effect)).await
                }
            })
            .build()
            .unwrap();
        let told = deliver(&consumer, vec![message(EventId::generate())], &Stop::never()).await;
        assert_eq!(told, [(Outcome::Handled, Verdict::Acknowledge)]);
        assert_eq!(applied.load(SeqCst), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn claim_without_a_response_is_released() {
    for on_timeout in [OnTimeout::Retry, OnTimeout::Block] {
        for released in [true, false] {
            let store = Odd::new(Op::Claim, Wrong::AnswerLost);
            let store = if released { store } else { store.and(Op::Release, Wrong::Fails) };
            let runs = Arc::default();
            let consumer = counting(store.clone(), &runs, |_| async { Ok(()) })
                .on_timeout(on_timeout)
                .clock(virtual_clock())
                .build()
                .unwrap();
            let event = message(EventId::generate());
            let first = deliver(&consumer, vec![event.clone()], &Stop::never()).await;
            assert!(matches!(first[0].0, Outcome::Retry { .. }), "{first:?}");
            store.heal();
            // Even if the lease of that claim has expired: no other worker has claimed the key.
            if !released {
                tokio::time::advance(Duration::from_secs(45)).await;
            }
            let second = deliver(&consumer, vec![event], &Stop::never()).await;
            assert_eq!(second[0].0, Outcome::Handled, "{on_timeout:?}, released: {released}");
            assert_eq!(runs.load(SeqCst), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn copies_wait_for_first_one_and_cost_one_delivery() {
    let runs = Arc::default();
    let consumer = counting(MemoryStore::new(), &runs, |_| async {
        tokio::time::sleep(Duration::from_mins(2)).await;
        Ok(())
    });
    let consumer = consumer.clock(virtual_clock()).concurrency(5).build().unwrap();
    let event = message(EventId::generate());
    // In one batch, and in another one at the same time.
    let (batch, other) = (vec![event.clone(); 5], vec![event; 3]);
    let never = Stop::never();
    let both = tokio::join!(deliver(&consumer, batch, &never), deliver(&consumer, other, &never));
    let outcomes: Vec<_> = both.0.into_iter().chain(both.1).map(|(outcome, _)| outcome).collect();
    let handled = outcomes.iter().filter(|it| **it == Outcome::Handled).count();
    let duplicates = outcomes.iter().filter(|it| **it == Outcome::Duplicate).count();
    assert_eq!((handled, duplicates, runs.load(SeqCst)), (1, 7, 1), "{outcomes:?}");
}

#[tokio::test(start_paused = true)]
async fn copy_is_handled_after_first_one_fails_and_returned_at_the_stop() {
    let runs = Arc::default();
    let consumer = counting(MemoryStore::new(), &runs, |run| async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        if run == 0 { Err(HandlerError::transient("not yet")) } else { Ok(()) }
    });
    let consumer = consumer.clock(virtual_clock()).concurrency(2).build().unwrap();
    let event = message(EventId::generate());
    let told = deliver(&consumer, vec![event.clone(); 2], &Stop::never()).await;
    assert!(matches!(told[0].0, Outcome::Retry { .. }), "{told:?}");
    assert_eq!(told[1].0, Outcome::Handled);

    let event = message(EventId::generate());
    let told = deliver(&consumer, vec![event; 2], &soon(1000, 60_000)).await;
    assert_eq!(told[0].0, Outcome::Handled);
    assert_eq!(told[1].1, Verdict::Return { after: Some(Duration::ZERO) });
}

#[tokio::test(start_paused = true)]
async fn copy_in_another_process_waits_and_becomes_duplicate() {
    let (store, runs, clock) = (MemoryStore::new(), Arc::default(), virtual_clock());
    let consumer = || {
        let builder = counting(store.clone(), &runs, |_| async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            Ok(())
        });
        builder.clock(clock.clone()).build().unwrap()
    };
    // Two consumers with one name and one store behave like two processes.
    let (one, other) = (consumer(), consumer());
    let event = message(EventId::generate());
    let (first, copy) = (vec![event.clone()], vec![event]);
    let never = Stop::never();
    let (first, second) = tokio::join!(deliver(&one, first, &never), deliver(&other, copy, &never));
    assert_eq!((&first[0].0, &second[0].0), (&Outcome::Handled, &Outcome::Duplicate));
    assert_eq!(runs.load(SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn returned_copy_waits_longer_each_time() {
    let (store, clock) = (MemoryStore::new(), virtual_clock());
    let runs = Arc::default();
    let consumer = counting(store.clone(), &runs, |_| async { Ok(()) });
    let consumer = consumer.clock(clock.clone()).busy_wait(Duration::ZERO).build().unwrap();
    let id = EventId::generate();
    let attempt = Attempt::new(Key::new(consumer.name(), id));
    assert!(matches!(
        store.claim(&attempt, clock(), &Terms::default()).await,
        Ok(Claim::Granted(_))
    ));
    let mut waits = Vec::new();
    for receives in 1..=4 {
        let mut copy = message(id);
        copy.record.receives = receives;
        let told = deliver(&consumer, vec![copy], &Stop::never()).await;
        let Verdict::Return { after: Some(after) } = told[0].1 else { panic!("{told:?}") };
        waits.push(after.as_secs());
    }
    assert_eq!(waits, [30, 60, 120, 240]);
}

#[tokio::test]
async fn too_large_result_fails_the_same_way_each_time() {
    let (parts, seen) = (Arc::new(AtomicU32::new(0)), Arc::new(Mutex::new(Vec::new())));
    let (applied, noted) = (Arc::clone(&parts), Arc::clone(&seen));
    let consumer = Consumer::builder("emailer", MemoryStore::new())
        .on::<PublishedV1, _>(move |_, context| {
            let (applied, noted) = (Arc::clone(&applied), Arc::clone(&noted));
            async move {
                let part = || async {
                    applied.fetch_add(1, SeqCst);
                    Ok("x".repeat(360 * 1024))
                };
                let error = context.once_with::<String, _>("part", part).await.unwrap_err();
                noted.lock().unwrap().push(error.to_string());
                Err(error)
            }
        })
        .build()
        .unwrap();
    let event = message(EventId::generate());
    for _ in 0..2 {
        let told = deliver(&consumer, vec![event.clone()], &Stop::never()).await;
        let Outcome::DeadLetter { kind: DeadLetterKind::Permanent, .. } = told[0].0 else {
            panic!("{told:?}")
        };
    }
    let seen = seen.lock().unwrap();
    assert!(seen[0].contains("has 368642 bytes, expected at most 358400"), "{seen:?}");
    assert!(seen[1].contains("had more than 358400 bytes"), "{seen:?}");
    assert_eq!(parts.load(SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn grace_is_the_time_until_everything_ends() {
    let store = Odd::new(Op::Release, Wrong::Hangs);
    let runs = Arc::default();
    let consumer = counting(store, &runs, |_| std::future::pending());
    let consumer = consumer.clock(virtual_clock()).build().unwrap();
    let (stopper, stop) = Stopper::new();
    let begun = Instant::now();
    let running =
        tokio::spawn(
            async move { deliver(&consumer, vec![message(EventId::generate())], &stop).await },
        );
    tokio::time::sleep(Duration::from_secs(1)).await;
    stopper.stop(Duration::from_secs(9));
    let told = running.await.unwrap();
    assert!(begun.elapsed() <= Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(matches!(told[0].0, Outcome::Retry { .. }), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn claim_granted_after_time_to_begin_is_released() {
    let store = Odd::new(Op::Claim, Wrong::Late(Duration::from_millis(250)));
    let runs = Arc::default();
    let consumer = counting(store.clone(), &runs, |_| async { Ok(()) })
        .on_timeout(OnTimeout::Block)
        .clock(virtual_clock())
        .build()
        .unwrap();
    let event = message(EventId::generate());
    let told = deliver(&consumer, vec![event.clone()], &soon(200, 1000)).await;
    assert_eq!(told[0].1, Verdict::Return { after: Some(Duration::ZERO) }, "{told:?}");
    assert_eq!(runs.load(SeqCst), 0);
    store.heal();
    tokio::time::advance(Duration::from_mins(1)).await;
    assert_eq!(deliver(&consumer, vec![event], &Stop::never()).await[0].0, Outcome::Handled);
}

#[tokio::test(start_paused = true)]
async fn claim_that_arrives_after_its_timeout_is_released() {
    let store = MemoryStore::new();
    let odd = Odd::new(Op::Claim, Wrong::Fails);
    let odd = Odd { inner: store.clone(), ..odd };
    let (runs, clock) = (Arc::default(), virtual_clock());
    let consumer = counting(odd.clone(), &runs, |_| async { Ok(()) })
        .on_timeout(OnTimeout::Block)
        .clock(clock.clone())
        .build()
        .unwrap();
    let event = message(EventId::generate());
    let told = deliver(&consumer, vec![event.clone()], &Stop::never()).await;
    assert!(matches!(told[0].0, Outcome::Retry { .. }), "{told:?}");
    // The call that timed out arrives now.
    let attempt = odd.last.lock().unwrap().take().unwrap();
    let terms = Terms { on_timeout: OnTimeout::Block, ..Terms::default() };
    let claim = store.claim(&attempt, clock(), &terms).await.unwrap();
    assert!(matches!(claim, Claim::Granted(_)));
    odd.heal();
    tokio::time::advance(Duration::from_mins(5)).await;
    assert_eq!(deliver(&consumer, vec![event], &Stop::never()).await[0].0, Outcome::Handled);
}

#[tokio::test(start_paused = true)]
async fn copies_in_two_processes_wait_longer_at_each_delivery() {
    let (store, runs, clock) = (MemoryStore::new(), Arc::default(), virtual_clock());
    let consumer = |span: u64| {
        let builder = counting(store.clone(), &runs, move |_| async move {
            tokio::time::sleep(Duration::from_secs(span)).await;
            Ok(())
        });
        builder.clock(clock.clone()).build().unwrap()
    };
    let (one, other) = (consumer(12), consumer(0));
    let first = message(EventId::generate());
    let mut copy = first.clone();
    copy.record.receives = 4;
    let never = Stop::never();
    let (first, second) =
        tokio::join!(deliver(&one, vec![first], &never), deliver(&other, vec![copy], &never));
    assert_eq!((&first[0].0, &second[0].0), (&Outcome::Handled, &Outcome::Duplicate));
}

#[tokio::test(start_paused = true)]
async fn late_release_does_not_free_claim_of_running_handler() {
    let odd = Odd::new(Op::Claim, Wrong::AnswerLost).and(Op::Release, Wrong::Fails);
    let store = odd.inner.clone();
    let (runs, clock) = (Arc::default(), virtual_clock());
    let consumer = counting(odd.clone(), &runs, |_| async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        Ok(())
    });
    let consumer = consumer.on_timeout(OnTimeout::Block).clock(clock.clone()).build().unwrap();
    let event = message(EventId::generate());
    let first = deliver(&consumer, vec![event.clone()], &Stop::never()).await;
    assert!(matches!(first[0].0, Outcome::Retry { .. }), "{first:?}");
    let attempt: Attempt = odd.last.lock().unwrap().take().unwrap();
    odd.heal();
    let second = tokio::spawn(async move { deliver(&consumer, vec![event], &Stop::never()).await });
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(runs.load(SeqCst), 1, "the handler runs");
    // The release of the first delivery was running all the time.
    let Attempt { key, owner, payload } = attempt;
    let lease = Lease { key: key.clone(), owner, until: clock(), payload: payload.clone() };
    assert_eq!(store.release(&lease).await.unwrap(), Settled::LeaseLost);
    let other = Attempt { payload, ..Attempt::new(key) };
    let claim = store.claim(&other, clock(), &Terms::default()).await.unwrap();
    assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
    assert_eq!(second.await.unwrap()[0].0, Outcome::Handled);
}

#[tokio::test(start_paused = true)]
async fn wrong_clock_does_not_hide_messages_for_long() {
    let store = MemoryStore::new();
    let runs = Arc::default();
    let clock = virtual_clock();
    let ahead = clock.clone();
    // Another worker, whose clock is a day ahead, has claimed the event and died.
    let id = EventId::generate();
    let key = Key::new(&event_runtime::name::ConsumerName::new("emailer").unwrap(), id);
    let day = Duration::from_hours(24);
    let claim = store.claim(&Attempt::new(key), ahead() + day, &Terms::default()).await.unwrap();
    assert!(matches!(claim, Claim::Granted(_)));
    let consumer = counting(store, &runs, |_| async { Ok(()) });
    let consumer = consumer.clock(clock).build().unwrap();
    let told = deliver(&consumer, vec![message(id)], &Stop::never()).await;
    let Verdict::Return { after: Some(after) } = told[0].1 else { panic!("{told:?}") };
    assert!(after <= Duration::from_mins(15), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn clock_jump_does_not_end_running_handler() {
    for jump in [-86_400_i64, -1, 3, 86_400] {
        let runs = Arc::default();
        let (clock, start) = (virtual_clock(), Instant::now());
        let jumping = move || {
            let jump = if start.elapsed() < Duration::from_secs(5) { 0 } else { jump };
            let later = Timestamp::from_second(1_800_000_000 + jump).unwrap();
            later + clock().duration_since(Timestamp::UNIX_EPOCH)
        };
        let consumer = counting(MemoryStore::new(), &runs, |_| async {
            tokio::time::sleep(Duration::from_secs(100)).await;
            Ok(())
        });
        let consumer = consumer.clock(jumping).build().unwrap();
        let event = message(EventId::generate());
        let told = deliver(&consumer, vec![event.clone()], &Stop::never()).await;
        assert_eq!(told[0].0, Outcome::Handled, "{jump}");
        let told = deliver(&consumer, vec![event], &Stop::never()).await;
        assert_eq!(told[0].0, Outcome::Duplicate, "{jump}");
        assert_eq!(runs.load(SeqCst), 1, "{jump}");
    }
}

#[tokio::test(start_paused = true)]
async fn handler_that_never_ends_is_dropped_at_its_time_limit() {
    for (on_timeout, blocked) in [(OnTimeout::Retry, false), (OnTimeout::Block, true)] {
        for limit in [None, Some(Duration::from_mins(5))] {
            let runs = Arc::default();
            let builder = counting(MemoryStore::new(), &runs, |run| async move {
                if run == 0 { std::future::pending().await } else { Ok(()) }
            });
            let builder = builder.clock(virtual_clock()).on_timeout(on_timeout).concurrency(2);
            let consumer = limit.into_iter().fold(builder, ConsumerBuilder::time_limit);
            let consumer = consumer.build().unwrap();
            let event = message(EventId::generate());
            let begun = Instant::now();
            // A copy waits for it, and would wait forever.
            let told = deliver(&consumer, vec![event.clone(), event], &Stop::never()).await;
            let limit = limit.unwrap_or(Duration::from_hours(12));
            let took = begun.elapsed();
            assert!(took >= limit && took < limit + Duration::from_mins(1), "{took:?}");
            match (&told[0].0, blocked) {
                (Outcome::Retry { reason, .. }, false)
                | (Outcome::DeadLetter { kind: DeadLetterKind::Blocked, reason }, true) => {
                    assert!(reason.contains("longer than its time limit"), "{reason}");
                }
                other => panic!("{other:?}"),
            }
            assert_eq!(told[1].0 == Outcome::Handled, !blocked, "{told:?}");
        }
    }
}
