//! The stores, each with a place where effects are entered in one with their mark.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, TransactWriteItem, Update};
use event_aws::dynamodb::{DynamoDbStore, create_claims};
use event_runtime::EventId;
use event_runtime::Timestamp;
use event_runtime::embedded::Database;
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, Lease, MemoryStore, RedbStore, Settled, Terms,
    TransactionalStore,
};
use event_runtime::name::ConsumerName;
use event_runtime::store::{BoxFuture, StoreError};
use event_tests_dynamodb::{Dynamo, Fault};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use redb::ReadableTable;
use tokio::runtime::{Handle, Runtime};

pub trait Court: Send + Sync + 'static {
    type Store: TransactionalStore + 'static;
    fn store(&self) -> Arc<Self::Store>;
    fn effect(&self, key: &Key) -> <Self::Store as TransactionalStore>::Effect;
    /// How often the effects of these keys were entered.
    async fn entered(&self, keys: &[Key]) -> HashMap<String, u64>;
}

type Entries = Arc<Mutex<BTreeMap<String, u64>>>;

/// Any store whose effects are functions, with entries in memory: the memory store, and the broken
/// ones over it.
pub struct InMemory<S>(Arc<S>, Entries);

impl<S> InMemory<S> {
    pub fn new(store: S) -> Self {
        Self(Arc::new(store), Entries::default())
    }
}

impl<S: TransactionalStore<Effect = Box<dyn FnOnce() + Send>> + 'static> Court for InMemory<S> {
    type Store = S;
    fn store(&self) -> Arc<S> {
        Arc::clone(&self.0)
    }
    fn effect(&self, key: &Key) -> Box<dyn FnOnce() + Send> {
        let (entries, key) = (Arc::clone(&self.1), key.to_string());
        Box::new(move || *entries.lock().unwrap().entry(key).or_default() += 1)
    }
    async fn entered(&self, _: &[Key]) -> HashMap<String, u64> {
        std::mem::take(&mut *self.1.lock().unwrap()).into_iter().collect()
    }
}

/// The memory store with another life for each store of a campaign.
pub async fn in_memory(_: u64) -> InMemory<MemoryStore> {
    InMemory::new(MemoryStore::new())
}

const LEDGER: redb::TableDefinition<'_, &str, u64> = redb::TableDefinition::new("ledger");

/// The entries are a table of the same file, written in the transaction of the mark.
pub struct InRedb(Arc<RedbStore>);

pub async fn in_redb(_: u64) -> InRedb {
    InRedb(Arc::new(RedbStore::new(&Database::in_memory().unwrap())))
}

impl Court for InRedb {
    type Store = RedbStore;
    fn store(&self) -> Arc<RedbStore> {
        Arc::clone(&self.0)
    }
    fn effect(&self, key: &Key) -> <RedbStore as TransactionalStore>::Effect {
        let key = key.to_string();
        Box::new(move |transaction| {
            let mut ledger = transaction.open_table(LEDGER)?;
            let before = ledger.get(key.as_str())?.map(|times| times.value()).unwrap_or_default();
            ledger.insert(key.as_str(), before + 1)?;
            Ok(())
        })
    }
    /// Read in a transaction of another key's: there is no other way in.
    async fn entered(&self, keys: &[Key]) -> HashMap<String, u64> {
        let reader = Key::new(&ConsumerName::new("reader").unwrap(), EventId::generate());
        let (now, terms) = (Timestamp::now(), Terms::default());
        let claim = self.0.claim(&Attempt::new(reader), now, &terms).await.unwrap();
        let Claim::Granted(lease) = claim else { panic!("a new key is free") };
        let found = Entries::default();
        let (all, into) = (keys.to_vec(), Arc::clone(&found));
        let read = Box::new(move |transaction: &redb::WriteTransaction| {
            let ledger = transaction.open_table(LEDGER)?;
            for key in all {
                if let Some(times) = ledger.get(key.as_str())? {
                    into.lock().unwrap().insert(key.to_string(), times.value());
                }
            }
            Ok(())
        });
        let settled = self.0.complete_with(&lease, now, &terms, None, read).await.unwrap();
        assert_eq!(settled, Settled::Done);
        std::mem::take(&mut *found.lock().unwrap()).into_iter().collect()
    }
}

/// The entries are another table; each effect adds one to its key's item.
///
/// Server, proxy and client live in a runtime of their own, whose time is the real one. To the campaign,
/// whose time is not, a call takes none.
pub struct InDynamo {
    store: Arc<Elsewhere<DynamoDbStore>>,
    dynamo: Arc<Dynamo>,
    ledger: String,
    runtime: Option<Runtime>,
}

/// A new server, which throttles, cuts off before and cuts off after, by this seed.
pub async fn in_dynamo(seed: u64) -> InDynamo {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let handle = runtime.handle().clone();
    let made = runtime.spawn(async {
        let dynamo = Dynamo::start().await;
        let store = dynamo.claims().await;
        let ledger = dynamo.table("ledger-of-test");
        create_claims(&dynamo.client, &ledger).await.unwrap();
        (dynamo, store, ledger)
    });
    let (dynamo, store, ledger) = made.await.unwrap();
    let mut draw = StdRng::seed_from_u64(seed);
    dynamo.faults(move |operation| match draw.random_range(0..100) {
        _ if operation == "BatchGetItem" => Fault::None,
        0..8 => Fault::Throttled,
        8..12 => Fault::LostRequest,
        12..18 => Fault::LostAnswer,
        _ => Fault::None,
    });
    let store = Arc::new(Elsewhere { store: Arc::new(store), handle });
    InDynamo { store, dynamo: Arc::new(dynamo), ledger, runtime: Some(runtime) }
}

impl Drop for InDynamo {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Court for InDynamo {
    type Store = Elsewhere<DynamoDbStore>;
    fn store(&self) -> Arc<Self::Store> {
        Arc::clone(&self.store)
    }
    fn effect(&self, key: &Key) -> Vec<TransactWriteItem> {
        let update = Update::builder()
            .table_name(&self.ledger)
            .key("id", AttributeValue::S(key.to_string()))
            .update_expression("ADD times :one")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .build()
            .unwrap();
        vec![TransactWriteItem::builder().update(update).build()]
    }
    async fn entered(&self, keys: &[Key]) -> HashMap<String, u64> {
        let (dynamo, ledger) = (Arc::clone(&self.dynamo), self.ledger.clone());
        let id = |key: &Key| HashMap::from([("id".to_owned(), AttributeValue::S(key.to_string()))]);
        let keys: Vec<_> = keys.iter().map(id).collect();
        elsewhere(&self.store.handle, async move {
            let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true);
            let request = dynamo.client.batch_get_item();
            let request = request.request_items(&ledger, wanted.build().unwrap());
            let mut found = request.send().await.unwrap().responses.unwrap();
            let items = found.remove(&ledger).unwrap_or_default();
            let entry = |item: HashMap<String, AttributeValue>| {
                let times = item["times"].as_n().unwrap().parse().unwrap();
                (item["id"].as_s().unwrap().clone(), times)
            };
            items.into_iter().map(entry).collect()
        })
        .await
    }
}

/// What is done in another runtime, while time stands still in this one.
async fn elsewhere<T: Send + 'static>(
    handle: &Handle,
    work: impl Future<Output = T> + Send + 'static,
) -> T {
    let handle = handle.clone();
    tokio::task::spawn_blocking(move || handle.block_on(work)).await.unwrap()
}

/// A store whose calls are made there.
pub struct Elsewhere<S> {
    store: Arc<S>,
    handle: Handle,
}

impl<S: IdempotencyStore + 'static> IdempotencyStore for Elsewhere<S> {
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        let (store, attempt, terms) = (Arc::clone(&self.store), attempt.clone(), *terms);
        let call = async move { store.claim(&attempt, now, &terms).await };
        Box::pin(elsewhere(&self.handle, call))
    }

    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let (store, lease, terms) = (Arc::clone(&self.store), lease.clone(), *terms);
        let call = async move { store.renew(&lease, now, &terms).await };
        Box::pin(elsewhere(&self.handle, call))
    }

    fn complete<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let (store, lease, terms) = (Arc::clone(&self.store), lease.clone(), *terms);
        let result = result.map(ToOwned::to_owned);
        let call = async move { store.complete(&lease, now, &terms, result.as_deref()).await };
        Box::pin(elsewhere(&self.handle, call))
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let (store, lease) = (Arc::clone(&self.store), lease.clone());
        Box::pin(elsewhere(&self.handle, async move { store.release(&lease).await }))
    }

    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>> {
        let (store, key) = (Arc::clone(&self.store), key.clone());
        Box::pin(elsewhere(&self.handle, async move { store.forget(&key).await }))
    }
}

impl<S: TransactionalStore + 'static> TransactionalStore for Elsewhere<S>
where
    S::Effect: 'static,
{
    type Effect = S::Effect;

    fn complete_with<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
        effect: Self::Effect,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let (store, lease, terms) = (Arc::clone(&self.store), lease.clone(), *terms);
        let result = result.map(ToOwned::to_owned);
        let call = async move {
            store.complete_with(&lease, now, &terms, result.as_deref(), effect).await
        };
        Box::pin(elsewhere(&self.handle, call))
    }
}
