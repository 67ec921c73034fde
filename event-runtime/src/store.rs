//! Types that the store traits share.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

/// The future of a store's operation. Boxed, so that stores can be chosen at run time; compared
/// with the operation, one allocation does not matter.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A store that did not respond, or responded with an error. The operation may have taken place.
#[derive(Debug, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StoreError(#[source] Box<dyn Error + Send + Sync>);

impl StoreError {
    /// Wraps an error of the underlying store.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

/// A transactional effect that the store refused because one of its conditions is not met: the
/// stock is gone, the row has another version. Nothing was applied, neither the effect nor the
/// mark.
///
/// It is in the [`source`](Error::source) of a [`StoreError`]. An effect of your own may return it,
/// if its store takes closures.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("action {at} of the effect was refused: `{code}`{}", if .message.is_empty() { String::new() } else { format!(": {message}") })]
pub struct EffectRefused {
    /// The index of the action, from 0.
    pub at: usize,
    /// The error code: `ConditionalCheckFailed`.
    pub code: String,
    /// The error message.
    pub message: String,
}
