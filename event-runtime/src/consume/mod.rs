//! Passes messages to handlers, so that each event takes effect once.
//!
//! For each message: parse the head, choose the handler by type and major, decode the payload,
//! claim the event, handle it, and mark it as done. The order matters: marking before handling
//! would lose an event whose handler crashed, and handling without a claim would handle it twice.
//!
//! Each message has its own [`Outcome`]. A broken or failing message does not affect the others,
//! and never fails a batch.
//!
//! [`Unhandled`] decides what a consumer does with an event without a handler.
//!
//! A handler is a closure ([`ConsumerBuilder::on`]), a function with what it needs as arguments
//! ([`ConsumerBuilder::handle`]), or a method of the shared state ([`ConsumerBuilder::method`]). With
//! the feature `tower`, layers stand around all of them.
//!
//! This module does not depend on a queue: the code that receives messages converts them to
//! [`Record`]s and acts on the outcomes.

mod builder;
pub(crate) mod caught;
mod consumer;
mod context;
mod dead_letter;
mod deliver;
mod extract;
mod flights;
mod guard;
mod handler;
mod in_order;
mod keeper;
mod layer;
mod outcome;
mod route;
pub(crate) mod stop;

pub use builder::{BuildError, BuildProblem, ConsumerBuilder};
pub use consumer::{Consumer, Subscription};
pub use context::{Context, Once};
pub use dead_letter::{DeadLetter, DeadLetters};
pub use deliver::{Delivered, Verdict};
pub use extract::{EventHandler, EventMethod, FromContext, FromState, State};
pub use handler::{HandlerError, HandlerErrorKind};
pub use in_order::{InOrder, in_order};
#[cfg(feature = "tower")]
pub use layer::{Call, CallError, Run};
pub use outcome::{BatchReport, DeadLetterKind, Outcome, Record, Stats};
pub use route::Unhandled;
pub use stop::{Stop, Stopper};
