//! A store that kills its worker between any two steps, by a draw.

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

/// Where the draw says that a worker dies, for the life of one worker. What dies does so by never
/// going on; the one who waits on `died` then drops the worker where it stands.
#[derive(Debug)]
pub struct Crash {
    draw: Arc<Mutex<Draw>>,
    of_thousand: u64,
    /// Told when the worker is to be dropped.
    pub died: Notify,
}

impl Crash {
    /// So many deaths in a thousand steps, by the draw of this seed.
    pub fn new(seed: u64, of_thousand: u64) -> Arc<Self> {
        let draw = Arc::new(Mutex::new(Draw::new(seed)));
        Arc::new(Self { draw, of_thousand, died: Notify::new() })
    }

    /// The same for another life: one draw, another death.
    pub fn of_next_life(&self) -> Arc<Self> {
        let (draw, of_thousand) = (Arc::clone(&self.draw), self.of_thousand);
        Arc::new(Self { draw, of_thousand, died: Notify::new() })
    }

    /// A step is over. The worker lives on, or not.
    pub async fn step(&self) {
        let dies = self.draw.lock().unwrap_or_else(PoisonError::into_inner).hits(self.of_thousand);
        if dies {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

/// A memory store that outlives its workers, and may kill one before and after each operation. It
/// tells the ledger what it has marked as done.
#[derive(Debug, Clone)]
pub struct CrashingStore {
    inner: MemoryStore,
    crash: Arc<Crash>,
    ledger: Ledger,
    /// Which order each key stands for.
    orders: Arc<Mutex<HashMap<String, u64>>>,
    /// From when on the lease of each key counts that this life holds.
    held: Arc<Mutex<HashMap<String, Instant>>>,
}

impl CrashingStore {
    /// An empty store.
    pub fn new(crash: Arc<Crash>, ledger: Ledger) -> Self {
        Self {
            inner: MemoryStore::new(),
            crash,
            ledger,
            orders: Arc::default(),
            held: Arc::default(),
        }
    }

    /// The same store in the hands of another life.
    #[must_use]
    pub fn of_life(&self, crash: Arc<Crash>) -> Self {
        Self { crash, held: Arc::default(), ..self.clone() }
    }

    /// Says which order a key stands for; the handler does.
    pub fn is_about(&self, key: &Key, order: u64) {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.insert(key.as_str().to_owned(), order);
    }

    /// From when on the lease counts that this life has of a key.
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
