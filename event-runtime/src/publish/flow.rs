//! Publishes a stream with several calls in flight, in order for each key, up to a stop.

use std::collections::hash_map::RandomState;
use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::{BuildHasher, Hash};
use std::pin::{Pin, pin};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;

use super::batch::{Group, InHand};
use super::{PublishReport, Publisher, Stamp, Transport, TransportError};
use crate::consume::Stop;
use crate::consume::stop::Phase;
use crate::event::Event;

/// Publishes a stream: [`Publisher::flow`].
#[must_use = "nothing is published before `run`"]
pub struct Flow<'p, T, S: Stream> {
    publisher: &'p Publisher<T>,
    events: S,
    calls: usize,
    key: Option<KeyOf<'p, S::Item>>,
    stop: Stop,
}

/// The hash of an event's key. Two keys with one hash wait for each other, which does no harm.
type KeyOf<'p, E> = Box<dyn Fn(&E) -> u64 + Send + Sync + 'p>;

impl<T: Transport> Publisher<T> {
    /// Publishes the events of a stream with settings: how many calls are in flight, for what the
    /// order is kept, and when to stop. [`publish_stream`](Self::publish_stream) makes one call at a
    /// time, in order, until the stream ends.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "embedded")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use std::{pin::Pin, task::{Context, Poll}};
    /// # use event_runtime::{Event, embedded::EmbeddedBus, publish::Publisher};
    /// # #[derive(serde::Serialize)]
    /// # struct OrderPlaced { order_id: String }
    /// # impl Event for OrderPlaced {
    /// #     const TYPE: &'static str = "order.placed";
    /// #     const MAJOR: u32 = 1;
    /// #     const MINOR: u32 = 0;
    /// #     const SOURCE: &'static str = "app.shop";
    /// # }
    /// # struct Orders(u32);
    /// # impl futures_core::Stream for Orders {
    /// #     type Item = OrderPlaced;
    /// #     fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<OrderPlaced>> {
    /// #         self.0 += 1;
    /// #         Poll::Ready((self.0 <= 25).then(|| OrderPlaced { order_id: self.0.to_string() }))
    /// #     }
    /// # }
    /// use event_runtime::consume::Stopper;
    ///
    /// let (stopper, stop) = Stopper::new(); // `stopper.stop(grace)` ends it
    /// let publisher = Publisher::new(EmbeddedBus::builder().build()?);
    /// publisher
    ///     .flow(Orders(0))
    ///     .in_flight(4)
    ///     .ordered_by(|order| order.order_id.clone())
    ///     .until(stop)
    ///     .run(|report| assert!(report.is_complete()))
    ///     .await?;
    /// assert_eq!(publisher.counts().accepted, 25);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "embedded"))]
    /// # fn main() {}
    /// ```
    pub fn flow<S: Stream>(&self, events: S) -> Flow<'_, T, S> {
        Flow { publisher: self, events, calls: 1, key: None, stop: Stop::never() }
    }
}

impl<'p, T, S: Stream> Flow<'p, T, S> {
    /// Sets how many calls are in flight at once (default: 1; 0 counts as 1). Each call has as many
    /// events as the stream has ready, up to the limits. Entries that must be sent again keep their
    /// place: the events of one call are settled before another one takes its place.
    pub fn in_flight(self, calls: usize) -> Self {
        Self { calls: calls.max(1), ..self }
    }

    /// Keeps the order of the events with the same key: one of them is in flight at a time, and the
    /// next one is sent when it is settled, whatever the result. Without a key, calls in flight
    /// overtake each other.
    ///
    /// A call then has at most one event of a key, because a bus may accept the later of two entries
    /// and refuse the earlier one. Events that wait for another one of their key are held in memory,
    /// at most as many as the calls have; the stream is not polled beyond that.
    pub fn ordered_by<K: Hash>(self, key: impl Fn(&S::Item) -> K + Send + Sync + 'p) -> Self {
        let hasher = RandomState::new();
        Self { key: Some(Box::new(move |event| hasher.hash_one(key(event)))), ..self }
    }

    /// Sets when to stop (default: at the end of the stream). From the first time of the
    /// [`Stop`] on, no event is taken from the stream, and the events that were taken are sent. At
    /// the second one, calls without a response are dropped, and their entries reported as exhausted.
    pub fn until(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }
}

impl<T: Transport, S: Stream<Item: Event>> Flow<'_, T, S> {
    /// Publishes until the stream ends or the stop is reached. `settled` receives the results, as
    /// those of [`Publisher::publish_stream`]; each event that was taken from the stream is in
    /// exactly one report, also if the future is dropped.
    ///
    /// # Errors
    ///
    /// The error of a call that was refused as a whole: no more events are taken, and those taken are
    /// reported, with their entries.
    pub async fn run(self, mut settled: impl FnMut(PublishReport)) -> Result<(), TransportError> {
        let Self { publisher, events, calls, key, stop } = self;
        let mut events = pin!(events);
        let reports = Mutex::default();
        let mut flowing = Flowing {
            lanes: Vec::new(),
            held: VecDeque::new(),
            reports: &reports,
            settled: &mut settled,
        };
        let (mut stopping, mut over) = (pin!(stop.stopping()), pin!(stop.over(Phase::Effect)));
        let room = publisher.limits().entries.max(1);
        let most = room.saturating_mul(calls);
        let (mut taking, mut refusal) = (true, None);
        loop {
            while flowing.lanes.len() < calls
                && let Some((groups, keys)) = flowing.free(room)
            {
                let hand = InHand { waiting: groups, ..InHand::default() };
                let work = lane(publisher, LaneHand { hand, reports: &reports });
                flowing.lanes.push(Lane { work: Box::pin(work), keys });
            }
            flowing.tell();
            // An event that is ready is taken before anything is waited for: a call has as many as
            // there are.
            taking = taking && stop.may_begin();
            let polls = taking && flowing.lanes.len() < calls && flowing.held.len() < most;
            if !taking && flowing.lanes.is_empty() && flowing.held.is_empty() {
                return refusal.map_or(Ok(()), Err);
            }
            let step = poll_fn(|cx| {
                if over.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Step::Over);
                }
                if let Poll::Ready(ended) = flowing.poll(cx) {
                    return Poll::Ready(Step::Settled(ended));
                }
                if taking && stopping.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Step::Stopping);
                }
                if polls && let Poll::Ready(first) = events.as_mut().poll_next(cx) {
                    let mut ready = Vec::from_iter(first);
                    let mut ended = ready.is_empty();
                    while !ended && ready.len() < room {
                        match events.as_mut().poll_next(cx) {
                            Poll::Ready(Some(event)) => ready.push(event),
                            Poll::Ready(None) => ended = true,
                            Poll::Pending => break,
                        }
                    }
                    return Poll::Ready(Step::Events(ready, ended));
                }
                Poll::Pending
            });
            match step.await {
                Step::Settled(None) => {}
                Step::Settled(Some(error)) => {
                    // The next call would be refused too.
                    taking = false;
                    let waiting = flowing.held.drain(..).map(|(_, group)| group).collect();
                    let mut hand = InHand { waiting, ..InHand::default() };
                    publisher.give_back(&mut hand, &error);
                    flowing.report(hand.report);
                    refusal.get_or_insert(error);
                }
                Step::Events(ready, ended) => {
                    taking = !ended;
                    for event in ready {
                        let key = key.as_ref().map(|key| key(&event));
                        let mut report = PublishReport::default();
                        let group = publisher.group(Stamp::now(), event, &mut report.rejected);
                        flowing.report(report);
                        if !group.is_empty() {
                            flowing.held.push_back((key, group));
                        }
                    }
                }
                Step::Stopping => taking = false,
                // Dropping what is left reports it.
                Step::Over => return refusal.map_or(Ok(()), Err),
            }
        }
    }
}

impl<T, S: Stream> fmt::Debug for Flow<'_, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ordered = self.key.is_some();
        f.debug_struct("Flow")
            .field("in_flight", &self.calls)
            .field("ordered", &ordered)
            .finish_non_exhaustive()
    }
}

/// What happens next.
enum Step<E> {
    /// A lane ended, with the error if its call was refused as a whole.
    Settled(Option<TransportError>),
    /// Events that were ready, and whether the stream has ended.
    Events(Vec<E>, bool),
    Stopping,
    Over,
}

/// Sends the entries of one batch until all are settled. Returns the error of a call that was refused
/// as a whole.
async fn lane<T: Transport>(
    publisher: &Publisher<T>,
    mut lane: LaneHand<'_>,
) -> Option<TransportError> {
    let hand = &mut lane.hand;
    loop {
        hand.fill(&mut std::iter::empty(), &publisher.limits_now());
        if hand.flying.is_empty() {
            return None;
        }
        if let Some(refusal) = publisher.round(hand).await {
            publisher.give_back(hand, &refusal);
            return Some(refusal);
        }
    }
}

/// The entries of a lane, which are reported when it ends or is dropped.
struct LaneHand<'a> {
    hand: InHand,
    reports: &'a Mutex<Vec<PublishReport>>,
}

impl Drop for LaneHand<'_> {
    fn drop(&mut self) {
        let report = self.hand.dropped();
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
    }
}

/// A call in flight, with the keys of its events.
struct Lane<'a> {
    work: Pin<Box<dyn Future<Output = Option<TransportError>> + Send + 'a>>,
    keys: Vec<u64>,
}

/// The events that were taken from the stream, and the callback for their results, even if the future
/// is dropped.
struct Flowing<'a, 's, F: FnMut(PublishReport)> {
    lanes: Vec<Lane<'a>>,
    /// Events that wait for a lane, or for another one of their key.
    held: VecDeque<(Option<u64>, Group)>,
    reports: &'a Mutex<Vec<PublishReport>>,
    settled: &'s mut F,
}

impl<F: FnMut(PublishReport)> Flowing<'_, '_, F> {
    /// Removes the events that may be sent now, in order, for one call. `None` without any.
    fn free(&mut self, room: usize) -> Option<(VecDeque<Group>, Vec<u64>)> {
        let mut busy: HashSet<u64> = self.lanes.iter().flat_map(|it| &it.keys).copied().collect();
        let (mut groups, mut keys) = (VecDeque::new(), Vec::new());
        let (mut entries, mut waiting) = (0, VecDeque::with_capacity(self.held.len()));
        while let Some((key, group)) = self.held.pop_front() {
            let has_room = groups.is_empty() || entries + group.len() <= room;
            // The next one of a key waits for this one, even if this one waits itself.
            let is_first = key.is_none_or(|key| busy.insert(key));
            if has_room && is_first {
                entries += group.len();
                groups.push_back(group);
                keys.extend(key);
            } else {
                waiting.push_back((key, group));
            }
        }
        self.held = waiting;
        (!groups.is_empty()).then_some((groups, keys))
    }

    /// Polls the lanes. Ready when one has ended.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<TransportError>> {
        for at in 0..self.lanes.len() {
            if let Poll::Ready(ended) = self.lanes[at].work.as_mut().poll(cx) {
                drop(self.lanes.swap_remove(at));
                return Poll::Ready(ended);
            }
        }
        Poll::Pending
    }

    fn report(&mut self, report: PublishReport) {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
    }

    fn tell(&mut self) {
        let reports = {
            let mut reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *reports)
        };
        for report in reports.into_iter().filter(|report| !report.is_empty()) {
            (self.settled)(report);
        }
    }
}

impl<F: FnMut(PublishReport)> Drop for Flowing<'_, '_, F> {
    fn drop(&mut self) {
        // Each lane reports its entries.
        self.lanes.clear();
        let waiting = self.held.drain(..).map(|(_, group)| group).collect();
        let report = InHand { waiting, ..InHand::default() }.dropped();
        self.report(report);
        self.tell();
    }
}
