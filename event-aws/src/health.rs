//! Whether a poller gets messages, as a health check asks it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::failure::CallError;

/// The state of a poller's calls to receive. Cheap to clone; clones see the same poller.
///
/// # Example
///
/// ```
/// # fn example(poller: event_aws::SqsPoller) {
/// use std::time::Duration;
///
/// let health = poller.health();
/// // In a health check: a queue that has not answered for five minutes.
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
}

impl PollerHealth {
    /// For how long no call to receive has succeeded. `None` where the last one did, or none was made.
    pub fn failing_for(&self) -> Option<Duration> {
        self.with(|state| state.since.map(|since| since.elapsed()))
    }

    /// How many calls to receive have failed since the last one that succeeded.
    pub fn failures(&self) -> u64 {
        self.with(|state| state.failures)
    }

    /// The error of the last call that failed, if none has succeeded since.
    pub fn last_error(&self) -> Option<CallError> {
        self.with(|state| state.last.clone())
    }

    pub(crate) fn received(&self) {
        self.with(|state| *state = State::default());
    }

    /// Notes a failure, and returns for how long there were only failures.
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
