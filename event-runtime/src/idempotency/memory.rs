//! Claims in memory: for tests, and for effects that a restart undoes too.

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::state::{self, Item, Write};
use super::{Attempt, Claim, IdempotencyStore, Key, Lease, Settled, Terms, TransactionalStore};
use crate::store::{BoxFuture, StoreError};

/// An [`IdempotencyStore`] that ends with the process. Clones share their claims.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use event_runtime::idempotency::{Attempt, Claim, IdempotencyStore, Key, MemoryStore, Terms};
/// use event_runtime::name::ConsumerName;
/// use event_runtime::{EventId, Timestamp};
///
/// let (store, terms, now) = (MemoryStore::new(), Terms::default(), Timestamp::now());
/// let key = Key::new(&ConsumerName::new("emailer")?, EventId::generate());
/// let Claim::Granted(lease) = store.claim(&Attempt::new(key.clone()), now, &terms).await? else {
///     unreachable!("nobody has it")
/// };
/// let other = Attempt::new(key);
/// assert!(matches!(store.claim(&other, now, &terms).await?, Claim::InProgress { .. }));
/// let _ = store.complete(&lease, now, &terms, None).await?;
/// assert!(matches!(store.claim(&other, now, &terms).await?, Claim::Completed(_)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Items>>);

#[derive(Debug, Default)]
struct Items {
    by_key: HashMap<Key, Item>,
    /// The number of items after the last sweep.
    swept: usize,
}

/// Fewer items than this are not worth a sweep.
const SWEEP_FROM: usize = 1024;

impl MemoryStore {
    /// Returns an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns how many keys are stored, including expired ones that are not removed yet.
    pub fn len(&self) -> usize {
        self.lock().by_key.len()
    }

    /// Whether no key is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Items> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, key: &Key, decide: impl FnOnce(Option<&Item>) -> (Write, T)) -> T {
        let mut items = self.lock();
        let (write, answer) = decide(items.by_key.get(key));
        match write {
            Write::Keep => {}
            Write::Put(item) => {
                items.by_key.insert(key.clone(), item);
            }
            Write::Delete => {
                items.by_key.remove(key);
            }
        }
        answer
    }

    /// Removes expired items whenever the number of items has doubled.
    fn sweep(&self, now: Timestamp) {
        let mut items = self.lock();
        if items.by_key.len() >= SWEEP_FROM.max(items.swept.saturating_mul(2)) {
            items.by_key.retain(|_, item| !item.is_free(now));
            items.swept = items.by_key.len();
        }
    }
}

impl IdempotencyStore for MemoryStore {
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        self.sweep(now);
        let claim = self.change(&attempt.key, |item| state::claim(item, attempt, now, terms));
        Box::pin(ready(Ok(claim)))
    }

    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let settled = self.change(&lease.key, |item| state::renew(item, lease, now, terms));
        Box::pin(ready(Ok(settled)))
    }

    fn complete<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let decide = |item: Option<&Item>| state::complete(item, lease, now, terms, result);
        Box::pin(ready(Ok(self.change(&lease.key, decide))))
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let settled = self.change(&lease.key, |item| state::release(item, lease));
        Box::pin(ready(Ok(settled)))
    }

    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>> {
        self.change(key, |_| (Write::Delete, ()));
        Box::pin(ready(Ok(())))
    }
}

impl TransactionalStore for MemoryStore {
    /// Runs while the store is locked. It must not use the store, and should not take long.
    type Effect = Box<dyn FnOnce() + Send>;

    fn complete_with<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
        effect: Self::Effect,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(ready(Ok(self.change(&lease.key, |item| {
            let decision = state::complete(item, lease, now, terms, result);
            if let (Write::Put(_), Settled::Done) = decision {
                effect();
            }
            decision
        }))))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::EventId;
    use crate::name::ConsumerName;

    #[tokio::test]
    async fn expired_items_are_removed() {
        let store = MemoryStore::new();
        let consumer = ConsumerName::new("c").unwrap();
        let terms = Terms { lease: Duration::from_secs(10), ..Terms::default() };
        for second in 0..10_000 {
            let now = Timestamp::from_second(second).unwrap();
            let attempt = Attempt::new(Key::new(&consumer, EventId::generate()));
            let claim = store.claim(&attempt, now, &terms).await;
            assert!(matches!(claim, Ok(Claim::Granted(_))));
        }
        assert!(store.len() <= 2 * SWEEP_FROM, "{} items", store.len());
    }
}
