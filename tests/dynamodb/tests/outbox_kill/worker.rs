//! The consumer that makes changes, and the relay. Their state is outside of their processes.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use event_aws::dynamodb::DynamoDbStore;
use event_aws::outbox::{DynamoDbOutbox, OutboxRelay};
use event_aws::streams::StreamBatch;
use event_aws::{DeadLetterQueue, EventBridge, SqsPoller};
use event_runtime::Event;
use event_runtime::consume::{Consumer, HandlerError};
use event_tests_aws::events::PlacedV2;
use event_tests_aws::server::{event_bridge_at, sqs_at};
use event_tests_dynamodb::client_at;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};

use super::KEYS;

/// A short lease and visibility timeout, for a short campaign.
const LEASE: Duration = Duration::from_secs(3);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Booked {
    number: u64,
}

impl Event for Booked {
    const TYPE: &'static str = "order.booked";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const SOURCE: &'static str = "app.books";
}

fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("`{name}` is not set"))
}

/// Makes changes until it is killed.
pub(super) async fn change() {
    let dynamo = client_at(&setting("EVENT_OUTBOX_DYNAMODB"));
    let store = DynamoDbStore::new(dynamo.clone(), setting("EVENT_OUTBOX_CLAIMS"));
    let outbox = DynamoDbOutbox::new(dynamo, setting("EVENT_OUTBOX_TABLE"));
    let changes = setting("EVENT_OUTBOX_CHANGES_TABLE");
    let claims = store.clone();
    let consumer = Consumer::builder("books", store)
        .on::<PlacedV2, _>(move |event, context| {
            let (claims, outbox, changes) = (claims.clone(), outbox.clone(), changes.clone());
            async move {
                let number = event.data.number;
                // Some work, so that the kill can interrupt it.
                tokio::time::sleep(Duration::from_millis(number % 5)).await;
                let mut events = outbox.events();
                let id = if number % 2 == 0 {
                    events.push(Booked { number })
                } else {
                    events.push_in_order(&(number % KEYS).to_string(), Booked { number })
                };
                let id = id.map_err(HandlerError::permanent)?;
                // The event is part of the change, so that the judge can compare the two.
                let change = Put::builder()
                    .table_name(changes)
                    .item("id", AttributeValue::S(number.to_string()))
                    .item("event", AttributeValue::S(id.to_string()))
                    .condition_expression("attribute_not_exists(id)")
                    .build()
                    .map_err(HandlerError::permanent)?;
                let mut effect = vec![TransactWriteItem::builder().put(change).build()];
                effect.extend(events.into_actions().map_err(HandlerError::permanent)?);
                context.complete_with(&claims, effect).await
            }
        })
        .lease(LEASE)
        .concurrency(5)
        .build()
        .unwrap();
    let sqs = sqs_at(&setting("EVENT_OUTBOX_AWS"));
    let poller = SqsPoller::new(sqs, setting("EVENT_OUTBOX_QUEUE"), consumer)
        .workers(2)
        .wait(Duration::from_secs(1))
        .visibility(LEASE);
    let ended = poller.run(std::future::pending()).await;
    panic!("{ended:?}");
}

/// Publishes a batch for each line of its input, and writes the response, until it is killed.
pub(super) async fn relay() {
    let aws = setting("EVENT_OUTBOX_AWS");
    let bus = EventBridge::new(&event_bridge_at(&aws), "orders");
    let letters = DeadLetterQueue::new(sqs_at(&aws), setting("EVENT_OUTBOX_DEAD"));
    let relay = OutboxRelay::new(bus).dead_letters(Arc::new(letters));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        let batch = StreamBatch::read(line.as_bytes()).unwrap();
        let report = relay.publish(&batch).await;
        *counts.entry("published").or_default() += report.published;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", report.response()).unwrap();
        out.flush().unwrap();
    }
}
