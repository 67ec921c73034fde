//! The interface between publishing and a bus.

use std::future::Future;
use std::sync::Arc;

use super::Entry;
use crate::shown::shown;

/// The error codes of entries and requests that AWS asks to retry. All others are permanent: a
/// retry of the same entry has the same result. Source: *Amazon EventBridge API Reference*,
/// `PutEventsResultEntry`.
pub const RETRYABLE_CODES: [&str; 2] = ["ThrottlingException", "InternalFailure"];

/// The error code of a call that was too large as a whole. It is split and sent again.
pub const REQUEST_TOO_LARGE: &str = "RequestTooLarge";

/// Puts entries on a bus.
///
/// A transport makes one call and returns its result. The publisher handles sizes, batches and
/// retries; a transport with a client that retries whole requests should turn that off or keep it
/// short.
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
    /// Makes one call with these entries: at least one, and no more than the limits allow.
    ///
    /// # Errors
    ///
    /// [`TransportError`] if the call as a whole failed, or its response was lost. A refused entry
    /// is not an error of the call but an [`EntryOutcome`].
    fn put(
        &self,
        entries: &[Entry],
    ) -> impl Future<Output = Result<Vec<EntryOutcome>, TransportError>> + Send;
}

/// The result of one entry. Results are in the order of the entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryOutcome {
    /// The bus accepted the entry.
    Accepted {
        /// The id that the bus gave this delivery.
        aws_event_id: String,
    },
    /// The bus rejected the entry.
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
    /// Whether the same call may succeed later. After a lost response the entries are sent again
    /// with the same IDs, and consumers detect the duplicates by them.
    pub retryable: bool,
    /// AWS's error code, or a name for a failure on the way.
    pub code: String,
    /// The error message.
    pub message: String,
}

impl TransportError {
    /// Returns a transient error: throttling, a timeout, a lost connection.
    pub fn retryable(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { retryable: true, code: code.into(), message: message.into() }
    }

    /// Returns the error of a call that was too large as a whole, for an account with an older
    /// limit or because of something in between.
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::permanent(REQUEST_TOO_LARGE, message)
    }

    /// Returns a permanent error: a missing permission, a bus that does not exist.
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
