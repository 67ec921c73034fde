//! Runs a consumer on its queue: receive, handle, settle.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::{Delivery, Queue};
use crate::consume::{Consumer, Delivered, Outcome, Record, Stats, Stop, Stopper};

/// The shortest wait for another worker's event, whatever the back-off, so that the wait is not a
/// busy loop.
const BUSY: Duration = Duration::from_millis(10);

/// The grace period of handlers at a shutdown, as for a queue of SQS.
const GRACE: Duration = Duration::from_secs(20);

/// As many messages as SQS returns at once, or one from a FIFO queue, so that a failed one is not
/// overtaken.
fn receive(queue: &Queue) -> usize {
    if queue.settings().fifo { 1 } else { 10 }
}

impl Consumer {
    /// Handles messages until the queue is empty: until each one was handled or is a dead letter.
    /// Returns the counts.
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

    /// Handles messages until `shutdown` completes. Running handlers may finish within 20 seconds,
    /// otherwise their messages are returned; messages that were received but not started are
    /// returned at once. Returns the counts.
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
        let delivered = |(at, delivery): (usize, &Delivery)| {
            let record = Record::new(at.to_string(), Arc::clone(&delivery.body));
            Delivered::new(record.receives(delivery.receives)).trace(delivery.trace.clone())
        };
        let batch = deliveries.iter().enumerate().map(delivered).collect();
        let tell = |at: usize, outcome: Outcome, _| {
            stats.count(&outcome);
            settle(queue, &deliveries[at], &outcome);
        };
        self.deliver(batch, stop, None, tell).await;
    }
}

/// Settles the message. An invalid receipt does not matter: the message was delivered again, and
/// the idempotency store gives its result to the later receiver.
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
