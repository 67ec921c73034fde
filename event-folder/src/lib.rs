//! Reads, checks and writes the schema folder, `schemas/<registry>/<type>/<major>.<minor>.json`, and its
//! `schemas.lock`.
//!
//! | To | Use |
//! |---|---|
//! | read the schema folder and the texts in it | [`load::Folder`] |
//! | read its `event.toml` | [`settings`] |
//! | read, check and write `schemas.lock` | [`lock`] |
//! | check each minor of an event against every earlier one | [`family`] |
//! | resolve the files that schemas refer to by `$ref` | [`refers`] |
//! | report files that are not schemas | [`loose`] |
//! | write several new versions and the lock atomically | [`commit`] |
//! | convert names to folders, and split names into words | [`name`], [`words`] |
//! | create diagnostics about files, and the lines that cargo reads | [`problem`], [`report`] |
//!
//! ```
//! use event_folder::family;
//! use event_folder::load::Folder;
//!
//! # let dir = tempfile::tempdir().unwrap();
//! # let root = dir.path();
//! # let event = root.join("shop/order.placed");
//! # std::fs::create_dir_all(&event).unwrap();
//! # std::fs::write(event.join("1.0.json"), r#"{"type": "object", "properties": {"id": {"type": "string"}}}"#).unwrap();
//! # std::fs::write(event.join("1.1.json"), r#"{"type": "object", "properties": {"id": {"type": "integer"}}}"#).unwrap();
//! let (folder, problems) = Folder::read(root, "schemas");
//! assert!(problems.is_empty());
//! let (settings, _) = event_folder::settings::read(root);
//! let (loaded, _) = family::read(&folder, &settings);
//! let breaks = family::check(loaded, settings.terms).unwrap_err();
//! assert!(breaks[0].headline().contains("[field-type-changed]"));
//! ```
//!
//! The build ([`event-codegen`]), the registry ([`event-registry`]) and the command all read folders through this
//! crate. It knows files and schemas. It does not know Rust code, and it opens no connection.
//!
//! [`event-codegen`]: https://docs.rs/event-codegen
//! [`event-registry`]: https://docs.rs/event-registry

pub mod commit;
pub mod family;
pub mod load;
pub mod lock;
pub mod loose;
pub mod name;
pub mod problem;
pub mod refers;
pub mod report;
pub mod settings;
pub mod words;
mod write;

pub use event_schema::settings::FILE as CONFIG_FILE;
pub use write::{Folders, remove_others, write_if_changed, write_new};

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
