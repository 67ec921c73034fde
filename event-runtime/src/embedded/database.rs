//! One database file for what the embedded stores keep.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use redb::backends::InMemoryBackend;
use redb::{ReadTransaction, ReadableDatabase, WriteTransaction};

use crate::store::StoreError;

/// A database file, shared by the stores that are built on it. Cheap to clone.
///
/// # Example
///
/// ```
/// use event_runtime::embedded::Database;
/// use event_runtime::idempotency::RedbStore;
///
/// let database = Database::in_memory()?;
/// let store = RedbStore::new(&database);
/// # Ok::<(), event_runtime::store::StoreError>(())
/// ```
#[derive(Clone)]
pub struct Database(Arc<redb::Database>);

impl Database {
    /// Opens the file, or creates it.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: it cannot be opened, is no database, or is open in another process.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        redb::Database::create(path).map(|db| Self(Arc::new(db))).map_err(StoreError::new)
    }

    /// A database that ends with the process: the same code over memory.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the memory cannot be had.
    pub fn in_memory() -> Result<Self, StoreError> {
        redb::Database::builder()
            .create_with_backend(InMemoryBackend::new())
            .map(|db| Self(Arc::new(db)))
            .map_err(StoreError::new)
    }

    /// One transaction that writes, committed if `work` succeeds and undone if not.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, redb::Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.blocking(move |db| {
            let transaction = db.begin_write()?;
            let answer = work(&transaction)?;
            transaction.commit()?;
            Ok(answer)
        })
        .await
    }

    /// One transaction that reads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.blocking(move |db| work(&db.begin_read()?)).await
    }

    /// redb waits for the disk, and for the one writer that it lets in: not on an async thread.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&redb::Database) -> Result<T, redb::Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let database = Arc::clone(&self.0);
        match tokio::task::spawn_blocking(move || work(&database)).await {
            Ok(answer) => answer.map_err(StoreError::new),
            Err(stopped) => Err(StoreError::new(stopped)),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}
