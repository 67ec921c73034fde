//! Claims in a database file, which outlive the process.

use std::sync::Arc;

use jiff::Timestamp;
use redb::{ReadableTable, TableDefinition, WriteTransaction};

use super::state::{self, Item, Status, Write};
use super::{
    Attempt, Claim, IdempotencyStore, Key, Lease, OnTimeout, Owner, Settled, Terms,
    TransactionalStore,
};
use crate::embedded::Database;
use crate::store::{BoxFuture, StoreError};

/// The status: 0 completed, 1 in progress, 2 in progress and blocked after. The owner. The expiry in
/// seconds and the end of the lease in milliseconds since the epoch. The payload's fingerprint. The
/// result.
type Row<'a> = (u8, u128, i64, i64, Option<&'a str>, Option<&'a str>);

const COMPLETED: u8 = 0;
const IN_PROGRESS: u8 = 1;
const IN_PROGRESS_BLOCKS: u8 = 2;

const ITEMS: TableDefinition<'_, &str, Row<'_>> = TableDefinition::new("claims");

/// An [`IdempotencyStore`] in a [`Database`]. Each operation is one transaction, durable when it
/// returns, and runs on tokio's blocking threads.
///
/// # Example
///
/// ```no_run
/// use event_runtime::embedded::Database;
/// use event_runtime::idempotency::RedbStore;
///
/// let store = RedbStore::new(&Database::open("claims.redb")?);
/// # Ok::<(), event_runtime::store::StoreError>(())
/// ```
#[derive(Debug, Clone)]
pub struct RedbStore(Database);

impl RedbStore {
    /// Returns the store in this database.
    pub fn new(database: &Database) -> Self {
        Self(database.clone())
    }

    /// Removes expired items. Such keys are free without that, so this only saves space: call it
    /// now and then.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the database failed to write.
    pub async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        self.0
            .write(move |transaction| {
                let mut table = transaction.open_table(ITEMS)?;
                table.retain(|_, row| !item(row).is_free(now))?;
                Ok(())
            })
            .await
    }

    fn change<T: Send + 'static>(
        &self,
        key: &Key,
        decide: impl FnOnce(Option<&Item>) -> (Write, T) + Send + 'static,
    ) -> BoxFuture<'_, Result<T, StoreError>> {
        let key = key.clone();
        Box::pin(self.0.write(move |transaction| change(transaction, &key, decide)))
    }
}

fn change<T>(
    transaction: &WriteTransaction,
    key: &Key,
    decide: impl FnOnce(Option<&Item>) -> (Write, T),
) -> Result<T, redb::Error> {
    let mut table = transaction.open_table(ITEMS)?;
    let stored = table.get(key.as_str())?.map(|row| item(row.value()));
    let (write, answer) = decide(stored.as_ref());
    match write {
        Write::Keep => {}
        Write::Put(item) => {
            let payload = item.payload.as_ref().map(ToString::to_string);
            table.insert(key.as_str(), row(&item, payload.as_deref()))?;
        }
        Write::Delete => {
            table.remove(key.as_str())?;
        }
    }
    Ok(answer)
}

fn row<'a>(item: &'a Item, payload: Option<&'a str>) -> Row<'a> {
    let (status, until, result) = match &item.status {
        Status::Completed { result } => (COMPLETED, 0, result.as_deref()),
        Status::InProgress { until, on_timeout: OnTimeout::Retry } => (IN_PROGRESS, *until, None),
        Status::InProgress { until, on_timeout: OnTimeout::Block } => {
            (IN_PROGRESS_BLOCKS, *until, None)
        }
    };
    (status, item.owner.to_u128(), item.expiry, until, payload, result)
}

fn item((status, owner, expiry, until, payload, result): Row<'_>) -> Item {
    let status = match status {
        COMPLETED => Status::Completed { result: result.map(Arc::from) },
        IN_PROGRESS_BLOCKS => Status::InProgress { until, on_timeout: OnTimeout::Block },
        _ => Status::InProgress { until, on_timeout: OnTimeout::Retry },
    };
    let payload = payload.and_then(|text| text.parse().ok());
    Item { status, owner: Owner::from_u128(owner), expiry, payload }
}

impl IdempotencyStore for RedbStore {
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        let (own, terms) = (attempt.clone(), *terms);
        self.change(&attempt.key, move |item| state::claim(item, &own, now, &terms))
    }

    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let (own, terms) = (lease.clone(), *terms);
        self.change(&lease.key, move |item| state::renew(item, &own, now, &terms))
    }

    fn complete<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let (own, terms, result) = (lease.clone(), *terms, result.map(ToOwned::to_owned));
        self.change(&lease.key, move |item| {
            state::complete(item, &own, now, &terms, result.as_deref())
        })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let own = lease.clone();
        self.change(&lease.key, move |item| state::release(item, &own))
    }

    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>> {
        self.change(key, |_| (Write::Delete, ()))
    }
}

impl TransactionalStore for RedbStore {
    /// Writes to the tables of the same database, in the transaction that marks the key as done. An
    /// error rolls all of it back. Runs on a blocking thread.
    type Effect = Box<dyn FnOnce(&WriteTransaction) -> Result<(), redb::Error> + Send>;

    fn complete_with<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
        effect: Self::Effect,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let (own, terms, result) = (lease.clone(), *terms, result.map(ToOwned::to_owned));
        Box::pin(self.0.write(move |transaction| {
            let (applies, settled) = change(transaction, &own.key, |item| {
                let (write, settled) = state::complete(item, &own, now, &terms, result.as_deref());
                let applies = matches!(write, Write::Put(_));
                (write, (applies, settled))
            })?;
            if applies {
                effect(transaction)?;
            }
            Ok(settled)
        }))
    }
}
