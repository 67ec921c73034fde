//! Publishing on a bus that fails in all the ways in which `PutEvents` does.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

mod common;

use common::{Answer, Faulty, at_once, v1, v2};
use event_runtime::limits::Limits;
use event_runtime::publish::{
    EntryError, PublishReport, Publisher, Rejection, Stamp, TransportError,
};
use event_runtime::{Envelope, event::RenditionError};
use serde_json::Value;

fn publisher(bus: &Faulty, attempts: u32) -> Publisher<&Faulty> {
    Publisher::new(bus).with_backoff(at_once(attempts))
}

fn accepted(report: &PublishReport) -> Vec<String> {
    report.accepted.iter().map(|accepted| accepted.detail_type.to_string()).collect()
}

#[tokio::test]
async fn both_majors_are_published_together_as_one_event() {
    let bus = Faulty::default();
    let report = publisher(&bus, 1).publish(v2("P-1")).await;
    assert_eq!(accepted(&report), ["proposal.published:v2", "proposal.published:v1"]);
    assert_eq!((report.calls, bus.calls().len()), (1, 1));

    let [new, old]: [Envelope<Value>; 2] = bus
        .arrived()
        .iter()
        .map(|entry| serde_json::from_str(&entry.detail).unwrap())
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    assert_eq!((new.id, new.occurred_at), (old.id, old.occurred_at));
    assert_eq!((new.version.major(), old.version.major()), (2, 1));
    assert_eq!(new.data, serde_json::json!({"proposalId": "P-1", "amountCents": 4200}));
    assert_eq!(old.data, serde_json::json!({"proposalId": "P-1", "amount": 42}));
}

#[tokio::test]
async fn failed_conversion_does_not_block_other_majors() {
    let bus = Faulty::default();
    let mut odd = v2("P-1");
    odd.amount_cents = 4250;
    let report = publisher(&bus, 1).publish_all([odd, v2("P-2")]).await;
    assert_eq!(report.accepted.len(), 3);
    let rejected = &report.rejected[0];
    assert_eq!((report.rejected.len(), rejected.version.major()), (1, 1));
    assert_eq!(rejected.id, report.accepted[0].id);
    assert!(matches!(
        &rejected.reason,
        Rejection::Entry(EntryError::Rendition(RenditionError::Convert(why))) if why == "`amount` has no cents"
    ));
    let error = report.into_result().unwrap_err().to_string();
    assert!(
        error.starts_with("1 of 4 entries are not on the bus; `proposal.published:v1`"),
        "{error}"
    );
}

/// A stamp whose time has the same number of digits in every run.
fn stamp() -> Stamp {
    Stamp { occurred_at: "2026-11-23T13:06:06.123Z".parse().unwrap(), ..Stamp::now() }
}

async fn size_of(proposal: &str) -> usize {
    let bus = Faulty::default();
    let _ = publisher(&bus, 1).publish_stamped([(stamp(), v1(proposal))]).await;
    bus.arrived()[0].size()
}

#[tokio::test]
async fn oversized_entry_is_rejected_before_call_and_others_are_sent() {
    let limit = 3 * size_of("A").await;
    let bus = Faulty::default();
    let large = "B".repeat(limit);
    let events = ["A", &large, "C"].map(|id| (stamp(), v1(id)));
    let ids = events.each_ref().map(|(stamp, _)| stamp.id);
    let report = publisher(&bus, 1)
        .with_limits(Limits { request_bytes: limit, ..Limits::default() })
        .publish_stamped(events)
        .await;
    assert_eq!(report.accepted.iter().map(|a| a.id).collect::<Vec<_>>(), [ids[0], ids[2]]);
    assert_eq!((report.rejected.len(), report.rejected[0].id), (1, ids[1]));
    assert_eq!(bus.calls().iter().map(Vec::len).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn byte_limit_is_exact() {
    let size = size_of("P").await;
    for (limit, arrives) in [(size, true), (size - 1, false)] {
        let bus = Faulty::default();
        let report = publisher(&bus, 1)
            .with_limits(Limits { request_bytes: limit, ..Limits::default() })
            .publish_stamped([(stamp(), v1("P"))])
            .await;
        assert_eq!(report.is_complete(), arrives);
        assert_eq!(bus.calls().len(), usize::from(arrives));
        if !arrives {
            assert!(matches!(
                report.rejected[0].reason,
                Rejection::Entry(EntryError::TooLarge { bytes, limit: l }) if (bytes, l) == (size, limit)
            ));
        }
    }
}

#[tokio::test]
async fn call_is_filled_to_the_byte() {
    let limit = 2 * size_of("P").await;
    for (limit, calls) in [(limit, vec![2, 1]), (limit - 1, vec![1, 1, 1])] {
        let bus = Faulty::default();
        let report = publisher(&bus, 1)
            .with_limits(Limits { request_bytes: limit, ..Limits::default() })
            .publish_stamped([0; 3].map(|_| (stamp(), v1("P"))))
            .await;
        assert!(report.is_complete());
        assert_eq!(bus.calls().iter().map(Vec::len).collect::<Vec<_>>(), calls);
    }
}

#[tokio::test]
async fn only_throttled_entries_are_sent_again() {
    let bus = Faulty::answering([Answer::Entries(vec![
        (1, "ThrottlingException"),
        (3, "InternalFailure"),
    ])]);
    let report = publisher(&bus, 3).publish_all([v2("A"), v2("B")]).await;
    assert!(report.is_complete(), "{report:?}");

    let calls = bus.calls();
    assert_eq!(calls.iter().map(Vec::len).collect::<Vec<_>>(), [4, 2]);
    assert_eq!(calls[1], [calls[0][1].clone(), calls[0][3].clone()]);
    assert_eq!(bus.arrived().len(), 4);
}

#[tokio::test]
async fn retried_entries_share_call_with_next_ones() {
    let bus = Faulty::answering([Answer::Entries(vec![(0, "ThrottlingException")])]);
    let events = (0..19).map(|n| v1(&n.to_string()));
    let report = publisher(&bus, 3).publish_all(events).await;
    assert_eq!(report.accepted.len(), 19);
    assert_eq!(bus.calls().iter().map(Vec::len).collect::<Vec<_>>(), [10, 10]);
}

#[tokio::test]
async fn a_permanent_refusal_is_not_sent_again() {
    let bus = Faulty::answering([Answer::Entries(vec![(0, "SomethingNew")])]);
    let report = publisher(&bus, 5).publish_all([v1("A"), v1("B")]).await;
    assert_eq!((bus.calls().len(), report.accepted.len()), (1, 1));
    assert_eq!(report.rejected[0].reason.to_string(), "refused by the bus: SomethingNew: told to");
}

#[tokio::test]
async fn throttled_call_is_repeated() {
    let throttled = || Answer::Fail(TransportError::retryable("ThrottlingException", "slow down"));
    let bus = Faulty::answering([throttled(), throttled()]);
    let report = publisher(&bus, 3).publish(v2("A")).await;
    assert!(report.is_complete());
    assert_eq!((bus.calls().len(), report.calls), (3, 3));
}

#[tokio::test]
async fn refused_call_returns_its_entries_and_takes_no_more() {
    let refused = TransportError::permanent("AccessDeniedException", "no");
    let bus = Faulty::answering([Answer::Fail(refused)]);
    let mut events = (0..12).map(|n| v1(&n.to_string()));
    let report = publisher(&bus, 3).publish_all(&mut events).await;
    assert_eq!((report.rejected.len(), report.accepted.len()), (10, 0));
    assert!(report.rejected.iter().all(|rejected| rejected.entry.is_some()));
    assert_eq!((bus.calls().len(), events.count()), (1, 2));
    let again = publisher(&bus, 3).resend(report.into_unsent()).await;
    assert_eq!((again.rejected.len(), again.accepted.len()), (0, 10));
}

#[tokio::test]
async fn lost_response_causes_duplicates_with_same_id() {
    for answer in [Answer::Lost, Answer::Short] {
        let bus = Faulty::answering([answer]);
        let report = publisher(&bus, 3).publish_all([v1("A"), v1("B")]).await;
        assert_eq!(report.accepted.len(), 2);
        let arrived = bus.arrived();
        assert_eq!(arrived.len(), 4);
        assert_eq!(arrived[..2], arrived[2..]);
    }
}

#[tokio::test]
async fn exhausted_entries_can_be_resent_with_same_ids() {
    let throttled = || Answer::Entries(vec![(1, "ThrottlingException")]);
    let again = || Answer::Entries(vec![(0, "ThrottlingException")]);
    let bus = Faulty::answering([throttled(), again(), again()]);
    let publisher = publisher(&bus, 3);
    let report = publisher.publish(v2("A")).await;
    let exhausted = report.exhausted;
    assert_eq!((exhausted.len(), exhausted[0].tries), (1, 3));
    assert_eq!(exhausted[0].last_failure.to_string(), "ThrottlingException: told to");

    let id = exhausted[0].entry.id;
    let report = publisher.resend(exhausted).await;
    assert_eq!((report.accepted.len(), report.accepted[0].id), (1, id));
    assert_eq!(report.accepted[0].version.major(), 1);
    assert_eq!(bus.arrived().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn publisher_waits_between_tries() {
    let bus = Faulty::answering((0..4).map(|_| Answer::Entries(vec![(0, "InternalFailure")])));
    let before = tokio::time::Instant::now();
    let report = Publisher::new(&bus).publish(v1("A")).await;
    assert!(report.is_complete());
    // At most 100 + 200 + 400 + 800 ms; a jitter of nearly zero in all four is very unlikely.
    let waited = before.elapsed().as_millis();
    assert!((1..=1504).contains(&waited), "{waited} ms");
}
