//! The health of a poller: whether it receives messages.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::failure::CallError;

/// The state of a poller's receive calls. Cheap to clone; clones refer to the same poller.
///
/// # Example
///
/// ```
/// # fn example(poller: event_aws::SqsPoller) {
/// use std::time::Duration;
///
/// let health = poller.health();
/// // In a health check: the queue has not responded for five minutes.
/// let alive = health.failing_for().is_none_or(|span| span < Duration::from_mins(5));
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct PollerHealth(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    since: Option<Instant>,
    failures: u64,
    last: Option<CallError>,
    last_receive: Option<Instant>,
    last_settle: Option<Instant>,
    backlog: Option<u64>,
}

impl PollerHealth {
    /// Returns how long receive calls have been failing. `None` if the last one succeeded, or none
    /// was made.
    pub fn failing_for(&self) -> Option<Duration> {
        self.with(|state| state.since.map(|since| since.elapsed()))
    }

    /// Returns how many receive calls have failed since the last one that succeeded.
    pub fn failures(&self) -> u64 {
        self.with(|state| state.failures)
    }

    /// Returns the error of the last failed call, if none has succeeded since.
    pub fn last_error(&self) -> Option<CallError> {
        self.with(|state| state.last.clone())
    }

    /// Returns how long ago the queue last responded to a receive call.
    pub fn last_receive(&self) -> Option<Duration> {
        self.with(|state| state.last_receive.map(|at| at.elapsed()))
    }

    /// Returns how long ago a message was last deleted or returned.
    pub fn last_settle(&self) -> Option<Duration> {
        self.with(|state| state.last_settle.map(|at| at.elapsed()))
    }

    /// Returns about how many messages wait in the queue, if
    /// [`read_backlog`](crate::SqsPoller::read_backlog) was called.
    pub fn backlog(&self) -> Option<u64> {
        self.with(|state| state.backlog)
    }

    pub(crate) fn received(&self) {
        self.with(|state| {
            (state.since, state.failures, state.last) = (None, 0, None);
            state.last_receive = Some(Instant::now());
        });
    }

    pub(crate) fn settled(&self) {
        self.with(|state| state.last_settle = Some(Instant::now()));
    }

    pub(crate) fn waiting(&self, messages: u64) {
        self.with(|state| state.backlog = Some(messages));
    }

    /// Records a failure. Returns how long all calls have been failing.
    pub(crate) fn failed(&self, error: &CallError) -> Duration {
        self.with(|state| {
            state.failures += 1;
            state.last = Some(error.clone());
            state.since.get_or_insert_with(Instant::now).elapsed()
        })
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
