//! From the change records of a DynamoDB stream to what came of them.
//!
//! Pure: it knows the JSON in which Lambda hands over a stream's records, and no client. Whoever
//! receives them calls [`StreamBatch::read`] and [`StreamBatch::apply`], and answers with
//! [`StreamReport::response`].
//!
//! The records of a shard are in order, and Lambda goes on from the lowest sequence number that is
//! reported as failed: what comes after it comes again, whatever became of it. So records are handled
//! one after the other, and none after the first that fails.
//!
//! DynamoDB deletes expired items itself. Such a record is an [`Expired`](Change::Expired), no
//! [`Removed`](Change::Removed): nobody decided it.

mod batch;
mod record;
mod replicate;
mod report;
#[cfg(test)]
mod tests;

pub use batch::{InvalidRecord, StreamBatch, StreamError};
pub use record::{Attribute, Attributes, Change, SequenceNumber, StreamRecord};
pub use replicate::{NotARow, replicate};
pub use report::StreamReport;
