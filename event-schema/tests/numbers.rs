//! Numbers in different spellings, and as readers read them: as decimals or as doubles.
#![allow(clippy::unwrap_used, reason = "a test")]

use event_schema::compat::{self, Policy, Report, Verdict};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::read::{self, Dialect};

fn schema(text: &str, dialect: Dialect) -> Schema {
    read::schema_with(&Document::parse("a.json", text).unwrap(), Some(dialect), &|_| None).unwrap()
}

fn check(old: &str, new: &str, policy: Policy, dialect: Dialect) -> Report {
    compat::check(&schema(old, dialect), &schema(new, dialect), policy)
}

/// Whether `jsonschema`, which reads numbers as doubles, accepts the value.
fn accepts(draft: jsonschema::Draft, text: &str, value: &serde_json::Value) -> bool {
    let schema = serde_json::from_str(text).unwrap();
    jsonschema::options().with_draft(draft).build(&schema).unwrap().is_valid(value)
}

#[test]
fn listed_integer_may_be_written_with_a_point_and_is_then_not_an_integer_in_draft_4() {
    for (old, new) in [
        (r#"{"enum":[1]}"#, r#"{"type":"integer"}"#),
        (r#"{"enum":[[1,"x"]]}"#, r#"{"items":{"type":["integer","string"]}}"#),
        (
            r#"{"enum":[{"n":{"m":2}}]}"#,
            r#"{"properties":{"n":{"properties":{"m":{"type":"integer"}}}}}"#,
        ),
        (r#"{"enum":[3]}"#, r#"{"not":{"type":"number","not":{"type":"integer"}}}"#),
        (r#"{"type":"number","multipleOf":1}"#, r#"{"type":"integer"}"#),
        (r#"{"type":"number","enum":[1,2]}"#, r#"{"type":"integer","enum":[1,2]}"#),
        (r#"{"enum":[[1,2,3,4,5,6,7,8,9]]}"#, r#"{"items":{"type":"integer"}}"#),
    ] {
        for dialect in [Dialect::Draft4, Dialect::OpenApi30] {
            let report = check(old, new, Policy::Backward, dialect);
            assert_eq!(report.verdict, Verdict::Breaking, "{old} → {new}");
            let witness = report.breaks().find_map(|c| c.witness.clone()).unwrap();
            assert!(accepts(jsonschema::Draft::Draft4, old, &witness), "{witness}: {old}");
            assert!(!accepts(jsonschema::Draft::Draft4, new, &witness), "{witness}: {new}");
        }
        let report = check(old, new, Policy::Backward, Dialect::Draft6);
        assert_eq!(report.verdict, Verdict::Compatible, "{old} → {new} in draft 6");
    }
}

#[test]
fn values_that_stay_listed_are_compatible_however_many_numbers_they_have() {
    for (old, new) in [
        (r#"{"enum":[1,2]}"#, r#"{"enum":[2.0,1,3]}"#),
        (r#"{"enum":[[1,2,3,4,5,6,7,8,9]]}"#, r#"{"enum":[[1,2,3,4,5,6,7,8,9],1]}"#),
        (r#"{"type":"integer","enum":[1,2]}"#, r#"{"type":"integer","enum":[1,2,3]}"#),
        (r#"{"type":"integer","enum":[1,2]}"#, r#"{"type":"number","enum":[1,2]}"#),
        (r#"{"enum":[1,2]}"#, r#"{"type":"number"}"#),
    ] {
        let report = check(old, new, Policy::Backward, Dialect::Draft4);
        assert_eq!(report.verdict, Verdict::Compatible, "{old} → {new}: {:?}", report.changes);
    }
}

#[test]
fn type_of_an_enum_of_integers_may_be_stated_under_the_additive_policy() {
    let field = |own: &str| format!(r#"{{"type":"object","properties":{{"n":{own}}}}}"#);
    let (old, new) = (field(r#"{"enum":[1,2]}"#), field(r#"{"type":"integer","enum":[1,2]}"#));
    for dialect in [Dialect::Draft4, Dialect::OpenApi30] {
        let report = check(&old, &new, Policy::Additive, dialect);
        assert_eq!(report.verdict, Verdict::Compatible, "{:?}", report.changes);
    }
}

#[test]
fn witness_is_one_for_decimals_and_for_doubles() {
    for (old, new) in [
        (r#"{"enum":[1e30]}"#, r#"{"enum":[2]}"#),
        (r#"{"type":"number","minimum":1e30}"#, r#"{"minimum":1000000000000000000000000000001}"#),
        (r#"{"enum":[18446744073709552000]}"#, r#"{"maximum":18446744073709551616}"#),
        (r#"{"enum":[18446744073709551617]}"#, r#"{"type":"string"}"#),
        (r#"{"type":"number","minimum":0.1}"#, r#"{"minimum":0.10000000000000000001}"#),
        (r#"{"enum":[[1e23]]}"#, r#"{"items":{"multipleOf":7}}"#),
        (r#"{"enum":[1e30]}"#, r#"{"not":{"multipleOf":3}}"#),
        (r#"{"type":"number","maximum":1e30}"#, r#"{"exclusiveMaximum":1e30}"#),
        (r#"{"enum":[18446744073709552000]}"#, r#"{"enum":[18446744073709551615]}"#),
        (
            r#"{"properties":{"a":{"const":1e22}}}"#,
            r#"{"properties":{"a":{"maximum":9999999999999999999999}}}"#,
        ),
    ] {
        let report = check(old, new, Policy::Backward, Dialect::Draft7);
        for witness in report.breaks().filter_map(|c| c.witness.clone()) {
            let read: serde_json::Value = serde_json::from_str(&witness.to_string()).unwrap();
            assert!(accepts(jsonschema::Draft::Draft7, old, &read), "{read}: {old}");
            assert!(!accepts(jsonschema::Draft::Draft7, new, &read), "{read}: {new}");
        }
    }
}

#[test]
fn ordinary_decimals_and_exact_large_doubles_are_shown() {
    for number in
        ["0.1", "-0.3", "1.5", "123.456", "1e-7", "0.30000000000000004", "1e15", "1e22", "1.5e20"]
    {
        let shown: serde_json::Value = number.parse().unwrap();
        let listed =
            [format!("{{\"enum\":[{number}]}}"), format!("{{\"enum\":[{{\"n\":[{number}]}}]}}")];
        for (old, witness) in listed.iter().zip([shown.clone(), serde_json::json!({"n": [shown]})])
        {
            let report = check(old, r#"{"type":"boolean"}"#, Policy::Backward, Dialect::Draft7);
            let found = report.breaks().find_map(|c| c.witness.clone());
            assert_eq!(found, Some(witness), "{old}");
        }
    }
    let report = check(
        r#"{"type":"number","exclusiveMinimum":0.1,"maximum":0.2}"#,
        r#"{"type":"number","minimum":0.3}"#,
        Policy::Backward,
        Dialect::Draft7,
    );
    assert!(report.breaks().all(|c| c.witness.is_some()), "{:?}", report.changes);
}

#[test]
fn number_that_readers_take_differently_is_not_a_witness() {
    for (old, new) in [
        (r#"{"enum":[18446744073709552000]}"#, r#"{"maximum":18446744073709551616}"#),
        (r#"{"enum":[0.1]}"#, r#"{"minimum":0.10000000000000000001}"#),
        (r#"{"enum":[1e23]}"#, r#"{"multipleOf":7}"#),
        // 1e30 as a double is not the integer that the schema spells out
        (r#"{"enum":[1000000000000000000000000000000]}"#, r#"{"type":"string"}"#),
        (r#"{"const":{"n":[1000000000000000000000000000000]}}"#, r#"{"type":"array"}"#),
    ] {
        let report = check(old, new, Policy::Backward, Dialect::Draft7);
        assert_eq!(report.verdict, Verdict::Breaking, "{old} → {new}");
        assert!(report.changes.iter().all(|c| c.witness.is_none()), "{:?}", report.changes);
    }
}
