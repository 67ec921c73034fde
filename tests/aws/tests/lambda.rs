//! Consumers as Lambda functions: what Lambda is answered.

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
use event_runtime::idempotency::MemoryStore;
use event_tests_aws::events::PlacedV1;
use event_tests_aws::fault::Fault;
use event_tests_aws::server::FaultServer;
use serde_json::value::RawValue;
use serde_json::{Value, json};

type Seen = Arc<Mutex<Vec<u64>>>;

/// Notes each order; 3 fails for now, 4 for good, 5 never ends.
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

/// The context of an invocation that ends so long from now.
fn context(left: Duration) -> Context {
    let mut context = Context::default();
    let deadline = SystemTime::now() + left;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap().as_millis();
    context.deadline = u64::try_from(deadline).unwrap();
    context
}

/// An invocation that ends so long from now.
fn invoked<T: serde::de::DeserializeOwned>(payload: &Value, left: Duration) -> LambdaEvent<T> {
    LambdaEvent::new(serde_json::from_str(&payload.to_string()).unwrap(), context(left))
}

async fn failures(function: &Function, messages: Vec<Value>, left: Duration) -> Vec<String> {
    let event = invoked(&json!({"Records": messages}), left);
    let response = lambda::sqs(function, event).await;
    let response = serde_json::to_value(&response).unwrap();
    let failures = response["batchItemFailures"].as_array().unwrap().iter();
    failures.map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned()).collect()
}

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn each_message_is_its_own_failure() {
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

    // A dead letter that is not sent is a failure.
    server.world().queues.clear();
    assert_eq!(failures(&function, messages, LONG).await, ["broken", "later", "never"]);
}

#[tokio::test]
async fn what_a_message_lacks_or_shares_loses_nothing() {
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
    // Both messages of a shared id come again: the one that is done is a duplicate then.
    assert_eq!(failures(&function, messages, LONG).await, ["shared", "no text"]);
    // Lambda takes an empty name for all of the batch.
    let nameless = vec![
        without(message("", &whole(6), None), "messageId"),
        without(message("", &whole(3), None), "messageId"),
    ];
    assert_eq!(failures(&function, nameless, LONG).await, [""]);
    assert_eq!(*seen.lock().unwrap(), [1, 2, 6]);
}

#[tokio::test]
async fn a_group_fails_from_its_first_failure_on() {
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
    // Those of a standard queue are for fairness, and have no order.
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
async fn near_the_deadline_nothing_is_begun_and_what_runs_is_dropped_with_its_claim() {
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
async fn a_rule_may_invoke_the_function_itself() {
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
async fn a_stream_is_told_its_first_failure() {
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

    // A panic is the failure of its record, before there is a future and in it.
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
async fn a_kinesis_stream_is_told_its_first_failure() {
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

    // What hangs is dropped before the deadline, and what is behind it is not begun.
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

/// Calls of SQS that never answer must not keep a function from its answer.
#[tokio::test]
async fn a_function_answers_before_its_deadline_whatever_hangs() {
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
async fn a_margin_as_long_as_the_time_out_begins_nothing_and_ends_in_time() {
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
