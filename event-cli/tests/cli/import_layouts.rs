//! `cargo event import` on the layouts of teams, and on shared files.

use serde_json::{Value, json};

use crate::scratch::{Run, Scratch};

fn schema(title: &str, property: &str) -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#", "title": title, "type": "object",
        "required": ["id"], "properties": { "id": { "type": "string" }, property: { "type": "string" } }
    })
}

fn import(scratch: &Scratch, more: &[&str]) -> Run {
    let args = [&["import", "--registry", "shop", "--format", "json"], more].concat();
    scratch.run(&args)
}

/// Returns the event and the version of each file, sorted.
fn became(run: &Run) -> Vec<String> {
    assert_eq!(run.code, 0, "{}\n{}", run.out, run.err);
    let files = run.json()["files"].as_array().unwrap().clone();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let mut out: Vec<String> =
        files.iter().map(|f| format!("{} {}", text(&f["type"]), text(&f["version"]))).collect();
    out.sort();
    out
}

#[test]
fn files_in_many_layouts_get_the_expected_names() {
    let words = ["Placed", "Paid", "Sent", "Parked", "Returned", "Cancelled"];
    let things: Vec<String> = (0..12).map(|n| format!("Thing{}", (b'A' + n) as char)).collect();
    for (layout, event) in [
        ("{T}{W}/v{V}.json", "{T}{W}"),
        ("{t}.{w}/{V}.0.0.json", "{t}.{w}"),
        ("{t}-{w}/{V}-0-0", "{t}-{w}"),
        ("events/{t}/{w}/v{V}.json", "{t}.{w}"),
        ("{T}{W}.v{V}.schema.json", "{T}{W}"),
        ("com.acme/{t}_{w}/jsonschema/{V}-0-0", "{t}_{w}"),
        ("v{V}/{t}.{w}.json", "{t}.{w}"),
        ("{t}/{w}/{V}/schema.json", "{t}.{w}"),
        ("{T}{W}V{V}.json", "{T}{W}"),
        ("{t}s/{w}.v{V}.json", "{t}s.{w}"),
    ] {
        let scratch = Scratch::empty();
        let mut expected = Vec::new();
        for thing in &things {
            for word in words {
                let fill = |text: &str, v: &str| {
                    text.replace("{T}", thing)
                        .replace("{t}", &thing.to_lowercase())
                        .replace("{W}", word)
                        .replace("{w}", &word.to_lowercase())
                        .replace("{V}", v)
                };
                for v in ["1", "2"] {
                    let text = schema("An event", &format!("of{thing}{word}"));
                    scratch.write(&format!("in/{}", fill(layout, v)), text.to_string());
                    expected.push(format!("{} {v}.0", fill(event, v)));
                }
            }
        }
        expected.sort();
        let run = import(&scratch, &["in"]);
        assert_eq!(became(&run), expected, "{layout}");
        scratch.run(&["lock"]).says(0, &[]);
        // a second time nothing is new
        let again = import(&scratch, &["in"]).json();
        assert!(again["files"].as_array().unwrap().iter().all(|f| f["new"] == false), "{layout}");
    }
}

#[test]
fn files_with_only_a_name_in_common_are_refused_together() {
    let scratch = Scratch::empty();
    // only the folder together with the file names them
    scratch.write("in/orders/create.json", schema("Create", "a").to_string());
    scratch.write("in/users/create.json", schema("Create", "b").to_string());
    assert_eq!(became(&import(&scratch, &["in"])), ["orders.create 1.0", "users.create 1.0"]);

    let scratch = Scratch::empty();
    scratch.write("in/a/OrderPlaced.json", schema("First", "a").to_string());
    scratch.write("in/b/OrderPlaced.json", schema("Second", "b").to_string());
    let run = scratch.run(&["import", "--registry", "shop", "in"]);
    run.says(
        2,
        &["error[import-names-meet]", "a/OrderPlaced.json", "b/OrderPlaced.json", "--name NAME"],
    );
    assert!(!scratch.path("schemas").exists());
    // `--name` decides
    scratch
        .run(&["import", "--registry", "shop", "--name", "order.placed", "in/a", "in/b"])
        .says(0, &[]);
    assert!(
        scratch.path("schemas/shop/order.placed/2.0.json").exists()
            || scratch.path("schemas/shop/order.placed/1.1.json").exists()
    );

    // one version twice
    let scratch = Scratch::empty();
    scratch.write("in/order.placed/v1.json", schema("X", "a").to_string());
    scratch.write("in/order.placed/1.0.json", schema("X", "b").to_string());
    let run = scratch.run(&["import", "--registry", "shop", "in"]);
    assert_ne!(run.code, 0, "{run:?}");
    assert!(!scratch.path("schemas").exists());

    let scratch = Scratch::empty();
    for event in ["OrderPlaced", "OrderCancelled"] {
        scratch.write(&format!("in/{event}/v1.json"), schema(event, event).to_string());
    }
    let args = ["in/OrderPlaced/v1.json", "in/OrderCancelled/v1.json"];
    assert_eq!(became(&import(&scratch, &args)), ["OrderCancelled 1.0", "OrderPlaced 1.0"]);
}

#[test]
fn layout_and_name_decide_if_paths_state_nothing() {
    let scratch = Scratch::empty();
    scratch.write("in/x/2.1/order.json", schema("T", "a").to_string());
    scratch.write("in/x/2.0/order.json", schema("T", "b").to_string());
    let run =
        scratch.run(&["import", "--registry", "shop", "in", "--layout", "{event}/{version}.json"]);
    run.says(2, &["error[layout-not-matched]"]);
    let run = scratch.run(&["import", "--registry", "shop", "in", "--layout", "{version}.json"]);
    run.says(2, &["missing `{event}`"]);
    let run = import(&scratch, &["in", "--layout", "{version}/{event}.json", "--dry-run"]);
    // both minors are stated; the change checker reports that they break
    assert!(
        run.code == 1
            && run.out.contains("`b` was removed")
            && run.out.contains("in/x/2.1/order.json"),
        "{run:?}"
    );
    scratch.write("in/x/2.1/order.json", json!({"type": "object", "properties": {"id": {"type": "string"}, "b": {"type": "string"}, "c": {"type": "string"}}, "required": ["id"]}).to_string());
    assert_eq!(
        became(&import(&scratch, &["in", "--layout", "{version}/{event}.json"])),
        ["order 2.0", "order 2.1"]
    );
}

#[test]
fn semantic_and_schemaver_numbers_count_minors_from_zero() {
    let scratch = Scratch::empty();
    let mut properties = json!({"id": {"type": "string"}});
    for (i, version) in ["1.2.0", "1.2.1", "1.4.0", "2.0.0"].iter().enumerate() {
        properties[format!("p{i}")] = json!({"type": "string"});
        let text = json!({"type": "object", "required": ["id"], "properties": properties});
        scratch.write(&format!("in/order.placed/{version}.json"), text.to_string());
    }
    let run = import(&scratch, &["in"]);
    assert_eq!(
        became(&run),
        ["order.placed 1.0", "order.placed 1.1", "order.placed 1.2", "order.placed 2.0"]
    );
    assert_eq!(run.json()["files"][1]["stated"], "1.2.1");
    let human = scratch.run(&["import", "--registry", "shop", "in"]);
    assert!(
        human.out.contains("1.2.1 from the path") && human.out.contains("named by the path"),
        "{}",
        human.out
    );
}

#[test]
fn iglu_schemas_are_named_by_their_self() {
    let scratch = Scratch::empty();
    let text = json!({
        "self": {"vendor": "com.acme", "name": "order_placed", "format": "jsonschema", "version": "1-0-0"},
        "type": "object", "properties": {"id": {"type": "string"}}
    });
    scratch.write("in/a", text.to_string());
    assert_eq!(became(&import(&scratch, &["in"])), ["order_placed 1.0"]);
}

const COMMON: &str = r##"{
  "$schema": "http://json-schema.org/draft-07/schema#", "title": "Common",
  "definitions": { "moment": { "type": "string", "format": "date-time" }, "person": {
    "type": "object", "required": ["name"], "properties": { "name": { "type": "string" }, "born": { "$ref": "#/definitions/moment" } } } }
}"##;

fn order(reference: &str) -> String {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#", "title": "OrderParked", "type": "object",
        "properties": { "who": { "$ref": reference } }
    })
    .to_string()
}

/// Asserts that the imported event is readable and uses its shared file.
fn holds(scratch: &Scratch, event: &str) {
    scratch.run(&["lock"]).says(0, &[]);
    scratch.run(&["check"]).says(0, &[]);
    scratch.write("e.json", r#"{"who": {"born": "2026-01-01T00:00:00Z"}}"#);
    scratch.run(&["validate", event, "e.json"]).says(1, &["name"]);
    scratch.write("e.json", r#"{"who": {"name": "Ada"}}"#);
    scratch.run(&["validate", event, "e.json"]).says(0, &[]);
}

#[test]
fn shared_files_are_imported_by_path_id_and_file_url() {
    let id = |text: &str, id: &str| text.replacen('{', &format!("{{\"$id\": \"{id}\","), 1);
    let url = "https://schemas.acme.example/shop/v1";
    let cases: [(&str, String, String, &[&str]); 7] = [
        (
            "relative path, folder",
            order("./common.json#/definitions/person"),
            COMMON.to_owned(),
            &["in"],
        ),
        (
            "relative path, beside",
            order("common.json#/definitions/person"),
            COMMON.to_owned(),
            &["in/order.json"],
        ),
        (
            "given files",
            order("common.json#/definitions/person"),
            COMMON.to_owned(),
            &["in/order.json", "in/common.json"],
        ),
        (
            "base of a URL",
            id(&order("common.json#/definitions/person"), &format!("{url}/order.json")),
            id(COMMON, &format!("{url}/common.json")),
            &["in"],
        ),
        (
            "URL",
            order(&format!("{url}/common.json#/definitions/person")),
            id(COMMON, &format!("{url}/common.json")),
            &["in"],
        ),
        (
            "URL of a file beside",
            id(
                &order(&format!("{url}/common.json#/definitions/person")),
                &format!("{url}/order.json"),
            ),
            COMMON.to_owned(),
            &["in/order.json"],
        ),
        ("without an ending", order("common#/definitions/person"), COMMON.to_owned(), &["in"]),
    ];
    for (what, order, common, given) in cases {
        let scratch = Scratch::empty();
        scratch.write("in/order.json", order);
        scratch.write("in/common.json", common);
        let run = import(&scratch, given);
        assert_eq!(became(&run), ["OrderParked 1.0"], "{what}");
        let shared = run.json()["shared"].as_array().unwrap().clone();
        assert_eq!(shared.len(), 1, "{what}: {}", run.out);
        assert_eq!(shared[0]["file"], "schemas/_shared/common.json", "{what}");
        holds(&scratch, "OrderParked");
    }
    let scratch = Scratch::empty();
    let file = format!("file://{}#/definitions/person", scratch.path("in/common.json").display());
    scratch.write("in/order.json", order(&file));
    scratch.write("in/common.json", COMMON);
    assert_eq!(became(&import(&scratch, &["in"])), ["OrderParked 1.0"]);
    holds(&scratch, "OrderParked");
}

#[test]
fn shared_definition_is_imported_once_with_its_references() {
    let scratch = Scratch::empty();
    for event in ["OrderPlaced", "OrderPaid", "OrderSent"] {
        let text = order("../common.json#/definitions/person").replace("OrderParked", event);
        scratch.write(&format!("in/{event}/v1.json"), text);
        // a copy in every folder, as some teams have it
        let text = order("person.json").replace("OrderParked", event);
        scratch.write(&format!("in/{event}/v2.json"), text);
        scratch.write(&format!("in/{event}/person.json"), r#"{"$ref": "../base/human.json"}"#);
    }
    scratch.write("in/common.json", COMMON);
    scratch
        .write("in/base/human.json", json!({"type": "object", "required": ["name"]}).to_string());
    scratch.write("in/unused.json", r#"{"definitions": {"a": {"type": "string"}}}"#);
    let run = import(&scratch, &["in"]);
    assert_eq!(became(&run).len(), 6);
    let answer = run.json();
    let mut shared: Vec<_> =
        answer["shared"].as_array().unwrap().iter().map(|s| s["file"].as_str().unwrap()).collect();
    shared.sort_unstable();
    assert_eq!(shared.len(), 3, "{answer:#}");
    assert!(answer["leftOut"][0].as_str().unwrap().contains("unused.json"), "{answer:#}");
    holds(&scratch, "OrderPaid@1.0");
    holds(&scratch, "OrderPaid@2.0");
}

#[test]
fn unresolved_reference_is_one_error() {
    let scratch = Scratch::empty();
    scratch.write("in/order.json", order("gone.json#/definitions/person"));
    let run = scratch.run(&["import", "--registry", "shop", "in"]);
    run.says(2, &["error[unresolved-reference]", "gone.json", "order.json:1:"]);
    assert_eq!(run.err.matches("error[").count(), 1, "{}", run.err);
    // a file outside of the import is not copied
    let secret = tempfile::tempdir().unwrap();
    std::fs::write(secret.path().join("secret.json"), r#"{"password": "x"}"#).unwrap();
    let far = format!("file://{}/secret.json", secret.path().display());
    scratch.write("in/order.json", order(&far));
    scratch.run(&["import", "--registry", "shop", "in"]).says(2, &["unresolved-reference"]);
    assert!(!scratch.path("schemas").exists());
}
