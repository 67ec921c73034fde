//! Streams with several calls in flight: order for each key, stops, refusals, drops.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

mod common;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use event_runtime::consume::Stopper;
use event_runtime::publish::{
    Entry, EntryOutcome, PublishReport, Publisher, Refusal, Transport, TransportError,
};
use event_runtime::store::BoxFuture;
use futures_core::Stream;
use tokio::time::Instant;

use self::common::{PublishedV1, at_once};

/// Events of so many keys in turn: `key-number`.
struct Proposals {
    next: i64,
    end: i64,
    keys: i64,
    taken: Arc<AtomicUsize>,
}

impl Proposals {
    fn new(end: i64, keys: i64) -> Self {
        Self { next: 0, end, keys, taken: Arc::default() }
    }
}

impl Stream for Proposals {
    type Item = PublishedV1;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<PublishedV1>> {
        if self.next == self.end {
            return Poll::Ready(None);
        }
        let number = self.next;
        self.next += 1;
        self.taken.fetch_add(1, SeqCst);
        let proposal_id = format!("{}", number % self.keys);
        Poll::Ready(Some(PublishedV1 { proposal_id, amount: number }))
    }
}

/// A slow bus that answers by the count of its entries.
#[derive(Default)]
struct Slow {
    /// Every n-th entry is throttled, if set.
    throttles: usize,
    /// The call that never answers, and the one that is refused as a whole.
    hangs_at: Option<usize>,
    refuses_at: Option<usize>,
    entries: AtomicUsize,
    calls: AtomicUsize,
    flying: AtomicUsize,
    most_flying: AtomicUsize,
    arrived: Mutex<Vec<(String, i64)>>,
}

fn order_of(entry: &Entry) -> (String, i64) {
    let detail: serde_json::Value = serde_json::from_str(&entry.detail).unwrap();
    let data = &detail["data"];
    (data["proposalId"].as_str().unwrap().to_owned(), data["amount"].as_i64().unwrap())
}

impl Transport for Slow {
    fn put<'a>(
        &'a self,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>> {
        Box::pin(async move {
            let call = self.calls.fetch_add(1, SeqCst);
            let flying = self.flying.fetch_add(1, SeqCst) + 1;
            self.most_flying.fetch_max(flying, SeqCst);
            // Calls overtake each other.
            tokio::time::sleep(Duration::from_millis(5 + 7 * (call as u64 % 5))).await;
            if self.hangs_at == Some(call) {
                std::future::pending::<()>().await;
            }
            self.flying.fetch_sub(1, SeqCst);
            if self.refuses_at == Some(call) {
                return Err(TransportError::permanent("AccessDenied", "told to"));
            }
            let outcomes = entries.iter().map(|entry| {
                let count = self.entries.fetch_add(1, SeqCst) + 1;
                if self.throttles > 0 && count.is_multiple_of(self.throttles) {
                    return EntryOutcome::Refused(Refusal::retryable("ThrottlingException", "-"));
                }
                self.arrived.lock().unwrap().push(order_of(entry));
                EntryOutcome::accepted("id")
            });
            Ok(outcomes.collect())
        })
    }
}

impl Slow {
    fn by_key(&self) -> BTreeMap<String, Vec<i64>> {
        let mut by_key: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for (key, number) in self.arrived.lock().unwrap().iter() {
            by_key.entry(key.clone()).or_default().push(*number);
        }
        by_key
    }
}

/// Adds up reports.
#[derive(Default)]
struct Sum {
    accepted: usize,
    exhausted: usize,
    rejected: usize,
}

impl Sum {
    fn add(&mut self, report: &PublishReport) {
        self.accepted += report.accepted.len();
        self.exhausted += report.exhausted.len();
        self.rejected += report.rejected.len();
    }

    fn all(&self) -> usize {
        self.accepted + self.exhausted + self.rejected
    }
}

fn key(event: &PublishedV1) -> String {
    event.proposal_id.clone()
}

#[tokio::test(start_paused = true)]
async fn calls_are_in_flight_together() {
    let bus = Slow::default();
    let publisher = Publisher::new(&bus);
    let mut sum = Sum::default();
    publisher.flow(Proposals::new(100, 7)).in_flight(4).run(|it| sum.add(&it)).await.unwrap();
    assert_eq!((sum.accepted, sum.all()), (100, 100));
    assert_eq!((bus.most_flying.load(SeqCst), bus.calls.load(SeqCst)), (4, 10), "full calls");
}

#[tokio::test(start_paused = true)]
async fn order_is_kept_for_each_key_through_retries() {
    for (keys, calls) in [(1, 4), (3, 4), (40, 4), (40, 1), (7, 9)] {
        let bus = Slow { throttles: 3, ..Slow::default() };
        let publisher = Publisher::new(&bus).with_backoff(at_once(20));
        let mut sum = Sum::default();
        let flow = publisher.flow(Proposals::new(200, keys)).in_flight(calls).ordered_by(key);
        flow.run(|it| sum.add(&it)).await.unwrap();
        assert_eq!((sum.accepted, sum.all()), (200, 200), "{keys} keys");
        let by_key = bus.by_key();
        assert_eq!(by_key.len(), usize::try_from(keys).unwrap());
        for (key, numbers) in by_key {
            assert!(numbers.is_sorted(), "{key} of {keys}: {numbers:?}");
        }
        let together = bus.most_flying.load(SeqCst);
        // Three keys fit into one call.
        assert!(together <= calls && (keys < 20 || calls == 1 || together > 1), "{together}");
    }
}

#[tokio::test(start_paused = true)]
async fn order_is_lost_without_a_key() {
    // The judge of the test above: this bus does not keep the order by itself.
    let bus = Slow { throttles: 3, ..Slow::default() };
    let publisher = Publisher::new(&bus).with_backoff(at_once(20));
    publisher.flow(Proposals::new(200, 3)).in_flight(4).run(|_| {}).await.unwrap();
    assert!(bus.by_key().values().any(|numbers| !numbers.is_sorted()));
}

#[tokio::test(start_paused = true)]
async fn stop_takes_no_more_and_settles_the_rest() {
    let bus = Slow::default();
    let publisher = Publisher::new(&bus);
    let events = Proposals::new(i64::MAX, 50);
    let taken = Arc::clone(&events.taken);
    let (stopper, stop) = Stopper::new();
    let mut sum = Sum::default();
    let running = publisher.flow(events).in_flight(3).ordered_by(key).until(stop);
    let stops = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        stopper.stop(Duration::from_secs(10));
    };
    let begun = Instant::now();
    let (result, ()) = tokio::join!(running.run(|it| sum.add(&it)), stops);
    result.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!((sum.accepted, sum.all()), (taken.load(SeqCst), taken.load(SeqCst)));
    assert!(sum.accepted > 30, "{}", sum.accepted);
}

#[tokio::test(start_paused = true)]
async fn end_of_stop_reports_what_hangs() {
    let bus = Slow { hangs_at: Some(4), ..Slow::default() };
    let publisher = Publisher::new(&bus);
    let events = Proposals::new(i64::MAX, 50);
    let taken = Arc::clone(&events.taken);
    let (stopper, stop) = Stopper::new();
    let mut sum = Sum::default();
    let running = publisher.flow(events).in_flight(2).until(stop);
    let stops = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        stopper.stop(Duration::from_secs(10));
    };
    let begun = Instant::now();
    let (result, ()) = tokio::join!(running.run(|it| sum.add(&it)), stops);
    result.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(11), "{:?}", begun.elapsed());
    assert_eq!((sum.exhausted, sum.all()), (10, taken.load(SeqCst)));
}

#[tokio::test(start_paused = true)]
async fn dropped_flow_reports_each_event_once() {
    let bus = Slow { hangs_at: Some(3), ..Slow::default() };
    let publisher = Publisher::new(&bus);
    let events = Proposals::new(i64::MAX, 3);
    let taken = Arc::clone(&events.taken);
    let mut sum = Sum::default();
    let running = publisher.flow(events).in_flight(2).ordered_by(key).run(|it| sum.add(&it));
    assert!(tokio::time::timeout(Duration::from_millis(100), running).await.is_err());
    assert!(sum.accepted > 0 && sum.exhausted > 0);
    assert_eq!(sum.all(), taken.load(SeqCst));
}

#[tokio::test(start_paused = true)]
async fn refused_call_ends_the_flow() {
    let bus = Slow { refuses_at: Some(2), ..Slow::default() };
    let publisher = Publisher::new(&bus).with_backoff(at_once(1));
    let events = Proposals::new(i64::MAX, 3);
    let taken = Arc::clone(&events.taken);
    let mut sum = Sum::default();
    let flow = publisher.flow(events).in_flight(2).ordered_by(key);
    let error = flow.run(|it| sum.add(&it)).await.unwrap_err();
    assert_eq!(error.refusal().code, "AccessDenied");
    assert!(sum.rejected > 0, "given back with their entries");
    assert_eq!(sum.all(), taken.load(SeqCst));
}
