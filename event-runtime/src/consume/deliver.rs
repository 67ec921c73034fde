//! Messages of a queue in, what to tell the queue out: groups in order, up to a deadline, dead
//! letters sent.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::{Instrument, warn};

use super::dead_letter::Beside;
use super::guard::PATIENCE;
use super::stop::Phase;
use super::{Consumer, DeadLetter, DeadLetters, Outcome, Record, Stop};
use crate::shown::shown;
use crate::trace;

/// A message with what its queue says besides.
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
/// #     const VERSION: &'static str = "v1";
/// #     const SOURCE: &'static str = "app.shop";
/// #     const DETAIL_TYPE: &'static str = "order.placed:v1";
/// # }
/// use event_runtime::consume::{Consumer, Delivered, Record, Stop, Verdict};
/// use event_runtime::idempotency::MemoryStore;
///
/// let consumer = Consumer::builder("emailer", MemoryStore::new())
///     .on::<OrderPlaced, _>(|_, _| async { Ok(()) })
///     .build()?;
/// let poison = Delivered::from(Record { id: "m-1".into(), body: "{".into(), receives: 1 });
/// let mut again = 0;
/// let tell = |_, _, verdict| again += u32::from(verdict != Verdict::Acknowledge);
/// consumer.deliver(vec![poison], &Stop::never(), None, tell).await;
/// assert_eq!(again, 1, "there is no place for dead letters, so the queue's redrive decides");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The message.
    pub record: Record,
    /// The group of a FIFO queue that it stands in. Messages of one group are handled one after the
    /// other, and not beyond the first that fails.
    pub group: Option<String>,
    /// The X-Ray header that came with it.
    pub trace: Option<String>,
    /// The attributes that its sender set, as text. Binary ones are left out.
    pub attributes: BTreeMap<String, String>,
    /// Whether its queue makes a dead letter of it when it is given back, by its redrive policy: then
    /// the rest of its group does not wait for it.
    pub last: bool,
}

impl From<Record> for Delivered {
    fn from(record: Record) -> Self {
        Self { record, group: None, trace: None, attributes: BTreeMap::new(), last: false }
    }
}

/// What to tell the queue of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// It is done, or kept as a dead letter: delete it.
    Acknowledge,
    /// It is not: deliver it again, after so long if that is said.
    Return {
        /// How long to wait.
        after: Option<Duration>,
    },
}

/// The longest wait for another worker's event, beyond its lease.
const LONGEST_BUSY: Duration = Duration::from_mins(15);

/// One task: a message, or all messages of a group in their order.
type Lane = Vec<(usize, Delivered)>;

/// What a task tells of a message: its place, its outcome, its verdict.
type Told = (usize, Outcome, Verdict);

impl Consumer {
    /// Handles messages, so many at once as the consumer is set to, and tells of each, by its place,
    /// what came of it and what to tell the queue, as soon as that is known. Each message is told of
    /// exactly once.
    ///
    /// - Messages of a group are handled in order. After the first that is to be delivered again the
    ///   rest of its group is given back untouched, unless that one was at its [last](Delivered::last)
    ///   delivery: each of them would have used up a delivery of its own for nothing, and be a dead
    ///   letter as well.
    /// - What `stop` keeps from being begun is given back at once; what it drops while running has
    ///   its claim released, unless [`OnTimeout::Block`](crate::idempotency::OnTimeout::Block) keeps
    ///   it. When `stop` is over nothing is waited for any more, and what is left is given back.
    /// - What no try will mend is sent to `dead_letters` and then acknowledged; where the sending
    ///   fails, or there is no such place, the message is given back, and the redrive policy of its
    ///   queue decides.
    pub async fn deliver(
        &self,
        batch: Vec<Delivered>,
        stop: &Stop,
        dead_letters: Option<&Arc<dyn DeadLetters>>,
        mut done: impl FnMut(usize, Outcome, Verdict),
    ) {
        let mut told = vec![false; batch.len()];
        if !batch.is_empty() && !stop.may_begin() {
            // A margin that is as long as the time-out would end here each time.
            let (consumer, messages) = (self.name(), batch.len());
            warn!(%consumer, messages, "no message is begun: the time for that was over before");
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
                // Each lane ends by itself before, but for one whose handler keeps its thread.
                () = stop.over(Phase::Lanes), if !running.is_empty() => {
                    warn!(consumer = %self.name(), lanes = running.len(), "given up at the end");
                    running.abort_all();
                    break;
                }
                ended = running.join_next() => match ended {
                    None => break,
                    Some(Ok(())) => {}
                    // Its messages are told of below, where they are seen to be missing.
                    Some(Err(error)) => warn!(%error, "a message was not handled to its end"),
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
        for (at, Delivered { record, group, trace, attributes, last }) in lane {
            let attributes = Arc::new(attributes);
            let outcome = if broken {
                untouched("not begun: a message before it in its group is to come again")
            } else if stop.may_begin() {
                trace::within(trace.clone(), self.handle(&record, &attributes, &stop)).await
            } else {
                untouched("not begun: the deadline is near, or the worker is to stop")
            };
            let beside = Beside {
                group: group.as_deref(),
                trace: trace.as_deref(),
                attributes: &attributes,
            };
            let place = dead_letters.as_deref();
            let verdict = self.judge(&outcome, &record, beside, place, &stop).await;
            // One that is busy is not over: who has the last delivery keeps it.
            let is_over = last && !matches!(outcome, Outcome::Busy { .. });
            broken |= group.is_some() && verdict != Verdict::Acknowledge && !is_over;
            // Nobody listens only where `deliver` itself was dropped.
            let _ = told.send((at, outcome, verdict));
        }
    }

    async fn judge(
        &self,
        outcome: &Outcome,
        record: &Record,
        beside: Beside<'_>,
        dead_letters: Option<&dyn DeadLetters>,
        stop: &Stop,
    ) -> Verdict {
        match outcome {
            Outcome::Handled | Outcome::Duplicate | Outcome::Skipped => Verdict::Acknowledge,
            // To come sooner is to be counted as one more delivery towards the dead-letter queue.
            Outcome::Busy { until } => {
                let left = self.left(*until);
                // A lease that is renewed may be so for long: each wait is twice the one before.
                let times = 2_u32.saturating_pow(record.receives.saturating_sub(1));
                let after = left.max(left.saturating_mul(times).min(LONGEST_BUSY));
                Verdict::Return { after: Some(after) }
            }
            Outcome::Retry { after, .. } => Verdict::Return { after: *after },
            Outcome::LeaseLost => Verdict::Return { after: None },
            Outcome::DeadLetter { kind, reason } => {
                let Some(place) = dead_letters else { return Verdict::Return { after: None } };
                let letter = DeadLetter::new(self.name(), record, beside, *kind, reason);
                let said: &dyn Display = tokio::select! {
                    biased;
                    sent = place.send(letter) => match sent {
                        Ok(()) => return Verdict::Acknowledge,
                        Err(error) => &error.to_string(),
                    },
                    () = stop.over(Phase::Messages) => &"no answer before the worker had to stop",
                    () = tokio::time::sleep(PATIENCE) => &"no answer in time",
                };
                let record = shown(&record.id);
                warn!(record, error = %said, "dead letter not sent");
                Verdict::Return { after: None }
            }
        }
    }
}

/// By group, in the order in which the groups begin; what has no group stands alone.
fn lanes(batch: Vec<Delivered>) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    let mut by_group: HashMap<String, usize> = HashMap::new();
    for (at, delivered) in batch.into_iter().enumerate() {
        match &delivered.group {
            Some(group) => {
                let lane = *by_group.entry(group.clone()).or_insert_with(|| {
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

/// A message that nothing was done with: it may come again at once.
pub(super) fn untouched(reason: &str) -> Outcome {
    Outcome::Retry { reason: reason.to_owned(), after: Some(Duration::ZERO) }
}
