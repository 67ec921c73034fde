//! A success that does not come from DynamoDB, but from something in between, does not count.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets an error has failed and should say where"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use event_aws::dynamodb::create_claims;
use event_runtime::EventId;
use event_runtime::consume::{Consumer, Outcome};
use event_runtime::idempotency::{Attempt, Claim, IdempotencyStore, Settled};
use event_runtime::projection::{ProjectionStore, Revision, Row};
use event_tests_dynamodb::{Dynamo, Fault};

use self::common::{Placed, TERMS, at, granted, key, record};

/// Bodies with status 200 that do not answer the request.
const LIES: [&str; 6] = [
    "",
    "{}",
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow down"}"#,
    r#"{"Attributes":{},"ConsumedCapacity":null}"#,
    r#"{"Attributes":null,"Item":null,"ConsumedCapacity":[]}"#,
    "<html>it works</html>",
];

fn booking(table: &str, order: &str) -> Vec<TransactWriteItem> {
    let put = Put::builder()
        .table_name(table)
        .item("id", AttributeValue::S(order.to_owned()))
        .build()
        .unwrap();
    vec![TransactWriteItem::builder().put(put).build()]
}

/// Answers all calls of one operation with this body.
fn lies(dynamo: &Dynamo, operation: &'static str, body: &'static str) {
    dynamo.faults(move |it| if it == operation { Fault::Body(body) } else { Fault::None });
}

#[tokio::test]
async fn success_without_capacity_settles_nothing() {
    let dynamo = Dynamo::start().await;
    let store = dynamo.claims().await;
    for body in LIES {
        let key = key();
        lies(&dynamo, "PutItem", body);
        let claim = store.claim(&Attempt::new(key.clone()), at(0), &TERMS).await;
        assert!(claim.is_err(), "granted by {body:?}: {claim:?}");
        dynamo.heal();
        let lease = granted(&store, &key, 0).await;

        lies(&dynamo, "UpdateItem", body);
        let renewed = store.renew(&lease, at(9), &TERMS).await;
        assert!(renewed.is_err(), "renewed by {body:?}: {renewed:?}");
        let done = store.complete(&lease, at(9), &TERMS, None).await;
        assert!(done.is_err(), "completed by {body:?}: {done:?}");
        lies(&dynamo, "DeleteItem", body);
        let freed = store.release(&lease).await;
        assert!(freed.is_err(), "released by {body:?}: {freed:?}");
        let forgotten = store.forget(&key).await;
        assert!(forgotten.is_err(), "forgotten by {body:?}: {forgotten:?}");
        dynamo.heal();
        let other = store.claim(&Attempt::new(key.clone()), at(10), &TERMS).await.unwrap();
        assert!(matches!(other, Claim::InProgress { .. }), "{body:?}: {other:?}");
        assert_eq!(store.complete(&lease, at(10), &TERMS, None).await.unwrap(), Settled::Done);
        store.forget(&key).await.unwrap();
    }
}

#[tokio::test]
async fn unwritten_effect_leaves_event_to_be_redelivered() {
    let dynamo = Dynamo::start().await;
    let ledger = dynamo.table("bookings-of-test");
    create_claims(&dynamo.client, &ledger).await.unwrap();
    for body in LIES {
        let store = dynamo.claims().await;
        let (claims, table, runs) = (store.clone(), ledger.clone(), Arc::new(AtomicU32::new(0)));
        let count = Arc::clone(&runs);
        let consumer = Consumer::builder("booker", store)
            .on::<Placed, _>(move |_, context| {
                let (claims, table) = (claims.clone(), table.clone());
                let run = count.fetch_add(1, SeqCst);
                async move {
                    let effect = booking(&table, &format!("{} in run {run}", context.key()));
                    context.complete_with(&claims, effect).await
                }
            })
            .build()
            .unwrap();
        let id = EventId::generate();
        lies(&dynamo, "TransactWriteItems", body);
        let outcome = consumer.handle_batch(vec![record(id)]).await.outcomes.remove(0).1;
        assert!(matches!(outcome, Outcome::Retry { .. }), "{body:?}: {outcome:?}");
        dynamo.heal();
        let outcome = consumer.handle_batch(vec![record(id)]).await.outcomes.remove(0).1;
        assert_eq!((outcome, runs.load(SeqCst)), (Outcome::Handled, 2), "{body:?}");
    }
    let booked = dynamo.client.scan().table_name(&ledger).send().await.unwrap();
    assert_eq!(booked.items().len(), LIES.len());
}

#[tokio::test]
async fn unwritten_or_unread_row_is_error() {
    let dynamo = Dynamo::start().await;
    let (store, _) = dynamo.projections().await;
    for (at, body) in LIES.iter().enumerate() {
        let key = at.to_string();
        let row = || Row { revision: Revision::Sequence(1), value: Some("1".to_owned()) };
        lies(&dynamo, "PutItem", body);
        let written = store.put("p", &key, row()).await;
        assert!(written.is_err(), "written by {body:?}: {written:?}");
        lies(&dynamo, "GetItem", body);
        let read = store.get("p", &key).await;
        assert!(read.is_err(), "no row by {body:?}: {read:?}");
        dynamo.heal();
        assert_eq!(store.get("p", &key).await.unwrap(), None);
        assert!(store.put("p", &key, row()).await.unwrap().is_written());
    }
}

#[tokio::test]
async fn refusal_with_the_item_of_another_key_is_not_an_answer() {
    /// As a cache in between would repeat it.
    const OTHER: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message":"The conditional request failed","Item":{"id":{"S":"c#01ARZ3NDEKTSV4RRFFQ69G5FAV"},
        "status":{"S":"COMPLETED"},"owner":{"S":"0"},"expiration":{"N":"99999999999"}}}"#;
    const ROW: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message":"The conditional request failed","Item":{"pk":{"S":"p#other"},
        "revision":{"S":"s00000000000000000009"},"value":{"S":"9"}}}"#;
    let dynamo = Dynamo::start().await;
    let (store, key) = (dynamo.claims().await, key());
    dynamo.faults(|_| Fault::Refusal(OTHER));
    let claim = store.claim(&Attempt::new(key.clone()), at(0), &TERMS).await;
    assert!(claim.is_err(), "a duplicate of another event: {claim:?}");
    dynamo.heal();
    let lease = granted(&store, &key, 0).await;
    dynamo.faults(|_| Fault::Refusal(OTHER));
    assert!(store.renew(&lease, at(1), &TERMS).await.is_err());
    assert!(store.complete(&lease, at(1), &TERMS, None).await.is_err());

    dynamo.heal();
    let (rows, _) = dynamo.projections().await;
    dynamo.faults(|_| Fault::Refusal(ROW));
    let row = Row { revision: Revision::Sequence(1), value: Some("1".to_owned()) };
    let written = rows.put("p", "k", row).await;
    assert!(written.is_err(), "stale by another row: {written:?}");
}
