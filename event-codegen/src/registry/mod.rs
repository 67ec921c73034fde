//! The `EventBridge` Schema Registry and the schema folder: names, version numbers, and what a pull
//! changes.
//!
//! [`name`] and [`version`] are texts and numbers; [`pull`] plans, [`commit`] writes. Nothing here
//! knows AWS's SDK or the network: schemas come in as [`pull::Fetched`].

pub mod commit;
pub mod name;
pub mod pull;
pub mod version;
