//! The conformance suite: every store of this crate passes, and stores with one defect do not.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_runtime::Timestamp;
use event_runtime::embedded::Database;
use event_runtime::embedded::redb::{Error, ReadableTable, TableDefinition, WriteTransaction};
use event_runtime::idempotency::conformance::{self, Ledger};
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, Lease, LocalCache, MemoryStore, OnTimeout, Owner,
    RedbStore, Settled, Terms, TransactionalStore,
};
use event_runtime::store::{BoxFuture, StoreError};

#[derive(Default, Clone)]
struct Counts(Arc<Mutex<HashMap<String, u64>>>);

impl<S> Ledger<S> for Counts
where
    S: TransactionalStore<Effect = Box<dyn FnOnce() + Send>>,
{
    fn effect(&self, name: &str) -> S::Effect {
        let (counts, name) = (self.0.clone(), name.to_owned());
        Box::new(move || *counts.lock().unwrap().entry(name).or_default() += 1)
    }

    fn applied<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<u64, StoreError>> {
        let applied = self.0.lock().unwrap().get(name).copied().unwrap_or_default();
        Box::pin(std::future::ready(Ok(applied)))
    }
}

const COUNTS: TableDefinition<'_, &str, u64> = TableDefinition::new("counts");

struct Rows {
    store: RedbStore,
}

fn add(transaction: &WriteTransaction, name: &str) -> Result<(), Error> {
    let mut table = transaction.open_table(COUNTS)?;
    let before = table.get(name)?.map(|count| count.value()).unwrap_or_default();
    table.insert(name, before + 1)?;
    Ok(())
}

impl Ledger<RedbStore> for Rows {
    fn effect(&self, name: &str) -> <RedbStore as TransactionalStore>::Effect {
        let name = name.to_owned();
        Box::new(move |transaction| add(transaction, &name))
    }

    fn refused(&self, name: &str) -> Option<<RedbStore as TransactionalStore>::Effect> {
        let name = name.to_owned();
        Some(Box::new(move |transaction| {
            add(transaction, &name)?;
            Err(Error::TableDoesNotExist("no stock".to_owned()))
        }))
    }

    /// Reads in a transaction of another key.
    fn applied<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<u64, StoreError>> {
        Box::pin(async move {
            let consumer = event_runtime::name::ConsumerName::new("reader").unwrap();
            let reader = Key::new(&consumer, event_runtime::EventId::generate());
            let (now, terms) = (Timestamp::now(), Terms::default());
            let claim = self.store.claim(&Attempt::new(reader), now, &terms).await?;
            let Claim::Granted(lease) = claim else { panic!("a new key is free") };
            let (found, name) = (Arc::new(Mutex::new(0)), name.to_owned());
            let into = Arc::clone(&found);
            let read = Box::new(move |transaction: &WriteTransaction| {
                let table = transaction.open_table(COUNTS)?;
                *into.lock().unwrap() = table.get(&*name)?.map_or(0, |count| count.value());
                Ok(())
            });
            let _ = self.store.complete_with(&lease, now, &terms, None, read).await?;
            let found = *found.lock().unwrap();
            Ok(found)
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_store_conforms() {
    let store = MemoryStore::new();
    let checked = conformance::check_transactional(store, Counts::default()).await;
    checked.unwrap_or_else(|broken| panic!("{broken}"));
}

#[tokio::test]
async fn cached_store_conforms() {
    let store = LocalCache::new(MemoryStore::new(), 1_000);
    let checked = conformance::check_transactional(store, Counts::default()).await;
    checked.unwrap_or_else(|broken| panic!("{broken}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn database_file_conforms() {
    let store = RedbStore::new(&Database::in_memory().unwrap());
    let rows = Rows { store: store.clone() };
    let checked = conformance::check_transactional(store, rows).await;
    checked.unwrap_or_else(|broken| panic!("{broken}"));
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Defect {
    None,
    FreesAtTheLastMillisecond,
    HoldsAMillisecondLonger,
    KeepsASecondLess,
    KeepsASecondMore,
    RestartsRepeatedClaims,
    ReadsBeforeItWrites,
    OverwritesTheFirstResult,
    ReleasesCompletedKeys,
    RenewsWithoutEffect,
    LosesExpiredLeases,
    ComparesHalfTheOwner,
    IgnoresPayloads,
    IgnoresBlock,
    UsesTheTermsOfTheOther,
    DropsLongResults,
    TrimsResults,
    DoesNotForget,
    Fails,
    Hangs,
    AppliesTwice,
}

/// The memory store with a defect.
struct Flawed {
    store: MemoryStore,
    defect: Defect,
}

impl Flawed {
    fn terms(&self, terms: &Terms) -> Terms {
        match self.defect {
            Defect::KeepsASecondLess => {
                Terms { keep: terms.keep.saturating_sub(Duration::from_secs(1)), ..*terms }
            }
            Defect::KeepsASecondMore => {
                Terms { keep: terms.keep.saturating_add(Duration::from_secs(1)), ..*terms }
            }
            Defect::FreesAtTheLastMillisecond => {
                Terms { lease: terms.lease.saturating_sub(Duration::from_millis(1)), ..*terms }
            }
            Defect::HoldsAMillisecondLonger => {
                Terms { lease: terms.lease.saturating_add(Duration::from_millis(1)), ..*terms }
            }
            Defect::IgnoresBlock => Terms { on_timeout: OnTimeout::Retry, ..*terms },
            _ => *terms,
        }
    }

    fn owner(&self, owner: Owner) -> Owner {
        match self.defect {
            Defect::ComparesHalfTheOwner => {
                Owner::from_u128(owner.to_u128() & u128::from(u64::MAX))
            }
            _ => owner,
        }
    }

    fn lease(&self, lease: &Lease) -> Lease {
        Lease { owner: self.owner(lease.owner), ..lease.clone() }
    }
}

impl IdempotencyStore for Flawed {
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        Box::pin(async move {
            let terms = self.terms(terms);
            let mut own = attempt.clone();
            own.owner = self.owner(own.owner);
            if self.defect == Defect::IgnoresPayloads {
                own.payload = None;
            }
            if self.defect == Defect::Fails {
                return Err(StoreError::new("out of order"));
            }
            let mut claim = self.store.claim(&own, now, &terms).await?;
            match (self.defect, &claim) {
                (Defect::ReadsBeforeItWrites, Claim::Granted(lease)) => {
                    let _ = self.store.release(lease).await?;
                    tokio::task::yield_now().await;
                    self.store.forget(&own.key).await?;
                    claim = self.store.claim(&own, now, &terms).await?;
                }
                (Defect::RestartsRepeatedClaims, Claim::Granted(lease)) => {
                    self.store.forget(&own.key).await?;
                    let _ = lease;
                    claim = self.store.claim(&own, now, &terms).await?;
                }
                (Defect::UsesTheTermsOfTheOther, Claim::Blocked { .. })
                    if terms.on_timeout == OnTimeout::Retry =>
                {
                    self.store.forget(&own.key).await?;
                    claim = self.store.claim(&own, now, &terms).await?;
                }
                _ => {}
            }
            if let Claim::Granted(lease) = &mut claim {
                lease.owner = attempt.owner;
                lease.payload.clone_from(&attempt.payload);
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
            match self.defect {
                Defect::RenewsWithoutEffect => Ok(Settled::Done),
                Defect::LosesExpiredLeases if lease.until < now => Ok(Settled::LeaseLost),
                _ => self.store.renew(&self.lease(lease), now, &self.terms(terms)).await,
            }
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
            let (lease, terms) = (self.lease(lease), self.terms(terms));
            let result = match self.defect {
                Defect::DropsLongResults => result.filter(|text| text.len() < 10_000),
                Defect::TrimsResults => result.map(str::trim_end),
                _ => result,
            };
            let settled = self.store.complete(&lease, now, &terms, result).await?;
            if settled == Settled::Done && self.defect == Defect::OverwritesTheFirstResult {
                self.store.forget(&lease.key).await?;
                let Lease { key, owner, payload, .. } = lease.clone();
                let attempt = Attempt { key, owner, payload };
                let _ = self.store.claim(&attempt, now, &terms).await?;
                return self.store.complete(&lease, now, &terms, result).await;
            }
            Ok(settled)
        })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            if self.defect == Defect::ReleasesCompletedKeys {
                self.store.forget(&lease.key).await?;
                return Ok(Settled::Done);
            }
            self.store.release(&self.lease(lease)).await
        })
    }

    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            match self.defect {
                Defect::DoesNotForget => Ok(()),
                Defect::Hangs => std::future::pending().await,
                _ => self.store.forget(key).await,
            }
        })
    }
}

impl TransactionalStore for Flawed {
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
            if self.defect == Defect::AppliesTwice {
                effect();
                return self.complete(lease, now, terms, result).await;
            }
            let (own, terms) = (self.lease(lease), self.terms(terms));
            self.store.complete_with(&own, now, &terms, result, effect).await
        })
    }
}

#[tokio::test(start_paused = true)]
async fn store_with_a_defect_breaks_the_rule_about_it() {
    for (defect, rule) in [
        (Defect::FreesAtTheLastMillisecond, "unknown-key-is-granted"),
        (Defect::HoldsAMillisecondLonger, "expired-lease-is-taken-over"),
        (Defect::KeepsASecondLess, "completion-is-remembered"),
        (Defect::KeepsASecondMore, "completion-is-remembered"),
        (Defect::RestartsRepeatedClaims, "repeated-claim-is-granted"),
        (Defect::ReadsBeforeItWrites, "one-of-many-claims-wins"),
        (Defect::OverwritesTheFirstResult, "first-completion-stays"),
        (Defect::ReleasesCompletedKeys, "completed-key-is-not-released"),
        (Defect::RenewsWithoutEffect, "renewal-extends-lease"),
        (Defect::LosesExpiredLeases, "renewal-extends-lease"),
        (Defect::ComparesHalfTheOwner, "owners-of-any-value"),
        (Defect::IgnoresPayloads, "other-payload-is-mismatch"),
        (Defect::IgnoresBlock, "blocked-key-stays-blocked"),
        (Defect::UsesTheTermsOfTheOther, "timeout-is-the-claimant-s"),
        (Defect::DropsLongResults, "result-is-returned-as-stored"),
        (Defect::TrimsResults, "result-is-returned-as-stored"),
        (Defect::DoesNotForget, "forgotten-key-is-free"),
        (Defect::Fails, "held-key-is-refused"),
        (Defect::Hangs, "forgotten-key-is-free"),
        (Defect::AppliesTwice, "effect-is-applied-with-its-mark"),
    ] {
        let store = Flawed { store: MemoryStore::new(), defect };
        let checked = conformance::check_transactional(store, Counts::default()).await;
        let broken = checked.expect_err(&format!("{defect:?} is not found"));
        let rules: Vec<&str> = broken.violations.iter().map(|it| it.rule).collect();
        assert!(rules.contains(&rule), "{defect:?}: {rules:?}");
    }
}

#[tokio::test]
async fn same_store_without_a_defect_conforms() {
    let store = Flawed { store: MemoryStore::new(), defect: Defect::None };
    let checked = conformance::check_transactional(store, Counts::default()).await;
    checked.unwrap_or_else(|broken| panic!("{broken}"));
}

#[tokio::test]
async fn violations_are_listed_with_rule_and_finding() {
    let store = Flawed { store: MemoryStore::new(), defect: Defect::IgnoresPayloads };
    let broken = conformance::check(store).await.unwrap_err().to_string();
    let start = "the store breaks 3 rules of idempotency stores\n\
                 [completion-is-remembered] a completed key is remembered for `keep`";
    assert!(broken.starts_with(start), "{broken}");
    assert!(broken.contains("\n[other-payload-is-mismatch] "), "{broken}");
}
