//! Which worker handles an event, and which events are done.
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
//! - A claim is one conditional write without a read: of two workers one wins.
//! - An event is marked as done **after** it was handled. A worker that dies in between leaves a
//!   lease that expires, and the event is handled again.
//! - Each claim has an [`Owner`]. Complete, renew and release are conditional on it, so a worker
//!   that lost its lease cannot settle or free that of its successor.
//! - If a worker dies, it is unknown whether its effect took place. [`OnTimeout`] decides whether
//!   the event is handled again or blocked for a person to check.
//! - A completion stores a [`Fingerprint`] of the payload: another payload with the same ID is not
//!   a duplicate, and is reported.
//! - If the effect is a write to the store of the claims, a [`TransactionalStore`] writes both in
//!   one transaction.
//! - Expiry is compared on reading: stores delete late (DynamoDB within days), so an expired item
//!   is free although it still exists.
//!
//! The time is an argument: no store reads a clock, so tests control the time.
//!
//! [`Idempotent`] runs a function outside of an event once for each key. A store of your own is
//! checked by `conformance` (feature `conformance`).
//!
//! # What is guaranteed
//!
//! With duplicates in any order, workers that die or pause at any step, calls that fail or have no
//! response, and clocks that disagree, no event is lost, and an effect takes place
//!
//! | how it is applied | how often |
//! |---|---|
//! | with its mark: [`Context::complete_with`](crate::consume::Context::complete_with) | exactly once |
//! | separately, if its receiver recognises [`Context::key`](crate::consume::Context::key) | once, from the receiver's view |
//! | separately, [`OnTimeout::Retry`] | at least once; again only if a worker was lost between effect and mark |
//! | separately, [`OnTimeout::Block`] | at most once; an event with an unknown result is a dead letter |
//!
//! A worker is lost if it was killed, if its mark had no response, or if it paused, with its
//! renewals, until its lease expired. An effect and its mark in two places cannot be one write, so
//! only the first two rows avoid that gap.
//!
//! A lease keeps others out for [`Terms::lease`] minus the difference of the two clocks, counted
//! from its last renewal, which is at most a third of a lease ago. So clocks may differ by less
//! than two thirds of a lease (default: 20 seconds). Beyond that two workers may handle the same
//! event, and the first row still holds.

mod cache;
mod canonical;
mod claim;
#[cfg(feature = "conformance")]
pub mod conformance;
mod fingerprint;
mod key;
mod memory;
#[cfg(feature = "redb")]
mod redb;
#[doc(hidden)]
pub mod state;

use std::sync::Arc;

use jiff::Timestamp;

pub use cache::LocalCache;
pub use claim::{Attempt, Claim, Completion, Lease, OnTimeout, Settled, Terms};
pub use event_topology::{Window, WindowError, WindowProblem, WindowTerm};
#[doc(hidden)]
pub use fingerprint::sha256;
pub use fingerprint::{Fingerprint, InvalidFingerprint};
pub use key::{Key, Owner};
pub use memory::MemoryStore;

#[cfg(feature = "redb")]
pub use self::redb::RedbStore;
pub use crate::consume::function::{Call, Done, Idempotent, IdempotentError};
use crate::store::{BoxFuture, StoreError};

/// A store of claims and completions. Each operation is atomic.
///
/// A lease and a completion last at least one millisecond, whatever is requested: a claim that
/// expired at once would let every worker in.
pub trait IdempotencyStore: Send + Sync {
    /// Claims a key that is free or expired. A second claim with the same owner is granted again,
    /// so that it can be repeated after a lost response.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the claim may have been granted, and then ends with its lease.
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>>;

    /// Extends a lease to [`Terms::lease`] from now, even an expired one that no other worker has
    /// claimed. If the lease has completed the key, the result is [`Settled::Done`]: its own
    /// completion does not make a lease lost.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the lease may have been extended.
    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Settled, StoreError>>;

    /// Marks a leased key as done for [`Terms::keep`], with the return value of the effect as JSON,
    /// if any: duplicates receive it. A second completion with the same lease succeeds, so that it
    /// can be repeated after a lost response; the first result stays.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the key may have been completed.
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

    /// Forgets a key in any state: its event is handled when it is delivered again. For a person
    /// who has checked a [blocked](OnTimeout::Block) event; no worker calls it.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the key may have been forgotten.
    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// A store that can apply an effect and mark it as done **in one transaction**: both happen or
/// neither does, and only while the lease is held. Such an effect takes place exactly once,
/// wherever a process crashes.
pub trait TransactionalStore: IdempotencyStore {
    /// The effect: writes to the store of the marks.
    type Effect: Send;

    /// Like [`complete`](IdempotencyStore::complete), with the effect. If this lease has already
    /// completed the key, the result is [`Settled::Done`] and the effect is not applied again.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: nothing was applied, or all of it and the response was lost. The call can be
    /// repeated with the same lease.
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
