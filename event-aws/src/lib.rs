//! `event-runtime` on AWS, over the official SDK.
//!
//! | To | Use | Feature |
//! |---|---|---|
//! | publish on EventBridge | [`EventBridge`], the transport of a [`Publisher`](event_runtime::publish::Publisher) | `eventbridge` |
//! | run all consumers of a topology in a container | [`service::Service`] | `service` |
//! | consume a queue of SQS in a container | [`SqsPoller`] | `sqs` |
//! | keep what cannot be handled, with the reason | [`DeadLetterQueue`] | `sqs` |
//! | consume in a Lambda function: SQS, EventBridge, streams | [`lambda`] | `lambda` |
//! | remember in DynamoDB which events are done, apply an effect exactly once | [`dynamodb::DynamoDbStore`] | `dynamodb` |
//! | keep a read model in DynamoDB | [`dynamodb::DynamoDbProjections`] | `dynamodb` |
//! | copy a read model, or watch it change | [`streams`] | `streams` |
//!
//! No feature is on by default: a service links what it uses.
//!
//! You create the clients, so region, credentials and endpoints are those of your service: this
//! crate reads no configuration. It implements the traits of `event-runtime` on AWS and does not
//! depend on events or schemas. The features do not include an HTTPS client: choose one when you
//! create the SDK's clients.
//!
//! # Example
//!
//! ```no_run
//! # #[cfg(all(feature = "eventbridge", feature = "sqs"))]
//! # async fn run(
//! #     events: event_aws::aws_sdk_eventbridge::Client,
//! #     sqs: event_aws::aws_sdk_sqs::Client,
//! #     consumer: event_runtime::consume::Consumer,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! use event_aws::{EventBridge, SqsPoller};
//! use event_runtime::publish::Publisher;
//!
//! // `events`: `aws_sdk_eventbridge::Client::new(&aws_config::load_from_env().await)`
//! let bus = EventBridge::new(&events, "orders");
//! bus.check().await?;
//! let publisher = Publisher::new(bus);
//!
//! let poller = SqsPoller::new(sqs, "https://sqs.eu-central-1.amazonaws.com/1/emailer", consumer);
//! poller.check().await?;
//! let report = poller.run(async { _ = tokio::signal::ctrl_c().await }).await?;
//! # Ok(())
//! # }
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error has failed and should say where"
    )
)]

#[cfg(feature = "eventbridge")]
mod bus;
#[cfg(feature = "sqs")]
mod dead_letters;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
#[cfg(any(feature = "eventbridge", feature = "sqs"))]
mod failure;
#[cfg(feature = "sqs")]
mod health;
#[cfg(any(feature = "dynamodb", feature = "streams"))]
mod image;
#[cfg(feature = "lambda")]
pub mod lambda;
#[cfg(feature = "sqs")]
mod metrics;
#[cfg(feature = "sqs")]
mod poller;
#[cfg(feature = "sqs")]
mod queue;
#[cfg(feature = "service")]
pub mod service;
#[cfg(any(feature = "lambda", feature = "streams"))]
mod shard;
#[cfg(feature = "streams")]
pub mod streams;
#[cfg(any(feature = "dynamodb", feature = "sqs"))]
mod timeouts;

#[cfg(feature = "eventbridge")]
pub use bus::{BusCheckError, EventBridge};
#[cfg(feature = "sqs")]
pub use dead_letters::DeadLetterQueue;
#[cfg(any(feature = "eventbridge", feature = "sqs"))]
pub use failure::CallError;
#[cfg(feature = "sqs")]
pub use health::PollerHealth;
#[cfg(feature = "sqs")]
pub use poller::{PollError, PollReport, SqsPoller};

/// The EventBridge client, in the version that this crate uses.
#[cfg(feature = "eventbridge")]
pub use aws_sdk_eventbridge;
/// The SQS client, in the version that this crate uses.
#[cfg(feature = "sqs")]
pub use aws_sdk_sqs;

/// The examples of README.md, compiled.
#[cfg(all(
    doctest,
    feature = "dynamodb",
    feature = "eventbridge",
    feature = "lambda",
    feature = "sqs"
))]
#[doc = include_str!("../README.md")]
pub struct Readme;
