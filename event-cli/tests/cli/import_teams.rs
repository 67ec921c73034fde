//! `cargo event import` on layouts of teams and their tools.

use serde_json::{Value, json};

use crate::scratch::{Run, Scratch};

fn plain() -> Value {
    json!({ "type": "object", "properties": { "id": { "type": "string" } } })
}

fn with(key: &str, value: Value) -> Value {
    let mut schema = plain();
    schema[key] = value;
    schema
}

fn more() -> Value {
    with("properties", json!({ "id": { "type": "string" }, "note": { "type": "string" } }))
}

fn import(files: &[(&str, String)]) -> (Scratch, Run) {
    let scratch = Scratch::empty();
    for (name, text) in files {
        scratch.write(&format!("in/{name}"), text);
    }
    let run = scratch.run(&["import", "--registry", "shop", "in", "--format", "json"]);
    (scratch, run)
}

/// Returns the events of the files, and the number of files that were left out.
fn became(files: &[(&str, String)]) -> (Vec<String>, usize) {
    let (scratch, run) = import(files);
    assert_eq!(run.code, 0, "{files:?}\n{}\n{}", run.out, run.err);
    let answer = run.json();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let all = answer["files"].as_array().unwrap().iter();
    let mut out: Vec<String> =
        all.map(|f| format!("{} {}", text(&f["type"]), text(&f["version"]))).collect();
    out.sort();
    let check = scratch.run(&["lock"]);
    assert_eq!(check.code, 0, "{}", check.err);
    (out, answer["leftOut"].as_array().unwrap().len())
}

#[track_caller]
fn becomes(files: &[(&str, String)], expected: &[&str], left_out: usize) {
    let (out, left) = became(files);
    assert_eq!(out, expected);
    assert_eq!(left, left_out);
}

#[test]
fn event_catalog_with_current_and_older_versions_is_imported() {
    becomes(
        &[
            ("events/OrderPlaced/schema.json", more().to_string()),
            ("events/OrderPlaced/index.mdx", "---".to_owned()),
            ("events/OrderPlaced/versioned/0.0.1/schema.json", plain().to_string()),
        ],
        &["OrderPlaced 0.0", "OrderPlaced 0.1"],
        1,
    );
}

#[test]
fn webhooks_are_named_by_object_and_action_and_common_files_are_not_events() {
    becomes(
        &[
            ("order/created.schema.json", plain().to_string()),
            ("order/deleted.schema.json", plain().to_string()),
            ("common/user.schema.json", with("title", json!("user")).to_string()),
        ],
        &["order.created 1.0", "order.deleted 1.0"],
        1,
    );
}

#[test]
fn version_is_read_from_the_file_the_folder_or_after_the_name() {
    let (first, second) = (plain().to_string(), more().to_string());
    for (one, two, expected) in [
        (
            "order_placed/schema.v1.json",
            "order_placed/schema.v2.json",
            ["order_placed 1.0", "order_placed 2.0"],
        ),
        (
            "pay/events/order-placed/v1/schema.json",
            "pay/events/order-placed/v2/schema.json",
            ["order-placed 1.0", "order-placed 2.0"],
        ),
        (
            "1.0/order-placed.json",
            "1.1/order-placed.json",
            ["order-placed 1.0", "order-placed 1.1"],
        ),
        ("order.placed.1.json", "order.placed.2.json", ["order.placed 1.0", "order.placed 2.0"]),
        (
            "order.placed/2026-01-01.json",
            "order.placed/2026-06-01.json",
            ["order.placed 1.0", "order.placed 1.1"],
        ),
        ("OrderPlaced-v1.json", "OrderPlaced_v2.json", ["OrderPlaced 1.0", "OrderPlaced 2.0"]),
        (
            "com.acme/order_placed/jsonschema/1-0-0",
            "com.acme/order_placed/jsonschema/1-0-1",
            ["order_placed 1.0", "order_placed 1.1"],
        ),
    ] {
        becomes(&[(one, first.clone()), (two, second.clone())], &expected, 0);
    }
}

#[test]
fn titles_and_detail_types_name_events_that_paths_do_not() {
    let detail = |stated: Value| {
        json!({
            "type": "object", "required": ["detail-type", "source", "detail"],
            "properties": { "detail-type": stated, "source": { "const": "shop" }, "detail": plain() }
        })
    };
    becomes(
        &[
            ("a.json", with("title", json!("Order Placed")).to_string()),
            ("b.json", with("title", json!("Order Cancelled v2")).to_string()),
            ("c.json", with("title", json!("The schema of what we send")).to_string()),
            ("d.json", detail(json!({ "const": "OrderParked" })).to_string()),
            ("e.json", detail(json!({ "enum": ["Order Sent"] })).to_string()),
        ],
        &["OrderCancelled 2.0", "OrderParked 1.0", "OrderPlaced 1.0", "OrderSent 1.0", "c 1.0"],
        0,
    );
}

#[test]
fn ids_with_a_url_name_events_and_versions() {
    let id = |id: &str| with("$id", json!(id)).to_string();
    becomes(
        &[
            ("x.json", id("https://acme.example/schemas/order-placed/1.2.0/schema.json")),
            ("y.json", id("https://acme.example/schemas/order-sent/2.0.0/schema.json")),
        ],
        &["order-placed 1.0", "order-sent 2.0"],
        0,
    );
}

#[test]
fn openapi_document_with_one_event_is_named_after_its_component() {
    let openapi = json!({
        "openapi": "3.0.0", "info": { "title": "Shop API", "version": "1.0.0" }, "paths": {},
        "components": { "schemas": {
            "OrderPlaced": { "type": "object", "properties": { "by": { "$ref": "#/components/schemas/Customer" } } },
            "Customer": plain()
        } }
    });
    becomes(&[("openapi.json", openapi.to_string())], &["OrderPlaced 1.0"], 0);
}

#[test]
fn list_of_schemas_is_left_out_and_its_members_are_events() {
    let list =
        json!({ "oneOf": [{ "$ref": "order-placed.json" }, { "$ref": "./order-sent.json" }] });
    becomes(
        &[
            ("index.json", list.to_string()),
            ("order-placed.json", plain().to_string()),
            ("order-sent.json", plain().to_string()),
        ],
        &["order-placed 1.0", "order-sent 1.0"],
        1,
    );
    // an event may be one of several others
    becomes(
        &[
            ("order-changed.json", list.to_string()),
            ("order-placed.json", plain().to_string()),
            ("order-sent.json", plain().to_string()),
        ],
        &["order-changed 1.0"],
        0,
    );
}

#[test]
fn schemas_that_refer_to_each_other_are_imported_separately() {
    let refers = |to: &str| with("properties", json!({ "other": { "$ref": to } })).to_string();
    let files = [("a.one.json", refers("b.two.json")), ("b.two.json", refers("a.one.json"))];
    let (scratch, run) = import(&files);
    assert!(
        run.code != 0 && run.out.contains("import only the documents of events"),
        "{}",
        run.out
    );
    let run = scratch.run(&["import", "--registry", "shop", "in/a.one.json"]);
    run.says(0, &[]);
    scratch.run(&["lock"]).says(0, &[]);
    scratch.write("e.json", r#"{ "other": { "other": 3 } }"#);
    scratch.run(&["validate", "a.one", "e.json"]).says(1, &["other"]);
}

#[test]
fn byte_order_marks_and_windows_line_ends_are_read() {
    let text = format!("\u{feff}{:#}\n", plain()).replace('\n', "\r\n");
    becomes(&[("order.placed.json", text.clone())], &["order.placed 1.0"], 0);
    let refers = with("properties", json!({ "who": { "$ref": "who.json" } })).to_string();
    becomes(&[("order.placed.json", refers), ("who.json", text)], &["order.placed 1.0"], 0);
}

#[test]
fn file_that_is_not_a_schema_is_an_error() {
    let avro =
        r#"{ "type": "record", "name": "User", "fields": [{ "name": "id", "type": "string" }] }"#;
    let asyncapi = json!({ "asyncapi": "2.6.0", "info": {}, "channels": {} }).to_string();
    let sample = r#"{ "orderId": "1", "amount": 3 }"#;
    for (file, text, says) in [
        ("user.json", avro, "Avro"),
        ("asyncapi.json", &*asyncapi, "AsyncAPI"),
        ("order.json", sample, "--infer"),
        ("list.json", "[1]", "a schema must be an object"),
        (
            "slip.json",
            r##"{ "definitions": { "A": { "type": "object" } }, "#ref": "#/definitions/A" }"##,
            "`#ref`",
        ),
        ("order.sent/1.0.0-beta.1.json", &*plain().to_string(), "invalid version `1.0.0-beta.1`"),
        ("half.json", "{ \"type\": ", "schema-not-json"),
        ("empty.json", "", "schema-not-json"),
    ] {
        let (scratch, run) =
            import(&[(file, text.to_owned()), ("good.one.json", plain().to_string())]);
        assert!(run.code == 1 || run.code == 2, "{file}: {run:?}");
        assert!(
            run.out.contains(says) && run.out.contains(&format!("in/{file}")),
            "{file}: {}",
            run.out
        );
        assert!(!scratch.path("schemas").exists(), "{file}");
    }
    // files of another kind beside schemas are left out and listed
    becomes(
        &[
            ("order.placed.json", plain().to_string()),
            ("order.placed.avsc", avro.to_owned()),
            ("README.md", "x".to_owned()),
            ("package.json", "{}".to_owned()),
        ],
        &["order.placed 1.0"],
        3,
    );
    let definitions = json!({ "definitions": { "OrderPlaced": { "type": "object" } } }).to_string();
    let (_, run) = import(&[("events.json", definitions)]);
    assert!(
        run.out.contains("write a file for each event that refers to its definition"),
        "{}",
        run.out
    );
}

#[test]
fn names_that_differ_only_in_case_are_refused_with_both_files() {
    let (scratch, run) = import(&[
        ("OrderPlaced.json", plain().to_string()),
        ("orderPlaced.json", more().to_string()),
    ]);
    for text in ["import-names-meet", "in/OrderPlaced.json", "in/orderPlaced.json", "ignore case"] {
        assert!(run.out.contains(text), "{text}: {}", run.out);
    }
    assert!(run.code != 0 && !scratch.path("schemas").exists());
}

#[test]
fn newest_of_inferred_revisions_is_imported() {
    let scratch = Scratch::empty();
    let revision = |kind: &str| {
        json!({ "type": "object", "properties": { "id": { "type": kind } } }).to_string()
    };
    for (number, kind) in [(1, "string"), (2, "integer"), (9, "boolean"), (10, "number")] {
        scratch.write(&format!("in/app@order.placed@{number}.json"), revision(kind));
    }
    scratch.write("in/order.sent/1.4.0.json", plain().to_string());
    scratch.write("in/order.sent/2.3.1.json", more().to_string());
    let args = ["import", "--registry", "shop", "in", "--newest", "--format", "json"];
    let run = scratch.run(&args);
    run.says(0, &[]);
    let answer = run.json();
    assert_eq!(answer["leftOut"].as_array().unwrap().len(), 4, "{answer:#}");
    assert_eq!(scratch.read("schemas/shop/app@order.placed/1.0.json"), revision("number"));
    assert_eq!(scratch.read("schemas/shop/order.sent/2.0.json"), more().to_string());
    scratch.run(&["lock"]).says(0, &[]);
    assert!(
        scratch.run(&args).json()["files"].as_array().unwrap().iter().all(|f| f["new"] == false)
    );
}

#[test]
fn file_given_twice_is_imported_once_at_any_depth() {
    let scratch = Scratch::empty();
    scratch.write("in/order.placed.json", plain().to_string());
    let args =
        ["import", "--registry", "shop", "in", "in/order.placed.json", "./in", "--format", "json"];
    let run = scratch.run(&args);
    run.says(0, &[]);
    assert_eq!(run.json()["files"].as_array().unwrap().len(), 1, "{}", run.out);
    scratch.write(&format!("in/{}too.deep.json", "d/".repeat(70)), plain().to_string());
    let run = scratch.run(&["import", "--registry", "shop", "in"]);
    run.says(2, &["error[unreadable]", "expected at most 64 levels"]);
}

#[test]
fn ids_of_github_webhooks_name_object_and_action() {
    let event = |id: &str| with("$id", json!(id)).to_string();
    becomes(
        &[
            ("branch_protection_rule/created.schema.json", event("branch_protection_rule$created")),
            ("issues/opened.schema.json", event("issues$opened")),
            ("push/event.schema.json", event("push$event")),
        ],
        &["branch_protection_rule.created 1.0", "issues.opened 1.0", "push.event 1.0"],
        0,
    );
}

#[test]
fn saved_answers_of_schema_registries_are_imported() {
    let confluent = |version: u32, schema: Value| {
        json!({
            "subject": "orders-value", "version": version, "id": 7, "schemaType": "JSON",
            "schema": schema.to_string()
        })
        .to_string()
    };
    becomes(
        &[
            ("orders-value/versions/1.json", confluent(1, plain())),
            ("orders-value/versions/2.json", confluent(2, more())),
        ],
        &["orders 1.0", "orders 1.1"],
        0,
    );
    let glue = |version: u32, schema: Value| {
        json!({
            "SchemaDefinition": schema.to_string(), "DataFormat": "JSON", "VersionNumber": version,
            "SchemaArn": "arn:aws:glue:us-east-2:123456789012:schema/shop/order-sent"
        })
        .to_string()
    };
    becomes(
        &[("a.json", glue(1, plain())), ("b.json", glue(2, more()))],
        &["order-sent 1.0", "order-sent 1.1"],
        0,
    );
    // a schema of another kind is named
    let avro = json!({ "subject": "a-value", "version": 1, "schema": "{\"type\":\"record\",\"name\":\"A\",\"fields\":[]}" });
    let (_, run) = import(&[("a.json", avro.to_string())]);
    assert!(run.code == 2 && run.out.contains("Avro"), "{}", run.out);
}

#[test]
fn names_on_the_command_line_are_unchanged_or_refused() {
    let scratch = Scratch::empty();
    scratch.write("in/order.sent.json", plain().to_string());
    for args in [["--registry", "a/b"], ["--registry", ".."], ["--registry", "a:b"]] {
        let run = scratch.run(&[&["import", "in"], &args[..]].concat());
        run.says(2, &["error[bad-event-name]"]);
    }
    for name in ["..", "a:b", "a$b"] {
        let run = scratch.run(&["import", "in", "--registry", "shop", "--name", name]);
        run.says(2, &["error[bad-event-name]", "expected letters, digits"]);
    }
    assert!(!scratch.path("schemas").exists());
}
