//! The two workers. Whatever they must remember is outside of them.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use event_aws::dynamodb::DynamoDbStore;
use event_aws::{EventBridge, SqsPoller};
use event_runtime::consume::{Consumer, HandlerError};
use event_runtime::publish::{Publisher, Stamp};
use event_tests_aws::events::{PlacedV2, placed};
use event_tests_aws::server::{event_bridge_at, sqs_at};
use event_tests_dynamodb::client_at;

/// A lease and a visibility time-out that are short, for a campaign to be so too.
const LEASE: Duration = Duration::from_secs(3);

/// Events in one step of the outbox.
const STEP: usize = 25;

fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("`{name}` is not set"))
}

/// Publishes the outbox: a line for each event with its order, id and time. What the bus has accepted is
/// noted in another file; what is not noted there is published again, under the same id.
pub(super) async fn publish() {
    let folder = PathBuf::from(setting("EVENT_KILL_FOLDER"));
    let outbox = fs::read_to_string(folder.join("outbox")).unwrap();
    let noted = folder.join("accepted");
    let before = fs::read_to_string(&noted).unwrap_or_default();
    // A line that the kill cut short is not a whole id, and its event is published again.
    let accepted: HashSet<&str> = before.lines().collect();
    let mut note = OpenOptions::new().create(true).append(true).open(&noted).unwrap();
    writeln!(note).unwrap();
    let mut open = Vec::new();
    for line in outbox.lines() {
        let [order, id, at] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        if !accepted.contains(id) {
            let stamp = Stamp { id: id.parse().unwrap(), occurred_at: at.parse().unwrap() };
            open.push((stamp, placed(order.parse().unwrap())));
        }
    }
    let bus = EventBridge::new(&event_bridge_at(&setting("EVENT_KILL_AWS")), "orders");
    let publisher = Publisher::new(bus);
    while !open.is_empty() {
        let step: Vec<_> = open.drain(..STEP.min(open.len())).collect();
        let ids: Vec<String> = step.iter().map(|(stamp, _)| stamp.id.to_string()).collect();
        let report = publisher.publish_stamped(step).await;
        assert!(report.is_complete(), "{report:?}");
        writeln!(note, "{}", ids.join("\n")).unwrap();
    }
}

/// Handles orders until it is killed.
pub(super) async fn consume() {
    let dynamo = client_at(&setting("EVENT_KILL_DYNAMODB"));
    let store = DynamoDbStore::new(dynamo, setting("EVENT_KILL_CLAIMS"));
    let ledger = setting("EVENT_KILL_LEDGER");
    let claims = store.clone();
    let consumer = Consumer::builder("ledger", store)
        .on::<PlacedV2, _>(move |event, context| {
            let (claims, ledger) = (claims.clone(), ledger.clone());
            async move {
                let order = event.data.number;
                // Some work, for the kill to come in the middle of it.
                tokio::time::sleep(Duration::from_millis(order % 7)).await;
                let entry = Update::builder()
                    .table_name(ledger)
                    .key("order-number", AttributeValue::S(order.to_string()))
                    .update_expression("ADD times :one")
                    .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
                    .build()
                    .map_err(HandlerError::permanent)?;
                let entry = TransactWriteItem::builder().update(entry).build();
                context.complete_with(&claims, vec![entry]).await
            }
        })
        .lease(LEASE)
        .concurrency(5)
        .build()
        .unwrap();
    let poller = SqsPoller::new(
        sqs_at(&setting("EVENT_KILL_AWS")),
        setting("EVENT_KILL_QUEUE"),
        consumer.clone(),
    )
    .workers(2)
    .wait(Duration::from_secs(1))
    .visibility(LEASE);
    let counts = PathBuf::from(setting("EVENT_KILL_FOLDER"));
    let counts = counts.join(format!("counts-{}", std::process::id()));
    tokio::select! {
        ended = poller.run(std::future::pending()) => panic!("{ended:?}"),
        () = count(&consumer, &counts) => {}
    }
}

/// Writes down, all the time, how many messages were handled and how many were another's.
async fn count(consumer: &Consumer, path: &std::path::Path) {
    let fresh = path.with_extension("new");
    loop {
        let stats = consumer.stats();
        let mut file = File::create(&fresh).unwrap();
        write!(file, "{} {} {}", stats.received, stats.busy, stats.lease_lost).unwrap();
        drop(file);
        // A kill leaves the older numbers or the newer ones.
        fs::rename(&fresh, path).unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
