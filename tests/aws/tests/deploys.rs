//! A template that was made of a topology, deployed by CloudFormation on an independent emulator; then events flow
//! through it: to a poller, to a FIFO queue, to a Lambda function, and to dead letters. A ledger counts each order.
//!
//! `just deploys` starts the emulator and sets `EVENT_DEPLOYS` to its endpoint. What it does not emulate is not shown
//! here: the queue that a rule sends to when a target refuses an event, alarms with metric math, and the time to live of
//! a table.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::large_futures,
    reason = "a test that meets an error has failed and should say where"
)]

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use event_aws::{DeadLetterQueue, EventBridge, SqsPoller};
use event_runtime::consume::{Consumer, ConsumerBuilder, HandlerError};
use event_runtime::idempotency::MemoryStore;
use event_runtime::publish::Publisher;
use event_runtime::publishes;
use event_runtime::topology::{Attach, Queue, Topology};
use event_tests_aws::events::{PlacedV1, PlacedV2, placed};
use event_tests_aws::server::{event_bridge_at, sqs_at};
use event_topology::filter::{Field, Payload, Shape};
use event_topology::template::{Options, Stage, Template};

const ORDERS: u64 = 50;
const STAGE: &str = "dev";

/// A poller with a filter and a table, a function, a FIFO queue, and a consumer that nobody runs.
fn topology() -> Topology {
    let payload = Payload::of(Shape::Object(vec![Field::required("totalCents", Shape::Number)]));
    let cheap = r#"{"totalCents": [{"numeric": ["<", 4000]}]}"#;
    let topology = Topology::on("deploys")
        .publisher("orders-api", publishes![PlacedV1, PlacedV2])
        .consumer(
            Consumer::of::<PlacedV2>("mailer")
                .filtered("order.placed", 2, cheap, payload)
                .table("deploys-claims"),
        )
        .consumer(
            Consumer::of::<PlacedV1>("shipper")
                .function(Duration::from_secs(2))
                .queue(Queue::standard().visibility(Duration::from_secs(12))),
        )
        .consumer(Consumer::of::<PlacedV1>("ledger").queue(Queue::fifo()))
        .consumer(
            Consumer::of::<PlacedV2>("absent")
                .queue(Queue::standard().max_receives(2).visibility(Duration::from_secs(1))),
        );
    topology.build().unwrap()
}

type Seen = Arc<Mutex<Vec<u64>>>;

async fn poll(
    consumer: ConsumerBuilder,
    sqs: &aws_sdk_sqs::Client,
    url: &str,
    letters: Option<&str>,
    messages: u64,
) {
    let consumer = consumer.build().unwrap();
    let mut poller =
        SqsPoller::new(sqs.clone(), url, consumer.clone()).wait(Duration::from_secs(1));
    if let Some(letters) = letters {
        poller = poller.dead_letters(Arc::new(DeadLetterQueue::new(sqs.clone(), letters)));
    }
    let all = async {
        for _ in 0..600 {
            if consumer.stats().received >= messages {
                // another look would show a message too many
                tokio::time::sleep(Duration::from_secs(1)).await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    poller.run(all).await.unwrap();
    assert_eq!(consumer.stats().received, messages);
}

#[tokio::test]
async fn events_flow_through_deployed_template() {
    let Ok(endpoint) = std::env::var("EVENT_DEPLOYS") else {
        println!("skipped: no emulator is named in EVENT_DEPLOYS (just deploys)");
        return;
    };
    let topology = topology();
    let options = Options::new(Stage::new(STAGE).unwrap()).archive_days(7);
    let template = Template::of(topology.plan(), &options).unwrap().to_json().to_string();
    let file = std::env::temp_dir().join(format!("deploys-{}.json", std::process::id()));
    std::fs::write(&file, template).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/stack.py");
    let mut deploy = Command::new("python3");
    deploy.args([script, &endpoint]).arg(&file).args([env!("CARGO_BIN_EXE_bootstrap"), STAGE]);
    let deployed = deploy.output().unwrap();
    std::fs::remove_file(&file).unwrap();
    assert!(deployed.status.success(), "{}", String::from_utf8_lossy(&deployed.stderr));
    let outputs: BTreeMap<String, String> = serde_json::from_slice(&deployed.stdout).unwrap();

    let (events, sqs) = (event_bridge_at(&endpoint), sqs_at(&endpoint));
    let url = async |name: &str| {
        let name = format!("{name}-{STAGE}");
        sqs.get_queue_url().queue_name(name).send().await.unwrap().queue_url.unwrap()
    };
    let bus = EventBridge::new(&events, format!("deploys-{STAGE}"));
    bus.check().await.unwrap();
    for number in 0..ORDERS {
        // One call each: the order in the FIFO queue is that of the calls.
        let report = Publisher::new(bus.clone()).publish_all([placed(number)]).await;
        assert!(report.is_complete(), "{report:?}");
    }

    // The poller: 40 orders pass the filter, 13 is a dead letter.
    let seen = Seen::default();
    let noted = Arc::clone(&seen);
    let mailer = topology.handlers("mailer", MemoryStore::new()).unwrap();
    let mailer = mailer.on::<PlacedV2, _>(move |event, _| {
        let number = event.data.number;
        let result = if number == 13 {
            Err(HandlerError::permanent("an unlucky number"))
        } else {
            noted.lock().unwrap().push(number);
            Ok(())
        };
        async { result }
    });
    let letters = url("mailer-failed").await;
    poll(mailer, &sqs, &outputs["MailerQueueUrl"], Some(&letters), 40).await;
    let mut handled = seen.lock().unwrap().clone();
    handled.sort_unstable();
    assert_eq!(handled, (0..40).filter(|number| *number != 13).collect::<Vec<_>>());
    let received = sqs.receive_message().queue_url(&letters).message_attribute_names("All");
    let received = received.wait_time_seconds(5).send().await.unwrap().messages.unwrap_or_default();
    assert_eq!(received.len(), 1);
    let attributes = received[0].message_attributes.as_ref().unwrap();
    assert_eq!(attributes["ERROR_CODE"].string_value(), Some("Permanent"));

    // The FIFO queue keeps the order.
    let seen = Seen::default();
    let noted = Arc::clone(&seen);
    let ledger = topology.handlers("ledger", MemoryStore::new()).unwrap();
    let ledger = ledger.on::<PlacedV1, _>(move |event, _| {
        noted.lock().unwrap().push(event.data.number);
        async { Ok(()) }
    });
    poll(ledger, &sqs, &outputs["LedgerFifoQueueUrl"], None, ORDERS).await;
    assert_eq!(*seen.lock().unwrap(), (0..ORDERS).collect::<Vec<_>>());

    // The function: order 3 at its second delivery, order 4 as a dead letter.
    let mut told: Vec<String> = Vec::new();
    for _ in 0..60 {
        let received =
            sqs.receive_message().queue_url(&outputs["EffectsUrl"]).max_number_of_messages(10);
        let received = received.wait_time_seconds(1).send().await.unwrap();
        let received = received.messages.unwrap_or_default();
        if received.is_empty() && told.len() >= 49 {
            break;
        }
        for message in received {
            let url = sqs.delete_message().queue_url(&outputs["EffectsUrl"]);
            url.receipt_handle(message.receipt_handle.unwrap()).send().await.unwrap();
            told.push(message.body.unwrap());
        }
    }
    let mut expected: Vec<String> = (0..ORDERS)
        .filter(|order| *order != 4)
        .map(|order| format!("{order} at {}", if order == 3 { 2 } else { 1 }))
        .collect();
    expected.sort();
    told.sort();
    assert_eq!(told, expected);
    let count = async |name: &str| -> u64 {
        let asked = sqs.get_queue_attributes().queue_url(url(name).await);
        let asked = asked.attribute_names(QueueAttributeName::ApproximateNumberOfMessages);
        let attributes = asked.send().await.unwrap().attributes.unwrap();
        attributes[&QueueAttributeName::ApproximateNumberOfMessages].parse().unwrap()
    };
    assert_eq!(count("shipper-failed").await, 1);

    // Nobody handles these: SQS makes them dead letters after two receives, by the redrive policy.
    let absent = url("absent").await;
    for _ in 0..120 {
        let receive = sqs.receive_message().queue_url(&absent).max_number_of_messages(10);
        receive.send().await.unwrap();
        if count("absent-failed").await == ORDERS {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(count("absent-failed").await, ORDERS);

    // Nothing else is left anywhere.
    for (queue, left) in [
        ("mailer", 0),
        ("mailer-undelivered", 0),
        ("shipper", 0),
        ("shipper-undelivered", 0),
        ("ledger-undelivered", 0),
        ("absent", 0),
        ("absent-undelivered", 0),
    ] {
        assert_eq!(count(queue).await, left, "{queue}");
    }
    println!(
        "deploys: {} resources by CloudFormation, {} alarms and archives left out; {ORDERS} orders in two majors: mailer 39 handled, 10 filtered, 1 dead \
         letter; ledger {ORDERS} in order; shipper (function) 49 handled, one of them twice delivered, 1 dead letter; \
         absent {ORDERS} dead letters",
        outputs["Resources"], outputs["LeftOut"]
    );
}
