//! The library of a service with event contracts: the envelope, publishing, consuming, idempotency
//! and projections.
//!
//! | To | Use |
//! |---|---|
//! | check a struct against its locked schemas | [`derive(Event)`](macro@Event), and [`derive(EventData)`](macro@EventData) for its parts |
//! | use the types that `event-codegen` generated | [`include_events!`] |
//! | publish an event, in all its live majors | [`publish::Publisher`] over a [`Transport`](publish::Transport) |
//! | handle events, each once | [`consume::Consumer`] |
//! | remember which events are done | [`idempotency`], with a store such as [`MemoryStore`](idempotency::MemoryStore) |
//! | keep a read model | [`projection::Projection`] |
//! | declare which consumer reads what from which queue | [`topology`] |
//! | run bus and queues inside the process (feature `embedded`, on by default; `redb` adds a database file) | `embedded::EmbeddedBus` |
//! | read events that do not match their own schema | [`Tolerant`] |
//! | parse a message by hand | [`decode::Incoming`] |
//! | read or write the JSON on the wire | [`Envelope`], [`AwsEvent`] |
//! | pass the X-Ray and W3C trace on | [`trace`] |
//! | count and time what happens, for the `metrics` facade (feature `metrics`) | `metrics` |
//!
//! This crate does not read schemas: the derive macros and `event-codegen` check at build time that
//! a struct matches its locked schemas. It has no AWS client either: the crate `event-aws`
//! implements its traits on AWS. `event-testing` has helpers for a service's own tests.
//!
//! # Example
//!
//! ```
//! # #[cfg(feature = "embedded")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use event_runtime::consume::Consumer;
//! use event_runtime::embedded::{EmbeddedBus, Rule};
//! use event_runtime::idempotency::MemoryStore;
//! use event_runtime::publish::Publisher;
//! use event_runtime::{Envelope, Event};
//!
//! // By hand, for this example only: `#[derive(Event)]` writes this impl.
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct OrderPlaced {
//!     order_id: String,
//! }
//! impl Event for OrderPlaced {
//!     const TYPE: &'static str = "order.placed";
//!     const MAJOR: u32 = 1;
//!     const MINOR: u32 = 0;
//!     const SOURCE: &'static str = "app.shop";
//! }
//!
//! let consumer = Consumer::builder("emailer", MemoryStore::new())
//!     .on::<OrderPlaced, _>(|event: Envelope<OrderPlaced>, _context| async move {
//!         assert_eq!(event.data.order_id, "A-1");
//!         Ok(())
//!     })
//!     .build()?;
//!
//! let bus = EmbeddedBus::builder().rule(Rule::to("emailer").on::<OrderPlaced>()).build()?;
//! let publisher = Publisher::new(bus.clone());
//! publisher.publish(OrderPlaced { order_id: "A-1".into() }).await.into_result()?;
//!
//! let stats = consumer.run_until_idle(&bus.queue("emailer")?).await;
//! assert_eq!(stats.handled, 1);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "embedded"))]
//! # fn main() {}
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error has failed and should say where"
    )
)]

pub mod backoff;
mod bounded;
pub mod consume;
pub mod decode;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod envelope;
pub mod event;
mod generated;
pub mod id;
pub mod idempotency;
pub mod metrics;
mod moment;
pub mod projection;
pub mod publish;
mod shown;
pub mod store;
mod text;
#[cfg(feature = "time")]
pub mod time;
pub mod tolerant;
pub mod topology;
pub mod trace;
pub mod version;

/// Names of consumers.
pub mod name {
    pub use event_topology::{ConsumerName, InvalidName};
}

pub use envelope::{AwsEvent, Envelope};
pub use event::{Event, Renditions, Superseded};
pub use event_macros::{Event, EventData};
pub use event_shape::{EventData, impl_shape};
pub use event_topology::limits;
pub use id::EventId;
pub use tolerant::Tolerant;
pub use version::{DetailType, Version};

/// A point in time, written as RFC 3339.
pub use jiff::Timestamp;

/// Any JSON.
pub use serde_json::Value;

/// Includes the types that `event_codegen::compile` has generated.
///
/// A build script that calls `event_codegen::compile("schemas")` generates one module for each
/// event, with one module for each major. Call this macro once, where those modules should be:
///
/// ```ignore (includes what the crate's build script has written)
/// event_runtime::include_events!();
/// // use proposal_published::v2::ProposalPublished;
/// ```
#[macro_export]
macro_rules! include_events {
    () => {
        ::core::include!(::core::concat!(
            ::core::env!(
                "OUT_DIR",
                "this package has no build script, and `include_events!` includes what one writes\n\
                 to fix: a `build.rs` beside Cargo.toml: `fn main() { event_codegen::compile(\"schemas\"); }`\n\
                 and in Cargo.toml: `[build-dependencies] event-codegen = \"0.1\"`"
            ),
            "/event-contracts/include.rs"
        ));
    };
}

/// The macro that the build script's `include.rs` calls, with the release of `event-codegen` that
/// wrote it: includes the types, or reports one error if they are for another release.
#[doc(hidden)]
#[macro_export]
macro_rules! __included {
    ("0.1") => {
        ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/event-contracts/events.rs"));
    };
    ($other:literal) => {
        ::core::compile_error!(::core::concat!(
            "event-codegen ",
            $other,
            " has generated the types of this package, and event-runtime is of the release 0.1\n\
             to fix: the same release of both in Cargo.toml"
        ));
    };
}

/// Names for generated code. Not part of the public API: it changes with the macros.
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

/// Shared with `event-aws`. Not part of the public API: no semver.
#[doc(hidden)]
pub mod __internal {
    pub use crate::idempotency::state;
    pub use crate::shown::{misfit, shown};
}

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
