//! Claims and projections in DynamoDB tables.
//!
//! Each operation is one call: a conditional write that says the rules of
//! [`idempotency`](crate::idempotency) and [`projection`](crate::projection) as a condition. Where
//! the condition is not met DynamoDB answers with the item that stood against it, and the same pure
//! functions that the other stores decide by tell why. So a first run costs two writes, a duplicate
//! one, and nothing is read to be written.
//!
//! Retries are the SDK's: a write whose answer was lost is sent again, finds its own owner token, and
//! is answered as the first one was.
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
//! # Permissions
//!
//! `dynamodb:PutItem`, `UpdateItem`, `DeleteItem` and `GetItem` on the tables; for
//! [`complete_with`](crate::idempotency::TransactionalStore::complete_with) also what its actions
//! need.

mod attributes;
mod claims;
mod error;
mod projections;
mod table;

pub use crate::store::EffectRefused;
pub use claims::DynamoDbStore;
pub use error::TooManyActions;
pub use projections::DynamoDbProjections;
pub use table::{create_claims, create_projections};
