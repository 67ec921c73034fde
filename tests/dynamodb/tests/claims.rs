//! Claims in DynamoDB, over the official SDK and a real socket: calls, faults, transactions.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

mod common;

use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, Put,
    ScalarAttributeType, TransactWriteItem,
};
use event_aws::dynamodb::{AttributeNames, DynamoDbStore, EffectRefused, create_claims};
use event_runtime::consume::{Consumer, HandlerError, HandlerErrorKind, Outcome, Record, Stop};
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Lease, LocalCache, Settled, TransactionalStore,
};
use event_runtime::{EventId, Timestamp};
use event_tests_dynamodb::{Calls, Dynamo, Fault};

use self::common::{Placed, TERMS, at, granted, key, record};

async fn outcome(consumer: &Consumer, record: Record) -> Outcome {
    consumer.handle_batch(vec![record]).await.outcomes.remove(0).1
}

fn calls(calls: &[(&str, u64)]) -> Calls {
    calls.iter().map(|(operation, times)| ((*operation).to_owned(), *times)).collect()
}

/// The next call has this fault, and no other has.
fn once(dynamo: &Dynamo, fault: Fault) {
    let mut next = Some(fault);
    dynamo.faults(move |_| next.take().unwrap_or(Fault::None));
}

#[tokio::test]
async fn first_run_costs_two_writes_duplicate_one_and_local_hit_none() {
    let dynamo = Dynamo::start().await;
    let store = dynamo.claims().await;
    let consumer = |store| {
        let builder = Consumer::builder("emailer", store);
        builder.on::<Placed, _>(|_, _| async { Ok(()) }).build().unwrap()
    };
    let cached = consumer(LocalCache::new(store.clone(), 100));
    let elsewhere = consumer(LocalCache::new(store, 100));
    let id = EventId::generate();
    dynamo.calls();

    assert_eq!(outcome(&cached, record(id)).await, Outcome::Handled);
    assert_eq!(dynamo.calls(), calls(&[("PutItem", 1), ("UpdateItem", 1)]));
    assert_eq!(outcome(&cached, record(id)).await, Outcome::Duplicate);
    assert_eq!(dynamo.calls(), calls(&[]));
    assert_eq!(outcome(&elsewhere, record(id)).await, Outcome::Duplicate);
    assert_eq!(dynamo.calls(), calls(&[("PutItem", 1)]));
    assert_eq!(outcome(&elsewhere, record(id)).await, Outcome::Duplicate);
    assert_eq!(dynamo.calls(), calls(&[]));
}

#[tokio::test]
async fn lost_response_is_given_again() {
    let dynamo = Dynamo::start().await;
    let store = dynamo.claims().await;
    for fault in [Fault::LostAnswer, Fault::LostRequest, Fault::Throttled] {
        let key = key();
        once(&dynamo, fault);
        let lease = granted(&store, &key, 0).await;
        once(&dynamo, fault);
        assert_eq!(store.renew(&lease, at(1), &TERMS).await.unwrap(), Settled::Done);
        once(&dynamo, fault);
        let settled = store.complete(&lease, at(2), &TERMS, Some("7")).await.unwrap();
        assert_eq!(settled, Settled::Done, "{fault:?}");
        let claim = store.claim(&Attempt::new(key), at(3), &TERMS).await.unwrap();
        let Claim::Completed(completion) = claim else { panic!("{claim:?}") };
        assert_eq!((completion.result.as_deref(), completion.until), (Some("7"), at(102)));
    }
}

#[tokio::test]
async fn store_error_names_operation_and_table() {
    let dynamo = Dynamo::start().await;
    let store = dynamo.claims().await;
    dynamo.faults(|_| Fault::Throttled);
    let error = store.claim(&Attempt::new(key()), at(0), &TERMS).await.unwrap_err().to_string();
    assert!(
        error.contains(&format!("PutItem on table `{}`: Provisioned", store.table())),
        "{error}"
    );
    dynamo.heal();

    let nowhere = DynamoDbStore::new(dynamo.client.clone(), "no-such-table");
    let error = nowhere.claim(&Attempt::new(key()), at(0), &TERMS).await.unwrap_err().to_string();
    assert!(error.contains("ResourceNotFoundException"), "{error}");
}

#[tokio::test]
async fn foreign_item_is_refused_and_unchanged() {
    let dynamo = Dynamo::start().await;
    let store = dynamo.claims().await;
    let key = key();
    let id = AttributeValue::S(key.as_str().to_owned());
    let put = dynamo.client.put_item().table_name(store.table());
    put.item("id", id).item("status", AttributeValue::S("SHIPPED".into())).send().await.unwrap();
    let error = store.claim(&Attempt::new(key), at(0), &TERMS).await.unwrap_err().to_string();
    assert!(error.contains("is not a claim: `status` is `SHIPPED`"), "{error}");
}

#[tokio::test]
async fn too_long_result_is_left_out_and_event_is_done() {
    let dynamo = Dynamo::start().await;
    let store = dynamo.claims().await;
    let key = key();
    let lease = granted(&store, &key, 0).await;
    let long = "x".repeat(500_000);
    assert_eq!(store.complete(&lease, at(1), &TERMS, Some(&long)).await.unwrap(), Settled::Done);
    let claim = store.claim(&Attempt::new(key), at(2), &TERMS).await.unwrap();
    let Claim::Completed(completion) = claim else { panic!("{claim:?}") };
    assert_eq!(completion.result, None);
}

/// An effect: an item in a table of its own, which must not exist yet.
fn booking(table: &str, order: &str) -> Vec<TransactWriteItem> {
    let put = Put::builder()
        .table_name(table)
        .item("id", AttributeValue::S(order.to_owned()))
        .condition_expression("attribute_not_exists(id)")
        .build()
        .unwrap();
    vec![TransactWriteItem::builder().put(put).build()]
}

async fn booked(dynamo: &Dynamo, table: &str) -> usize {
    dynamo.client.scan().table_name(table).send().await.unwrap().items().len()
}

#[tokio::test]
async fn effect_is_written_together_with_its_mark() {
    let dynamo = Dynamo::start().await;
    let store = dynamo.claims().await;
    let ledger = dynamo.table("bookings-of-test");
    create_claims(&dynamo.client, &ledger).await.unwrap();

    // A worker without its lease writes nothing.
    let key_a = key();
    let zombie = granted(&store, &key_a, 0).await;
    let successor = granted(&store, &key_a, 11).await;
    let write =
        |lease, order| store.complete_with(lease, at(12), &TERMS, None, booking(&ledger, order));
    assert_eq!(write(&zombie, "zombie").await.unwrap(), Settled::LeaseLost);
    assert_eq!(booked(&dynamo, &ledger).await, 0);
    once(&dynamo, Fault::LostAnswer);
    assert_eq!(write(&successor, "A-1").await.unwrap(), Settled::Done);
    assert_eq!(write(&successor, "A-2").await.unwrap(), Settled::Done); // done before
    assert_eq!(booked(&dynamo, &ledger).await, 1);

    // A refused effect leaves no mark, and the error names the action.
    let key_b = key();
    let lease = granted(&store, &key_b, 0).await;
    let effect = booking(&ledger, "A-1");
    let error = store.complete_with(&lease, at(1), &TERMS, None, effect).await.unwrap_err();
    let refused = std::error::Error::source(&error).unwrap().downcast_ref::<EffectRefused>();
    let refused = refused.unwrap();
    assert_eq!((refused.at, refused.code.as_str()), (0, "ConditionalCheckFailed"));
    let claim = store.claim(&Attempt::new(key_b), at(2), &TERMS).await.unwrap();
    assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");

    let many = (0..100).flat_map(|n| booking(&ledger, &n.to_string())).collect();
    let error = store.complete_with(&lease, at(1), &TERMS, None, many).await.unwrap_err();
    assert!(error.to_string().contains("has 100 actions: the maximum is 99"), "{error}");
}

#[tokio::test]
async fn transactional_handler_costs_two_calls() {
    let dynamo = Dynamo::start().await;
    let store = dynamo.claims().await;
    let ledger = dynamo.table("bookings-of-test");
    create_claims(&dynamo.client, &ledger).await.unwrap();
    let (claims, table) = (store.clone(), ledger.clone());
    let consumer = Consumer::builder("booker", store)
        .on::<Placed, _>(move |event, context| {
            let (claims, table) = (claims.clone(), table.clone());
            async move { context.complete_with(&claims, booking(&table, &event.data.order)).await }
        })
        .build()
        .unwrap();
    let id = EventId::generate();
    dynamo.calls();
    assert_eq!(outcome(&consumer, record(id)).await, Outcome::Handled);
    assert_eq!(dynamo.calls(), calls(&[("PutItem", 1), ("TransactWriteItems", 1)]));
    assert_eq!(outcome(&consumer, record(id)).await, Outcome::Duplicate);
    assert_eq!(booked(&dynamo, &ledger).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_many_workers_wins() {
    let dynamo = Dynamo::start().await;
    let store = dynamo.claims().await;
    let key = key();
    let workers: Vec<_> = (0..16)
        .map(|_| {
            let (store, key) = (store.clone(), key.clone());
            tokio::spawn(async move {
                let claim = store.claim(&Attempt::new(key), at(0), &TERMS).await.unwrap();
                usize::from(matches!(claim, Claim::Granted(_)))
            })
        })
        .collect();
    let mut winners = 0;
    for worker in workers {
        winners += worker.await.unwrap();
    }
    assert_eq!(winners, 1);
}

#[tokio::test]
async fn question_mark_on_sdk_call_keeps_call_code_and_message() {
    let dynamo = Dynamo::start().await;
    let client = dynamo.client.clone();
    let consumer = Consumer::builder("reader", dynamo.claims().await)
        .on::<Placed, _>(move |_, _| {
            let client = client.clone();
            async move {
                let key = AttributeValue::S("A-1".to_owned());
                client.get_item().table_name("table-that-is-missing").key("id", key).send().await?;
                Ok(())
            }
        })
        .build()
        .unwrap();
    let Outcome::Retry { reason, .. } = outcome(&consumer, record(EventId::generate())).await
    else {
        panic!("an error by `?` is transient");
    };
    assert!(
        reason.starts_with("dynamodb GetItem: ResourceNotFoundException: Requested"),
        "{reason}"
    );
}

#[tokio::test]
async fn refused_effect_reaches_handler_and_differs_from_outage() {
    let dynamo = Dynamo::start().await;
    let ledger = dynamo.table("bookings-of-refusal");
    create_claims(&dynamo.client, &ledger).await.unwrap();
    let store = dynamo.claims().await;
    let (claims, table) = (store.clone(), ledger.clone());
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let kinds = std::sync::Arc::clone(&seen);
    let consumer = Consumer::builder("booker", store)
        .on::<Placed, _>(move |event, context| {
            let (claims, table, kinds) = (claims.clone(), table.clone(), kinds.clone());
            async move {
                let order = event.data.order.as_str();
                let written = context.complete_with(&claims, booking(&table, order)).await;
                let Err(error) = written else { return Ok(()) };
                kinds.lock().unwrap().push(error.kind());
                match error.find::<EffectRefused>() {
                    // The order is already booked: another effect settles the event.
                    Some(refused) => {
                        assert_eq!(refused.at, 0);
                        context.complete_with(&claims, booking(&table, "A-1-again")).await
                    }
                    None => Err(error),
                }
            }
        })
        .build()
        .unwrap();
    assert_eq!(outcome(&consumer, record(EventId::generate())).await, Outcome::Handled);
    assert_eq!(outcome(&consumer, record(EventId::generate())).await, Outcome::Handled);
    assert_eq!(*seen.lock().unwrap(), [HandlerErrorKind::Refused]);
    assert_eq!(booked(&dynamo, &ledger).await, 2);
    // A missing table is an outage.
    dynamo.client.delete_table().table_name(&ledger).send().await.unwrap();
    let lost = outcome(&consumer, record(EventId::generate())).await;
    assert!(
        matches!(&lost, Outcome::Retry { reason, .. } if reason.contains("TransactWriteItems"))
    );
    assert_eq!(seen.lock().unwrap().last(), Some(&HandlerErrorKind::Transient));
}

/// A consumer whose handler applies nothing.
fn idle(store: DynamoDbStore) -> Consumer {
    let builder = Consumer::builder("emailer", store);
    builder.on::<Placed, _>(|_, _| async { Ok(()) }).build().unwrap()
}

#[tokio::test]
async fn unanswered_table_call_ends_at_deadline() {
    let dynamo = Dynamo::start().await;
    for hung in ["PutItem", "UpdateItem", "DeleteItem"] {
        let store = dynamo.claims().await;
        dynamo.faults(move |operation| if operation == hung { Fault::Hung } else { Fault::None });
        let fails = hung == "DeleteItem";
        let consumer =
            Consumer::builder("emailer", store).on::<Placed, _>(move |_, _| async move {
                if fails { Err(HandlerError::transient("not yet")) } else { Ok(()) }
            });
        let consumer = consumer.build().unwrap();
        let now = tokio::time::Instant::now();
        let stop = Stop::at(now + Duration::from_millis(300), now + Duration::from_millis(600));
        let batch = vec![record(EventId::generate()).into()];
        let mut told = None;
        let tell = |_, outcome: Outcome, _| told = Some(outcome);
        let delivery = consumer.deliver(batch, &stop, None, tell);
        let ended = tokio::time::timeout(Duration::from_secs(20), delivery).await;
        assert!(ended.is_ok(), "{hung}: still running after 20 s");
        assert!(now.elapsed() < Duration::from_secs(3), "{hung}: {:?}", now.elapsed());
        assert!(told.is_some_and(|outcome| !outcome.is_settled()), "{hung}");
        dynamo.heal();
    }
}

#[tokio::test]
async fn client_without_timeouts_gets_defaults() {
    let dynamo = Dynamo::start().await;
    let table = dynamo.claims().await.table().to_owned();
    let config = dynamo.client.config().to_builder();
    let bare = aws_sdk_dynamodb::config::timeout::TimeoutConfig::disabled();
    let client = aws_sdk_dynamodb::Client::from_conf(config.timeout_config(bare).build());
    let store = DynamoDbStore::new(client, table);
    dynamo.faults(|_| Fault::Hung);
    let attempt = Attempt::new(key());
    let claim = store.claim(&attempt, at(0), &TERMS);
    let claim = tokio::time::timeout(Duration::from_secs(30), claim).await;
    let error = claim.expect("an end").unwrap_err();
    assert!(error.to_string().contains("PutItem"), "{error}");
}

#[tokio::test]
async fn renewal_after_own_completion_keeps_lease() {
    let dynamo = Dynamo::start().await;
    let store = dynamo.claims().await;
    let key = key();
    let lease = granted(&store, &key, 0).await;
    assert_eq!(store.complete(&lease, at(1), &TERMS, None).await.unwrap(), Settled::Done);
    assert_eq!(store.renew(&lease, at(2), &TERMS).await.unwrap(), Settled::Done);
    // It changed nothing, and for any other owner the lease is lost.
    let claim = store.claim(&Attempt::new(key), at(3), &TERMS).await.unwrap();
    assert!(matches!(claim, Claim::Completed(done) if done.until == at(101)));
    let other = Lease { owner: event_runtime::idempotency::Owner::unique(), ..lease };
    assert_eq!(store.renew(&other, at(4), &TERMS).await.unwrap(), Settled::LeaseLost);
}

#[tokio::test]
async fn table_may_be_shared_with_powertools() {
    let dynamo = Dynamo::start().await;
    let store = dynamo.claims().await;
    store.check().await.unwrap();
    let now = Timestamp::now();
    for (status, lease, expected) in [
        ("COMPLETED", None, Outcome::Duplicate),
        // The function of Powertools was lost, and its lease has expired.
        ("INPROGRESS", Some(now.as_millisecond() - 1), Outcome::Handled),
    ] {
        let id = EventId::generate();
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut put = dynamo.client.put_item().table_name(store.table());
        put = put.item("id", text(&format!("emailer#{id}"))).item("status", text(status));
        put = put.item("expiration", AttributeValue::N((now.as_second() + 3600).to_string()));
        put = put.item("validation", text("5d41402abc4b2a76b9719d911017c592"));
        put = match lease {
            Some(end) => put.item("in_progress_expiration", AttributeValue::N(end.to_string())),
            None => put.item("data", text("{}")),
        };
        put.send().await.unwrap();
        assert_eq!(outcome(&idle(store.clone()), record(id)).await, expected, "{status}");
    }
    // In progress, without an end: it is being handled.
    let id = EventId::generate();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let put = dynamo.client.put_item().table_name(store.table());
    let put = put.item("id", text(&format!("emailer#{id}"))).item("status", text("INPROGRESS"));
    let put = put.item("expiration", AttributeValue::N((now.as_second() + 3600).to_string()));
    put.send().await.unwrap();
    let told = outcome(&idle(store), record(id)).await;
    assert!(matches!(told, Outcome::Busy { .. }), "{told:?}");
}

#[tokio::test]
async fn table_with_sort_key_may_be_shared_with_powertools() {
    let dynamo = Dynamo::start().await;
    let builder = DynamoDbStore::builder(dynamo.client.clone(), dynamo.table("claims-of-test"));
    let store = builder.in_sort_key("sort_key", "idempotency#emailer").build().unwrap();
    store.create().await.unwrap();
    store.check().await.unwrap();
    let id = EventId::generate();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let put = dynamo.client.put_item().table_name(store.table());
    let put = put.item("id", text("idempotency#emailer"));
    let put =
        put.item("sort_key", text(&format!("emailer#{id}"))).item("status", text("COMPLETED"));
    let expiry = (Timestamp::now().as_second() + 3600).to_string();
    let put = put.item("expiration", AttributeValue::N(expiry)).item("data", text("{}"));
    put.send().await.unwrap();
    assert_eq!(outcome(&idle(store.clone()), record(id)).await, Outcome::Duplicate);
    let other = EventId::generate();
    assert_eq!(outcome(&idle(store), record(other)).await, Outcome::Handled);
}

#[tokio::test]
async fn prefix_separates_the_claims_of_two_stages() {
    let dynamo = Dynamo::start().await;
    let table = dynamo.claims().await.table().to_owned();
    let stage = |prefix: &str| {
        let builder = DynamoDbStore::builder(dynamo.client.clone(), &table);
        idle(builder.key_prefix(prefix).build().unwrap())
    };
    let id = EventId::generate();
    for (prefix, expected) in [
        ("beta/", Outcome::Handled),
        ("prod/", Outcome::Handled),
        ("beta/", Outcome::Duplicate),
        ("", Outcome::Handled),
    ] {
        assert_eq!(outcome(&stage(prefix), record(id)).await, expected, "`{prefix}`");
    }
}

#[tokio::test]
async fn calls_per_event_are_the_same_in_every_layout() {
    let dynamo = Dynamo::start().await;
    let builder = DynamoDbStore::builder(dynamo.client.clone(), dynamo.table("claims-of-test"));
    let store = builder.key_prefix("p/").beside_sort_key("sk", "claim").build().unwrap();
    store.create().await.unwrap();
    dynamo.calls();
    let (consumer, id) = (idle(store), EventId::generate());
    assert_eq!(outcome(&consumer, record(id)).await, Outcome::Handled);
    assert_eq!(dynamo.calls(), calls(&[("PutItem", 1), ("UpdateItem", 1)]));
    assert_eq!(outcome(&consumer, record(id)).await, Outcome::Duplicate);
    assert_eq!(dynamo.calls(), calls(&[("PutItem", 1)]));
}

#[tokio::test]
async fn check_lists_every_problem_of_a_table() {
    let dynamo = Dynamo::start().await;
    let of = |table: &str| DynamoDbStore::new(dynamo.client.clone(), table);
    let missing = of("no-such-table").check().await.unwrap_err();
    assert_eq!(
        missing.to_string(),
        "table `no-such-table` does not exist in this account and region"
    );

    // The key of projections, which have the same time to live.
    let rows = dynamo.projections().await.1;
    let error = of(&rows).check().await.unwrap_err();
    assert_eq!(error.to_string(), format!("table `{rows}` has the key `pk`: expected `id`"));

    // A number as its key, and no time to live.
    let table = dynamo.table("numbers-of-test");
    let definition = AttributeDefinition::builder().attribute_name("id");
    let definition = definition.attribute_type(ScalarAttributeType::N).build().unwrap();
    let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash);
    let create = dynamo.client.create_table().table_name(&table).key_schema(key.build().unwrap());
    let create = create.attribute_definitions(definition).billing_mode(BillingMode::PayPerRequest);
    create.send().await.unwrap();
    let error = of(&table).check().await.unwrap_err().to_string();
    let expected = format!(
        "table `{table}` has the key attribute `id` of the type `N`: expected `S`\n\
         table `{table}` has no time to live: expected it on `expiration`, or expired items stay \
         forever"
    );
    assert_eq!(error, expected);

    // The time to live on another attribute, and a sort key that the table lacks.
    let claims = dynamo.claims().await.table().to_owned();
    let names = AttributeNames::default().expiry("ttl");
    let builder = DynamoDbStore::builder(dynamo.client.clone(), &claims).attributes(names);
    let store = builder.beside_sort_key("sk", "claim").build().unwrap();
    let error = store.check().await.unwrap_err().to_string();
    let expected = format!(
        "table `{claims}` has the key `id`: expected `id` and `sk`\n\
         table `{claims}` has its time to live on `expiration`: expected `ttl`"
    );
    assert_eq!(error, expected);
}

#[tokio::test]
async fn check_needs_an_answer_of_dynamodb() {
    let dynamo = Dynamo::start().await;
    let store = dynamo.claims().await;
    for fault in [Fault::Body("{}"), Fault::Throttled] {
        dynamo.faults(move |_| fault);
        let error = store.check().await.unwrap_err();
        assert_eq!(error.problems.len(), 2, "{fault:?}: {error}");
        assert!(error.to_string().contains("(`dynamodb:DescribeTimeToLive`)"), "{error}");
        dynamo.heal();
    }
}
