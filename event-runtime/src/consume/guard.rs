//! An effect under a claim: claim, apply, complete.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use jiff::Timestamp;
use tracing::warn;

use super::{HandlerError, Stop};
use crate::idempotency::{Claim, IdempotencyStore, Key, Lease, Owner, Settled};
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
    pub(super) lease: Duration,
    pub(super) keep: Duration,
    /// When an effect is dropped before its end.
    pub(super) stop: Stop,
}

/// What came of an effect.
#[derive(Debug)]
pub(super) enum Guarded {
    Done,
    Duplicate,
    Busy { until: Timestamp },
    LeaseLost,
    Failed(HandlerError),
}

impl Guard {
    /// Applies the effect unless it was applied before or someone else is at it.
    ///
    /// The lease is renewed while the effect takes its time. When it is lost all the same, the effect
    /// is dropped where it stands: a successor is at it. When the worker has to stop it is dropped
    /// too, `grace` later, and its lease is released.
    pub(super) async fn run(
        &self,
        key: &Key,
        effect: impl Future<Output = Result<(), HandlerError>>,
        grace: Duration,
    ) -> Guarded {
        let claim = self.store.claim(key, Owner::unique(), (self.clock)(), self.lease).await;
        let lease = match claim {
            Ok(Claim::Granted(lease)) => lease,
            Ok(Claim::InProgress { until }) => return Guarded::Busy { until },
            Ok(Claim::Completed) => return Guarded::Duplicate,
            Err(error) => return Guarded::Failed(error.into()),
        };
        let result = tokio::select! {
            biased;
            result = without_panic(effect) => result,
            () = self.keep_renewing(&lease) => return Guarded::LeaseLost,
            () = self.stop.dropping(grace) => {
                Err(HandlerError::transient("dropped before its end: the worker has to stop"))
            }
        };
        match result {
            Ok(()) => match self.complete(&lease).await {
                Ok(Settled::Done) => Guarded::Done,
                Ok(Settled::LeaseLost) => Guarded::LeaseLost,
                Err(error) => Guarded::Failed(error.into()),
            },
            Err(error) => {
                // Where this fails, the lease ends by itself.
                if let Err(error) = self.store.release(&lease).await {
                    warn!(%key, %error, "lease not released");
                }
                Guarded::Failed(error)
            }
        }
    }

    /// Returns when the lease is lost. A store that fails is asked again: the lease is still ours
    /// until someone has taken it.
    async fn keep_renewing(&self, lease: &Lease) {
        let pause = (self.lease / 3).max(Duration::from_millis(1));
        loop {
            tokio::time::sleep(pause).await;
            match self.store.renew(lease, (self.clock)(), self.lease).await {
                Ok(Settled::Done) => {}
                Ok(Settled::LeaseLost) => return,
                Err(error) => warn!(key = %lease.key, %error, "lease not renewed"),
            }
        }
    }

    async fn complete(&self, lease: &Lease) -> Result<Settled, StoreError> {
        let mut tries = 1;
        loop {
            match self.store.complete(lease, (self.clock)(), self.keep).await {
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
async fn without_panic(
    effect: impl Future<Output = Result<(), HandlerError>>,
) -> Result<(), HandlerError> {
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
