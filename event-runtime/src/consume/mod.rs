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
//! This module does not depend on a queue: the code that receives messages converts them to
//! [`Record`]s and acts on the outcomes.

mod builder;
pub(crate) mod caught;
mod consumer;
mod context;
mod dead_letter;
mod deliver;
mod flights;
pub(crate) mod function;
mod guard;
mod handler;
mod identity;
mod in_order;
mod keeper;
mod outcome;
mod route;
pub(crate) mod stop;

pub use builder::{BuildError, BuildProblem, ConsumerBuilder};
pub use consumer::{Consumer, Subscription};
pub use context::{Context, Once};
pub use dead_letter::{DeadLetter, DeadLetters};
pub use deliver::{Delivered, Verdict};
pub use handler::{HandlerError, HandlerErrorKind};
pub use in_order::{InOrder, in_order};
pub use outcome::{BatchReport, DeadLetterKind, Outcome, Record, Stats};
pub use route::Unhandled;
pub use stop::{Stop, Stopper};
