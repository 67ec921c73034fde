//! The bus and the queues on AWS, over the official SDK.
//!
//! Clients come from outside, so that region, credentials and endpoints are the service's: this room
//! reads no configuration. It knows neither events nor stores: [`EventBridge`] is a
//! [`Transport`](crate::publish::Transport), [`SqsPoller`] feeds a
//! [`Consumer`](crate::consume::Consumer), [`DeadLetterQueue`] is where that one's dead letters go.

mod bus;
mod dead_letters;
mod failure;
mod poller;
mod queue;

pub use bus::{BusCheckError, EventBridge};
pub use dead_letters::DeadLetterQueue;
pub use failure::CallError;
pub use poller::{PollError, PollReport, SqsPoller};

/// The SDK's own crates, in the versions that this room was built with.
pub use {aws_sdk_eventbridge, aws_sdk_sqs};
