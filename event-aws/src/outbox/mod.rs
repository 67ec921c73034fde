//! A transactional outbox on DynamoDB: an effect, its mark and the events that it publishes in one
//! transaction.
//!
//! A handler that writes to its table and then publishes loses the event if it dies in between. One
//! that publishes first announces a change that may never be committed. With an outbox it writes
//! the events to a table instead, in the transaction of its effect:
//!
//! ```text
//! handler ── TransactWriteItems ──▶ effect + mark + outbox item ──▶ stream ──▶ relay ──▶ bus
//! ```
//!
//! `DynamoDbOutbox` (feature `dynamodb`) writes the items, in a handler with
//! [`Context::complete_with`](event_runtime::consume::Context::complete_with), or outside of a
//! consumer with its own `commit`. `OutboxRelay` (feature `streams`) reads the records of the
//! table's stream, as Lambda passes them, and publishes their events; `lambda::run_outbox` (feature
//! `lambda`) is its function.
//!
//! # What is guaranteed
//!
//! - **Every committed effect is published, and no other.** A transaction writes both or neither,
//!   and the relay reports a record as done only after the bus has accepted its events, or a place
//!   for dead letters has accepted the record.
//! - **At least once, with stable IDs.** The ID and the time of an event are written with it. A
//!   record that is delivered again is published again with the same ID, and consumers recognise
//!   the duplicate.
//! - **Order by key, where asked.** Events of the same order key (`push_in_order`) are published
//!   for the first time in the order of their transactions: they are written to the same item, and a
//!   stream keeps the order of an item's changes. Events of two keys, and events
//!   without one, have no order. EventBridge does not keep the order of what it accepted; a FIFO queue or a
//!   [`Revision`](event_runtime::projection::Revision) does.
//! - **Poison is isolated.** A record that is not an outbox item, and an event that the bus will
//!   never accept, become dead letters, and the stream continues. A bus that refuses everything (no
//!   permission, no such bus) stops the stream instead.
//!
//! # Limits
//!
//! A stream keeps its records for 24 hours: a relay that is down for longer loses events. Set an
//! alarm on the function's `IteratorAge`, no limit of retries, and a failure destination. The items
//! stay in the table for a week, so that a person can publish them again.
//!
//! A transaction on an order key fails while another one is running on the same key, and is tried
//! again with the next delivery. Keys should be as narrow as the order requires, such as one
//! aggregate.

mod item;
#[cfg(feature = "streams")]
mod relay;
#[cfg(feature = "streams")]
mod report;
#[cfg(feature = "dynamodb")]
mod table;
#[cfg(feature = "streams")]
mod watched;
#[cfg(feature = "dynamodb")]
mod write;

#[cfg(feature = "streams")]
pub use relay::OutboxRelay;
#[cfg(feature = "streams")]
pub use report::RelayReport;
#[cfg(feature = "dynamodb")]
pub use table::DynamoDbOutbox;
#[cfg(feature = "dynamodb")]
pub use write::{OutboxError, OutboxEvents};
