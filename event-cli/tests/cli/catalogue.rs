//! `cargo event catalogue`. A browser looks at the page in `just catalogue`.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use crate::patterns::shop;
use crate::scratch::Scratch;

/// The catalogue of the example is committed. `EVENT_ACCEPT=1 cargo test` writes it again.
#[test]
fn catalogue_of_the_example_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let scratch = Scratch::example();
    let topology = root.join("example-service/topology.json");
    fs::copy(topology, scratch.path("topology.json")).unwrap();
    scratch.run(&["catalogue", "--out", "out", "--title", "Proposals"]).says(0, &[]);
    let (now, path) = (scratch.read("out/index.html"), root.join("example-service/catalogue.html"));
    if std::env::var_os("EVENT_ACCEPT").is_some_and(|set| set == "1") {
        fs::write(&path, &now).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(now == committed, "the catalogue changed: run with EVENT_ACCEPT=1 and review it");
    for said in [
        "<h2>proposal.published</h2>",
        "emailer on bus proposals (built with 1.1)",
        "breaks</span>",
        "class=\"witness\"",
        "<svg viewBox",
        "Content-Security-Policy",
    ] {
        assert!(now.contains(said), "{said}");
    }
}

/// Texts of schemas and topologies that would be markup, script, style or front matter somewhere.
#[test]
fn texts_of_schemas_stay_text() {
    let scratch = Scratch::empty();
    let evil = r#"</script><img src=x onerror=alert(1)>"'{alert(1)}---\u202e<style>*{}"#;
    let schema = json!({
        "$schema": "http://json-schema.org/draft-04/schema#", "x-amazon-events-source": "a.b",
        "description": evil, "title": evil, "type": "object", "required": [evil],
        "properties": { evil: { "type": "string", "enum": [evil], "description": evil, "default": evil } },
    });
    scratch.write("schemas/shop/order.placed/1.0.json", format!("{schema:#}"));
    let mut next = schema.clone();
    next["properties"][evil]["enum"] = json!(["other"]);
    scratch.write("schemas/shop/order.placed/2.0.json", format!("{next:#}"));
    scratch.run(&["lock"]).says(0, &[]);
    let plan = json!({
        "format": 2, "bus": evil, "rules": [], "queues": [],
        "consumers": [{
            "name": evil, "rules": [], "queue": evil, "concurrency": 1, "host": "poller",
            "outage": { "pollerSeconds": 1, "functionSeconds": 1 },
            "idempotency": { "windowSeconds": 1, "minimumSeconds": 1, "redrives": 0 },
            "reads": [{ "type": "order.placed", "major": 1, "minor": 0, "detailType": "order.placed:v1", "source": "a.b" }],
        }],
        "publishers": [{ "name": evil, "publishes": [
            { "type": "order.placed", "major": 1, "minor": 0, "detailType": "order.placed:v1", "source": "a.b" }] }],
    });
    scratch.write("topology.json", plan.to_string());
    scratch.run(&["catalogue", "--out", "out", "--title", evil]).says(0, &[]);
    let page = scratch.read("out/index.html");
    assert_eq!(page.matches("<script>").count(), 1);
    assert_eq!(page.matches("<style>").count(), 1);
    assert!(!page.contains("<img") && !page.contains('\u{202e}'));
    scratch.run(&["catalogue", "--out", "ec", "--format", "eventcatalog"]).says(0, &[]);
    let mdx = scratch.read("ec/events/shop.order.placed/index.mdx");
    assert_eq!(mdx.lines().filter(|line| *line == "---").count(), 2, "{mdx}");
    let body = mdx.splitn(3, "---\n").nth(2).unwrap();
    assert!(!body.contains('{') && !body.contains("<img"), "{body}");
    for entry in fs::read_dir(scratch.path("ec/services")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)), "{name}");
    }
    scratch.run(&["catalogue", "--out", ".", "--format", "asyncapi"]).says(0, &[]);
    let document: Value = serde_json::from_str(&scratch.read("asyncapi.json")).unwrap();
    for key in document["operations"].as_object().unwrap().keys() {
        assert!(key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)), "{key}");
    }
}

#[test]
fn retired_majors_sunsets_and_examples_are_shown() {
    let scratch = shop();
    scratch.run(&["catalogue", "--out", "out"]).says(0, &[]);
    let page = scratch.read("out/index.html");
    for said in [
        "v1 retired</span>",
        "until 2026-05-31",
        "nobody is declared",
        "&quot;orderId&quot;: &quot;text&quot;",
        "the first version",
    ] {
        assert!(page.contains(said), "{said}");
    }
    // written again, nothing changes
    let again = scratch.run(&["catalogue", "--out", "out"]);
    assert!(again.code == 0 && scratch.read("out/index.html") == page);
}

#[test]
fn recursive_and_deep_schemas_end() {
    let scratch = Scratch::empty();
    let mut deep = json!({ "type": "string" });
    for _ in 0..200 {
        deep = json!({ "type": "object", "required": ["a"], "properties": { "a": deep } });
    }
    let node = json!({ "type": "object", "required": ["next"], "properties": {
        "next": { "$ref": "#/definitions/Node" }, "other": { "$ref": "#/definitions/Node" },
        "list": { "type": "array", "items": { "$ref": "#/definitions/Node" } } } });
    let schema = json!({
        "$schema": "http://json-schema.org/draft-04/schema#", "x-amazon-events-source": "a.b", "type": "object",
        "properties": { "deep": deep, "node": { "$ref": "#/definitions/Node" } }, "definitions": { "Node": node },
    });
    scratch.write("schemas/shop/a.made/1.0.json", schema.to_string());
    scratch.run(&["lock"]).says(0, &[]);
    for format in ["html", "eventcatalog", "asyncapi"] {
        scratch.run(&["catalogue", "--out", "out", "--format", format]).says(0, &[]);
    }
}

#[test]
fn bad_topologies_are_errors_and_nothing_is_written() {
    let scratch = shop();
    scratch.write("topology.json", r#"{"format": 1}"#);
    scratch.run(&["catalogue", "--out", "out"]).says(2, &["topology-unreadable", "format"]);
    assert!(!scratch.path("out").exists());
    scratch.remove("topology.json");
    scratch.write("out", "a file");
    scratch.run(&["catalogue", "--out", "out"]).says(2, &["out"]);
}

/// Five hundred events with the fields of the example, by the size of the page; the time is printed.
#[test]
fn five_hundred_events_are_less_than_ten_megabytes() {
    let scratch = Scratch::empty();
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../schemas/app-core/proposal.published/2.1.json"),
    )
    .unwrap();
    for n in 0..500 {
        let text = text.replace("proposal.published", &format!("proposal.published{n}"));
        scratch.write(
            &format!("schemas/app-core/proposal.published{n}/1.0.json"),
            text.replace(":v2", ":v1"),
        );
        scratch.write(&format!("schemas/app-core/proposal.published{n}/2.0.json"), text);
    }
    scratch.run(&["lock"]).says(0, &[]);
    let start = Instant::now();
    scratch.run(&["catalogue", "--out", "out"]).says(0, &[]);
    eprintln!("500 events in {:?}", start.elapsed());
    let size = fs::metadata(scratch.path("out/index.html")).unwrap().len();
    eprintln!("{size} bytes");
    assert!(size < 10_000_000, "{size}");
}
