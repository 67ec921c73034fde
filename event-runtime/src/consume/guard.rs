//! Runs an effect under a claim: claim, apply, complete.

use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tracing::warn;

use super::caught::caught;
use super::keeper::{Keeper, Marks, Renewal, shortened};
use super::stop::Phase;
use super::{HandlerError, Stop};
use crate::bounded::Bounded;
use crate::idempotency::{
    Attempt, Claim, Completion, IdempotencyStore, Key, Lease, OnTimeout, Owner, Settled, Terms,
};
use crate::shown::shown;
use crate::store::StoreError;

/// The clock of a guard.
pub(super) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How often a completion is tried: the effect is applied, and only the mark is missing.
const COMPLETE_TRIES: u32 = 3;
const COMPLETE_PAUSE: Duration = Duration::from_millis(50);

/// How long to wait for a store.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);

/// How long to wait for an event of another worker before its copy is returned.
pub(super) const BUSY_WAIT: Duration = Duration::from_secs(2);

/// The first pause of that wait. Each next one doubles.
const BUSY_PAUSE: Duration = Duration::from_millis(50);

/// Longer waits count as this long.
const LONGEST_WAIT: Duration = Duration::from_hours(24 * 365);

/// The longest pause of that wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The longest assumed lease of another worker, if this consumer has shorter ones.
const LONGEST_LEFT: Duration = Duration::from_mins(15);

/// How many claims without a response are remembered.
const UNANSWERED: usize = 1000;

/// How many of them per key.
const OWNERS: usize = 8;

/// The store of a consumer, and the durations of its claims and marks.
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) store: Arc<dyn IdempotencyStore>,
    pub(super) clock: Clock,
    pub(super) terms: Terms,
    /// When an effect is dropped before its end.
    pub(super) stop: Stop,
    /// How long an effect may take.
    pub(super) time_limit: Duration,
    /// How long to wait for an event of another worker.
    pub(super) busy_wait: Duration,
    pub(super) unanswered: Unanswered,
}

/// The owners of claims without a response that could not be released either. No handler ran under
/// these claims, so the next claim of the key in this process releases them first. No owner is used
/// again: a release without a response may still be running, and would free the claim of a running
/// handler.
#[derive(Debug, Clone)]
pub(super) struct Unanswered(Arc<Mutex<Bounded<Key, Vec<Owner>>>>);

impl Default for Unanswered {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Bounded::new(UNANSWERED))))
    }
}

impl Unanswered {
    /// The owners of a key.
    fn of(&self, key: &Key) -> Vec<Owner> {
        let owners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        owners.get(key).cloned().unwrap_or_default()
    }

    fn forget(&self, key: &Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    fn put(&self, key: &Key, owner: Owner) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut owners = all.get(key).cloned().unwrap_or_default();
        if owners.len() == OWNERS {
            owners.remove(0);
        }
        owners.push(owner);
        all.put(key.clone(), owners);
    }
}

/// The result of an effect.
#[derive(Debug)]
pub(super) enum Guarded {
    Done,
    Duplicate(Completion),
    Busy { until: Timestamp },
    LeaseLost,
    Mismatch { reason: String },
    Blocked { reason: String },
    Failed(HandlerError),
}

/// The state of the claim that the effect and its guard share: set when the claim is granted.
#[derive(Debug, Default)]
pub(super) struct Held {
    lease: OnceLock<Lease>,
    /// The effect may mark the key as done itself, together with its own writes.
    marks: Arc<Marks>,
}

impl Held {
    /// The lease, while the effect runs.
    pub(super) fn lease(&self) -> Option<&Lease> {
        self.lease.get()
    }

    pub(super) fn marks(&self) -> &Marks {
        &self.marks
    }
}

/// Why an effect ended.
enum Ended {
    Returned(Result<Option<String>, HandlerError>),
    Panicked(String),
    TimedOut(Duration),
    Stopped,
    LeaseLost,
}

/// A call to a store that timed out.
#[derive(Debug, Clone, Copy, thiserror::Error)]
enum NoAnswer {
    #[error("no response to `{0}` within {PATIENCE:?}")]
    InTime(&'static str),
    #[error("no response to `{0}` before the worker had to stop")]
    BeforeTheEnd(&'static str),
}

impl Guard {
    /// How long another worker's lease still lasts: no longer than a lease of this consumer, or 15
    /// minutes, in case a clock is wrong.
    pub(super) fn left(&self, until: Timestamp) -> Duration {
        let left = Duration::try_from(until.duration_since((self.clock)())).unwrap_or_default();
        left.min(self.terms.lease.max(LONGEST_LEFT))
    }

    /// Shortens the lease to the time that is left, if the worker has a deadline: a Lambda function
    /// that is frozen at its deadline holds no claim beyond it.
    pub(super) fn shorten_lease(&mut self) {
        self.terms.lease = shortened(self.terms.lease, self.stop.ends_at(), Instant::now());
    }

    /// Applies the effect unless it was already applied or another worker applies it. Its return
    /// value is stored with the mark.
    ///
    /// The lease is renewed while the effect runs. If the lease is lost nevertheless, or was not
    /// renewed in time, the effect is dropped: another worker may have taken over. When the worker
    /// must stop, the effect is dropped at the end of `phase`.
    ///
    /// An effect that was dropped or panicked may have taken effect: [`OnTimeout`] decides whether
    /// it is tried again or blocked for a person to check. An effect that returned an error is
    /// tried again in any case.
    pub(super) async fn run(
        &self,
        attempt: &Attempt,
        held: &Held,
        effect: impl Future<Output = Result<Option<String>, HandlerError>>,
        phase: Phase,
    ) -> Guarded {
        let key = &attempt.key;
        let (lease, granted) = match self.claim(attempt, phase).await {
            Ok(claimed) => claimed,
            Err(refused) => return refused,
        };
        // The response came too late to start. A part belongs to an effect that was started in
        // time.
        if phase == Phase::Effect && !self.stop.may_begin() {
            if let Err(error) = self.release(&lease).await {
                warn!(key = %shown(key.as_str()), %error, "failed to release a lease");
                self.unanswered.put(key, lease.owner);
            }
            let text = "not started: the worker had to stop while the event was claimed";
            return Guarded::Failed(HandlerError::retry_after(text, Duration::ZERO));
        }
        let lease = held.lease.get_or_init(|| lease);
        let marks = &held.marks;
        let keeper = Keeper::start(
            Renewal {
                store: Arc::clone(&self.store),
                clock: Arc::clone(&self.clock),
                terms: self.terms,
                lease: lease.clone(),
                marks: Arc::clone(marks),
                deadline: self.stop.ends_at(),
            },
            granted,
        )
        .await;
        let ended = tokio::select! {
            biased;
            // First: an effect must not continue under an expired lease.
            () = keeper.lost() => Ended::LeaseLost,
            result = caught(|| effect) => match result {
                Ok(result) => Ended::Returned(result),
                Err(said) => Ended::Panicked(said),
            },
            () = self.stop.over(phase) => Ended::Stopped,
            // A part belongs to an effect, which has its own limit.
            () = tokio::time::sleep(self.time_limit), if phase == Phase::Effect => {
                Ended::TimedOut(self.time_limit)
            }
        };
        marks.close();
        if marks.is_completed() {
            if !matches!(ended, Ended::Returned(Ok(_))) {
                let error = ended.text();
                warn!(key = %shown(key.as_str()), error, "the handler failed after its effect was applied and marked");
            }
            return Guarded::Done;
        }
        match ended {
            Ended::Returned(Ok(result)) => {
                let settled = {
                    let _completing = marks.completing();
                    self.complete(lease, result.as_deref()).await
                };
                match settled {
                    Ok(Settled::Done) => Guarded::Done,
                    Ok(Settled::LeaseLost) => Guarded::LeaseLost,
                    Err(error) => Guarded::Failed(error.into()),
                }
            }
            Ended::LeaseLost => Guarded::LeaseLost,
            ended => {
                drop(keeper);
                self.failed(lease, ended).await
            }
        }
    }

    /// A failed effect: decides who may try it again, and when.
    async fn failed(&self, lease: &Lease, ended: Ended) -> Guarded {
        let blocks = self.terms.on_timeout == OnTimeout::Block;
        if blocks && !matches!(ended, Ended::Returned(_)) {
            let key = &lease.key;
            let text = ended.text();
            return match ended {
                // The claim stays, so that the next delivery reports what to check.
                Ended::Stopped => Guarded::Failed(HandlerError::transient(text)),
                _ => Guarded::Blocked {
                    reason: format!(
                        "{text}; it may have taken effect: check, `forget` the key `{key}` if it \
                         did not, and redrive the message"
                    ),
                },
            };
        }
        // If this fails, the lease expires.
        if let Err(error) = self.release(lease).await {
            warn!(key = %shown(lease.key.as_str()), %error, "failed to release a lease");
        }
        Guarded::Failed(match ended {
            Ended::Returned(Err(error)) => error,
            ended => HandlerError::transient(ended.text()),
        })
    }

    /// Returns the lease, and when the call that brought it was started.
    async fn claim(&self, attempt: &Attempt, phase: Phase) -> Result<(Lease, Instant), Guarded> {
        let key = &attempt.key;
        let mut unanswered = self.unanswered.of(key);
        let waits_until = Instant::now() + self.busy_wait.min(LONGEST_WAIT);
        let mut pause = BUSY_PAUSE;
        loop {
            let begun = Instant::now();
            let now = (self.clock)();
            let claim = self.answer("claim", phase, self.store.claim(attempt, now, &self.terms));
            let claim = claim.await;
            let stands = matches!(claim, Ok(Claim::InProgress { .. } | Claim::Blocked { .. }));
            if stands && !unanswered.is_empty() {
                // It may be one of the claims without a response.
                if self.give_all_back(attempt, now, &mut unanswered).await? {
                    continue;
                }
            }
            return match claim {
                Ok(Claim::Granted(lease)) => self.fresh(lease, now, begun, phase).await,
                Ok(Claim::InProgress { until }) => {
                    if self.waits(until, waits_until, pause).await {
                        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
                        continue;
                    }
                    Err(Guarded::Busy { until })
                }
                Ok(Claim::Completed(completion)) => {
                    self.unanswered.forget(key);
                    Err(Guarded::Duplicate(completion))
                }
                Ok(Claim::Mismatch { handled }) => {
                    let reason = format!(
                        "another payload was handled under `{key}` before: the publisher used an ID \
                         twice (handled: {handled})"
                    );
                    Err(Guarded::Mismatch { reason })
                }
                Ok(Claim::Blocked { since }) => {
                    let reason = format!(
                        "a worker claimed `{key}`, disappeared at {since}, and may have handled \
                         the event: check, `forget` the key if it did not, and redrive the message"
                    );
                    Err(Guarded::Blocked { reason })
                }
                Err(error) => {
                    self.give_back(attempt, now).await;
                    Err(Guarded::Failed(error.into()))
                }
            };
        }
    }

    /// Releases the claims without a response. Returns whether one of them was granted.
    async fn give_all_back(
        &self,
        attempt: &Attempt,
        now: Timestamp,
        unanswered: &mut Vec<Owner>,
    ) -> Result<bool, Guarded> {
        while let Some(owner) = unanswered.pop() {
            let Attempt { key, payload, .. } = attempt.clone();
            match self.release(&Lease { key, owner, until: now, payload }).await {
                Ok(Settled::Done) => return Ok(true),
                Ok(Settled::LeaseLost) => {}
                Err(error) => return Err(Guarded::Failed(error.into())),
            }
        }
        Ok(false)
    }

    /// A claim without a response may have been granted, and nobody handles its event: it is
    /// released, or remembered for the next claim in this process.
    async fn give_back(&self, attempt: &Attempt, now: Timestamp) {
        let Attempt { key, owner, payload } = attempt.clone();
        let lease = Lease { key, owner, until: now, payload };
        match self.release(&lease).await {
            Ok(Settled::Done) => {}
            // The claim is not there, and may still arrive: a call that timed out here may still
            // run there.
            Ok(Settled::LeaseLost) => self.unanswered.put(&lease.key, owner),
            Err(error) => {
                warn!(key = %shown(lease.key.as_str()), %error, "failed to release a claim without a response");
                self.unanswered.put(&lease.key, owner);
            }
        }
    }

    /// A claim that was granted again to its owner is as old as the first one: its lease counts
    /// from then. If less than half of it is left, it is renewed first.
    async fn fresh(
        &self,
        mut lease: Lease,
        now: Timestamp,
        begun: Instant,
        phase: Phase,
    ) -> Result<(Lease, Instant), Guarded> {
        let left = Duration::try_from(lease.until.duration_since(now)).unwrap_or_default();
        // At the end of time, a lease is shorter than requested.
        if lease.until == Timestamp::MAX {
            return Ok((lease, begun));
        }
        if left >= self.terms.lease / 2 {
            let age = self.terms.lease.saturating_sub(left);
            return Ok((lease, begun.checked_sub(age).unwrap_or(begun)));
        }
        let (begun, now) = (Instant::now(), (self.clock)());
        let renewed = self.answer("renew", phase, self.store.renew(&lease, now, &self.terms));
        match renewed.await {
            Ok(Settled::Done) => {
                let span = jiff::SignedDuration::try_from(self.terms.lease).ok();
                let until = span.and_then(|span| now.checked_add(span).ok());
                lease.until = until.unwrap_or(Timestamp::MAX);
                Ok((lease, begun))
            }
            Ok(Settled::LeaseLost) => Err(Guarded::LeaseLost),
            Err(error) => {
                let (key, owner) = (lease.key.clone(), lease.owner);
                self.unanswered.put(&key, owner);
                Err(Guarded::Failed(error.into()))
            }
        }
    }

    /// Waits for an event of another worker, if that can help: for a pause, or for the end of its
    /// lease. Returns whether to try again.
    async fn waits(&self, until: Timestamp, latest: Instant, pause: Duration) -> bool {
        let left = self.left(until);
        let now = Instant::now();
        // A lease is still valid in its last millisecond.
        let pause = pause.min(left.saturating_add(Duration::from_millis(2))).max(BUSY_PAUSE);
        // The last pause ends when the wait ends.
        let next = (now + pause).min(latest);
        if next <= now {
            return false;
        }
        tokio::select! {
            () = tokio::time::sleep_until(next) => true,
            () = self.stop.stopping() => false,
        }
    }

    async fn complete(&self, lease: &Lease, result: Option<&str>) -> Result<Settled, StoreError> {
        let mut tries = 1;
        loop {
            let call = self.store.complete(lease, (self.clock)(), &self.terms, result);
            match self.answer("complete", Phase::Messages, call).await {
                Err(error) if tries < COMPLETE_TRIES => {
                    warn!(key = %shown(lease.key.as_str()), %error, "failed to mark an effect as done");
                    tokio::time::sleep(COMPLETE_PAUSE * tries).await;
                    tries += 1;
                }
                settled => return settled,
            }
        }
    }

    async fn release(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.answer("release", Phase::Messages, self.store.release(lease)).await
    }

    /// Returns the response of a store, if it arrives in time.
    pub(super) async fn answer<T>(
        &self,
        call: &'static str,
        phase: Phase,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        tokio::select! {
            biased;
            answer = answer => answer,
            () = self.stop.over(phase) => Err(StoreError::new(NoAnswer::BeforeTheEnd(call))),
            () = tokio::time::sleep(PATIENCE) => Err(StoreError::new(NoAnswer::InTime(call))),
        }
    }
}

impl Ended {
    fn text(&self) -> String {
        match self {
            Self::Returned(Ok(_)) => "it completed".to_owned(),
            Self::Returned(Err(error)) => error.to_string(),
            Self::Panicked(text) => format!("the handler panicked: {}", shown(text)),
            Self::TimedOut(limit) => {
                format!("dropped before its end: it took longer than its time limit of {limit:?}")
            }
            Self::Stopped => "dropped before its end: the worker had to stop".to_owned(),
            Self::LeaseLost => "dropped before its end: its lease was lost".to_owned(),
        }
    }
}
