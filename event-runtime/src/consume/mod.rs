//! From messages to handlers, each event's effect once.
//!
//! For each message: read the head, choose the handler by type and major, decode the payload, claim
//! the event, handle it, and mark it as done. In this order: marking before handling would lose an
//! event whose handler crashed, and handling without a claim would do it twice.
//!
//! Each message has its own [`Outcome`]. One that is broken or fails holds no other back, and never
//! fails a batch.
//!
//! What a consumer does with an event that it has no handler for is its choice: [`Unhandled`].
//!
//! This room knows no queue: whoever receives messages makes [`Record`]s of them and acts on the
//! outcomes.

mod builder;
pub(crate) mod caught;
mod consumer;
mod context;
mod dead_letter;
mod deliver;
mod flights;
mod guard;
mod handler;
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
