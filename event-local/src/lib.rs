//! EventBridge on loopback: for tests, and before you have an AWS account.
//!
//! | To | Use |
//! |---|---|
//! | run the Schemas API, the registry of event schemas | [`schemas::Server`] |
//! | start it with schemas | [`schemas::Preset`] |
//! | make it fail on purpose | [`faults`] |
//!
//! The crate implements HTTP and the API and does not depend on this
//! toolkit's schema folder: a caller that serves a folder passes its texts as [`schemas::Preset`]s.
//! Use it on loopback only: it does not require credentials and does not check signatures.
//!
//! ```
//! use event_local::schemas::Server;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let server = Server::builder().serve().await?;
//! assert!(server.endpoint().starts_with("http://127.0.0.1:"));
//! server.shutdown().await;
//! # Ok(())
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))] // a failed unwrap is a failed test

pub mod faults;
pub mod schemas;

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
