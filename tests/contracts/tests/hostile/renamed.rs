//! The runtime under another name, and types of another release.

use std::path::Path;

use event_tests::scratch::{Scratch, workspace};
use serde_json::json;

const LIB: &str = "#![deny(warnings)]\n\
    pub mod types { events::include_events!(); }\n\
    pub mod parts {\n    use events::EventData;\n    use serde::{Deserialize, Serialize};\n    \
    #[derive(EventData, Serialize, Deserialize)]\n    #[event(crate = \"events\")]\n    \
    #[serde(tag = \"kind\", rename_all = \"snake_case\")]\n    pub enum How { Card { number: String }, Cash }\n}\n\
    #[derive(events::Event, serde::Serialize, serde::Deserialize)]\n\
    #[event(type = \"order.renamed\", version = \"1.0\", crate = \"events\")]\n\
    pub struct Renamed {\n    pub id: String,\n    #[serde(deserialize_with = \"serde::Deserialize::deserialize\")]\n    \
    pub note: Option<String>,\n    pub at: events::Timestamp,\n}\n\
    pub fn is_event<T: events::Event>() -> &'static str { T::DETAIL_TYPE }\n\
    pub fn both() -> [&'static str; 2] {\n    \
    [is_event::<Renamed>(), is_event::<types::order_renamed::v1::OrderRenamed>()]\n}\n";

fn scratch(name: &str) -> Scratch {
    let tmp = env!("CARGO_TARGET_TMPDIR");
    let scratch = Scratch::new(tmp, name).target(Path::new(tmp).join("corpora-target"));
    let runtime = workspace().join("event-runtime");
    scratch.manifest(
        name,
        &format!(
            "[dependencies]\nevents = {{ package = \"event-runtime\", path = '{}' }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}",
            runtime.display()
        ),
    );
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
        "properties": {
            "id": {"type": "string"},
            "note": {"type": ["string", "null"]},
            "at": {"type": "string", "format": "date-time"},
        },
        "required": ["id", "note", "at"],
    });
    scratch.clear("schemas");
    scratch.write("schemas/app-core/order.renamed/1.0.json", format!("{schema:#}"));
    scratch.lock();
    let config = event_codegen::configure()
        .schemas(scratch.path("schemas"))
        .source("app-core", "app.orders")
        .runtime("events");
    let (diagnostics, generated) = config.run();
    let Some(generated) = generated else { panic!("{diagnostics:#?}") };
    generated.write(&scratch.out().join("event-contracts")).unwrap();
    scratch.write("src/lib.rs", LIB);
    scratch
}

fn check(scratch: &Scratch) -> (bool, String) {
    let output =
        scratch.cargo(&["check", "--quiet"]).env("OUT_DIR", scratch.out()).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn renamed_dependency_compiles_with_crate() {
    let (compiles, text) = check(&scratch("hostile-renamed"));
    assert!(compiles, "{text}");
}

#[test]
fn types_of_another_release_are_one_error() {
    let scratch = scratch("hostile-release");
    let lib = "pub mod types { events::include_events!(); }\n";
    scratch.write("src/lib.rs", lib);
    scratch.edit("out/event-contracts/include.rs", "\"0.1\"", "\"0.7\"");
    let (compiles, text) = check(&scratch);
    assert!(!compiles);
    assert!(text.contains("event-codegen 0.7 has generated the types of this package"), "{text}");
    assert_eq!(
        text.lines().filter(|line| line.starts_with("error")).count(),
        2,
        "one error and its count: {text}"
    );
}
