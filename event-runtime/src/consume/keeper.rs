//! Keeping a lease: renewed by a task of its own, and given up when it may be another's.

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

/// What a lease that ends beyond all clocks is taken for.
const LONGEST_LEASE: Duration = Duration::from_hours(24 * 365);

/// How far the completion of a lease is, as the effect and its guard see it.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Calls that complete the lease and have no answer yet.
    completing: AtomicU32,
    completed: AtomicBool,
    /// The effect has ended: nothing is applied under its lease any more.
    closed: AtomicBool,
}

/// While it lives, a call that completes the lease is on its way.
pub(super) struct Completing<'a>(&'a Marks);

impl Marks {
    pub(super) fn completing(&self) -> Completing<'_> {
        self.completing.fetch_add(1, Ordering::AcqRel);
        Completing(self)
    }

    /// As [`completing`](Self::completing), where no other call is on its way: of two, the second one
    /// would be answered as the first.
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

/// Until when the lease keeps others out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Until(Instant),
    /// The effect is there and marked: nothing is left to lose.
    Completed,
    /// Someone else has it, or nobody.
    Lost,
}

/// Renews a lease for as long as it lives.
///
/// The renewal is a task of its own, so that an effect that keeps its thread does not stop it. The
/// lease counts from when the last call that prolonged it was begun: where the store does not answer,
/// it is given up when a successor may have it, and not when that is heard of.
#[derive(Debug)]
pub(super) struct Keeper {
    kept: watch::Receiver<Kept>,
    task: JoinHandle<()>,
}

/// What the task needs of the guard.
pub(super) struct Renewal {
    pub(super) store: Arc<dyn IdempotencyStore>,
    pub(super) clock: Clock,
    pub(super) terms: Terms,
    pub(super) lease: Lease,
    pub(super) marks: Arc<Marks>,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Keeper {
    /// Keeps a lease that was granted by a call that was begun then.
    ///
    /// Ready when the task runs: one that is only spawned may wait for the thread that spawned it, and
    /// that is the one that the effect may keep.
    pub(super) async fn start(renewal: Renewal, granted: Instant) -> Self {
        let span = span(&renewal.terms);
        let (sender, kept) = watch::channel(Kept::Until(granted + span));
        let task = tokio::spawn(renewal.keep(granted, span, sender));
        let mut keeper = Self { kept, task };
        // An error where the runtime ends, and everything with it.
        let _running = keeper.kept.changed().await;
        keeper
    }

    /// Ready when the lease may be another's. Never, where the effect has completed it.
    pub(super) async fn lost(&self) {
        let mut kept = self.kept.clone();
        loop {
            let now = *kept.borrow_and_update();
            match now {
                Kept::Lost => return,
                Kept::Completed => std::future::pending().await,
                Kept::Until(end) => tokio::select! {
                    // The task has ended without a word only where the runtime ends.
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
        let Self { store, clock, terms, lease, marks } = self;
        let (third, tenth) = (span / 3, (span / 10).max(Duration::from_millis(1)));
        let mut next = granted + third;
        let mut end = granted + span;
        kept.send_replace(Kept::Until(end));
        loop {
            sleep_until(next).await;
            if marks.is_completed() {
                kept.send_replace(Kept::Completed);
                return;
            }
            let begun = Instant::now();
            // A renewal without an answer must not stand in the way of the next one.
            let patience = (begun + third.max(tenth)).min(end);
            match timeout_at(patience, store.renew(&lease, clock(), &terms)).await {
                Ok(Ok(Settled::Done)) => {
                    end = begun + span;
                    next = begun + third;
                    kept.send_replace(Kept::Until(end));
                }
                // The refusal may be of our own mark, whose answer is on its way; that one decides.
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
                    warn!(key = %shown(lease.key.as_str()), %error, "lease not renewed");
                    next = Instant::now() + tenth;
                }
                Err(_) => {
                    warn!(key = %shown(lease.key.as_str()), "no answer to the renewal of a lease");
                    next = Instant::now() + tenth;
                }
            }
            if Instant::now() >= end {
                warn!(key = %shown(lease.key.as_str()), "lease given up: it was not renewed in time");
                let over = if marks.is_completed() { Kept::Completed } else { Kept::Lost };
                kept.send_replace(over);
                return;
            }
        }
    }
}

/// How long a lease lasts, as far as a clock can tell.
fn span(terms: &Terms) -> Duration {
    terms.lease.clamp(Duration::from_millis(1), LONGEST_LEASE)
}
