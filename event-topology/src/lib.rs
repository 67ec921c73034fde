//! Declares who reads what, from which queue, and where failures go: once, checked, as plain data.
//!
//! | To | Use |
//! |---|---|
//! | declare the consumers of a bus | [`Topology::on`], one [`Declaration`] a consumer, and its [`Queue`] |
//! | check that AWS accepts it, and that no event is forgotten too early | [`TopologyBuilder::build`], which reports all problems at once |
//! | read it as data | [`Topology::plan`]: the same as data, and as JSON ([`plan`]) |
//! | deploy it | [`template::Template`] and [`template::Terraform`]: CloudFormation, SAM, Terraform, with least privilege |
//! | be told when events are lost or wait | [`Alarms`] |
//! | take only events with certain values | [`Declaration::filtered`], checked against [`filter::Payload`] |
//! | read the topologies of several services together | [`Services`] |
//! | match events as EventBridge does | [`pattern::EventPattern`], [`pattern::PatternSet`] |
//! | know for how long an event may be delivered again | [`Window`] |
//! | know which outage a queue survives | [`Redelivery`] |
//! | look up a limit of AWS, with its source | [`limits`] |
//!
//! For each consumer there is a rule for each major that it reads, which matches exactly that; one queue; and
//! two dead-letter queues: one for events that the rule could not deliver to the queue, and one for
//! messages that the consumer could not handle. Their messages have two formats
//! ([`plan::Holds`]).
//!
//! This crate has no bus, no client, no clock and no Rust type of an event: it describes what is needed, and
//! others set it up. A service takes it through `event_runtime::topology`, where `Consumer::of` declares a
//! consumer by the types of its events, and handlers are attached to what is declared.
//!
//! # Example
//!
//! ```
//! use event_topology::plan::Read;
//! use event_topology::{Declaration, Queue, Topology};
//!
//! let placed = Read::new("order.placed", 1, 0, "app.shop");
//! let topology = Topology::on("shop")
//!     .consumer(Declaration::new("emailer", [placed]).queue(Queue::standard().max_receives(3)))
//!     .build()?;
//! let event = r#"{"source": "app.shop", "detail-type": "order.placed:v1", "detail": {}}"#;
//! assert!(topology.plan().rules[0].event_pattern.matches(event)?);
//! println!("{}", serde_json::to_string_pretty(&topology)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error has failed and should say where"
    )
)]

mod alarms;
mod build;
mod check;
mod declaration;
pub mod filter;
pub mod limits;
mod name;
pub mod pattern;
pub mod plan;
mod problem;
mod queue;
mod redelivery;
mod retired;
mod services;
pub mod template;
mod verify;
mod window;

pub use alarms::{Alarms, Messages};
pub use build::{Topology, TopologyBuilder};
pub use declaration::Declaration;
pub use name::{ConsumerName, InvalidName};
pub use problem::{Problem, TopologyError};
pub use queue::Queue;
pub use redelivery::Redelivery;
pub use services::Services;
pub use window::{Window, WindowError, WindowProblem, WindowTerm};

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
