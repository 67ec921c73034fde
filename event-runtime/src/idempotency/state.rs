//! The rules of the store, as functions of one item: what a store has, what comes in, what is then.
//!
//! All embedded stores decide by these, so they differ in where an item lies and in nothing else.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Claim, Key, Lease, Owner, Settled};

/// What a store keeps for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) status: Status,
    /// Who claimed it last.
    pub(super) owner: Owner,
    /// The end of the lease, or of the time for which a completion is kept.
    pub(super) until: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    InProgress,
    Completed,
}

/// What is to become of the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Write {
    Keep,
    Put(Item),
    Delete,
}

impl Item {
    /// Whether anyone may claim the key although the item is there. At `until` itself it still
    /// holds, as in the condition that the DynamoDB store has to use.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.until < now
    }

    fn is_leased_by(&self, lease: &Lease) -> bool {
        self.status == Status::InProgress && self.owner == lease.owner
    }
}

pub(super) fn claim(
    item: Option<&Item>,
    key: &Key,
    owner: Owner,
    now: Timestamp,
    lease: Duration,
) -> (Write, Claim) {
    match item.filter(|item| !item.is_over(now)) {
        Some(Item { status: Status::Completed, .. }) => (Write::Keep, Claim::Completed),
        Some(Item { status: Status::InProgress, until, .. }) => {
            (Write::Keep, Claim::InProgress { until: *until })
        }
        None => {
            let until = end(now, lease);
            let item = Item { status: Status::InProgress, owner, until };
            (Write::Put(item), Claim::Granted(Lease { key: key.clone(), owner, until }))
        }
    }
}

pub(super) fn renew(
    item: Option<&Item>,
    lease: &Lease,
    now: Timestamp,
    by: Duration,
) -> (Write, Settled) {
    match item {
        Some(item) if item.is_leased_by(lease) => {
            (Write::Put(Item { until: end(now, by), ..*item }), Settled::Done)
        }
        _ => (Write::Keep, Settled::LeaseLost),
    }
}

pub(super) fn complete(
    item: Option<&Item>,
    lease: &Lease,
    now: Timestamp,
    keep: Duration,
) -> (Write, Settled) {
    match item {
        Some(item) if item.is_leased_by(lease) => {
            let item = Item { status: Status::Completed, until: end(now, keep), ..*item };
            (Write::Put(item), Settled::Done)
        }
        // The answer to the first time was lost.
        Some(item) if item.owner == lease.owner => (Write::Keep, Settled::Done),
        _ => (Write::Keep, Settled::LeaseLost),
    }
}

pub(super) fn release(item: Option<&Item>, lease: &Lease) -> (Write, Settled) {
    match item {
        Some(item) if item.is_leased_by(lease) => (Write::Delete, Settled::Done),
        _ => (Write::Keep, Settled::LeaseLost),
    }
}

/// In whole milliseconds, which is what stores keep; at the end of time for what lies beyond.
fn end(now: Timestamp, span: Duration) -> Timestamp {
    let span = SignedDuration::try_from(span.max(Duration::from_millis(1)));
    let end = span.ok().and_then(|span| now.checked_add(span).ok()).unwrap_or(Timestamp::MAX);
    Timestamp::from_millisecond(end.as_millisecond()).unwrap_or(end)
}
