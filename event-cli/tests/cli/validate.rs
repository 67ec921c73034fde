//! `cargo event validate`.

use crate::scratch::{ORDER, ORDER_BROKEN, Run, Scratch};

const GOOD: &str = r#"{"orderId": "o-1", "status": "paid"}"#;
const BAD: &str = r#"{
  "orderId": 7,
  "status": "lost"
}"#;

fn validate(event: &str, text: impl AsRef<[u8]>) -> Run {
    Scratch::locked().run_in(".", &["validate", event, "-"], text.as_ref())
}

fn envelope(version: &str, data: &str) -> String {
    format!(
        r#"{{"id": "01J0000000000000000000000Z", "source": "shop.orders", "type": "order.placed", "version": "{version}", "occurredAt": "2026-01-01T00:00:00Z", "data": {data}}}"#
    )
}

fn delivered(detail: &str) -> String {
    format!(
        r#"{{"version": "0", "id": "1", "source": "shop.orders", "detail-type": "order.placed:v1", "account": "1", "time": "2026-01-01T00:00:00Z", "region": "eu-central-1", "resources": [], "detail": {detail}}}"#
    )
}

#[test]
fn conforming_events_pass() {
    for event in
        [GOOD.to_owned(), envelope("v1", GOOD), delivered(GOOD), delivered(&envelope("v1", GOOD))]
    {
        for version in
            ["order.placed", "order.placed@1", "order.placed@v1", "shop/order.placed@1.0"]
        {
            let run = validate(version, &event);
            assert_eq!((run.code, run.err.as_str()), (0, ""), "{version} {event}");
            assert_eq!(run.out, "checked 1 event against `order.placed`: all conform\n");
        }
    }
}

#[test]
fn each_failure_is_named_and_drawn() {
    let run = validate("order.placed@1.0", BAD);
    run.says(
        1,
        &[
            "`/orderId`: ",
            "--> <stdin>:2:14",
            "`/status`: ",
            "--> <stdin>:3:13",
            "1.0 states",
            "order.placed/1.0.json:8:",
        ],
    );
    assert_eq!(run.out, "checked 1 event against `order.placed`: 1 does not conform\n");
    validate("order.placed", r#"{"orderId": "o"}"#).says(1, &["the event: `status` is missing"]);
    let wrapped = delivered(&envelope("v1", r#"{"orderId": 7, "status": "paid"}"#));
    validate("order.placed", wrapped).says(1, &["`/detail/data/orderId`: "]);
}

#[test]
fn one_event_per_line_is_checked() {
    let lines = format!("{GOOD}\n\n{{\"orderId\": 1, \"status\": \"paid\"}}\r\n{GOOD}\n{{\n");
    let run = validate("order.placed", &lines);
    run.says(2, &["--> <stdin>:3:13", "`/orderId`: ", "<stdin>:5:"]);
    assert_eq!(run.out, "checked 4 events against `order.placed`: 2 do not conform\n");
}

#[test]
fn major_that_an_event_claims_is_checked() {
    let scratch = Scratch::locked();
    scratch.write(&format!("{ORDER}/2.0.json"), ORDER_BROKEN);
    scratch.write("v1.json", envelope("v1", r#"{"orderId": "o"}"#));
    scratch.write("v2.json", envelope("v2", r#"{"orderId": "o"}"#));
    scratch.write("v3.json", envelope("v3", r#"{"orderId": "o"}"#));
    scratch
        .run(&["validate", "order.placed", "v1.json"])
        .says(1, &["`status` is missing", "1.1 states"]);
    scratch.run(&["validate", "order.placed", "v2.json"]).says(0, &[]);
    scratch.run(&["validate", "order.placed", "v3.json"]).says(1, &["`/version`", "v3"]);
    scratch.run(&["validate", "order.placed@2.0", "v1.json"]).says(1, &["v1", "2.0"]);
    let other = envelope("v1", GOOD).replace("order.placed", "order.paid");
    scratch
        .run_in(".", &["validate", "order.placed", "-"], other.as_bytes())
        .says(1, &["`order.paid`"]);
}

#[test]
fn several_files_are_reported_in_each_format() {
    let scratch = Scratch::locked();
    scratch.write("good.json", GOOD);
    scratch.write("bad.ndjson", format!("{GOOD}\n{{\"orderId\": 7, \"status\": \"paid\"}}\n"));
    let run = |format| {
        scratch.run(&["validate", "order.placed", "good.json", "bad.ndjson", "--format", format])
    };
    let json = run("json");
    assert_eq!((json.code, json.err.as_str()), (1, ""));
    let json = json.json();
    assert_eq!(
        (&json["events"], &json["conforming"], &json["ok"]),
        (&3.into(), &2.into(), &false.into())
    );
    let found = &json["diagnostics"][0];
    assert_eq!((&found["file"], &found["line"]), (&"bad.ndjson".into(), &2.into()));
    assert_eq!(found["pointer"], "/orderId");
    let github = run("github");
    assert!(github.out.starts_with("::error file=bad.ndjson,line=2,col=13,"), "{}", github.out);
    let sarif = run("sarif").json();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "event-not-conforming");
}

#[test]
fn unreadable_events_are_errors() {
    let scratch = Scratch::locked();
    scratch.write("good.json", GOOD);
    scratch.write("bytes.json", b"{\"orderId\": \"\xff\"}");
    std::fs::create_dir(scratch.path("folder")).unwrap();
    for (file, text) in [
        ("missing.json", "the file does not exist"),
        ("folder", "this is a folder"),
        ("bytes.json", "not UTF-8"),
    ] {
        let run = scratch.run(&["validate", "order.placed", file, "good.json"]);
        run.says(2, &[file, text]);
        assert!(
            run.out.starts_with("checked 1 event against"),
            "the other files are checked: {}",
            run.out
        );
    }
    for text in ["", "{", "nope", "[[[["] {
        let run = scratch.run_in(".", &["validate", "order.placed", "-"], text.as_bytes());
        assert_eq!(run.code, if text.is_empty() { 0 } else { 2 }, "{run:?}");
    }
    let deep = "[".repeat(300_000);
    scratch.run_in(".", &["validate", "order.placed", "-"], deep.as_bytes()).says(2, &["<stdin>"]);
    scratch
        .run(&["validate", "order.paid", "good.json"])
        .says(2, &["error[unknown-event]", "`order.placed`"]);
    scratch.run(&["validate", "order.placed@1.9", "good.json"]).says(2, &["`1.0`, `1.1`"]);
    scratch.run(&["validate", "order.placed@x", "good.json"]).says(2, &["invalid version `x`"]);
    scratch.write("schemas/sales/order.placed/1.0.json", ORDER_BROKEN);
    scratch
        .run(&["validate", "order.placed", "good.json"])
        .says(2, &["error[ambiguous-event]", "`sales/order.placed`, `shop/order.placed`"]);
    scratch.run(&["validate", "sales/order.placed", "good.json"]).says(0, &[]);
}

#[test]
fn events_of_one_document_are_checked() {
    let scratch = Scratch::locked();
    let event = |name: &str, ty: &str| {
        format!(
            r##""{name}": {{"type": "object", "required": ["n"], "properties": {{"n": {{"type": "{ty}"}}}}}}, "{name}Event": {{"x-amazon-events-detail-type": "{name}", "x-amazon-events-source": "s", "properties": {{"detail": {{"$ref": "#/components/schemas/{name}"}}}}}}"##
        )
    };
    let document = format!(
        r#"{{"openapi": "3.0.0", "info": {{"title": "t", "version": "1"}}, "paths": {{}}, "components": {{"schemas": {{{}, {}}}}}}}"#,
        event("Opened", "integer"),
        event("Closed", "string"),
    );
    scratch.write("schemas/shop/tickets/1.0.json", document);
    let run = |name: &str| scratch.run_in(".", &["validate", name, "-"], br#"{"n": 1}"#);
    run("Opened").says(0, &[]);
    run("Closed@1.0").says(1, &["`/n`: ", "tickets/1.0.json:1:"]);
}

#[test]
fn unreadable_version_is_an_error() {
    let scratch = Scratch::locked();
    scratch.write("event.json", GOOD);
    scratch.write(&format!("{ORDER}/1.2.json"), "{");
    scratch.run(&["validate", "order.placed@1.1", "event.json"]).says(0, &[]);
    for newest in ["order.placed", "order.placed@1", "order.placed@1.2"] {
        scratch.run(&["validate", newest, "event.json"]).says(2, &["1.2.json:1:"]);
    }
    scratch.write("schemas/shop/order.paid/1.0.json", "{");
    scratch.run(&["validate", "order.paid", "event.json"]).says(2, &["order.paid/1.0.json:1:"]);
}

/// A document of a registry with two events, as discovery writes it.
fn two_events(note: &str) -> String {
    let around = |detail: &str| {
        format!(
            r##"{{ "type": "object", "x-amazon-events-source": "shop", "x-amazon-events-detail-type": "{detail}",
            "required": ["detail-type", "source", "detail"], "properties": {{
            "detail-type": {{ "type": "string" }}, "source": {{ "type": "string" }},
            "detail": {{ "$ref": "#/components/schemas/{detail}" }} }} }}"##
        )
    };
    let payload = |id: &str| {
        format!(
            r#"{{ "type": "object", "required": ["id"], "properties": {{ "id": {{ "type": "{id}" }}{note} }} }}"#
        )
    };
    format!(
        r#"{{ "openapi": "3.0.0", "info": {{ "version": "1.0.0", "title": "Orders" }}, "paths": {{}}, "components": {{ "schemas": {{
        "AWSEvent": {}, "AWSEvent2": {}, "OrderOpened": {}, "OrderClosed": {} }} }} }}"#,
        around("OrderOpened"),
        around("OrderClosed"),
        payload("string"),
        payload("integer"),
    )
}

#[test]
fn events_of_a_document_with_several_are_checked() {
    let scratch = Scratch::empty();
    scratch.write("schemas/shop/orders/1.0.json", two_events(""));
    scratch.write("schemas/shop/orders/1.1.json", two_events(r#", "note": { "type": "string" }"#));
    scratch.write("event.json", r#"{ "id": "1" }"#);
    scratch.run(&["validate", "OrderOpened", "event.json"]).says(0, &[]);
    scratch.run(&["validate", "shop/OrderOpened@1.0", "event.json"]).says(0, &[]);
    scratch.run(&["validate", "OrderClosed", "event.json"]).says(1, &["expected integer"]);
    let diff = scratch.run(&["diff", "OrderClosed@1.0", "OrderClosed@1.1"]);
    assert!(diff.code == 0 && diff.out.contains("optional-field-added"), "{diff:?}");
    scratch.run(&["validate", "orders", "event.json"]).says(
        2,
        &["error[unknown-event]", "the documents there describe `OrderClosed`, `OrderOpened`"],
    );
}

#[test]
fn name_with_an_at_sign_is_found() {
    let scratch = Scratch::empty();
    scratch.write("schemas/aws/aws.s3@Created/1.0.json", crate::scratch::ORDER_1_0);
    scratch.write("event.json", r#"{ "orderId": "1", "status": "open" }"#);
    for name in ["aws.s3@Created", "aws.s3@Created@1.0", "aws/aws.s3@Created@1"] {
        scratch.run(&["validate", name, "event.json"]).says(0, &[]);
    }
}
