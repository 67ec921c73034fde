//! Who handles an event now, and which events are done.
//!
//! Delivery is at least once everywhere, so each event is claimed before it is handled:
//!
//! ```text
//!             claim                       complete
//!   (free) ─────────────▶ in progress ─────────────▶ completed
//!     ▲ ▲                 │  │   ▲ │                      │
//!     │ └─────release─────┘  │   └─┘ renew                │
//!     │                      │ lease over: claimed by     │
//!     │                      └─ a successor (new owner)   │
//!     └───────────────────kept long enough────────────────┘
//! ```
//!
//! - The claim is one conditional write without a read before it: of two workers one wins.
//! - An event is marked as done **after** it was handled. A worker that dies in between leaves a
//!   lease behind that ends, and the event is handled again.
//! - Each claim has an [`Owner`]. To complete, renew and release are conditional on it, so a worker
//!   that lost its lease cannot settle or free its successor's.
//! - What became of an event whose worker died nobody knows. [`OnTimeout`] says whether it is handled
//!   again or held for someone to look at.
//! - A completion remembers a [`Fingerprint`] of the payload: another payload under the same id is
//!   no duplicate, and is told.
//! - Where the effect is a write to where the claims are, [`TransactionalStore`] does both in one.
//! - Expiry is compared when reading: stores delete late (DynamoDB within days), so what has expired
//!   is free although it is still there.
//!
//! Time comes in as an argument. No store looks at a clock, so tests decide what time it is.
//!
//! # What is guaranteed
//!
//! With copies that come again and in any order, workers that die or stand still at any step, calls
//! that fail or go unanswered, and clocks that disagree, no event is lost, and an effect takes place
//!
//! | how it is applied | how often |
//! |---|---|
//! | with its mark: [`Context::complete_with`](crate::consume::Context::complete_with) | exactly once |
//! | apart from it, where its receiver knows [`Context::key`](crate::consume::Context::key) again | once, as its receiver counts |
//! | apart from it, [`OnTimeout::Retry`] | at least once; again only where a worker was lost between effect and mark |
//! | apart from it, [`OnTimeout::Block`] | at most once; what was not seen to its end is a dead letter |
//!
//! A worker is lost where it was killed, where its mark got no answer, and where it stood still, its
//! renewals too, until its lease was over. An effect and its mark in two places cannot be one write, so
//! nothing narrows that gap but the first two rows.
//!
//! A lease keeps others out for [`Terms::lease`] less the difference of the two clocks, counted from its
//! last renewal, which is a third of a lease ago at most. So clocks may differ by less than two thirds
//! of a lease; 20 seconds, if not said otherwise. Beyond that two workers may be at one event, and the
//! first row still holds.

mod cache;
mod canonical;
mod claim;
mod fingerprint;
mod key;
mod memory;
#[cfg(feature = "embedded")]
mod redb;
#[doc(hidden)]
pub mod state;

use std::sync::Arc;

use jiff::Timestamp;

pub use cache::LocalCache;
pub use claim::{Attempt, Claim, Completion, Lease, OnTimeout, Settled, Terms};
pub use event_topology::{Window, WindowError, WindowProblem, WindowTerm};
pub use fingerprint::{Fingerprint, InvalidFingerprint};
pub use key::{Key, Owner};
pub use memory::MemoryStore;

#[cfg(feature = "embedded")]
pub use self::redb::RedbStore;
use crate::store::{BoxFuture, StoreError};

/// A place that remembers claims and completions. Each operation is atomic.
///
/// A lease and a completion last at least one millisecond, whatever is asked for: a claim that were
/// over at once would let everyone in.
pub trait IdempotencyStore: Send + Sync {
    /// Claims a key that is free, or whose lease or completion is over. To claim twice with one
    /// owner is granted twice, so that a lost answer can be asked for again.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the claim may stand, and then ends with its lease.
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>>;

    /// Prolongs a lease to [`Terms::lease`] from now, also one that is over but that nobody has
    /// taken. Where the lease has completed the key the answer is [`Settled::Done`]: a renewal that
    /// meets its own completion is not a lost lease.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the lease may have been prolonged.
    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Settled, StoreError>>;

    /// Marks a leased key as done, and keeps that for [`Terms::keep`], with what the effect returned
    /// as JSON, if it returned something: duplicates are answered with it. To complete twice with one
    /// lease is done twice, so that a lost answer can be asked for again; the first result stays.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the key may be completed.
    fn complete<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Settled, StoreError>>;

    /// Frees a leased key that was not handled. A completed key stays completed.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the key may still be leased, until its lease ends.
    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>>;

    /// Forgets a key, whatever is known of it: its event is handled when it comes again. For someone
    /// who looked into an event that is [blocked](OnTimeout::Block); no worker does this by itself.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the key may be forgotten.
    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// A store that can apply an effect and mark it as done **in one**: both are there or neither is, and
/// only while the lease is held. What such a store applies takes place exactly once, whoever crashes
/// where.
pub trait TransactionalStore: IdempotencyStore {
    /// What can be applied with the mark: writes to where the marks are.
    type Effect: Send;

    /// As [`complete`](IdempotencyStore::complete), with the effect. Where the key is completed by
    /// this lease already the answer is [`Settled::Done`] and the effect is not applied again.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: nothing was applied, or all of it and the answer was lost. To ask again with
    /// the same lease is safe.
    fn complete_with<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
        effect: Self::Effect,
    ) -> BoxFuture<'a, Result<Settled, StoreError>>;
}

impl<S: IdempotencyStore + ?Sized> IdempotencyStore for Arc<S> {
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        S::claim(self, attempt, now, terms)
    }

    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        S::renew(self, lease, now, terms)
    }

    fn complete<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        S::complete(self, lease, now, terms, result)
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        S::release(self, lease)
    }

    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>> {
        S::forget(self, key)
    }
}
