//! Declares who reads what, from which queue, and what happens to failures: once, typed, checked.
//!
//! - [`Consumer::of`](crate::consume::Consumer::of) declares a consumer: the types of the events
//!   that it reads, the retries of its rule, its queue, and how long it remembers events
//! - [`reads!`](crate::reads) lists several events; two majors of one do not compile without an
//!   upcast
//! - [`Filter`] takes only events with certain values, checked against the type of the event
//! - [`Topology::on`] collects the consumers of a bus; `build` reports all problems at once
//! - [`plan`]: the topology as data. It prints as JSON, and the embedded bus runs from it
//! - [`Attach`]: `topology.handlers(..)` returns the builder of a declared consumer, and
//!   `topology.fits(..)` checks that all handlers are present
//!
//! The topology itself, without types and handlers, is in the crate `event_topology`, which is
//! re-exported here as plain data, for deployment tools.

mod attach;
mod declare;
mod filter;
mod reads;

pub use attach::{Attach, NotDeclared};
pub use event_topology::{
    Alarms, Declaration, Problem, Queue, Topology, TopologyBuilder, TopologyError, pattern, plan,
};
pub use filter::{Filter, payload_of};
pub use reads::ReadList;
#[doc(hidden)]
pub use reads::{List, Listed, Reads, Upcast, one_major_each, publish};
