//! Connects the `EventBridge` Schema Registry with a schema folder.
//!
//! [`name`] and [`version`] map names and version numbers, [`pull`] and [`push`] plan changes, and
//! [`event_folder::commit`] writes them. None of these modules knows AWS's SDK or the network: schemas arrive as
//! [`pull::Fetched`]. With the feature `client`, `client` fetches them, `upload` sends them, and a build script can
//! pull ([`build`](mod@build)).
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use event_folder::commit::commit;
//! use event_folder::lock::Site;
//! use event_registry::pull::{self, Fetched, Revisions};
//!
//! # let dir = tempfile::tempdir().unwrap();
//! # let root = dir.path();
//! let text = r#"{"type": "object", "properties": {"id": {"type": "string"}}}"#;
//! let fetched = Fetched { schema: "order.placed".to_owned(), versions: BTreeMap::from([(1, text.into())]) };
//! let plan = pull::plan(root, &Site::Unknown, "shop", &[fetched], Revisions::All).unwrap();
//! commit(root, &plan.change).unwrap();
//! assert!(root.join("shop/order.placed/1.0.json").is_file());
//! ```
//!
//! This crate knows the schema folder and its lock. It does not know Rust code.

#[cfg(feature = "client")]
pub mod build;
#[cfg(feature = "client")]
pub mod client;
pub mod content;
#[cfg(feature = "client")]
mod endpoint;
#[cfg(feature = "client")]
mod failure;
mod fault;
#[cfg(feature = "client")]
mod garbled;
pub mod name;
pub mod pull;
pub mod push;
#[cfg(feature = "client")]
pub mod upload;
pub mod version;

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
