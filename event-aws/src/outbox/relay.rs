//! Publishes the events of the records of an outbox table's stream.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use event_runtime::__internal::shown;
use event_runtime::backoff::Backoff;
use event_runtime::consume::{DeadLetter, DeadLetterKind, DeadLetters, HandlerError, Record, Stop};
use event_runtime::limits::Limits;
use event_runtime::name::ConsumerName;
use event_runtime::publish::{Entry, PublishReport, Publisher, Refusal, Transport};
use event_runtime::{EventId, Version};
use tracing::warn;

use super::RelayReport;
use super::item::{self, EVENTS, PK};
use super::watched::Watched;
use crate::streams::{Attribute, Change, InvalidRecord, SequenceNumber, StreamBatch, StreamRecord};

/// How long the events that are published together may take, with all retries.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long to wait for a place for dead letters.
const LETTER_PATIENCE: Duration = Duration::from_secs(15);

/// How many records are published together: some ten calls.
const WAVE: usize = 100;

/// How many records are sent one by one after the bus has refused them together.
const ALONE: usize = 10;

/// Publishes the events that transactions have written to an outbox table, from the records of its
/// stream.
///
/// Its function has a stream as its source, `ReportBatchItemFailures`, and no limit of retries:
/// poison does not block the stream if [`dead_letters`](Self::dead_letters) are set.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use event_aws::outbox::OutboxRelay;
/// use event_aws::streams::StreamBatch;
/// # #[derive(Clone)]
/// # struct Bus;
/// # impl event_runtime::publish::Transport for Bus {
/// #     fn put<'a>(
/// #         &'a self,
/// #         entries: &'a [event_runtime::publish::Entry],
/// #     ) -> event_runtime::store::BoxFuture<'a, Result<Vec<event_runtime::publish::EntryOutcome>, event_runtime::publish::TransportError>> {
/// #         Box::pin(async move { Ok(entries.iter().map(|_| event_runtime::publish::EntryOutcome::accepted("1")).collect()) })
/// #     }
/// # }
/// # let (bus, invocation) = (Bus, br#"{"Records": []}"#);
///
/// let relay = OutboxRelay::new(bus); // in a function: `EventBridge`
/// let report = relay.publish(&StreamBatch::read(invocation)?).await;
/// assert_eq!(report.response(), serde_json::json!({"batchItemFailures": []}));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct OutboxRelay<T> {
    bus: Watched<T>,
    publisher: Publisher<Watched<T>>,
    limits: Limits,
    dead_letters: Option<Arc<dyn DeadLetters>>,
}

/// The content of a record.
enum Content {
    /// Entries, and the item that they are in.
    Events { item: String, json: String, entries: Vec<Entry> },
    /// A deleted item.
    Nothing,
    /// A record that no retry will fix, and its text.
    Poison { reason: String, text: String },
}

/// A record of a batch, and what is left to do.
struct Pending {
    sequence: SequenceNumber,
    content: Content,
}

/// The result of one record.
enum Settled {
    Published,
    DeadLettered,
    Skipped,
}

impl<T: Transport + Clone> OutboxRelay<T> {
    /// Returns a relay to this bus, with the default back-off and limits.
    pub fn new(bus: T) -> Self {
        let bus = Watched::new(bus);
        let publisher = Publisher::new(bus.clone());
        Self { bus, publisher, limits: Limits::default(), dead_letters: None }
    }

    /// Sets another back-off for events that the bus throttles.
    #[must_use]
    pub fn with_backoff(self, backoff: Backoff) -> Self {
        Self { publisher: self.publisher.with_backoff(backoff), ..self }
    }

    /// Sets other limits of a call.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { publisher: self.publisher.with_limits(limits), limits, ..self }
    }

    /// Sets where records go that no retry will fix: those that are not outbox items, and events
    /// that the bus will never accept (default: none, and such a record stops the stream).
    #[must_use]
    pub fn dead_letters(self, place: Arc<dyn DeadLetters>) -> Self {
        Self { dead_letters: Some(place), ..self }
    }

    /// Publishes the events of the records, in order, up to the first record that fails.
    pub async fn publish(&self, batch: &StreamBatch) -> RelayReport {
        self.publish_until(batch, &Stop::never()).await
    }

    /// Like [`publish`](Self::publish), up to a deadline: records that are not published by then
    /// are delivered again.
    pub async fn publish_until(&self, batch: &StreamBatch, stop: &Stop) -> RelayReport {
        let content = |(sequence, record)| Pending::of(sequence, record, &self.limits);
        let mut pending: Vec<Pending> = batch.contents().map(content).collect();
        let mut report = RelayReport::default();
        while !pending.is_empty() {
            let taken = next_wave(&pending);
            let rest = pending.split_off(taken);
            let results = self.settle(&pending, stop).await;
            for (at, result) in results.into_iter().enumerate() {
                match result {
                    Ok(Settled::Published) => report.published += 1,
                    Ok(Settled::DeadLettered) => report.dead_lettered += 1,
                    Ok(Settled::Skipped) => report.skipped += 1,
                    Err(error) => {
                        let sequence = pending[at].sequence.clone();
                        warn!(%sequence, %error, "failed to publish the events of a record");
                        report.failed = Some((sequence, error));
                        report.returned = taken - at + rest.len();
                        return report;
                    }
                }
            }
            pending = rest;
        }
        report
    }

    /// Publishes the events of a dead letter again, by its body. Check first why the bus refused
    /// them.
    ///
    /// # Errors
    ///
    /// The reason, if the body is not the events of an outbox item.
    pub async fn redrive(&self, body: &str) -> Result<PublishReport, HandlerError> {
        let entries = item::read(body).map_err(HandlerError::permanent)?;
        Ok(self.publisher.resend(entries).await)
    }

    /// The results of the records of a wave, in order, up to the first that failed.
    async fn settle(&self, wave: &[Pending], stop: &Stop) -> Vec<Result<Settled, HandlerError>> {
        if !stop.may_begin() {
            return vec![Err(HandlerError::transient("not started: the deadline is near"))];
        }
        let sent = self.send(wave, stop).await;
        let mut results = Vec::with_capacity(wave.len());
        for Pending { sequence, content } in wave {
            let result = match content {
                Content::Nothing => Ok(Settled::Skipped),
                Content::Poison { reason, text } => {
                    self.bury(sequence, text, DeadLetterKind::Poison, reason, stop).await
                }
                Content::Events { json, entries, .. } => match sent.of_entries(entries) {
                    Ok(None) => Ok(Settled::Published),
                    Ok(Some(reason)) => {
                        self.bury(sequence, json, DeadLetterKind::Permanent, &reason, stop).await
                    }
                    Err(reason) => Err(HandlerError::transient(reason)),
                },
            };
            let failed = result.is_err();
            results.push(result);
            if failed {
                break;
            }
        }
        results
    }

    /// Sends the entries of a wave. If the bus refuses a call as a whole, the records are sent one
    /// by one: if it accepts some of them, the others are poison, and if it accepts none, it is the
    /// bus that refuses.
    async fn send(&self, wave: &[Pending], stop: &Stop) -> Sent {
        let records = wave.iter().filter_map(|record| match &record.content {
            Content::Events { entries, .. } => Some(entries.as_slice()),
            _ => None,
        });
        let records: Vec<&[Entry]> = records.collect();
        let (mut sent, refusal) = self.in_turns(&records, stop).await;
        if refusal.is_none() || records.len() < 2 {
            return sent;
        }
        let open = records.into_iter().filter(|entries| sent.of_entries(entries).is_err());
        let open: Vec<&[Entry]> = open.take(ALONE).collect();
        let (mut refused, mut accepts) = (Vec::new(), false);
        for entries in open {
            let (one, refusal) = self.in_turns(&[entries], stop).await;
            match refusal {
                Some(_) => refused.push(entries),
                None => accepts |= !one.accepted.is_empty(),
            }
            sent.add(one);
        }
        if accepts {
            for entries in refused {
                // It accepts others now, so a second refusal is about these.
                let (one, refusal) = self.in_turns(&[entries], stop).await;
                sent.add(one);
                let own = entries.iter().map(|entry| (entry.id, entry.version));
                sent.rejected.extend(
                    refusal
                        .into_iter()
                        .flat_map(|refusal| own.clone().map(move |own| (own, refusal.to_string()))),
                );
            }
        }
        sent
    }

    /// Sends the first event of each record, then the second of those that have one: the retry of
    /// an event must not be overtaken by the next one of its transaction. Returns why a call was
    /// refused as a whole.
    async fn in_turns(&self, records: &[&[Entry]], stop: &Stop) -> (Sent, Option<Refusal>) {
        let mut sent = Sent::default();
        for turn in 0.. {
            let mut entries = Vec::new();
            for record in records {
                let mut events = record.chunk_by(|a, b| a.id == b.id);
                let earlier: usize = events.by_ref().take(turn).map(<[Entry]>::len).sum();
                // An event that the bus will never accept does not hold up the next one.
                if sent.of_entries(&record[..earlier]).is_ok() {
                    entries.extend(events.next().into_iter().flatten().cloned());
                }
            }
            if entries.is_empty() {
                break;
            }
            let (more, refusal) = self.call(entries, stop).await;
            sent.add(more);
            if refusal.is_some() {
                return (sent, refusal);
            }
        }
        (sent, None)
    }

    /// Sends entries, and returns why a call was refused as a whole.
    async fn call(&self, entries: Vec<Entry>, stop: &Stop) -> (Sent, Option<Refusal>) {
        let sent = tokio::select! {
            biased;
            report = self.publisher.resend(entries) => Ok(report),
            () = stop.stopping() => Err("dropped before the response: the deadline is near"),
            () = tokio::time::sleep(PATIENCE) => Err("no response of the bus in time"),
        };
        let refusal = self.bus.take_refusal();
        (Sent::of(sent, refusal.as_ref()), refusal)
    }

    async fn bury(
        &self,
        sequence: &SequenceNumber,
        text: &str,
        kind: DeadLetterKind,
        reason: &str,
        stop: &Stop,
    ) -> Result<Settled, HandlerError> {
        let Some(place) = &self.dead_letters else {
            return Err(HandlerError::permanent(reason.to_owned()));
        };
        let consumer = ConsumerName::new("outbox-relay").map_err(HandlerError::permanent)?;
        let record = Record::new(sequence.to_string(), text);
        warn!(%sequence, reason = %shown(reason), "the record becomes a dead letter");
        let failed = tokio::select! {
            biased;
            sent = place.send(DeadLetter::of(&consumer, &record, kind, reason)) => match sent {
                Ok(()) => return Ok(Settled::DeadLettered),
                Err(error) => error.to_string(),
            },
            () = stop.ended() => "no response before the deadline".to_owned(),
            () = tokio::time::sleep(LETTER_PATIENCE) => "no response in time".to_owned(),
        };
        Err(HandlerError::transient(format!("failed to send a dead letter: {failed}")))
    }
}

/// How many records can be published together: no two of one item, because a retry of the first
/// would be overtaken by the second.
fn next_wave(pending: &[Pending]) -> usize {
    let mut items = BTreeSet::new();
    let fits = |record: &&Pending| match &record.content {
        Content::Events { item, .. } => items.insert(item.clone()),
        _ => true,
    };
    pending.iter().take(WAVE).take_while(fits).count()
}

impl Pending {
    fn of(
        sequence: &SequenceNumber,
        record: Result<&StreamRecord, &InvalidRecord>,
        limits: &Limits,
    ) -> Self {
        let content = match record {
            Ok(record) => Content::of(record, limits),
            Err(invalid) => Content::Poison {
                reason: HandlerError::permanent(invalid.clone()).to_string(),
                text: invalid.text().to_owned(),
            },
        };
        Self { sequence: sequence.clone(), content }
    }
}

impl Content {
    fn of(record: &StreamRecord, limits: &Limits) -> Self {
        if matches!(record.change, Change::Removed | Change::Expired) {
            return Self::Nothing;
        }
        let read = || {
            let Some(Attribute::S(item)) = record.keys.get(PK) else {
                return Err(format!("it has no key `{PK}`"));
            };
            let new = record.new.as_ref().ok_or("the stream has no new images")?;
            let Some(Attribute::S(json)) = new.get(EVENTS) else {
                return Err(format!("it has no string `{EVENTS}`"));
            };
            let entries = item::read(json)?;
            // One entry that the bus refuses for its form would fail its whole call.
            for entry in &entries {
                entry.check(limits).map_err(|error| format!("{}: {error}", entry.id))?;
            }
            Ok((item.clone(), json.clone(), entries))
        };
        match read() {
            Ok((item, json, entries)) => Self::Events { item, json, entries },
            Err(reason) => {
                let image = record.new.as_ref().unwrap_or(&record.keys);
                Self::Poison {
                    reason: format!("the record is not an item of an outbox: {reason}"),
                    text: serde_json::to_string(image).unwrap_or_default(),
                }
            }
        }
    }
}

/// What the bus said about the entries of a wave.
#[derive(Default)]
struct Sent {
    accepted: BTreeSet<(EventId, Version)>,
    /// Entries that the bus will never accept, with the reason.
    rejected: Vec<((EventId, Version), String)>,
    /// Why the others were not accepted.
    otherwise: Option<String>,
}

impl Sent {
    fn of(sent: Result<PublishReport, &'static str>, refusal: Option<&Refusal>) -> Self {
        let report = match sent {
            Ok(report) => report,
            Err(reason) => return Self { otherwise: Some(reason.to_owned()), ..Self::default() },
        };
        let accepted = report.accepted.iter().map(|it| (it.id, it.version)).collect();
        if let Some(refusal) = refusal {
            let otherwise = Some(format!("the bus refused the call: {refusal}"));
            return Self { accepted, rejected: Vec::new(), otherwise };
        }
        let rejected = report.rejected.iter();
        let rejected = rejected.map(|it| ((it.id, it.version), it.reason.to_string())).collect();
        let otherwise = report.exhausted.first().map(|it| it.last_failure.to_string());
        Self { accepted, rejected, otherwise }
    }

    fn add(&mut self, other: Self) {
        self.accepted.extend(other.accepted);
        self.rejected.extend(other.rejected);
        self.otherwise = other.otherwise.or(self.otherwise.take());
    }

    /// `None` if all were accepted; why the bus will never accept one of them; or why a retry may
    /// help.
    fn of_entries(&self, entries: &[Entry]) -> Result<Option<String>, String> {
        let mut rejected = None;
        for entry in entries {
            let own = (entry.id, entry.version);
            if self.accepted.contains(&own) {
                continue;
            }
            let Some((_, reason)) = self.rejected.iter().find(|(other, _)| *other == own) else {
                let otherwise = self.otherwise.as_deref();
                return Err(otherwise.unwrap_or("no response of the bus").to_owned());
            };
            let (detail_type, id) = (shown(&entry.detail_type), entry.id);
            rejected = Some(format!("{detail_type} {id}: {reason}"));
        }
        Ok(rejected)
    }
}
