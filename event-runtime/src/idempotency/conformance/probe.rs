//! Calls a store with a time limit, and compares what it responds.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::super::{
    Attempt, Claim, Completion, IdempotencyStore, Key, Lease, OnTimeout, Settled, Terms,
};
use crate::EventId;
use crate::name::ConsumerName;
use crate::store::StoreError;

/// How long a call may take.
const LIMIT: Duration = Duration::from_secs(30);

/// The terms of most checks.
pub(super) const TERMS: Terms = Terms {
    lease: Duration::from_secs(10),
    keep: Duration::from_secs(100),
    on_timeout: OnTimeout::Retry,
};

pub(super) const LEASE_MS: i64 = 10_000;
pub(super) const KEEP_MS: i64 = 100_000;

/// A store, and the time at which a check of it begins.
#[derive(Clone)]
pub(super) struct Probe {
    store: Arc<dyn IdempotencyStore>,
    begin: Timestamp,
}

/// `Err` with the text, unless the condition holds.
pub(super) fn expect(holds: bool, found: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(found()) }
}

/// `Err` unless both are equal.
pub(super) fn same<T: Debug + PartialEq>(what: &str, got: &T, expected: &T) -> Result<(), String> {
    expect(got == expected, || format!("{what}: {got:?}, expected {expected:?}"))
}

impl Probe {
    pub(super) fn new(store: Arc<dyn IdempotencyStore>) -> Self {
        // A whole second, so that the rounding of ends is visible.
        let now = Timestamp::now();
        let begin = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Self { store, begin }
    }

    /// A key that was never used.
    pub(super) fn key() -> Result<Key, String> {
        let consumer = ConsumerName::new("conformance").map_err(|error| error.to_string())?;
        Ok(Key::new(&consumer, EventId::generate()))
    }

    /// The time this many milliseconds after the beginning.
    pub(super) fn at(&self, millis: i64) -> Timestamp {
        let span = SignedDuration::from_millis(millis);
        self.begin.checked_add(span).unwrap_or(Timestamp::MAX)
    }

    pub(super) async fn claim(
        &self,
        attempt: &Attempt,
        at: i64,
        terms: &Terms,
    ) -> Result<Claim, String> {
        in_time("claim", self.store.claim(attempt, self.at(at), terms)).await
    }

    pub(super) async fn renew(
        &self,
        lease: &Lease,
        at: i64,
        terms: &Terms,
    ) -> Result<Settled, String> {
        in_time("renew", self.store.renew(lease, self.at(at), terms)).await
    }

    pub(super) async fn complete(
        &self,
        lease: &Lease,
        at: i64,
        terms: &Terms,
        result: Option<&str>,
    ) -> Result<Settled, String> {
        in_time("complete", self.store.complete(lease, self.at(at), terms, result)).await
    }

    pub(super) async fn release(&self, lease: &Lease) -> Result<Settled, String> {
        in_time("release", self.store.release(lease)).await
    }

    pub(super) async fn forget(&self, key: &Key) -> Result<(), String> {
        in_time("forget", self.store.forget(key)).await
    }

    /// Claims a key that must be free, with a new owner.
    pub(super) async fn granted(&self, key: &Key, at: i64, terms: &Terms) -> Result<Lease, String> {
        match self.claim(&Attempt::new(key.clone()), at, terms).await? {
            Claim::Granted(lease) => Ok(lease),
            other => Err(format!("a claim of a free key: {other:?}, expected `Granted`")),
        }
    }

    /// Claims a key that must be held, with a new owner. `until` is the end of its lease.
    pub(super) async fn held(&self, key: &Key, at: i64, until: i64) -> Result<(), String> {
        let claim = self.claim(&Attempt::new(key.clone()), at, &TERMS).await?;
        let expected = Claim::InProgress { until: self.at(until) };
        same("a claim of a held key", &claim, &expected)
    }

    /// Claims a key that must be completed.
    pub(super) async fn completed(&self, key: &Key, at: i64) -> Result<Completion, String> {
        match self.claim(&Attempt::new(key.clone()), at, &TERMS).await? {
            Claim::Completed(completion) => Ok(completion),
            other => Err(format!("a claim of a completed key: {other:?}, expected `Completed`")),
        }
    }

    /// A lease, completed one millisecond after the beginning.
    pub(super) async fn done(&self, key: &Key, result: Option<&str>) -> Result<Lease, String> {
        let lease = self.granted(key, 0, &TERMS).await?;
        let settled = self.complete(&lease, 1, &TERMS, result).await?;
        same("a completion by the owner", &settled, &Settled::Done)?;
        Ok(lease)
    }
}

/// The response to a call, if it comes.
pub(super) async fn in_time<T>(
    call: &str,
    answer: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, String> {
    match tokio::time::timeout(LIMIT, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(format!("`{call}` failed: {error}")),
        Err(_) => Err(format!("no response to `{call}` within {LIMIT:?}")),
    }
}
