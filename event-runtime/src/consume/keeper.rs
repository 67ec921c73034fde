//! Keeps a lease: a task renews it, and reports when it may have been lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::warn;

use super::guard::Clock;
use crate::idempotency::{IdempotencyStore, Lease, Settled, Terms};
use crate::shown::shown;

/// A lease that ends beyond the range of the clock counts as this long.
const LONGEST_LEASE: Duration = Duration::from_hours(24 * 365);

/// A lease is not shortened below this.
const SHORTEST_LEASE: Duration = Duration::from_secs(1);

/// The progress of a lease's completion, shared by the effect and its guard.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Calls that complete the lease and have no response yet.
    completing: AtomicU32,
    completed: AtomicBool,
    /// The effect has ended: nothing may be applied under its lease any more.
    closed: AtomicBool,
}

/// While it exists, a call that completes the lease is running.
pub(super) struct Completing<'a>(&'a Marks);

impl Marks {
    pub(super) fn completing(&self) -> Completing<'_> {
        self.completing.fetch_add(1, Ordering::AcqRel);
        Completing(self)
    }

    /// Like [`completing`](Self::completing), if no other call is running: the second of two calls
    /// would have the same result as the first.
    pub(super) fn only_completing(&self) -> Option<Completing<'_>> {
        let free = self.completing.compare_exchange(0, 1, Ordering::AcqRel, Ordering::Acquire);
        free.is_ok().then(|| Completing(self))
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(super) fn is_completing(&self) -> bool {
        self.completing.load(Ordering::Acquire) > 0
    }

    pub(super) fn set_completed(&self) {
        self.completed.store(true, Ordering::Release);
    }

    pub(super) fn is_completed(&self) -> bool {
        self.completed.load(Ordering::Acquire)
    }
}

impl Drop for Completing<'_> {
    fn drop(&mut self) {
        self.0.completing.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The state of the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Until(Instant),
    /// The effect is applied and marked: the lease is no longer needed.
    Completed,
    /// Another worker has the lease, or nobody.
    Lost,
}

/// Renews a lease for as long as it exists.
///
/// The renewal is a task of its own, so that an effect that blocks its thread does not stop it. The
/// lease counts from the start of the last call that extended it: if the store does not respond,
/// the lease counts as lost as soon as another worker may have it.
#[derive(Debug)]
pub(super) struct Keeper {
    kept: watch::Receiver<Kept>,
    task: JoinHandle<()>,
}

/// What the task needs from the guard.
pub(super) struct Renewal {
    pub(super) store: Arc<dyn IdempotencyStore>,
    pub(super) clock: Clock,
    pub(super) terms: Terms,
    pub(super) lease: Lease,
    pub(super) marks: Arc<Marks>,
    /// When the worker ends, if it has a deadline. The lease is not extended beyond it.
    pub(super) deadline: Option<Instant>,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Keeper {
    /// Keeps a lease that was granted by a call that started at `granted`.
    ///
    /// Completes when the task runs: a task that is only spawned may wait for the thread that
    /// spawned it, which the effect may block.
    pub(super) async fn start(renewal: Renewal, granted: Instant) -> Self {
        let span = span_of(&renewal.terms);
        let (sender, kept) = watch::channel(Kept::Until(granted + span));
        let task = tokio::spawn(renewal.keep(granted, span, sender));
        let mut keeper = Self { kept, task };
        // An error means that the runtime shuts down.
        let _running = keeper.kept.changed().await;
        keeper
    }

    /// Completes when the lease may have been lost. Never, if the effect has completed it.
    pub(super) async fn lost(&self) {
        let mut kept = self.kept.clone();
        loop {
            let now = *kept.borrow_and_update();
            match now {
                Kept::Lost => return,
                Kept::Completed => std::future::pending().await,
                Kept::Until(end) => tokio::select! {
                    // The task ends without a message only if the runtime shuts down.
                    Ok(()) = kept.changed() => {}
                    () = sleep_until(end) => {
                        if *kept.borrow() == Kept::Until(end) {
                            return;
                        }
                    }
                },
            }
        }
    }
}

impl Renewal {
    async fn keep(self, granted: Instant, span: Duration, kept: watch::Sender<Kept>) {
        let Self { store, clock, mut terms, lease, marks, deadline } = self;
        let full = terms.lease;
        let (third, tenth) = (span / 3, (span / 10).max(Duration::from_millis(1)));
        let mut next = granted + third;
        let mut end = granted + span;
        kept.send_replace(Kept::Until(end));
        loop {
            // The worker ends before its lease does.
            if deadline.is_some_and(|deadline| end >= deadline) {
                next = end;
            }
            sleep_until(next).await;
            if marks.is_completed() {
                kept.send_replace(Kept::Completed);
                return;
            }
            let begun = Instant::now();
            if begun >= end && deadline.is_some_and(|deadline| end >= deadline) {
                kept.send_replace(Kept::Lost);
                return;
            }
            terms.lease = shortened(full, deadline, begun);
            let span = span_of(&terms);
            // A renewal without a response must not delay the next one.
            let patience = (begun + third.max(tenth)).min(end);
            match timeout_at(patience, store.renew(&lease, clock(), &terms)).await {
                Ok(Ok(Settled::Done)) => {
                    end = begun + span;
                    next = begun + third;
                    kept.send_replace(Kept::Until(end));
                }
                // The refusal may be caused by our own mark, whose response is not here yet: the
                // mark decides.
                Ok(Ok(Settled::LeaseLost)) if marks.is_completing() => {
                    end = begun + span;
                    next = begun + tenth;
                    kept.send_replace(Kept::Until(end));
                }
                Ok(Ok(Settled::LeaseLost)) => {
                    let lost = if marks.is_completed() { Kept::Completed } else { Kept::Lost };
                    kept.send_replace(lost);
                    return;
                }
                Ok(Err(error)) => {
                    warn!(key = %shown(lease.key.as_str()), %error, "failed to renew a lease");
                    next = Instant::now() + tenth;
                }
                Err(_) => {
                    warn!(key = %shown(lease.key.as_str()), "no response to the renewal of a lease");
                    next = Instant::now() + tenth;
                }
            }
            if Instant::now() >= end {
                warn!(key = %shown(lease.key.as_str()), "lease lost: it was not renewed in time");
                let over = if marks.is_completed() { Kept::Completed } else { Kept::Lost };
                kept.send_replace(over);
                return;
            }
        }
    }
}

/// The lease of a worker with a deadline: no longer than the time that is left.
pub(super) fn shortened(lease: Duration, deadline: Option<Instant>, now: Instant) -> Duration {
    match deadline {
        Some(end) => lease.min(end.saturating_duration_since(now).max(SHORTEST_LEASE)),
        None => lease,
    }
}

/// How long a lease lasts, within the range of the clock.
fn span_of(terms: &Terms) -> Duration {
    terms.lease.clamp(Duration::from_millis(1), LONGEST_LEASE)
}
