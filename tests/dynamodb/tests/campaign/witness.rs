//! Between a consumer and its store: reports the store's results to the ledger, and lets the worker
//! die, pause, or lose the response around each call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use event_runtime::Timestamp;
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, Lease, Settled, Terms, TransactionalStore,
};
use event_runtime::store::{BoxFuture, StoreError};

use tokio::sync::oneshot;

use super::world::{Call, Living};

/// Who receives the response of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hears {
    Worker,
    /// The response was lost.
    Nobody,
    /// The worker stopped waiting before.
    Gone,
}

pub struct Witness<S> {
    store: Arc<S>,
    life: Arc<Living>,
}

impl<S> Witness<S> {
    pub fn new(store: Arc<S>, life: Arc<Living>) -> Self {
        Self { store, life }
    }

    /// Makes a call with its fault. `asked` is called at the request; `tell` receives the response
    /// of the store, and who receives it.
    async fn call<T: Send + 'static>(
        &self,
        call: Call,
        made: impl Future<Output = Result<T, StoreError>> + Send + 'static,
        asked: impl FnOnce() + Send + 'static,
        tell: impl FnOnce(&Result<T, StoreError>, Hears) + Send + 'static,
    ) -> Result<T, StoreError> {
        self.life.step().await;
        let answer = match call {
            Call::Refused => {
                let refused = Err(StoreError::new("refused"));
                tell(&refused, Hears::Worker);
                return refused;
            }
            Call::Late(span) => {
                let (sender, receiver) = oneshot::channel();
                // A running request continues when its worker stops waiting or dies.
                tokio::spawn(async move {
                    asked();
                    tokio::time::sleep(span).await;
                    let answer = made.await;
                    tell(&answer, if sender.is_closed() { Hears::Gone } else { Hears::Worker });
                    let _gone = sender.send(answer);
                });
                receiver.await.unwrap_or_else(|_| Err(StoreError::new("unanswered")))
            }
            Call::Unanswered => {
                asked();
                tell(&made.await, Hears::Nobody);
                Err(StoreError::new("unanswered"))
            }
            Call::Served => {
                asked();
                let answer = made.await;
                tell(&answer, Hears::Worker);
                answer
            }
        };
        self.life.step().await;
        answer
    }

    /// A call that completes.
    async fn completing(
        &self,
        lease: &Lease,
        made: impl Future<Output = Result<Settled, StoreError>> + Send + 'static,
    ) -> Result<Settled, StoreError> {
        let world = self.life.world.clone();
        let held = Arc::new(AtomicBool::new(false));
        let (asking, asked_for, own) = (Arc::clone(&held), lease.clone(), world.clone());
        let asked = move || asking.store(own.ledger.settling(&asked_for), Ordering::Relaxed);
        let lease = lease.clone();
        let tell = move |answer: &Result<Settled, StoreError>, hears: Hears| {
            let ledger = &world.ledger;
            // A worker that stopped waiting may have released its lease since.
            let held = held.load(Ordering::Relaxed) && hears != Hears::Gone;
            match answer {
                Ok(Settled::Done) => ledger.marked(&lease),
                Ok(Settled::LeaseLost) => ledger.lost(&lease, world.now(), held),
                Err(_) => ledger.unanswered(&lease),
            }
            if hears != Hears::Worker {
                ledger.unanswered(&lease);
            }
        };
        self.call(self.life.last_call(), made, asked, tell).await
    }
}

impl<S> Clone for Witness<S> {
    fn clone(&self) -> Self {
        Self { store: Arc::clone(&self.store), life: Arc::clone(&self.life) }
    }
}

impl<S: IdempotencyStore + 'static> IdempotencyStore for Witness<S> {
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        let (store, life) = (Arc::clone(&self.store), Arc::clone(&self.life));
        let (asked_for, own, terms) = (attempt.clone(), attempt.clone(), *terms);
        Box::pin(async move {
            let made = async move { store.claim(&asked_for, now, &terms).await };
            let tell = move |answer: &Result<Claim, StoreError>, hears: Hears| {
                if let Ok(claim) = answer {
                    let times = (life.id, life.true_time(now), life.world.now());
                    let until = |lease: &Lease| life.true_time(lease.until);
                    life.world.ledger.claimed((&own, claim), times, until, hears == Hears::Worker);
                }
            };
            self.call(self.life.call(), made, || {}, tell).await
        })
    }

    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let (store, life) = (Arc::clone(&self.store), Arc::clone(&self.life));
        let (asked_for, own, terms) = (lease.clone(), lease.clone(), *terms);
        Box::pin(async move {
            let made = async move { store.renew(&asked_for, now, &terms).await };
            let (world, asked) = (life.world.clone(), life.true_time(now));
            let tell = move |answer: &Result<Settled, StoreError>, _| match answer {
                Ok(Settled::Done) => world.ledger.renewed(&own, asked),
                Ok(Settled::LeaseLost) => {
                    world.ledger.lost(&own, world.now(), world.ledger.holds(&own));
                }
                Err(_) => {}
            };
            let answer = self.call(self.life.call(), made, || {}, tell).await;
            if matches!(answer, Ok(Settled::Done)) {
                life.world.ledger.heard(lease, asked);
            }
            answer
        })
    }

    fn complete<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let (store, own, terms) = (Arc::clone(&self.store), lease.clone(), *terms);
        let result = result.map(ToOwned::to_owned);
        Box::pin(async move {
            let made = async move { store.complete(&own, now, &terms, result.as_deref()).await };
            self.completing(lease, made).await
        })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let (store, ledger) = (Arc::clone(&self.store), self.life.world.ledger.clone());
        let (asked_for, own) = (lease.clone(), lease.clone());
        Box::pin(async move {
            let made = async move { store.release(&asked_for).await };
            // Whatever the result, the worker has released the lease. A release that is repeated
            // after a lost response finds no lease of its own any more.
            let asked = move || _ = ledger.settling(&own);
            self.call(self.life.last_call(), made, asked, |_, _| {}).await
        })
    }

    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.forget(key)
    }
}

impl<S: TransactionalStore + 'static> TransactionalStore for Witness<S>
where
    S::Effect: 'static,
{
    type Effect = S::Effect;

    fn complete_with<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
        effect: Self::Effect,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let (store, own, terms) = (Arc::clone(&self.store), lease.clone(), *terms);
        let result = result.map(ToOwned::to_owned);
        Box::pin(async move {
            let made = async move {
                store.complete_with(&own, now, &terms, result.as_deref(), effect).await
            };
            self.completing(lease, made).await
        })
    }
}
