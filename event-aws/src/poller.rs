//! A consumer in a container, at its queue of SQS.

mod hand;

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_sqs::Client;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::{debug, error, warn};

use crate::failure::CallError;
use crate::health::PollerHealth;
use crate::queue::{Queue, Received, Redrive};
use event_runtime::backoff::{Backoff, Redelivery};
use event_runtime::consume::{Consumer, DeadLetters, Stats, Stop, Stopper};
use event_runtime::limits::{MAX_QUEUE_WAIT, QUEUE_RETENTION};

/// The pause after a call to receive that failed.
const RECEIVE_PAUSE: Backoff =
    Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(30), attempts: u32::MAX };

/// The same for the call that asks for its redrive policy, which the permission may lack for good.
const LEARN_PAUSE: Backoff =
    Backoff { base: Duration::from_secs(1), cap: Duration::from_mins(5), attempts: u32::MAX };

/// The deliveries of a queue that are assumed until its redrive policy is known.
const ASSUMED_RECEIVES: u32 = 5;

/// An empty answer that comes sooner did not wait for messages.
const EARLY: Duration = Duration::from_millis(50);
const EARLY_PAUSE: Duration = Duration::from_millis(200);

/// How many messages of a worker wait, at their last delivery, for another worker's event.
const MAX_PARKED: usize = 10;

/// Polls a queue of SQS and feeds a [`Consumer`].
///
/// Each of the poller's workers receives up to ten messages, handles them so many at once as its
/// consumer is set to, settles them, and receives again; so no more than `workers · 10` messages are
/// in hand and no more than `workers · concurrency` handlers run. While a message is in hand it is
/// kept hidden from others, however long its handler takes.
///
/// What came of a message decides what the queue is told: done is deleted, in batches; a failure
/// that may pass makes it visible again after the consumer's wait, or after that which
/// [`Redelivery`] derives from the queue; one that stays goes to the dead letters first. A copy of an
/// event that another process is at is kept, at its last delivery, until that one is done. In a FIFO queue nothing of a group is handled beyond its first
/// message that is to come again.
///
/// A call to receive that fails is made again, after a pause that grows to 30 seconds, whatever the
/// error: credentials are renewed and permissions mended while a service runs. Each failure is logged
/// and counted, [`health`](Self::health) reports it, and
/// [`give_up_after`](Self::give_up_after) sets an end.
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
    /// What the queue does with messages that come again, once it has told.
    redrive: Arc<Mutex<Option<Redrive>>>,
}

/// What a poller did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PollReport {
    /// What came of the messages.
    pub messages: Stats,
    /// Messages that were deleted.
    pub deleted: u64,
    /// Messages that are done but could not be deleted: they come again, as duplicates.
    pub undeleted: u64,
    /// Messages that were given back, to come again.
    pub returned: u64,
    /// Calls that received, whether or not there was a message.
    pub receives: u64,
    /// Calls to receive that failed and were made again.
    pub failed_receives: u64,
}

/// Why a poller does not poll.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("queue `{url}`: {error}")]
pub struct PollError {
    /// The queue.
    pub url: String,
    /// What SQS says.
    pub error: CallError,
}

impl SqsPoller {
    /// A poller of the queue with this URL: one worker, a long poll of 20 seconds, messages hidden
    /// for 30 seconds at a time, 20 seconds of grace, no dead letters. A call without an answer is
    /// given up after 10 seconds, if the client does not say otherwise; one to receive after a minute.
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

    /// How many batches are in hand at once; a 0 is taken for 1.
    pub fn workers(self, workers: usize) -> Self {
        Self { workers: workers.max(1), ..self }
    }

    /// For how long one call waits for messages: whole seconds, at most 20.
    pub fn wait(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    /// For how long messages are hidden at a time, at least a second: so long does one wait after its
    /// worker died. It is prolonged every third of that while the message is in hand.
    pub fn visibility(self, visibility: Duration) -> Self {
        Self { visibility: visibility.max(Duration::from_secs(1)), ..self }
    }

    /// Sets how long a message that failed waits, by how often it was received (default:
    /// [`Redelivery`] for the redrive policy and the retention of the queue, which are read when the
    /// poller starts). How often it is delivered in all is the queue's redrive policy's; `attempts`
    /// means nothing here.
    pub fn backoff(self, backoff: Backoff) -> Self {
        Self { backoff: Some(backoff), ..self }
    }

    /// Sets how long the poller takes to end when it is to stop (default: 20 seconds). Handlers that
    /// still run are dropped before that, at the latest two seconds, and their claims released. Keep
    /// it under what the container's stop leaves.
    ///
    /// A handler that blocks its thread cannot be dropped: [`run`](Self::run) returns without it, but a
    /// tokio runtime that is dropped waits for its threads. Where handlers may block, end the process by
    /// `std::process::exit` or the runtime by `shutdown_timeout`.
    pub fn grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// Where messages go that no try will mend. Without it they are given back, and the queue's
    /// redrive policy decides.
    pub fn dead_letters(self, place: Arc<dyn DeadLetters>) -> Self {
        Self { dead_letters: Some(place), ..self }
    }

    /// Ends [`run`](Self::run) with an error when every call to receive has failed for so long
    /// (default: never). With a zero the first failure ends it.
    pub fn give_up_after(self, span: Duration) -> Self {
        Self { give_up: Some(span), ..self }
    }

    /// Whether the poller gets messages, for a health check.
    pub fn health(&self) -> PollerHealth {
        self.health.clone()
    }

    /// Whether the queue is there and may be read. Ask once, when the service starts.
    ///
    /// # Errors
    ///
    /// [`PollError`].
    pub async fn check(&self) -> Result<(), PollError> {
        self.queue.check().await.map_err(|error| self.error(error))
    }

    /// Polls until `shutdown` is ready. Then nothing more is received or begun, what runs is let end
    /// within the grace, and what was not begun is given back at once. When the grace is over this
    /// returns, whatever has not been answered by then.
    ///
    /// # Errors
    ///
    /// [`PollError`] when receiving has failed for as long as
    /// [`give_up_after`](Self::give_up_after) says. What was in hand is settled first.
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
                    warn!(queue = self.queue.url, workers = workers.len(), "ended with its grace");
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
                    // Handlers that panic are caught; this is none. What it had in hand comes again.
                    Some(Err(error)) => {
                        warn!(%error, "a worker ended before its time");
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

    /// Asks the queue for what its messages can take, until it says so. Until then five deliveries are
    /// assumed.
    async fn learn_redrive(self) {
        for tried in 1.. {
            match self.queue.redrive().await {
                Ok(redrive) => {
                    *lock(&self.redrive) = Some(redrive);
                    return;
                }
                Err(error) => {
                    let queue = &self.queue.url;
                    warn!(queue, %error, "redrive policy not read (`sqs:GetQueueAttributes`)");
                }
            }
            tokio::time::sleep(LEARN_PAUSE.delay(tried)).await;
        }
    }

    /// How long a message that failed waits.
    fn wait_after(&self, receives: u32) -> Duration {
        if let Some(backoff) = &self.backoff {
            return backoff.delay(receives);
        }
        let redrive = *lock(&self.redrive);
        let max = redrive.and_then(|it| it.max_receives).unwrap_or(ASSUMED_RECEIVES);
        let retention = redrive.and_then(|it| it.retention).unwrap_or(QUEUE_RETENTION);
        rand::random_range(Redelivery::of_queue(max, self.visibility, retention).wait(receives))
    }

    /// Whether a message that is given back after so many deliveries is a dead letter.
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
            // A call that is dropped may have hidden messages; they come again when that is over.
            let received = tokio::select! {
                biased;
                () = stop.stopping() => return Ok(()),
                received = self.queue.receive(self.wait, self.visibility) => received,
            };
            lock(report).receives += 1;
            match received {
                Ok(messages) => {
                    failures = 0;
                    self.health.received();
                    if messages.is_empty() && begun.elapsed() < EARLY {
                        // Whoever answers like this would be asked without a pause.
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
                        warn!(queue, %error, failures, "nothing received");
                    } else {
                        error!(queue, %error, failures, "nothing received, and this may stay so");
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

/// A task that ends with who started it.
struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
