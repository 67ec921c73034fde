//! An effect under a claim: claim, apply, complete.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::Duration;

use jiff::Timestamp;
use tracing::warn;

use super::{HandlerError, Stop};
use crate::idempotency::{Attempt, Claim, Completion, IdempotencyStore, Lease, Settled, Terms};
use crate::store::StoreError;

/// Where a guard gets its time from.
pub(super) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How often a completion is tried: the effect is there, and only the mark is missing.
const COMPLETE_TRIES: u32 = 3;
const COMPLETE_PAUSE: Duration = Duration::from_millis(50);

/// How much later the effect of an event is dropped than the parts that it is made of, so that those
/// release their own leases first.
pub(super) const OUTER_GRACE: Duration = Duration::from_millis(100);

/// The store of a consumer, and for how long it claims and keeps.
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) store: Arc<dyn IdempotencyStore>,
    pub(super) clock: Clock,
    pub(super) terms: Terms,
    /// When an effect is dropped before its end.
    pub(super) stop: Stop,
}

/// What came of an effect.
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

/// What the effect and its guard know of the claim: filled when it is granted.
#[derive(Debug, Default)]
pub(super) struct Held {
    lease: OnceLock<Lease>,
    /// The effect has marked the key as done itself, together with what it wrote.
    completed: AtomicBool,
}

impl Held {
    /// The lease, while the effect runs.
    pub(super) fn lease(&self) -> Option<&Lease> {
        self.lease.get()
    }

    pub(super) fn set_completed(&self) {
        self.completed.store(true, Ordering::Release);
    }

    fn is_completed(&self) -> bool {
        self.completed.load(Ordering::Acquire)
    }
}

impl Guard {
    /// Applies the effect unless it was applied before or someone else is at it. What it returns is
    /// kept with the mark.
    ///
    /// The lease is renewed while the effect takes its time. When it is lost all the same, the effect
    /// is dropped where it stands: a successor is at it. When the worker has to stop it is dropped
    /// too, `grace` later, and its lease is released.
    pub(super) async fn run(
        &self,
        attempt: &Attempt,
        held: &Held,
        effect: impl Future<Output = Result<Option<String>, HandlerError>>,
        grace: Duration,
    ) -> Guarded {
        let key = &attempt.key;
        let lease = match self.store.claim(attempt, (self.clock)(), &self.terms).await {
            Ok(Claim::Granted(lease)) => lease,
            Ok(Claim::InProgress { until }) => return Guarded::Busy { until },
            Ok(Claim::Completed(completion)) => return Guarded::Duplicate(completion),
            Ok(Claim::Mismatch { handled }) => {
                let reason = format!(
                    "another payload was handled under `{key}` before: the publisher gave an id \
                     twice (handled: {handled})"
                );
                return Guarded::Mismatch { reason };
            }
            Ok(Claim::Blocked { since }) => {
                let reason = format!(
                    "a worker claimed `{key}`, was not heard of since {since}, and may have done \
                     it: look, `forget` the key if it was not done, and redrive the message"
                );
                return Guarded::Blocked { reason };
            }
            Err(error) => return Guarded::Failed(error.into()),
        };
        let lease = held.lease.get_or_init(|| lease);
        let result = tokio::select! {
            biased;
            result = without_panic(effect) => result,
            () = self.keep_renewing(lease, held) => return Guarded::LeaseLost,
            () = self.stop.dropping(grace) => {
                Err(HandlerError::transient("dropped before its end: the worker has to stop"))
            }
        };
        if held.is_completed() {
            if let Err(error) = result {
                warn!(%key, %error, "the handler failed after its effect was applied and marked");
            }
            return Guarded::Done;
        }
        match result {
            Ok(result) => match self.complete(lease, result.as_deref()).await {
                Ok(Settled::Done) => Guarded::Done,
                Ok(Settled::LeaseLost) => Guarded::LeaseLost,
                Err(error) => Guarded::Failed(error.into()),
            },
            Err(error) => {
                // Where this fails, the lease ends by itself.
                if let Err(error) = self.store.release(lease).await {
                    warn!(%key, %error, "lease not released");
                }
                Guarded::Failed(error)
            }
        }
    }

    /// Returns when the lease is lost. A store that fails is asked again: the lease is still ours
    /// until someone has taken it. A lease that the effect itself has completed is not lost.
    async fn keep_renewing(&self, lease: &Lease, held: &Held) {
        let pause = (self.terms.lease / 3).max(Duration::from_millis(1));
        loop {
            tokio::time::sleep(pause).await;
            if held.is_completed() {
                std::future::pending::<()>().await;
            }
            match self.store.renew(lease, (self.clock)(), &self.terms).await {
                Ok(Settled::Done) => {}
                Ok(Settled::LeaseLost) => return,
                Err(error) => warn!(key = %lease.key, %error, "lease not renewed"),
            }
        }
    }

    async fn complete(&self, lease: &Lease, result: Option<&str>) -> Result<Settled, StoreError> {
        let mut tries = 1;
        loop {
            match self.store.complete(lease, (self.clock)(), &self.terms, result).await {
                Err(error) if tries < COMPLETE_TRIES => {
                    warn!(key = %lease.key, %error, "effect not yet marked as done");
                    tokio::time::sleep(COMPLETE_PAUSE * tries).await;
                    tries += 1;
                }
                settled => return settled,
            }
        }
    }
}

/// A handler that panics has failed, and takes nothing else down.
async fn without_panic<T>(
    effect: impl Future<Output = Result<T, HandlerError>>,
) -> Result<T, HandlerError> {
    let mut effect = pin!(effect);
    poll_fn(|cx| {
        catch_unwind(AssertUnwindSafe(|| effect.as_mut().poll(cx)))
            .unwrap_or_else(|panic| Poll::Ready(Err(HandlerError::transient(said(&*panic)))))
    })
    .await
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("the handler panicked: {}", text.unwrap_or("without a message"))
}
