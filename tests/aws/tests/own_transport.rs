//! The transport that `event-aws/examples/sqs_transport.rs` writes outside of our crates, from publisher to consumer,
//! and every answer that it has to tell apart.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_aws::SqsPoller;
use event_runtime::backoff::Backoff;
use event_runtime::consume::Consumer;
use event_runtime::idempotency::MemoryStore;
use event_runtime::publish::{Publisher, Refusal, Rejection, Transport};
use event_runtime::trace::{self, Trace};
use event_tests_aws::events::{PlacedV1, placed_v1};
use event_tests_aws::fault::Fault;
use event_tests_aws::server::FaultServer;
use sqs_transport::QueueTransport;

#[path = "../../../event-aws/examples/sqs_transport.rs"]
#[allow(dead_code, reason = "its `main` is run by people")]
mod sqs_transport;

fn publisher(server: &FaultServer, url: &str) -> Publisher<Arc<dyn Transport>> {
    // Which transport it is may be decided at run time.
    let transport: Arc<dyn Transport> = Arc::new(QueueTransport::new(server.sqs(), url));
    let backoff = Backoff { base: Duration::ZERO, cap: Duration::ZERO, attempts: 3 };
    Publisher::new(transport).with_backoff(backoff)
}

#[tokio::test]
async fn events_reach_their_consumer_over_a_queue_alone() {
    let server = FaultServer::start(1).await;
    let url = server.queue("orders", &[]);
    let report = publisher(&server, &url).publish_all((0..25).map(placed_v1)).await;
    assert_eq!(report.calls, 3);
    let mut ids: Vec<_> = report.into_result().unwrap().into_iter().map(|it| it.bus_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), server.depth("orders")), (25, 25));

    let sum = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&sum);
    let consumer = Consumer::builder("ledger", MemoryStore::new())
        .on::<PlacedV1, _>(move |event, _| {
            seen.fetch_add(event.data.number, SeqCst);
            async { Ok(()) }
        })
        .build()
        .unwrap();
    let poller = SqsPoller::new(server.sqs(), url, consumer).wait(Duration::from_secs(1));
    let report = poller
        .run(async { assert!(server.until(|it| it.queues["orders"].messages.is_empty()).await) });
    assert_eq!(report.await.unwrap().messages.handled, 25);
    assert_eq!(sum.load(SeqCst), (0..25).sum::<u64>());
}

#[tokio::test]
async fn trace_travels_as_an_attribute() {
    let server = FaultServer::start(1).await;
    let url = server.queue("orders", &[]);
    let w3c = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let publisher = publisher(&server, &url);
    let publishing = publisher.publish(placed_v1(1));
    trace::within(Trace::of_w3c(w3c, None), publishing).await.into_result().unwrap();
    publisher.publish(placed_v1(2)).await.into_result().unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let traces = Arc::clone(&seen);
    let consumer = Consumer::builder("ledger", MemoryStore::new())
        .on::<PlacedV1, _>(move |event, context| {
            let trace = context.trace().traceparent().map(Cow::into_owned);
            traces.lock().unwrap().push((event.data.number, trace));
            async { Ok(()) }
        })
        .build()
        .unwrap();
    let poller = SqsPoller::new(server.sqs(), url, consumer).wait(Duration::from_secs(1));
    let report = poller
        .run(async { assert!(server.until(|it| it.queues["orders"].messages.is_empty()).await) });
    assert_eq!(report.await.unwrap().messages.handled, 2);
    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    assert_eq!(seen, [(1, Some(w3c.to_owned())), (2, None)]);
}

#[tokio::test]
async fn each_answer_of_the_queue_is_told_apart() {
    let server = FaultServer::start(1).await;
    let url = server.queue("orders", &[]);
    let publisher = publisher(&server, &url);
    let body = r#"{"Successful":[{"Id":"1","MessageId":"m-1","MD5OfMessageBody":""}],"Failed":[
        {"Id":"0","SenderFault":true,"Code":"InvalidMessageContents","Message":"no"},
        {"Id":"2","SenderFault":false,"Code":"ServiceUnavailable"}]}"#;
    // The third entry and the fourth, which no list names, are sent again.
    server.script("SendMessageBatch", [Fault::Body(body)]);
    let report = publisher.publish_all((0..4).map(placed_v1)).await;
    let accepted: Vec<_> = report.accepted.iter().map(|it| it.bus_id.as_str()).collect();
    assert_eq!(accepted, ["m-1", "orders-1", "orders-2"]);
    let Rejection::Refused(refusal) = &report.rejected[0].reason else { panic!("{report:?}") };
    assert_eq!(refusal, &Refusal::permanent("InvalidMessageContents", "no"));
    assert_eq!((report.rejected.len(), report.calls), (1, 2));
}

#[tokio::test]
async fn throttled_calls_are_made_again_and_denied_ones_are_not() {
    let server = FaultServer::start(1).await;
    let url = server.queue("orders", &[]);
    let publisher = publisher(&server, &url);
    server.script("SendMessageBatch", [Fault::Throttle, Fault::LoseAnswer]);
    assert!(publisher.publish(placed_v1(1)).await.is_complete());
    let calls = server.calls("SendMessageBatch");
    server.script("SendMessageBatch", [Fault::Refuse("AccessDenied", 403)]);
    let report = publisher.publish(placed_v1(2)).await;
    assert_eq!((report.rejected.len(), server.calls("SendMessageBatch")), (1, calls + 1));
    // What stood against it is mended.
    assert!(publisher.resend(report.rejected).await.is_complete());
}

#[tokio::test]
async fn a_call_that_is_too_large_is_divided() {
    let server = FaultServer::start(1).await;
    let url = server.queue("orders", &[]);
    let publisher = publisher(&server, &url);
    let too_long = "com.amazonaws.sqs#BatchRequestTooLong";
    server.script("SendMessageBatch", [Fault::Refuse(too_long, 400)]);
    let report = publisher.publish_all((0..10).map(placed_v1)).await;
    assert!(report.is_complete(), "{report:?}");
    assert!(report.calls >= 3, "{report:?}");
    assert_eq!(server.depth("orders"), 10);
}
