//! Consumers as Lambda functions: their responses to Lambda.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use event_aws::DeadLetterQueue;
use event_aws::lambda::lambda_runtime::{Context, LambdaEvent};
use event_aws::lambda::{self, Function};
use event_runtime::consume::{Consumer, ConsumerBuilder, HandlerError, Stop};
use event_runtime::idempotency::{Attempt, Claim, IdempotencyStore, Key, MemoryStore, Terms};
use event_tests_aws::events::PlacedV1;
use event_tests_aws::fault::Fault;
use event_tests_aws::server::FaultServer;
use serde_json::value::RawValue;
use serde_json::{Value, json};

type Seen = Arc<Mutex<Vec<u64>>>;

/// Records each order; 3 fails with a transient error, 4 permanently, 5 never ends.
fn consumer(seen: &Seen, store: MemoryStore) -> ConsumerBuilder {
    let seen = Arc::clone(seen);
    Consumer::builder("emailer", store).on::<PlacedV1, _>(move |event, _| {
        let seen = Arc::clone(&seen);
        async move {
            match event.data.number {
                3 => Err(HandlerError::transient("not yet")),
                4 => Err(HandlerError::permanent("never")),
                5 => std::future::pending().await,
                number => {
                    seen.lock().unwrap().push(number);
                    Ok(())
                }
            }
        }
    })
}

fn whole(number: u64) -> String {
    let id = event_runtime::EventId::generate();
    json!({
        "version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103", "account": "000000000000",
        "detail-type": "order.placed:v1", "source": "app.shop", "time": "2026-11-24T12:00:00Z",
        "region": "eu-central-1", "resources": [],
        "detail": {
            "id": id, "source": "app.shop", "type": "order.placed", "version": "v1",
            "occurredAt": "2026-11-24T12:00:00Z", "data": {"number": number, "total": 1}
        }
    })
    .to_string()
}

fn message(id: &str, body: &str, group: Option<&str>) -> Value {
    let mut message = json!({
        "messageId": id, "receiptHandle": "r", "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1"},
        "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:emailer", "awsRegion": "eu-central-1",
    });
    if let Some(group) = group {
        message["attributes"]["MessageGroupId"] = group.into();
        message["eventSourceARN"] = "arn:aws:sqs:eu-central-1:000000000000:emailer.fifo".into();
    }
    message
}

/// The context of an invocation with this much time left.
fn context(left: Duration) -> Context {
    let mut context = Context::default();
    let deadline = SystemTime::now() + left;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap().as_millis();
    context.deadline = u64::try_from(deadline).unwrap();
    context
}

/// An invocation with this much time left.
fn invoked<T: serde::de::DeserializeOwned>(payload: &Value, left: Duration) -> LambdaEvent<T> {
    LambdaEvent::new(serde_json::from_str(&payload.to_string()).unwrap(), context(left))
}

async fn failures(function: &Function, messages: Vec<Value>, left: Duration) -> Vec<String> {
    let event = invoked(&json!({"Records": messages}), left);
    let response = lambda::sqs(function, event).await.unwrap();
    let response = serde_json::to_value(&response).unwrap();
    let failures = response["batchItemFailures"].as_array().unwrap().iter();
    failures.map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned()).collect()
}

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn each_message_fails_on_its_own() {
    let seen = Seen::default();
    let function = Function::new(consumer(&seen, MemoryStore::new()).build().unwrap());
    let twice = whole(1);
    let messages = vec![
        message("one", &twice, None),
        message("broken", "{", None),
        message("later", &whole(3), None),
        message("never", &whole(4), None),
        message("one again", &twice, None),
        message("two", &whole(2), None),
    ];
    // Without a place for dead letters they are failures too, for the queue's redrive policy.
    assert_eq!(failures(&function, messages.clone(), LONG).await, ["broken", "later", "never"]);
    assert_eq!(*seen.lock().unwrap(), [1, 2]);

    let server = FaultServer::start(3).await;
    let dead = DeadLetterQueue::new(server.sqs(), server.queue("emailer-dead", &[]));
    let function = function.dead_letters(Arc::new(dead));
    assert_eq!(failures(&function, messages.clone(), LONG).await, ["later"]);
    assert_eq!((server.depth("emailer-dead"), seen.lock().unwrap().len()), (2, 2));

    // A dead letter that was not sent is a failure.
    server.world().queues.clear();
    assert_eq!(failures(&function, messages, LONG).await, ["broken", "later", "never"]);
}

#[tokio::test]
async fn missing_or_shared_message_ids_lose_nothing() {
    let seen = Seen::default();
    let function = Function::new(consumer(&seen, MemoryStore::new()).build().unwrap());
    let without = |mut message: Value, field: &str| {
        message.as_object_mut().unwrap().remove(field);
        message
    };
    assert_eq!(failures(&function, vec![], LONG).await, Vec::<String>::new());
    let messages = vec![
        without(message("plain", &whole(1), None), "attributes"),
        message("shared", &whole(2), None),
        message("shared", &whole(3), None),
        without(message("no text", "", None), "body"),
    ];
    // Both messages with a shared ID are delivered again: the one that is done is a duplicate then.
    assert_eq!(failures(&function, messages, LONG).await, ["shared", "no text"]);
    // Lambda treats an empty ID as the whole batch.
    let nameless = vec![
        without(message("", &whole(6), None), "messageId"),
        without(message("", &whole(3), None), "messageId"),
    ];
    assert_eq!(failures(&function, nameless, LONG).await, [""]);
    assert_eq!(*seen.lock().unwrap(), [1, 2, 6]);
}

#[tokio::test]
async fn invocation_fails_when_all_failed_if_asked() {
    let seen = Seen::default();
    let function = Function::new(consumer(&seen, MemoryStore::new()).build().unwrap());
    let all = vec![message("a", &whole(3), None), message("b", "{", None)];
    let mut some = all.clone();
    some.push(message("c", &whole(1), None));
    assert_eq!(failures(&function, all.clone(), LONG).await, ["a", "b"], "not asked");

    let function = function.fail_when_all_failed(true);
    assert_eq!(failures(&function, some, LONG).await, ["a", "b"]);
    assert_eq!(failures(&function, vec![], LONG).await, Vec::<String>::new());
    let event = invoked(&json!({"Records": all}), LONG);
    let error = lambda::sqs(&function, event).await.unwrap_err();
    assert_eq!(error.messages, 2);
    assert!(error.to_string().contains("not yet"), "{error}");
}

#[tokio::test]
async fn batch_in_sequence_stops_at_its_first_failure() {
    let seen = Seen::default();
    let build = || consumer(&seen, MemoryStore::new()).concurrency(8).build().unwrap();
    let messages = || {
        vec![
            message("a", &whole(1), Some("one")),
            message("b", &whole(3), Some("two")),
            message("c", &whole(2), Some("three")),
            message("d", &whole(6), None),
        ]
    };
    let function = Function::new(build());
    assert_eq!(failures(&function, messages(), LONG).await, ["b"], "groups are independent");
    seen.lock().unwrap().clear();
    let function = function.in_sequence(true);
    assert_eq!(failures(&function, messages(), LONG).await, ["b", "c", "d"]);
    assert_eq!(*seen.lock().unwrap(), [1]);
}

#[tokio::test]
async fn claim_ends_with_the_invocation() {
    let (seen, store) = (Seen::default(), MemoryStore::new());
    let consumer = consumer(&seen, store.clone()).lease(Duration::from_mins(5)).build().unwrap();
    let function = Function::new(consumer).margin(Duration::from_millis(100));
    // Frozen while order 5 is handled: the claim is not released.
    let body = whole(5);
    let event = invoked(&json!({"Records": [message("a", &body, None)]}), Duration::from_secs(2));
    let frozen = tokio::time::timeout(Duration::from_millis(200), lambda::sqs(&function, event));
    assert!(frozen.await.is_err());
    let body: Value = serde_json::from_str(&body).unwrap();
    let id: event_runtime::EventId = body["detail"]["id"].as_str().unwrap().parse().unwrap();
    let name = event_runtime::name::ConsumerName::new("emailer").unwrap();
    let attempt = Attempt::new(Key::new(&name, id));
    let now = event_runtime::Timestamp::now();
    let claim = store.claim(&attempt, now, &Terms::default()).await.unwrap();
    let Claim::InProgress { until } = claim else { panic!("{claim:?}") };
    let left = until.duration_since(now);
    assert!(left.as_millis() <= 2000, "{left:?}: no longer than the invocation");
}

#[tokio::test]
async fn group_fails_from_its_first_failure() {
    let seen = Seen::default();
    let function = Function::new(consumer(&seen, MemoryStore::new()).build().unwrap());
    let messages = vec![
        message("a1", &whole(1), Some("a")),
        message("b1", &whole(3), Some("b")),
        message("a2", &whole(2), Some("a")),
        message("b2", &whole(6), Some("b")),
    ];
    assert_eq!(failures(&function, messages.clone(), LONG).await, ["b1", "b2"]);
    assert_eq!(*seen.lock().unwrap(), [1, 2]);
    // Groups of a standard queue are for fairness and have no order.
    seen.lock().unwrap().clear();
    let function = Function::new(consumer(&seen, MemoryStore::new()).build().unwrap());
    let standard = messages.into_iter().map(|mut message| {
        message["eventSourceARN"] = "arn:aws:sqs:eu-central-1:000000000000:emailer".into();
        message
    });
    assert_eq!(failures(&function, standard.collect(), LONG).await, ["b1"]);
    assert_eq!(*seen.lock().unwrap(), [1, 2, 6]);
}

#[tokio::test]
async fn near_deadline_nothing_starts_and_running_handlers_are_dropped() {
    let seen = Seen::default();
    let store = MemoryStore::new();
    let function = Function::new(consumer(&seen, store.clone()).build().unwrap())
        .margin(Duration::from_millis(800));
    let messages = vec![message("endless", &whole(5), None), message("not begun", &whole(1), None)];
    let before = std::time::Instant::now();
    let failed = failures(&function, messages, Duration::from_millis(1200)).await;
    assert_eq!(failed, ["endless", "not begun"]);
    assert!(before.elapsed() < Duration::from_millis(1200), "{:?}", before.elapsed());
    assert!(store.is_empty() && seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn rule_may_invoke_function_directly() {
    let seen = Seen::default();
    let function = Function::new(consumer(&seen, MemoryStore::new()).build().unwrap());
    let direct = async |body: &str| {
        let payload: Value = serde_json::from_str(body).unwrap();
        lambda::event_bridge(&function, invoked::<Box<RawValue>>(&payload, LONG)).await
    };
    assert_eq!(direct(&whole(1)).await, Ok(()));
    assert_eq!(*seen.lock().unwrap(), [1]);
    assert!(direct(&whole(3)).await.unwrap_err().to_string().contains("not yet"));
    let naive = direct(include_str!("fixtures/naive.json")).await.unwrap_err().to_string();
    assert!(naive.contains("is not in an event envelope"), "{naive}");
}

#[tokio::test]
async fn stream_response_names_first_failure() {
    let record = |number: u32| {
        json!({
            "awsRegion": "eu-central-1", "eventID": number.to_string(), "eventName": "INSERT",
            "eventSource": "aws:dynamodb", "eventVersion": "1.1",
            "eventSourceARN": "arn:aws:dynamodb:eu-central-1:000000000000:table/t/stream/1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_700_000_000, "Keys": {"pk": {"S": "a"}},
                "NewImage": {"pk": {"S": "a"}}, "SequenceNumber": format!("10{number}"),
                "SizeBytes": 1, "StreamViewType": "NEW_IMAGE"
            }
        })
    };
    let event: event_aws::lambda::aws_lambda_events::event::dynamodb::Event =
        serde_json::from_value(json!({"Records": [record(1), record(2), record(3), record(4)]}))
            .unwrap();
    let mut applied = Vec::new();
    let response = lambda::stream(event.clone(), &Stop::never(), |record| {
        let id = record.event_id.clone();
        applied.push(record.event_id);
        async move { if id == "3" { Err(HandlerError::permanent("no")) } else { Ok(()) } }
    })
    .await;
    assert_eq!(applied, ["1", "2", "3"]);
    let response = serde_json::to_value(&response).unwrap();
    assert_eq!(response, json!({"batchItemFailures": [{"itemIdentifier": "103"}]}));

    let response = lambda::stream(event.clone(), &Stop::never(), |_| async { Ok(()) }).await;
    assert!(response.batch_item_failures.is_empty());

    // A panic is the failure of its record, both before the future exists and in it.
    for in_future in [false, true] {
        let response = lambda::stream(event.clone(), &Stop::never(), |record| {
            let panics = record.event_id == "2";
            assert!(in_future || !panics, "before the future");
            async move {
                assert!(!panics, "in the future");
                Ok(())
            }
        })
        .await;
        let response = serde_json::to_value(&response).unwrap();
        assert_eq!(response, json!({"batchItemFailures": [{"itemIdentifier": "102"}]}));
    }
}

#[tokio::test]
async fn kinesis_response_names_first_failure() {
    let record = |number: u32| {
        json!({
            "eventID": format!("shard:{number}"), "eventVersion": "1.0", "eventSource": "aws:kinesis",
            "eventName": "aws:kinesis:record", "awsRegion": "eu-central-1",
            "invokeIdentityArn": "arn:aws:iam::000000000000:role/r",
            "eventSourceARN": "arn:aws:kinesis:eu-central-1:000000000000:stream/s",
            "kinesis": {
                "kinesisSchemaVersion": "1.0", "partitionKey": "1", "data": "SGVsbG8=",
                "sequenceNumber": format!("4959033827149025660855969253836157109592157598913658{number}"),
                "approximateArrivalTimestamp": 1_545_084_650.987
            }
        })
    };
    let event: event_aws::lambda::aws_lambda_events::event::kinesis::KinesisEvent =
        serde_json::from_value(json!({"Records": [record(1), record(2), record(3)]})).unwrap();
    let mut applied = 0;
    let response = lambda::kinesis(event.clone(), &Stop::never(), |record| {
        applied += 1;
        async move {
            assert_eq!(record.kinesis.data.0, b"Hello");
            assert!(record.event_id.as_deref() != Some("shard:2"), "at the second");
            Ok(())
        }
    })
    .await;
    assert_eq!(applied, 2);
    let response = serde_json::to_value(&response).unwrap();
    let failed = "49590338271490256608559692538361571095921575989136582";
    assert_eq!(response, json!({"batchItemFailures": [{"itemIdentifier": failed}]}));

    // A hanging handler is dropped before the deadline, and later records are not started.
    let mut begun = 0;
    let stop =
        lambda::stop_before(&context(Duration::from_millis(900)), Duration::from_millis(600));
    let before = std::time::Instant::now();
    let response = lambda::kinesis(event, &stop, |_| {
        begun += 1;
        std::future::pending::<Result<(), HandlerError>>()
    })
    .await;
    assert!(before.elapsed() < Duration::from_millis(900), "{:?}", before.elapsed());
    assert_eq!((begun, response.batch_item_failures.len()), (1, 1));
}

/// SQS calls without a response must not keep a function from its own response.
#[tokio::test]
async fn function_responds_before_deadline_whatever_hangs() {
    let server = FaultServer::start(3).await;
    server.script("SendMessage", vec![Fault::Stall(Duration::from_hours(1)); 9]);
    let dead = DeadLetterQueue::new(server.sqs(), server.queue("emailer-dead", &[]));
    let seen = Seen::default();
    let function = Function::new(consumer(&seen, MemoryStore::new()).build().unwrap())
        .dead_letters(Arc::new(dead))
        .margin(Duration::from_secs(1));
    let messages = vec![
        message("done", &whole(1), None),
        message("poison", "{", None),
        message("later", &whole(2), None),
    ];
    let before = std::time::Instant::now();
    let failed = failures(&function, messages, Duration::from_millis(2500)).await;
    assert!(before.elapsed() < Duration::from_millis(2500), "{:?}", before.elapsed());
    assert_eq!(failed, ["poison", "later"]);
    assert_eq!(*seen.lock().unwrap(), [1]);
}

#[tokio::test]
async fn margin_as_long_as_timeout_starts_nothing_and_ends_in_time() {
    let seen = Seen::default();
    for margin in [Duration::from_secs(3), Duration::MAX, Duration::ZERO] {
        let function = Function::new(consumer(&seen, MemoryStore::new()).build().unwrap());
        let function = function.margin(margin);
        let messages = vec![message("endless", &whole(5), None)];
        let before = std::time::Instant::now();
        assert_eq!(failures(&function, messages, Duration::from_secs(1)).await, ["endless"]);
        assert!(before.elapsed() < Duration::from_secs(1), "{margin:?}: {:?}", before.elapsed());
    }
    assert!(seen.lock().unwrap().is_empty());
}
