//! Where messages go that no retry will fix.

use std::collections::BTreeMap;

use super::{DeadLetterKind, Record};
use crate::name::ConsumerName;
use crate::store::{BoxFuture, StoreError};
use crate::trace::Trace;

/// A rejected message and the reason.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct DeadLetter<'a> {
    /// The consumer that rejected it.
    pub consumer: &'a ConsumerName,
    /// The original message.
    pub record: &'a Record,
    /// Its FIFO group.
    pub group: Option<&'a str>,
    /// The trace that it belongs to; empty without one.
    pub trace: &'a Trace,
    /// The attributes that its sender set.
    pub attributes: &'a BTreeMap<String, String>,
    /// What kind of failure it is.
    pub kind: DeadLetterKind,
    /// The reason.
    pub reason: &'a str,
}

/// A message with what stands beside it, shared by its handler and its dead letter.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) record: Record,
    pub(super) group: Option<String>,
    pub(super) trace: Trace,
    pub(super) attributes: BTreeMap<String, String>,
}

impl<'a> DeadLetter<'a> {
    pub(super) fn new(
        consumer: &'a ConsumerName,
        message: &'a Message,
        kind: DeadLetterKind,
        reason: &'a str,
    ) -> Self {
        let Message { record, group, trace, attributes } = message;
        Self { consumer, record, group: group.as_deref(), trace, attributes, kind, reason }
    }
}

/// A place for dead letters, such as a queue that is monitored.
///
/// # Example
///
/// ```
/// use event_runtime::consume::{DeadLetter, DeadLetters};
/// use event_runtime::store::{BoxFuture, StoreError};
///
/// struct Log;
///
/// impl DeadLetters for Log {
///     fn send<'a>(&'a self, letter: DeadLetter<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
///         Box::pin(async move {
///             tracing::error!(consumer = %letter.consumer, letter.reason, "{}", letter.record.body);
///             Ok(())
///         })
///     }
/// }
/// ```
pub trait DeadLetters: Send + Sync {
    /// Stores a dead letter. The message is acknowledged at its source only if this succeeds.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the letter may have been stored. The message is delivered again.
    fn send<'a>(&'a self, letter: DeadLetter<'a>) -> BoxFuture<'a, Result<(), StoreError>>;
}
