//! The database file of the embedded stores.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use redb::backends::InMemoryBackend;
use redb::{ReadTransaction, ReadableDatabase, WriteTransaction};
use tracing::warn;

use crate::consume::caught::said;
use crate::store::StoreError;

/// A database file that the stores built on it share. Cheap to clone.
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
///
/// Use [`read`](Self::read) to read what a transactional effect of a
/// [`RedbStore`](crate::idempotency::RedbStore) has written.
#[derive(Clone)]
pub struct Database(Arc<Open>);

/// An open database. Closing a damaged file may panic in redb, which is caught.
struct Open(Option<redb::Database>);

impl Drop for Open {
    fn drop(&mut self) {
        let database = self.0.take();
        if catch_unwind(AssertUnwindSafe(|| drop(database))).is_err() {
            warn!("failed to close a damaged database");
        }
    }
}

/// A file that redb opened as a database and then failed to use.
#[derive(Debug, thiserror::Error)]
#[error("{what} panicked: {said}")]
struct Damaged {
    what: &'static str,
    said: String,
}

/// Runs code that may panic if a file is damaged.
fn unless_damaged<T, E>(
    what: &'static str,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, StoreError>
where
    E: std::error::Error + Send + Sync + 'static,
{
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(StoreError::new),
        Err(panic) => Err(StoreError::new(Damaged { what, said: said(&*panic) })),
    }
}

impl Database {
    /// Opens the file, or creates it. Every page of an existing file is checked, which takes a few
    /// seconds per gigabyte.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the file cannot be opened, is not a database, is damaged, or is open in
    /// another process.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let mut builder = redb::Database::builder();
        builder.set_check_integrity_on_open(true);
        unless_damaged("opening a database file, which may be damaged,", || builder.create(path))
            .map(Self::of)
    }

    fn of(database: redb::Database) -> Self {
        Self(Arc::new(Open(Some(database))))
    }

    /// Returns a database that ends with the process: the same code in memory.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: not enough memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        redb::Database::builder()
            .create_with_backend(InMemoryBackend::new())
            .map(Self::of)
            .map_err(StoreError::new)
    }

    /// Runs one write transaction on tokio's blocking threads. It is committed if `work` succeeds,
    /// and rolled back if it fails or panics.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: `work` failed, or the database failed to write.
    pub async fn write<T: Send + 'static>(
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

    /// Runs one read transaction on tokio's blocking threads. It sees one consistent state. A table
    /// that was never written is a `TableDoesNotExist`.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: `work` failed, or the database failed to read.
    ///
    /// # Example
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use event_runtime::embedded::Database;
    /// use event_runtime::embedded::redb::TableDefinition;
    ///
    /// const STOCK: TableDefinition<'_, &str, u64> = TableDefinition::new("stock");
    ///
    /// let database = Database::in_memory()?;
    /// // Like an effect that is passed to `context.complete_with(..)`:
    /// database.write(|transaction| {
    ///     transaction.open_table(STOCK)?.insert("A-1", 3)?;
    ///     Ok(())
    /// }).await?;
    /// let left = database.read(|transaction| {
    ///     let left = transaction.open_table(STOCK)?.get("A-1")?.map(|left| left.value());
    ///     Ok(left)
    /// }).await?;
    /// assert_eq!(left, Some(3));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.blocking(move |db| work(&db.begin_read()?)).await
    }

    /// redb waits for the disk, and for its single writer, so it must not run on an async thread.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&redb::Database) -> Result<T, redb::Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let database = Arc::clone(&self.0);
        let work = move || match &database.0 {
            Some(open) => {
                unless_damaged("a transaction, in its work or for a damaged file,", || work(open))
            }
            None => Err(StoreError::new("the database is closed")),
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(answer) => answer,
            Err(stopped) => Err(StoreError::new(stopped)),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}
