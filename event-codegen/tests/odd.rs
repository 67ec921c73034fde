//! Odd schemas of `tests/odd`, one thing each: each becomes types or a diagnostic with the problem and its
//! place. `event-tests` compiles those that become types.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use common::{Schemas, shown};
use event_folder::problem::any_error;

/// The result for a schema: the number of types, or the problems.
fn outcome(event: &str, text: &str) -> String {
    let schemas = Schemas::new(&[(&format!("core/{event}/1.0.json"), text)]).locked();
    let (diagnostics, generated) = schemas.run();
    let said = shown(&diagnostics);
    let Some(generated) = generated else {
        assert!(any_error(&diagnostics), "{event}: no types, and nothing is wrong");
        let (file, name) = (format!("core/{event}/1.0.json"), &event);
        assert!(diagnostics.iter().all(|d| d.file.ends_with(&file)), "{name}: {said}");
        return said;
    };
    let types = ["pub struct ", "pub enum "].map(|t| generated.rust.matches(t).count());
    format!("{} types\n{said}", types.iter().sum::<usize>())
}

#[test]
fn each_becomes_types_or_a_diagnostic() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/odd");
    let mut texts: BTreeMap<String, String> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .map(|p| {
            (p.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&p).unwrap())
        })
        .collect();
    assert!(texts.len() >= 30, "the odd schemas are gone");
    // too long to be kept as files
    let nested = |open: &str, close: &str| {
        format!(
            r#"{{ "type": "object", "properties": {{ "a": {}{{}}{} }} }}"#,
            open.repeat(10_000),
            close.repeat(10_000)
        )
    };
    texts.insert("deep.objects".to_owned(), nested(r#"{"properties":{"a":"#, "}}"));
    texts.insert("deep.arrays".to_owned(), nested(r#"{"items":"#, "}"));
    texts.insert("deep.all_of".to_owned(), nested(r#"{"allOf":["#, "]}"));
    let values: Vec<String> = (0..3000).map(|i| format!("\"value-{i}\"")).collect();
    let huge = format!(
        r#"{{ "type": "object", "properties": {{ "e": {{ "enum": [{}] }} }} }}"#,
        values.join(",")
    );
    texts.insert("enum.huge".to_owned(), huge);
    let links = |of: usize, link: &dyn Fn(usize) -> String| {
        let links: Vec<String> = (0..of).map(|i| format!("\"D{i}\": {}", link(i + 1))).collect();
        format!(
            r##"{{ "type": "object", "properties": {{ "a": {{ "$ref": "#/definitions/D0" }} }},
            "definitions": {{ {}, "D{of}": {{ "type": "string" }} }} }}"##,
            links.join(",")
        )
    };
    let reference = |i: usize| format!(r##"{{ "$ref": "#/definitions/D{i}" }}"##);
    texts.insert("deep.references".to_owned(), links(5000, &reference));
    let holder = |i: usize| format!(r#"{{ "properties": {{ "next": {} }} }}"#, reference(i));
    texts.insert("deep.definitions".to_owned(), links(1500, &holder));

    let mut all = String::new();
    for (event, text) in &texts {
        let _ = writeln!(all, "{event}: {}", outcome(event, text).trim_end());
    }
    insta::assert_snapshot!("odd", all);
}
