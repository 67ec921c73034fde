//! `cargo event import`.

use serde_json::json;

use crate::scratch::{ORDER, ORDER_1_0, ORDER_1_1, ORDER_BROKEN, Scratch};

#[test]
fn downloads_of_a_registry_are_imported() {
    let scratch = Scratch::empty();
    scratch.write("in/order.placed@1.json", ORDER_1_0);
    scratch.write("in/order.placed@2.json", ORDER_1_1);
    scratch.write("in/order.placed@10.json", ORDER_BROKEN);
    scratch.run(&["import", "in"]).says(2, &["error[unknown-registry]", "--registry REGISTRY"]);
    let dry = scratch.run(&["import", "in", "--registry", "shop", "--dry-run"]);
    dry.says(0, &[]);
    assert!(dry.out.contains("`order.placed` 2.0 of registry `shop`, `schemas/shop/order.placed/2.0.json` would be written"), "{}", dry.out);
    assert!(!scratch.path("schemas").exists());
    scratch.run(&["import", "in", "--registry", "shop"]).says(0, &[]);
    assert_eq!(scratch.read(&format!("{ORDER}/1.0.json")), ORDER_1_0);
    assert_eq!(scratch.read(&format!("{ORDER}/1.1.json")), ORDER_1_1);
    assert_eq!(scratch.read(&format!("{ORDER}/2.0.json")), ORDER_BROKEN);
    scratch.run(&["lock"]).says(0, &[]);
    // a second time nothing is new, and the only registry of the folder is the default
    let again = scratch.run(&["import", "in", "--format", "json"]).json();
    assert!(again["files"].as_array().unwrap().iter().all(|f| f["new"] == false), "{again:#}");
    scratch.run(&["lock", "--check"]).says(0, &[]);
}

#[test]
fn saved_answer_of_aws_is_imported() {
    let scratch = Scratch::empty();
    let content =
        ORDER_1_0.replacen('{', "{ \"x-amazon-events-detail-type\": \"order.placed:v3\",", 1);
    let arn = "arn:aws:schemas:eu-central-1:123456789012:schema/shop/app@order.placed-v3";
    let answer = json!({ "Content": content, "SchemaArn": arn, "SchemaName": "app@order.placed-v3", "SchemaVersion": "1", "Type": "JSONSchemaDraft4" });
    scratch.write("answer.json", answer.to_string());
    let run = scratch.run(&["import", "answer.json"]);
    run.says(0, &[]);
    assert_eq!(scratch.read(&format!("{ORDER}/3.0.json")), content);
}

#[test]
fn one_problem_stops_the_import_and_no_file_is_overwritten() {
    let scratch = Scratch::locked();
    scratch.write("order.placed@1.0.json", ORDER_1_1);
    scratch
        .run(&["import", "order.placed@1.0.json"])
        .says(2, &["error[file-exists]", "already exists with different content"]);
    scratch.write("order.placed@1.2.json", ORDER_BROKEN);
    scratch.write("order.paid.json", ORDER_1_0);
    // a stated number that breaks, and a text that is not JSON: every problem is reported, no file is written
    scratch.write("order.sent.json", "{");
    let run = scratch.run(&[
        "import",
        "order.paid.json",
        "order.placed@1.2.json",
        "order.sent.json",
        "gone.json",
    ]);
    run.says(2, &["`status`", "error[schema-not-json]", "error[unreadable]"]);
    assert!(!scratch.path("schemas/shop/order.paid").exists());
    assert_eq!(std::fs::read_dir(scratch.path(ORDER)).unwrap().count(), 2);
    scratch.run(&["import", "order.paid.json"]).says(0, &[]);
    assert_eq!(scratch.read("schemas/shop/order.paid/1.0.json"), ORDER_1_0);
}

#[test]
fn names_that_lead_to_other_folders_stay_inside() {
    let scratch = Scratch::empty();
    let evil = ORDER_1_0.replacen('{', "{ \"x-amazon-events-detail-type\": \"../../x:v1\",", 1);
    scratch.write("a.json", evil);
    // the detail-type is not a valid name of a folder, so the folder would contradict it
    scratch
        .run(&["import", "a.json", "--registry", "shop"])
        .says(2, &["error[detail-type-contradicts]"]);
    scratch.write("a.json", ORDER_1_0);
    scratch.run(&["import", "a.json", "--registry", "../.."]).says(2, &["error[bad-event-name]"]);
    // a valid name of a registry, but not of a folder that is read
    scratch.run(&["import", "a.json", "--registry", "_shop"]).says(0, &[]);
    assert!(scratch.path("schemas/%5Fshop/OrderPlaced/1.0.json").exists());
}

#[test]
fn samples_become_a_marked_first_schema() {
    let scratch = Scratch::empty();
    let event = |id: &str, detail: &str| {
        format!(
            r#"{{"version":"0","id":"{id}","detail-type":"crate.landed:v2","source":"app.wharf","account":"1",
            "time":"2026-01-01T00:00:00Z","region":"eu-west-1","resources":[],"detail":{detail}}}"#
        )
    };
    scratch.write("in/one.json", event("1", r#"{"crateId":"a","weight":1,"note":null}"#));
    let two = event("2", r#"{"crateId":"b","weight":1.5,"at":"2026-01-01T00:00:00Z"}"#);
    scratch.write("in/more.json", format!("[{two}]"));
    // the error about a sample that was imported as a schema states the way out
    let said = scratch.run(&["import", "in/one.json", "--registry", "wharf"]);
    said.says(2, &["error[not-a-schema]", "a sample event", "import --infer"]);

    let run = scratch.run(&["import", "--infer", "in", "--registry", "wharf"]);
    run.says(0, &[]);
    assert!(run.out.contains("remove its `x-inferred`"), "{}", run.out);
    let text = scratch.read("schemas/wharf/crate.landed/2.0.json");
    let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
    let detail = &schema["components"]["schemas"]["CrateLandedV2"];
    assert_eq!(detail["x-inferred"], true, "{text}");
    assert_eq!(detail["required"], json!(["crateId", "weight"]));
    assert_eq!(detail["properties"]["weight"], json!({ "type": "number" }));
    assert_eq!(detail["properties"]["at"], json!({ "type": "string", "format": "date-time" }));
    scratch.run(&["lock"]).says(0, &[]);
    scratch.run(&["check"]).says(0, &["warning[inferred-schema]"]);
    let unmarked = text.replace(",\n        \"x-inferred\": true", "");
    assert_ne!(unmarked, text);
    // a second time the schema already exists
    scratch
        .run(&["import", "--infer", "in"])
        .says(2, &["error[file-exists]", "already has a schema", "cargo event validate"]);
}

#[test]
fn samples_of_payloads_are_named_by_their_files() {
    let scratch = Scratch::empty();
    scratch.write("order.placed-1.json", r#"{"orderId":"a","items":[{"sku":"x"}]}"#);
    scratch.write("order.placed-2.json", "{\"orderId\":\"b\"}\n{\"orderId\":\"c\"}\n");
    let run =
        ["import", "--infer", "--registry", "shop", "order.placed-1.json", "order.placed-2.json"];
    scratch.run(&run).says(0, &[]);
    let schema: serde_json::Value =
        serde_json::from_str(&scratch.read("schemas/shop/order.placed/1.0.json")).unwrap();
    assert_eq!(schema["components"]["schemas"]["OrderPlaced"]["required"], json!(["orderId"]));

    scratch.write("bad.json", "[1]");
    scratch
        .run(&["import", "--infer", "bad.json", "--type", "a.b"])
        .says(2, &["error[bad-sample]", "event 1 is not a JSON object"]);
}
