//! The poller at queues that hang, refuse and throttle: it ends when it is told to, and not before.

#![allow(
    clippy::unwrap_used,
    clippy::large_futures,
    reason = "a test that meets an error has failed and should say where"
)]

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use event_aws::{DeadLetterQueue, SqsPoller};
use event_runtime::backoff::Backoff;
use event_runtime::consume::{Consumer, ConsumerBuilder, HandlerError};
use event_runtime::idempotency::{Attempt, Claim, IdempotencyStore, Key, MemoryStore, Terms};
use event_runtime::{EventId, Timestamp};
use event_tests_aws::events::PlacedV1;
use event_tests_aws::fault::Fault;
use event_tests_aws::server::FaultServer;

const HOUR: Duration = Duration::from_hours(1);

fn whole(id: EventId, number: u64) -> String {
    serde_json::json!({
        "version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103", "account": "000000000000",
        "detail-type": "order.placed:v1", "source": "app.shop", "time": "2026-11-24T12:00:00Z",
        "region": "eu-central-1", "resources": [],
        "detail": {
            "id": id, "source": "app.shop", "type": "order.placed", "version": "v1",
            "occurredAt": "2026-11-24T12:00:00Z", "data": {"number": number, "total": 1}
        }
    })
    .to_string()
}

fn handles(store: MemoryStore) -> ConsumerBuilder {
    Consumer::builder("emailer", store).on::<PlacedV1, _>(|_, _| async { Ok(()) })
}

fn poller(server: &FaultServer, consumer: ConsumerBuilder) -> SqsPoller {
    let url = server.queue("emailer", &[]);
    let consumer = consumer.concurrency(2).build().unwrap();
    SqsPoller::new(server.sqs(), url, consumer).wait(Duration::from_secs(1))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_without_an_answer_does_not_outlast_the_grace() {
    let hanging =
        ["DeleteMessageBatch", "ReceiveMessage", "ChangeMessageVisibilityBatch", "SendMessage"];
    for operation in hanging {
        let server = FaultServer::start(4).await;
        let dead = server.queue("emailer-dead", &[]);
        server.inject("emailer", &whole(EventId::generate(), 1), None);
        server.inject("emailer", "{", None);
        server.script(operation, vec![Fault::Stall(HOUR); 50]);
        let poller = poller(&server, handles(MemoryStore::new()))
            .visibility(Duration::from_secs(1))
            .dead_letters(Arc::new(DeadLetterQueue::new(server.sqs(), dead)))
            .grace(Duration::from_secs(1));
        let begun = Instant::now();
        let running = poller.run(tokio::time::sleep(Duration::from_millis(500)));
        let ended = tokio::time::timeout(Duration::from_secs(20), running).await;
        assert!(ended.is_ok(), "{operation}: still running after 20 s");
        // A second of grace, and some for a machine that has other things to do.
        assert!(begun.elapsed() < Duration::from_secs(5), "{operation}: {:?}", begun.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_does_not_end_the_poller_unless_it_is_asked_to() {
    let codes = [
        ("KMS.ThrottlingException", 400),
        ("OverLimit", 403),
        ("RequestThrottled", 403),
        ("ExpiredTokenException", 400),
        ("AccessDeniedException", 400),
        ("QueueDoesNotExist", 400),
        ("InternalFailure", 500),
        ("SomethingNew", 418),
    ];
    for (code, status) in codes {
        let server = FaultServer::start(5).await;
        server.inject("emailer", &whole(EventId::generate(), 1), None);
        // The SDK tries three times itself where it knows the code.
        server.script("ReceiveMessage", vec![Fault::Refuse(code, status); 6]);
        let quick = Backoff { base: Duration::from_millis(20), ..Backoff::default() };
        let poller = poller(&server, handles(MemoryStore::new())).backoff(quick);
        let health = poller.health();
        let (seen, server) = (Arc::new(Mutex::new((0, None))), Arc::new(server));
        let drained = {
            let (seen, health, server) = (Arc::clone(&seen), health.clone(), Arc::clone(&server));
            async move {
                let empty = server.until(|world| {
                    let mut seen = seen.lock().unwrap();
                    if health.failures() > seen.0 {
                        *seen = (health.failures(), health.last_error());
                    }
                    world.queues["emailer"].messages.is_empty()
                });
                assert!(empty.await, "not drained");
            }
        };
        let report = poller.run(drained).await.unwrap();
        assert_eq!(report.messages.handled, 1, "{code}");
        let (failures, last) = seen.lock().unwrap().clone();
        assert!(failures > 0 && report.failed_receives >= failures, "{code}: {report:?}");
        assert!(last.is_some_and(|error| error.code == code), "{code}");
        assert_eq!((health.failures(), health.failing_for()), (0, None), "{code}: healthy again");
    }
}

#[tokio::test]
async fn a_poller_that_is_to_give_up_says_why() {
    let server = FaultServer::start(6).await;
    server.script("ReceiveMessage", vec![Fault::Refuse("AccessDeniedException", 400); 100]);
    let quick = Backoff { base: Duration::from_millis(20), ..Backoff::default() };
    let poller = poller(&server, handles(MemoryStore::new())).backoff(quick);
    let poller = poller.give_up_after(Duration::from_millis(300));
    let begun = Instant::now();
    let error = poller.run(std::future::pending()).await.unwrap_err();
    assert!(error.to_string().contains("AccessDeniedException"), "{error}");
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn waits_are_derived_from_the_redrive_policy() {
    let server = FaultServer::start(7).await;
    let consumer = Consumer::builder("emailer", MemoryStore::new())
        .on::<PlacedV1, _>(|_, _| async { Err(HandlerError::transient("an outage")) });
    let poller = poller(&server, consumer);
    let learnt = |server: &FaultServer| server.calls("GetQueueAttributes") > 0;
    for (max, expected) in [(5, 10..14), (2, 900..1130)] {
        let before = server.calls("GetQueueAttributes");
        server.world().queues.get_mut("emailer").unwrap().redrive =
            Some((max, "emailer-dead".to_owned()));
        let shutdown = async {
            // The message comes when the poller knows its queue.
            while server.calls("GetQueueAttributes") == before {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
            server.inject("emailer", &whole(EventId::generate(), 1), None);
            server
                .until(|world| {
                    world.queues["emailer"]
                        .messages
                        .values()
                        .any(|it| it.hidden() > Duration::ZERO && it.receives > 0)
                })
                .await;
            tokio::time::sleep(Duration::from_millis(300)).await;
        };
        // Each run asks anew: a policy may have changed between two deployments.
        let fresh = poller.clone();
        let report = SqsPoller::run(&fresh, shutdown).await.unwrap();
        assert!(learnt(&server) && report.messages.retried == 1, "{report:?}");
        let mut world = server.world();
        let queue = world.queues.get_mut("emailer").unwrap();
        let hidden = queue.messages.values().next().unwrap().hidden().as_secs();
        assert!(expected.contains(&hidden), "{max} deliveries: {hidden} s");
        queue.messages.clear();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_at_its_last_delivery_waits_for_another_process() {
    let server = FaultServer::start(8).await;
    let (store, id) = (MemoryStore::new(), EventId::generate());
    let consumer = handles(store.clone()).busy_wait(Duration::from_millis(100));
    let poller = poller(&server, consumer).visibility(Duration::from_secs(1));
    server.world().queues.get_mut("emailer").unwrap().redrive = Some((1, "emailer-dead".into()));
    // Another process is at the event, and takes its time.
    let name = event_runtime::name::ConsumerName::new("emailer").unwrap();
    let (attempt, terms) = (Attempt::new(Key::new(&name, id)), Terms::default());
    let claim = store.claim(&attempt, Timestamp::now(), &terms).await;
    let Ok(Claim::Granted(lease)) = claim else { panic!("nobody has it") };
    let server = Arc::new(server);
    let world = Arc::clone(&server);
    let shutdown = async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        world.inject("emailer", &whole(id, 1), None);
        tokio::time::sleep(Duration::from_millis(2500)).await;
        assert_eq!((world.depth("emailer"), world.depth("emailer-dead")), (1, 0));
        let done = store.complete(&lease, Timestamp::now(), &Terms::default(), None).await;
        assert!(done.is_ok());
        assert!(world.until(|it| it.queues["emailer"].messages.is_empty()).await, "not deleted");
    };
    let report = poller.run(shutdown).await.unwrap();
    assert_eq!((report.messages.duplicates, report.messages.busy), (1, 0), "{report:?}");
    assert_eq!(server.depth("emailer-dead"), 0, "a dead letter for an event that was handled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn giving_back_is_not_overtaken_by_a_prolonging() {
    let server = FaultServer::start(9).await;
    server.inject("emailer", &whole(EventId::generate(), 1), None);
    // The prolonging that is on its way when the handler fails is done, and answered late.
    server.script("ChangeMessageVisibilityBatch", [Fault::Stall(Duration::from_millis(300))]);
    let runs = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&runs);
    let consumer =
        Consumer::builder("emailer", MemoryStore::new()).on::<PlacedV1, _>(move |_, _| {
            count.fetch_add(1, SeqCst);
            async {
                tokio::time::sleep(Duration::from_millis(1100)).await;
                Err(HandlerError::retry_after("not yet", Duration::from_mins(2)))
            }
        });
    let poller = poller(&server, consumer).visibility(Duration::from_secs(3));
    let report = poller.run(tokio::time::sleep(Duration::from_millis(2500))).await.unwrap();
    assert_eq!((report.returned, runs.load(SeqCst)), (1, 1));
    let hidden = server.world().queues["emailer"].messages.values().next().unwrap().hidden();
    assert!(hidden > Duration::from_secs(100), "{hidden:?}");
}

#[tokio::test]
async fn wait_beyond_what_sqs_takes_is_the_longest_that_it_takes() {
    let server = FaultServer::start(10).await;
    server.inject("emailer", &whole(EventId::generate(), 1), None);
    let consumer =
        Consumer::builder("emailer", MemoryStore::new()).on::<PlacedV1, _>(|_, _| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err(HandlerError::retry_after("on Monday", Duration::from_hours(48)))
        });
    let report = poller(&server, consumer).run(tokio::time::sleep(Duration::from_secs(1))).await;
    assert_eq!(report.unwrap().returned, 1);
    let hidden = server.world().queues["emailer"].messages.values().next().unwrap().hidden();
    assert!(hidden > Duration::from_hours(11), "shown again after {hidden:?}");
}

#[tokio::test]
async fn success_that_says_nothing_of_the_queue_is_not_its_policy() {
    let server = FaultServer::start(11).await;
    let consumer = Consumer::builder("emailer", MemoryStore::new())
        .on::<PlacedV1, _>(|_, _| async { Err(HandlerError::transient("an outage")) });
    let poller = poller(&server, consumer);
    for body in ["", "{}", r#"{"__type":"OverLimit"}"#, r#"{"Attributes":{}}"#] {
        server.script("GetQueueAttributes", [Fault::Body(body)]);
        assert!(poller.check().await.is_err(), "{body:?}");
        poller.check().await.unwrap();
    }
    // It asks again until it knows that there is one delivery, and so no wait between two.
    server.world().queues.get_mut("emailer").unwrap().redrive = Some((1, "emailer-dead".into()));
    server.script("GetQueueAttributes", [Fault::Body("{}"), Fault::Refuse("AccessDenied", 403)]);
    let before = server.calls("GetQueueAttributes");
    let shutdown = server.until(|world| world.plan.calls["GetQueueAttributes"] >= before + 3);
    assert!(poller.run(async { assert!(shutdown.await) }).await.is_ok());
}

#[tokio::test]
async fn queue_that_answers_at_once_with_nothing_is_not_asked_without_a_pause() {
    let server = FaultServer::start(12).await;
    server.script("ReceiveMessage", vec![Fault::Body("{}"); 10_000]);
    let poller = poller(&server, handles(MemoryStore::new()));
    poller.run(tokio::time::sleep(Duration::from_secs(1))).await.unwrap();
    let calls = server.calls("ReceiveMessage");
    assert!((2..20).contains(&calls), "{calls} calls in a second");
}
