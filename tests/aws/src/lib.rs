//! A server of ours that speaks as much of EventBridge and SQS as the runtime calls, over a real
//! socket, and fails as it is told: what no emulator does.
//!
//! - [`server`]: the socket, the clients of the official SDK for it, what it has accepted
//! - [`fault`]: what goes wrong with which call, by script or by a seeded draw
//! - [`bus`], [`queue`]: `PutEvents` with rules, and queues, as AWS documents them
//! - [`events`]: two majors of one event
//! - [`ledger`]: the judge: who applied which effect, and whether twice
//! - [`crash`]: a store that kills its worker between any two steps
//!
//! The server checks requests by itself, with nothing of the runtime's: it is a judge as well.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test's own server that meets what it can't be has found a fault, and says where"
)]

pub mod bus;
pub mod crash;
pub mod events;
pub mod fault;
pub mod ledger;
pub mod queue;
pub mod server;
