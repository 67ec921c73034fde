//! The tables of a topology, checked before a service starts.

#![allow(
    clippy::unwrap_used,
    clippy::large_futures,
    reason = "a test that meets an error has failed and should say where"
)]

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use event_aws::dynamodb::create_claims;
use event_aws::service::Service;
use event_runtime::Event;
use event_runtime::consume::Consumer;
use event_runtime::idempotency::MemoryStore;
use event_runtime::topology::{Attach, Topology};
use event_tests_aws::server::FaultServer;
use event_tests_dynamodb::Dynamo;

#[derive(serde::Serialize, serde::Deserialize)]
struct OrderPlaced {
    order_id: String,
}

impl Event for OrderPlaced {
    const TYPE: &'static str = "order.placed";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const SOURCE: &'static str = "app.shop";
}

/// The problems of a service with this table for its claims.
async fn problems(dynamo: &Dynamo, table: &str) -> Vec<String> {
    let declared = Consumer::of::<OrderPlaced>("emailer").table(table);
    let topology = Topology::on("orders").consumer(declared).build().unwrap();
    let server = FaultServer::start(1).await;
    for queue in &topology.plan().queues {
        server.queue(&queue.name, &[]);
        let mut world = server.world();
        let made = world.queues.get_mut(&queue.name).unwrap();
        made.seconds = (queue.visibility_timeout_seconds, queue.message_retention_period_seconds);
        made.redrive = queue
            .redrive_policy
            .as_ref()
            .map(|policy| (u64::from(policy.max_receive_count), policy.dead_letter_queue.clone()));
    }
    let builder = topology.handlers("emailer", MemoryStore::new()).unwrap();
    let consumer = builder.on::<OrderPlaced, _>(|_, _| async { Ok(()) }).build().unwrap();
    let service = Service::new(&topology, server.sqs()).consumer(consumer);
    match service.check_tables(&dynamo.client).check().await {
        Ok(()) => vec![],
        Err(error) => error.problems.iter().map(ToString::to_string).collect(),
    }
}

async fn create(dynamo: &Dynamo, table: &str, keys: &[(&str, KeyType, ScalarAttributeType)]) {
    let mut call = dynamo.client.create_table().table_name(table);
    for (name, key, of) in keys {
        let schema = KeySchemaElement::builder().attribute_name(*name).key_type(key.clone());
        let attribute =
            AttributeDefinition::builder().attribute_name(*name).attribute_type(of.clone());
        call = call.key_schema(schema.build().unwrap());
        call = call.attribute_definitions(attribute.build().unwrap());
    }
    call.billing_mode(BillingMode::PayPerRequest).send().await.unwrap();
}

#[tokio::test]
async fn table_of_claims_fits_its_topology() {
    let dynamo = Dynamo::start().await;
    create_claims(&dynamo.client, "claims").await.unwrap();
    assert_eq!(problems(&dynamo, "claims").await, Vec::<String>::new());
}

#[tokio::test]
async fn missing_table_and_other_keys_are_reported() {
    let dynamo = Dynamo::start().await;
    let missing = "table `claims` does not exist in this account and region";
    assert_eq!(problems(&dynamo, "claims").await, [missing]);

    let (hash, range) = (KeyType::Hash, KeyType::Range);
    let text = ScalarAttributeType::S;
    create(&dynamo, "other", &[("pk", hash.clone(), text.clone()), ("sk", range, text)]).await;
    let expected = [
        "table `other`: the key is `pk` and `sk` (sort key), expected `id` as in the topology",
        "table `other`: the time to live is not set, expected `expiration` as in the topology",
    ];
    assert_eq!(problems(&dynamo, "other").await, expected);

    create(&dynamo, "number", &[("id", hash, ScalarAttributeType::N)]).await;
    let found = problems(&dynamo, "number").await;
    let expected =
        "table `number`: the key is `id`, not a string, expected `id` as in the topology";
    assert_eq!(found[0], expected);
}
