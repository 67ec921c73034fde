//! The result of a batch, and the response to Lambda.

use event_runtime::consume::HandlerError;

use super::SequenceNumber;

/// The result of a batch.
#[derive(Debug, Default)]
#[must_use = "records that failed must be reported"]
#[non_exhaustive]
pub struct StreamReport {
    /// Records that were handled.
    pub applied: usize,
    /// How many of these are deletes by DynamoDB's time to live.
    pub expired: usize,
    /// The lowest sequence number that failed, and the reason.
    pub failed: Option<(SequenceNumber, HandlerError)>,
    /// Records after it, which were not tried.
    pub untried: usize,
}

impl StreamReport {
    /// The response of a function with `ReportBatchItemFailures`: the lowest sequence number that
    /// failed, or none.
    pub fn response(&self) -> serde_json::Value {
        let failed = self.failed.iter();
        let failed = failed.map(|(sequence, _)| serde_json::json!({"itemIdentifier": sequence.0}));
        serde_json::json!({"batchItemFailures": failed.collect::<Vec<_>>()})
    }
}
