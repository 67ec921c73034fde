//! An idempotency store whose calls fail on demand.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_runtime::Timestamp;
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, Lease, Settled, Terms, TransactionalStore,
};
use event_runtime::store::{BoxFuture, StoreError};

/// A call to a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Before a handler runs.
    Claim,
    /// While it runs.
    Renew,
    /// After it succeeded, alone or with an effect.
    Complete,
    /// After it failed.
    Release,
    /// By a person.
    Forget,
}

/// What happens to a call to a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreFault {
    /// It fails and has no effect.
    Fails,
    /// It takes effect, and its response is lost.
    LostResponse,
    /// It has no effect and never gets a response: as if the worker had died there.
    Hangs,
}

/// A store with faults on demand, around another one. Clones share the faults.
///
/// # Example
///
/// The mark is written, its response is lost, and the handler is not repeated:
///
/// ```
/// # use event_runtime::Event;
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct OrderPlaced { order_id: String }
/// # impl Event for OrderPlaced {
/// #     const TYPE: &'static str = "order.placed";
/// #     const MAJOR: u32 = 1;
/// #     const MINOR: u32 = 0;
/// #     const SOURCE: &'static str = "app.shop";
/// # }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use event_runtime::consume::Consumer;
/// use event_runtime::idempotency::MemoryStore;
/// use event_runtime::topology::{Attach, Topology};
/// use event_testing::service::{FaultyStore, Operation, StoreFault, TestBus, TestService};
///
/// # let topology = Topology::on("shop").consumer(Consumer::of::<OrderPlaced>("emailer")).build()?;
/// let store = FaultyStore::new(MemoryStore::new());
/// store.fail_next(Operation::Complete, 2, StoreFault::LostResponse);
/// let emailer = topology
///     .handlers("emailer", store.clone())?
///     .on::<OrderPlaced, _>(|_event, _context| async { Ok(()) })
///     .build()?;
/// let shop = TestService::new(&topology, &TestBus::of(&topology), [emailer]);
/// shop.publish(OrderPlaced { order_id: "A-1".into() }).await;
/// assert_eq!(shop.run_until_idle().await["emailer"].handled, 1);
/// assert_eq!(store.calls(Operation::Complete), 3);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct FaultyStore<S> {
    store: S,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    faults: Vec<(Operation, StoreFault)>,
    calls: HashMap<Operation, u64>,
}

impl<S> FaultyStore<S> {
    /// Returns the store without faults.
    pub fn new(store: S) -> Self {
        Self { store, state: Arc::default() }
    }

    /// Gives the next calls of an operation a fault.
    pub fn fail_next(&self, operation: Operation, calls: usize, fault: StoreFault) {
        self.lock().faults.extend(std::iter::repeat_n((operation, fault), calls));
    }

    /// Removes all faults that have not happened yet.
    pub fn heal(&self) {
        self.lock().faults.clear();
    }

    /// Returns how often an operation was called, including failed calls.
    pub fn calls(&self, operation: Operation) -> u64 {
        self.lock().calls.get(&operation).copied().unwrap_or_default()
    }

    /// Returns the store.
    pub fn store(&self) -> &S {
        &self.store
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, operation: Operation) -> Option<StoreFault> {
        let mut state = self.lock();
        *state.calls.entry(operation).or_default() += 1;
        let at = state.faults.iter().position(|(own, _)| *own == operation)?;
        Some(state.faults.remove(at).1)
    }

    async fn call<T>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match self.next(operation) {
            None => call.await,
            Some(StoreFault::Fails) => Err(StoreError::new("the test lets the call fail")),
            Some(StoreFault::LostResponse) => {
                call.await?;
                Err(StoreError::new("the test loses the response"))
            }
            Some(StoreFault::Hangs) => std::future::pending().await,
        }
    }
}

impl<S: IdempotencyStore> IdempotencyStore for FaultyStore<S> {
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        // The call is made when it is polled: `LostResponse` and none poll it, the others do not.
        Box::pin(
            self.call(Operation::Claim, async move { self.store.claim(attempt, now, terms).await }),
        )
    }

    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(
            self.call(Operation::Renew, async move { self.store.renew(lease, now, terms).await }),
        )
    }

    fn complete<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(self.call(Operation::Complete, async move {
            self.store.complete(lease, now, terms, result).await
        }))
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(self.call(Operation::Release, async move { self.store.release(lease).await }))
    }

    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.call(Operation::Forget, async move { self.store.forget(key).await }))
    }
}

impl<S: TransactionalStore> TransactionalStore for FaultyStore<S> {
    type Effect = S::Effect;

    fn complete_with<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
        effect: Self::Effect,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(self.call(Operation::Complete, async move {
            self.store.complete_with(lease, now, terms, result, effect).await
        }))
    }
}
