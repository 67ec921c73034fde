//! Any text: it reads, or says why not.
#![no_main]

use event_schema::document::Document;
use event_schema::{read, validate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(document) = Document::parse("fuzz.json", text) else { return };
    let value = document.root.to_value();
    match read::schema(&document) {
        Ok(schema) => {
            let _ = validate::validate(&schema, &value);
        }
        Err(problems) => assert!(problems.iter().all(|p| p.pos.is_some())),
    }
    let _ = read::events(&document);
});
