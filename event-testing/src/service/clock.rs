//! A clock that tests turn.

use std::time::Duration;

use event_runtime::Timestamp;
use jiff::SignedDuration;
use tokio::time::Instant;

/// A clock that follows tokio's time: it stands still while that is paused, and [`turn`](Self::turn)
/// moves both. Cheap to copy; copies show the same time.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] // in a test: `tokio::test`
/// # async fn main() {
/// use std::time::Duration;
/// use event_testing::service::TestClock;
///
/// let clock = TestClock::starting_at("2026-03-29T00:59:00Z".parse().expect("a timestamp"));
/// clock.turn(Duration::from_secs(90)).await;
/// assert_eq!(clock.now().to_string(), "2026-03-29T01:00:30Z");
/// // For a consumer: `Consumer::builder(..).clock(clock.reader())`
/// let read = clock.reader();
/// assert_eq!(read(), clock.now());
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct TestClock {
    start: Timestamp,
    begun: Instant,
}

impl TestClock {
    /// Returns a clock that shows this time now.
    pub fn starting_at(start: Timestamp) -> Self {
        Self { start, begun: Instant::now() }
    }

    /// Returns the time.
    pub fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.begun.elapsed()).ok();
        let now = passed.and_then(|passed| self.start.checked_add(passed).ok());
        now.unwrap_or(Timestamp::MAX)
    }

    /// Returns a function that reads the clock, for `ConsumerBuilder::clock`.
    pub fn reader(&self) -> impl Fn() -> Timestamp + Clone + Send + Sync + 'static {
        let clock = *self;
        move || clock.now()
    }

    /// Lets this much time pass: for this clock, and for everything that waits in tokio's time
    /// (back-offs, visibility timeouts, retentions).
    ///
    /// # Panics
    ///
    /// If tokio's time is not paused: `#[tokio::test(start_paused = true)]`.
    pub async fn turn(&self, by: Duration) {
        tokio::time::advance(by).await;
    }
}
