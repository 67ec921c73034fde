//! Which message bodies are decoded, and which are refused with a reason.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

mod common;

use common::{PublishedV1, PublishedV2};
use event_runtime::decode::{DecodeError, Incoming, Wrapping};
use event_runtime::{AwsEvent, DetailType, Envelope};
use serde_json::{Value, json};

/// The message that a queue receives from a rule.
const WHOLE: &str = include_str!("fixtures/whole-event.json");
/// The event that Amazon S3 puts on the default bus.
const FOREIGN: &str = include_str!("fixtures/s3-object-created.json");

fn whole() -> Value {
    serde_json::from_str(WHOLE).unwrap()
}

fn refusal(body: &Value) -> String {
    Incoming::read(body.to_string().as_bytes()).unwrap_err().to_string()
}

#[test]
fn both_layers_are_recognised() {
    let detail = whole()["detail"].to_string();
    for body in [WHOLE, &detail] {
        let incoming = Incoming::read(body.as_bytes()).unwrap();
        assert_eq!(incoming.detail_type().to_string(), "proposal.published:v2");
        assert_eq!(incoming.id().to_string(), "01ARZ3NDEKTSV4RRFFQ69G5FAV");
        let envelope = incoming.decode_event::<PublishedV2>().unwrap();
        assert_eq!(envelope.data.amount_cents, 4200);
    }
}

#[test]
fn naive_decoding_is_refused_and_never_version_0() {
    // Straight through serde: the ids and versions of the two layers have different types.
    let error = serde_json::from_str::<Envelope<Value>>(WHOLE).unwrap_err().to_string();
    assert!(error.contains("`0` is the version of the whole EventBridge event"), "{error}");
    let event: AwsEvent<Value> = serde_json::from_str(WHOLE).unwrap();
    assert_eq!(event.version, "0");

    // And through the reader of envelopes.
    let error = Incoming::read_envelope(WHOLE.as_bytes()).unwrap_err();
    assert!(matches!(error, DecodeError::WrongLayer { .. }));
    assert_eq!(
        error.to_string(),
        "expected an event envelope, found a whole EventBridge event, with the envelope in its `detail`"
    );
}

#[test]
fn event_inside_event_is_refused() {
    let mut body = whole();
    body["detail"] = whole();
    assert!(refusal(&body).starts_with("expected an event envelope, found a whole EventBridge"));
}

#[test]
fn other_wrappings_are_named_in_errors() {
    let sns = json!({"Type": "Notification", "TopicArn": "arn:x", "Message": WHOLE});
    assert!(refusal(&sns).contains("found an SNS notification"));
    let batch = json!({"Records": [{"body": WHOLE}]});
    assert!(refusal(&batch).contains("found a batch of `Records`"));
}

#[test]
fn events_of_aws_services_are_foreign() {
    let error = Incoming::read(FOREIGN.as_bytes()).unwrap_err();
    assert!(matches!(error, DecodeError::Foreign { .. }));
    assert_eq!(error.to_string(), "`Object Created` from `aws.s3` is not in an event envelope");
}

#[test]
fn aws_event_must_agree_with_its_envelope() {
    for (field, value, expected) in [
        (
            "detail-type",
            "proposal.published:v1",
            "the event's `detail-type` is `proposal.published:v1`, but the envelope has `proposal.published:v2`",
        ),
        (
            "detail-type",
            "ProposalPublished",
            "the event's `detail-type` is `ProposalPublished`, but the envelope has `proposal.published:v2`",
        ),
        (
            "source",
            "app.other",
            "the event's `source` is `app.other`, but the envelope has `app.solar`",
        ),
    ] {
        let mut body = whole();
        body[field] = value.into();
        assert_eq!(refusal(&body), expected);
    }
}

#[test]
fn each_broken_field_is_named_in_error() {
    for field in ["id", "source", "type", "version", "occurredAt", "data"] {
        let mut body = whole();
        body["detail"].as_object_mut().unwrap().remove(field);
        assert_eq!(refusal(&body), format!("the envelope has no `{field}`"));
    }
    for (field, value) in [("id", "17793124-05d4"), ("version", "2"), ("occurredAt", "yesterday")] {
        let mut body = whole();
        body["detail"][field] = value.into();
        assert!(
            refusal(&body).starts_with(&format!("failed to parse the `{field}` of the envelope: "))
        );
    }
}

#[test]
fn body_without_event_never_panics() {
    for body in ["", "{", "null", "[]", "7", "\"x\"", "{}", "\u{feff}{}", "{\"detail\":{}}"] {
        assert!(Incoming::read(body.as_bytes()).is_err(), "{body:?} was read");
    }
    assert!(Incoming::read(b"\xff\xfe").is_err());
    assert!(Incoming::read("[".repeat(100_000).as_bytes()).is_err());
}

#[test]
fn mismatched_payload_reports_its_path() {
    let mut body = whole();
    body["detail"]["data"]["amountCents"] = "much".into();
    let body = body.to_string();
    let incoming = Incoming::read(body.as_bytes()).unwrap();
    assert_eq!(
        incoming.decode_event::<PublishedV2>().unwrap_err().to_string(),
        "the data of `proposal.published:v2` does not fit its type at `amountCents`: invalid type: \
         string, expected i64 at line 1 column 21"
    );
    assert!(matches!(
        incoming.decode_event::<PublishedV1>().unwrap_err(),
        DecodeError::WrongEvent { expected: "proposal.published:v1", .. }
    ));
}

#[test]
fn later_minor_is_decoded() {
    let mut body = whole();
    body["detail"]["data"]["discount"] = json!({"percent": 5});
    body["detail"]["trace"] = "x".into();
    body["replay-name"] = "again".into();
    let body = body.to_string();
    let incoming = Incoming::read(body.as_bytes()).unwrap();
    assert!(incoming.decode_event::<PublishedV2>().is_ok());
    assert_eq!(incoming.replay(), Some("again"));
}

#[test]
fn escapes_in_head_and_null_data_are_decoded() {
    let mut body = whole();
    body["detail"]["data"] = Value::Null;
    let body = body.to_string().replace("app.solar", "app\\u002esolar");
    let incoming = Incoming::read(body.as_bytes()).unwrap();
    assert_eq!((incoming.source(), incoming.data().get()), ("app.solar", "null"));
}

/// A body of bytes with `broken` instead of the single `?`.
fn bytes_of(body: &str, broken: &[u8]) -> Vec<u8> {
    let (before, after) = body.split_once('?').unwrap();
    [before.as_bytes(), broken, after.as_bytes()].concat()
}

#[test]
fn invalid_utf8_fails_only_where_it_is_read() {
    for broken in [&b"\xff"[..], b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"] {
        // in a field that is not used: ignored
        let body = bytes_of(&WHOLE.replacen('{', "{\"new\":\"a?\",", 1), broken);
        let incoming = Incoming::read(&body).unwrap();
        assert!(incoming.decode_event::<PublishedV2>().is_ok());

        // in the payload: the event is refused, but not parsed that far if it is not wanted
        let body =
            bytes_of(&WHOLE.replacen("\"data\": {", "\"data\": {\"new\": \"?\",", 1), broken);
        let error = Incoming::read(&body).unwrap_err().to_string();
        assert!(error.contains("invalid unicode code point at line"), "{error}");
        let wanted = Incoming::read_if(&body, Wrapping::Event, |_| false).unwrap();
        assert!(wanted.is_none());

        // in what routing reads, and in a bare envelope
        for (place, with) in [("\"app.solar\"", "\"app.solar?\""), ("\"type\"", "\"type?\"")] {
            let body = bytes_of(&whole().to_string().replacen(place, with, 1), broken);
            assert!(Incoming::read(&body).is_err());
            let detail = whole()["detail"].to_string().replacen(place, with, 1);
            assert!(Incoming::read_envelope(&bytes_of(&detail, broken)).is_err());
        }
    }
}

/// The questions that are asked, and the results of a yes and of a no, for a body in a wrapping.
fn asked(body: &str, wrapping: Wrapping) -> (Vec<String>, String, bool) {
    let mut asked = Vec::new();
    let read = |answer: bool, asked: &mut Vec<String>| {
        Incoming::read_if(body.as_bytes(), wrapping, |event: DetailType<'_>| {
            asked.push(event.to_string());
            answer
        })
    };
    let declined = matches!(read(false, &mut asked), Ok(None));
    let once = asked.clone();
    let taken = match read(true, &mut asked) {
        Ok(taken) => format!("ok {}", taken.unwrap().detail_type()),
        Err(error) => error.to_string(),
    };
    (once, taken, declined)
}

#[test]
fn wanted_is_called_before_envelope_is_parsed() {
    let event = "proposal.published:v2";
    // the rest of the text may be anything then, or be missing
    let cut = &WHOLE[..WHOLE.find("\"detail\":").unwrap() + 12];
    let (questions, error, declined) = asked(cut, Wrapping::EventOrEnvelope);
    assert_eq!((questions, declined), (vec![event.to_owned()], true));
    assert!(error.contains("failed to parse"), "{error}");

    let detail = whole()["detail"].to_string();
    let event_of = |body: &str, wrapping| asked(body, wrapping);
    assert_eq!(
        event_of(WHOLE, Wrapping::Event),
        (vec![event.to_owned()], format!("ok {event}"), true)
    );
    assert_eq!(
        event_of(&detail, Wrapping::EventOrEnvelope),
        (Vec::new(), format!("ok {event}"), false),
        "keys in another order: `data` comes before what tells the event"
    );
}

#[test]
fn wanted_event_decodes_as_without_wanted() {
    let mut bodies = vec![WHOLE.to_owned(), whole()["detail"].to_string(), FOREIGN.to_owned()];
    for (field, value) in
        [("detail-type", json!("x")), ("source", json!("x")), ("detail", json!(null))]
    {
        let mut body = whole();
        body[field] = value;
        bodies.push(body.to_string());
        body.as_object_mut().unwrap().remove(field);
        bodies.push(body.to_string());
    }
    bodies.extend(["", "{", "null", "[]", "{}", "{\"detail\":{}}"].map(str::to_owned));
    bodies.push(format!("{WHOLE}x"));
    bodies.push(WHOLE.replacen('{', "{\"source\":\"app.solar\",", 1));
    for body in bodies {
        for wrapping in
            [Wrapping::EventOrEnvelope, Wrapping::Event, Wrapping::Envelope, Wrapping::Sns]
        {
            let plain = match Incoming::read_as(body.as_bytes(), wrapping) {
                Ok(read) => format!("ok {}", read.detail_type()),
                Err(error) => error.to_string(),
            };
            assert_eq!(asked(&body, wrapping).1, plain, "{wrapping:?} {body}");
        }
    }
}

#[test]
fn event_of_another_source_is_refused() {
    let mut body = whole();
    body["source"] = json!("app.mallory");
    body["detail"]["source"] = json!("app.mallory");
    let text = body.to_string();
    let incoming = Incoming::read(text.as_bytes()).unwrap();
    let error = incoming.decode_event::<PublishedV2>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected an event of the source `app.solar`, found `app.mallory`"
    );
    // Without a Rust type the source cannot be compared.
    assert!(incoming.decode::<Value>().is_ok());
}
