//! A consumer at its queue: receive, handle, settle.

use std::future::Future;
use std::time::Duration;

use super::{Delivery, Queue};
use crate::consume::{Consumer, Delivered, Outcome, Record, Stats, Stop, Stopper};

/// The shortest wait for another worker's event, whatever the back-off: it is asked for until the
/// other is done, and must not be asked for all the time.
const BUSY: Duration = Duration::from_millis(10);

/// How long handlers may take to end when a consumer is to stop, as at a queue of SQS.
const GRACE: Duration = Duration::from_secs(20);

/// As many as SQS gives at once. Of a FIFO queue one, so that what fails is not overtaken.
fn receive(queue: &Queue) -> usize {
    if queue.settings().fifo { 1 } else { 10 }
}

impl Consumer {
    /// Handles messages until the queue is empty: until each was handled, or is a dead letter.
    /// Returns what came of them.
    pub async fn run_until_idle(&self, queue: &Queue) -> Stats {
        let mut stats = Stats::default();
        loop {
            let deliveries = queue.next_until_empty(receive(queue)).await;
            if deliveries.is_empty() {
                return stats;
            }
            self.handle_deliveries(queue, deliveries, &Stop::never(), &mut stats).await;
        }
    }

    /// Handles messages until `shutdown` is ready. What runs then is let end within 20 seconds, and is
    /// given back where it does not; what was received and not begun is given back at once. Returns what
    /// came of the messages.
    pub async fn run(&self, queue: &Queue, shutdown: impl Future<Output = ()>) -> Stats {
        let mut stats = Stats::default();
        let (stopper, stop) = Stopper::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let deliveries = tokio::select! {
                biased;
                () = &mut shutdown => return stats,
                deliveries = queue.next(receive(queue)) => deliveries,
            };
            let stopping = {
                let handling = self.handle_deliveries(queue, deliveries, &stop, &mut stats);
                let mut handling = std::pin::pin!(handling);
                let stopping = tokio::select! {
                    () = &mut handling => false,
                    () = &mut shutdown => true,
                };
                if stopping {
                    stopper.stop(GRACE);
                    handling.await;
                }
                stopping
            };
            if stopping {
                return stats;
            }
        }
    }

    async fn handle_deliveries(
        &self,
        queue: &Queue,
        deliveries: Vec<Delivery>,
        stop: &Stop,
        stats: &mut Stats,
    ) {
        let record = |(at, delivery): (usize, &Delivery)| Record {
            id: at.to_string(),
            body: delivery.body.clone(),
            receives: delivery.receives,
        };
        let batch = deliveries.iter().enumerate().map(record).map(Delivered::from).collect();
        let tell = |at: usize, outcome: Outcome, _| {
            stats.count(&outcome);
            settle(queue, &deliveries[at], &outcome);
        };
        self.deliver(batch, stop, None, tell).await;
    }
}

/// Tells the queue. A void receipt is no matter: the message was delivered again meanwhile, and its
/// later receiver is told by the idempotency store what came of it.
fn settle(queue: &Queue, delivery: &Delivery, outcome: &Outcome) {
    let receipt = delivery.receipt;
    match outcome {
        Outcome::Handled | Outcome::Duplicate | Outcome::Skipped => queue.ack(receipt),
        Outcome::Busy { .. } => {
            queue.defer(receipt, queue.settings().backoff.delay(delivery.receives).max(BUSY))
        }
        Outcome::Retry { reason, after } => queue.retry(receipt, reason, *after),
        Outcome::LeaseLost => queue.retry(receipt, "the lease was lost", None),
        Outcome::DeadLetter { reason, .. } => queue.dead_letter(receipt, reason),
    };
}
