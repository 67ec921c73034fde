//! Messages in flight: hidden while they are handled, and settled as soon as they are done.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_runtime::consume::{Delivered, Outcome, Stop, Verdict};
use event_runtime::limits::MAX_QUEUE_BATCH;
use tokio::sync::mpsc;
use tracing::warn;

use super::{PollReport, Received, SqsPoller, lock};
use crate::queue::hideable;

/// How long settled messages are collected, to be sent to SQS in one call.
const GATHER: Duration = Duration::from_millis(50);

impl SqsPoller {
    /// Keeps a message at its last delivery while another process handles its event: if it were
    /// returned, it would become a dead letter although its event is handled.
    pub(crate) async fn park(
        &self,
        mut message: Received,
        stop: &Stop,
        report: &Arc<Mutex<PollReport>>,
    ) {
        loop {
            self.queue.hide(vec![(message.receipt.clone(), self.visibility)]).await;
            tokio::select! {
                () = stop.stopping() => {
                    lock(report).returned += 1;
                    return;
                }
                () = tokio::time::sleep(self.visibility / 3) => {}
            }
            match Box::pin(self.handle(vec![message], stop, report, 1)).await.pop() {
                Some(again) => message = again,
                None => return,
            }
        }
    }

    /// Handles and settles messages. Returns those, up to `room`, that are at their last delivery
    /// and wait for another process.
    pub(crate) async fn handle(
        &self,
        messages: Vec<Received>,
        stop: &Stop,
        report: &Mutex<PollReport>,
        room: usize,
    ) -> Vec<Received> {
        let receives: Vec<u32> = messages.iter().map(|it| it.delivered.record.receives).collect();
        let since: Vec<_> = messages.iter().map(|it| it.since).collect();
        let (mut batch, receipts): (Vec<_>, Vec<String>) =
            messages.into_iter().map(|it| (it.delivered, it.receipt)).unzip();
        for message in &mut batch {
            message.last = self.is_last(message.record.receives);
        }
        let mut last: Vec<Option<Delivered>> =
            batch.iter().map(|it| it.last.then(|| it.clone())).collect();
        let in_hand = InHand::new(receipts);
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut waiting = Vec::new();

        let handling = async {
            let tell = |at: usize, outcome: Outcome, verdict: Verdict| {
                // First remove it from the messages in flight, so that no extension undoes the
                // change.
                let Some(receipt) = in_hand.take(at) else { return };
                if matches!(outcome, Outcome::Busy { .. })
                    && waiting.len() < room
                    && let Some(delivered) = last[at].take()
                {
                    waiting.push(Received { delivered, receipt, since: since[at] });
                    return;
                }
                lock(report).messages.count(&outcome);
                let after = match verdict {
                    Verdict::Acknowledge => None,
                    Verdict::Return { after } => {
                        let after = after.unwrap_or_else(|| self.wait_after(receives[at]));
                        Some(after.min(hideable(since[at])))
                    }
                };
                // The receiver lives as long as this sender.
                let _ = sender.send((receipt, after));
            };
            self.consumer.deliver(batch, stop, self.dead_letters.as_ref(), tell).await;
            drop(sender);
        };
        let settling = self.settle(receiver, &in_hand, stop, report);
        tokio::select! {
            ((), ()) = async { tokio::join!(handling, settling) } => {}
            () = self.keep_hidden(&in_hand) => {}
        }
        waiting
    }

    /// Sends settled messages to SQS, after a short delay and in batches.
    async fn settle(
        &self,
        mut settled: mpsc::UnboundedReceiver<(String, Option<Duration>)>,
        in_hand: &InHand,
        stop: &Stop,
        report: &Mutex<PollReport>,
    ) {
        while let Some(first) = settled.recv().await {
            let mut together = vec![first];
            let more = if stop.may_begin() { GATHER } else { Duration::ZERO };
            let gathered = tokio::time::Instant::now() + more;
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
            // A message that is not made visible now becomes visible by itself. Both calls run
            // concurrently.
            let returned = async {
                // A running extension must not overtake this call.
                let _turn = in_hand.hiding.lock().await;
                self.queue.hide(again).await
            };
            let (undeleted, _) = tokio::join!(self.queue.delete(done), returned);
            if deleting + returning > undeleted {
                self.health.settled();
            }
            let mut report = lock(report);
            report.deleted += (deleting - undeleted) as u64;
            report.undeleted += undeleted as u64;
            report.returned += returning as u64;
        }
    }

    /// Keeps extending the visibility timeout of the messages in flight.
    async fn keep_hidden(&self, in_hand: &InHand) {
        let third = self.visibility / 3;
        loop {
            tokio::time::sleep(third).await;
            let _turn = in_hand.hiding.lock().await;
            let hidden = in_hand.receipts().into_iter().map(|it| (it, self.visibility)).collect();
            // A call without a response must not delay the next one.
            match tokio::time::timeout(third, self.queue.hide(hidden)).await {
                Ok(0) => {}
                Ok(failed) => {
                    warn!(queue = self.queue.url, failed, "failed to keep messages hidden");
                }
                Err(_) => warn!(queue = self.queue.url, "no response to keeping messages hidden"),
            }
        }
    }
}

/// The receipts of the messages that are not settled yet, by their index in the batch.
struct InHand {
    receipts: Mutex<BTreeMap<usize, String>>,
    /// Locked while the visibility of messages is changed.
    hiding: tokio::sync::Mutex<()>,
}

impl InHand {
    fn new(receipts: Vec<String>) -> Self {
        let receipts = Mutex::new(receipts.into_iter().enumerate().collect());
        Self { receipts, hiding: tokio::sync::Mutex::default() }
    }

    fn take(&self, at: usize) -> Option<String> {
        lock(&self.receipts).remove(&at)
    }

    fn receipts(&self) -> Vec<String> {
        lock(&self.receipts).values().cloned().collect()
    }
}
