//! Unpublished events: their payloads are available, whatever the bus answered.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use event_aws::EventBridge;
use event_runtime::Envelope;
use event_runtime::backoff::Backoff;
use event_runtime::publish::{Entry, PublishReport, Publisher, Refusal, Rejection};
use event_tests_aws::events::{PlacedV1, placed_v1};
use event_tests_aws::fault::Fault;
use event_tests_aws::server::FaultServer;
use serde_json::Value;

fn publisher(server: &FaultServer) -> Publisher<EventBridge> {
    let backoff =
        Backoff { base: Duration::from_millis(1), cap: Duration::from_millis(4), attempts: 3 };
    Publisher::new(EventBridge::new(&server.events(), "orders")).with_backoff(backoff)
}

/// The numbers of the orders that the bus accepted.
fn arrived(server: &FaultServer) -> BTreeSet<u64> {
    let number = |detail: &str| {
        let envelope: Envelope<Value> = serde_json::from_str(detail).unwrap();
        envelope.data["number"].as_u64().unwrap()
    };
    server.world().accepted.iter().map(|entry| number(&entry.detail)).collect()
}

/// Every number of a report; a missing one is lost.
fn outcomes(report: &PublishReport) -> usize {
    report.accepted.len() + report.rejected.len() + report.exhausted.len()
}

/// Orders from 0 on, counted as they are taken.
struct Orders<'a> {
    drawn: &'a AtomicU64,
    end: u64,
}

impl Iterator for Orders<'_> {
    type Item = PlacedV1;

    fn next(&mut self) -> Option<PlacedV1> {
        let number = self.drawn.load(SeqCst);
        (number < self.end).then(|| placed_v1(self.drawn.fetch_add(1, SeqCst)))
    }
}

impl futures_core::Stream for Orders<'_> {
    type Item = PlacedV1;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<PlacedV1>> {
        std::task::Poll::Ready(self.next())
    }
}

#[tokio::test]
async fn refused_call_keeps_payloads_and_takes_no_more() {
    let codes = [
        ("AccessDeniedException", 400),
        ("UnrecognizedClientException", 403),
        ("InvalidSignatureException", 403),
        ("SomethingNew", 418),
    ];
    for (code, status) in codes {
        let server = FaultServer::start(1).await;
        let publisher = publisher(&server);
        // One call succeeds, the second is refused.
        server.script("PutEvents", [Fault::None, Fault::Refuse(code, status)]);
        let drawn = AtomicU64::new(0);
        let report = publisher.publish_all(Orders { drawn: &drawn, end: 10_000 }).await;
        let count = drawn.load(SeqCst);
        assert!(count <= 30, "{code}: {count} drawn after a refusal");
        assert_eq!(outcomes(&report) as u64, count, "{code}: what was drawn is told of");
        assert_eq!(server.calls("PutEvents"), 2, "{code}");
        let refused = |it: &event_runtime::publish::Rejected| {
            it.entry.is_some()
                && matches!(&it.reason, Rejection::Refused(Refusal { code: said, .. }) if said == code)
        };
        assert!(report.rejected.iter().all(refused), "{code}: {:?}", report.rejected[0].reason);
        // The cause is fixed.
        let ids: BTreeSet<_> = report.rejected.iter().map(|rejected| rejected.id).collect();
        let report = publisher.resend(report.rejected).await;
        assert!(report.is_complete(), "{code}: {report:?}");
        assert_eq!(report.accepted.iter().map(|it| it.id).collect::<BTreeSet<_>>(), ids);
        assert_eq!(arrived(&server), (0..count).collect(), "{code}");
    }
}

#[tokio::test]
async fn entries_of_all_kinds_are_resent_together() {
    let server = FaultServer::start(1).await;
    server.script(
        "PutEvents",
        [
            Fault::Entries(vec![(1, "NotAuthorizedForSource"), (2, "ThrottlingException")]),
            Fault::Throttle,
            Fault::Throttle,
        ],
    );
    let publisher = publisher(&server);
    let report = publisher.publish_all((0..4).map(placed_v1)).await;
    assert_eq!((report.rejected.len(), report.exhausted.len()), (1, 1), "{report:?}");
    let unsent: Vec<Entry> = report.into_unsent();
    assert!(publisher.resend(unsent).await.is_complete());
    assert_eq!(arrived(&server), (0..4).collect());
}

#[tokio::test]
async fn refused_call_ends_a_stream_with_its_error() {
    let server = FaultServer::start(1).await;
    server.script("PutEvents", [Fault::None, Fault::Refuse("AccessDeniedException", 400)]);
    let (publisher, drawn) = (publisher(&server), AtomicU64::new(0));
    let (mut told, mut unsent) = (0, Vec::new());
    let settled = |report: PublishReport| {
        told += outcomes(&report);
        unsent.extend(report.into_unsent());
    };
    let orders = Orders { drawn: &drawn, end: 10_000 };
    let error = publisher.publish_stream(orders, settled).await.unwrap_err();
    assert_eq!(error.refusal().code, "AccessDeniedException");
    assert!(drawn.load(SeqCst) <= 30 && told as u64 == drawn.load(SeqCst), "{told} {drawn:?}");
    assert!(publisher.resend(unsent).await.is_complete());
    assert_eq!(arrived(&server), (0..drawn.load(SeqCst)).collect());
}

#[tokio::test]
async fn dropped_stream_reports_events_taken() {
    for fault in [Fault::Stall(Duration::from_mins(1)), Fault::Throttle] {
        let server = FaultServer::start(1).await;
        server.script("PutEvents", [Fault::None, fault.clone()]);
        let slow = Backoff { base: Duration::from_mins(1), ..Backoff::default() };
        let publisher = publisher(&server).with_backoff(slow);
        let drawn = AtomicU64::new(0);
        let (mut told, mut unsent) = (0, Vec::new());
        let settled = |report: PublishReport| {
            told += outcomes(&report);
            unsent.extend(report.into_unsent());
        };
        let publishing = publisher.publish_stream(Orders { drawn: &drawn, end: 10_000 }, settled);
        let ended = tokio::time::timeout(Duration::from_millis(700), publishing).await;
        assert!(ended.is_err(), "{fault:?}: dropped in its second call, or after it");
        assert_eq!(told as u64, drawn.load(SeqCst), "{fault:?}");
        assert!(!unsent.is_empty(), "{fault:?}");
        // A dropped call may have taken effect: duplicates have the same IDs.
        let again = self::publisher(&server).resend(unsent).await;
        assert!(again.is_complete(), "{fault:?}: {again:?}");
        assert_eq!(arrived(&server), (0..drawn.load(SeqCst)).collect(), "{fault:?}");
    }
}

#[tokio::test]
async fn too_large_request_is_split() {
    let server = FaultServer::start(1).await;
    // An account that still has the old limit; the whole request is refused with status 413, or as
    // the API reference has it.
    let bodies = |server: &FaultServer| server.world().requests.clone();
    for status in [413, 400] {
        {
            let mut world = server.world();
            world.request_bytes = 256 * 1024;
            world.too_large_status = status;
            world.requests.clear();
            world.accepted.clear();
        }
        let events = (0..30).map(|number| {
            let mut event = placed_v1(number);
            event.note = "x".repeat(60 * 1024);
            event
        });
        let publisher = publisher(&server);
        let report = publisher.publish_all(events).await;
        assert!(report.is_complete(), "{status}: {report:?}");
        assert_eq!(arrived(&server), (0..30).collect(), "{status}");
        assert!(bodies(&server).iter().all(|entries| *entries <= 4), "{:?}", bodies(&server));
        // It is learned once, and not at each call.
        let refused = report.calls - bodies(&server).len() as u64;
        assert!(refused <= 4, "{status}: {refused} calls were too large");

        // An entry that is too large by itself is rejected, and the others are sent.
        let before = server.world().accepted.len();
        let events = (100..103).map(|number| {
            let mut event = placed_v1(number);
            event.note = "x".repeat(if number == 101 { 400 * 1024 } else { 10 });
            event
        });
        let report = publisher.publish_all(events).await;
        assert_eq!((report.accepted.len(), report.rejected.len()), (2, 1), "{status}: {report:?}");
        assert!(report.rejected[0].entry.is_some(), "{status}");
        assert_eq!(server.world().accepted.len(), before + 2);
    }
}

#[tokio::test]
async fn invalid_response_is_not_success() {
    let server = FaultServer::start(1).await;
    // Status 200 with an error in its body, for example from a gateway.
    for body in [
        r#"{"__type":"ThrottlingException","message":"slow down"}"#,
        "{}",
        "",
        "<html>it works</html>",
        r#"{"FailedEntryCount":0,"Entries":[]}"#,
        r#"{"FailedEntryCount":0,"Entries":[{},{},{}]}"#,
    ] {
        server.world().accepted.clear();
        server.script("PutEvents", [Fault::Body(body)]);
        let report = publisher(&server).publish_all((0..3).map(placed_v1)).await;
        let unsent = report.into_unsent();
        assert!(publisher(&server).resend(unsent).await.is_complete(), "{body}");
        assert_eq!(arrived(&server), (0..3).collect(), "{body}");
    }
}
