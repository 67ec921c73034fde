//! Dead letters of any size at a queue that refuses, lies and has limits of its own: none is lost, and
//! its reason is as near to it as there is room.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use std::sync::Arc;
use std::time::Duration;

use event_aws::{DeadLetterQueue, SqsPoller};
use event_runtime::backoff::Backoff;
use event_runtime::consume::{Consumer, HandlerError};
use event_runtime::idempotency::MemoryStore;
use event_tests_aws::events::PlacedV1;
use event_tests_aws::fault::Fault;
use event_tests_aws::server::FaultServer;
use serde_json::json;

const MIB: usize = 1024 * 1024;

fn poller(server: &FaultServer, queue: &str, dead: &str) -> SqsPoller {
    let consumer = Consumer::builder("emailer", MemoryStore::new())
        .on::<PlacedV1, _>(|_, _| async { Err(HandlerError::permanent("é".repeat(2000))) })
        .build()
        .unwrap();
    let (url, dead) = (server.queue(queue, &[]), server.queue(dead, &[]));
    let at_once = Backoff { base: Duration::ZERO, cap: Duration::ZERO, attempts: u32::MAX };
    SqsPoller::new(server.sqs(), url, consumer)
        .wait(Duration::from_secs(1))
        .backoff(at_once)
        .dead_letters(Arc::new(DeadLetterQueue::new(server.sqs(), dead)))
}

async fn drain(server: &FaultServer, poller: SqsPoller) {
    let empty = async {
        assert!(server.until(|world| world.queues["emailer"].messages.is_empty()).await);
    };
    poller.run(empty).await.unwrap();
}

#[tokio::test]
async fn letter_that_was_not_kept_is_not_acknowledged() {
    for body in [
        "",
        "{}",
        r#"{"__type":"ThrottlingException","message":"slow down"}"#,
        r#"{"MessageId":null}"#,
        r#"{"MessageId":""}"#,
        "<html>it works</html>",
    ] {
        let server = FaultServer::start(1).await;
        server.inject("emailer", "{", None);
        server.script("SendMessage", vec![Fault::Body(body); 4]);
        let poller = poller(&server, "emailer", "emailer-dead");
        drain(&server, poller).await;
        let world = server.world();
        let letters = &world.queues["emailer-dead"].messages;
        assert_eq!(letters.len(), 1, "{body:?}: lost");
        assert_eq!(letters.values().next().unwrap().attribute("ERROR_CODE"), Some("Poison"));
    }
}

#[tokio::test]
async fn letter_of_any_size_is_kept_with_what_fits_of_its_reason() {
    // The bytes that a body leaves free, and the limit of the dead-letter queue.
    for limit in [MIB, 256 * 1024] {
        for room in [0, 1, 40, 80, 200, 400, 5000] {
            let server = FaultServer::start(1).await;
            server.inject("emailer", &"{".repeat(limit - room), None);
            {
                let mut world = server.world();
                let messages = &mut world.queues.get_mut("emailer").unwrap().messages;
                let message = messages.values_mut().next().unwrap();
                let tenant = json!({"DataType": "String", "StringValue": "blue"});
                message.attributes.insert("tenant".to_owned(), tenant);
            }
            let poller = poller(&server, "emailer", "emailer-dead");
            server.world().queues.get_mut("emailer-dead").unwrap().max_bytes = limit;
            drain(&server, poller).await;
            let world = server.world();
            let letters = &world.queues["emailer-dead"].messages;
            assert_eq!(letters.len(), 1, "{limit} - {room}");
            let letter = letters.values().next().unwrap();
            assert_eq!(letter.body.len(), limit - room, "the body as it came");
            let attribute = |name| letter.attribute(name);
            match room {
                0 | 1 => assert!(letter.attributes.is_empty(), "{:?}", letter.attributes),
                40 => assert_eq!(attribute("ERROR_CODE"), Some("Poison")),
                _ => {
                    assert_eq!(attribute("ERROR_CODE"), Some("Poison"), "{limit} - {room}");
                    let reason = attribute("ERROR_MESSAGE").unwrap();
                    let whole = "failed to parse the message body";
                    assert!(reason.starts_with(&whole[..8]), "{limit} - {room}: {reason}");
                }
            }
            if room >= 400 {
                for name in ["CONSUMER", "MESSAGE_ID", "RECEIVE_COUNT", "tenant"] {
                    assert!(attribute(name).is_some(), "{limit} - {room}: {name} is missing");
                }
            }
        }
    }
}
