//! The `EventBridge` Schema Registry: its names and its version numbers, and ours.
//!
//! Nothing here knows AWS's SDK, files or the network: texts and numbers in, texts and numbers out.

pub mod name;
pub mod version;
