//! The interface between publishing and a bus.

use std::sync::Arc;

use super::Entry;
use crate::shown::shown;
use crate::store::BoxFuture;

/// Puts entries on a bus.
///
/// A transport makes one call and returns its result. The publisher handles sizes, batches and
/// retries; a transport with a client that retries whole requests should turn that off or keep it
/// short.
///
/// `EventBridge` of the crate `event-aws` is one; CONTRIBUTING.md of this project walks through another.
///
/// # Example
///
/// ```
/// use event_runtime::publish::{Entry, EntryOutcome, Transport, TransportError};
/// use event_runtime::store::BoxFuture;
///
/// /// Logs what would be published.
/// struct DryRun;
///
/// impl Transport for DryRun {
///     fn put<'a>(
///         &'a self,
///         entries: &'a [Entry],
///     ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>> {
///         Box::pin(async move {
///             let accepted = |entry: &Entry| {
///                 tracing::info!("{} {}", entry.detail_type, entry.detail);
///                 EntryOutcome::accepted(entry.id.to_string())
///             };
///             Ok(entries.iter().map(accepted).collect())
///         })
///     }
/// }
///
/// // Which one it is may be decided at run time.
/// let bus: std::sync::Arc<dyn Transport> = std::sync::Arc::new(DryRun);
/// let publisher = event_runtime::publish::Publisher::new(bus);
/// ```
pub trait Transport: Send + Sync {
    /// One call with these entries: at least one, and no more than the limits allow. The outcomes stand in the
    /// order of the entries, one for each; an answer with another number of them counts as lost.
    ///
    /// # Errors
    ///
    /// [`TransportError`] when the call as a whole failed, or its answer was lost. An entry that was
    /// refused is not an error of the call but its [`EntryOutcome`].
    fn put<'a>(
        &'a self,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>>;
}

/// What a bus answered for one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryOutcome {
    /// The bus accepted the entry.
    Accepted {
        /// The id that the bus gave this delivery. Not the event's: the next try gets another one.
        bus_id: String,
    },
    /// The bus refused the entry.
    Refused(Refusal),
}

impl EntryOutcome {
    /// The bus accepted the entry, and gave this delivery an id.
    pub fn accepted(bus_id: impl Into<String>) -> Self {
        Self::Accepted { bus_id: bus_id.into() }
    }
}

/// Why a bus refused an entry or a call: whether a later try may succeed, and what the bus says.
///
/// # Example
///
/// ```
/// use event_runtime::publish::Refusal;
///
/// let busy = Refusal::retryable("Throttled", "too many requests");
/// assert!(busy.retryable);
/// assert_eq!(busy.to_string(), "Throttled: too many requests");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", shown(.code), shown(.message))]
#[non_exhaustive]
pub struct Refusal {
    /// Whether the same may succeed later. Entries are sent again with their ids, and consumers
    /// recognise the duplicates by them.
    pub retryable: bool,
    /// The bus's error code, or a name for what broke on the way.
    pub code: String,
    /// The error message.
    pub message: String,
}

impl Refusal {
    /// A failure that may pass: throttling, a time-out, a lost connection.
    pub fn retryable(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { retryable: true, code: code.into(), message: message.into() }
    }

    /// A failure that stays: no permission, no such bus, an entry that the bus does not take.
    pub fn permanent(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { retryable: false, code: code.into(), message: message.into() }
    }
}

/// Why a call as a whole failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The call was refused, or its answer was lost. Where it is retryable the entries are sent again.
    #[error(transparent)]
    Failed(Refusal),
    /// The call was refused for its size as a whole, by an older limit of the account or by something in
    /// between. The publisher divides it, and remembers the smaller size; an entry that is too large alone is
    /// rejected.
    #[error("the call was too large: {0}")]
    TooLarge(Refusal),
}

impl TransportError {
    /// A failure that may pass: throttling, a time-out, a lost connection.
    pub fn retryable(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Failed(Refusal::retryable(code, message))
    }

    /// A failure that stays: no permission, no such bus.
    pub fn permanent(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Failed(Refusal::permanent(code, message))
    }

    /// A call that was too large as a whole.
    pub fn too_large(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::TooLarge(Refusal::permanent(code, message))
    }

    /// What the bus says.
    pub fn refusal(&self) -> &Refusal {
        match self {
            Self::Failed(refusal) | Self::TooLarge(refusal) => refusal,
        }
    }

    /// What the bus says, of each entry of the call.
    pub fn into_refusal(self) -> Refusal {
        match self {
            Self::Failed(refusal) | Self::TooLarge(refusal) => refusal,
        }
    }
}

impl<T: Transport + ?Sized> Transport for &T {
    fn put<'a>(
        &'a self,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>> {
        T::put(self, entries)
    }
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn put<'a>(
        &'a self,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>> {
        T::put(self, entries)
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn put<'a>(
        &'a self,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>> {
        T::put(self, entries)
    }
}
