//! Schemas that refer to themselves without descending into the instance have no meaning: they are
//! undecided.
#![allow(clippy::unwrap_used, reason = "a test")]

use event_schema::compat::{self, Policy, Report, Verdict};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::read::{self, Dialect};
use event_schema::validate;
use serde_json::{Value, json};

const ALL: [Policy; 4] = [Policy::Additive, Policy::Backward, Policy::Forward, Policy::Full];

fn schema(value: &Value) -> Schema {
    let doc = Document::parse("a.json", value.to_string()).unwrap();
    read::schema_with(&doc, Some(Dialect::Modern), &|_| None).unwrap()
}

fn check(old: &Value, new: &Value, policy: Policy) -> Report {
    compat::check(&schema(old), &schema(new), policy)
}

/// Definitions in which `y` refers back to itself, each through another keyword.
fn circles() -> Vec<Value> {
    let own = json!({"$ref": "#/definitions/y"});
    let integer = json!({"type": "integer"});
    vec![
        json!({"y": {"not": own}}),
        json!({"y": {"not": {"not": {"not": own}}}}),
        json!({"y": {"not": {"$ref": "#/definitions/z"}}, "z": {"allOf": [own, integer]}}),
        json!({"y": {"not": {"anyOf": [integer, {"$ref": "#/definitions/z"}]}}, "z": {"allOf": [own]}}),
        json!({"y": {"oneOf": [own, integer]}}),
        json!({"y": {"oneOf": [{"not": own}, integer]}}),
        json!({"y": {"if": own, "then": false}}),
        json!({"y": {"if": integer, "then": {"not": own}}}),
        json!({"y": {"if": integer, "else": {"not": own}}}),
        json!({"y": {"dependentSchemas": {"a": {"not": own}}}}),
        json!({"y": {"anyOf": [{"not": own}, integer]}}),
        json!({"y": {"allOf": [{"not": {"allOf": [{"not": {"not": own}}]}}]}}),
    ]
}

fn event(definitions: &Value, field: &Value) -> Value {
    json!({"definitions": definitions, "type": "object", "properties": {"f": field}})
}

#[test]
fn schema_below_its_own_not_is_undecided_with_the_reason() {
    let own = json!({"$ref": "#/definitions/y"});
    for definitions in circles() {
        for other in [json!({"type": "string"}), json!(false), json!({}), json!({"not": own})] {
            let (old, new) = (event(&definitions, &own), event(&definitions, &other));
            let (forth, back) = (check(&old, &new, Policy::Full), check(&new, &old, Policy::Full));
            for report in [forth, back] {
                assert_eq!(report.verdict, Verdict::Breaking, "{old} → {new}");
                let told = report.breaks().any(|c| c.message.contains("refers back to its own"));
                let shown = report.breaks().any(|c| c.witness.is_some());
                assert!(told || shown, "{old} → {new}: {:?}", report.changes);
                for witness in report.breaks().filter_map(|c| c.witness.as_ref()) {
                    assert!(witness.get("f").is_some(), "{witness}");
                }
            }
        }
    }
}

#[test]
fn change_within_a_circle_is_undecided_and_one_beside_it_is_not() {
    let own = json!({"$ref": "#/definitions/y"});
    for definitions in circles() {
        let old = event(&definitions, &own);
        for policy in ALL {
            assert_eq!(check(&old, &old, policy).verdict, Verdict::Compatible, "{old}");
        }
        let mut beside = old.clone();
        beside["definitions"]["more"] = json!({"type": "string"});
        beside["properties"]["g"] = json!({"type": "string"});
        for (old, new) in [(&old, &beside), (&beside, &old)] {
            let verdict = check(old, new, Policy::Backward).verdict;
            let narrowed = old.pointer("/properties/g").is_none();
            assert_eq!(verdict == Verdict::Breaking, narrowed, "{old} → {new}");
        }
        let mut within = old.clone();
        within["definitions"]["y"]["maxLength"] = json!(3);
        let report = check(&old, &within, Policy::Backward);
        assert_eq!(report.verdict, Verdict::Breaking, "{within}");
    }
}

#[test]
fn validation_reports_that_a_circle_cannot_be_evaluated() {
    let own = json!({"$ref": "#/definitions/y"});
    for definitions in circles().into_iter().take(2) {
        let schema = schema(&event(&definitions, &own));
        let found = validate::validate(&schema, &json!({"f": "x"})).unwrap_err();
        assert!(found[0].message.contains("refers back to its own schema"), "{found:?}");
        assert!(validate::validate(&schema, &json!({})).is_ok());
    }
}

#[test]
fn recursion_through_members_and_items_is_decided() {
    for child in [
        json!({"type": "array", "items": {"not": {"$ref": "#/definitions/y"}}}),
        json!({"not": {"type": "object", "properties": {"c": {"$ref": "#/definitions/y"}}}}),
    ] {
        let definitions = json!({"y": {"type": ["object", "array"], "properties": {"c": child}}});
        let old = event(&definitions, &json!({"$ref": "#/definitions/y"}));
        let new =
            event(&definitions, &json!({"anyOf": [{"$ref": "#/definitions/y"}, {"type": "null"}]}));
        let report = check(&old, &new, Policy::Backward);
        assert_eq!(report.verdict, Verdict::Compatible, "{:?}", report.changes);
    }
}
