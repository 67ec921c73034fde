//! What the traits of the stores share.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

/// The future of a store's operation. Boxed, so that stores can be chosen at run time; next to the
/// operation itself, one allocation weighs nothing.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A store that did not answer, or not as it should. The operation may have taken place.
#[derive(Debug, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StoreError(#[source] Box<dyn Error + Send + Sync>);

impl StoreError {
    /// From the error of whatever the store is built on.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

/// A transactional effect that the store refused because a condition of it does not hold: the stock
/// is gone, the row has another version. Nothing was applied, neither the effect nor the mark.
///
/// It is found in the [`source`](Error::source) of a [`StoreError`]. An effect of your own may return
/// it, where its store takes closures.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("action {at} of the effect was refused: `{code}`{}", if .message.is_empty() { String::new() } else { format!(": {message}") })]
pub struct EffectRefused {
    /// Which action, counted from 0.
    pub at: usize,
    /// Why: `ConditionalCheckFailed`.
    pub code: String,
    /// What the store says besides.
    pub message: String,
}
