//! Tests across the crates; the library has their common code.
//!
//! - `tests/ui`: what the derive accepts, and its error messages
//! - `tests/hostile`: structs that break their schema, kind by kind, and twins that keep it
//! - `tests/mutations`: every single-step mutation of a good event, judged by the change rules
//! - `tests/build_failures`: builds that a schema fails
//! - `tests/tracking`: when a build runs its build script again
//! - `tests/end_to_end`: dual publish, duplicates and dead letters, through the example's own contracts
//! - `tests/corpora`: real schemas and events, where `EVENT_CORPORA` names them

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test that meets an error has failed and should say where"
)]

pub mod held;
pub mod scratch;
