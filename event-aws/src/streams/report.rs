//! What came of a batch, and what to answer.

use event_runtime::consume::HandlerError;

use super::SequenceNumber;

/// What came of a batch.
#[derive(Debug, Default)]
#[must_use = "records that failed must be reported"]
#[non_exhaustive]
pub struct StreamReport {
    /// Records that were handled.
    pub applied: usize,
    /// Those of them that DynamoDB's time to live brought about.
    pub expired: usize,
    /// The lowest sequence number that failed, and why.
    pub failed: Option<(SequenceNumber, HandlerError)>,
    /// Records after that one, which were not tried.
    pub untried: usize,
}

impl StreamReport {
    /// The answer of a function with `ReportBatchItemFailures`: the lowest sequence number that
    /// failed, or none.
    pub fn response(&self) -> serde_json::Value {
        let failed = self.failed.iter();
        let failed = failed.map(|(sequence, _)| serde_json::json!({"itemIdentifier": sequence.0}));
        serde_json::json!({"batchItemFailures": failed.collect::<Vec<_>>()})
    }
}
