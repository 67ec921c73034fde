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
