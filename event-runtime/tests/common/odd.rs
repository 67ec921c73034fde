//! A store with faulty operations, which records the owners.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_runtime::Timestamp;
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, Lease, MemoryStore, Settled, Terms, TransactionalStore,
};
use event_runtime::store::{BoxFuture, StoreError};

/// The fault of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    Nothing,
    /// No response, and no effect.
    Hangs,
    /// An error, and no effect.
    Fails,
    /// It takes effect, and the response is lost.
    AnswerLost,
    /// It takes effect, and the response is delayed by this time.
    Late(Duration),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Claim,
    Renew,
    Complete,
    Release,
}

/// A store with faulty operations. Clones share their claims, faults and records.
#[derive(Clone, Default)]
pub struct Odd {
    pub inner: MemoryStore,
    pub wrong: Arc<Mutex<Vec<(Op, Wrong)>>>,
    /// The last attempt that was made.
    pub last: Arc<Mutex<Option<Attempt>>>,
}

impl Odd {
    pub fn new(op: Op, wrong: Wrong) -> Self {
        Self::default().and(op, wrong)
    }

    pub fn and(self, op: Op, wrong: Wrong) -> Self {
        self.wrong.lock().unwrap().push((op, wrong));
        self
    }

    pub fn heal(&self) {
        self.wrong.lock().unwrap().clear();
    }

    async fn act<T>(
        &self,
        op: Op,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let wrong = self.wrong.lock().unwrap().iter().find(|(it, _)| *it == op).copied();
        match wrong.map_or(Wrong::Nothing, |(_, wrong)| wrong) {
            Wrong::Nothing => work.await,
            Wrong::Hangs => std::future::pending().await,
            Wrong::Fails => Err(StoreError::new("unreachable")),
            Wrong::AnswerLost => {
                let _done = work.await;
                Err(StoreError::new("the answer was lost"))
            }
            Wrong::Late(span) => {
                let done = work.await;
                tokio::time::sleep(span).await;
                done
            }
        }
    }
}

impl IdempotencyStore for Odd {
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        *self.last.lock().unwrap() = Some(attempt.clone());
        Box::pin(self.act(Op::Claim, async move { self.inner.claim(attempt, now, terms).await }))
    }

    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(self.act(Op::Renew, async move { self.inner.renew(lease, now, terms).await }))
    }

    fn complete<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let work = async move { self.inner.complete(lease, now, terms, result).await };
        Box::pin(self.act(Op::Complete, work))
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(self.act(Op::Release, async move { self.inner.release(lease).await }))
    }

    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>> {
        self.inner.forget(key)
    }
}

impl TransactionalStore for Odd {
    type Effect = Box<dyn FnOnce() + Send>;

    fn complete_with<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
        effect: Self::Effect,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let work = async move { self.inner.complete_with(lease, now, terms, result, effect).await };
        Box::pin(self.act(Op::Complete, work))
    }
}
