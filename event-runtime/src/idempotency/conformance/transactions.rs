//! The rules of an effect that is committed with its mark.

use std::sync::Arc;

use super::super::{IdempotencyStore, Lease, Settled, TransactionalStore};
use super::Violation;
use super::probe::{LEASE_MS, Probe, TERMS, expect, in_time, same};
use crate::store::{BoxFuture, StoreError};

/// A place where the effects of a transactional store are counted, for
/// [`check_transactional`](super::check_transactional).
pub trait Ledger<S: TransactionalStore>: Send + Sync {
    /// Returns an effect that adds one to the count of `name`.
    fn effect(&self, name: &str) -> S::Effect;

    /// Returns an effect that adds one to the count of `name` and that the store refuses, if its
    /// effects can be refused (default: they cannot).
    fn refused(&self, name: &str) -> Option<S::Effect> {
        let _ = name;
        None
    }

    /// Returns how often an effect of `name` was applied.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the count could not be read.
    fn applied<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<u64, StoreError>>;
}

/// A store with its ledger.
struct Desk<'a, S: TransactionalStore> {
    probe: Probe,
    store: &'a Arc<S>,
    ledger: &'a dyn Ledger<S>,
}

impl<S: TransactionalStore + 'static> Desk<'_, S> {
    async fn complete(
        &self,
        lease: &Lease,
        at: i64,
        result: Option<&str>,
    ) -> Result<Settled, String> {
        let effect = self.ledger.effect(lease.key.as_str());
        let now = self.probe.at(at);
        let call = self.store.complete_with(lease, now, &TERMS, result, effect);
        in_time("complete_with", call).await
    }

    async fn applied(&self, lease: &Lease, expected: u64) -> Result<(), String> {
        let applied = in_time("applied", self.ledger.applied(lease.key.as_str())).await?;
        same("the number of times that the effect was applied", &applied, &expected)
    }

    async fn granted(&self, at: i64) -> Result<Lease, String> {
        self.probe.granted(&Probe::key()?, at, &TERMS).await
    }
}

pub(super) async fn violations<S: TransactionalStore + 'static>(
    store: &Arc<S>,
    ledger: &dyn Ledger<S>,
) -> Vec<Violation> {
    let plain: Arc<dyn IdempotencyStore> = Arc::clone(store) as Arc<dyn IdempotencyStore>;
    let desk = Desk { probe: Probe::new(plain), store, ledger };
    let checks = [
        (
            "effect-is-applied-with-its-mark",
            "an effect is applied once together with its mark, also if the call is repeated",
            applied_with_its_mark(&desk).await,
        ),
        (
            "effect-needs-the-lease",
            "an effect whose lease was lost is not applied",
            needs_the_lease(&desk).await,
        ),
        (
            "refused-effect-leaves-the-lease",
            "an effect that the store refuses is not applied, and the key stays leased",
            refused_leaves_the_lease(&desk).await,
        ),
        (
            "one-of-many-effects-is-applied",
            "of many completions with an effect at the same time, one is applied",
            one_of_many_is_applied(&desk).await,
        ),
    ];
    let broken = |(rule, says, checked): (_, _, Result<(), String>)| {
        checked.err().map(|found| Violation { rule, says, found })
    };
    checks.into_iter().filter_map(broken).collect()
}

async fn applied_with_its_mark<S>(desk: &Desk<'_, S>) -> Result<(), String>
where
    S: TransactionalStore + 'static,
{
    let lease = desk.granted(0).await?;
    for result in ["1", "2"] {
        let settled = desk.complete(&lease, 1, Some(result)).await?;
        same("a completion with an effect", &settled, &Settled::Done)?;
        desk.applied(&lease, 1).await?;
    }
    let done = desk.probe.completed(&lease.key, 2).await?;
    same("its result", &done.result.as_deref(), &Some("1"))?;
    // Its mark alone was first: the effect would come without one of its own.
    let lease = desk.granted(0).await?;
    let settled = desk.probe.complete(&lease, 1, &TERMS, None).await?;
    same("a completion", &settled, &Settled::Done)?;
    let settled = desk.complete(&lease, 1, None).await?;
    same("a completion with an effect, after one without", &settled, &Settled::Done)?;
    desk.applied(&lease, 0).await
}

async fn needs_the_lease<S>(desk: &Desk<'_, S>) -> Result<(), String>
where
    S: TransactionalStore + 'static,
{
    let zombie = desk.granted(0).await?;
    let successor = desk.probe.granted(&zombie.key, LEASE_MS + 1, &TERMS).await?;
    let settled = desk.complete(&zombie, LEASE_MS + 2, None).await?;
    same("an effect without the lease", &settled, &Settled::LeaseLost)?;
    desk.applied(&zombie, 0).await?;
    let settled = desk.complete(&successor, LEASE_MS + 2, None).await?;
    same("the successor's effect", &settled, &Settled::Done)?;
    let settled = desk.complete(&zombie, LEASE_MS + 3, None).await?;
    same("an effect after the successor's", &settled, &Settled::LeaseLost)?;
    desk.applied(&zombie, 1).await?;
    let lease = desk.granted(0).await?;
    same("a release", &desk.probe.release(&lease).await?, &Settled::Done)?;
    let settled = desk.complete(&lease, 1, None).await?;
    same("an effect after the release", &settled, &Settled::LeaseLost)?;
    desk.applied(&lease, 0).await
}

async fn refused_leaves_the_lease<S>(desk: &Desk<'_, S>) -> Result<(), String>
where
    S: TransactionalStore + 'static,
{
    let lease = desk.granted(0).await?;
    let Some(effect) = desk.ledger.refused(lease.key.as_str()) else { return Ok(()) };
    let now = desk.probe.at(1);
    let call = desk.store.complete_with(&lease, now, &TERMS, None, effect);
    if let Ok(settled) = in_time("complete_with", call).await {
        return Err(format!("an effect to be refused: {settled:?}, expected an error"));
    }
    desk.applied(&lease, 0).await?;
    desk.probe.held(&lease.key, 2, LEASE_MS).await?;
    let settled = desk.complete(&lease, 3, None).await?;
    same("another effect after the refused one", &settled, &Settled::Done)?;
    desk.applied(&lease, 1).await
}

async fn one_of_many_is_applied<S>(desk: &Desk<'_, S>) -> Result<(), String>
where
    S: TransactionalStore + 'static,
{
    for _ in 0..10 {
        let first = desk.granted(0).await?;
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let (store, lease, now) = (Arc::clone(desk.store), first.clone(), desk.probe.at(1));
            let effect = desk.ledger.effect(first.key.as_str());
            workers.spawn(async move {
                let call = store.complete_with(&lease, now, &TERMS, None, effect);
                in_time("complete_with", call).await
            });
        }
        let mut done = 0;
        let mut failed = Vec::new();
        for ended in workers.join_all().await {
            match ended {
                Ok(settled) => done += u32::from(settled == Settled::Done),
                // A store may refuse one of two transactions on the same item.
                Err(error) => failed.push(error),
            }
        }
        if done == 0 {
            let settled = desk.complete(&first, 2, None).await?;
            let found = || format!("{settled:?} after {}", failed.join("; "));
            expect(settled == Settled::Done, found)?;
        }
        desk.applied(&first, 1).await?;
        desk.probe.completed(&first.key, 2).await?;
    }
    Ok(())
}
