//! EventBridge on loopback: for tests, and for the days before there is an account.
//!
//! [`schemas`] is the Schemas API, the registry of event schemas; [`faults`] makes a server misbehave
//! on purpose. It knows HTTP and the API, and nothing of this toolkit's schema folder: whoever serves
//! one hands its texts over as [`schemas::Preset`]s. Never for anything but loopback: nobody is asked
//! for credentials, and signatures are not looked at.
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
