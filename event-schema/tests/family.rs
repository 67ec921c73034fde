//! Minors of a major: every pair, and problems that only a third version shows.
#![allow(clippy::unwrap_used, reason = "a test")]

use event_schema::compat::{Policy, check_family};
use event_schema::diagnostic::Diagnostic;
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::read;

fn schema(file: &str, text: &str) -> Schema {
    read::schema(&Document::parse(file, text).unwrap()).unwrap()
}

fn family(texts: &[&str], policy: Policy) -> Vec<Diagnostic> {
    let labels: Vec<String> = (0..texts.len()).map(|i| format!("1.{i}")).collect();
    let schemas: Vec<Schema> = labels
        .iter()
        .zip(texts)
        .map(|(label, text)| schema(&format!("{label}.json"), text))
        .collect();
    let minors: Vec<(&str, &Schema)> = labels.iter().map(String::as_str).zip(&schemas).collect();
    check_family(&minors, policy)
}

fn told(texts: &[&str]) -> Vec<(&'static str, String)> {
    family(texts, Policy::Additive).iter().map(|d| (d.rule.id, d.file.to_string())).collect()
}

const NOTE: &str =
    r#"{"type":"object","properties":{"id":{"type":"string"},"note":{"type":"string"}}}"#;
const BARE: &str = r#"{"type":"object","properties":{"id":{"type":"string"}}}"#;
const NUMBER: &str =
    r#"{"type":"object","properties":{"id":{"type":"string"},"note":{"type":"integer"}}}"#;

#[test]
fn minors_that_only_add_are_fine() {
    assert_eq!(told(&[BARE, NOTE, NOTE]), []);
}

#[test]
fn name_reused_after_a_gap_is_found() {
    let told = told(&[NOTE, BARE, NUMBER]);
    assert!(told.contains(&("optional-field-removed", "1.1.json".into())), "{told:?}");
    assert!(told.contains(&("field-type-changed", "1.2.json".into())), "{told:?}");
}

#[test]
fn removed_name_stays_reserved_in_nested_objects() {
    let wrap = |inner: &str| format!(r#"{{"type":"object","properties":{{"part":{inner}}}}}"#);
    let (note, bare) = (wrap(NOTE), wrap(BARE));
    let described = wrap(
        r#"{"type":"object","properties":{"id":{"type":"string"},"note":{"type":"string","maxLength":9}}}"#,
    );
    let told = told(&[&note, &bare, &described]);
    assert!(
        told.iter().any(|(rule, file)| *rule == "bound-tightened" && file == "1.2.json"),
        "{told:?}"
    );
}

#[test]
fn one_break_is_reported_once() {
    let enumeration =
        |values: &str| format!(r#"{{"properties":{{"status":{{"enum":[{values}]}}}}}}"#);
    let (two, three) =
        (enumeration(r#""draft","published""#), enumeration(r#""draft","published","archived""#));
    let found = family(&[&two, &three, &three], Policy::Additive);
    assert_eq!(found.len(), 1, "{found:?}");
    let break_ = &found[0];
    assert_eq!(
        break_.headline(),
        "[enum-value-added] 1.1.json:1:54: `status` gained `archived`; earlier readers have a closed enum; breaks consumers built with 1.0"
    );
    assert_eq!(
        break_.details(),
        [
            r#"was: "draft" | "published"   now: "draft" | "published" | "archived""#,
            r#"witness: {"status":"archived"} is written by 1.1 and rejected by 1.0"#,
            "note: 1.0.json:1:25: 1.0 declares it here",
            r#"help: open the enum from the start with `"x-open": true`; here, publish a new major"#,
        ]
    );
}

#[test]
fn an_open_enum_may_gain_values() {
    let open = |values: &str| {
        format!(
            r#"{{"properties":{{"status":{{"type":"string","enum":[{values}],"x-open":true}}}}}}"#
        )
    };
    assert_eq!(told(&[&open(r#""a""#), &open(r#""a","b""#)]), []);
    // removing a value of an open enum is still a break: readers keep the value, but code that uses the
    // variant no longer compiles
    let lost = told(&[&open(r#""a","b""#), &open(r#""a""#)]);
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0].0, "enum-value-removed");
}

#[test]
fn a_first_name_types_what_could_be_anything() {
    let any = r#"{"type":"object","properties":{}}"#;
    assert_eq!(told(&[any, BARE]), [("field-typed", "1.1.json".to_owned())]);
}
