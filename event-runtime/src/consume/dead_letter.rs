//! Where messages go that no retry will fix.

use std::collections::BTreeMap;

use super::{DeadLetterKind, Record};
use crate::name::ConsumerName;
use crate::store::{BoxFuture, StoreError};

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
    /// Its X-Ray header.
    pub trace: Option<&'a str>,
    /// The attributes that its sender set.
    pub attributes: &'a BTreeMap<String, String>,
    /// What kind of failure it is.
    pub kind: DeadLetterKind,
    /// The reason.
    pub reason: &'a str,
}

/// The parts of a message besides its body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside<'a> {
    pub(super) group: Option<&'a str>,
    pub(super) trace: Option<&'a str>,
    pub(super) attributes: &'a BTreeMap<String, String>,
}

/// The attributes of a message that has none.
static NO_ATTRIBUTES: BTreeMap<String, String> = BTreeMap::new();

impl<'a> DeadLetter<'a> {
    /// Returns the dead letter of a message without a group, a trace and attributes: for a source
    /// of your own.
    pub fn of(
        consumer: &'a ConsumerName,
        record: &'a Record,
        kind: DeadLetterKind,
        reason: &'a str,
    ) -> Self {
        let beside = Beside { group: None, trace: None, attributes: &NO_ATTRIBUTES };
        Self::new(consumer, record, beside, kind, reason)
    }

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
