//! Claims and projections in DynamoDB tables.
//!
//! Each operation is one call: a conditional write that expresses the rules of
//! [`idempotency`](event_runtime::idempotency) and [`projection`](event_runtime::projection) as a
//! condition. If the condition fails, DynamoDB returns the item that prevented the write, and the
//! same pure functions that the other stores use determine the reason. So a first run costs two
//! writes, a duplicate one, and no operation reads before it writes.
//!
//! The SDK retries: a write whose response was lost is sent again, finds its own owner token, and
//! returns the same result as the first one.
//!
//! A response counts only if it has the capacity that was consumed, which each call asks for: an empty
//! response with status 200, as a proxy may send it, would otherwise grant a claim and complete an event
//! whose effect was never written.
//!
//! This module handles tables and attributes and does not depend on events.
//!
//! # Tables
//!
//! | table | partition key | TTL attribute |
//! |---|---|---|
//! | claims | `id` (string) | `expiration` |
//! | projections | `pk` (string) | `expiration`, if tombstones should be deleted |
//! | [outbox](crate::outbox) | `pk` (string) | `expiration` |
//!
//! DynamoDB deletes expired items within days; nothing here relies on when. [`create_claims`] and
//! [`create_projections`] create such tables, for tests and trials.
//!
//! A claims table may have other attributes or a sort key, and may hold other items:
//! [`DynamoDbStore::builder`] sets names, a sort key and a prefix. [`DynamoDbStore::check`] compares
//! them with the table when a service starts.
//!
//! # Sharing a table with Powertools for AWS Lambda
//!
//! The attributes have the names and the meaning of Powertools' idempotency tables (`id`, `status`,
//! `expiration`, `in_progress_expiration`, `data`, `validation`), so one table can store the records
//! of both: as it is, with other names on both sides ([`AttributeNames`]), and with a sort key
//! ([`in_sort_key`](DynamoDbStoreBuilder::in_sort_key), with any partition). Their keys do not
//! collide: ours begin with the prefix, if any, the name of the consumer and `#`, those of
//! Powertools with the name of the function, and they end in a hash. If Powertools is configured to
//! write under one of our keys, its record counts here: a completed event is a duplicate, one in
//! progress is busy until its lease expires.
//!
//! What cannot be shared is the payload check: Powertools stores the hash of another text, so its
//! records match every payload here.
//!
//! # Permissions
//!
//! `dynamodb:PutItem`, `UpdateItem`, `DeleteItem` and `GetItem` on the tables; for
//! [`complete_with`](event_runtime::idempotency::TransactionalStore::complete_with) also the
//! permissions of its actions; for [`DynamoDbStore::check`] `dynamodb:DescribeTable` and
//! `dynamodb:DescribeTimeToLive`.

mod attributes;
mod builder;
mod check;
mod claims;
mod error;
mod layout;
mod projections;
mod table;
mod timeouts;

pub(crate) use attributes::EXPIRY;
pub(crate) use check::{Expected, check as check_table};
pub(crate) use error::{answered, call_failed};
pub(crate) use table::create as create_table;
pub(crate) use timeouts::with_timeouts;

/// The DynamoDB client, in the version that this crate uses.
pub use aws_sdk_dynamodb;
pub use builder::DynamoDbStoreBuilder;
pub use check::{TableCheckError, TableProblem};
pub use claims::DynamoDbStore;
pub use error::TooManyActions;
pub use event_runtime::store::EffectRefused;
pub use layout::{AttributeNames, InvalidLayout, LayoutProblem};
pub use projections::DynamoDbProjections;
pub use table::{create_claims, create_projections};
