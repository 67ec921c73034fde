//! The whole way on an emulator that is not ours, into a Lambda function: bus, rule, queue, event
//! source mapping, the runtime API, the partial batch response, dead letters.
//!
//! `just emulators` starts one and sets `EVENT_EMULATOR` to its endpoint. The function is the program
//! `bootstrap`, which `deploy.py` puts there: the SDK for Lambda would take minutes to build for two
//! calls.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::large_futures,
    reason = "a test that meets an error has failed and should say where"
)]

use std::collections::BTreeSet;
use std::process::Command;

use aws_sdk_eventbridge::types::Target;
use aws_sdk_sqs::types::QueueAttributeName;
use event_aws::EventBridge;
use event_runtime::publish::Publisher;
use event_tests_aws::events::placed_v1;
use event_tests_aws::server::{event_bridge_at, sqs_at};

#[tokio::test]
async fn a_failure_in_a_batch_comes_again_alone() {
    let Ok(endpoint) = std::env::var("EVENT_EMULATOR") else {
        println!("skipped: no emulator is named in EVENT_EMULATOR (just emulators)");
        return;
    };
    let deploy = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy.py");
    let bootstrap = env!("CARGO_BIN_EXE_bootstrap");
    let deployed = Command::new("python3").args([deploy, &endpoint, bootstrap]).status().unwrap();
    assert!(deployed.success(), "{deployed}");
    let (events, sqs) = (event_bridge_at(&endpoint), sqs_at(&endpoint));
    let url = async |name: &str| {
        sqs.get_queue_url().queue_name(name).send().await.unwrap().queue_url.unwrap()
    };
    let (inbox, effects, dead) =
        (url("shipper").await, url("shipper-effects").await, url("shipper-dead").await);
    let arn = sqs.get_queue_attributes().queue_url(&inbox);
    let arn = arn.attribute_names(QueueAttributeName::QueueArn).send().await.unwrap();
    let arn = arn.attributes.unwrap()[&QueueAttributeName::QueueArn].clone();
    events.create_event_bus().name("shop").send().await.unwrap();
    let rule = events.put_rule().name("order.placed-shipper").event_bus_name("shop");
    rule.event_pattern(r#"{"detail-type":["order.placed:v1"]}"#).send().await.unwrap();
    let target = Target::builder().id("shipper").arn(arn).build().unwrap();
    let targets = events.put_targets().rule("order.placed-shipper").event_bus_name("shop");
    targets.targets(target).send().await.unwrap();

    let bus = EventBridge::new(&events, "shop");
    let report = Publisher::new(bus).publish_all((0..20).map(placed_v1)).await;
    assert!(report.is_complete(), "{report:?}");

    // Order 3 at its second delivery, order 4 as a dead letter, all others at their first.
    let mut told: Vec<String> = Vec::new();
    for _ in 0..60 {
        let received = sqs.receive_message().queue_url(&effects).max_number_of_messages(10);
        let received = received.wait_time_seconds(1).send().await.unwrap();
        let received = received.messages.unwrap_or_default();
        // One more look after the last: an effect too many would be seen.
        if received.is_empty() && told.len() >= 19 {
            break;
        }
        told.extend(received.into_iter().filter_map(|message| message.body));
    }
    let all = told.iter().cloned().collect::<BTreeSet<_>>();
    let expected = (0..20).filter(|order| *order != 4);
    let expected = expected.map(|order| format!("{order} at {}", if order == 3 { 2 } else { 1 }));
    assert_eq!((told.len(), all), (19, expected.collect()));

    let letters = sqs.receive_message().queue_url(&dead).message_attribute_names("All");
    let letters = letters.wait_time_seconds(5).send().await.unwrap().messages.unwrap_or_default();
    assert_eq!(letters.len(), 1);
    let attributes = letters[0].message_attributes.as_ref().unwrap();
    assert_eq!(attributes["ERROR_CODE"].string_value(), Some("Permanent"));
    assert_eq!(attributes["CONSUMER"].string_value(), Some("shipper"));
}
