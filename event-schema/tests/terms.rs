//! Readers that are more lenient than JSON Schema: which changes are not breaks for them, and which still
//! are.
#![allow(clippy::unwrap_used, reason = "a test")]

use event_schema::compat::{Constraints, Null, Policy, Terms, Verdict, check, check_family};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::read;

fn schema(text: &str) -> Schema {
    read::schema(&Document::parse("a.json", text).unwrap()).unwrap()
}

const DOCUMENTATION: Terms =
    Terms { policy: Policy::Additive, constraints: Constraints::Documentation, null: Null::Value };
const ABSENT: Terms =
    Terms { policy: Policy::Additive, constraints: Constraints::Enforced, null: Null::Absent };

/// The rules of the breaks.
fn breaks(old: &str, new: &str, terms: impl Into<Terms>) -> Vec<&'static str> {
    let report = check(&schema(old), &schema(new), terms);
    let out: Vec<_> = report.breaks().map(|c| c.rule.id).collect();
    assert_eq!(out.is_empty(), report.verdict == Verdict::Compatible);
    out
}

fn property(p: &str) -> String {
    format!(r#"{{"type":"object","properties":{{"p":{p}}}}}"#)
}

fn required(p: &str) -> String {
    format!(r#"{{"type":"object","required":["p"],"properties":{{"p":{p}}}}}"#)
}

#[test]
fn constraints_that_are_documentation_may_change() {
    let pairs = [
        (r#"{"type":"string","maxLength":5}"#, r#"{"type":"string","maxLength":9}"#),
        (r#"{"type":"string"}"#, r#"{"type":"string","minLength":1}"#),
        (r#"{"type":"string","pattern":"^a"}"#, r#"{"type":"string","pattern":"^b"}"#),
        (r#"{"type":"number","minimum":1}"#, r#"{"type":"number","minimum":0}"#),
        (r#"{"type":"integer","maximum":200}"#, r#"{"type":"integer","maximum":300}"#),
        (r#"{"type":"integer","multipleOf":2}"#, r#"{"type":"integer","multipleOf":3}"#),
        (
            r#"{"type":"array","items":{"type":"string"},"maxItems":2}"#,
            r#"{"type":"array","items":{"type":"string"},"maxItems":3}"#,
        ),
        (r#"{"type":"object","minProperties":1}"#, r#"{"type":"object","minProperties":2}"#),
    ];
    for (old, new) in pairs {
        assert_ne!(
            breaks(&property(old), &property(new), Policy::Additive),
            [""; 0],
            "{old} {new}"
        );
        assert_eq!(breaks(&property(old), &property(new), DOCUMENTATION), [""; 0], "{old} {new}");
    }
}

#[test]
fn constraints_of_rust_types_are_not_documentation() {
    let pairs = [
        (r#"{"enum":["a"]}"#, r#"{"enum":["a","b"]}"#, "enum-value-added"),
        (r#"{"type":"string"}"#, r#"{"type":"string","format":"date-time"}"#, "format-added"),
        (
            r#"{"type":"integer","format":"int32"}"#,
            r#"{"type":"integer","format":"int64"}"#,
            "number-format-changed",
        ),
        (r#"{"type":"integer"}"#, r#"{"type":"number"}"#, "integer-widened"),
        (
            r#"{"type":"object","properties":{"a":{}},"required":["a"]}"#,
            r#"{"type":"object","properties":{"a":{}}}"#,
            "field-made-optional",
        ),
    ];
    for (old, new, rule) in pairs {
        assert_eq!(breaks(&property(old), &property(new), DOCUMENTATION), [rule]);
    }
}

#[test]
fn an_option_hides_null_where_the_property_is_optional() {
    let (string, nullable) = (r#"{"type":"string"}"#, r#"{"type":["string","null"]}"#);
    for (old, new) in [(string, nullable), (nullable, string)] {
        assert_ne!(breaks(&property(old), &property(new), Policy::Additive), [""; 0]);
        assert_eq!(breaks(&property(old), &property(new), ABSENT), [""; 0]);
        assert_ne!(breaks(&required(old), &required(new), ABSENT), [""; 0]);
    }
    let choice =
        |more: &str| property(&format!(r#"{{"oneOf":[{string},{{"type":"integer"}}{more}]}}"#));
    assert_eq!(breaks(&choice(""), &choice(r#",{"type":"null"}"#), ABSENT), [""; 0]);
    let values = |more: &str| property(&format!(r#"{{"enum":["a"{more}]}}"#));
    assert_eq!(breaks(&values(""), &values(",null"), ABSENT), [""; 0]);
    assert_eq!(breaks(&values(""), &values(",\"b\""), ABSENT), ["enum-value-added"]);
}

#[test]
fn other_breaks_beside_null_are_distinguished() {
    let old = property(r#"{"type":"string"}"#);
    let new = property(r#"{"type":["integer","null"]}"#);
    assert_eq!(breaks(&old, &new, ABSENT), ["field-type-changed"]);
}

#[test]
fn definitions_that_contain_themselves_stay_finite() {
    let tree = |leaf: &str| {
        format!(
            r##"{{"$ref":"#/definitions/Tree","definitions":{{"Tree":{{"type":"object","properties":{{
                "left":{{"$ref":"#/definitions/Tree"}},"right":{{"$ref":"#/definitions/Tree"}},"leaf":{leaf}}}}}}}}}"##
        )
    };
    let (old, new) = (tree(r#"{"type":"string"}"#), tree(r#"{"type":["string","null"]}"#));
    assert_eq!(breaks(&old, &new, ABSENT), [""; 0]);
    assert_eq!(breaks(&old, &tree(r#"{"type":"integer"}"#), ABSENT), ["field-type-changed"]);
}

#[test]
fn families_take_terms_too() {
    let (a, b) = (property(r#"{"type":"string","maxLength":5}"#), property(r#"{"type":"string"}"#));
    let (a, b) = (schema(&a), schema(&b));
    let minors = [("1.0", &a), ("1.1", &b)];
    assert_eq!(check_family(&minors, DOCUMENTATION), []);
    assert_eq!(check_family(&minors, Policy::Additive).len(), 1);
}
