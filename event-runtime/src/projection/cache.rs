//! Caches rows within the process for a limited time.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{Effect, ProjectionStore, Row};
use crate::bounded::Bounded;
use crate::store::{BoxFuture, StoreError};

/// A store with a bounded read-through cache. Cheap to clone; clones share the cache.
///
/// A row is read from the store once in its time to live, and rows that are written through this
/// cache are visible at once. Writes of other processes are visible after the time to live, which
/// is the maximum age of a result. Missing rows are cached too.
///
/// Rows have a total order and only the greatest stays, so a read that was running while a newer
/// row was written cannot restore the older one.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use event_runtime::projection::{Effect, MemoryProjections, Projection, ReadCache, Revision};
///
/// let cache = ReadCache::new(MemoryProjections::new(), 1000, Duration::from_secs(5));
/// let totals = Projection::<u32>::new("totals", cache.clone());
/// assert_eq!(totals.upsert("A-1", Revision::Sequence(1), &10).await?, Effect::Written);
/// assert_eq!(totals.get("A-1").await?, Some(10));
/// assert_eq!(cache.hits(), 1);
/// # Ok(())
/// # }
/// ```
pub struct ReadCache<S> {
    store: S,
    time_to_live: Duration,
    rows: Arc<Mutex<Rows>>,
}

struct Rows {
    /// By projection and key. `None` if the store has no row.
    by_key: Bounded<(String, String), (Instant, Option<Row>)>,
    hits: u64,
    misses: u64,
}

impl<S> ReadCache<S> {
    /// Returns a cache for this number of rows, each for this time. When it is full, it drops the
    /// oldest one.
    pub fn new(store: S, capacity: usize, time_to_live: Duration) -> Self {
        let rows = Rows { by_key: Bounded::new(capacity), hits: 0, misses: 0 };
        Self { store, time_to_live, rows: Arc::new(Mutex::new(rows)) }
    }

    /// Returns how many reads were answered without the store.
    pub fn hits(&self) -> u64 {
        self.lock().hits
    }

    /// Returns how many reads called the store.
    pub fn misses(&self) -> u64 {
        self.lock().misses
    }

    /// Returns the inner store.
    pub fn store(&self) -> &S {
        &self.store
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rows {
    fn fresh(&self, at: &(String, String), time_to_live: Duration) -> Option<&Option<Row>> {
        let (learnt, row) = self.by_key.get(at)?;
        (learnt.elapsed() < time_to_live).then_some(row)
    }

    /// Caches a row, unless a greater one is cached that is fresh.
    fn learn(&mut self, at: (String, String), row: Option<Row>, time_to_live: Duration) {
        let newer = self.fresh(&at, time_to_live).is_some_and(|known| *known > row);
        if !newer {
            self.by_key.put(at, (Instant::now(), row));
        }
    }
}

impl<S: ProjectionStore> ProjectionStore for ReadCache<S> {
    fn put<'a>(
        &'a self,
        projection: &'a str,
        key: &'a str,
        row: Row,
    ) -> BoxFuture<'a, Result<Effect, StoreError>> {
        Box::pin(async move {
            let at = (projection.to_owned(), key.to_owned());
            let effect = self.store.put(projection, key, row.clone()).await;
            let mut rows = self.lock();
            match &effect {
                Ok(effect) if effect.is_written() || *effect == Effect::Duplicate => {
                    rows.learn(at, Some(row), self.time_to_live);
                }
                // A greater row is stored, or the stored row is unknown.
                _ => rows.by_key.remove(&at),
            }
            drop(rows);
            effect
        })
    }

    fn get<'a>(
        &'a self,
        projection: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Result<Option<Row>, StoreError>> {
        Box::pin(async move {
            let at = (projection.to_owned(), key.to_owned());
            {
                let mut rows = self.lock();
                if let Some(row) = rows.fresh(&at, self.time_to_live).cloned() {
                    rows.hits += 1;
                    return Ok(row);
                }
                rows.misses += 1;
            }
            let row = self.store.get(projection, key).await?;
            self.lock().learn(at, row.clone(), self.time_to_live);
            Ok(row)
        })
    }
}

// By hand: clones share the cache whatever the store is.
impl<S: Clone> Clone for ReadCache<S> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            time_to_live: self.time_to_live,
            rows: Arc::clone(&self.rows),
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for ReadCache<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadCache").field("store", &self.store).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projection::{MemoryProjections, Revision};

    const TIME_TO_LIVE: Duration = Duration::from_secs(5);

    fn row(number: u64) -> Row {
        Row { revision: Revision::Sequence(number), value: Some(number.to_string()) }
    }

    #[tokio::test(start_paused = true)]
    async fn foreign_writes_are_visible_after_time_to_live_and_own_at_once() {
        let store = MemoryProjections::new();
        let cache = ReadCache::new(store.clone(), 10, TIME_TO_LIVE);
        assert_eq!(cache.get("p", "k").await.unwrap(), None);
        let _ = store.put("p", "k", row(1)).await.unwrap();
        assert_eq!(cache.get("p", "k").await.unwrap(), None); // remembered
        tokio::time::advance(TIME_TO_LIVE).await;
        assert_eq!(cache.get("p", "k").await.unwrap(), Some(row(1)));

        let _ = cache.put("p", "k", row(2)).await.unwrap();
        assert_eq!(cache.get("p", "k").await.unwrap(), Some(row(2)));
        assert_eq!((cache.hits(), cache.misses()), (2, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn stale_write_drops_cached_row() {
        let store = MemoryProjections::new();
        let cache = ReadCache::new(store.clone(), 10, TIME_TO_LIVE);
        let _ = cache.put("p", "k", row(1)).await.unwrap();
        let _ = store.put("p", "k", row(9)).await.unwrap();
        assert_eq!(cache.put("p", "k", row(5)).await.unwrap(), Effect::Stale);
        assert_eq!(cache.get("p", "k").await.unwrap(), Some(row(9)));
    }

    #[tokio::test(start_paused = true)]
    async fn running_read_does_not_restore_older_row() {
        let mut rows = Rows { by_key: Bounded::new(10), hits: 0, misses: 0 };
        let at = || ("p".to_owned(), "k".to_owned());
        rows.learn(at(), Some(row(2)), TIME_TO_LIVE); // written
        rows.learn(at(), Some(row(1)), TIME_TO_LIVE); // read before that, answered after
        rows.learn(at(), None, TIME_TO_LIVE);
        assert_eq!(rows.fresh(&at(), TIME_TO_LIVE), Some(&Some(row(2))));
        // Old enough to be wrong: what is read now counts, be it that the row was deleted by hand.
        tokio::time::advance(TIME_TO_LIVE).await;
        rows.learn(at(), None, TIME_TO_LIVE);
        assert_eq!(rows.fresh(&at(), TIME_TO_LIVE), Some(&None));
    }

    #[tokio::test]
    async fn cache_is_bounded() {
        let cache = ReadCache::new(MemoryProjections::new(), 10, TIME_TO_LIVE);
        for key in 0..1000 {
            assert_eq!(cache.get("p", &key.to_string()).await.unwrap(), None);
        }
        assert_eq!(cache.lock().by_key.len(), 10);
    }
}
