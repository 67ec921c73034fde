//! A store that kills its worker between any two steps, at random.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use event_runtime::Timestamp;
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, Lease, MemoryStore, Settled, Terms,
};
use event_runtime::store::{BoxFuture, StoreError};
use tokio::sync::Notify;

use crate::fault::Draw;
use crate::ledger::Ledger;

/// Decides at random when a worker dies, for the life of one worker. A dead worker never continues;
/// the code that waits on `died` then drops it.
#[derive(Debug)]
pub struct Crash {
    draw: Arc<Mutex<Draw>>,
    of_thousand: u64,
    /// Notified when the worker must be dropped.
    pub died: Notify,
}

impl Crash {
    /// This many deaths in a thousand steps, by this seed.
    pub fn new(seed: u64, of_thousand: u64) -> Arc<Self> {
        let draw = Arc::new(Mutex::new(Draw::new(seed)));
        Arc::new(Self { draw, of_thousand, died: Notify::new() })
    }

    /// The same for another life: one seed, another death.
    pub fn of_next_life(&self) -> Arc<Self> {
        let (draw, of_thousand) = (Arc::clone(&self.draw), self.of_thousand);
        Arc::new(Self { draw, of_thousand, died: Notify::new() })
    }

    /// Ends a step. The worker may die here.
    pub async fn step(&self) {
        let dies = self.draw.lock().unwrap_or_else(PoisonError::into_inner).hits(self.of_thousand);
        if dies {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

/// A memory store that outlives its workers, and may kill one before and after each operation. It
/// reports completed keys to the ledger.
#[derive(Debug, Clone)]
pub struct CrashingStore {
    inner: MemoryStore,
    crash: Arc<Crash>,
    ledger: Ledger,
    /// The order of each key.
    orders: Arc<Mutex<HashMap<String, u64>>>,
    /// When the lease of each key begins that this life has.
    held: Arc<Mutex<HashMap<String, Instant>>>,
}

impl CrashingStore {
    /// Returns an empty store.
    pub fn new(crash: Arc<Crash>, ledger: Ledger) -> Self {
        Self {
            inner: MemoryStore::new(),
            crash,
            ledger,
            orders: Arc::default(),
            held: Arc::default(),
        }
    }

    /// Returns the same store for another life.
    #[must_use]
    pub fn of_life(&self, crash: Arc<Crash>) -> Self {
        Self { crash, held: Arc::default(), ..self.clone() }
    }

    /// Records the order of a key; the handler calls it.
    pub fn is_about(&self, key: &Key, order: u64) {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.insert(key.as_str().to_owned(), order);
    }

    /// When the lease of a key begins that this life has.
    pub fn held_from(&self, key: &Key) -> Instant {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(key.as_str()).copied().unwrap_or_else(Instant::now)
    }

    fn holds(&self, key: &Key, from: Instant) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(key.as_str().to_owned(), from);
    }

    fn marked(&self, key: &Key) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(key.as_str());
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(order) = orders.remove(key.as_str()) {
            self.ledger.mark(order);
        }
    }
}

impl IdempotencyStore for CrashingStore {
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        Box::pin(async move {
            let from = Instant::now();
            self.crash.step().await;
            let claim = self.inner.claim(attempt, now, terms).await;
            if matches!(claim, Ok(Claim::Granted(_))) {
                self.holds(&attempt.key, from);
            }
            self.crash.step().await;
            claim
        })
    }

    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            let from = Instant::now();
            let settled = self.inner.renew(lease, now, terms).await;
            if matches!(settled, Ok(Settled::Done)) {
                self.holds(&lease.key, from);
            }
            settled
        })
    }

    fn complete<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            self.crash.step().await;
            let settled = self.inner.complete(lease, now, terms, result).await;
            if matches!(settled, Ok(Settled::Done)) {
                self.marked(&lease.key);
            }
            self.crash.step().await;
            settled
        })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            self.crash.step().await;
            let settled = self.inner.release(lease).await;
            self.crash.step().await;
            settled
        })
    }

    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>> {
        self.inner.forget(key)
    }
}
