//! The seams of this crate on AWS, over the official SDK.
//!
//! Clients come from outside, so that region, credentials and endpoints are the service's: this room
//! reads no configuration. It knows no events: [`EventBridge`] is a
//! [`Transport`](crate::publish::Transport), [`SqsPoller`] feeds a
//! [`Consumer`](crate::consume::Consumer), [`DeadLetterQueue`] is where that one's dead letters go
//! (feature `aws`); [`dynamodb`] has the stores of claims and projections (feature `dynamodb`).

#[cfg(feature = "aws")]
mod bus;
#[cfg(feature = "aws")]
mod dead_letters;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
#[cfg(feature = "aws")]
mod failure;
#[cfg(feature = "aws")]
mod health;
#[cfg(feature = "aws")]
mod poller;
#[cfg(feature = "aws")]
mod queue;
#[cfg(any(feature = "aws", feature = "dynamodb"))]
mod timeouts;

#[cfg(feature = "aws")]
pub use bus::{BusCheckError, EventBridge};
#[cfg(feature = "aws")]
pub use dead_letters::DeadLetterQueue;
#[cfg(feature = "aws")]
pub use failure::CallError;
#[cfg(feature = "aws")]
pub use health::PollerHealth;
#[cfg(feature = "aws")]
pub use poller::{PollError, PollReport, SqsPoller};
/// The SDK's own crates, in the versions that this room was built with.
#[cfg(feature = "aws")]
pub use {aws_sdk_eventbridge, aws_sdk_sqs};
