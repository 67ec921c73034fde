//! Two hundred events that refer to one set of definitions, as webhooks of a code host do: by `$ref` into shared
//! files, and with copies of what they reach in each.

use std::path::Path;

use event_folder::load::Folder;
use event_folder::lock::Lock;
use serde_json::{Map, Value, json};

const EVENTS: usize = 200;

/// Definitions that hold each other.
const DEFINITIONS: usize = 40;

/// How many of them an event names itself.
const NAMED: usize = 6;

/// The text of all events, with shared files or with copies.
pub fn text(shared: bool) -> String {
    let scratch = std::env::temp_dir().join(format!("event-bench-shared-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&scratch);
    let root = scratch.join("schemas");
    let write = |path: &Path, value: &Value| {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a new folder");
        std::fs::write(path, value.to_string()).expect("a new file");
    };
    let definitions = definitions();
    if shared {
        write(&root.join("common.json"), &json!({ "definitions": definitions }));
    }
    for i in 0..EVENTS {
        let name = |n: usize| format!("Part{}", (i * 7 + n * 5) % DEFINITIONS);
        let file = if shared { "../../common.json" } else { "" };
        let mut properties = Map::new();
        for n in 0..NAMED {
            let reference = format!("{file}#/definitions/{}", name(n));
            properties.insert(format!("part{n}"), json!({ "$ref": reference }));
        }
        properties.insert("action".to_owned(), json!({ "type": "string", "enum": ["created", "edited"] }));
        let mut schema = json!({ "type": "object", "properties": properties, "required": ["action"] });
        if !shared {
            schema["definitions"] = json!(definitions);
        }
        write(&root.join(format!("hub/part.event{i}/1.0.json")), &schema);
    }
    let (folder, problems) = Folder::read(&root, "schemas");
    assert!(problems.is_empty(), "{problems:?}");
    std::fs::write(root.join("schemas.lock"), Lock::of(&folder).to_text()).expect("a new file");
    let config = event_codegen::configure().schemas(&root).source("hub", "app.hub");
    let (diagnostics, generated) = config.run();
    let generated = generated.unwrap_or_else(|| panic!("{diagnostics:#?}"));
    let _ = std::fs::remove_dir_all(&scratch);
    generated.rust
}

/// Objects of twelve fields, each with three of the others.
fn definitions() -> Map<String, Value> {
    let mut out = Map::new();
    for i in 0..DEFINITIONS {
        let mut properties = Map::new();
        for n in 0..9 {
            let ty = ["string", "integer", "boolean"][n % 3];
            properties.insert(format!("field_{n}"), json!({ "type": ty }));
        }
        for n in 1..=3 {
            let other = format!("#/definitions/Part{}", (i * 3 + n) % DEFINITIONS);
            properties.insert(format!("other_{n}"), json!({ "$ref": other }));
        }
        out.insert(
            format!("Part{i}"),
            json!({ "type": "object", "properties": properties, "required": ["field_0", "field_1"] }),
        );
    }
    out
}
