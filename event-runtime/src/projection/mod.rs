//! A read model that is built from events, and read by key.
//!
//! Events arrive late, twice and out of order, so a row is written by one conditional write: only by
//! a revision that is newer than the one it has. What does not pass is not an error but told apart
//! and counted: [`Effect`]. A delete leaves a tombstone with its revision, or an older event that
//! comes late would bring the row back.
//!
//! Each event carries the whole value of its row. That is what makes the law hold: whatever the
//! order of events and however often each arrives, the rows end the same. (A row that *adds up*
//! events needs each of them exactly once; claim a sub-key for that.)

mod cache;
mod memory;
#[cfg(feature = "embedded")]
mod redb;
mod row;
mod view;

use std::sync::Arc;

pub use cache::ReadCache;
pub use memory::MemoryProjections;
pub use row::{Effect, InvalidRevision, Revision, Row};
pub use view::{Projection, ProjectionCounts, ProjectionError};

#[cfg(feature = "embedded")]
pub use self::redb::RedbProjections;
use crate::store::{BoxFuture, StoreError};

/// Rows by the name of their projection and their key. Each operation is atomic.
pub trait ProjectionStore: Send + Sync {
    /// Writes the row if it is newer than the stored one.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the row may have been written. Writing it again is safe.
    fn put<'a>(
        &'a self,
        projection: &'a str,
        key: &'a str,
        row: Row,
    ) -> BoxFuture<'a, Result<Effect, StoreError>>;

    /// The row as it is stored, a tombstone too.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the store did not answer.
    fn get<'a>(
        &'a self,
        projection: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Result<Option<Row>, StoreError>>;
}

impl<S: ProjectionStore + ?Sized> ProjectionStore for Arc<S> {
    fn put<'a>(
        &'a self,
        projection: &'a str,
        key: &'a str,
        row: Row,
    ) -> BoxFuture<'a, Result<Effect, StoreError>> {
        S::put(self, projection, key, row)
    }

    fn get<'a>(
        &'a self,
        projection: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Result<Option<Row>, StoreError>> {
        S::get(self, projection, key)
    }
}
