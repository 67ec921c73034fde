//! A service with two consumers in the process: retries, faults, a clock, and what does not end.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_runtime::Event;
use event_runtime::consume::{Consumer, HandlerError};
use event_runtime::idempotency::{IdempotencyStore, MemoryStore};
use event_runtime::publish::Rejection;
use event_runtime::topology::{Attach, Queue, Topology};
use event_testing::service::{
    BusFault, FaultyStore, NoIdempotency, Operation, StoreFault, TestBus, TestClock, TestService,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Placed {
    order: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Booked {
    order: String,
}

impl Event for Placed {
    const TYPE: &'static str = "order.placed";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const SOURCE: &'static str = "app.shop";
}

impl Event for Booked {
    const TYPE: &'static str = "order.booked";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const SOURCE: &'static str = "app.books";
}

fn placed(order: &str) -> Placed {
    Placed { order: order.to_owned() }
}

fn topology() -> Topology {
    Topology::on("shop")
        .consumer(Consumer::of::<Placed>("books").queue(Queue::standard().max_receives(3)))
        .consumer(Consumer::of::<Booked>("emailer"))
        .build()
        .unwrap()
}

/// Books an order, and announces it.
fn books(topology: &Topology, bus: &TestBus) -> Consumer {
    let publisher = bus.publisher();
    topology
        .handlers("books", MemoryStore::new())
        .unwrap()
        .on::<Placed, _>(move |event, _| {
            let publisher = publisher.clone();
            async move {
                match &*event.data.order {
                    "refused" => Err(HandlerError::permanent("no such product")),
                    "unlucky" => Err("the warehouse is closed".into()),
                    order => {
                        let report = publisher.publish(Booked { order: order.to_owned() }).await;
                        report.into_result().map(drop).map_err(HandlerError::from)
                    }
                }
            }
        })
        .build()
        .unwrap()
}

fn emailer(topology: &Topology, mails: &Arc<Mutex<Vec<String>>>) -> Consumer {
    let mails = Arc::clone(mails);
    topology
        .handlers("emailer", MemoryStore::new())
        .unwrap()
        .on::<Booked, _>(move |event, _| {
            mails.lock().unwrap().push(event.data.order);
            async { Ok(()) }
        })
        .build()
        .unwrap()
}

struct Stage {
    service: TestService,
    mails: Arc<Mutex<Vec<String>>>,
}

fn stage() -> Stage {
    let (topology, mails) = (topology(), Arc::default());
    let bus = TestBus::of(&topology);
    let consumers = [books(&topology, &bus), emailer(&topology, &mails)];
    Stage { service: TestService::new(&topology, &bus, consumers), mails }
}

/// A service of one consumer, which counts, with this store.
fn counting(
    store: impl IdempotencyStore + 'static,
    clock: TestClock,
) -> (TestService, Arc<AtomicU32>, Duration) {
    let topology = Topology::on("shop").consumer(Consumer::of::<Placed>("books")).build().unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&runs);
    let consumer = topology
        .handlers("books", store)
        .unwrap()
        .on::<Placed, _>(move |_, _| {
            count.fetch_add(1, SeqCst);
            async { Ok(()) }
        })
        .clock(clock.reader())
        .build()
        .unwrap();
    let keep = consumer.keep();
    (TestService::new(&topology, &TestBus::of(&topology), [consumer]), runs, keep)
}

fn noon() -> TestClock {
    TestClock::starting_at("2026-11-28T12:00:00Z".parse().unwrap())
}

#[tokio::test(start_paused = true)]
async fn events_of_handlers_reach_their_consumers() {
    let Stage { service, mails } = stage();
    service.publish(placed("A-1")).await;
    service.publish(placed("A-2")).await;
    assert_eq!(service.deliver_twice(), 2);
    let run = service.run_until_idle().await;
    assert_eq!((run["books"].handled, run["books"].duplicates), (2, 2));
    assert_eq!(run["emailer"].handled, 2);
    assert_eq!((run.total().received, run.iter().count()), (6, 2));
    assert_eq!(*mails.lock().unwrap(), ["A-1", "A-2"]);
    let booked = service.bus().published::<Booked>();
    assert_eq!(booked.iter().map(|it| &*it.data.order).collect::<Vec<_>>(), ["A-1", "A-2"]);
    service.assert_no_dead_letters();
}

#[tokio::test(start_paused = true)]
async fn dead_letters_have_their_reasons() {
    let Stage { service, .. } = stage();
    service.publish(placed("refused")).await;
    service.publish(placed("unlucky")).await;
    service.queue("emailer").inject_raw("not an event");
    let run = service.run_until_idle().await;
    assert_eq!((run["books"].permanent, run["books"].retried), (1, 3));
    assert_eq!(run["emailer"].poison, 1);
    let letters = service.dead_letters("books").into_iter();
    let mut reasons: Vec<String> = letters.map(|letter| letter.reason).collect();
    reasons.sort();
    assert_eq!(reasons, ["no such product", "the warehouse is closed"]);
    let asserted = std::panic::AssertUnwindSafe(|| service.assert_no_dead_letters());
    let caught = std::panic::catch_unwind(asserted).unwrap_err();
    let message = caught.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(message.starts_with("3 dead letters:\nbooks: "), "{message}");
}

#[tokio::test(start_paused = true)]
async fn bus_fails_on_demand() {
    let Stage { service, mails } = stage();
    let bus = service.bus().clone();
    for fault in [BusFault::Throttled, BusFault::LastEntryThrottled, BusFault::LostResponse] {
        bus.fail_next(1, fault);
        service.publish(placed(&format!("{fault:?}"))).await;
    }
    // The one whose response was lost was published twice with one ID, and is handled once.
    let copies = bus.published::<Placed>();
    assert_eq!(copies.len(), 4);
    assert_eq!(copies[2].id, copies[3].id);
    service.run_until_idle().await;
    assert_eq!(mails.lock().unwrap().len(), 3);

    let calls = bus.calls();
    bus.fail_next(1, BusFault::Refused);
    let report = bus.publisher().publish(placed("A-9")).await;
    assert!(matches!(&report.rejected[0].reason, Rejection::Refused(it) if !it.retryable));
    bus.fail_next(1, BusFault::EntriesRefused);
    assert_eq!(bus.publisher().publish(placed("A-9")).await.rejected.len(), 1);
    assert_eq!(bus.calls(), calls + 2);
    bus.fail_next(1, BusFault::Hangs);
    let publisher = bus.publisher();
    let hung = publisher.publish(placed("A-9"));
    assert!(tokio::time::timeout(Duration::from_mins(1), hung).await.is_err());
    bus.fail_next(5, BusFault::Refused);
    bus.heal();
    assert!(bus.publisher().publish(placed("A-9")).await.is_complete());
}

#[tokio::test(start_paused = true)]
async fn handler_is_retried_while_the_bus_refuses_its_event() {
    let Stage { service, mails } = stage();
    service.publish(placed("A-1")).await;
    service.bus().fail_next(1, BusFault::Refused);
    let run = service.run_until_idle().await;
    assert_eq!((run["books"].retried, run["books"].handled), (1, 1));
    assert_eq!(*mails.lock().unwrap(), ["A-1"]);
}

#[tokio::test(start_paused = true)]
async fn clock_turns_visibility_timeout_and_deduplication_window() {
    let clock = noon();
    let (service, runs, keep) = counting(MemoryStore::new(), clock);
    service.publish(placed("A-1")).await;
    let body = service.queue("books").receive(1).remove(0).body;
    assert!(service.queue("books").receive(1).is_empty());
    clock.turn(Duration::from_secs(31)).await;
    assert_eq!(service.run_until_idle().await["books"].handled, 1);
    clock.turn(keep.checked_sub(Duration::from_mins(1)).unwrap()).await;
    service.queue("books").inject_raw(body.clone());
    assert_eq!(service.run_until_idle().await["books"].duplicates, 1);
    clock.turn(Duration::from_mins(2)).await;
    service.queue("books").inject_raw(body);
    assert_eq!(service.run_until_idle().await["books"].handled, 1);
    assert_eq!(runs.load(SeqCst), 2);
    let passed = clock.now().duration_since("2026-11-28T12:00:00Z".parse().unwrap());
    assert_eq!(passed.as_secs(), i64::try_from(keep.as_secs()).unwrap() + 31 + 60);
}

#[tokio::test(start_paused = true)]
async fn store_fails_on_demand() {
    for operation in [Operation::Claim, Operation::Complete] {
        for fault in [StoreFault::Fails, StoreFault::LostResponse, StoreFault::Hangs] {
            let store = FaultyStore::new(MemoryStore::new());
            let (service, runs, _) = counting(store.clone(), noon());
            store.fail_next(operation, 1, fault);
            service.publish(placed("A-1")).await;
            let run = service.run_until_idle().await;
            assert_eq!(run["books"].handled, 1, "{operation:?} {fault:?}: {run:?}");
            assert_eq!(runs.load(SeqCst), 1, "{operation:?} {fault:?}");
            assert!(store.calls(operation) >= 2, "{operation:?} {fault:?}");
        }
    }
    // A worker that dies between its effect and its mark: the event is handled again.
    let store = FaultyStore::new(MemoryStore::new());
    let (service, runs, _) = counting(store.clone(), noon());
    store.fail_next(Operation::Complete, 3, StoreFault::Hangs);
    service.publish(placed("A-1")).await;
    let run = service.run_until_idle().await;
    assert_eq!((run["books"].handled, runs.load(SeqCst)), (1, 2), "{run:?}");
}

#[tokio::test(start_paused = true)]
async fn without_idempotency_each_delivery_is_handled() {
    let (service, runs, _) = counting(NoIdempotency, noon());
    service.publish(placed("A-1")).await;
    service.deliver_twice();
    assert_eq!(service.run_until_idle().await["books"].handled, 2);
    assert_eq!(runs.load(SeqCst), 2);
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "not idle: handlers have published more than 10000 entries")]
async fn handler_that_publishes_its_own_event_ends_the_run() {
    let topology = Topology::on("shop").consumer(Consumer::of::<Placed>("books")).build().unwrap();
    let bus = TestBus::of(&topology);
    let publisher = bus.publisher();
    let consumer = topology
        .handlers("books", MemoryStore::new())
        .unwrap()
        .on::<Placed, _>(move |event, _| {
            let publisher = publisher.clone();
            async move {
                let report = publisher.publish(event.data).await;
                report.into_result().map(drop).map_err(HandlerError::from)
            }
        })
        .build()
        .unwrap();
    let service = TestService::new(&topology, &bus, [consumer]);
    service.publish(placed("A-1")).await;
    service.run_until_idle().await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "not idle after 600s: `books` has 1 messages")]
async fn handler_that_hangs_ends_the_run() {
    let topology = Topology::on("shop").consumer(Consumer::of::<Placed>("books")).build().unwrap();
    let consumer = topology
        .handlers("books", MemoryStore::new())
        .unwrap()
        .on::<Placed, _>(|_, _| std::future::pending())
        .build()
        .unwrap();
    let service = TestService::new(&topology, &TestBus::of(&topology), [consumer]);
    let service = service.time_limit(Duration::from_mins(10));
    service.publish(placed("A-1")).await;
    service.run_until_idle().await;
}

#[test]
#[should_panic(expected = "unknown consumer `emialer`")]
fn unknown_consumer_is_named() {
    stage().service.queue("emialer");
}

#[test]
#[should_panic(expected = "the bus has no queue for it")]
fn bus_of_another_topology_is_refused() {
    let topology = topology();
    let bus = TestBus::alone();
    let consumers = [books(&topology, &bus), emailer(&topology, &Arc::default())];
    TestService::new(&topology, &bus, consumers);
}
