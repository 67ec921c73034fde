//! Reads event schemas, compares versions, and reports what a change breaks.
//!
//! | To | Use |
//! |---|---|
//! | parse a JSON text with positions | [`document::Document::parse`] |
//! | read a bare schema, or the events of a registry document | [`read::schema`], [`read::events`] |
//! | compare two versions of a schema or an event | [`compat::check`], [`compat::check_event`] |
//! | compare all minors of a major | [`compat::check_events`] |
//! | ask for another compatibility, or assume lenient readers | [`compat::Policy`], [`compat::Terms`] |
//! | validate an event | [`validate::validate`] |
//! | find warnings about one version | [`lint::event`] |
//! | infer a first schema from sample events | [`infer::document`] |
//! | look up a rule, its reason and its fix | [`rules`] |
//! | read the settings of a schema folder (feature `settings`) | `settings::Settings` |
//!
//! ```
//! use event_schema::compat::{self, Policy};
//! use event_schema::document::Document;
//! use event_schema::read;
//!
//! let old = Document::parse("1.0.json", r#"{"properties": {"state": {"enum": ["open"]}}}"#)?;
//! let new = Document::parse("1.1.json", r#"{"properties": {"state": {"enum": ["open", "paid"]}}}"#)?;
//! let (old, new) = (read::schema(&old).unwrap(), read::schema(&new).unwrap());
//!
//! let report = compat::check(&old, &new, Policy::Additive);
//! let change = report.breaks().next().unwrap();
//! assert_eq!(change.rule.id, "enum-value-added");
//! assert_eq!(change.witness, Some(serde_json::json!({"state": "paid"})));
//! # Ok::<(), event_schema::document::SyntaxError>(())
//! ```
//!
//! A change that cannot be decided is a break with the rule `undecided` and a reason. Depth, size and work are bounded,
//! because schemas may be untrusted.
//!
//! The crate takes texts and returns values: it reads no files, opens no connections, and fetches no `$ref`. It does not
//! know builds, Rust code or AWS.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests unwrap what they made"))]

pub mod compat;
pub mod diagnostic;
pub mod document;
mod format;
pub mod infer;
mod kernel;
pub mod lint;
pub mod model;
pub mod number;
mod pattern;
pub mod read;
pub mod rules;
#[cfg(feature = "settings")]
pub mod settings;
pub mod tag;
pub mod validate;

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
