//! Runs a consumer in a container, on an SQS queue.

mod hand;

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_sqs::Client;
use event_runtime::backoff::{Backoff, Redelivery};
use event_runtime::consume::{Consumer, DeadLetters, Stats, Stop, Stopper};
use event_runtime::limits::{MAX_QUEUE_WAIT, QUEUE_RETENTION};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::{debug, error, warn};

use crate::failure::CallError;
use crate::health::PollerHealth;
use crate::queue::{Queue, Received, Redrive};

/// The pause after a failed receive call.
const RECEIVE_PAUSE: Backoff =
    Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(30), attempts: u32::MAX };

/// The same for the call that reads the redrive policy, for which the permission may be missing
/// permanently.
const LEARN_PAUSE: Backoff =
    Backoff { base: Duration::from_secs(1), cap: Duration::from_mins(5), attempts: u32::MAX };

/// The assumed number of deliveries until the queue's redrive policy is known.
const ASSUMED_RECEIVES: u32 = 5;

/// An empty response that arrives sooner did not wait for messages.
const EARLY: Duration = Duration::from_millis(50);
const EARLY_PAUSE: Duration = Duration::from_millis(200);

/// How many messages of a worker may wait, at their last delivery, for an event that another worker
/// handles.
const MAX_PARKED: usize = 10;

/// Polls an SQS queue and feeds a [`Consumer`].
///
/// Each worker receives up to ten messages, handles them with the consumer's concurrency, settles
/// them, and receives again. At most `workers · 10` messages are in flight and at most `workers ·
/// concurrency` handlers run. A message stays hidden from other workers while it is in flight,
/// however long its handler takes.
///
/// The outcome of a message decides what happens to it in the queue. A handled message is deleted,
/// in batches. After a transient failure the message becomes visible again after the consumer's
/// delay, or after the one that [`Redelivery`] derives from the queue. After a permanent failure it
/// goes to the dead letters and is then deleted. At its last delivery, a copy of an event that
/// another process is handling is kept until that process is done. In a FIFO queue, no message of a
/// group is handled after the first one that must be delivered again.
///
/// A failed receive call is repeated after a pause that grows to 30 seconds, whatever the error:
/// credentials are renewed and permissions fixed while a service runs. Each failure is logged and
/// counted, [`health`](Self::health) reports it, and [`give_up_after`](Self::give_up_after) sets a
/// limit.
///
/// # Example
///
/// ```no_run
/// # async fn run(
/// #     sqs: event_aws::aws_sdk_sqs::Client,
/// #     consumer: event_runtime::consume::Consumer,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use std::time::Duration;
/// use event_aws::{DeadLetterQueue, SqsPoller};
///
/// let dead = DeadLetterQueue::new(sqs.clone(), "https://sqs.eu-central-1.amazonaws.com/1/emailer-dead");
/// let poller = SqsPoller::new(sqs, "https://sqs.eu-central-1.amazonaws.com/1/emailer", consumer)
///     .workers(4)
///     .dead_letters(Arc::new(dead))
///     .grace(Duration::from_secs(20));
/// poller.check().await?;
/// let report = poller.run(async { _ = tokio::signal::ctrl_c().await }).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct SqsPoller {
    queue: Queue,
    consumer: Consumer,
    workers: usize,
    wait: Duration,
    visibility: Duration,
    backoff: Option<Backoff>,
    grace: Duration,
    dead_letters: Option<Arc<dyn DeadLetters>>,
    give_up: Option<Duration>,
    health: PollerHealth,
    /// The queue's redrive policy and retention, once they are known.
    redrive: Arc<Mutex<Option<Redrive>>>,
}

/// The counts of a poller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PollReport {
    /// The counts by outcome.
    pub messages: Stats,
    /// Messages that were deleted.
    pub deleted: u64,
    /// Messages that are done but could not be deleted: they are delivered again, as duplicates.
    pub undeleted: u64,
    /// Messages that were returned, to be delivered again.
    pub returned: u64,
    /// Receive calls, with or without messages.
    pub receives: u64,
    /// Receive calls that failed and were repeated.
    pub failed_receives: u64,
}

/// Why a poller cannot poll.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("queue `{url}`: {error}")]
pub struct PollError {
    /// The queue.
    pub url: String,
    /// The error of SQS.
    pub error: CallError,
}

impl SqsPoller {
    /// Returns a poller for the queue with this URL: one worker, a long poll of 20 seconds, a
    /// visibility timeout of 30 seconds, a grace period of 20 seconds, no dead letters. A call
    /// times out after 10 seconds, a receive call after a minute, unless the client has its own
    /// timeout.
    #[expect(clippy::needless_pass_by_value, reason = "clients are handed over everywhere")]
    pub fn new(client: Client, url: impl Into<String>, consumer: Consumer) -> Self {
        Self {
            queue: Queue::new(&client, url.into()),
            consumer,
            workers: 1,
            wait: MAX_QUEUE_WAIT,
            visibility: Duration::from_secs(30),
            backoff: None,
            grace: Duration::from_secs(20),
            dead_letters: None,
            give_up: None,
            health: PollerHealth::default(),
            redrive: Arc::default(),
        }
    }

    /// Sets how many batches are in flight at once (default: 1; 0 counts as 1).
    pub fn workers(self, workers: usize) -> Self {
        Self { workers: workers.max(1), ..self }
    }

    /// Sets how long one call waits for messages: whole seconds, at most 20 (default: 20).
    pub fn wait(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    /// Sets the visibility timeout, at least one second (default: 30 seconds): how long a message
    /// stays hidden after its worker died. It is extended every third of this time while the
    /// message is in flight.
    pub fn visibility(self, visibility: Duration) -> Self {
        Self { visibility: visibility.max(Duration::from_secs(1)), ..self }
    }

    /// Sets how long a failed message waits, by the number of deliveries (default: [`Redelivery`]
    /// for the queue's redrive policy and retention, which are read when the poller starts). The
    /// queue's redrive policy decides how often a message is delivered; `attempts` is ignored.
    pub fn backoff(self, backoff: Backoff) -> Self {
        Self { backoff: Some(backoff), ..self }
    }

    /// Sets the grace period of a shutdown (default: 20 seconds). Handlers that still run are
    /// dropped before its end, at the latest two seconds before, and their claims are released.
    /// Keep it shorter than the container's stop timeout.
    ///
    /// A handler that blocks its thread cannot be dropped: [`run`](Self::run) returns without it,
    /// but a tokio runtime waits for its threads when it is dropped. If handlers may block, end the
    /// process with `std::process::exit` or the runtime with `shutdown_timeout`.
    pub fn grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// Sets where messages go that no retry will fix (default: they are returned, and the queue's
    /// redrive policy decides).
    pub fn dead_letters(self, place: Arc<dyn DeadLetters>) -> Self {
        Self { dead_letters: Some(place), ..self }
    }

    /// Ends [`run`](Self::run) with an error when every receive call has failed for this long
    /// (default: never). With zero, the first failure ends it.
    pub fn give_up_after(self, span: Duration) -> Self {
        Self { give_up: Some(span), ..self }
    }

    /// Returns whether the poller receives messages, for a health check.
    pub fn health(&self) -> PollerHealth {
        self.health.clone()
    }

    /// Checks that the queue exists and may be read. Call it once, when the service starts.
    ///
    /// # Errors
    ///
    /// [`PollError`].
    pub async fn check(&self) -> Result<(), PollError> {
        self.queue.check().await.map_err(|error| self.error(error))
    }

    /// Reads about how many messages wait in the queue, for the [`health`](Self::health): those that
    /// are neither in flight nor delayed. A service does it every half minute.
    ///
    /// # Errors
    ///
    /// [`PollError`].
    pub async fn read_backlog(&self) -> Result<u64, PollError> {
        let waiting = self.queue.waiting().await.map_err(|error| self.error(error))?;
        self.health.waiting(waiting);
        Ok(waiting)
    }

    /// Polls until `shutdown` completes. Then the poller receives and begins nothing more, lets
    /// running handlers finish within the grace period, and returns the other messages to the queue
    /// at once. It returns at the end of the grace period, even if calls are unanswered.
    ///
    /// # Errors
    ///
    /// [`PollError`] if receiving has failed for as long as [`give_up_after`](Self::give_up_after)
    /// allows. Messages in flight are settled first.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) -> Result<PollReport, PollError> {
        let (stopper, stop) = Stopper::new();
        let report = Arc::new(Mutex::new(PollReport::default()));
        let worker = || {
            let (poller, stop, report) = (self.clone(), stop.clone(), Arc::clone(&report));
            async move { Box::pin(poller.work(&stop, &report)).await }
        };
        let mut workers = JoinSet::new();
        let learning = AbortOnDrop(tokio::spawn(self.clone().learn_redrive()));
        for _ in 0..self.workers {
            workers.spawn(worker());
        }
        let mut shutdown = std::pin::pin!(shutdown);
        let mut stopped = false;
        let mut failure = None;
        loop {
            tokio::select! {
                () = &mut shutdown, if !stopped => {
                    debug!(queue = self.queue.url, "stopping");
                    stopper.stop(self.grace);
                    stopped = true;
                }
                () = stop.ended() => {
                    warn!(queue = self.queue.url, workers = workers.len(), "stopped at the end of the grace period");
                    workers.abort_all();
                    break;
                }
                ended = workers.join_next() => match ended {
                    None => break,
                    Some(Ok(Ok(()))) => {}
                    Some(Ok(Err(error))) => {
                        failure.get_or_insert(error);
                        stopper.stop(self.grace);
                        stopped = true;
                    }
                    // Panics of handlers are caught; this one is not a handler's. Its messages are
                    // delivered again.
                    Some(Err(error)) => {
                        warn!(%error, "a worker stopped unexpectedly");
                        if !stopped && error.is_panic() {
                            workers.spawn(worker());
                        }
                    }
                },
            }
        }
        drop(learning);
        match failure {
            Some(error) => Err(self.error(error)),
            None => Ok(*lock(&report)),
        }
    }

    fn error(&self, error: CallError) -> PollError {
        PollError { url: self.queue.url.clone(), error }
    }

    /// Reads the queue's redrive policy and retention, until a call succeeds. Until then five
    /// deliveries are assumed.
    async fn learn_redrive(self) {
        for tried in 1.. {
            match self.queue.redrive().await {
                Ok(redrive) => {
                    *lock(&self.redrive) = Some(redrive);
                    return;
                }
                Err(error) => {
                    let queue = &self.queue.url;
                    warn!(queue, %error, "failed to read the redrive policy (`sqs:GetQueueAttributes`)");
                }
            }
            tokio::time::sleep(LEARN_PAUSE.delay(tried)).await;
        }
    }

    /// Returns how long a failed message waits.
    fn wait_after(&self, receives: u32) -> Duration {
        if let Some(backoff) = &self.backoff {
            return backoff.delay(receives);
        }
        let redrive = *lock(&self.redrive);
        let max = redrive.and_then(|it| it.max_receives).unwrap_or(ASSUMED_RECEIVES);
        let retention = redrive.and_then(|it| it.retention).unwrap_or(QUEUE_RETENTION);
        rand::random_range(Redelivery::of_queue(max, self.visibility, retention).wait(receives))
    }

    /// Whether a message that is returned after this many deliveries becomes a dead letter.
    fn is_last(&self, receives: u32) -> bool {
        let max = lock(&self.redrive).and_then(|it| it.max_receives);
        max.is_some_and(|max| receives >= max)
    }

    async fn work(&self, stop: &Stop, report: &Arc<Mutex<PollReport>>) -> Result<(), CallError> {
        let mut parked = JoinSet::new();
        let worked = self.work_until(stop, report, &mut parked).await;
        while parked.join_next().await.is_some() {}
        worked
    }

    async fn work_until(
        &self,
        stop: &Stop,
        report: &Arc<Mutex<PollReport>>,
        parked: &mut JoinSet<()>,
    ) -> Result<(), CallError> {
        let mut failures = 0;
        while stop.may_begin() {
            while parked.try_join_next().is_some() {}
            let begun = Instant::now();
            // A dropped call may have hidden messages; they become visible after the visibility
            // timeout.
            let received = tokio::select! {
                biased;
                () = stop.stopping() => return Ok(()),
                received = self.queue.receive(self.wait, self.visibility) => received,
            };
            lock(report).receives += 1;
            crate::metrics::received(self.consumer.name().as_str(), received.is_ok());
            match received {
                Ok(messages) => {
                    failures = 0;
                    self.health.received();
                    if messages.is_empty() && begun.elapsed() < EARLY {
                        // Without a pause, such a queue would be polled in a busy loop.
                        tokio::select! {
                            () = stop.stopping() => {}
                            () = tokio::time::sleep(EARLY_PAUSE) => {}
                        }
                    }
                    if !messages.is_empty() {
                        let room = MAX_PARKED.saturating_sub(parked.len());
                        let waiting = Box::pin(self.handle(messages, stop, report, room)).await;
                        for message in waiting {
                            let (poller, stop, report) =
                                (self.clone(), stop.clone(), Arc::clone(report));
                            parked.spawn(async move { poller.park(message, &stop, &report).await });
                        }
                    }
                }
                Err(error) => {
                    failures += 1;
                    lock(report).failed_receives += 1;
                    let failing = self.health.failed(&error);
                    let queue = &self.queue.url;
                    if error.retryable {
                        warn!(queue, %error, failures, "failed to receive messages");
                    } else {
                        error!(queue, %error, failures, "failed to receive messages, and a retry may not help");
                    }
                    if self.give_up.is_some_and(|after| failing >= after) {
                        return Err(error);
                    }
                    let pause = self.backoff.unwrap_or(RECEIVE_PAUSE).delay(failures);
                    tokio::select! {
                        () = stop.stopping() => {}
                        () = tokio::time::sleep(pause) => {}
                    }
                }
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for SqsPoller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqsPoller")
            .field("queue", &self.queue.url)
            .field("consumer", &self.consumer)
            .finish_non_exhaustive()
    }
}

/// A task that is aborted when its owner is dropped.
struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
