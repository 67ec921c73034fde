//! Delivers messages of a queue and returns a verdict on each: groups in order, up to a deadline,
//! with dead letters.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::{Instrument, warn};

use super::dead_letter::Message;
use super::guard::PATIENCE;
use super::stop::Phase;
use super::{Consumer, DeadLetter, DeadLetters, Outcome, Record, Stop};
use crate::shown::shown;
use crate::trace::{self, Trace};

/// A message with the metadata of its queue.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct OrderPlaced { order_id: String }
/// # impl event_runtime::Event for OrderPlaced {
/// #     const TYPE: &'static str = "order.placed";
/// #     const MAJOR: u32 = 1;
/// #     const MINOR: u32 = 0;
/// #     const SOURCE: &'static str = "app.shop";
/// # }
/// use event_runtime::consume::{Consumer, Delivered, Record, Stop, Verdict};
/// use event_runtime::idempotency::MemoryStore;
///
/// let consumer = Consumer::builder("emailer", MemoryStore::new())
///     .on::<OrderPlaced, _>(|_, _| async { Ok(()) })
///     .build()?;
/// let poison = Delivered::new(Record::new("m-1", "{"));
/// let mut again = 0;
/// let tell = |_, _, verdict| again += u32::from(verdict != Verdict::Acknowledge);
/// consumer.deliver(vec![poison], &Stop::never(), None, tell).await;
/// assert_eq!(again, 1, "no place for dead letters is set, so the queue's redrive policy decides");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivered {
    /// The message.
    pub record: Record,
    /// Its group in a FIFO queue. Messages of a group are handled one after the other, and none
    /// after the first that fails.
    pub group: Option<String>,
    /// The trace that it belongs to; empty without one.
    pub trace: Trace,
    /// The attributes that its sender set, as text. Binary ones are left out.
    pub attributes: BTreeMap<String, String>,
    /// Whether this is its last delivery: if it is returned, its queue makes it a dead letter by
    /// its redrive policy. The rest of its group does not wait for it then.
    pub last: bool,
    /// Whether it is handled in one sequence with all others of its batch of which this is set, as if
    /// they had one group.
    pub in_sequence: bool,
}

impl From<Record> for Delivered {
    fn from(record: Record) -> Self {
        Self::new(record)
    }
}

impl Delivered {
    /// Returns a message without metadata: no group, no trace, no attributes, not the last delivery.
    pub fn new(record: Record) -> Self {
        Self {
            record,
            group: None,
            trace: Trace::default(),
            attributes: BTreeMap::new(),
            last: false,
            in_sequence: false,
        }
    }

    /// Sets its group in a FIFO queue.
    #[must_use]
    pub fn group(self, group: impl Into<Option<String>>) -> Self {
        Self { group: group.into(), ..self }
    }

    /// Sets the attributes of its sender.
    #[must_use]
    pub fn attributes(self, attributes: BTreeMap<String, String>) -> Self {
        Self { attributes, ..self }
    }

    /// Sets the trace that it belongs to.
    #[must_use]
    pub fn trace(self, trace: impl Into<Trace>) -> Self {
        Self { trace: trace.into(), ..self }
    }

    /// Sets whether this is its last delivery.
    #[must_use]
    pub fn last(self, last: bool) -> Self {
        Self { last, ..self }
    }

    /// Sets whether it is handled in one sequence with the others of its batch.
    #[must_use]
    pub fn in_sequence(self, in_sequence: bool) -> Self {
        Self { in_sequence, ..self }
    }
}

/// What to do with a message in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// It is done, or stored as a dead letter: delete it.
    Acknowledge,
    /// It is not done: deliver it again, after `after` if set.
    Return {
        /// The delay.
        after: Option<Duration>,
    },
}

/// The longest wait for an event of another worker, beyond its lease.
const LONGEST_BUSY: Duration = Duration::from_mins(15);

/// One task: a message, or all messages of a group in order.
type Lane = Vec<(usize, Delivered)>;

/// What a task reports of a message: its index, its outcome, its verdict.
type Told = (usize, Outcome, Verdict);

impl Consumer {
    /// Handles messages, with the consumer's concurrency, and reports the outcome and the verdict
    /// of each, by its index, as soon as they are known. Each message is reported exactly once.
    ///
    /// - Messages of a group are handled in order. After the first that must be delivered again,
    ///   the rest of its group is returned untouched, unless it was the [last](Delivered::last)
    ///   delivery of that message: otherwise each of the others would use up a delivery, and become
    ///   a dead letter too.
    /// - Messages that `stop` leaves no time for are returned at once. For a handler that it drops,
    ///   the claim is released, unless [`OnTimeout::Block`](crate::idempotency::OnTimeout::Block)
    ///   keeps it. At the end of `stop` the call returns without waiting any longer, and returns
    ///   the remaining messages.
    /// - A message that no retry will fix is sent to `dead_letters` and then acknowledged. If that
    ///   fails, or `dead_letters` is `None`, the message is returned, and the redrive policy of its
    ///   queue decides.
    pub async fn deliver(
        &self,
        batch: Vec<Delivered>,
        stop: &Stop,
        dead_letters: Option<&Arc<dyn DeadLetters>>,
        mut done: impl FnMut(usize, Outcome, Verdict),
    ) {
        let mut told = vec![false; batch.len()];
        if !batch.is_empty() {
            self.metrics().batch(batch.len());
        }
        if !batch.is_empty() && !stop.may_begin() {
            // A margin that is as long as the timeout would end here each time.
            let (consumer, messages) = (self.name(), batch.len());
            warn!(%consumer, messages, "no message is started: the deadline has already passed");
        }
        let mut lanes = lanes(batch).into_iter();
        let mut running = JoinSet::new();
        let (sender, mut receiver) = mpsc::unbounded_channel::<Told>();
        let mut tell = |(at, outcome, verdict): Told| {
            told[at] = true;
            self.count(&outcome);
            done(at, outcome, verdict);
        };
        loop {
            while running.len() < self.concurrency()
                && let Some(lane) = lanes.next()
            {
                let (stop, dead_letters) = (stop.clone(), dead_letters.cloned());
                let work = self.clone().run_lane(lane, stop, dead_letters, sender.clone());
                running.spawn(work.in_current_span());
            }
            tokio::select! {
                biased;
                Some(message) = receiver.recv() => tell(message),
                // Each lane ends by itself earlier, unless its handler blocks its thread.
                () = stop.over(Phase::Lanes), if !running.is_empty() => {
                    warn!(consumer = %self.name(), lanes = running.len(), "aborted at the deadline");
                    running.abort_all();
                    break;
                }
                ended = running.join_next() => match ended {
                    None => break,
                    Some(Ok(())) => {}
                    // Its messages are reported below as missing.
                    Some(Err(error)) => warn!(%error, "the handling of a message was aborted"),
                },
            }
        }
        while let Ok(message) = receiver.try_recv() {
            tell(message);
        }
        for at in (0..told.len()).filter(|at| !told[*at]) {
            let outcome = untouched("the worker stopped");
            self.count(&outcome);
            done(at, outcome, Verdict::Return { after: None });
        }
    }

    async fn run_lane(
        self,
        lane: Lane,
        stop: Stop,
        dead_letters: Option<Arc<dyn DeadLetters>>,
        told: mpsc::UnboundedSender<Told>,
    ) {
        let mut broken = false;
        for (at, Delivered { record, group, trace, attributes, last, in_sequence }) in lane {
            let ordered = in_sequence || group.is_some();
            let message = Arc::new(Message { record, group, trace, attributes });
            let outcome = if broken {
                untouched("not started: an earlier message of its group must be delivered again")
            } else if stop.may_begin() {
                let work = self.handle(&message, &stop);
                trace::within(message.trace.clone(), work).await
            } else {
                untouched("not started: the deadline is near, or the worker is stopping")
            };
            let place = dead_letters.as_deref();
            let verdict = self.judge(&outcome, &message, place, &stop).await;
            // A busy one is kept by the worker with its last delivery.
            let is_over = last && !matches!(outcome, Outcome::Busy { .. });
            broken |= ordered && verdict != Verdict::Acknowledge && !is_over;
            // The receiver is gone only if `deliver` itself was dropped.
            let _ = told.send((at, outcome, verdict));
        }
    }

    async fn judge(
        &self,
        outcome: &Outcome,
        message: &Message,
        dead_letters: Option<&dyn DeadLetters>,
        stop: &Stop,
    ) -> Verdict {
        match outcome {
            Outcome::Handled | Outcome::Duplicate | Outcome::Skipped => Verdict::Acknowledge,
            // An earlier delivery would count towards the dead-letter queue.
            Outcome::Busy { until } => {
                let left = self.left(*until);
                // A renewed lease may last long: each wait is twice the one before.
                let times = 2_u32.saturating_pow(message.record.receives.saturating_sub(1));
                let after = left.max(left.saturating_mul(times).min(LONGEST_BUSY));
                Verdict::Return { after: Some(after) }
            }
            Outcome::Retry { after, .. } => Verdict::Return { after: *after },
            Outcome::LeaseLost => Verdict::Return { after: None },
            Outcome::DeadLetter { kind, reason } => {
                let Some(place) = dead_letters else { return Verdict::Return { after: None } };
                let letter = DeadLetter::new(self.name(), message, *kind, reason);
                let said: &dyn Display = tokio::select! {
                    biased;
                    sent = place.send(letter) => match sent {
                        Ok(()) => return Verdict::Acknowledge,
                        Err(error) => &error.to_string(),
                    },
                    () = stop.over(Phase::Messages) => &"no response before the worker had to stop",
                    () = tokio::time::sleep(PATIENCE) => &"no response in time",
                };
                let record = shown(&message.record.id);
                warn!(record, error = %said, "failed to send a dead letter");
                Verdict::Return { after: None }
            }
        }
    }
}

/// By group, in the order in which the groups begin; a message without a group is a lane of its
/// own. Those in sequence are one lane.
fn lanes(batch: Vec<Delivered>) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    let mut by_group: HashMap<Option<String>, usize> = HashMap::new();
    for (at, delivered) in batch.into_iter().enumerate() {
        let group = match (delivered.in_sequence, &delivered.group) {
            (true, _) => Some(None),
            (false, Some(group)) => Some(Some(group.clone())),
            (false, None) => None,
        };
        match group {
            Some(group) => {
                let lane = *by_group.entry(group).or_insert_with(|| {
                    lanes.push(Lane::new());
                    lanes.len() - 1
                });
                lanes[lane].push((at, delivered));
            }
            None => lanes.push(vec![(at, delivered)]),
        }
    }
    lanes
}

/// An untouched message, which may be delivered again at once.
pub(super) fn untouched(reason: &str) -> Outcome {
    Outcome::Retry { reason: reason.to_owned(), after: Some(Duration::ZERO) }
}
