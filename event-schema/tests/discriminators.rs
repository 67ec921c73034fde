//! A discriminator has one reading: readers choose the branch, or the child of a base, by the tag.
#![allow(clippy::unwrap_used, reason = "a test")]

use event_schema::compat::{self, Policy, Report, Verdict};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::{read, validate};
use serde_json::{Value, json};

/// An `OpenAPI` document whose event has a field `pet` or, if `listed`, a list of them.
fn document(schemas: &Value, listed: bool) -> Value {
    let pet = json!({"$ref": "#/components/schemas/Pet"});
    let pet = if listed { json!({"type": "array", "items": pet}) } else { pet };
    let mut all = schemas.clone();
    all["Ev"] = json!({"type": "object", "properties": {"pet": pet}, "required": ["pet"]});
    json!({"openapi": "3.0.1", "info": {"title": "Ev", "version": "1"}, "paths": {},
           "components": {"schemas": all}})
}

fn schema(document: &Value) -> Schema {
    let doc = Document::parse("a.json", document.to_string()).unwrap();
    let mut events = read::events(&doc).unwrap();
    let at = events.iter().position(|e| e.name.contains("Ev")).unwrap_or(0);
    events.remove(at).payload
}

fn check(old: &Value, new: &Value, policy: Policy) -> Report {
    compat::check(&schema(old), &schema(new), policy)
}

fn messages(report: &Report) -> String {
    report.breaks().map(|c| format!("{}: {}", c.rule.id, c.message)).collect::<Vec<_>>().join("; ")
}

/// A union whose branches do not state their tag.
fn union(mapping: &Value, cat: &Value, dog: &Value) -> Value {
    let object = |extra: &Value| {
        let mut out = json!({"type": "object", "properties": {"kind": {"type": "string"}},
                             "required": ["kind"]});
        for (name, own) in extra.as_object().unwrap() {
            out["properties"][name] = own.clone();
        }
        out
    };
    json!({"Cat": object(cat), "Dog": object(dog), "Pet": {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {"propertyName": "kind", "mapping": mapping}}})
}

fn to(names: &[(&str, &str)]) -> Value {
    let one = |(tag, name): &(&str, &str)| {
        ((*tag).to_owned(), json!(format!("#/components/schemas/{name}")))
    };
    Value::Object(names.iter().map(one).collect())
}

fn lives() -> (Value, Value) {
    (json!({"lives": {"type": "integer"}}), json!({"bark": {"type": "string"}}))
}

#[test]
fn swapped_mapping_is_a_break() {
    let (cat, dog) = lives();
    let old = document(&union(&to(&[("c", "Cat"), ("d", "Dog")]), &cat, &dog), false);
    let new = document(&union(&to(&[("c", "Dog"), ("d", "Cat")]), &cat, &dog), false);
    for policy in [Policy::Additive, Policy::Backward, Policy::Forward, Policy::Full] {
        let report = check(&old, &new, policy);
        assert_eq!(report.verdict, Verdict::Breaking, "{policy}");
    }
    assert_eq!(check(&old, &old, Policy::Full).verdict, Verdict::Compatible);
}

#[test]
fn branches_that_trade_what_they_say_are_a_break() {
    let (cat, dog) = lives();
    let mapping = to(&[("c", "Cat"), ("d", "Dog")]);
    let old = document(&union(&mapping, &cat, &dog), false);
    let new = document(&union(&mapping, &dog, &cat), false);
    for policy in [Policy::Additive, Policy::Backward, Policy::Forward] {
        let report = check(&old, &new, policy);
        assert_eq!(report.verdict, Verdict::Breaking, "{policy}");
    }
}

#[test]
fn two_tags_of_one_branch_may_go_to_two_branches_that_say_the_same() {
    let (cat, dog) = lives();
    let two = to(&[("c", "Cat"), ("tiger", "Cat"), ("d", "Dog")]);
    let old = document(&union(&two, &cat, &dog), false);
    assert_eq!(check(&old, &old, Policy::Full).verdict, Verdict::Compatible);
    let fewer = document(&union(&to(&[("c", "Cat"), ("d", "Dog")]), &cat, &dog), false);
    let report = check(&old, &fewer, Policy::Backward);
    assert_eq!(report.verdict, Verdict::Breaking, "`tiger` maps to no branch now");
    let moved = to(&[("c", "Cat"), ("tiger", "Dog"), ("d", "Dog")]);
    let report = check(&old, &document(&union(&moved, &cat, &dog), false), Policy::Backward);
    assert_eq!(report.verdict, Verdict::Breaking);
    let mut more = cat.clone();
    more["age"] = json!({"type": "integer"});
    let report = check(&old, &document(&union(&two, &more, &dog), false), Policy::Additive);
    assert_eq!(report.verdict, Verdict::Compatible, "{}", messages(&report));
}

#[test]
fn value_without_branch_and_branch_without_tag_are_read_alike() {
    let (cat, dog) = lives();
    let mut schemas = union(&to(&[("c", "Cat"), ("d", "Dog"), ("x", "Bird")]), &cat, &dog);
    schemas["Bird"] = json!({"type": "object"});
    schemas["Dog"] = json!({"type": "object", "properties": dog});
    let document = document(&schemas, false);
    let schema = schema(&document);
    assert!(validate::validate(&schema, &json!({"pet": {"kind": "d", "bark": "x"}})).is_ok());
    for pet in [json!({"kind": "x"}), json!({"bark": "x"}), json!({"kind": "d", "bark": 1})] {
        assert!(validate::validate(&schema, &json!({"pet": pet})).is_err(), "{pet}");
    }
    assert_eq!(check(&document, &document, Policy::Full).verdict, Verdict::Compatible);
    let mut other = document.clone();
    other["components"]["schemas"]["Dog"]["properties"]["bark"] = json!({"type": "integer"});
    let report = check(&document, &other, Policy::Backward);
    assert_eq!(report.verdict, Verdict::Breaking);
    assert!(messages(&report).contains("`d`"), "{}", messages(&report));
}

/// A base whose children have it in `allOf`.
fn base(mapping: Option<Value>, lives: &Value) -> Value {
    let mut discriminator = json!({"propertyName": "petType"});
    if let Some(mapping) = mapping {
        discriminator["mapping"] = mapping;
    }
    let child = |own: &Value| {
        json!({"allOf": [{"$ref": "#/components/schemas/Pet"},
                         {"type": "object", "properties": own}]})
    };
    json!({
        "Pet": {"type": "object", "discriminator": discriminator, "required": ["petType"],
                "properties": {"petType": {"type": "string"}}},
        "Cat": child(&json!({"lives": lives})),
        "Dog": child(&json!({"bark": {"type": "string"}})),
    })
}

#[test]
fn children_of_a_base_are_compared_by_tag() {
    for mapping in [None, Some(to(&[("Cat", "Cat"), ("Dog", "Dog")]))] {
        for listed in [false, true] {
            let document = |lives: Value| document(&base(mapping.clone(), &lives), listed);
            let old = document(json!({"type": "integer"}));
            assert_eq!(check(&old, &old, Policy::Full).verdict, Verdict::Compatible);
            let report = check(&old, &document(json!({"type": "string"})), Policy::Additive);
            assert_eq!(report.verdict, Verdict::Breaking, "{mapping:?} {listed}");
            assert!(messages(&report).contains("Cat"), "{}", messages(&report));
            let wider = document(json!({"type": "number"}));
            let report = check(&old, &wider, Policy::Backward);
            assert_eq!(report.verdict, Verdict::Compatible, "{}", messages(&report));
            assert_eq!(check(&old, &wider, Policy::Forward).verdict, Verdict::Breaking);
            let mut gained = old.clone();
            gained["components"]["schemas"]["Cat"]["allOf"][1]["properties"]["age"] =
                json!({"type": "integer"});
            let report = check(&old, &gained, Policy::Additive);
            assert_eq!(report.verdict, Verdict::Compatible, "{}", messages(&report));
        }
    }
}

#[test]
fn removed_child_is_a_break() {
    let old = document(&base(None, &json!({"type": "integer"})), false);
    let mut new = old.clone();
    new["components"]["schemas"].as_object_mut().unwrap().remove("Cat");
    for policy in [Policy::Additive, Policy::Backward, Policy::Full] {
        let report = check(&old, &new, policy);
        assert_eq!(report.verdict, Verdict::Breaking, "{policy}");
        assert!(messages(&report).contains("`Cat`"), "{}", messages(&report));
    }
    assert_eq!(check(&old, &new, Policy::Forward).verdict, Verdict::Compatible);
    assert_eq!(check(&new, &old, Policy::Forward).verdict, Verdict::Breaking);
    assert_eq!(check(&new, &old, Policy::Backward).verdict, Verdict::Compatible);
}

#[test]
fn validation_picks_the_child_by_its_tag_and_names_it() {
    for listed in [false, true] {
        let schema = schema(&document(&base(None, &json!({"type": "integer"})), listed));
        let judge = |pet: Value| {
            let pet = if listed { json!([pet]) } else { pet };
            validate::validate(&schema, &json!({"pet": pet}))
        };
        assert!(judge(json!({"petType": "Cat", "lives": 9})).is_ok());
        assert!(judge(json!({"petType": "Dog", "lives": "nine"})).is_ok());
        assert!(judge(json!({"petType": "Pet"})).is_ok());
        let wrong = judge(json!({"petType": "Cat", "lives": "nine"})).unwrap_err();
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert_eq!(wrong[0].message, "branch `Cat`: is a string, expected integer");
        let unknown = judge(json!({"petType": "Cow"})).unwrap_err();
        assert!(unknown[0].message.contains("expected one of"), "{unknown:?}");
        assert!(judge(json!({"lives": 9})).is_err());
    }
}
