//! Rows in a database file.

use jiff::Timestamp;
use redb::{ReadableTable, TableDefinition, TableError};
use ulid::Ulid;

use super::{Effect, ProjectionStore, Revision, Row};
use crate::EventId;
use crate::embedded::Database;
use crate::store::{BoxFuture, StoreError};

/// Whether the revision is a moment; the number, or the moment in nanoseconds since the epoch; the
/// event ID of a moment; the value.
type Stored<'a> = (bool, i128, u128, Option<&'a str>);

/// By projection and key.
const ROWS: TableDefinition<'_, (&str, &str), Stored<'_>> = TableDefinition::new("projection");

/// A [`ProjectionStore`] in a [`Database`]. Each write is one transaction, durable when it returns.
#[derive(Debug, Clone)]
pub struct RedbProjections(Database);

impl RedbProjections {
    /// Returns the store in this database.
    pub fn new(database: &Database) -> Self {
        Self(database.clone())
    }
}

fn to_stored(row: &Row) -> Stored<'_> {
    let value = row.value.as_deref();
    match row.revision {
        Revision::Sequence(number) => (false, number.into(), 0, value),
        Revision::Moment(at, id) => (true, at.as_nanosecond(), id.ulid().into(), value),
    }
}

fn from_stored((by_moment, at, id, value): Stored<'_>) -> Row {
    let revision = if by_moment {
        let at = Timestamp::from_nanosecond(at).unwrap_or(Timestamp::MAX);
        Revision::Moment(at, EventId::from(Ulid::from(id)))
    } else {
        Revision::Sequence(u64::try_from(at).unwrap_or(u64::MAX))
    };
    Row { revision, value: value.map(ToOwned::to_owned) }
}

impl ProjectionStore for RedbProjections {
    fn put<'a>(
        &'a self,
        projection: &'a str,
        key: &'a str,
        row: Row,
    ) -> BoxFuture<'a, Result<Effect, StoreError>> {
        let (projection, key) = (projection.to_owned(), key.to_owned());
        Box::pin(self.0.write(move |transaction| {
            let at = (projection.as_str(), key.as_str());
            let mut table = transaction.open_table(ROWS)?;
            let stored = table.get(at)?.map(|stored| from_stored(stored.value()));
            let effect = row.over(stored.as_ref());
            if effect.is_written() {
                table.insert(at, to_stored(&row))?;
            }
            Ok(effect)
        }))
    }

    fn get<'a>(
        &'a self,
        projection: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Result<Option<Row>, StoreError>> {
        let (projection, key) = (projection.to_owned(), key.to_owned());
        Box::pin(self.0.read(move |transaction| {
            let table = match transaction.open_table(ROWS) {
                Err(TableError::TableDoesNotExist(_)) => return Ok(None), // nothing written yet
                table => table?,
            };
            let stored = table.get((projection.as_str(), key.as_str()))?;
            Ok(stored.map(|stored| from_stored(stored.value())))
        }))
    }
}
