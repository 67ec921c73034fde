//! The poller with the official SDK, over a real socket, with queues that fail on demand.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_aws::{DeadLetterQueue, EventBridge, PollReport, SqsPoller};
use event_runtime::backoff::Backoff;
use event_runtime::consume::{Consumer, ConsumerBuilder, HandlerError};
use event_runtime::decode::Wrapping;
use event_runtime::idempotency::MemoryStore;
use event_runtime::publish::Publisher;
use event_tests_aws::events::{PlacedV1, placed_v1};
use event_tests_aws::fault::Fault;
use event_tests_aws::server::FaultServer;
use tokio::sync::oneshot;

type Seen = Arc<Mutex<Vec<u64>>>;

/// Records the number of each order; the odd ones of `failing` fail as specified.
fn consumer(seen: &Seen, fail: fn(u64, u32) -> Result<(), HandlerError>) -> ConsumerBuilder {
    let seen = Arc::clone(seen);
    Consumer::builder("emailer", MemoryStore::new()).on::<PlacedV1, _>(move |event, context| {
        let result = fail(event.data.number, context.receives());
        if result.is_ok() {
            seen.lock().unwrap().push(event.data.number);
        }
        async { result }
    })
}

fn poller(server: &FaultServer, queue: &str, consumer: Consumer) -> SqsPoller {
    let backoff = Backoff { base: Duration::ZERO, cap: Duration::ZERO, attempts: u32::MAX };
    let url = format!("{}/000000000000/{queue}", server.url());
    SqsPoller::new(server.sqs(), url, consumer).wait(Duration::from_secs(1)).backoff(backoff)
}

/// Polls until the queue is empty.
async fn drain(server: &FaultServer, queue: &str, poller: &SqsPoller) -> PollReport {
    let empty = async {
        assert!(server.until(|world| world.queues[queue].messages.is_empty()).await, "not drained");
    };
    poller.run(empty).await.unwrap()
}

async fn publish(server: &FaultServer, numbers: std::ops::Range<u64>) {
    let publisher = Publisher::new(EventBridge::new(&server.events(), "orders"));
    assert!(publisher.publish_all(numbers.map(placed_v1)).await.is_complete());
}

/// The whole event of an order, as a queue receives it.
fn whole(number: u64) -> String {
    let id = event_runtime::EventId::generate();
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

#[tokio::test]
async fn bus_rule_queue_poller() {
    let server = FaultServer::start(2).await;
    server.queue("emailer", &["order.placed:v1"]);
    publish(&server, 0..25).await;
    let seen = Seen::default();
    let poller = poller(&server, "emailer", consumer(&seen, |_, _| Ok(())).build().unwrap());
    poller.check().await.unwrap();
    let report = drain(&server, "emailer", &poller).await;
    let mut seen = seen.lock().unwrap().clone();
    seen.sort_unstable();
    assert_eq!(seen, (0..25).collect::<Vec<_>>());
    assert_eq!((report.messages.handled, report.deleted, report.undeleted), (25, 25, 0));
    // Deleted in one batch, not one by one.
    assert!(server.calls("DeleteMessageBatch") <= 10, "{}", server.calls("DeleteMessageBatch"));
}

#[tokio::test]
async fn transient_failure_is_redelivered_and_permanent_one_is_dead_letter() {
    let server = FaultServer::start(2).await;
    server.queue("emailer", &["order.placed:v1"]);
    let dead = server.queue("emailer-dead", &[]);
    publish(&server, 0..6).await;
    server.inject("emailer", "{", None);
    // A whole event, decoded as if it were an envelope.
    server.inject("emailer", include_str!("fixtures/naive.json"), None);
    let seen = Seen::default();
    let consumer = consumer(&seen, |number, receives| match number {
        2 if receives < 3 => Err(HandlerError::transient("not yet")),
        4 => Err(HandlerError::permanent("no such customer\u{1}")),
        _ => Ok(()),
    });
    // The first send fails permanently; the message is delivered again and sent then.
    server.script("SendMessage", [Fault::Refuse("InvalidMessageContents", 400)]);
    let poller = poller(&server, "emailer", consumer.build().unwrap())
        .dead_letters(Arc::new(DeadLetterQueue::new(server.sqs(), dead)));
    let report = drain(&server, "emailer", &poller).await;
    assert_eq!(report.messages.handled, 5);
    assert_eq!(seen.lock().unwrap().len(), 5);
    let world = server.world();
    let mut letters: Vec<_> = world.queues["emailer-dead"]
        .messages
        .values()
        .map(|letter| {
            let attribute = |name| letter.attribute(name).unwrap_or_default().to_owned();
            assert_eq!(attribute("CONSUMER"), "emailer");
            (attribute("ERROR_CODE"), attribute("ERROR_MESSAGE"))
        })
        .collect();
    letters.sort();
    let [(permanent, why), (poison, broken), (unhandled, foreign)] = letters.as_slice() else {
        panic!("{letters:?}")
    };
    assert_eq!((permanent.as_str(), why.as_str()), ("Permanent", "no such customer\\u{1}"));
    assert_eq!(poison, "Poison");
    assert!(broken.starts_with("failed to parse the message body"), "{broken}");
    assert_eq!(unhandled, "Unhandled");
    assert!(foreign.contains("is not in an event envelope"), "{foreign}");
}

#[tokio::test]
async fn slow_handler_keeps_message_hidden() {
    let server = FaultServer::start(2).await;
    server.queue("emailer", &["order.placed:v1"]);
    publish(&server, 0..1).await;
    let runs = Arc::new(AtomicU32::new(0));
    let consumer = Consumer::builder("emailer", MemoryStore::new()).on::<PlacedV1, _>({
        let runs = Arc::clone(&runs);
        move |_, _| {
            runs.fetch_add(1, Ordering::SeqCst);
            async {
                tokio::time::sleep(Duration::from_millis(2500)).await;
                Ok(())
            }
        }
    });
    let poller = poller(&server, "emailer", consumer.build().unwrap())
        .workers(2)
        .visibility(Duration::from_secs(1));
    let report = drain(&server, "emailer", &poller).await;
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    assert_eq!((report.messages.received, report.messages.handled), (1, 1));
    assert!(server.world().queues["emailer"].changes >= 3);
}

#[tokio::test]
async fn group_stops_at_first_failure_and_others_continue() {
    let server = FaultServer::start(2).await;
    server.queue("emailer.fifo", &[]);
    for number in 0..9 {
        server.inject(
            "emailer.fifo",
            &whole(number),
            Some(["a", "b", "c"][usize::try_from(number % 3).unwrap()]),
        );
    }
    let seen = Seen::default();
    let consumer = consumer(&seen, |number, receives| match number {
        4 if receives < 3 => Err(HandlerError::transient("not yet")),
        _ => Ok(()),
    });
    let poller = poller(&server, "emailer.fifo", consumer.concurrency(3).build().unwrap());
    drain(&server, "emailer.fifo", &poller).await;
    let seen = seen.lock().unwrap().clone();
    for group in 0..3 {
        let of_group: Vec<_> = seen.iter().copied().filter(|n| n % 3 == group).collect();
        assert_eq!(of_group, [group, group + 3, group + 6]);
    }
    // The group of 4 waited; the others did not wait for it.
    let place = |number| seen.iter().position(|seen| *seen == number).unwrap();
    assert!(place(4) > place(6) && place(4) > place(8), "{seen:?}");
}

#[tokio::test]
async fn shutdown_returns_waiting_messages_and_finishes_running_ones() {
    let server = FaultServer::start(2).await;
    server.queue("emailer", &["order.placed:v1"]);
    publish(&server, 0..5).await;
    let (begun, mut begin) = tokio::sync::mpsc::unbounded_channel();
    let consumer =
        Consumer::builder("emailer", MemoryStore::new()).on::<PlacedV1, _>(move |_, _| {
            begun.send(()).unwrap();
            async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                Ok(())
            }
        });
    let poller = poller(&server, "emailer", consumer.build().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(async move { poller.run(async { drop(stopped.await) }).await });
    begin.recv().await.unwrap();
    stop.send(()).unwrap();
    let report = running.await.unwrap().unwrap();
    assert_eq!((report.messages.handled, report.returned, report.deleted), (1, 4, 1));
    let world = server.world();
    let left: Vec<_> = world.queues["emailer"].messages.values().collect();
    assert!(left.len() == 4 && left.iter().all(|message| message.hidden().is_zero()), "{left:?}");
}

#[tokio::test]
async fn handler_beyond_grace_is_dropped_and_claim_released() {
    let server = FaultServer::start(2).await;
    server.queue("emailer", &["order.placed:v1"]);
    publish(&server, 0..1).await;
    let store = MemoryStore::new();
    let (begun, begin) = oneshot::channel();
    let begun = Mutex::new(Some(begun));
    let consumer = Consumer::builder("emailer", store.clone()).on::<PlacedV1, _>(move |_, _| {
        if let Some(begun) = begun.lock().unwrap().take() {
            begun.send(()).unwrap();
        }
        std::future::pending()
    });
    let poller =
        poller(&server, "emailer", consumer.build().unwrap()).grace(Duration::from_millis(100));
    let report = poller.run(async { begin.await.unwrap() }).await.unwrap();
    assert_eq!((report.messages.retried, report.returned), (1, 1));
    assert!(store.is_empty(), "the claim is still there");
}

#[tokio::test]
async fn panic_in_handler_neither_ends_poller_nor_loses_message() {
    let server = FaultServer::start(2).await;
    server.queue("emailer", &["order.placed:v1"]);
    publish(&server, 0..3).await;
    let seen = Seen::default();
    let consumer = consumer(&seen, |number, receives| {
        assert!(number != 1 || receives > 1, "at first sight");
        Ok(())
    });
    let poller = poller(&server, "emailer", consumer.build().unwrap());
    let report = drain(&server, "emailer", &poller).await;
    assert_eq!((report.messages.handled, report.messages.retried, report.deleted), (3, 1, 3));
}

#[tokio::test]
async fn failed_deletes_are_retried_and_missing_queue_is_error() {
    let server = FaultServer::start(2).await;
    server.queue("emailer", &["order.placed:v1"]);
    publish(&server, 0..3).await;
    server.script("DeleteMessageBatch", [Fault::Entries(vec![(0, "InternalError")])]);
    let seen = Seen::default();
    let poller = poller(&server, "emailer", consumer(&seen, |_, _| Ok(())).build().unwrap());
    let report = drain(&server, "emailer", &poller).await;
    assert_eq!((report.deleted, report.undeleted, report.messages.received), (3, 0, 3));

    let url = format!("{}/000000000000/elsewhere", server.url());
    let nowhere =
        SqsPoller::new(server.sqs(), url, consumer(&seen, |_, _| Ok(())).build().unwrap());
    let error = nowhere.check().await.unwrap_err();
    assert!(error.to_string().contains("elsewhere"), "{error}");
    let nowhere = nowhere.give_up_after(Duration::ZERO);
    assert!(nowhere.run(std::future::pending()).await.is_err());
}

#[tokio::test]
async fn declared_layer_is_decoded_and_others_are_poison() {
    let envelope =
        serde_json::from_str::<serde_json::Value>(&whole(1)).unwrap()["detail"].to_string();
    let sns = serde_json::json!({"Type": "Notification", "TopicArn": "arn:x", "Message": whole(1)});
    let bodies = [whole(1), envelope, sns.to_string()];
    for (wrapping, expected) in [
        (Wrapping::EventOrEnvelope, [1, 1, 0]),
        (Wrapping::Event, [1, 0, 0]),
        (Wrapping::Envelope, [0, 1, 0]),
        (Wrapping::Sns, [0, 0, 1]),
    ] {
        for (body, handled) in bodies.iter().zip(expected) {
            let record = event_runtime::consume::Record::new("m", body.as_str());
            let consumer = consumer(&Seen::default(), |_, _| Ok(())).wrapping(wrapping);
            let stats = consumer.build().unwrap().handle_batch(vec![record]).await.stats();
            assert_eq!(
                (stats.handled, stats.poison),
                (handled, 1 - handled),
                "{wrapping:?} {body}"
            );
        }
    }
}

#[tokio::test]
async fn unconfirmed_delete_is_repeated() {
    let bodies = [
        r#"{"__type":"com.amazonaws.sqs#RequestThrottled","message":"slow down"}"#,
        "{}",
        r#"{"Successful":[{"Id":"1"}],"Failed":[]}"#,
        r#"{"Successful":[],"Failed":[{"Id":"0","Code":"InternalError","SenderFault":false}]}"#,
        "<html>it works</html>",
    ];
    for body in bodies {
        let server = FaultServer::start(2).await;
        server.queue("emailer", &["order.placed:v1"]);
        publish(&server, 0..1).await;
        server.script("DeleteMessageBatch", [Fault::Body(body)]);
        let seen = Seen::default();
        let poller = poller(&server, "emailer", consumer(&seen, |_, _| Ok(())).build().unwrap());
        let report = drain(&server, "emailer", &poller).await;
        assert_eq!((report.deleted, report.messages.received), (1, 1), "{body}");
        assert_eq!(*seen.lock().unwrap(), [0], "{body}");
    }
}

#[tokio::test]
async fn invalid_receive_response_loses_nothing() {
    for body in
        ["{}", "", "[]", "<html>it works</html>", r#"{"Messages":null}"#, r#"{"Messages":[{}]}"#]
    {
        let server = FaultServer::start(2).await;
        server.queue("emailer", &["order.placed:v1"]);
        publish(&server, 0..2).await;
        server.script("ReceiveMessage", [Fault::Body(body)]);
        let seen = Seen::default();
        let poller = poller(&server, "emailer", consumer(&seen, |_, _| Ok(())).build().unwrap());
        drain(&server, "emailer", &poller).await;
        let mut seen = seen.lock().unwrap().clone();
        seen.sort_unstable();
        assert_eq!(seen, [0, 1], "{body}");
    }
}

#[tokio::test]
async fn poison_in_group_is_dead_letter_and_group_continues() {
    let server = FaultServer::start(2).await;
    server.queue("emailer.fifo", &[]);
    let dead = server.queue("dead.fifo", &[]);
    for number in 0..5 {
        let body = if number == 2 { "{".to_owned() } else { whole(number) };
        server.inject("emailer.fifo", &body, Some("a"));
    }
    let seen = Seen::default();
    // The letter is refused at first: the group waits for it, and nothing overtakes.
    server.script("SendMessage", [Fault::Refuse("AccessDeniedException", 400)]);
    let letters = Arc::new(DeadLetterQueue::new(server.sqs(), dead));
    let poller = poller(&server, "emailer.fifo", consumer(&seen, |_, _| Ok(())).build().unwrap())
        .dead_letters(letters);
    drain(&server, "emailer.fifo", &poller).await;
    assert_eq!(*seen.lock().unwrap(), [0, 1, 3, 4]);
    let world = server.world();
    let letters: Vec<_> = world.queues["dead.fifo"].messages.values().collect();
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].body.as_str(), letters[0].group.as_deref()), ("{", Some("a")));
}

#[tokio::test]
async fn throttling_of_all_calls_loses_nothing() {
    let server = FaultServer::start(3).await;
    server.queue("emailer", &["order.placed:v1"]);
    publish(&server, 0..6).await;
    server.script("ReceiveMessage", vec![Fault::Throttle; 8]);
    server.script("DeleteMessageBatch", vec![Fault::Throttle; 30]);
    let seen = Seen::default();
    let poller = poller(&server, "emailer", consumer(&seen, |_, _| Ok(())).build().unwrap())
        .visibility(Duration::from_secs(1));
    server.world().second = Duration::from_millis(300);
    let report = drain(&server, "emailer", &poller).await;
    let mut seen = seen.lock().unwrap().clone();
    seen.sort_unstable();
    assert_eq!(seen, (0..6).collect::<Vec<_>>(), "each once: {report:?}");
    assert_eq!(report.messages.handled, 6);
}

#[tokio::test]
async fn event_of_another_source_is_not_handled() {
    let server = FaultServer::start(2).await;
    server.queue("emailer", &[]);
    let dead = server.queue("emailer-dead", &[]);
    server.inject("emailer", &whole(1).replace("app.shop", "app.mallory"), None);
    server.inject("emailer", &whole(2), None);
    let seen = Seen::default();
    let poller = poller(&server, "emailer", consumer(&seen, |_, _| Ok(())).build().unwrap())
        .dead_letters(Arc::new(DeadLetterQueue::new(server.sqs(), dead)));
    drain(&server, "emailer", &poller).await;
    assert_eq!(*seen.lock().unwrap(), [2]);
    let world = server.world();
    let letter = world.queues["emailer-dead"].messages.values().next().unwrap();
    assert_eq!(letter.attribute("ERROR_CODE"), Some("Unhandled"));
    let why = letter.attribute("ERROR_MESSAGE").unwrap();
    assert!(why.contains("from `app.mallory`, expected the source `app.shop`"), "{why}");
}

#[tokio::test]
async fn group_of_standard_queue_has_no_order() {
    let server = FaultServer::start(3).await;
    server.queue("emailer", &[]);
    // The tenant's first event fails with a transient error; the others are not delayed by it.
    for number in 0..10 {
        server.inject("emailer", &whole(number), Some("tenant-1"));
    }
    let seen = Seen::default();
    let fail = |number, receives| match number {
        0 if receives < 4 => Err(HandlerError::transient("not yet")),
        _ => Ok(()),
    };
    let poller = poller(&server, "emailer", consumer(&seen, fail).build().unwrap());
    let report = drain(&server, "emailer", &poller).await;
    assert_eq!((report.messages.handled, report.messages.retried), (10, 3), "{report:?}");
}

#[tokio::test]
async fn last_delivery_of_message_does_not_affect_its_group() {
    let server = FaultServer::start(3).await;
    server.queue("emailer.fifo", &[]);
    server.queue("dead.fifo", &[]);
    server.world().queues.get_mut("emailer.fifo").unwrap().redrive = Some((3, "dead.fifo".into()));
    let seen = Seen::default();
    // The first message of the group never succeeds; the others were received as often.
    let consumer = consumer(&seen, |number, _| match number {
        0 => Err(HandlerError::transient("never")),
        _ => Ok(()),
    });
    let poller = poller(&server, "emailer.fifo", consumer.build().unwrap());
    let learnt = async {
        // The queue's redrive policy is known when they arrive.
        assert!(server.until(|world| world.plan.calls.contains_key("GetQueueAttributes")).await);
        tokio::time::sleep(Duration::from_millis(200)).await;
        for number in 0..10 {
            server.inject("emailer.fifo", &whole(number), Some("a"));
        }
        assert!(server.until(|world| world.queues["emailer.fifo"].messages.is_empty()).await);
    };
    poller.run(learnt).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), (1..10).collect::<Vec<_>>(), "in their order");
    assert_eq!(server.depth("dead.fifo"), 1);
}
