//! The attributes of a message, from its sender to the handler and to the dead-letter queue.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_aws::{DeadLetterQueue, EventBridge, SqsPoller};
use event_runtime::consume::{Consumer, HandlerError};
use event_runtime::idempotency::MemoryStore;
use event_runtime::publish::Publisher;
use event_runtime::trace;
use event_tests_aws::events::{PlacedV1, placed_v1};
use event_tests_aws::server::FaultServer;
use serde_json::json;

const TRACE: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";

type Seen = Arc<Mutex<Vec<(Option<String>, Option<String>)>>>;

/// Records tenant and trace of each event, and refuses it.
fn refusing(seen: &Seen) -> Consumer {
    let seen = Arc::clone(seen);
    let builder = Consumer::builder("emailer", MemoryStore::new());
    let builder = builder.on::<PlacedV1, _>(move |_, context| {
        let seen = Arc::clone(&seen);
        async move {
            let tenant = context.attribute("tenant").map(str::to_owned);
            seen.lock().unwrap().push((tenant, trace::current().xray().map(Cow::into_owned)));
            Err(HandlerError::permanent("refused"))
        }
    });
    builder.build().unwrap()
}

async fn drain(server: &FaultServer, consumer: Consumer) {
    let (url, dead) = (server.queue("emailer", &[]), server.queue("emailer-dead", &[]));
    let poller = SqsPoller::new(server.sqs(), url, consumer)
        .wait(Duration::from_secs(1))
        .dead_letters(Arc::new(DeadLetterQueue::new(server.sqs(), dead)));
    let empty = async {
        assert!(server.until(|world| world.queues["emailer"].messages.is_empty()).await);
    };
    poller.run(empty).await.unwrap();
}

#[tokio::test]
async fn attributes_and_trace_reach_handler_and_dead_letter() {
    let server = FaultServer::start(1).await;
    server.queue("emailer", &["order.placed:v1"]);
    let publisher = Publisher::new(EventBridge::new(&server.events(), "orders"));
    let report = trace::within(Some(TRACE.to_owned()), publisher.publish(placed_v1(1))).await;
    assert!(report.is_complete());
    {
        let mut world = server.world();
        let messages = &mut world.queues.get_mut("emailer").unwrap().messages;
        let message = messages.values_mut().next().unwrap();
        let text = |value: &str| json!({"DataType": "String", "StringValue": value});
        message.attributes.insert("tenant".to_owned(), text("blue"));
        message.attributes.insert("ERROR_CODE".to_owned(), text("theirs"));
        message
            .attributes
            .insert("image".to_owned(), json!({"DataType": "Binary", "BinaryValue": "AAEC"}));
    }
    let seen = Seen::default();
    drain(&server, refusing(&seen)).await;
    assert_eq!(*seen.lock().unwrap(), [(Some("blue".to_owned()), Some(TRACE.to_owned()))]);
    let world = server.world();
    let letter = world.queues["emailer-dead"].messages.values().next().unwrap();
    assert_eq!(letter.attribute("tenant"), Some("blue"));
    assert_eq!(letter.attribute("ERROR_CODE"), Some("Permanent"), "ours counts");
    assert_eq!(letter.trace.as_deref(), Some(TRACE));
}

#[tokio::test]
async fn too_many_attributes_do_not_lose_dead_letter() {
    let server = FaultServer::start(1).await;
    server.queue("emailer", &[]);
    server.inject("emailer", "{", None);
    {
        let mut world = server.world();
        let messages = &mut world.queues.get_mut("emailer").unwrap().messages;
        let message = messages.values_mut().next().unwrap();
        for number in 0..10 {
            let value = json!({"DataType": "String", "StringValue": "x"});
            message.attributes.insert(format!("a{number}"), value);
        }
    }
    drain(&server, refusing(&Seen::default())).await;
    let world = server.world();
    let letter = world.queues["emailer-dead"].messages.values().next().unwrap();
    assert_eq!(letter.attributes.len(), 10, "{:?}", letter.attributes);
    assert_eq!(letter.attribute("ERROR_CODE"), Some("Poison"));
}
