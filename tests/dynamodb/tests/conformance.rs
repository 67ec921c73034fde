//! The conformance suite on DynamoDB, over the official SDK and a real socket, in every layout of a
//! table.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use event_aws::dynamodb::{AttributeNames, DynamoDbStore, create_claims};
use event_runtime::idempotency::TransactionalStore;
use event_runtime::idempotency::conformance::{self, Ledger};
use event_runtime::store::{BoxFuture, StoreError};
use event_tests_dynamodb::Dynamo;

/// Counts effects in another table.
struct Counts {
    client: Client,
    table: String,
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

impl Counts {
    async fn new(dynamo: &Dynamo) -> Self {
        let (client, table) = (dynamo.client.clone(), dynamo.table("counts-of-test"));
        create_claims(&client, &table).await.unwrap();
        Self { client, table }
    }

    fn one_more(&self, name: &str) -> TransactWriteItem {
        let update = Update::builder()
            .table_name(&self.table)
            .key("id", text(name))
            .update_expression("ADD times :one")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
        TransactWriteItem::builder().update(update.build().unwrap()).build()
    }
}

impl Ledger<DynamoDbStore> for Counts {
    fn effect(&self, name: &str) -> <DynamoDbStore as TransactionalStore>::Effect {
        vec![self.one_more(name)]
    }

    fn refused(&self, name: &str) -> Option<<DynamoDbStore as TransactionalStore>::Effect> {
        let out_of_stock = Put::builder()
            .table_name(&self.table)
            .item("id", text("stock"))
            .condition_expression("attribute_exists(id)");
        let put = TransactWriteItem::builder().put(out_of_stock.build().unwrap()).build();
        Some(vec![self.one_more(name), put])
    }

    fn applied<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<u64, StoreError>> {
        Box::pin(async move {
            let get = self.client.get_item().table_name(&self.table).key("id", text(name));
            let item = get.consistent_read(true).send().await.map_err(StoreError::new)?.item;
            let times = item.as_ref().and_then(|item| item.get("times")?.as_n().ok());
            Ok(times.map_or(0, |times| times.parse().unwrap()))
        })
    }
}

/// A store of each layout, with its table.
async fn stores(dynamo: &Dynamo) -> Vec<DynamoDbStore> {
    let builder = || DynamoDbStore::builder(dynamo.client.clone(), dynamo.table("claims-of-test"));
    let names = AttributeNames::default().key("pk").status("state").owner("by").expiry("ttl");
    let names = names.in_progress_expiry("ends").blocked_after("ended").payload("hash").result("r");
    let stores = vec![
        builder().build().unwrap(),
        builder().key_prefix("prod/\u{e9}/").attributes(names.clone()).build().unwrap(),
        builder().in_sort_key("sk", "idempotency#shop").key_prefix("p").build().unwrap(),
        builder().attributes(names).beside_sort_key("sk", "claim").build().unwrap(),
    ];
    for store in &stores {
        store.create().await.unwrap();
        store.check().await.unwrap();
    }
    stores
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dynamodb_conforms_in_every_layout() {
    let dynamo = Dynamo::start().await;
    for store in stores(&dynamo).await {
        let counts = Counts::new(&dynamo).await;
        let table = store.table().to_owned();
        let checked = conformance::check_transactional(store, counts).await;
        checked.unwrap_or_else(|broken| panic!("{table}: {broken}"));
    }
}
