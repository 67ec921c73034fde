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
//! - Expiry is compared when reading: stores delete late (DynamoDB within days), so what has expired
//!   is free although it is still there.
//!
//! Time comes in as an argument. No store looks at a clock, so tests decide what time it is.

mod key;
mod memory;
#[cfg(feature = "embedded")]
mod redb;
mod state;
mod window;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

pub use key::{Key, Owner};
pub use memory::MemoryStore;
pub use window::{Window, WindowError, WindowProblem, WindowTerm};

#[cfg(feature = "embedded")]
pub use self::redb::RedbStore;
use crate::store::{BoxFuture, StoreError};

/// The right to handle an event for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What was claimed.
    pub key: Key,
    /// By whom.
    pub owner: Owner,
    /// Until when; later, others may claim it.
    pub until: Timestamp,
}

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Claim {
    /// Handle it, and then complete or release the lease.
    Granted(Lease),
    /// Another worker handles it. Not done: come back later.
    InProgress {
        /// When its lease ends.
        until: Timestamp,
    },
    /// It has been handled. A duplicate.
    Completed,
}

/// The answer to completing, renewing and releasing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Settled {
    /// It is as asked for.
    Done,
    /// The lease is someone else's now, or nobody's. Nothing was changed.
    LeaseLost,
}

/// A place that remembers claims and completions. Each operation is atomic.
///
/// A lease and a completion last at least one millisecond, whatever is asked for: a claim that were
/// over at once would let everyone in.
pub trait IdempotencyStore: Send + Sync {
    /// Claims a key that is free, or whose lease or completion is over.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the claim may stand, and then ends with its lease.
    fn claim<'a>(
        &'a self,
        key: &'a Key,
        owner: Owner,
        now: Timestamp,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Claim, StoreError>>;

    /// Prolongs a lease to `lease` from now, also one that is over but that nobody has taken.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the lease may have been prolonged.
    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        by: Duration,
    ) -> BoxFuture<'a, Result<Settled, StoreError>>;

    /// Marks a leased key as done, and keeps that for `keep`. To complete twice with one lease is
    /// done twice, so that a lost answer can be asked for again.
    ///
    /// `keep` must outlast every redelivery: the time that rules retry, plus the retention of the
    /// queue, plus that of the dead-letter queue if it is redriven.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the key may be completed.
    fn complete<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        keep: Duration,
    ) -> BoxFuture<'a, Result<Settled, StoreError>>;

    /// Frees a leased key that was not handled. A completed key stays completed.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the key may still be leased, until its lease ends.
    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>>;
}

impl<S: IdempotencyStore + ?Sized> IdempotencyStore for Arc<S> {
    fn claim<'a>(
        &'a self,
        key: &'a Key,
        owner: Owner,
        now: Timestamp,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        S::claim(self, key, owner, now, lease)
    }

    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        by: Duration,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        S::renew(self, lease, now, by)
    }

    fn complete<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        keep: Duration,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        S::complete(self, lease, now, keep)
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        S::release(self, lease)
    }
}
