//! The publisher: stamps, entries, calls, and retries.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tracing::{Instrument, Level, debug, debug_span, enabled, warn};

use super::batch::{Group, InHand, Pending};
use super::counts::{Counters, add};
use super::{
    Accepted, Entry, EntryOutcome, Exhausted, Head, PublishReport, PublisherCounts, Refusal,
    Rejected, Rejection, Stamp, Transport, TransportError,
};
use crate::backoff::Backoff;
use crate::event::{Event, Renditions};
use crate::limits::Limits;
use crate::metrics::{PublisherMetrics, Unpublished};

/// Publishes events over a [`Transport`].
///
/// # Example
///
/// ```
/// # #[cfg(feature = "embedded")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use event_runtime::Event;
/// use event_runtime::backoff::Backoff;
/// use event_runtime::embedded::EmbeddedBus;
/// use event_runtime::publish::Publisher;
/// # #[derive(serde::Serialize)]
/// # struct OrderPlaced { order_id: String }
/// # impl Event for OrderPlaced {
/// #     const TYPE: &'static str = "order.placed";
/// #     const MAJOR: u32 = 1;
/// #     const MINOR: u32 = 0;
/// #     const SOURCE: &'static str = "app.shop";
/// # }
///
/// let bus = EmbeddedBus::builder().build()?;
/// let publisher = Publisher::new(bus)
///     .with_backoff(Backoff { cap: Duration::from_millis(500), ..Backoff::default() });
/// let report = publisher.publish(OrderPlaced { order_id: "A-1".into() }).await;
/// assert!(report.is_complete());
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "embedded"))]
/// # fn main() {}
/// ```
#[derive(Debug, Clone)]
pub struct Publisher<T> {
    transport: T,
    limits: Limits,
    backoff: Backoff,
    counters: Arc<Counters>,
    /// The maximum size of a call, learned from the bus's refusals.
    learned: Arc<AtomicUsize>,
}

impl<T: Transport> Publisher<T> {
    /// Returns a publisher with the current limits of AWS and the default back-off.
    pub fn new(transport: T) -> Self {
        Self {
            transport,
            limits: Limits::default(),
            backoff: Backoff::default(),
            counters: Arc::default(),
            learned: Arc::new(AtomicUsize::new(usize::MAX)),
        }
    }

    /// Sets other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sets another back-off.
    #[must_use]
    pub fn with_backoff(self, backoff: Backoff) -> Self {
        Self { backoff, ..self }
    }

    /// Returns the counts of this publisher and its clones.
    pub fn counts(&self) -> PublisherCounts {
        self.counters.read()
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Publishes one event, in each of its live majors.
    pub async fn publish<E: Event>(&self, event: E) -> PublishReport {
        self.publish_stamped([(Stamp::now(), event)]).await
    }

    /// Publishes many events, as many per call as the limits allow. Events are taken from the
    /// iterator as calls succeed, so at most the entries of one call are held in memory. If a call
    /// is refused as a whole (expired credentials, no permission), no more events are taken; the
    /// report contains those taken, with their entries.
    pub async fn publish_all<E: Event>(
        &self,
        events: impl IntoIterator<Item = E>,
    ) -> PublishReport {
        self.publish_stamped(events.into_iter().map(|event| (Stamp::now(), event))).await
    }

    /// Publishes events whose IDs and times are already known: from an outbox, or again after a
    /// crash, so that consumers detect the duplicates.
    pub async fn publish_stamped<E: Event>(
        &self,
        events: impl IntoIterator<Item = (Stamp, E)>,
    ) -> PublishReport {
        let mut rejected = Vec::new();
        let mut groups =
            events.into_iter().map(|(stamp, event)| self.group(stamp, event, &mut rejected));
        let mut report = self.send(&mut groups).await;
        drop(groups);
        report.rejected.append(&mut rejected);
        report
    }

    /// Returns the entries of one event. Those that cannot be sent go to `rejected`.
    pub(super) fn group<E: Event>(
        &self,
        stamp: Stamp,
        event: E,
        rejected: &mut Vec<Rejected>,
    ) -> Group {
        add(&self.counters.events, 1);
        Renditions::enveloped(event, Head::of(stamp))
            .into_iter()
            .filter_map(|enveloped| {
                let (version, detail_type) = (enveloped.version, enveloped.detail_type);
                Entry::of(stamp, enveloped, &self.limits)
                    .map_err(|error| {
                        warn!(id = %stamp.id, %detail_type, %error, "failed to create an entry");
                        let detail_type = Cow::Borrowed(detail_type);
                        add(&self.counters.rejected, 1);
                        self.counters.metrics.rejected(&detail_type, Unpublished::Invalid);
                        rejected.push(Rejected {
                            id: stamp.id,
                            version,
                            detail_type,
                            reason: error.into(),
                            entry: None,
                        });
                    })
                    .ok()
            })
            .map(|entry| Pending { entry, tries: 0 })
            .collect()
    }

    /// Sends the exhausted or rejected entries of an earlier report again: the same entries with
    /// the same IDs, and nothing else of their events. Accepts [`Exhausted`], [`Rejected`] and
    /// [`Entry`]. A rejected version without an entry is skipped.
    pub async fn resend<U: Into<Option<Entry>>>(
        &self,
        unsent: impl IntoIterator<Item = U>,
    ) -> PublishReport {
        let entries = unsent.into_iter().filter_map(Into::into);
        self.send(&mut entries.map(|entry| vec![Pending { entry, tries: 0 }])).await
    }

    async fn send(&self, coming: &mut impl Iterator<Item = Group>) -> PublishReport {
        let mut hand = InHand::default();
        loop {
            hand.fill(coming, &self.limits_now());
            if hand.flying.is_empty() {
                return hand.report;
            }
            if let Some(refusal) = self.round(&mut hand).await {
                // The next call would be refused as well: take no more events.
                self.give_back(&mut hand, &refusal);
                return hand.report;
            }
        }
    }

    /// Returns the limits, lowered to what the bus has refused so far.
    pub(super) fn limits_now(&self) -> Limits {
        let learned = self.learned.load(Ordering::Relaxed);
        Limits { request_bytes: self.limits.request_bytes.min(learned), ..self.limits }
    }

    /// Makes one call, and waits if entries must be sent again, which are then first in `waiting`.
    /// Returns the error if the call was refused as a whole.
    pub(super) async fn round(&self, hand: &mut InHand) -> Option<TransportError> {
        let (again, refusal) = self.call(hand).await;
        add(&self.counters.retried, again.len());
        let Some(tried) = again.iter().map(|pending| pending.tries).max() else { return refusal };
        for pending in again.into_iter().rev() {
            self.counters.metrics.retried(&pending.entry.detail_type);
            hand.waiting.push_front(vec![pending]);
        }
        // Entries that were too large for one call are sent in smaller calls at once.
        if matches!(refusal, Some(TransportError::TooLarge(_))) {
            return None;
        }
        tokio::time::sleep(self.backoff.delay(tried.max(1))).await;
        refusal
    }

    /// Rejects the waiting entries, because a call was refused.
    pub(super) fn give_back(&self, hand: &mut InHand, refusal: &TransportError) {
        for pending in hand.waiting.drain(..).flatten() {
            let refusal = Refusal { retryable: false, ..refusal.refusal().clone() };
            // Not retryable, so nothing is returned.
            let _ = self.failed(pending, refusal, &mut hand.report);
        }
    }

    /// Makes one call with the entries in `flying`. Adds settled entries to the report, and returns
    /// those to send again, and the error of a call that was refused as a whole.
    async fn call(&self, hand: &mut InHand) -> (Vec<Pending>, Option<TransportError>) {
        let entries = &hand.flying;
        hand.report.calls += 1;
        add(&self.counters.calls, 1);
        let bytes = entries.iter().map(Entry::size).sum();
        add(&self.counters.bytes, bytes);
        let span = debug_span!("put_events", entries = entries.len(), bytes);
        hand.called = true;
        let measures = PublisherMetrics::ON || enabled!(Level::DEBUG);
        let started = measures.then(Instant::now);
        let answer = self.transport.put(entries).instrument(span).await;
        let took = started.map_or(Duration::ZERO, |started| started.elapsed());
        let answer = answer.and_then(|outcomes| {
            // A response that does not match the request says nothing about any entry.
            let (got, sent) = (outcomes.len(), entries.len());
            if got == sent { Ok(outcomes) } else { Err(misfit(got, sent)) }
        });
        let report = &mut hand.report;
        let entries = std::mem::take(&mut hand.flying);
        let tries = std::mem::take(&mut hand.tries);
        hand.called = false;
        self.counters.metrics.called(entries.len(), answer.is_ok(), took);

        let mut again = Vec::new();
        match answer {
            Ok(outcomes) => {
                let before = report.accepted.len();
                for ((entry, tries), outcome) in entries.into_iter().zip(tries).zip(outcomes) {
                    match outcome {
                        EntryOutcome::Accepted { bus_id } => {
                            add(&self.counters.accepted, 1);
                            self.counters.metrics.published(&entry.detail_type);
                            report.accepted.push(accepted(entry, bus_id));
                        }
                        EntryOutcome::Refused(refusal) => {
                            let pending = Pending { entry, tries: tries + 1 };
                            again.extend(self.failed(pending, refusal, report));
                        }
                    }
                }
                let accepted = report.accepted.len() - before;
                debug!(accepted, again = again.len(), elapsed = ?took, "events published");
                (again, None)
            }
            Err(error) => {
                add(&self.counters.failed_calls, 1);
                let retryable = error.refusal().retryable;
                debug!(%error, retryable, "the call failed");
                let too_large = matches!(error, TransportError::TooLarge(_));
                if too_large && entries.len() > 1 {
                    self.learned.fetch_min((bytes / 2).max(1), Ordering::Relaxed);
                    let divided = entries.into_iter().zip(tries);
                    again.extend(divided.map(|(entry, tries)| Pending { entry, tries }));
                    return (again, Some(error));
                }
                for (entry, tries) in entries.into_iter().zip(tries) {
                    let pending = Pending { entry, tries: tries + 1 };
                    again.extend(self.failed(pending, error.refusal().clone(), report));
                }
                // An entry that is too large by itself says nothing about the next one.
                let refusal = (!retryable && !too_large).then_some(error);
                (again, refusal)
            }
        }
    }

    /// Decides what happens to a failed entry: sent again, exhausted or rejected.
    fn failed(
        &self,
        pending: Pending,
        refusal: Refusal,
        report: &mut PublishReport,
    ) -> Option<Pending> {
        let Pending { entry, tries } = pending;
        let Entry { id, version, ref detail_type, .. } = entry;
        if !refusal.retryable {
            warn!(%id, %detail_type, error = %refusal, "event refused");
            add(&self.counters.rejected, 1);
            self.counters.metrics.rejected(&entry.detail_type, Unpublished::Refused);
            let detail_type = entry.detail_type.clone();
            let reason = Rejection::Refused(refusal);
            let entry = Some(entry);
            report.rejected.push(Rejected { id, version, detail_type, reason, entry });
            return None;
        }
        if self.backoff.is_exhausted(tries) {
            warn!(%id, %detail_type, error = %refusal, tries, "event not accepted, no try left");
            add(&self.counters.exhausted, 1);
            self.counters.metrics.rejected(&entry.detail_type, Unpublished::Exhausted);
            report.exhausted.push(Exhausted { entry, tries, last_failure: refusal });
            return None;
        }
        Some(Pending { entry, tries })
    }
}

fn accepted(entry: Entry, bus_id: String) -> Accepted {
    let Entry { id, version, detail_type, .. } = entry;
    Accepted { id, version, detail_type, bus_id }
}

fn misfit(got: usize, sent: usize) -> TransportError {
    TransportError::retryable("MisfitAnswer", format!("{got} outcomes for {sent} entries"))
}
