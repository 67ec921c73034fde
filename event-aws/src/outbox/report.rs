//! The result of a batch, and the response to Lambda.

use event_runtime::consume::HandlerError;

use crate::streams::SequenceNumber;

/// The result of the records of a batch.
#[derive(Debug, Default)]
#[must_use = "records that failed must be reported"]
#[non_exhaustive]
pub struct RelayReport {
    /// Records whose events the bus has accepted.
    pub published: usize,
    /// Records that are dead letters.
    pub dead_lettered: usize,
    /// Records without events: items that were deleted, by DynamoDB or by hand.
    pub skipped: usize,
    /// The lowest sequence number that failed, and the reason.
    pub failed: Option<(SequenceNumber, HandlerError)>,
    /// Records from there on that are delivered again. Events of some of them may be published.
    pub returned: usize,
}

impl RelayReport {
    /// The response of a function with `ReportBatchItemFailures`: the lowest sequence number that
    /// failed, or none.
    pub fn response(&self) -> serde_json::Value {
        let failed = self.failed.iter();
        let failed =
            failed.map(|(sequence, _)| serde_json::json!({"itemIdentifier": sequence.as_str()}));
        serde_json::json!({"batchItemFailures": failed.collect::<Vec<_>>()})
    }
}
