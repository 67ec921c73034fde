//! The seam between publishing and a bus.

use std::future::Future;
use std::sync::Arc;

use super::Entry;
use crate::shown::shown;

/// The codes of entries and requests that AWS asks to try again. All others are permanent: they say
/// the same to the same entry. Source: *Amazon EventBridge API Reference*, `PutEventsResultEntry`.
pub const RETRYABLE_CODES: [&str; 2] = ["ThrottlingException", "InternalFailure"];

/// The code of a call that was refused because it was too large as a whole. It is divided and sent
/// again.
pub const REQUEST_TOO_LARGE: &str = "RequestTooLarge";

/// Puts entries onto a bus.
///
/// A transport makes one call and tells what came of it. Sizes, batches and retries are the
/// publisher's; a transport with a client that retries whole requests by itself should turn that
/// off or keep it short.
///
/// # Example
///
/// ```
/// use event_runtime::publish::{Entry, EntryOutcome, Transport, TransportError};
///
/// /// Prints what would be published.
/// struct DryRun;
///
/// impl Transport for DryRun {
///     async fn put(&self, entries: &[Entry]) -> Result<Vec<EntryOutcome>, TransportError> {
///         let accepted = |entry: &Entry| {
///             tracing::info!("{} {}", entry.detail_type, entry.detail);
///             EntryOutcome::Accepted { aws_event_id: entry.id.to_string() }
///         };
///         Ok(entries.iter().map(accepted).collect())
///     }
/// }
/// ```
pub trait Transport: Send + Sync {
    /// One call with these entries: at least one, and no more than the limits allow.
    ///
    /// # Errors
    ///
    /// [`TransportError`] when the call as a whole failed, or its answer was lost. An entry that was
    /// refused is no error of the call but its [`EntryOutcome`].
    fn put(
        &self,
        entries: &[Entry],
    ) -> impl Future<Output = Result<Vec<EntryOutcome>, TransportError>> + Send;
}

/// What a bus answered for one entry. The answers stand in the order of the entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryOutcome {
    /// The bus has it.
    Accepted {
        /// The id that the bus gave this delivery.
        aws_event_id: String,
    },
    /// The bus has it not.
    Failed {
        /// AWS's `ErrorCode`.
        code: String,
        /// AWS's `ErrorMessage`.
        message: String,
    },
}

/// Why a call as a whole failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", shown(.code), shown(.message))]
pub struct TransportError {
    /// Whether the same call may succeed later. Entries of a lost answer are sent again with their
    /// ids, and consumers recognise the duplicates by them.
    pub retryable: bool,
    /// AWS's error code, or a name for what broke on the way.
    pub code: String,
    /// What it says.
    pub message: String,
}

impl TransportError {
    /// A failure that may pass: throttling, a time-out, a lost connection.
    pub fn retryable(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { retryable: true, code: code.into(), message: message.into() }
    }

    /// A call that was too large as a whole, for an account with an older limit or something in between.
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::permanent(REQUEST_TOO_LARGE, message)
    }

    /// A failure that stays: no permission, no such bus.
    pub fn permanent(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { retryable: false, code: code.into(), message: message.into() }
    }
}

impl<T: Transport> Transport for &T {
    fn put(
        &self,
        entries: &[Entry],
    ) -> impl Future<Output = Result<Vec<EntryOutcome>, TransportError>> + Send {
        T::put(self, entries)
    }
}

impl<T: Transport> Transport for Arc<T> {
    fn put(
        &self,
        entries: &[Entry],
    ) -> impl Future<Output = Result<Vec<EntryOutcome>, TransportError>> + Send {
        T::put(self, entries)
    }
}
