//! Where messages go that no try will mend.

use std::collections::BTreeMap;

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
    /// The X-Ray header that came with it.
    pub trace: Option<&'a str>,
    /// The attributes that its sender set.
    pub attributes: &'a BTreeMap<String, String>,
    /// What kind of failure it is.
    pub kind: DeadLetterKind,
    /// Why.
    pub reason: &'a str,
}

/// What came with a message besides its text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside<'a> {
    pub(super) group: Option<&'a str>,
    pub(super) trace: Option<&'a str>,
    pub(super) attributes: &'a BTreeMap<String, String>,
}

impl<'a> DeadLetter<'a> {
    pub(super) fn new(
        consumer: &'a ConsumerName,
        record: &'a Record,
        beside: Beside<'a>,
        kind: DeadLetterKind,
        reason: &'a str,
    ) -> Self {
        let Beside { group, trace, attributes } = beside;
        Self { consumer, record, group, trace, attributes, kind, reason }
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
