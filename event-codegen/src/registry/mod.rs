//! The `EventBridge` Schema Registry and the schema folder: names, version numbers, and what a pull
//! and a push change.
//!
//! [`name`] and [`version`] are texts and numbers; [`pull`] and [`push`] plan, [`commit`] writes. None of them
//! knows AWS's SDK or the network: schemas come in as [`pull::Fetched`]. With the feature `registry`
//! `client` fetches them, and uploads; a build that asks for it pulls by itself ([`crate::Config`]).

#[cfg(feature = "registry")]
mod bring;
#[cfg(feature = "registry")]
pub mod client;
pub mod commit;
pub mod content;
#[cfg(feature = "registry")]
mod endpoint;
#[cfg(feature = "registry")]
mod failure;
#[cfg(feature = "registry")]
mod garbled;
pub mod name;
pub mod pull;
pub mod push;
#[cfg(feature = "registry")]
pub mod upload;
pub mod version;

#[cfg(feature = "registry")]
pub use bring::Pull;
#[cfg(feature = "registry")]
pub(crate) use bring::bring;
