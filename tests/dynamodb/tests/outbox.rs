//! The outbox: what a transaction writes, and what the relay does with records that fail.

#![allow(
    clippy::unwrap_used,
    clippy::zero_sized_map_values,
    reason = "a test that meets an error has failed and should say where"
)]

#[allow(dead_code, reason = "other test binaries use the rest")]
mod common;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use event_aws::dynamodb::{EffectRefused, create_claims};
use event_aws::lambda;
use event_aws::lambda::lambda_runtime::{Context, LambdaEvent};
use event_aws::outbox::{DynamoDbOutbox, OutboxError, OutboxRelay};
use event_aws::streams::StreamBatch;
use event_runtime::backoff::Backoff;
use event_runtime::consume::{Consumer, DeadLetter, DeadLetters, HandlerError, Outcome, Stop};
use event_runtime::publish::{Entry, EntryOutcome, Refusal, Transport, TransportError};
use event_runtime::store::{BoxFuture, StoreError};
use event_runtime::{Event, EventId, Renditions};
use event_tests_dynamodb::{Dynamo, Fault};
use serde_json::Value;

use self::common::{Placed, record};

/// Published in two majors, the older of which does not exist for every value.
#[derive(serde::Serialize, serde::Deserialize)]
struct Booked {
    number: i64,
}

#[derive(serde::Serialize)]
struct BookedV1 {
    small: u8,
}

impl Event for Booked {
    const TYPE: &'static str = "order.booked";
    const MAJOR: u32 = 2;
    const MINOR: u32 = 0;
    const SOURCE: &'static str = "app.books";

    fn renditions(self, out: &mut Renditions) {
        out.push(&self);
        match u8::try_from(self.number) {
            Ok(small) => BookedV1 { small }.renditions(out),
            Err(error) => out.fail::<BookedV1>(error),
        }
    }
}

impl Event for BookedV1 {
    const TYPE: &'static str = "order.booked";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const SOURCE: &'static str = "app.books";
}

/// The answer of the bus to an entry.
type Judge = Box<dyn FnMut(&Entry) -> Result<(), Refusal> + Send>;

/// A bus that refuses what it is told to, and remembers what it accepted.
#[derive(Clone, Default)]
struct Bus(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Errors of the next calls.
    calls: VecDeque<TransportError>,
    judge: Option<Judge>,
    /// A call with one of these in an entry's detail is refused as a whole.
    refuses_calls_with: Option<&'static str>,
    accepted: Vec<(EventId, String)>,
    sizes: Vec<usize>,
}

impl Bus {
    fn told(judge: impl FnMut(&Entry) -> Result<(), Refusal> + Send + 'static) -> Self {
        let bus = Self::default();
        bus.0.lock().unwrap().judge = Some(Box::new(judge));
        bus
    }

    fn accepted(&self) -> Vec<String> {
        let state = self.0.lock().unwrap();
        state.accepted.iter().map(|(_, detail_type)| detail_type.clone()).collect()
    }

    fn ids(&self) -> Vec<EventId> {
        self.0.lock().unwrap().accepted.iter().map(|(id, _)| *id).collect()
    }
}

impl Transport for Bus {
    fn put<'a>(
        &'a self,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>> {
        Box::pin(async move {
            let mut state = self.0.lock().unwrap();
            state.sizes.push(entries.len());
            if let Some(error) = state.calls.pop_front() {
                return Err(error);
            }
            if let Some(text) = state.refuses_calls_with
                && entries.iter().any(|entry| entry.detail.contains(text))
            {
                return Err(TransportError::permanent("ValidationException", "told to"));
            }
            let mut outcomes = Vec::new();
            for entry in entries {
                let refused = state.judge.as_mut().and_then(|judge| judge(entry).err());
                outcomes.push(if let Some(refusal) = refused {
                    EntryOutcome::Refused(refusal)
                } else {
                    state.accepted.push((entry.id, entry.detail_type.to_string()));
                    EntryOutcome::accepted("1")
                });
            }
            Ok(outcomes)
        })
    }
}

/// Remembers dead letters: the kind, the reason and the body.
#[derive(Clone, Default)]
struct Letters(Arc<Mutex<Vec<(String, String, String)>>>);

impl DeadLetters for Letters {
    fn send<'a>(&'a self, letter: DeadLetter<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        let (kind, reason) = (letter.kind.code().to_owned(), letter.reason.to_owned());
        self.0.lock().unwrap().push((kind, reason, letter.record.body.to_string()));
        Box::pin(std::future::ready(Ok(())))
    }
}

fn relay(bus: &Bus) -> OutboxRelay<Bus> {
    let backoff = Backoff { base: Duration::ZERO, cap: Duration::ZERO, attempts: 3 };
    OutboxRelay::new(bus.clone()).with_backoff(backoff)
}

async fn outbox(dynamo: &Dynamo) -> DynamoDbOutbox {
    let outbox = DynamoDbOutbox::new(dynamo.client.clone(), dynamo.table("outbox-of-test"));
    outbox.create().await.unwrap();
    outbox.check().await.unwrap();
    outbox
}

/// The invocation with all records of the table's stream.
fn invocation(dynamo: &Dynamo, table: &str) -> Value {
    let database = &dynamo.database;
    let list = ListStreamsRequest { table_name: Some(table.to_owned()), ..Default::default() };
    let arn = database.list_streams(list).unwrap().streams.remove(0).stream_arn;
    let describe = DescribeStreamRequest { stream_arn: arn.clone(), ..Default::default() };
    let shard = database.describe_stream(describe).unwrap().stream_description.shards.remove(0);
    let from_start = GetShardIteratorRequest {
        stream_arn: arn,
        shard_id: shard.shard_id,
        shard_iterator_type: "TRIM_HORIZON".to_owned(),
        sequence_number: None,
    };
    let shard_iterator = database.get_shard_iterator(from_start).unwrap().shard_iterator.unwrap();
    let records = database.get_records(GetRecordsRequest { shard_iterator, limit: None }).unwrap();
    serde_json::to_value(&records).unwrap()
}

fn batch(invocation: &Value) -> StreamBatch {
    StreamBatch::read(invocation.to_string().as_bytes()).unwrap()
}

/// Commits each of these in a transaction of its own: an order key and a number.
async fn committed(outbox: &DynamoDbOutbox, events: &[(Option<&str>, i64)]) -> Vec<EventId> {
    let mut ids = Vec::new();
    for (key, number) in events {
        let mut events = outbox.events();
        ids.push(match key {
            Some(key) => events.push_in_order(key, Booked { number: *number }).unwrap(),
            None => events.push(Booked { number: *number }).unwrap(),
        });
        outbox.commit(vec![], events).await.unwrap();
    }
    ids
}

#[tokio::test]
async fn effect_mark_and_events_are_one_transaction() {
    let dynamo = Dynamo::start().await;
    let (store, outbox) = (dynamo.claims().await, outbox(&dynamo).await);
    let books = dynamo.table("books-of-test");
    create_claims(&dynamo.client, &books).await.unwrap();
    let (claims, own, table) = (store.clone(), outbox.clone(), books.clone());
    let consumer = Consumer::builder("books", store)
        .on::<Placed, _>(move |event, context| {
            let (claims, outbox, table) = (claims.clone(), own.clone(), table.clone());
            async move {
                let put = Put::builder()
                    .table_name(table)
                    .item("id", AttributeValue::S(event.data.order))
                    .condition_expression("attribute_not_exists(id)")
                    .build()
                    .map_err(HandlerError::permanent)?;
                let mut effect = vec![TransactWriteItem::builder().put(put).build()];
                let mut events = outbox.events();
                events.push(Booked { number: 1 }).map_err(HandlerError::permanent)?;
                effect.extend(events.into_actions().map_err(HandlerError::permanent)?);
                match context.complete_with(&claims, effect).await {
                    Err(error) if error.find::<EffectRefused>().is_some() => {
                        Err(HandlerError::permanent("booked before"))
                    }
                    other => other,
                }
            }
        })
        .build()
        .unwrap();
    let id = EventId::generate();
    dynamo.calls();
    let outcome = async |id| consumer.handle_batch(vec![record(id)]).await.outcomes.remove(0).1;
    assert_eq!(outcome(id).await, Outcome::Handled);
    let calls = dynamo.calls();
    assert_eq!(
        calls.into_iter().collect::<Vec<_>>(),
        [("PutItem".to_owned(), 1), ("TransactWriteItems".to_owned(), 1)]
    );
    assert_eq!(outcome(id).await, Outcome::Duplicate);
    // The same order under another ID: its effect is refused, so its event is not written either.
    let refused = outcome(EventId::generate()).await;
    assert!(matches!(refused, Outcome::DeadLetter { .. }), "{refused:?}");

    let bus = Bus::default();
    let report = relay(&bus).publish(&batch(&invocation(&dynamo, outbox.table()))).await;
    assert_eq!((report.published, report.failed.is_none()), (1, true));
    assert_eq!(bus.accepted(), ["order.booked:v2", "order.booked:v1"]);
}

#[tokio::test]
async fn lost_response_writes_the_events_once() {
    let dynamo = Dynamo::start().await;
    let outbox = outbox(&dynamo).await;
    let mut next = Some(Fault::LostAnswer);
    dynamo.faults(move |_| next.take().unwrap_or(Fault::None));
    committed(&outbox, &[(None, 1)]).await;
    dynamo.faults(|_| Fault::Body("{}"));
    let mut events = outbox.events();
    events.push(Booked { number: 2 }).unwrap();
    let error = outbox.commit(vec![], events).await.unwrap_err();
    assert!(error.to_string().contains("ConsumedCapacity"), "{error}");
    dynamo.heal();
    assert_eq!(invocation(&dynamo, outbox.table())["Records"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn delivered_again_events_keep_their_ids() {
    let dynamo = Dynamo::start().await;
    let outbox = outbox(&dynamo).await;
    let ids = committed(&outbox, &[(None, 1), (Some("a"), 2), (Some("a"), 3)]).await;
    let (bus, batch) = (Bus::default(), batch(&invocation(&dynamo, outbox.table())));
    for _ in 0..2 {
        let report = relay(&bus).publish(&batch).await;
        assert_eq!((report.published, report.returned), (3, 0));
    }
    let twice: Vec<EventId> = ids.iter().flat_map(|id| [*id, *id]).collect();
    assert_eq!(bus.ids(), [twice.clone(), twice].concat());
    // Two transactions on one key are two calls; the rest shares one.
    assert_eq!(bus.0.lock().unwrap().sizes, [4, 2, 4, 2]);
}

#[tokio::test]
async fn retried_event_is_not_overtaken_by_the_next_of_its_key() {
    let dynamo = Dynamo::start().await;
    let outbox = outbox(&dynamo).await;
    let events: Vec<(Option<&str>, i64)> =
        (0..20).map(|number| (Some(if number % 2 == 0 { "a" } else { "b" }), number)).collect();
    let ids = committed(&outbox, &events).await;
    let mut calls = 0;
    let bus = Bus::told(move |_| {
        calls += 1;
        if calls % 3 == 0 { Err(Refusal::retryable("Throttled", "told to")) } else { Ok(()) }
    });
    let backoff = Backoff { base: Duration::ZERO, cap: Duration::ZERO, attempts: 20 };
    let relay = OutboxRelay::new(bus.clone()).with_backoff(backoff);
    let report = relay.publish(&batch(&invocation(&dynamo, outbox.table()))).await;
    assert_eq!((report.published, report.failed.is_none()), (20, true));
    for key in 0..2 {
        let mut own: Vec<EventId> = bus
            .ids()
            .into_iter()
            .filter(|id| ids.iter().position(|it| it == id).is_some_and(|at| at % 2 == key))
            .collect();
        own.dedup();
        let expected: Vec<EventId> = ids.iter().copied().skip(key).step_by(2).collect();
        assert_eq!(own, expected, "key {key}");
    }
}

#[tokio::test]
async fn retried_event_is_not_overtaken_by_the_next_of_its_transaction() {
    let dynamo = Dynamo::start().await;
    let outbox = outbox(&dynamo).await;
    let mut events = outbox.events();
    let mut ids = Vec::new();
    for number in 0..4 {
        ids.push(events.push_in_order("a", Booked { number }).unwrap());
    }
    assert_eq!(events.len(), 1);
    outbox.commit(vec![], events).await.unwrap();
    let (mut tries, refused) = (std::collections::HashMap::new(), ids[2]);
    // The first try of each entry is throttled, and one event is never accepted.
    let bus = Bus::told(move |entry| {
        if entry.id == refused {
            return Err(Refusal::permanent("NotAuthorized", "told to"));
        }
        let tried = tries.insert((entry.id, entry.version), ()).is_some();
        if tried { Ok(()) } else { Err(Refusal::retryable("Throttled", "told to")) }
    });
    let letters = Letters::default();
    let own = relay(&bus).dead_letters(Arc::new(letters.clone()));
    let report = own.publish(&batch(&invocation(&dynamo, outbox.table()))).await;
    assert_eq!((report.published, report.dead_lettered, report.returned), (0, 1, 0));
    let mut published = bus.ids();
    published.dedup();
    assert_eq!(published, [ids[0], ids[1], ids[3]]);
}

#[tokio::test]
async fn throttled_record_is_returned_with_all_after_it() {
    let dynamo = Dynamo::start().await;
    let outbox = outbox(&dynamo).await;
    let ids = committed(&outbox, &[(Some("a"), 1), (Some("a"), 2), (Some("a"), 3)]).await;
    let second = ids[1];
    let bus = Bus::told(move |entry| {
        if entry.id == second { Err(Refusal::retryable("Throttled", "told to")) } else { Ok(()) }
    });
    let invocation = invocation(&dynamo, outbox.table());
    let report = relay(&bus).publish(&batch(&invocation)).await;
    assert_eq!((report.published, report.returned), (1, 2));
    let number = invocation["Records"][1]["dynamodb"]["SequenceNumber"].clone();
    assert_eq!(report.response()["batchItemFailures"][0]["itemIdentifier"], number);
    assert!(!bus.ids().contains(&ids[2]), "the third event has overtaken the second");
}

#[tokio::test]
async fn function_responds_with_the_first_failure() {
    let dynamo = Dynamo::start().await;
    let outbox = outbox(&dynamo).await;
    let ids = committed(&outbox, &[(Some("a"), 1), (Some("a"), 2)]).await;
    let second = ids[1];
    let bus = Bus::told(move |entry| {
        if entry.id == second { Err(Refusal::retryable("Throttled", "told to")) } else { Ok(()) }
    });
    let invocation = invocation(&dynamo, outbox.table());
    let payload = serde_json::value::to_raw_value(&invocation).unwrap();
    let event = LambdaEvent::new(payload, Context::default());
    let response = lambda::outbox(&relay(&bus), event).await.unwrap();
    let number = &invocation["Records"][1]["dynamodb"]["SequenceNumber"];
    let expected = serde_json::json!({"batchItemFailures": [{"itemIdentifier": number}]});
    assert_eq!(response, expected);
    let broken = serde_json::value::to_raw_value("not a batch").unwrap();
    let event = LambdaEvent::new(broken, Context::default());
    assert!(lambda::outbox(&relay(&bus), event).await.is_err());
}

/// An invocation with two kinds of poison between two good records.
async fn poisoned(dynamo: &Dynamo, outbox: &DynamoDbOutbox) -> Value {
    committed(outbox, &[(None, 1)]).await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    for (number, events) in ["{", r#"{"format":7}"#].into_iter().enumerate() {
        let put = dynamo.client.put_item().table_name(outbox.table());
        let put = put.item("pk", text(&format!("event#{number}"))).item("events", text(events));
        put.send().await.unwrap();
    }
    committed(outbox, &[(None, 2)]).await;
    let mut invocation = invocation(dynamo, outbox.table());
    // A record that is not one of a stream, and one of another table.
    invocation["Records"][1]["eventName"] = "RENAMED".into();
    invocation["Records"][2]["dynamodb"]["Keys"] = serde_json::json!({"id": {"S": "x"}});
    invocation
}

#[tokio::test]
async fn poisoned_record_becomes_a_dead_letter_and_the_stream_continues() {
    let dynamo = Dynamo::start().await;
    let outbox = outbox(&dynamo).await;
    let invocation = poisoned(&dynamo, &outbox).await;
    let (bus, letters) = (Bus::default(), Letters::default());
    let relay = relay(&bus).dead_letters(Arc::new(letters.clone()));
    let report = relay.publish(&batch(&invocation)).await;
    assert_eq!((report.published, report.dead_lettered, report.returned), (2, 2, 0));
    assert_eq!(bus.ids().len(), 4);
    let letters = letters.0.lock().unwrap().clone();
    assert!(letters.iter().all(|(kind, ..)| kind == "Poison"), "{letters:?}");
    assert!(letters[0].1.contains("`eventName` is `RENAMED`"), "{letters:?}");
    assert!(letters[0].2.contains("SequenceNumber"), "the body is the record: {letters:?}");
    assert!(letters[1].1.contains("it has no key `pk`"), "{letters:?}");
}

#[tokio::test]
async fn poisoned_record_without_a_place_for_it_stops_the_stream() {
    let dynamo = Dynamo::start().await;
    let outbox = outbox(&dynamo).await;
    let invocation = poisoned(&dynamo, &outbox).await;
    let bus = Bus::default();
    let report = relay(&bus).publish(&batch(&invocation)).await;
    assert_eq!((report.published, report.returned), (1, 3));
    let number = invocation["Records"][1]["dynamodb"]["SequenceNumber"].clone();
    assert_eq!(report.response()["batchItemFailures"][0]["itemIdentifier"], number);
}

#[tokio::test]
async fn refused_event_is_isolated_and_can_be_published_again() {
    let dynamo = Dynamo::start().await;
    let outbox = outbox(&dynamo).await;
    let ids = committed(&outbox, &[(None, 1), (None, 2), (None, 3)]).await;
    let bad = ids[1];
    let bus = Bus::told(move |entry| {
        if entry.id == bad { Err(Refusal::permanent("NotAuthorized", "told to")) } else { Ok(()) }
    });
    let letters = Letters::default();
    let own = relay(&bus).dead_letters(Arc::new(letters.clone()));
    let report = own.publish(&batch(&invocation(&dynamo, outbox.table()))).await;
    assert_eq!((report.published, report.dead_lettered, report.returned), (2, 1, 0));
    let (kind, reason, body) = letters.0.lock().unwrap()[0].clone();
    assert_eq!(kind, "Permanent");
    assert!(reason.contains("NotAuthorized") && reason.contains(&bad.to_string()), "{reason}");
    // Later, on a bus that takes it, with the same ID.
    let later = Bus::default();
    relay(&later).redrive(&body).await.unwrap().into_result().unwrap();
    assert_eq!(later.ids(), [bad, bad]);
}

#[tokio::test]
async fn call_that_one_entry_spoils_is_isolated() {
    let dynamo = Dynamo::start().await;
    let outbox = outbox(&dynamo).await;
    committed(&outbox, &[(None, 1), (None, 77), (None, 3)]).await;
    let bus = Bus::default();
    bus.0.lock().unwrap().refuses_calls_with = Some("{\"number\":77}");
    let letters = Letters::default();
    let own = relay(&bus).dead_letters(Arc::new(letters.clone()));
    let report = own.publish(&batch(&invocation(&dynamo, outbox.table()))).await;
    assert_eq!((report.published, report.dead_lettered, report.returned), (2, 1, 0));
}

#[tokio::test]
async fn bus_that_refuses_everything_stops_the_stream() {
    let dynamo = Dynamo::start().await;
    let outbox = outbox(&dynamo).await;
    committed(&outbox, &[(None, 1), (None, 2)]).await;
    let bus = Bus::default();
    let denied = || TransportError::permanent("AccessDeniedException", "no permission");
    bus.0.lock().unwrap().calls.extend((0..3).map(|_| denied()));
    let letters = Letters::default();
    let own = relay(&bus).dead_letters(Arc::new(letters.clone()));
    let batch = batch(&invocation(&dynamo, outbox.table()));
    let report = own.publish(&batch).await;
    assert_eq!((report.published, report.dead_lettered, report.returned), (0, 0, 2));
    let (_, error) = report.failed.unwrap();
    assert!(error.to_string().contains("AccessDeniedException"), "{error}");
    assert!(letters.0.lock().unwrap().is_empty());
    // Once the permission is there, all are published.
    assert_eq!(own.publish(&batch).await.published, 2);
}

#[tokio::test]
async fn hung_bus_and_near_deadline_return_the_records() {
    struct Hung;
    impl Transport for Hung {
        fn put<'a>(
            &'a self,
            _: &'a [Entry],
        ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>> {
            Box::pin(std::future::pending())
        }
    }
    let dynamo = Dynamo::start().await;
    let outbox = outbox(&dynamo).await;
    committed(&outbox, &[(None, 1)]).await;
    let batch = batch(&invocation(&dynamo, outbox.table()));
    let now = tokio::time::Instant::now();
    let stop = Stop::at(now + Duration::from_millis(100), now + Duration::from_millis(150));
    let report = OutboxRelay::new(Arc::new(Hung)).publish_until(&batch, &stop).await;
    assert_eq!(report.returned, 1);
    assert!(now.elapsed() < Duration::from_secs(5));
    let over = OutboxRelay::new(Bus::default()).publish_until(&batch, &stop).await;
    assert!(over.failed.unwrap().1.to_string().contains("deadline"));
}

#[tokio::test]
async fn deleted_and_expired_items_are_skipped() {
    let dynamo = Dynamo::start().await;
    let outbox = outbox(&dynamo).await.keep(Duration::ZERO);
    committed(&outbox, &[(None, 1)]).await;
    tokio::time::sleep(Duration::from_millis(2500)).await; // two ticks of a clock of seconds
    assert_eq!(dynamo.database.sweep_ttl().unwrap(), 1);
    let report = relay(&Bus::default()).publish(&batch(&invocation(&dynamo, outbox.table()))).await;
    assert_eq!((report.published, report.skipped, report.returned), (1, 1, 0));
}

#[tokio::test]
async fn event_that_cannot_be_published_is_an_error_before_the_transaction() {
    let dynamo = Dynamo::start().await;
    let outbox = outbox(&dynamo).await;
    let mut events = outbox.events();
    let error = events.push(Booked { number: 1_000 }).unwrap_err();
    assert!(matches!(error, OutboxError::Entry { detail_type: "order.booked:v1", .. }), "{error}");
    assert!(events.is_empty());

    // Two transactions' worth of events in one item, which has a limit of its own.
    let long = Placed { order: "x".repeat(200 * 1024) };
    events.push_in_order("a", long).unwrap();
    events.push_in_order("a", Placed { order: "x".repeat(200 * 1024) }).unwrap();
    let error = outbox.commit(vec![], events).await.unwrap_err().to_string();
    assert!(error.contains("the maximum of an item is 409600"), "{error}");

    let mut events = outbox.events();
    events.push_in_order(&"k".repeat(5_000), Booked { number: 1 }).unwrap();
    outbox.commit(vec![], events).await.unwrap();
    let rows = dynamo.claims().await;
    let wrong = DynamoDbOutbox::new(dynamo.client.clone(), rows.table());
    let error = wrong.check().await.unwrap_err().to_string();
    let table = rows.table();
    assert_eq!(
        error,
        format!(
            "table `{table}` has the key `id`: expected `pk`\n\
             table `{table}` has no stream: expected a stream with `NEW_IMAGE` or \
             `NEW_AND_OLD_IMAGES`"
        )
    );
}
