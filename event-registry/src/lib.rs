//! The `EventBridge` Schema Registry and the schema folder: names, version numbers, and what a pull and a push change.
//!
//! [`name`] and [`version`] are texts and numbers; [`pull`] and [`push`] plan, and [`event_folder::commit`] writes. None
//! of them knows AWS's SDK or the network: schemas come in as [`pull::Fetched`]. With the feature `client`, `client`
//! fetches them, `upload` sends them, and a build script that asks for it pulls ([`build`](mod@build)):
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
//! Knows the schema folder and its lock; no Rust code is generated here.

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
mod tags;
#[cfg(feature = "client")]
pub mod upload;
pub mod version;

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
