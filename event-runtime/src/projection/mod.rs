//! A read model that is built from events, and read by key.
//!
//! Events arrive late, twice and out of order, so a row is written by one conditional write: only
//! if its revision is newer than the stored one. Other writes are not errors but are distinguished
//! and counted: [`Effect`]. A delete leaves a tombstone with its revision, because otherwise an
//! older event that arrives late would restore the row.
//!
//! Each event contains the whole value of its row. So the rows end in the same state, whatever the
//! order of the events and however often each arrives. (A row that *adds up* events needs each of
//! them exactly once; claim a sub-key for that.)

mod cache;
mod memory;
#[cfg(feature = "redb")]
mod redb;
mod row;
mod view;

use std::sync::Arc;

pub use cache::ReadCache;
pub use memory::MemoryProjections;
pub use row::{Effect, InvalidRevision, Revision, Row};
pub use view::{Projection, ProjectionCounts, ProjectionError};

#[cfg(feature = "redb")]
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

    /// Returns the stored row, which may be a tombstone.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the store did not respond.
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
