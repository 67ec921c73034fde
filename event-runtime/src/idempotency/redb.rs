//! Claims in a database file: they outlive the process.

use std::time::Duration;

use jiff::Timestamp;
use redb::{ReadableTable, TableDefinition};

use super::state::{self, Item, Status, Write};
use super::{Claim, IdempotencyStore, Key, Lease, Owner, Settled};
use crate::embedded::Database;
use crate::store::{BoxFuture, StoreError};

/// Completed or not, the owner, and the end in milliseconds since the epoch.
type Row = (bool, u128, i64);

const ITEMS: TableDefinition<'_, &str, Row> = TableDefinition::new("idempotency");

/// An [`IdempotencyStore`] in a [`Database`]. Each operation is one transaction, durable when it
/// returns, and runs on tokio's blocking threads.
#[derive(Debug, Clone)]
pub struct RedbStore(Database);

impl RedbStore {
    /// The claims in this database.
    pub fn new(database: &Database) -> Self {
        Self(database.clone())
    }

    /// Removes what is over. The stores free such keys without that, so this only saves space: call
    /// it now and then.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the database did not write.
    pub async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        self.0
            .write(move |transaction| {
                let mut table = transaction.open_table(ITEMS)?;
                table.retain(|_, row| !item(row).is_over(now))?;
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
        Box::pin(self.0.write(move |transaction| {
            let mut table = transaction.open_table(ITEMS)?;
            let stored = table.get(key.as_str())?.map(|row| item(row.value()));
            let (write, answer) = decide(stored.as_ref());
            match write {
                Write::Keep => {}
                Write::Put(item) => {
                    table.insert(key.as_str(), row(&item))?;
                }
                Write::Delete => {
                    table.remove(key.as_str())?;
                }
            }
            Ok(answer)
        }))
    }
}

fn row(item: &Item) -> Row {
    let completed = item.status == Status::Completed;
    (completed, item.owner.to_u128(), item.until.as_millisecond())
}

fn item((completed, owner, until): Row) -> Item {
    Item {
        status: if completed { Status::Completed } else { Status::InProgress },
        owner: Owner::from_u128(owner),
        until: Timestamp::from_millisecond(until).unwrap_or(Timestamp::MAX),
    }
}

impl IdempotencyStore for RedbStore {
    fn claim<'a>(
        &'a self,
        key: &'a Key,
        owner: Owner,
        now: Timestamp,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        let claimed = key.clone();
        self.change(key, move |item| state::claim(item, &claimed, owner, now, lease))
    }

    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        by: Duration,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let own = lease.clone();
        self.change(&lease.key, move |item| state::renew(item, &own, now, by))
    }

    fn complete<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        keep: Duration,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let own = lease.clone();
        self.change(&lease.key, move |item| state::complete(item, &own, now, keep))
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let own = lease.clone();
        self.change(&lease.key, move |item| state::release(item, &own))
    }
}
