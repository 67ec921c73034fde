//! The counts of a publisher.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::metrics::PublisherMetrics;

/// The counts of a publisher and its clones. Read them periodically for a metric: the numbers only
/// increase.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublisherCounts {
    /// Events that were passed to it.
    pub events: u64,
    /// Entries that the bus accepted.
    pub accepted: u64,
    /// Entries that the bus will never accept unchanged.
    pub rejected: u64,
    /// Entries that were tried as often as the back-off allows.
    pub exhausted: u64,
    /// Entries that failed and were sent again.
    pub retried: u64,
    /// Calls.
    pub calls: u64,
    /// Calls that failed as a whole: throttled, refused, or without a response.
    pub failed_calls: u64,
    /// Bytes that were sent, by AWS's formula, including retries.
    pub bytes: u64,
}

/// The same, as atomic counters.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) events: AtomicU64,
    pub(super) accepted: AtomicU64,
    pub(super) rejected: AtomicU64,
    pub(super) exhausted: AtomicU64,
    pub(super) retried: AtomicU64,
    pub(super) calls: AtomicU64,
    pub(super) failed_calls: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) metrics: PublisherMetrics,
}

pub(super) fn add(counter: &AtomicU64, count: usize) {
    counter.fetch_add(count as u64, Ordering::Relaxed);
}

impl Counters {
    pub(super) fn read(&self) -> PublisherCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        PublisherCounts {
            events: read(&self.events),
            accepted: read(&self.accepted),
            rejected: read(&self.rejected),
            exhausted: read(&self.exhausted),
            retried: read(&self.retried),
            calls: read(&self.calls),
            failed_calls: read(&self.failed_calls),
            bytes: read(&self.bytes),
        }
    }
}
