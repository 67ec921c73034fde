//! Between a consumer and its store: tells the ledger what the store said, and lets the worker die,
//! freeze, or go unanswered around each call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use event_runtime::Timestamp;
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, Lease, Settled, Terms, TransactionalStore,
};
use event_runtime::store::{BoxFuture, StoreError};

use super::world::{Call, Living};

pub struct Witness<S> {
    store: Arc<S>,
    life: Arc<Living>,
}

impl<S> Witness<S> {
    pub fn new(store: Arc<S>, life: Arc<Living>) -> Self {
        Self { store, life }
    }

    /// A call, with what may become of it. `asked` is told when it is made, `tell` gets the answer of the
    /// store and whether the worker hears it.
    async fn call<T>(
        &self,
        made: BoxFuture<'_, Result<T, StoreError>>,
        asked: impl FnOnce(),
        tell: impl FnOnce(&Result<T, StoreError>, bool),
    ) -> Result<T, StoreError> {
        self.life.step().await;
        let call = self.life.call();
        if call == Call::Refused {
            let refused = Err(StoreError::new("refused"));
            tell(&refused, true);
            return refused;
        }
        asked();
        let mut answer = made.await;
        tell(&answer, call == Call::Served);
        if call == Call::Unanswered {
            answer = Err(StoreError::new("unanswered"));
        }
        self.life.step().await;
        answer
    }

    /// A call that completes.
    async fn completing(
        &self,
        lease: &Lease,
        made: BoxFuture<'_, Result<Settled, StoreError>>,
    ) -> Result<Settled, StoreError> {
        let (ledger, now) = (&self.life.world.ledger, || self.life.world.now());
        let held = AtomicBool::new(false);
        let tell = |answer: &Result<Settled, StoreError>, heard: bool| {
            match answer {
                Ok(Settled::Done) => ledger.marked(lease),
                Ok(Settled::LeaseLost) => ledger.lost(lease, now(), held.load(Ordering::Relaxed)),
                Err(_) => ledger.unanswered(lease),
            }
            if !heard {
                ledger.unanswered(lease);
            }
        };
        self.call(made, || held.store(ledger.settling(lease), Ordering::Relaxed), tell).await
    }
}

impl<S> Clone for Witness<S> {
    fn clone(&self) -> Self {
        Self { store: Arc::clone(&self.store), life: Arc::clone(&self.life) }
    }
}

impl<S: IdempotencyStore> IdempotencyStore for Witness<S> {
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        Box::pin(async move {
            let life = &self.life;
            let made = self.later(move |store| store.claim(attempt, now, terms));
            let tell = |answer: &Result<Claim, StoreError>, heard: bool| {
                if let Ok(claim) = answer {
                    let times = (life.id, life.true_time(now), life.world.now());
                    life.world.ledger.claimed(attempt, claim, times, heard);
                }
            };
            self.call(made, || {}, tell).await
        })
    }

    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            let (life, ledger) = (&self.life, &self.life.world.ledger);
            let made = self.later(move |store| store.renew(lease, now, terms));
            let tell = |answer: &Result<Settled, StoreError>, _| match answer {
                Ok(Settled::Done) => ledger.renewed(lease, life.true_time(now)),
                Ok(Settled::LeaseLost) => ledger.lost(lease, life.world.now(), ledger.holds(lease)),
                Err(_) => {}
            };
            self.call(made, || {}, tell).await
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
            let made = self.later(move |store| store.complete(lease, now, terms, result));
            self.completing(lease, made).await
        })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            let made = self.later(move |store| store.release(lease));
            // Whatever the store says, the worker has let go. A release whose answer was lost and that
            // was asked for again finds nothing of its own any more.
            self.call(made, || _ = self.life.world.ledger.settling(lease), |_, _| {}).await
        })
    }

    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.forget(key)
    }
}

impl<S: TransactionalStore> TransactionalStore for Witness<S> {
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
            let made =
                self.later(move |store| store.complete_with(lease, now, terms, result, effect));
            self.completing(lease, made).await
        })
    }
}

impl<S: Send + Sync> Witness<S> {
    /// A call that is made when it is awaited, and not before: stores in memory decide when they are
    /// called.
    fn later<'a, T: 'a>(
        &'a self,
        made: impl FnOnce(&'a S) -> BoxFuture<'a, T> + Send + 'a,
    ) -> BoxFuture<'a, T> {
        Box::pin(async move { made(&*self.store).await })
    }
}
