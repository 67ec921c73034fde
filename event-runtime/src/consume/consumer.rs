//! The consumer: takes messages and returns an outcome for each.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tracing::{Instrument, debug, info_span, warn};

use super::context::Head;
use super::dead_letter::Message;
use super::deliver::untouched;
use super::flights::{Flight, Flights};
use super::guard::{Guard, Guarded, Held};
use super::layer::Layers;
use super::route::{self, Routes};
use super::stop::Phase;
use super::{
    BatchReport, ConsumerBuilder, Context, DeadLetterKind, Delivered, HandlerErrorKind, Outcome,
    Record, Stats, Stop, Unhandled,
};
use crate::DetailType;
use crate::decode::{self, DecodeError, Incoming, Wrapping};
use crate::idempotency::{Attempt, Fingerprint, IdempotencyStore, Key};
use crate::metrics::ConsumerMetrics;
use crate::name::ConsumerName;
use crate::shown::shown;

/// The longest wait for an event of another process, at a late delivery.
const LONGEST_BUSY_WAIT: Duration = Duration::from_secs(30);

/// Handles the events of one consumer. Cheap to clone; clones refer to the same consumer.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use event_runtime::{Envelope, Event};
/// use event_runtime::consume::{Consumer, Record};
/// use event_runtime::idempotency::MemoryStore;
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct OrderPlaced { order_id: String }
/// # impl Event for OrderPlaced {
/// #     const TYPE: &'static str = "order.placed";
/// #     const MAJOR: u32 = 1;
/// #     const MINOR: u32 = 0;
/// #     const SOURCE: &'static str = "app.shop";
/// # }
///
/// let consumer = Consumer::builder("emailer", MemoryStore::new())
///     .on::<OrderPlaced, _>(|event, _context| async move {
///         tracing::info!("mail for {}", event.data.order_id);
///         Ok(())
///     })
///     .build()?;
///
/// let poison = Record::new("m-1", "{");
/// let report = consumer.handle_batch(vec![poison]).await;
/// assert_eq!(report.stats().poison, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Consumer(Arc<Inner>);

struct Inner {
    name: ConsumerName,
    routes: Routes,
    guard: Guard,
    concurrency: usize,
    unhandled: Unhandled,
    wrapping: Wrapping,
    layers: Layers,
    stats: Mutex<Stats>,
    metrics: ConsumerMetrics,
    flights: Flights,
}

/// An event that a consumer handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscription {
    /// The type of the event.
    pub event_type: &'static str,
    /// Its major.
    pub major: u32,
    /// The source that publishes it.
    pub source: &'static str,
    /// The detail-type that a rule matches.
    pub detail_type: &'static str,
}

impl Consumer {
    /// Returns a builder for a consumer with this name and this store for its claims.
    pub fn builder(name: &str, store: impl IdempotencyStore + 'static) -> ConsumerBuilder {
        ConsumerBuilder::new(name, store)
    }

    pub(super) fn new(
        name: ConsumerName,
        routes: Routes,
        guard: Guard,
        concurrency: usize,
        unhandled: Unhandled,
        wrapping: Wrapping,
        layers: Layers,
    ) -> Self {
        let metrics = ConsumerMetrics::new(&name);
        let (stats, flights) = (Mutex::default(), Flights::default());
        Self(Arc::new(Inner {
            name,
            routes,
            guard,
            concurrency,
            unhandled,
            wrapping,
            layers,
            stats,
            metrics,
            flights,
        }))
    }

    /// Returns the name of the consumer.
    pub fn name(&self) -> &ConsumerName {
        &self.0.name
    }

    /// Returns how long the consumer remembers an event as done.
    pub fn keep(&self) -> std::time::Duration {
        self.0.guard.terms.keep
    }

    /// Returns the events that the consumer handles, by type and major.
    pub fn subscriptions(&self) -> impl Iterator<Item = Subscription> {
        self.0.routes.iter().flat_map(|(&event_type, majors)| {
            majors.iter().map(move |(&major, route)| Subscription {
                event_type,
                major,
                source: route.source,
                detail_type: route.detail_type,
            })
        })
    }

    /// Returns the counts of all outcomes so far.
    pub fn stats(&self) -> Stats {
        *self.0.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Handles the messages of a batch. It never fails as a whole: each message has its own
    /// outcome, in the order of the batch.
    pub async fn handle_batch(&self, records: Vec<Record>) -> BatchReport {
        let ids: Vec<String> = records.iter().map(|record| record.id.clone()).collect();
        let mut outcomes = vec![None; ids.len()];
        let batch = records.into_iter().map(Delivered::from).collect();
        let tell = |at: usize, outcome, _| outcomes[at] = Some(outcome);
        self.deliver(batch, &Stop::never(), None, tell).await;
        // `deliver` reports each message once.
        let outcomes = ids.into_iter().zip(outcomes);
        BatchReport { outcomes: outcomes.filter_map(|(id, it)| Some((id, it?))).collect() }
    }

    pub(super) fn metrics(&self) -> &ConsumerMetrics {
        &self.0.metrics
    }

    pub(super) fn concurrency(&self) -> usize {
        self.0.concurrency
    }

    /// How long another worker's lease still lasts.
    pub(super) fn left(&self, until: Timestamp) -> Duration {
        self.0.guard.left(until)
    }

    /// Handles one message.
    pub(super) async fn handle(&self, message: &Arc<Message>, stop: &Stop) -> Outcome {
        let record = &message.record;
        // An event without a handler is not parsed further if it is skipped; a dead letter lists
        // all problems.
        let wanted = |event: DetailType<'_>| {
            self.0.unhandled == Unhandled::DeadLetter
                || route::find(&self.0.routes, event).is_some()
        };
        let body = match decode::unwrapped(record.body.as_bytes(), self.0.wrapping) {
            Ok(body) => body,
            Err(error) => return self.poison(record, &error),
        };
        let inside = match self.0.wrapping {
            Wrapping::Sns | Wrapping::Invocation | Wrapping::Text => Wrapping::EventOrEnvelope,
            wrapping => wrapping,
        };
        let incoming = Incoming::read_if(&body, inside, wanted);
        let incoming = match incoming {
            Ok(Some(incoming)) => incoming,
            Ok(None) => return self.unhandled("no handler for the event"),
            Err(error @ DecodeError::Foreign { .. }) => return self.unhandled(&error.to_string()),
            Err(error) => return self.poison(record, &error),
        };
        let id = incoming.id();
        let Some(route) = route::find(&self.0.routes, incoming.detail_type()) else {
            let event = shown(&incoming.detail_type().to_string());
            return self.unhandled(&format!("no handler for `{event}` {id}"));
        };
        // A rule that matches only the detail-type matches events of every source.
        if incoming.source() != route.source {
            let (event, source) = (route.detail_type, shown(incoming.source()));
            return self.unhandled(&format!(
                "no handler for `{event}` {id} from `{source}`, expected the source `{}`",
                route.source
            ));
        }
        let key = Key::new(&self.0.name, id);
        let Some(_flight) = self.first_at(&key, stop).await else {
            return untouched(
                "not started: another copy is being handled, and the worker is stopping",
            );
        };
        let busy_wait = self.busy_wait(record.receives);
        let mut guard = Guard { stop: stop.clone(), busy_wait, ..self.0.guard.clone() };
        guard.shorten_lease();
        let held = Arc::new(Held::default());
        let started = Instant::now();
        let event =
            Head { id, detail_type: route.detail_type, occurred_at: incoming.occurred_at() };
        let context = Context {
            consumer: self.0.name.clone(),
            key: key.clone(),
            event,
            message: Arc::clone(message),
            started,
            replay: incoming.replay().map(ToOwned::to_owned),
            guard: guard.clone(),
            held: Arc::clone(&held),
        };
        let layered = self.0.layers.context(&context);
        // The event type and the code that deserializes it are the service's.
        let work = match catch_unwind(AssertUnwindSafe(|| (route.handler)(&incoming, context))) {
            Ok(Ok(work)) => self.0.layers.around(work, layered),
            Ok(Err(error)) => return self.poison(record, &error),
            Err(panic) => {
                // The panic's message may quote the data.
                let event = incoming.detail_type();
                let reason = format!("deserializing the data of `{event}` panicked");
                drop(panic);
                return self.poison(record, &reason);
            }
        };
        let name = self.name();
        let span = info_span!("handle", consumer = %name, %id, detail_type = route.detail_type);
        let payload = Fingerprint::of(incoming.detail_type(), incoming.data().get());
        let attempt = Attempt::new(key).with_payload(payload);
        let work = async {
            let timer = route.metrics.start(name, route.detail_type, event.occurred_at);
            let result = work.await;
            timer.ended(result.is_ok());
            result.map(|()| None)
        };
        match guard.run(&attempt, &held, work, Phase::Effect).instrument(span).await {
            Guarded::Done => {
                let (detail_type, receives) = (route.detail_type, record.receives);
                debug!(consumer = %name, %id, detail_type, receives, elapsed = ?started.elapsed(), "event handled");
                Outcome::Handled
            }
            Guarded::Duplicate(_) => {
                debug!(consumer = %name, %id, "already handled");
                Outcome::Duplicate
            }
            Guarded::Busy { until } => Outcome::Busy { until },
            Guarded::LeaseLost => {
                warn!(consumer = %name, %id, "lease lost");
                Outcome::LeaseLost
            }
            Guarded::Mismatch { reason } => {
                warn!(consumer = %name, %id, reason, "event ID was used twice");
                Outcome::DeadLetter { kind: DeadLetterKind::Mismatch, reason }
            }
            Guarded::Blocked { reason } => {
                warn!(consumer = %name, %id, reason, "event blocked");
                Outcome::DeadLetter { kind: DeadLetterKind::Blocked, reason }
            }
            Guarded::Failed(error) => {
                let reason = error.to_string();
                if error.kind() == HandlerErrorKind::Permanent {
                    warn!(consumer = %name, %id, reason, "event failed permanently");
                    return Outcome::DeadLetter { kind: DeadLetterKind::Permanent, reason };
                }
                warn!(consumer = %name, %id, reason, "event failed, will be retried");
                Outcome::Retry { reason, after: error.after() }
            }
        }
    }

    /// How long to wait for an event of another process: twice as long at each delivery, because
    /// the last one makes it a dead letter.
    fn busy_wait(&self, receives: u32) -> Duration {
        let wait = self.0.guard.busy_wait;
        let times = 2_u32.saturating_pow(receives.saturating_sub(1));
        wait.saturating_mul(times).min(LONGEST_BUSY_WAIT.max(wait))
    }

    /// Waits for the exclusive right to handle the event in this process. `None` if the worker
    /// stops before that.
    async fn first_at(&self, key: &Key, stop: &Stop) -> Option<Flight> {
        loop {
            match self.0.flights.begin(key) {
                Ok(flight) => return Some(flight),
                Err(taken) => tokio::select! {
                    () = taken.ended() => {}
                    () = stop.stopping() => return None,
                },
            }
        }
    }

    fn unhandled(&self, reason: &str) -> Outcome {
        let name = self.name();
        match self.0.unhandled {
            Unhandled::Skip => {
                debug!(consumer = %name, reason, "skipped");
                Outcome::Skipped
            }
            Unhandled::DeadLetter => {
                let reason = format!("{reason} in consumer `{name}`");
                warn!(reason, "event without a handler");
                Outcome::DeadLetter { kind: DeadLetterKind::Unhandled, reason }
            }
        }
    }

    fn poison(&self, record: &Record, error: &dyn fmt::Display) -> Outcome {
        let record = shown(&record.id);
        warn!(consumer = %self.name(), record, %error, "failed to decode a message");
        Outcome::DeadLetter { kind: DeadLetterKind::Poison, reason: error.to_string() }
    }

    pub(super) fn count(&self, outcome: &Outcome) {
        self.0.metrics.outcome(outcome);
        self.0.stats.lock().unwrap_or_else(PoisonError::into_inner).count(outcome);
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("name", &self.0.name).finish_non_exhaustive()
    }
}
