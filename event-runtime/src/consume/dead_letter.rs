//! Where messages go that no try will mend.

use super::{DeadLetterKind, Record};
use crate::name::ConsumerName;
use crate::store::{BoxFuture, StoreError};

/// A message that is given up, and why.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct DeadLetter<'a> {
    /// Who gave it up.
    pub consumer: &'a ConsumerName,
    /// The message as it came.
    pub record: &'a Record,
    /// The FIFO group that it stands in.
    pub group: Option<&'a str>,
    /// What kind of failure it is.
    pub kind: DeadLetterKind,
    /// Why.
    pub reason: &'a str,
}

impl<'a> DeadLetter<'a> {
    pub(super) fn new(
        consumer: &'a ConsumerName,
        record: &'a Record,
        group: Option<&'a str>,
        kind: DeadLetterKind,
        reason: &'a str,
    ) -> Self {
        Self { consumer, record, group, kind, reason }
    }
}

/// A place for dead letters: a queue that people look into.
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
    /// Keeps a dead letter. Only when this succeeded is the message acknowledged where it came from.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: it may have been kept. The message is delivered again.
    fn send<'a>(&'a self, letter: DeadLetter<'a>) -> BoxFuture<'a, Result<(), StoreError>>;
}
