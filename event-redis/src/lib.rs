//! An idempotency store of `event-runtime` in Redis or Valkey.
//!
//! [`RedisStore`] passes `event_runtime::idempotency::conformance` on a real server. You create the
//! connection, so addresses, credentials and TLS are those of your service; any asynchronous
//! connection of the client `redis` works, including one to a cluster.
//!
//! # What Redis cannot do
//!
//! - Redis replicates asynchronously. A failover may forget a claim or a completion that it has
//!   acknowledged, and a server without persistence forgets all of them at a restart. The events are
//!   handled again.
//! - A server that evicts keys forgets completions: [`RedisStore::check`] reports an eviction policy
//!   other than `noeviction`.
//! - It has no transactions that roll back, so the store is not a
//!   [`TransactionalStore`](event_runtime::idempotency::TransactionalStore): an effect and its mark
//!   are two calls.
//!
//! `DynamoDbStore` of the crate `event-aws` has none of these limits.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod check;
mod item;
mod scripts;
mod store;

pub use check::{CheckError, CheckProblem};
pub use store::RedisStore;

/// The client, in the version that this crate uses.
pub use redis;

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
