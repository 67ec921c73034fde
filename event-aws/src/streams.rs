//! Reads and handles the change records of a DynamoDB stream.
//!
//! This module has no client: it parses the JSON in which Lambda passes a stream's records. Call
//! [`StreamBatch::read`] and [`StreamBatch::apply`], and respond with [`StreamReport::response`].
//!
//! The records of a shard are in order, and Lambda continues from the lowest sequence number that
//! is reported as failed: every later record is delivered again, whatever its result. So records
//! are handled one after the other, and none after the first that fails.
//!
//! DynamoDB deletes expired items itself. Such a record is an [`Expired`](Change::Expired), not a
//! [`Removed`](Change::Removed): no user deleted the item.

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
