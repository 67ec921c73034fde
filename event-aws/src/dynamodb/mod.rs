//! Claims and projections in DynamoDB tables.
//!
//! Each operation is one call: a conditional write that says the rules of
//! [`idempotency`](event_runtime::idempotency) and [`projection`](event_runtime::projection) as a condition. Where
//! the condition is not met DynamoDB answers with the item that stood against it, and the same pure
//! functions that the other stores decide by tell why. So a first run costs two writes, a duplicate
//! one, and nothing is read to be written.
//!
//! Retries are the SDK's: a write whose answer was lost is sent again, finds its own owner token, and
//! is answered as the first one was.
//!
//! A response counts only if it has the capacity that was consumed, which each call asks for: an empty
//! response with status 200, as a proxy may send it, would otherwise grant a claim and complete an event
//! whose effect was never written.
//!
//! This room knows tables and attributes, and nothing of events.
//!
//! # Tables
//!
//! | table | partition key | TTL attribute |
//! |---|---|---|
//! | claims | `id` (string) | `expiration` |
//! | projections | `pk` (string) | `expiration`, where tombstones are to go |
//!
//! DynamoDB deletes expired items within days, and not before; nothing here relies on it.
//! [`create_claims`] and [`create_projections`] make such tables, for tests and trials.
//!
//! # Sharing a table with Powertools for AWS Lambda
//!
//! The attributes have the names and the meaning of Powertools' idempotency tables (`id`, `status`,
//! `expiration`, `in_progress_expiration`, `data`, `validation`), so that a table with the partition
//! key `id` alone can hold the records of both. Keys do not meet by themselves: ours begin with the
//! name of the consumer and `#`, those of Powertools with the name of the function and end in a hash.
//! Where Powertools was told to write under such a key, its record counts here: a completed event is a
//! duplicate, one in progress is busy until its lease is over. A table with a sort key cannot be
//! shared, which [`DynamoDbStore::check`] says.
//!
//! # Permissions
//!
//! `dynamodb:PutItem`, `UpdateItem`, `DeleteItem` and `GetItem` on the tables; for
//! [`complete_with`](event_runtime::idempotency::TransactionalStore::complete_with) also what its actions
//! need.
//! For [`DynamoDbStore::check`] `dynamodb:DescribeTable`.

mod attributes;
mod claims;
mod error;
mod projections;
mod table;
mod timeouts;

/// The client, in the version that this crate was built with.
pub use aws_sdk_dynamodb;
pub use claims::DynamoDbStore;
pub use error::TooManyActions;
pub use event_runtime::store::EffectRefused;
pub use projections::DynamoDbProjections;
pub use table::{create_claims, create_projections};
