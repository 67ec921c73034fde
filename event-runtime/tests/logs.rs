//! Text from an event is one bounded line in a log or an attribute, and its payload is never
//! logged.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

mod common;

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_runtime::consume::{
    Consumer, DeadLetter, DeadLetters, Delivered, HandlerError, Outcome, Record, Stop, Unhandled,
};
use event_runtime::decode::Wrapping;
use event_runtime::idempotency::MemoryStore;
use event_runtime::projection::{MemoryProjections, Projection, Revision};
use event_runtime::publish::{Refusal, Rejection};
use event_runtime::store::{BoxFuture, StoreError};
use event_runtime::{Event, EventId};
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span;

use self::common::odd::{Odd, Op, Wrong};

/// A marker in the payload only.
const SECRET: &str = "s3cr3t, expected \"a\" at `b`\nERROR forged\u{1b}[31m";
/// A marker in the fields around the payload.
const FORGED: &str = "x\r\n2026-11-24 ERROR forged\u{1b}[31m\u{202e}\u{2028}\0";

/// All log output, a line for each event and span.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }

    // As a formatter without escaping would write it.
    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, " {field}={value}").unwrap();
    }
}

impl Log {
    fn note(&self, record: impl FnOnce(&mut Line)) {
        let mut line = Line(String::new());
        record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        self.note(|line| attributes.record(line));
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, record: &span::Record<'_>) {
        self.note(|line| record.record(line));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        self.note(|line| event.record(line));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// Records the reasons of dead letters with the log.
struct Letters(Log);

impl DeadLetters for Letters {
    fn send<'a>(&'a self, letter: DeadLetter<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        self.0.0.lock().unwrap().push(letter.reason.to_owned());
        Box::pin(async { Err(StoreError::new("not kept")) })
    }
}

#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Issued {
    number: u32,
    kind: Kind,
    #[serde(default)]
    lines: BTreeMap<String, u8>,
    #[serde(default)]
    at: Option<std::net::IpAddr>,
    #[serde(default)]
    either: Option<Either>,
    #[serde(default)]
    raw: Option<event_runtime::Timestamp>,
}

#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Plain,
    Other { deep: u8 },
}

#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
enum Either {
    Number(u8),
    Flag(bool),
}

impl Event for Issued {
    const TYPE: &'static str = "invoice.issued";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const VERSION: &'static str = "v1";
    const SOURCE: &'static str = "app.books";
    const DETAIL_TYPE: &'static str = "invoice.issued:v1";
}

/// The event with this payload.
fn issued(data: &Value) -> Value {
    json!({
        "version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103", "account": "000000000000",
        "detail-type": "invoice.issued:v1", "source": "app.books", "time": "2026-11-24T12:00:00Z",
        "region": "eu-central-1", "resources": [],
        "detail": {
            "id": EventId::generate(), "source": "app.books", "type": "invoice.issued",
            "version": "v1", "occurredAt": "2026-11-24T12:00:00Z", "data": data
        }
    })
}

/// A good payload, with a field of this value.
fn with(field: &str, value: Value) -> Value {
    let mut data = json!({"number": 1, "kind": "plain", "note": SECRET});
    data[field] = value;
    data
}

/// Returns the log output and the reasons for one message, and its outcome.
async fn said(
    builder: event_runtime::consume::ConsumerBuilder,
    body: &str,
) -> (Vec<String>, Outcome) {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let consumer = builder.build().unwrap();
    let attributes = BTreeMap::from([(FORGED.to_owned(), SECRET.to_owned())]);
    let record = Record::new(FORGED, body);
    let message = Delivered::new(record).group(FORGED.to_owned()).attributes(attributes);
    let letters: Arc<dyn DeadLetters> = Arc::new(Letters(log.clone()));
    let mut outcomes = Vec::new();
    let told = |_, outcome: Outcome, _| outcomes.push(outcome);
    consumer.deliver(vec![message], &Stop::never(), Some(&letters), told).await;
    let lines = log.0.lock().unwrap().clone();
    (lines, outcomes.remove(0))
}

fn ignoring() -> event_runtime::consume::ConsumerBuilder {
    Consumer::builder("books", MemoryStore::new()).on::<Issued, _>(|_, _| async { Ok(()) })
}

/// Asserts that the output has nothing of the payload, and no characters that split a line or hide
/// a part of it.
fn assert_clean(what: &str, lines: &[String], outcome: &Outcome) {
    assert!(!lines.is_empty(), "{what}: nothing was said");
    let outcome = match outcome {
        Outcome::DeadLetter { reason, .. } | Outcome::Retry { reason, .. } => reason.clone(),
        _ => String::new(),
    };
    for line in lines.iter().chain([&outcome]) {
        assert!(!line.contains("s3cr3t"), "{what}: quotes the payload: {line}");
        let hides = |c: char| ('\u{200b}'..='\u{202e}').contains(&c) && c != '…';
        let odd = |c: char| c.is_control() || hides(c);
        assert!(!line.contains(odd), "{what}: {line:?}");
        assert!(line.len() < 8 * 1024, "{what}: {} bytes", line.len());
    }
}

#[tokio::test]
async fn success_is_one_line_with_its_duration() {
    let body = issued(&with("number", json!(1))).to_string();
    let (lines, outcome) = said(ignoring(), &body).await;
    assert_eq!(outcome, Outcome::Handled);
    let handled: Vec<_> = lines.iter().filter(|line| line.contains("event handled")).collect();
    let [line] = handled.as_slice() else { panic!("{lines:?}") };
    for field in [" consumer=books", " id=", " detail_type=invoice.issued:v1", " elapsed="] {
        assert!(line.contains(field), "{field}: {line}");
    }
    assert_clean("a success", &lines, &outcome);
}

#[tokio::test]
async fn mismatched_payload_is_not_quoted() {
    for (field, value) in [
        ("number", json!(SECRET)),
        ("number", json!([SECRET])),
        ("number", json!({SECRET: SECRET})),
        ("number", json!(null)),
        ("kind", json!(SECRET)),
        ("kind", json!({SECRET: 1})),
        ("kind", json!({"other": {"deep": SECRET}})),
        ("kind", json!({"other": {"deep": 1}, "second": SECRET})),
        ("lines", json!(SECRET)),
        ("at", json!(SECRET)),
        ("either", json!(SECRET)),
        ("raw", json!(SECRET)),
    ] {
        let body = issued(&with(field, value)).to_string();
        let (lines, outcome) = said(ignoring(), &body).await;
        assert!(matches!(outcome, Outcome::DeadLetter { .. }), "{field}: {outcome:?}");
        assert_clean(&format!("{field} in {body}"), &lines, &outcome);
    }
    // The path names the place; its names are escaped and bounded.
    for name in [FORGED.to_owned(), "n".repeat(500_000)] {
        let body = issued(&with("lines", json!({name: SECRET}))).to_string();
        let (lines, outcome) = said(ignoring(), &body).await;
        assert!(matches!(outcome, Outcome::DeadLetter { .. }), "{outcome:?}");
        assert_clean("a name", &lines, &outcome);
    }
}

#[tokio::test]
async fn head_of_event_is_escaped_and_bounded() {
    for hostile in [FORGED.to_owned(), "y".repeat(500_000)] {
        for place in [
            "/detail-type",
            "/source",
            "/detail/id",
            "/detail/source",
            "/detail/type",
            "/detail/version",
            "/detail/occurredAt",
            "/replay-name",
        ] {
            let mut event = issued(&with("number", json!(SECRET)));
            if place == "/replay-name" {
                event["replay-name"] = Value::Null;
            }
            *event.pointer_mut(place).unwrap() = json!(hostile);
            let (lines, outcome) = said(ignoring(), &event.to_string()).await;
            assert_clean(place, &lines, &outcome);
            // Consistent, but not an event of ours: a rule that is too wide matches it.
            let mut event = issued(&with("number", json!(1)));
            for place in ["/source", "/detail/source"] {
                *event.pointer_mut(place).unwrap() = json!(hostile);
            }
            let (lines, outcome) = said(ignoring(), &event.to_string()).await;
            assert_clean("source", &lines, &outcome);
            event["detail-type"] = json!(format!("{hostile}:v1"));
            event["detail"]["type"] = json!(hostile);
            for unhandled in [Unhandled::Skip, Unhandled::DeadLetter] {
                let builder = ignoring().unhandled(unhandled);
                let (lines, outcome) = said(builder, &event.to_string()).await;
                assert_clean("type", &lines, &outcome);
            }
        }
    }
}

#[tokio::test]
async fn body_that_is_not_an_event_is_named_and_not_quoted() {
    let event = issued(&with("number", json!(1)));
    let mut text_detail = event.clone();
    text_detail["detail"] = json!(event["detail"].to_string());
    let sns = json!({"Type": "Notification", "TopicArn": FORGED, "Message": event.to_string()});
    let invocation = json!({"requestContext": {"requestId": SECRET}, "requestPayload": event});
    let s3 = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": SECRET});
    for (body, named) in [
        (text_detail, "whose `detail` is a JSON string"),
        (sns, "an SNS notification"),
        (invocation, "the record of a Lambda invocation"),
        (s3, "the message by which S3 tests a notification"),
        (json!(event.to_string()), "a JSON string"),
        (json!([event]), "a JSON array"),
        (json!({"Records": [{"body": SECRET}]}), "a batch of `Records`"),
        (json!({"note": SECRET}), "the envelope has no `id`"),
        (json!(SECRET), "a JSON string"),
        (
            json!({"detail-type": FORGED, "source": FORGED, "detail": {"a": SECRET}}),
            "is not in an event envelope",
        ),
    ] {
        let (lines, outcome) = said(ignoring(), &body.to_string()).await;
        assert_clean(named, &lines, &outcome);
        assert!(lines.iter().any(|line| line.contains(named)), "{named}: {lines:?}");
    }
    let whole = event.to_string();
    for cut in [1, 40, whole.len() / 2, whole.len() - 1] {
        let (lines, outcome) = said(ignoring(), &whole[..cut]).await;
        assert_clean("cut off", &lines, &outcome);
    }
}

#[tokio::test]
async fn each_wrapping_is_read_where_it_is_declared() {
    let event = || issued(&with("number", json!(1))).to_string();
    let sns = |inside: String| {
        json!({"Type": "Notification", "TopicArn": "arn:x", "Message": inside}).to_string()
    };
    let value = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    let invocation = json!({
        "version": "1.0", "timestamp": "2026-11-24T12:00:00Z", "requestPayload": value(event()),
        "requestContext": {"requestId": "r", "condition": "RetriesExhausted"},
        "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": "it failed"}
    });
    for (wrapping, body) in [
        (Wrapping::Sns, sns(event())),
        (Wrapping::Invocation, invocation.to_string()),
        (Wrapping::Text, json!(event()).to_string()),
        (Wrapping::Event, event()),
    ] {
        let (_, outcome) = said(ignoring().wrapping(wrapping), &body).await;
        assert_eq!(outcome, Outcome::Handled, "{wrapping:?}");
    }
    // The content of a wrapping is named in the error.
    let s3 = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": SECRET}).to_string();
    for (wrapping, body, named) in [
        (Wrapping::Sns, sns(s3.clone()), "S3 tests a notification"),
        (Wrapping::Sns, sns(invocation.to_string()), "the record of a Lambda invocation"),
        (Wrapping::Sns, sns(sns(event())), "an SNS notification"),
        (Wrapping::Sns, event(), "a whole EventBridge event"),
        (Wrapping::Invocation, event(), "a whole EventBridge event"),
        (Wrapping::Invocation, json!([value(event())]).to_string(), "a JSON array"),
        (Wrapping::Text, event(), "a whole EventBridge event"),
        (Wrapping::Text, json!(json!(event()).to_string()).to_string(), "a JSON string"),
        (Wrapping::Envelope, event(), "a whole EventBridge event"),
    ] {
        let (lines, outcome) = said(ignoring().wrapping(wrapping), &body).await;
        assert_clean(named, &lines, &outcome);
        assert!(lines.iter().any(|line| line.contains(named)), "{wrapping:?}: {lines:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_failure_is_one_bounded_line() {
    let event = issued(&with("number", json!(1)));
    let long = || format!("{FORGED}{}", "z".repeat(500_000));
    let failing = |fail: fn(String) -> HandlerError| {
        let said = long();
        Consumer::builder("books", MemoryStore::new()).on::<Issued, _>(move |_, _| {
            let error = fail(said.clone());
            async { Err(error) }
        })
    };
    let panicking = || {
        let said = long();
        Consumer::builder("books", MemoryStore::new()).on::<Issued, _>(move |_, _| {
            let said = said.clone();
            async move { panic!("{said}") }
        })
    };
    // A part of an effect may have a name from an event, such as a recipient.
    let parted = |op, wrong| {
        let odd = Odd::new(op, wrong);
        Consumer::builder("books", odd).lease(Duration::from_secs(3)).on::<Issued, _>(
            |_, context| async move {
                let slow = || async {
                    tokio::time::sleep(Duration::from_secs(20)).await;
                    Ok(())
                };
                context.once(FORGED, slow).await.map(drop)
            },
        )
    };
    for (what, builder) in [
        ("transient", failing(HandlerError::transient)),
        ("permanent", failing(HandlerError::permanent)),
        ("panic", panicking()),
        ("claim", parted(Op::Claim, Wrong::Fails)),
        ("renew", parted(Op::Renew, Wrong::Fails)),
        ("no response to renew", parted(Op::Renew, Wrong::Hangs)),
        ("complete", parted(Op::Complete, Wrong::Fails)),
        ("release", parted(Op::Release, Wrong::Fails)),
    ] {
        let (lines, outcome) = said(builder, &event.to_string()).await;
        assert_clean(what, &lines, &outcome);
    }
}

/// Asserts that an error about an invalid value does not quote it.
fn assert_quotes_nothing(what: &str, said: &str) {
    assert_clean(what, &[said.to_owned()], &Outcome::Handled);
}

#[tokio::test]
async fn mismatched_stored_values_are_not_quoted() {
    // A row of a projection whose type has changed since.
    let store = MemoryProjections::new();
    let texts = Projection::<Value>::new("texts", store.clone());
    let numbers = Projection::<u32>::new("texts", store);
    for value in [json!(SECRET), json!({SECRET: SECRET}), json!([SECRET])] {
        let _ = texts.upsert(FORGED, Revision::Sequence(1), &value).await.unwrap();
        let error = numbers.get(FORGED).await.unwrap_err();
        assert_quotes_nothing("a row", &error.to_string());
        assert_quotes_nothing("a row", &HandlerError::from(error).to_string());
    }
    // The result of a part.
    let number = Arc::new(AtomicBool::new(false));
    let builder = Consumer::builder("books", MemoryStore::new()).on::<Issued, _>({
        move |_, context| {
            let number = Arc::clone(&number);
            async move {
                if number.swap(true, Ordering::Relaxed) {
                    let _: u32 = context.once_with("part", async || Ok(1)).await?;
                } else {
                    let _: String = context.once_with("part", async || Ok(SECRET.into())).await?;
                }
                Err(HandlerError::transient("again"))
            }
        }
    });
    let consumer = builder.build().unwrap();
    let event = issued(&with("number", json!(1))).to_string();
    for _ in 0..2 {
        let record = Record::new("m", event.as_str());
        let outcome = consumer.handle_batch(vec![record]).await.outcomes.remove(0).1;
        let (Outcome::Retry { reason, .. } | Outcome::DeadLetter { reason, .. }) = outcome else {
            panic!("{outcome:?}")
        };
        assert_quotes_nothing("a kept result", &reason);
    }
}

#[test]
fn code_and_message_of_a_refusal_are_one_bounded_line() {
    let long = format!("{FORGED}{}", "z".repeat(500_000));
    let refused = Rejection::Refused(Refusal::permanent(long.clone(), long));
    assert_quotes_nothing("a refusal", &refused.to_string());
}

#[tokio::test]
async fn payload_error_is_available_on_request() {
    let body = issued(&with("number", json!("four"))).to_string();
    let incoming = event_runtime::decode::Incoming::read(body.as_bytes()).unwrap();
    let error = incoming.decode_event::<Issued>().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("four"), "{error:?}");
    let event_runtime::decode::DecodeError::Payload { details, path, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(path, "number");
    assert!(details.reveal().contains("\"four\""), "{}", details.reveal());
}
