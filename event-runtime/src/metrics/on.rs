//! The instruments, each registered when it is first used.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use ::metrics::{
    Counter, Histogram, SharedString, Unit, counter, describe_counter, describe_gauge,
    describe_histogram, histogram,
};
use jiff::Timestamp;
use tokio::time::Instant;

use super::Unpublished;
use crate::consume::{DeadLetterKind, Outcome};
use crate::name::ConsumerName;

/// How many detail-types a publisher labels. A service publishes a few; entries that are built by
/// hand may have any text, and count as `other` beyond this number.
const MAX_DETAIL_TYPES: usize = 256;

/// The label of the others.
const OTHER: &str = "other";

/// Describes all metrics to the exporter, with their units: for the help texts of a scrape. Call it
/// once, after the exporter is installed.
///
/// # Example
///
/// ```
/// // after the exporter's own `install` or `init`
/// event_runtime::metrics::describe();
/// ```
pub fn describe() {
    describe_counter!("event_published_total", Unit::Count, "entries that the bus accepted");
    describe_counter!(
        "event_publish_rejected_total",
        Unit::Count,
        "entries that are not on the bus, by reason"
    );
    describe_counter!("event_publish_retried_total", Unit::Count, "entries that were sent again");
    describe_counter!("event_publish_calls_total", Unit::Count, "calls to the bus, by result");
    describe_histogram!("event_publish_call_seconds", Unit::Seconds, "how long each call took");
    describe_histogram!("event_publish_batch_size", Unit::Count, "entries of each call");
    describe_counter!("event_handled_total", Unit::Count, "events handled and marked as done");
    describe_counter!("event_duplicates_total", Unit::Count, "events that were already handled");
    describe_counter!("event_skipped_total", Unit::Count, "events without a handler, skipped");
    describe_counter!("event_busy_total", Unit::Count, "events that another worker was handling");
    describe_counter!("event_retried_total", Unit::Count, "messages to be delivered again");
    describe_counter!("event_lease_lost_total", Unit::Count, "handlers that lost their lease");
    describe_counter!("event_dead_letters_total", Unit::Count, "dead letters, by reason");
    describe_histogram!("event_handler_seconds", Unit::Seconds, "how long each handler ran");
    describe_histogram!(
        "event_age_seconds",
        Unit::Seconds,
        "the age of each event when its handler started"
    );
    describe_histogram!("event_batch_size", Unit::Count, "messages of each batch");
    describe_gauge!("event_backlog", Unit::Count, "messages that wait in the queue, approximately");
    describe_counter!("event_receives_total", Unit::Count, "receive calls, by result");
}

/// The instruments of a publisher and its clones.
#[derive(Default)]
pub(crate) struct PublisherMetrics {
    calls: OnceLock<Calls>,
    entries: RwLock<HashMap<Cow<'static, str>, Arc<Entries>>>,
}

struct Calls {
    ok: Counter,
    failed: Counter,
    seconds: Histogram,
    size: Histogram,
}

struct Entries {
    published: Counter,
    invalid: Counter,
    refused: Counter,
    exhausted: Counter,
    retried: Counter,
}

impl Entries {
    fn new(detail_type: &str) -> Self {
        let detail_type = SharedString::from(detail_type.to_owned());
        let rejected = |reason| {
            let detail_type = detail_type.clone();
            counter!("event_publish_rejected_total", "detail_type" => detail_type, "reason" => reason)
        };
        Self {
            published: counter!("event_published_total", "detail_type" => detail_type.clone()),
            invalid: rejected("invalid"),
            refused: rejected("refused"),
            exhausted: rejected("exhausted"),
            retried: counter!("event_publish_retried_total", "detail_type" => detail_type.clone()),
        }
    }
}

#[allow(clippy::ptr_arg, reason = "a borrowed static name is kept without a copy")]
impl PublisherMetrics {
    /// Whether anything is measured.
    pub(crate) const ON: bool = true;

    pub(crate) fn published(&self, detail_type: &Cow<'static, str>) {
        self.of(detail_type, |it| it.published.increment(1));
    }

    pub(crate) fn rejected(&self, detail_type: &Cow<'static, str>, reason: Unpublished) {
        self.of(detail_type, |it| match reason {
            Unpublished::Invalid => it.invalid.increment(1),
            Unpublished::Refused => it.refused.increment(1),
            Unpublished::Exhausted => it.exhausted.increment(1),
        });
    }

    pub(crate) fn retried(&self, detail_type: &Cow<'static, str>) {
        self.of(detail_type, |it| it.retried.increment(1));
    }

    pub(crate) fn called(&self, entries: usize, ok: bool, took: Duration) {
        let calls = self.calls.get_or_init(|| Calls {
            ok: counter!("event_publish_calls_total", "result" => "ok"),
            failed: counter!("event_publish_calls_total", "result" => "error"),
            seconds: histogram!("event_publish_call_seconds"),
            size: histogram!("event_publish_batch_size"),
        });
        if ok {
            calls.ok.increment(1);
        } else {
            calls.failed.increment(1);
        }
        calls.seconds.record(took);
        calls.size.record(precise(entries));
    }

    fn of(&self, detail_type: &Cow<'static, str>, count: impl FnOnce(&Entries)) {
        let known = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(entries) = known.get(detail_type) {
            return count(entries);
        }
        drop(known);
        let mut known = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let full = known.len() >= MAX_DETAIL_TYPES;
        let label = if full { Cow::Borrowed(OTHER) } else { detail_type.clone() };
        let new = |label: &Cow<'static, str>| Arc::new(Entries::new(label));
        let entries = known.entry(label).or_insert_with_key(new);
        count(entries);
    }
}

impl fmt::Debug for PublisherMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublisherMetrics").finish_non_exhaustive()
    }
}

/// The instruments of a consumer.
pub(crate) struct ConsumerMetrics {
    consumer: ConsumerName,
    outcomes: OnceLock<Outcomes>,
    batch: OnceLock<Histogram>,
}

struct Outcomes {
    handled: Counter,
    duplicates: Counter,
    skipped: Counter,
    busy: Counter,
    retried: Counter,
    lease_lost: Counter,
    poison: Counter,
    unhandled: Counter,
    permanent: Counter,
    mismatch: Counter,
    blocked: Counter,
}

impl Outcomes {
    fn new(consumer: &ConsumerName) -> Self {
        let consumer = label(consumer);
        let letters = |reason| {
            let consumer = consumer.clone();
            counter!("event_dead_letters_total", "consumer" => consumer, "reason" => reason)
        };
        let of = |name: &'static str| counter!(name, "consumer" => consumer.clone());
        Self {
            handled: of("event_handled_total"),
            duplicates: of("event_duplicates_total"),
            skipped: of("event_skipped_total"),
            busy: of("event_busy_total"),
            retried: of("event_retried_total"),
            lease_lost: of("event_lease_lost_total"),
            poison: letters("poison"),
            unhandled: letters("unhandled"),
            permanent: letters("permanent"),
            mismatch: letters("mismatch"),
            blocked: letters("blocked"),
        }
    }
}

impl ConsumerMetrics {
    pub(crate) fn new(consumer: &ConsumerName) -> Self {
        let (outcomes, batch) = (OnceLock::new(), OnceLock::new());
        Self { consumer: consumer.clone(), outcomes, batch }
    }

    pub(crate) fn outcome(&self, outcome: &Outcome) {
        let all = self.outcomes.get_or_init(|| Outcomes::new(&self.consumer));
        let counter = match outcome {
            Outcome::Handled => &all.handled,
            Outcome::Duplicate => &all.duplicates,
            Outcome::Skipped => &all.skipped,
            Outcome::Busy { .. } => &all.busy,
            Outcome::Retry { .. } => &all.retried,
            Outcome::LeaseLost => &all.lease_lost,
            Outcome::DeadLetter { kind, .. } => match kind {
                DeadLetterKind::Poison => &all.poison,
                DeadLetterKind::Unhandled => &all.unhandled,
                DeadLetterKind::Permanent => &all.permanent,
                DeadLetterKind::Mismatch => &all.mismatch,
                DeadLetterKind::Blocked => &all.blocked,
            },
        };
        counter.increment(1);
    }

    pub(crate) fn batch(&self, messages: usize) {
        let register = || histogram!("event_batch_size", "consumer" => label(&self.consumer));
        self.batch.get_or_init(register).record(precise(messages));
    }
}

impl fmt::Debug for ConsumerMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsumerMetrics").finish_non_exhaustive()
    }
}

/// The instruments of the handler of one event.
#[derive(Default)]
pub(crate) struct HandlerMetrics(OnceLock<Arc<Handler>>);

struct Handler {
    ok: Histogram,
    error: Histogram,
    age: Histogram,
}

impl HandlerMetrics {
    /// The handler of this event starts now. `occurred_at` is when the event happened.
    pub(crate) fn start(
        &self,
        consumer: &ConsumerName,
        detail_type: &'static str,
        occurred_at: Timestamp,
    ) -> Timer {
        let handler = self.0.get_or_init(|| {
            let seconds = |result| {
                histogram!(
                    "event_handler_seconds",
                    "consumer" => label(consumer), "detail_type" => detail_type, "result" => result
                )
            };
            Arc::new(Handler {
                ok: seconds("ok"),
                error: seconds("error"),
                age: histogram!(
                    "event_age_seconds",
                    "consumer" => label(consumer), "detail_type" => detail_type
                ),
            })
        });
        // An event of a clock that is ahead is new.
        let age = Timestamp::now().duration_since(occurred_at);
        handler.age.record(age.as_secs_f64().max(0.0));
        Timer { handler: Some(Arc::clone(handler)), started: Instant::now() }
    }
}

/// Measures a handler. One that is dropped before its end, by a panic or a stop, counts as an error.
pub(crate) struct Timer {
    handler: Option<Arc<Handler>>,
    started: Instant,
}

impl Timer {
    pub(crate) fn ended(mut self, ok: bool) {
        self.record(ok);
    }

    fn record(&mut self, ok: bool) {
        if let Some(handler) = self.handler.take() {
            let histogram = if ok { &handler.ok } else { &handler.error };
            histogram.record(self.started.elapsed());
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.record(false);
    }
}

fn label(consumer: &ConsumerName) -> SharedString {
    SharedString::from(consumer.as_str().to_owned())
}

/// A small number as a float, without loss.
fn precise(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
