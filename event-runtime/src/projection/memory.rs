//! Rows in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Effect, ProjectionStore, Row};
use crate::store::{BoxFuture, StoreError};

/// A [`ProjectionStore`] that ends with the process. Clones share their rows.
#[derive(Debug, Clone, Default)]
pub struct MemoryProjections(Arc<Mutex<Rows>>);

/// By projection, then by key.
type Rows = BTreeMap<String, BTreeMap<String, Row>>;

impl MemoryProjections {
    /// Returns an empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

impl ProjectionStore for MemoryProjections {
    fn put<'a>(
        &'a self,
        projection: &'a str,
        key: &'a str,
        row: Row,
    ) -> BoxFuture<'a, Result<Effect, StoreError>> {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = rows.entry(projection.to_owned()).or_default();
        let effect = row.over(rows.get(key));
        if effect.is_written() {
            rows.insert(key.to_owned(), row);
        }
        Box::pin(std::future::ready(Ok(effect)))
    }

    fn get<'a>(
        &'a self,
        projection: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Result<Option<Row>, StoreError>> {
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let row = rows.get(projection).and_then(|rows| rows.get(key)).cloned();
        Box::pin(std::future::ready(Ok(row)))
    }
}
