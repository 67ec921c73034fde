//! Event schemas as values: documents → model → what a change breaks.
//!
//! Pure: strings in, values out. This room knows JSON Schema's dialects and `OpenAPI`, and nothing of
//! files, builds, Rust code or AWS.

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
