//! A DynamoDB on loopback, with faults: `dynoxide` behind a proxy that counts calls, refuses some,
//! and cuts the connection before or after others.
//!
//! It stands between the official SDK and a server that neither knows of, so that what is tested is
//! what goes over the wire.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "the house of tests: what fails should say where"
)]

mod proxy;
mod server;

pub use proxy::{Calls, Fault};
pub use server::{Dynamo, client_at};
