//! Who reads what, from which queue, and what becomes of failures: declared once, typed, checked.
//!
//! - [`Consumer::of`](crate::consume::Consumer::of) declares a consumer: the events that it reads as
//!   types, the retries of its rule, its queue, for how long it remembers events
//! - [`reads!`](crate::reads) lists several events; two majors of one do not compile without an
//!   upcast
//! - [`Topology::on`] collects the consumers of a bus; `build` tells all problems at once
//! - [`plan`]: the same as data. It prints as JSON, and it is what the embedded bus runs from
//! - [`Attach`]: `topology.handlers(..)` begins the handlers of a declared consumer, and `topology.fits(..)` says
//!   whether they are all there
//!
//! The topology itself, without types and handlers, is the crate `event_topology`, which is re-exported here:
//! plain data, for what sets it up.

mod attach;
mod declare;
mod reads;

pub use attach::{Attach, NotDeclared};
pub use event_topology::{
    Declaration, Problem, Queue, Topology, TopologyBuilder, TopologyError, plan,
};
pub use reads::ReadList;
#[doc(hidden)]
pub use reads::{List, Listed, Reads, Upcast, one_major_each};
