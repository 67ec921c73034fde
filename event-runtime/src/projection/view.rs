//! A projection with its type: what handlers write and queries read.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::warn;

use super::{Effect, ProjectionStore, Revision, Row};
use crate::shown::{misfit, shown};
use crate::store::StoreError;

/// The rows of one read model, each a `V`. Cheap to clone; clones share store and counts.
///
/// `V` must serialise the same each time, for duplicates to be seen as such: no `HashMap` in it.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use event_runtime::projection::{Effect, MemoryProjections, Projection, Revision};
///
/// let totals = Projection::<u32>::new("totals", MemoryProjections::new());
/// assert_eq!(totals.upsert("A-1", Revision::Sequence(1), &10).await?, Effect::Written);
/// assert_eq!(totals.upsert("A-1", Revision::Sequence(2), &20).await?, Effect::Written);
/// assert_eq!(totals.upsert("A-1", Revision::Sequence(1), &10).await?, Effect::Stale);
/// assert_eq!(totals.get("A-1").await?, Some(20));
/// assert_eq!(totals.counts().stale, 1);
/// # Ok(())
/// # }
/// ```
pub struct Projection<V> {
    name: Arc<str>,
    store: Arc<dyn ProjectionStore>,
    counts: Arc<Mutex<ProjectionCounts>>,
    value: PhantomData<fn() -> V>,
}

/// What came of the rows that were written through a [`Projection`] since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProjectionCounts {
    /// Rows that were newer: those after a gap among them.
    pub written: u64,
    /// Revisions that were missing when a newer one was written. They may have come late since.
    pub missing: u64,
    /// Rows that were older than what is stored.
    pub stale: u64,
    /// Rows that were stored already.
    pub duplicates: u64,
    /// Rows with another value than is stored for the same revision.
    pub conflicts: u64,
}

/// Why a row was not written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectionError {
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The value does not serialise to JSON.
    #[error("a row of projection `{projection}` does not serialise: {error}")]
    Write {
        /// The name of the projection.
        projection: Arc<str>,
        /// What the JSON writer says.
        error: serde_json::Error,
    },
    /// The stored JSON is no `V`: the type has changed since it was written.
    #[error(
        "row `{}` of projection `{projection}` is not valid for its type: {}",
        shown(.key),
        misfit(.error)
    )]
    Read {
        /// The name of the projection.
        projection: Arc<str>,
        /// The key of the row.
        key: String,
        /// What the JSON reader says.
        error: serde_json::Error,
    },
}

impl<V: Serialize + DeserializeOwned> Projection<V> {
    /// The projection of this name in this store.
    pub fn new(name: &str, store: impl ProjectionStore + 'static) -> Self {
        Self {
            name: name.into(),
            store: Arc::new(store),
            counts: Arc::default(),
            value: PhantomData,
        }
    }

    /// Writes a row, if it is newer than what is stored.
    ///
    /// # Errors
    ///
    /// [`ProjectionError::Store`] and [`ProjectionError::Write`].
    pub async fn upsert(
        &self,
        key: &str,
        revision: Revision,
        value: &V,
    ) -> Result<Effect, ProjectionError> {
        let value = serde_json::to_string(value)
            .map_err(|error| ProjectionError::Write { projection: self.name.clone(), error })?;
        self.put(key, Row { revision, value: Some(value) }).await
    }

    /// Deletes a row, if this is newer than what is stored. A tombstone stays.
    ///
    /// # Errors
    ///
    /// [`ProjectionError::Store`].
    pub async fn delete(&self, key: &str, revision: Revision) -> Result<Effect, ProjectionError> {
        self.put(key, Row { revision, value: None }).await
    }

    /// The value of a row; `None` where there is none, or no more.
    ///
    /// # Errors
    ///
    /// [`ProjectionError::Store`] and [`ProjectionError::Read`].
    pub async fn get(&self, key: &str) -> Result<Option<V>, ProjectionError> {
        let row = self.store.get(&self.name, key).await?;
        let Some(value) = row.and_then(|row| row.value) else { return Ok(None) };
        serde_json::from_str(&value).map(Some).map_err(|error| ProjectionError::Read {
            projection: self.name.clone(),
            key: key.to_owned(),
            error,
        })
    }

    /// What came of the rows written so far.
    pub fn counts(&self) -> ProjectionCounts {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn put(&self, key: &str, row: Row) -> Result<Effect, ProjectionError> {
        let effect = self.store.put(&self.name, key, row).await?;
        if matches!(effect, Effect::Conflict { .. } | Effect::WrittenAfterGap { .. }) {
            let key = shown(key);
            warn!(projection = %self.name, key, ?effect, "row out of line");
        }
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).add(effect);
        Ok(effect)
    }
}

impl ProjectionCounts {
    fn add(&mut self, effect: Effect) {
        match effect {
            Effect::Written => self.written += 1,
            Effect::WrittenAfterGap { missing } => {
                self.written += 1;
                self.missing = self.missing.saturating_add(missing);
            }
            Effect::Stale => self.stale += 1,
            Effect::Duplicate => self.duplicates += 1,
            Effect::Conflict { .. } => self.conflicts += 1,
        }
    }
}

// By hand: neither needs anything of `V`.
impl<V> Clone for Projection<V> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            store: self.store.clone(),
            counts: self.counts.clone(),
            value: PhantomData,
        }
    }
}

impl<V> fmt::Debug for Projection<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Projection").field("name", &self.name).finish_non_exhaustive()
    }
}
