//! Who reads what, from which queue, and what becomes of failures: declared once, typed, checked.
//!
//! - [`Consumer::of`](crate::consume::Consumer::of) declares a consumer: the events that it reads as
//!   types, the retries of its rule, its queue, for how long it remembers events
//! - [`reads!`](crate::reads) lists several events; two majors of one do not compile without an
//!   upcast
//! - [`Topology::on`] collects the consumers of a bus; `build` tells all problems at once
//! - [`plan`]: the same as data. It prints as JSON, and it is what the embedded bus runs from
//! - [`Topology::handlers`] begins the handlers of a declared consumer, and [`Topology::fits`] says
//!   whether they are all there
//!
//! For each consumer there is one rule, which matches exactly what the consumer reads; one queue; and
//! two dead-letter queues: one for events that the rule could not deliver to the queue, and one for
//! messages that the consumer could not handle. Their messages have two formats
//! ([`plan::Holds`]).
//!
//! This room knows no bus, no queue and no client: it says what is to be there, and others set it up.

mod attach;
mod build;
mod check;
mod declaration;
mod pattern;
pub mod plan;
mod problem;
mod queue;
mod reads;

pub use attach::NotDeclared;
pub use build::{Topology, TopologyBuilder};
pub use declaration::Declaration;
pub use problem::{Problem, TopologyError};
pub use queue::Queue;
pub use reads::ReadList;
#[doc(hidden)]
pub use reads::{List, Listed, Reads, Upcast, one_major_each};
