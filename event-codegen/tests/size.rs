//! Documents of extreme size: types or a diagnostic, in reasonable time, without a stack overflow.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::fmt::Write;

use common::Schemas;

fn one(schema: &str) -> Schemas {
    Schemas::new(&[("core/a.b/1.0.json", schema)]).locked()
}

/// The problems of a schema, or its Rust text.
fn made(schema: &str) -> Result<String, String> {
    let (diagnostics, generated) = one(schema).run();
    generated.map(|g| g.rust).ok_or_else(|| common::shown(&diagnostics))
}

fn object(properties: &str, definitions: &str) -> String {
    format!(
        r#"{{ "type": "object", "properties": {{ {properties} }}, "definitions": {{ {definitions} }} }}"#
    )
}

#[test]
fn nesting_of_ten_thousand() {
    let open = r#"{ "type": "object", "properties": { "a": "#;
    let deep = format!("{}{{}}{}", open.repeat(10_000), "} }".repeat(10_000));
    let said = made(&deep).unwrap_err();
    assert!(said.contains("core/a.b/1.0.json"), "{said}");
    assert!(said.contains("nest") || said.contains("deep"), "{said}");
}

#[test]
fn chain_of_ten_thousand_references_is_generated() {
    let mut chain = String::new();
    for i in 0..10_000 {
        write!(chain, r##""D{i}": {{ "$ref": "#/definitions/D{}" }}, "##, i + 1).unwrap();
    }
    chain.push_str(r#""D10000": { "type": "integer" }"#);
    let rust = made(&object(r##""n": { "$ref": "#/definitions/D0" }"##, &chain)).unwrap();
    assert!(rust.contains("pub n: Option<i64>"), "{rust}");
}

/// Each definition contains the next one twice: 2^30 nodes if they are expanded.
#[test]
fn all_of_that_doubles_thirty_times_ends() {
    let mut bomb = String::new();
    for i in 0..30 {
        let next = i + 1;
        write!(
            bomb,
            r##""D{i}": {{ "allOf": [{{ "$ref": "#/definitions/D{next}" }}, {{ "$ref": "#/definitions/D{next}" }}] }}, "##
        )
        .unwrap();
    }
    bomb.push_str(r#""D30": { "type": "object", "properties": { "x": { "type": "string" } } }"#);
    let rust = made(&object(r##""a": { "$ref": "#/definitions/D0" }"##, &bomb)).unwrap();
    assert!(rust.contains("pub x: Option<String>"), "{rust}");
}

/// The same, with a property of its own at each level, so that no level equals the next one.
#[test]
fn all_of_that_doubles_with_properties_ends() {
    let mut bomb = String::new();
    for i in 0..30 {
        let next = i + 1;
        write!(
            bomb,
            r##""D{i}": {{ "properties": {{ "p{i}": {{ "type": "string" }} }}, "allOf": [{{ "$ref": "#/definitions/D{next}" }}, {{ "$ref": "#/definitions/D{next}" }}] }}, "##
        )
        .unwrap();
    }
    bomb.push_str(r#""D30": { "type": "object", "properties": { "x": { "type": "string" } } }"#);
    let rust = made(&object(r##""a": { "$ref": "#/definitions/D0" }"##, &bomb)).unwrap();
    assert!(rust.contains("pub p29: Option<String>"), "{rust}");
    assert!(rust.contains("pub x: Option<String>"), "{rust}");
}

#[test]
fn enum_of_fifty_thousand_values_is_generated() {
    let values: Vec<String> = (0..50_000).map(|i| format!("\"v{i}\"")).collect();
    let schema = format!(r#""e": {{ "type": "string", "enum": [{}] }}"#, values.join(","));
    let rust = made(&object(&schema, "")).unwrap();
    assert!(rust.contains("V49999,"));
}

#[test]
fn twenty_thousand_properties_are_generated() {
    let fields: Vec<String> =
        (0..20_000).map(|i| format!(r#""p{i}": {{ "type": "string" }}"#)).collect();
    let rust = made(&object(&fields.join(","), "")).unwrap();
    assert!(rust.contains("pub p19999: Option<String>"));
}

#[test]
fn description_of_a_hundred_thousand_characters_is_generated() {
    let text = "word ".repeat(20_000);
    let schema = format!(r#""d": {{ "type": "string", "description": "{text}" }}"#);
    let rust = made(&object(&schema, "")).unwrap();
    assert!(rust.contains("pub d: Option<String>"));
}
