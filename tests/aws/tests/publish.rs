//! The publisher with the official SDK, over a real socket, with a server that fails on demand.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::large_futures,
    reason = "a test that meets an error has failed and should say where"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_eventbridge::config::timeout::TimeoutConfig;
use event_aws::{BusCheckError, EventBridge};
use event_runtime::Envelope;
use event_runtime::backoff::Backoff;
use event_runtime::limits::Limits;
use event_runtime::publish::{EntryError, Publisher, Refusal, Rejection, Stamp};
use event_runtime::trace;
use event_tests_aws::events::{placed, placed_v1};
use event_tests_aws::fault::Fault;
use event_tests_aws::server::FaultServer;
use serde_json::Value;

fn publisher(server: &FaultServer) -> Publisher<EventBridge> {
    let backoff =
        Backoff { base: Duration::from_millis(1), cap: Duration::from_millis(4), attempts: 4 };
    Publisher::new(EventBridge::new(&server.events(), "orders")).with_backoff(backoff)
}

/// How often each envelope id and version was accepted.
fn arrived(server: &FaultServer) -> BTreeMap<(String, String), u32> {
    let mut arrived = BTreeMap::new();
    for entry in &server.world().accepted {
        let envelope: Envelope<Value> = serde_json::from_str(&entry.detail).unwrap();
        *arrived.entry((envelope.id.to_string(), envelope.version.to_string())).or_default() += 1;
    }
    arrived
}

#[tokio::test]
async fn bus_receives_what_was_published() {
    let server = FaultServer::start(1).await;
    let report = publisher(&server).publish(placed(7)).await;
    assert!(report.is_complete(), "{report:?}");
    let world = server.world();
    let [new, old] = world.accepted.as_slice() else { panic!("{:?}", world.accepted) };
    assert_eq!(
        (new.detail_type.as_str(), old.detail_type.as_str()),
        ("order.placed:v2", "order.placed:v1")
    );
    assert_eq!((new.source.as_str(), new.event_bus_name.as_deref()), ("app.shop", Some("orders")));
    let envelope: Envelope<Value> = serde_json::from_str(&new.detail).unwrap();
    assert_eq!(envelope.id, report.accepted[0].id);
    let milliseconds = new.time.unwrap() * 1000.0;
    let expected = envelope.occurred_at.as_millisecond();
    assert!((milliseconds - expected as f64).abs() < 1.0, "{milliseconds} and {expected}");
    // Without a fault each entry has AWS's id and not ours.
    assert!(report.accepted[0].bus_id.contains("-4000-"));
}

#[tokio::test]
async fn only_transient_failures_are_sent_again() {
    let server = FaultServer::start(1).await;
    server.script(
        "PutEvents",
        [
            Fault::Entries(vec![
                (0, "ThrottlingException"),
                (3, "InternalFailure"),
                (5, "SomethingNew"),
            ]),
            Fault::Entries(vec![(1, "InternalFailure")]),
        ],
    );
    let report = publisher(&server).publish_all((0..6).map(placed_v1)).await;
    assert_eq!((report.accepted.len(), report.rejected.len()), (5, 1));
    assert!(report.exhausted.is_empty());
    assert_eq!(report.rejected[0].reason.to_string(), "refused by the bus: SomethingNew: told to");
    assert_eq!(server.world().requests, [6, 2, 1]);
    let arrived = arrived(&server);
    assert!(arrived.len() == 5 && arrived.values().all(|times| *times == 1), "{arrived:?}");
}

#[tokio::test]
async fn transient_request_failure_is_retried_without_sdk_retries() {
    let server = FaultServer::start(1).await;
    server.script(
        "PutEvents",
        [
            Fault::Throttle,
            Fault::Refuse("InternalException", 500),
            Fault::Refuse("ServiceUnavailable", 503),
        ],
    );
    let publisher = publisher(&server);
    let report = publisher.publish(placed(1)).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!((report.calls, server.calls("PutEvents")), (4, 4));
    let counts = publisher.counts();
    assert_eq!((counts.events, counts.accepted, counts.failed_calls, counts.retried), (1, 2, 3, 6));
}

#[tokio::test]
async fn refused_request_is_not_repeated() {
    let server = FaultServer::start(1).await;
    server.script("PutEvents", [Fault::Refuse("AccessDeniedException", 400)]);
    let report = publisher(&server).publish(placed(1)).await;
    assert_eq!((report.rejected.len(), server.calls("PutEvents")), (2, 1));
    assert!(matches!(
        &report.rejected[0].reason,
        Rejection::Refused(Refusal { code, .. }) if code == "AccessDeniedException"
    ));
}

#[tokio::test]
async fn lost_response_causes_duplicates_with_same_id() {
    let server = FaultServer::start(1).await;
    server.script("PutEvents", [Fault::LoseAnswer]);
    let report = publisher(&server).publish(placed(1)).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.calls, 2);
    let arrived = arrived(&server);
    assert!(arrived.len() == 2 && arrived.values().all(|times| *times == 2), "{arrived:?}");
}

#[tokio::test]
async fn timeout_is_a_lost_response() {
    let server = FaultServer::start(1).await;
    server.script("PutEvents", [Fault::Stall(Duration::from_secs(5))]);
    let config = server.events().config().to_builder().timeout_config(
        TimeoutConfig::builder().operation_timeout(Duration::from_millis(300)).build(),
    );
    let client = aws_sdk_eventbridge::Client::from_conf(config.build());
    let publisher = Publisher::new(EventBridge::new(&client, "orders"));
    let report = publisher.publish(placed(1)).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(arrived(&server).values().copied().collect::<Vec<_>>(), [2, 2]);
}

#[tokio::test]
async fn missing_server_exhausts_tries_and_entries_are_resent_later() {
    let server = FaultServer::start(1).await;
    let publisher = publisher(&server);
    server.script("PutEvents", (0..4).map(|_| Fault::Throttle));
    let report = publisher.publish(placed(1)).await;
    assert_eq!((report.exhausted.len(), report.exhausted[0].tries), (2, 4));
    let id = report.exhausted[0].entry.id;
    let report = publisher.resend(report.exhausted).await;
    assert!(report.is_complete());
    assert!(report.accepted.iter().all(|accepted| accepted.id == id));

    drop(server);
    let report = publisher.publish(placed(2)).await;
    assert_eq!(report.exhausted.len(), 2);
}

#[tokio::test]
async fn batches_stay_within_byte_count_of_aws() {
    let server = FaultServer::start(1).await;
    // The server counts independently, and refuses a larger request as a whole.
    server.world().request_bytes = 2000;
    let publisher =
        publisher(&server).with_limits(Limits { request_bytes: 2000, ..Limits::default() });
    let events = (0..60_u32).map(|n| {
        let mut event = placed(u64::from(n));
        event.note = "é".repeat((n as usize * 37) % 700);
        event
    });
    let report = publisher.publish_all(events).await;
    let too_large =
        |reason: &Rejection| matches!(reason, Rejection::Entry(EntryError::TooLarge { .. }));
    assert!(report.rejected.iter().all(|rejected| too_large(&rejected.reason)), "{report:?}");
    assert_eq!(report.accepted.len() + report.rejected.len(), 120);
    assert_eq!(server.world().accepted.len(), report.accepted.len());
    assert!(server.world().accepted.iter().all(|entry| entry.bytes() <= 2000));
}

#[tokio::test]
async fn trace_is_sent_with_event() {
    let server = FaultServer::start(1).await;
    let publisher = publisher(&server);
    let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";
    let _ = trace::within(Some(header.to_owned()), publisher.publish(placed_v1(1))).await;
    let _ = publisher.publish(placed_v1(2)).await;
    let world = server.world();
    assert_eq!(world.accepted[0].trace_header.as_deref(), Some(header));
    assert_eq!(world.accepted[1].trace_header, None);
}

#[tokio::test]
async fn missing_bus_is_detected_at_start() {
    let server = FaultServer::start(1).await;
    assert_eq!(EventBridge::new(&server.events(), "orders").check().await, Ok(()));
    let error = EventBridge::new(&server.events(), "ordres").check().await.unwrap_err();
    assert_eq!(error.to_string(), "bus `ordres` does not exist in this account and region");
    server.script("DescribeEventBus", [Fault::Refuse("AccessDeniedException", 400)]);
    let error = EventBridge::new(&server.events(), "orders").check().await.unwrap_err();
    assert!(matches!(error, BusCheckError::Call { .. }), "{error}");
    for body in ["", "{}", r#"{"__type":"ThrottlingException"}"#, r#"{"Arn":""}"#] {
        server.script("DescribeEventBus", [Fault::Body(body)]);
        let checked = EventBridge::new(&server.events(), "orders").check().await;
        assert!(checked.is_err(), "a bus by {body:?}");
    }
}

/// A stream that counts the events taken from it, and is ready for 7 events out of 10.
struct Counting {
    drawn: u64,
    end: u64,
    polls: u64,
}

impl futures_core::Stream for Counting {
    type Item = event_tests_aws::events::PlacedV1;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.polls += 1;
        if self.polls % 10 > 7 {
            cx.waker().wake_by_ref();
            return std::task::Poll::Pending;
        }
        if self.drawn == self.end {
            return std::task::Poll::Ready(None);
        }
        self.drawn += 1;
        std::task::Poll::Ready(Some(placed_v1(self.drawn)))
    }
}

#[tokio::test]
async fn stream_is_published_completely_in_bounded_calls() {
    let server = FaultServer::start(1).await;
    server.script(
        "PutEvents",
        [Fault::Throttle, Fault::LoseAnswer, Fault::Entries(vec![(0, "ThrottlingException")])],
    );
    let publisher = publisher(&server);
    let (mut accepted, mut largest) = (0, 0);
    let stream = Counting { drawn: 0, end: 200, polls: 0 };
    publisher
        .publish_stream(stream, |report| {
            assert!(report.is_complete(), "{report:?}");
            largest = largest.max(report.accepted.len());
            accepted += report.accepted.len();
        })
        .await
        .unwrap();
    assert_eq!((accepted, arrived(&server).len()), (200, 200));
    assert!(largest <= 10, "{largest}");
    assert_eq!(publisher.counts().events, 200);
}

#[tokio::test]
async fn entry_limit_is_limit_of_its_queue_message() {
    let server = FaultServer::start(1).await;
    server.queue("emailer", &["order.placed:v1"]);
    server.world().request_bytes = usize::MAX;
    let publisher = publisher(&server);
    // One stamp for all: the text of a time is shorter where its milliseconds end in a zero.
    let stamp = Stamp::now();
    let publish = async |length: usize| {
        let mut event = placed_v1(1);
        event.note = "\"".repeat(length / 2);
        publisher.publish_stamped([(stamp, event)]).await
    };
    let limit = Limits::default().message_bytes;
    let (mut fits, mut too_long) = (0, 2 * limit);
    while too_long - fits > 2 {
        let middle = fits.midpoint(too_long) / 2 * 2;
        if publish(middle).await.is_complete() { fits = middle } else { too_long = middle }
    }
    assert!(fits > limit / 2 - 1000, "{fits}");
    let longest = {
        let world = server.world();
        world.queues["emailer"].messages.values().map(|it| it.body.len()).max().unwrap()
    };
    assert!(longest <= limit && longest > limit - 400, "{longest} of {limit}");
    let report = publish(too_long).await;
    assert_eq!(report.calls, 0, "refused before it is sent");
    let reason = report.rejected[0].reason.to_string();
    assert!(matches!(report.rejected[0].reason, Rejection::Entry(_)), "{reason}");
}
