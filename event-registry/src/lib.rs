//! Connects the `EventBridge` Schema Registry with a schema folder.
//!
//! | To | Use |
//! |---|---|
//! | pull schemas in a build script (feature `client`) | `build::pull` |
//! | fetch schemas from the registry (feature `client`) | `client` |
//! | plan what a pull changes in the folder | [`pull::plan`], written by [`event_folder::commit`] |
//! | plan what a push adds to the registry | [`push`], sent by `upload` (feature `client`) |
//! | map names and version numbers between both sides | [`name`], [`version`] |
//!
//! Without the feature `client`, no module knows AWS's SDK or the network: schemas arrive as [`pull::Fetched`].
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
