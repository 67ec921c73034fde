//! A test server that implements the parts of EventBridge and SQS that the runtime calls, over a
//! real socket, and fails on demand, which no emulator does.
//!
//! - [`server`]: the socket, the clients of the official SDK for it, the entries that it accepted
//! - [`fault`]: which call has which fault, by script or random with a seed
//! - [`bus`], [`queue`]: `PutEvents` with rules, and queues, as AWS documents them
//! - [`events`]: two majors of one event
//! - [`ledger`]: the judge: which worker applied which effect, and how often
//! - [`crash`]: a store that kills its worker between any two steps
//!
//! The server checks requests independently of the runtime's code, so it is a judge as well.

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
