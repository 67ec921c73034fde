//! Tests across the rooms; nothing here is a library.
//!
//! - `tests/ui`: what the derive accepts, and how it refuses
//! - `tests/build_failures`: builds that a schema fails
//! - `tests/end_to_end`: dual publish, duplicates and dead letters, through the example's own contracts
//! - `tests/corpora`: real schemas and events, where `EVENT_CORPORA` names them
//! - `corpus/`: pairs of schemas for the change rules, which `event-schema` reads
