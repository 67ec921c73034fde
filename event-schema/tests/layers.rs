//! Payloads, envelopes and AWS events: the layer that is used, and the parts around the payload.
#![allow(clippy::unwrap_used, reason = "a test")]

use event_schema::compat::{self, Policy, Verdict};
use event_schema::diagnostic::Severity;
use event_schema::document::Document;
use event_schema::read::{self, EventSchema, Layer};
use serde_json::{Value, json};

fn event_as(value: &Value, layer: Option<Layer>) -> EventSchema {
    let doc = Document::parse("a.json", value.to_string()).unwrap();
    read::events_as(&doc, layer, &|_| None).unwrap_or_else(|p| panic!("{value}: {p:?}")).remove(0)
}

fn event(value: &Value) -> EventSchema {
    event_as(value, None)
}

/// An envelope with these members besides its usual ones.
fn envelope(edit: impl Fn(&mut Value)) -> Value {
    let mut out = json!({
        "type": "object",
        "properties": {
            "id": { "type": "string" },
            "type": { "type": "string" },
            "source": { "type": "string" },
            "occurredAt": { "type": "string" },
            "data": { "type": "object", "properties": { "a": { "type": "string" } } }
        }
    });
    edit(&mut out);
    out
}

fn aws(detail: &Value, edit: impl Fn(&mut Value)) -> Value {
    let mut out = json!({
        "type": "object",
        "required": ["detail", "detail-type"],
        "properties": {
            "detail-type": { "type": "string" },
            "id": { "type": "string" },
            "resources": { "type": "array", "items": { "type": "string" } },
            "detail": detail
        }
    });
    edit(&mut out);
    out
}

type Edit = fn(&mut Value);

#[test]
fn changes_beside_the_payload_break() {
    let edits: [(Edit, &str); 5] = [
        (|e| e["properties"]["id"]["type"] = json!("integer"), "field-type-changed"),
        (|e| e["required"] = json!(["id"]), "field-made-required"),
        (|e| e["required"] = json!(["tenant"]), "required-name-added"),
        (|e| e["properties"]["source"]["enum"] = json!(["app.x"]), "enum-added"),
        (|e| e["additionalProperties"] = json!(false), "object-closed"),
    ];
    let plain = envelope(|_| {});
    for (edit, rule) in edits {
        for (old, new, inner) in [
            (plain.clone(), envelope(edit), "data"),
            (aws(&plain, |_| {}), aws(&envelope(edit), |_| {}), "data"),
        ] {
            let (old, new) = (event(&old), event(&new));
            assert_eq!(old.facts.path.last(), Some(&"data"));
            let report = compat::check_event(&old, &new, Policy::Additive);
            assert_eq!(report.verdict, Verdict::Breaking, "{rule}");
            let change = report.breaks().find(|c| c.rule.id == rule);
            let change = change.unwrap_or_else(|| panic!("{rule}: {:?}", report.changes));
            assert!(
                change.message.starts_with(&format!("beside `{inner}`: ")),
                "{}",
                change.message
            );
            let found = compat::check_events(&[("1.0", &old), ("1.1", &new)], Policy::Additive);
            assert!(
                found.iter().any(|d| d.rule.id == rule && d.severity == Severity::Error),
                "{found:?}"
            );
        }
    }
    let payload = json!({ "type": "object", "properties": { "n": { "type": "integer" } } });
    let (old, new) = (
        event(&aws(&payload, |_| {})),
        event(&aws(&payload, |e| e["properties"]["id"]["type"] = json!("integer"))),
    );
    let report = compat::check_event(&old, &new, Policy::Additive);
    assert!(report.breaks().next().unwrap().message.starts_with("beside `detail`: "));
}

#[test]
fn payload_changes_are_reported_once_under_their_own_names() {
    let (old, new) = (
        event(&aws(&envelope(|_| {}), |_| {})),
        event(&aws(
            &envelope(|e| e["properties"]["data"]["properties"]["a"]["type"] = json!("integer")),
            |_| {},
        )),
    );
    let report = compat::check_event(&old, &new, Policy::Additive);
    let breaks: Vec<_> = report.breaks().map(|c| c.message.as_str()).collect();
    assert_eq!(breaks.len(), 1, "{breaks:?}");
    assert!(breaks[0].starts_with("the type of `a`"), "{breaks:?}");
    // an optional name beside the payload is allowed, as in the payload
    let more =
        event(&aws(&envelope(|e| e["properties"]["trace"] = json!({ "type": "string" })), |_| {}));
    assert_eq!(compat::check_event(&old, &more, Policy::Additive).verdict, Verdict::Compatible);
}

#[test]
fn payload_shared_with_the_envelope_is_compared_there_too() {
    let with = |ty: &str| {
        let mut out = envelope(|e| {
            e["properties"]["data"] = json!({ "$ref": "#/definitions/D" });
            e["properties"]["before"] = json!({ "$ref": "#/definitions/D" });
        });
        out["definitions"] = json!({ "D": { "type": ty } });
        event(&out)
    };
    let report = compat::check_event(&with("string"), &with("integer"), Policy::Additive);
    assert!(report.breaks().any(|c| c.message.contains("`before`")), "{:?}", report.changes);
}

#[test]
fn caller_can_state_the_layer() {
    let looks = envelope(|_| {});
    assert_eq!(event(&looks).facts.compared(), "`data` of the envelope, and the fields beside it");
    let payload = event_as(&looks, Some(Layer::Payload));
    assert_eq!((payload.facts.compared(), payload.around.is_none()), ("the whole schema", true));
    assert!(
        payload
            .payload
            .node(payload.payload.root)
            .object
            .as_ref()
            .unwrap()
            .property("id")
            .is_some()
    );
    // an envelope with fewer names
    let small =
        json!({ "type": "object", "properties": { "data": { "type": "object" }, "key": {} } });
    assert!(event(&small).facts.path.is_empty());
    assert_eq!(event_as(&small, Some(Layer::Envelope)).facts.path, ["data"]);
    // an AWS event whose detail looks like an envelope
    let mut wrapped = aws(&looks, |_| {});
    assert_eq!(event(&wrapped).facts.path, ["detail", "data"]);
    assert_eq!(event_as(&wrapped, Some(Layer::AwsEvent)).facts.path, ["detail"]);
    assert_eq!(event_as(&wrapped, Some(Layer::Envelope)).facts.path, ["detail", "data"]);
    // what looks like an AWS event is a payload if the caller states it; a marked one is not
    assert!(event_as(&wrapped, Some(Layer::Payload)).facts.path.is_empty());
    wrapped["x-amazon-events-detail-type"] = json!("a:v1");
    assert_eq!(event_as(&wrapped, Some(Layer::Payload)).facts.path, ["detail"]);
    // a layer that the schema does not have
    let doc = Document::parse("a.json", r#"{"properties": {"x": {}}}"#).unwrap();
    for (layer, inner) in [(Layer::Envelope, "data"), (Layer::AwsEvent, "detail")] {
        let found = read::events_as(&doc, Some(layer), &|_| None).unwrap_err();
        assert_eq!(found[0].rule.id, "payload-not-found");
        assert!(found[0].message.contains(inner), "{}", found[0].message);
    }
}

#[test]
fn minors_that_describe_different_layers_get_a_warning() {
    let payload = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
    let (old, new) = (event(&payload), event(&envelope(|_| {})));
    let found = compat::check_events(&[("1.0", &old), ("1.1", &new)], Policy::Additive);
    let [warning] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((warning.rule.id, warning.severity), ("layer-changed", Severity::Warning));
    assert_eq!(warning.was.as_deref(), Some("the whole schema"));
}
