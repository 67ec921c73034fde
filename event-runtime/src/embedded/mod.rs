//! The whole path of an event inside the process: a bus with rules, a queue with a dead-letter
//! queue for each consumer, and a database file for the stores.
//!
//! It behaves like EventBridge and SQS where this matters to a service: rules match on source and
//! detail-type, the message is the whole event as JSON, delivery is at least once, a message that
//! is not acknowledged is delivered again, after too many deliveries it goes to the dead-letter
//! queue, and after the retention it is dropped. Messages are kept in memory; data that must
//! outlive the process goes to a `Database` (feature `redb`).
//!
//! A [`Deployment`] runs a [`Topology`](crate::topology::Topology) with its handlers; tests can
//! build an [`EmbeddedBus`] from rules by hand.

mod bus;
#[cfg(feature = "redb")]
mod database;
mod deployment;
mod problem;
mod queue;
mod rule;
mod run;
mod undelivered;

pub use bus::{BusBuilder, BusError, BusStats, EmbeddedBus};
#[cfg(feature = "redb")]
pub use database::Database;
pub use deployment::Deployment;
pub use problem::{BusBuildError, BusProblem};
pub use queue::{DeadLetter, Delivery, Queue, QueueSettings, Receipt};
/// The version of redb that this crate uses: for transactional effects and for reading what they
/// wrote.
#[cfg(feature = "redb")]
pub use redb;
pub use rule::Rule;
pub use undelivered::Undelivered;
