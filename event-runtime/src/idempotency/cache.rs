//! Remembers completed keys within the process.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::{
    Attempt, Claim, Completion, IdempotencyStore, Key, Lease, Settled, Terms, TransactionalStore,
    state,
};
use crate::bounded::Bounded;
use crate::store::{BoxFuture, StoreError};

/// A store with a bounded cache of completed keys: a duplicate that arrives in the same process
/// again costs no call. Cheap to clone; clones share the cache.
///
/// Only completions are cached, and only as long as the inner store keeps them: a completed key
/// becomes free only with time, or by [`forget`](IdempotencyStore::forget), which another process
/// does not see. Leases are never cached.
///
/// # Example
///
/// ```
/// use event_runtime::idempotency::{LocalCache, MemoryStore};
///
/// let store = LocalCache::new(MemoryStore::new(), 10_000);
/// assert_eq!(store.hits(), 0);
/// ```
pub struct LocalCache<S> {
    store: S,
    done: Arc<Mutex<Done>>,
}

#[derive(Debug)]
struct Done {
    completions: Bounded<Key, Completion>,
    hits: u64,
}

impl<S> LocalCache<S> {
    /// Returns a cache for this number of completed keys. When it is full, it drops the oldest one.
    pub fn new(store: S, capacity: usize) -> Self {
        let done = Done { completions: Bounded::new(capacity), hits: 0 };
        Self { store, done: Arc::new(Mutex::new(done)) }
    }

    /// Returns how many claims were answered without the store.
    pub fn hits(&self) -> u64 {
        self.lock().hits
    }

    /// Returns the inner store.
    pub fn store(&self) -> &S {
        &self.store
    }

    fn lock(&self) -> MutexGuard<'_, Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, attempt: &Attempt, now: Timestamp) -> Option<Claim> {
        let mut done = self.lock();
        let completion = done.completions.get(&attempt.key)?;
        if completion.until.as_second() < now.as_millisecond().div_euclid(1000) {
            done.completions.remove(&attempt.key);
            return None;
        }
        let answer = completion.clone().answer(attempt);
        done.hits += 1;
        Some(answer)
    }

    fn learn(&self, key: &Key, completion: Completion) {
        self.lock().completions.put(key.clone(), completion);
    }

    /// Caches a completion. Not if it happened before this call: the first result stays, and this
    /// one may differ.
    fn completed(&self, lease: &Lease, now: Timestamp, terms: &Terms, result: Option<&str>) {
        let until = Timestamp::from_second(state::seconds_after(now, terms.keep));
        let completion = Completion {
            until: until.unwrap_or(Timestamp::MAX),
            result: result.map(Arc::from),
            payload: lease.payload.clone(),
        };
        let mut done = self.lock();
        if done.completions.get(&lease.key).is_none() {
            done.completions.put(lease.key.clone(), completion);
        }
    }
}

impl<S: IdempotencyStore> IdempotencyStore for LocalCache<S> {
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        Box::pin(async move {
            if let Some(known) = self.known(attempt, now) {
                return Ok(known);
            }
            let claim = self.store.claim(attempt, now, terms).await?;
            if let Claim::Completed(completion) = &claim {
                self.learn(&attempt.key, completion.clone());
            }
            Ok(claim)
        })
    }

    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        self.store.renew(lease, now, terms)
    }

    fn complete<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            let settled = self.store.complete(lease, now, terms, result).await?;
            if settled == Settled::Done {
                self.completed(lease, now, terms, result);
            }
            Ok(settled)
        })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        self.store.release(lease)
    }

    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.store.forget(key).await?;
            self.lock().completions.remove(key);
            Ok(())
        })
    }
}

impl<S: TransactionalStore> TransactionalStore for LocalCache<S> {
    type Effect = S::Effect;

    fn complete_with<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
        effect: Self::Effect,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            let settled = self.store.complete_with(lease, now, terms, result, effect).await?;
            if settled == Settled::Done {
                self.completed(lease, now, terms, result);
            }
            Ok(settled)
        })
    }
}

// By hand: clones share the cache whatever the store is.
impl<S: Clone> Clone for LocalCache<S> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), done: Arc::clone(&self.done) }
    }
}

impl<S: fmt::Debug> fmt::Debug for LocalCache<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalCache").field("store", &self.store).finish_non_exhaustive()
    }
}
