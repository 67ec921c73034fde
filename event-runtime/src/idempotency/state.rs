//! The rules of the store, as functions of one item: what a store has, what comes in, what is then.
//!
//! All stores decide by these and differ in where an item lies. The embedded ones call them within a
//! transaction; the DynamoDB one says the same as a condition, and calls them to tell why a condition
//! was not met.
//!
//! Leases end in milliseconds. Items expire in whole seconds, because the TTL attribute of a DynamoDB
//! table has no finer ones.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Attempt, Claim, Completion, Fingerprint, Lease, OnTimeout, Owner, Settled, Terms};

/// What a store keeps for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub status: Status,
    /// Who claimed it last.
    pub owner: Owner,
    /// The second since the epoch after which the item counts for nothing, in progress or not.
    pub expiry: i64,
    pub payload: Option<Fingerprint>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    InProgress {
        /// The millisecond since the epoch after which the lease is over.
        until: i64,
        on_timeout: OnTimeout,
    },
    Completed {
        result: Option<Arc<str>>,
    },
}

/// What is to become of the item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    Keep,
    Put(Item),
    Delete,
}

impl Item {
    /// The item of a granted claim.
    pub fn leased(attempt: &Attempt, now: Timestamp, terms: &Terms) -> Self {
        Self {
            status: Status::InProgress {
                until: millis_after(now, terms.lease),
                on_timeout: terms.on_timeout,
            },
            owner: attempt.owner,
            expiry: expiry_of_lease(now, terms),
            payload: attempt.payload.clone(),
        }
    }

    /// Whether anyone may claim the key although the item is there. At the end itself it still
    /// holds.
    pub fn is_free(&self, now: Timestamp) -> bool {
        let over = self.expiry < now.as_millisecond().div_euclid(1000);
        over || matches!(
            self.status,
            Status::InProgress { until, on_timeout: OnTimeout::Retry } if until < now.as_millisecond()
        )
    }

    fn is_completed_by(&self, owner: Owner) -> bool {
        matches!(self.status, Status::Completed { .. }) && self.owner == owner
    }

    fn is_leased_by(&self, owner: Owner) -> bool {
        matches!(self.status, Status::InProgress { .. }) && self.owner == owner
    }
}

pub fn claim(
    item: Option<&Item>,
    attempt: &Attempt,
    now: Timestamp,
    terms: &Terms,
) -> (Write, Claim) {
    match item {
        // The answer to the first time was lost.
        Some(item) if !item.is_free(now) && item.is_leased_by(attempt.owner) => {
            (Write::Keep, Claim::Granted(lease(item, attempt)))
        }
        Some(item) if !item.is_free(now) => (Write::Keep, refusal(item, attempt, now)),
        _ => {
            let item = Item::leased(attempt, now, terms);
            let lease = lease(&item, attempt);
            (Write::Put(item), Claim::Granted(lease))
        }
    }
}

fn refusal(item: &Item, attempt: &Attempt, now: Timestamp) -> Claim {
    match &item.status {
        Status::InProgress { until, .. } => {
            let end = at_milli(*until);
            if *until < now.as_millisecond() {
                Claim::Blocked { since: end }
            } else {
                Claim::InProgress { until: end }
            }
        }
        Status::Completed { result } => {
            let until = Timestamp::from_second(item.expiry).unwrap_or(Timestamp::MAX);
            let payload = item.payload.clone();
            Completion { until, result: result.clone(), payload }.answer(attempt)
        }
    }
}

fn lease(item: &Item, attempt: &Attempt) -> Lease {
    let until = match item.status {
        Status::InProgress { until, .. } => at_milli(until),
        Status::Completed { .. } => Timestamp::MAX,
    };
    Lease {
        key: attempt.key.clone(),
        owner: attempt.owner,
        until,
        payload: attempt.payload.clone(),
    }
}

pub fn renew(
    item: Option<&Item>,
    lease: &Lease,
    now: Timestamp,
    terms: &Terms,
) -> (Write, Settled) {
    match item {
        Some(item) if item.is_leased_by(lease.owner) => {
            let until = millis_after(now, terms.lease);
            let item = Item {
                status: Status::InProgress { until, on_timeout: terms.on_timeout },
                expiry: expiry_of_lease(now, terms),
                ..item.clone()
            };
            (Write::Put(item), Settled::Done)
        }
        // Its own mark was there first: nothing was lost, and nothing is left to renew.
        Some(item) if item.is_completed_by(lease.owner) => (Write::Keep, Settled::Done),
        _ => (Write::Keep, Settled::LeaseLost),
    }
}

pub fn complete(
    item: Option<&Item>,
    lease: &Lease,
    now: Timestamp,
    terms: &Terms,
    result: Option<&str>,
) -> (Write, Settled) {
    match item {
        Some(item) if item.is_leased_by(lease.owner) => {
            let item = Item {
                status: Status::Completed { result: result.map(Arc::from) },
                expiry: seconds_after(now, terms.keep),
                ..item.clone()
            };
            (Write::Put(item), Settled::Done)
        }
        // The answer to the first time was lost.
        Some(item) if item.owner == lease.owner => (Write::Keep, Settled::Done),
        _ => (Write::Keep, Settled::LeaseLost),
    }
}

pub fn release(item: Option<&Item>, lease: &Lease) -> (Write, Settled) {
    match item {
        Some(item) if item.is_leased_by(lease.owner) => (Write::Delete, Settled::Done),
        _ => (Write::Keep, Settled::LeaseLost),
    }
}

/// A leased item must not expire before its lease: it would let a second worker in.
pub fn expiry_of_lease(now: Timestamp, terms: &Terms) -> i64 {
    seconds_after(now, terms.keep.max(terms.lease))
}

/// The millisecond since the epoch when a span ends that is one millisecond long at least; the end of
/// time for what lies beyond.
pub fn millis_after(now: Timestamp, span: Duration) -> i64 {
    end(now, span).as_millisecond()
}

/// The same in seconds, rounded up.
pub fn seconds_after(now: Timestamp, span: Duration) -> i64 {
    let millis = end(now, span).as_millisecond();
    millis.div_euclid(1000) + i64::from(millis.rem_euclid(1000) > 0)
}

fn end(now: Timestamp, span: Duration) -> Timestamp {
    let span = SignedDuration::try_from(span.max(Duration::from_millis(1)));
    span.ok().and_then(|span| now.checked_add(span).ok()).unwrap_or(Timestamp::MAX)
}

fn at_milli(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}
