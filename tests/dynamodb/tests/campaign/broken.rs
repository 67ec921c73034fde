//! Stores with one defect each, which the ledger must detect: a judge that never convicts proves
//! nothing.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use event_runtime::Timestamp;
use event_runtime::idempotency::{
    Attempt, Claim, Completion, IdempotencyStore, Key, Lease, MemoryStore, Settled, Terms,
    TransactionalStore,
};
use event_runtime::store::{BoxFuture, StoreError};

/// The defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// Marks the event as done when it is claimed, before its effect.
    MarksFirst,
    /// Lets every worker complete or release.
    AsksNoOwner,
    /// Grants claims while another worker has the lease.
    GrantsAll,
    /// Reports an event as done that is still being handled.
    TakesHeldForDone,
    /// Forgets completed keys while copies may still arrive.
    ForgetsEarly,
    /// Keeps the claim of a dead worker forever.
    NeverFrees,
    /// Applies the effect whichever worker has the lease.
    AppliesWithoutLease,
}

/// The memory store with a defect.
pub struct Broken {
    store: MemoryStore,
    defect: Defect,
    /// The last owner of each key.
    last: Mutex<HashMap<Key, Lease>>,
}

impl Broken {
    pub fn new(defect: Defect) -> Self {
        Self { store: MemoryStore::new(), defect, last: Mutex::default() }
    }

    fn terms(&self, terms: &Terms) -> Terms {
        match self.defect {
            Defect::ForgetsEarly => Terms { keep: Duration::from_secs(1), ..*terms },
            Defect::NeverFrees => Terms { lease: Duration::from_hours(9000), ..*terms },
            _ => *terms,
        }
    }

    fn of(&self, lease: &Lease) -> Lease {
        let last = self.last.lock().unwrap();
        let holder = last.get(&lease.key).filter(|_| self.defect == Defect::AsksNoOwner);
        holder.unwrap_or(lease).clone()
    }
}

impl IdempotencyStore for Broken {
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        Box::pin(async move {
            let terms = self.terms(terms);
            let mut claim = self.store.claim(attempt, now, &terms).await?;
            if matches!(claim, Claim::InProgress { .. }) && self.defect == Defect::GrantsAll {
                self.store.forget(&attempt.key).await?;
                claim = self.store.claim(attempt, now, &terms).await?;
            }
            if matches!(claim, Claim::InProgress { .. }) && self.defect == Defect::TakesHeldForDone
            {
                let until = now + Duration::from_hours(24);
                return Ok(Claim::Completed(Completion { until, result: None, payload: None }));
            }
            if let Claim::Granted(lease) = &claim {
                self.last.lock().unwrap().insert(attempt.key.clone(), lease.clone());
                if self.defect == Defect::MarksFirst {
                    let _ = self.store.complete(lease, now, &terms, None).await?;
                }
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
        Box::pin(async move {
            if self.defect == Defect::MarksFirst {
                return Ok(Settled::Done);
            }
            self.store.renew(&self.of(lease), now, &self.terms(terms)).await
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
            self.store.complete(&self.of(lease), now, &self.terms(terms), result).await
        })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move { self.store.release(&self.of(lease)).await })
    }

    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.forget(key)
    }
}

impl TransactionalStore for Broken {
    type Effect = Box<dyn FnOnce() + Send>;

    fn complete_with<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
        effect: Self::Effect,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            let terms = self.terms(terms);
            if self.defect == Defect::AppliesWithoutLease {
                effect();
                return self.store.complete(lease, now, &terms, result).await;
            }
            self.store.complete_with(&self.of(lease), now, &terms, result, effect).await
        })
    }
}
