//! A bus that remembers what was published, and fails on demand.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_runtime::embedded::EmbeddedBus;
use event_runtime::publish::{Entry, EntryOutcome, Publisher, Refusal, Transport, TransportError};
use event_runtime::store::BoxFuture;
use event_runtime::topology::Topology;
use event_runtime::{Envelope, Event};
use serde::de::DeserializeOwned;
use tokio::sync::Notify;

/// What happens to a call of a publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BusFault {
    /// The call is throttled and has no effect. The publisher tries again.
    Throttled,
    /// The last entry of the call is throttled, the others are accepted. The publisher sends it
    /// again.
    LastEntryThrottled,
    /// The call takes effect, and its response is lost: the publisher sends the entries again, and
    /// consumers receive them twice.
    LostResponse,
    /// The call is refused for good: no permission.
    Refused,
    /// Every entry is refused for good, one by one.
    EntriesRefused,
    /// It never gets a response.
    Hangs,
}

/// A bus in the process, for publishers and for a [`TestService`](super::TestService). Cheap to
/// clone; clones refer to the same bus.
///
/// # Example
///
/// What a request handler publishes, without AWS:
///
/// ```
/// # use event_runtime::Event;
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct OrderPlaced { order_id: String }
/// # impl Event for OrderPlaced {
/// #     const TYPE: &'static str = "order.placed";
/// #     const MAJOR: u32 = 1;
/// #     const MINOR: u32 = 0;
/// #     const SOURCE: &'static str = "app.shop";
/// # }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// use event_testing::service::{BusFault, TestBus};
///
/// let bus = TestBus::alone();
/// bus.fail_next(2, BusFault::Throttled);
/// let publisher = bus.publisher();
/// assert!(publisher.publish(OrderPlaced { order_id: "A-1".into() }).await.is_complete());
/// assert_eq!(bus.published::<OrderPlaced>()[0].data.order_id, "A-1");
/// # }
/// ```
#[derive(Clone)]
pub struct TestBus(Arc<Inner>);

struct Inner {
    bus: EmbeddedBus,
    state: Mutex<State>,
    /// Notified when more was published than a run expects.
    too_many: Notify,
}

#[derive(Default)]
struct State {
    accepted: Vec<Entry>,
    faults: VecDeque<BusFault>,
    calls: usize,
    limit: Option<usize>,
}

impl TestBus {
    /// Returns a bus without queues, for a publisher alone.
    ///
    /// # Panics
    ///
    /// Never: a bus without rules is valid.
    pub fn alone() -> Self {
        let bus = EmbeddedBus::builder().build();
        Self::over(bus.unwrap_or_else(|error| panic!("{error}")))
    }

    /// Returns the bus of a topology, with its rules and queues.
    pub fn of(topology: &Topology) -> Self {
        Self::over(EmbeddedBus::of(topology))
    }

    fn over(bus: EmbeddedBus) -> Self {
        Self(Arc::new(Inner { bus, state: Mutex::default(), too_many: Notify::new() }))
    }

    /// Returns a publisher on this bus, with the default back-off.
    pub fn publisher(&self) -> Publisher<Self> {
        Publisher::new(self.clone())
    }

    /// Gives the next calls a fault.
    pub fn fail_next(&self, calls: usize, fault: BusFault) {
        self.lock().faults.extend(std::iter::repeat_n(fault, calls));
    }

    /// Removes all faults that have not happened yet.
    pub fn heal(&self) {
        self.lock().faults.clear();
    }

    /// Returns all entries that the bus has accepted, in order, each version of an event for
    /// itself.
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().accepted.clone()
    }

    /// Returns what was published of an event in this major, in order, including what handlers
    /// published. An entry that was sent again after a lost response is there twice.
    ///
    /// # Panics
    ///
    /// If an envelope of this detail-type is not an `E`: the publisher uses another type.
    #[track_caller]
    pub fn published<E: Event + DeserializeOwned>(&self) -> Vec<Envelope<E>> {
        let entries = self.entries();
        let own = entries.iter().filter(|entry| entry.detail_type == E::DETAIL_TYPE);
        let mut envelopes = Vec::new();
        for entry in own {
            match serde_json::from_str(&entry.detail) {
                Ok(envelope) => envelopes.push(envelope),
                Err(error) => panic!("`{}` is not this type: {error}", E::DETAIL_TYPE),
            }
        }
        envelopes
    }

    /// Returns how many calls were made, including failed ones.
    pub fn calls(&self) -> usize {
        self.lock().calls
    }

    /// Returns the bus with its rules and queues.
    pub fn embedded(&self) -> &EmbeddedBus {
        &self.0.bus
    }

    /// Completes when this many more entries are accepted.
    pub(super) async fn more_than(&self, entries: usize) {
        let limit = {
            let mut state = self.lock();
            let limit = state.accepted.len().saturating_add(entries);
            state.limit = Some(limit);
            limit
        };
        loop {
            self.0.too_many.notified().await;
            // The notification may be one of an earlier run.
            if self.lock().accepted.len() > limit {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn accept(&self, entries: &[Entry]) -> Result<Vec<EntryOutcome>, TransportError> {
        let outcomes = self.0.bus.put(entries).await?;
        let mut state = self.lock();
        for (entry, outcome) in entries.iter().zip(&outcomes) {
            if matches!(outcome, EntryOutcome::Accepted { .. }) {
                state.accepted.push(entry.clone());
            }
        }
        if state.limit.is_some_and(|limit| state.accepted.len() > limit) {
            self.0.too_many.notify_one();
        }
        Ok(outcomes)
    }
}

impl fmt::Debug for TestBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("TestBus")
            .field("accepted", &state.accepted.len())
            .field("faults", &state.faults)
            .finish_non_exhaustive()
    }
}

impl Transport for TestBus {
    fn put<'a>(
        &'a self,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>> {
        Box::pin(async move {
            let fault = {
                let mut state = self.lock();
                state.calls += 1;
                state.faults.pop_front()
            };
            let throttled = || Refusal::retryable("ThrottlingException", "the test throttles");
            match fault {
                None => self.accept(entries).await,
                Some(BusFault::Throttled) => Err(TransportError::Failed(throttled())),
                Some(BusFault::LastEntryThrottled) => {
                    let (first, last) = entries.split_at(entries.len().saturating_sub(1));
                    let mut outcomes = self.accept(first).await?;
                    outcomes.extend(last.iter().map(|_| EntryOutcome::Refused(throttled())));
                    Ok(outcomes)
                }
                Some(BusFault::LostResponse) => {
                    self.accept(entries).await?;
                    Err(TransportError::retryable("AnswerLost", "the test loses the response"))
                }
                Some(BusFault::Refused) => {
                    Err(TransportError::permanent("AccessDeniedException", "the test refuses"))
                }
                Some(BusFault::EntriesRefused) => {
                    let refusal = || Refusal::permanent("InvalidArgument", "the test refuses");
                    Ok(entries.iter().map(|_| EntryOutcome::Refused(refusal())).collect())
                }
                Some(BusFault::Hangs) => std::future::pending().await,
            }
        })
    }
}
