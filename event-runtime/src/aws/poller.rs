//! A consumer in a container, at its queue of SQS.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::{debug, warn};

use super::failure::{self, CallError};
use super::queue::{Queue, Received};
use crate::backoff::Backoff;
use crate::consume::{Consumer, DeadLetters, Stats, Stop, Stopper, Verdict};
use crate::limits::{MAX_QUEUE_BATCH, MAX_QUEUE_WAIT};

/// For how long what is settled is gathered, to be told to SQS in one call.
const GATHER: Duration = Duration::from_millis(50);

/// Polls a queue of SQS and feeds a [`Consumer`].
///
/// Each of the poller's workers receives up to ten messages, handles them so many at once as its
/// consumer is set to, settles them, and receives again; so no more than `workers · 10` messages are
/// in hand and no more than `workers · concurrency` handlers run. While a message is in hand it is
/// kept hidden from others, however long its handler takes.
///
/// What came of a message decides what the queue is told: done is deleted, in batches; a failure
/// that may pass makes it visible again after the consumer's or the back-off's wait; one that stays
/// goes to the dead letters first. In a FIFO queue nothing of a group is handled beyond its first
/// message that is to come again.
///
/// # Example
///
/// ```no_run
/// # async fn run(
/// #     sqs: event_runtime::aws::aws_sdk_sqs::Client,
/// #     consumer: event_runtime::consume::Consumer,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use std::time::Duration;
/// use event_runtime::aws::{DeadLetterQueue, SqsPoller};
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
    backoff: Backoff,
    grace: Duration,
    dead_letters: Option<Arc<dyn DeadLetters>>,
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
    /// for 30 seconds at a time, 20 seconds of grace, no dead letters.
    pub fn new(client: Client, url: impl Into<String>, consumer: Consumer) -> Self {
        Self {
            queue: Queue { client, url: url.into() },
            consumer,
            workers: 1,
            wait: MAX_QUEUE_WAIT,
            visibility: Duration::from_secs(30),
            backoff: Backoff {
                base: Duration::from_secs(1),
                cap: Duration::from_mins(5),
                attempts: u32::MAX,
            },
            grace: Duration::from_secs(20),
            dead_letters: None,
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

    /// How long a message that failed waits, by how often it was received. How often it is delivered
    /// in all is the queue's redrive policy's; `attempts` means nothing here.
    pub fn backoff(self, backoff: Backoff) -> Self {
        Self { backoff, ..self }
    }

    /// How long the handlers that run have to end when the poller is to stop. Then they are dropped,
    /// and their claims released. Keep it under what the container's stop leaves.
    pub fn grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// Where messages go that no try will mend. Without it they are given back, and the queue's
    /// redrive policy decides.
    pub fn dead_letters(self, place: Arc<dyn DeadLetters>) -> Self {
        Self { dead_letters: Some(place), ..self }
    }

    /// Whether the queue is there and may be read. Ask once, when the service starts.
    ///
    /// # Errors
    ///
    /// [`PollError`].
    pub async fn check(&self) -> Result<(), PollError> {
        let call = self.queue.client.get_queue_attributes().queue_url(&self.queue.url);
        match call.attribute_names(QueueAttributeName::VisibilityTimeout).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.error(failure::of(&error))),
        }
    }

    /// Polls until `shutdown` is ready. Then nothing more is received or begun, what runs is let end
    /// within the grace, and what was not begun is given back at once.
    ///
    /// # Errors
    ///
    /// [`PollError`] when receiving fails in a way that stays: no such queue, no permission. What was
    /// in hand is settled first.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) -> Result<PollReport, PollError> {
        let (stopper, stop) = Stopper::new();
        let report = Arc::new(Mutex::new(PollReport::default()));
        let worker = || {
            let (poller, stop, report) = (self.clone(), stop.clone(), Arc::clone(&report));
            async move { Box::pin(poller.work(&stop, &report)).await }
        };
        let mut workers = JoinSet::new();
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
        match failure {
            Some(error) => Err(self.error(error)),
            None => Ok(*lock(&report)),
        }
    }

    fn error(&self, error: CallError) -> PollError {
        PollError { url: self.queue.url.clone(), error }
    }

    async fn work(&self, stop: &Stop, report: &Mutex<PollReport>) -> Result<(), CallError> {
        let mut failures = 0;
        while stop.may_begin() {
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
                    if !messages.is_empty() {
                        Box::pin(self.handle(messages, stop, report)).await;
                    }
                }
                Err(error) if error.retryable => {
                    failures += 1;
                    lock(report).failed_receives += 1;
                    warn!(queue = self.queue.url, %error, "nothing received");
                    let pause = self.backoff.delay(failures);
                    tokio::select! {
                        () = stop.stopping() => {}
                        () = tokio::time::sleep(pause) => {}
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn handle(&self, messages: Vec<Received>, stop: &Stop, report: &Mutex<PollReport>) {
        let receives: Vec<u32> = messages.iter().map(|it| it.delivered.record.receives).collect();
        let (batch, receipts): (Vec<_>, Vec<String>) =
            messages.into_iter().map(|it| (it.delivered, it.receipt)).unzip();
        let in_hand: InHand = Mutex::new(receipts.into_iter().enumerate().collect());
        let (sender, receiver) = mpsc::unbounded_channel();

        let handling = async {
            let tell = |at: usize, outcome: crate::consume::Outcome, verdict: Verdict| {
                // Out of hand first, so that no prolonging undoes what is told now.
                let Some(receipt) = lock(&in_hand).remove(&at) else { return };
                lock(report).messages.count(&outcome);
                let after = match verdict {
                    Verdict::Acknowledge => None,
                    Verdict::Return { after } => {
                        Some(after.unwrap_or_else(|| self.backoff.delay(receives[at])))
                    }
                };
                // The other end lives as long as this one.
                let _ = sender.send((receipt, after));
            };
            self.consumer.deliver(batch, stop, self.dead_letters.as_ref(), tell).await;
            drop(sender);
        };
        let settling = self.settle(receiver, report);
        tokio::select! {
            ((), ()) = async { tokio::join!(handling, settling) } => {}
            () = self.keep_hidden(&in_hand) => {}
        }
    }

    /// Tells SQS what is settled, a little later and together.
    async fn settle(
        &self,
        mut settled: mpsc::UnboundedReceiver<(String, Option<Duration>)>,
        report: &Mutex<PollReport>,
    ) {
        while let Some(first) = settled.recv().await {
            let mut together = vec![first];
            let gathered = tokio::time::Instant::now() + GATHER;
            while together.len() < MAX_QUEUE_BATCH
                && let Ok(Some(next)) = tokio::time::timeout_at(gathered, settled.recv()).await
            {
                together.push(next);
            }
            let (mut done, mut again) = (Vec::new(), Vec::new());
            for (receipt, after) in together {
                match after {
                    None => done.push(receipt),
                    Some(after) => again.push((receipt, after)),
                }
            }
            let (deleting, returning) = (done.len(), again.len());
            let undeleted = self.queue.delete(done).await;
            // What is not made visible now becomes so by itself.
            self.queue.hide(again).await;
            let mut report = lock(report);
            report.deleted += (deleting - undeleted) as u64;
            report.undeleted += undeleted as u64;
            report.returned += returning as u64;
        }
    }

    /// Prolongs, without end, the time for which what is in hand is hidden.
    async fn keep_hidden(&self, in_hand: &InHand) {
        loop {
            tokio::time::sleep(self.visibility / 3).await;
            let hidden: Vec<_> = {
                let in_hand = lock(in_hand);
                in_hand.values().map(|receipt| (receipt.clone(), self.visibility)).collect()
            };
            let failed = self.queue.hide(hidden).await;
            if failed > 0 {
                warn!(queue = self.queue.url, failed, "messages not kept hidden");
            }
        }
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

/// The receipts of the messages that are not settled yet, by their place in the batch.
type InHand = Mutex<BTreeMap<usize, String>>;

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
