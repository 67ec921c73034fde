//! A DynamoDB on loopback, with faults: `dynoxide` behind a proxy that counts calls, refuses some,
//! and closes the connection before or after others.
//!
//! It is between the official SDK and a server, and neither knows of it, so the tests see exactly
//! what is on the wire.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "the house of tests: what fails should say where"
)]

mod proxy;
mod server;

pub use proxy::{Calls, Fault};
pub use server::{Dynamo, client_at};
