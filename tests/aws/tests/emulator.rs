//! The whole way on an emulator that is not ours: bus, rule, queue, poller, dead letters.
//!
//! `just emulators` starts one and sets `EVENT_EMULATOR` to its endpoint. Any server that speaks
//! EventBridge and SQS will do.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::large_futures,
    reason = "a test that meets an error has failed and should say where"
)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_eventbridge::types::Target;
use aws_sdk_sqs::types::QueueAttributeName;
use event_aws::{BusCheckError, DeadLetterQueue, EventBridge, SqsPoller};
use event_runtime::consume::{Consumer, HandlerError};
use event_runtime::idempotency::MemoryStore;
use event_runtime::publish::Publisher;
use event_tests_aws::events::{PlacedV1, PlacedV2, placed};
use event_tests_aws::server::{event_bridge_at, sqs_at};

/// The endpoint, or a word on how to have one.
fn endpoint() -> Option<String> {
    let endpoint = std::env::var("EVENT_EMULATOR").ok();
    if endpoint.is_none() {
        println!("skipped: no emulator is named in EVENT_EMULATOR (just emulators)");
    }
    endpoint
}

async fn queue(sqs: &aws_sdk_sqs::Client, name: &str) -> (String, String) {
    let url = sqs.create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap();
    let attributes = sqs.get_queue_attributes().queue_url(&url);
    let attributes = attributes.attribute_names(QueueAttributeName::QueueArn).send().await.unwrap();
    let arn = attributes.attributes.unwrap()[&QueueAttributeName::QueueArn].clone();
    (url, arn)
}

#[tokio::test]
async fn two_majors_through_a_rule_into_one_effect_each() {
    let Some(endpoint) = endpoint() else { return };
    let (events, sqs) = (event_bridge_at(&endpoint), sqs_at(&endpoint));
    let (url, arn) = queue(&sqs, "emailer").await;
    let (dead, _) = queue(&sqs, "emailer-dead").await;
    events.create_event_bus().name("orders").send().await.unwrap();
    events
        .put_rule()
        .name("order.placed-emailer")
        .event_bus_name("orders")
        .event_pattern(
            r#"{"source":["app.shop"],"detail-type":["order.placed:v1","order.placed:v2"]}"#,
        )
        .send()
        .await
        .unwrap();
    let target = Target::builder().id("emailer").arn(arn).build().unwrap();
    let targets = events.put_targets().rule("order.placed-emailer").event_bus_name("orders");
    targets.targets(target).send().await.unwrap();

    let bus = EventBridge::new(&events, "orders");
    bus.check().await.unwrap();
    let nowhere = EventBridge::new(&events, "ordres").check().await.unwrap_err();
    assert!(matches!(nowhere, BusCheckError::NoSuchBus { .. }), "{nowhere}");

    let report = Publisher::new(bus).publish_all((0..50).map(placed)).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!((report.accepted.len(), report.calls), (100, 10));

    let seen: Arc<Mutex<BTreeMap<u64, u32>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let consumer = Consumer::builder("emailer", MemoryStore::new())
        .on::<PlacedV2, _>(move |event, _| {
            let order = event.data.number;
            let result = if order == 13 {
                Err(HandlerError::permanent("an unlucky number"))
            } else {
                *noted.lock().unwrap().entry(order).or_default() += 1;
                Ok(())
            };
            async { result }
        })
        .upcast::<PlacedV1, PlacedV2>(|old| {
            Ok(PlacedV2 { number: old.number, total_cents: old.total * 100, note: old.note })
        })
        .concurrency(4)
        .build()
        .unwrap();
    let letters = DeadLetterQueue::new(sqs.clone(), dead.clone());
    let poller = SqsPoller::new(sqs.clone(), &url, consumer.clone())
        .workers(2)
        .wait(Duration::from_secs(1))
        .dead_letters(Arc::new(letters));
    poller.check().await.unwrap();
    let all = async {
        for _ in 0..600 {
            if consumer.stats().received >= 100 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let report = poller.run(all).await.unwrap();
    let seen = seen.lock().unwrap().clone();
    assert!(seen.len() == 49 && seen.values().all(|times| *times == 1), "{seen:?}");
    assert_eq!((report.messages.handled, report.messages.permanent), (49, 2), "{report:?}");
    assert_eq!(report.deleted, report.messages.received);

    let letter = sqs.receive_message().queue_url(&dead).message_attribute_names("All");
    let letter = letter.max_number_of_messages(1).send().await.unwrap().messages.unwrap().remove(0);
    let attributes = letter.message_attributes.unwrap();
    assert_eq!(attributes["ERROR_CODE"].string_value(), Some("Permanent"));
    assert_eq!(attributes["ERROR_MESSAGE"].string_value(), Some("an unlucky number"));
}
