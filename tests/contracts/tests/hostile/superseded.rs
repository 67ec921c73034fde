//! A new major of a union: its conversion is written by hand.

use std::path::Path;

use event_tests::scratch::{Scratch, dependency};
use serde_json::json;

const HEAD: &str = "#![allow(warnings)]\nuse event_runtime::Event;\nuse serde::{Deserialize, Serialize};\n\
    pub mod events { event_runtime::include_events!(); }\nuse events::hub_paid::v1;\n\
    #[derive(Event, Serialize, Deserialize)]\n\
    #[event(type = \"hub.paid\", version = \"2.0\", supersedes = v1::HubPaid$KEYS)]\n\
    pub struct Paid { $FIELD pub id: String, #[serde(skip_serializing_if = \"Option::is_none\")] pub card: Option<String> }\n";

const FROM: &str = "impl From<Paid> for v1::HubPaid {\n    fn from(new: Paid) -> Self {\n        \
    serde_json::from_value(serde_json::json!({\"id\": new.id, \"card\": new.card.unwrap_or_default()})).unwrap()\n    }\n}\n";

#[test]
fn superseded_union_is_converted_by_hand() {
    let tmp = env!("CARGO_TARGET_TMPDIR");
    let scratch = Scratch::new(tmp, "hostile-union").target(Path::new(tmp).join("corpora-target"));
    scratch.manifest(
        "hostile-union",
        &format!(
            "[dependencies]\n{}serde = \"1\"\nserde_json = \"1\"",
            dependency("event-runtime", "")
        ),
    );
    let branch = |name: &str| json!({"properties": {name: {"type": "string"}}, "required": [name]});
    let id = json!({"id": {"type": "string"}});
    let union = json!({
        "$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": id,
        "required": ["id"], "oneOf": [branch("card"), branch("iban")],
    });
    let object = json!({
        "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
        "properties": {"id": {"type": "string"}, "card": {"type": "string"}}, "required": ["id"],
    });
    scratch.clear("schemas");
    for (version, schema) in [("1.0", union), ("2.0", object)] {
        scratch.write(&format!("schemas/hub/hub.paid/{version}.json"), format!("{schema:#}"));
    }
    scratch.compile_schemas("hub", "app.hub");
    for (keys, field, from, said) in [
        ("", "", FROM, None),
        (", retired", "", "", None),
        ("", "", "", Some("src/lib.rs:7:")),
        ("", "", "", Some("missing `impl From<Paid> for hub_paid::v1::HubPaid`")),
        (", upcast", "", FROM, Some("from which no conversion is derived")),
        (", down(card = new.id.clone())", "", FROM, Some("this key has no effect")),
        ("", "#[event(from = \"id\")]", FROM, Some("this key has no effect")),
    ] {
        let lib = HEAD.replace("$KEYS", keys).replace("$FIELD", field);
        scratch.write("src/lib.rs", format!("{lib}{from}"));
        let output =
            scratch.cargo(&["check", "--quiet"]).env("OUT_DIR", scratch.out()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        match said {
            None => assert!(output.status.success(), "{keys}: {text}"),
            Some(said) => {
                assert!(text.contains(said), "{keys}{field}: {text}");
                assert_eq!(text.matches("\nerror").count(), 1, "one error and its count: {text}");
            }
        }
    }
}
