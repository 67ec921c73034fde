//! Keywords that a dialect does not have, unknown names, typos, and places with two readings.
#![allow(clippy::unwrap_used, reason = "a test")]

use event_schema::compat::{self, Policy, Report, Verdict};
use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::read;
use serde_json::{Value, json};

fn document(value: &Value) -> Document {
    Document::parse("a.json", value.to_string()).unwrap()
}

fn schema(value: &Value) -> Schema {
    read::schema(&document(value)).unwrap_or_else(|p| panic!("{value}: {p:?}"))
}

fn problems(value: &Value) -> Vec<Diagnostic> {
    read::schema(&document(value)).expect_err(&value.to_string())
}

fn check(old: &Value, new: &Value, policy: Policy) -> Report {
    compat::check(&schema(old), &schema(new), policy)
}

/// The dialects' names in `$schema`.
const DRAFTS: [&str; 5] = [
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
];

/// The members in a schema of a dialect.
fn of(draft: &str, members: &Value) -> Value {
    let mut out = json!({ "$schema": draft });
    for (key, value) in members.as_object().unwrap() {
        out[key] = value.clone();
    }
    out
}

#[test]
fn keywords_of_later_dialects_are_ignored_and_named() {
    // the number of dialects, oldest first, that do not have the keyword
    for (members, ignoring) in [
        (json!({ "const": 1 }), 1),
        (json!({ "contains": { "type": "string" } }), 1),
        (json!({ "propertyNames": { "maxLength": 3 } }), 1),
        (json!({ "if": { "required": ["a"] }, "then": { "required": ["b"] } }), 2),
        (json!({ "dependentRequired": { "a": ["b"] } }), 3),
        (json!({ "dependentSchemas": { "a": { "required": ["b"] } } }), 3),
        (json!({ "unevaluatedProperties": false }), 3),
        (json!({ "prefixItems": [{ "type": "string" }] }), 4),
    ] {
        for (i, draft) in DRAFTS.iter().enumerate() {
            let (old, new) = (of(draft, &json!({})), of(draft, &members));
            let report = check(&old, &new, Policy::Backward);
            let ours = report.verdict == Verdict::Compatible;
            let judge = jsonschema::validator_for(&new).unwrap();
            assert_eq!(ours, i < ignoring, "{new}: {:?}", report.changes);
            let remarks = schema(&new).remarks;
            assert_eq!(remarks.is_empty(), !ours, "{new}");
            for remark in remarks {
                assert_eq!(
                    (remark.rule.id, remark.severity),
                    ("ignored-keyword", Severity::Warning)
                );
            }
            // what another validator accepts or rejects there
            let refused = [json!(2), json!([]), json!([1]), json!({"abcde": 1}), json!({"a": 1})];
            let refuses = refused.iter().any(|v| !judge.is_valid(v));
            assert_eq!(refuses, !ours, "{new}");
        }
    }
    let text = json!({ "$schema": DRAFTS[0], "const": 1 });
    let remarks = schema(&text).remarks;
    assert_eq!(remarks[0].message, "`const` is not a keyword of draft 4 and is ignored");
    assert_eq!(remarks[0].pointer, "/const");
}

#[test]
fn min_contains_counts_from_2019_on() {
    let (old, new) = (
        json!({ "type": "array" }),
        json!({ "type": "array", "contains": { "type": "string" }, "minContains": 0 }),
    );
    for (draft, expected) in [
        (DRAFTS[2], Verdict::Breaking),
        (DRAFTS[3], Verdict::Compatible),
        (DRAFTS[4], Verdict::Compatible),
    ] {
        let report = check(&of(draft, &old), &of(draft, &new), Policy::Backward);
        assert_eq!(report.verdict, expected, "{draft}");
    }
}

#[test]
fn undeclared_dialect_takes_every_keyword() {
    let report = check(&json!({}), &json!({ "type": "integer", "const": 1 }), Policy::Backward);
    assert_eq!(report.verdict, Verdict::Breaking);
}

#[test]
fn names_that_no_dialect_knows_are_annotations() {
    for draft in DRAFTS {
        for (name, values) in [
            ("javaType", ["com.example.A", "com.example.B"].map(Value::from)),
            ("self", [json!({ "vendor": "a" }), json!({ "vendor": "b" })]),
            ("tsAdditionalProperties", [json!(true), json!(false)]),
            ("enumNames", [json!(["A"]), json!(["B"])]),
            ("x-ui", [json!(1), json!(2)]),
            ("propertyOrder", [json!(1), json!(2)]),
        ] {
            let with = |value: &Value| {
                let inner = json!({ "type": "string", name: value });
                of(draft, &json!({ "type": "object", name: value, "properties": { "a": inner } }))
            };
            let without = of(
                draft,
                &json!({ "type": "object", "properties": { "a": { "type": "string" } } }),
            );
            for (old, new) in [
                (with(&values[0]), with(&values[1])),
                (without.clone(), with(&values[0])),
                (with(&values[0]), without.clone()),
            ] {
                for policy in Policy::ALL {
                    let report = check(&old, &new, policy);
                    assert_eq!(report.verdict, Verdict::Compatible, "{name}: {:?}", report.changes);
                    let worse = report.changes.iter().find(|c| c.severity != Severity::Note);
                    assert!(worse.is_none(), "{name}: {worse:?}");
                }
                let event = json!({ "a": "b" });
                assert!(event_schema::validate::validate(&schema(&new), &event).is_ok(), "{name}");
            }
        }
    }
}

#[test]
fn typos_are_errors_with_a_suggestion() {
    for (member, pointer, message, help) in [
        (
            json!({ "propertes": { "a": { "type": "string" } } }),
            "/propertes",
            "unknown keyword `propertes`",
            "did you mean `properties`?",
        ),
        (
            json!({ "require": ["a"] }),
            "/require",
            "unknown keyword `require`",
            "did you mean `required`?",
        ),
        (
            json!({ "#ref": "#/definitions/A" }),
            "/#ref",
            "unknown keyword `#ref`",
            "did you mean `$ref`?",
        ),
        (
            json!({ "properties": { "a": { "minlength": 3 } } }),
            "/properties/a/minlength",
            "unknown keyword `minlength`",
            "did you mean `minLength`?",
        ),
        (
            json!({ "additionalproperties": false }),
            "/additionalproperties",
            "unknown keyword `additionalproperties`",
            "did you mean `additionalProperties`?",
        ),
        (
            json!({ "items": { "type": "String" } }),
            "/items/type",
            "unknown type `String`",
            "did you mean `string`?",
        ),
        (
            json!({ "type": ["Null", "int"] }),
            "/type",
            "unknown type `Null`",
            "did you mean `null`?",
        ),
        (
            json!({ "format": "datetime" }),
            "/format",
            "unknown format `datetime`",
            "did you mean `date-time`?",
        ),
    ] {
        for draft in DRAFTS {
            let found = problems(&of(draft, &member));
            let first = &found[0];
            assert_eq!(first.rule.id, "misspelt-name", "{member}");
            assert_eq!(first.severity, Severity::Error);
            assert_eq!((first.pointer.as_str(), first.message.as_str()), (pointer, message));
            assert_eq!(first.help, [help]);
            assert!(first.pos.is_some());
        }
    }
    // all of them in one run
    let found = problems(&json!({ "type": ["Null", "int"], "require": ["a"], "format": "UUID" }));
    assert_eq!(found.len(), 4, "{found:?}");
}

#[test]
fn content_encoding_is_an_annotation_from_2019_on() {
    let (old, new) =
        (json!({ "type": "string" }), json!({ "type": "string", "contentEncoding": "base64" }));
    for (draft, expected) in DRAFTS.into_iter().zip([
        Verdict::Compatible,
        Verdict::Breaking,
        Verdict::Breaking,
        Verdict::Compatible,
        Verdict::Compatible,
    ]) {
        let report = check(&of(draft, &old), &of(draft, &new), Policy::Backward);
        assert_eq!(report.verdict, expected, "{draft}");
    }
}

#[test]
fn patterns_must_be_regular_expressions() {
    for bad in ["^[a-z", "(", "a**", "(?P<year>a)", "(?i)a", "[b-a]", "a{2,1}", r"\k<x>(?<y>a)"] {
        let found = problems(&json!({ "properties": { "c": { "pattern": bad } } }));
        assert_eq!(found[0].rule.id, "malformed-pattern", "{bad}");
        assert_eq!(found[0].pointer, "/properties/c/pattern");
        let found = problems(&json!({ "patternProperties": { bad: {} } }));
        assert_eq!(found[0].rule.id, "malformed-pattern", "{bad}");
    }
    for good in [
        "^(?!tmp-)[a-z0-9-]+$",
        r"^(?<=a)b(a|b)\1$",
        r"^\p{Lu}\d\-\_$",
        "^x{,2}$",
        r"\/a\.b",
        "[[:alpha:]]",
        r"^\u{1F600}$",
        "]",
        "{",
    ] {
        schema(&json!({ "pattern": good, "patternProperties": { good: {} } }));
    }
}

/// An event of an `OpenAPI` document of a version, around components.
fn openapi(version: &str, event: &Value) -> Schema {
    let text = json!({
        "openapi": version,
        "info": { "title": "Ev", "version": "1" },
        "paths": {},
        "components": { "schemas": { "Ev": event, "T": { "type": "string" } } }
    });
    read::events(&document(&text)).unwrap_or_else(|p| panic!("{p:?}")).remove(0).payload
}

fn holder(a: &Value) -> Value {
    json!({ "type": "object", "properties": { "a": a } })
}

#[test]
fn nullable_must_be_compatible_in_both_readings() {
    let reference = json!({ "$ref": "#/components/schemas/T" });
    let typed = json!({ "type": "string", "nullable": true });
    let twofold = [
        json!({ "allOf": [reference], "nullable": true }),
        json!({ "oneOf": [reference], "nullable": true }),
        json!({ "$ref": "#/components/schemas/T", "nullable": true }),
        json!({ "type": "string", "nullable": true, "allOf": [reference] }),
    ];
    for place in &twofold {
        let with = openapi("3.0.1", &holder(place));
        assert!(compat::check(&with, &with, Policy::Full).changes.is_empty(), "{place}");
        // some readers allow null and others do not
        for (other, policy) in
            [(&typed, Policy::Forward), (&json!({ "type": "string" }), Policy::Backward)]
        {
            let other = openapi("3.0.1", &holder(other));
            let report = compat::check(&with, &other, policy);
            assert_eq!(report.verdict, Verdict::Breaking, "{place} {policy}");
            let change = report.breaks().next().unwrap();
            assert!(
                change.message.contains(", for readers that ")
                    && change.message.contains(" `nullable` beside"),
                "{}",
                change.message
            );
            let back = compat::check(
                &other,
                &with,
                if policy == Policy::Forward { Policy::Backward } else { Policy::Forward },
            );
            assert_eq!(back.verdict, Verdict::Breaking, "{place}");
        }
    }
    let listed = |values: Value| {
        openapi("3.0.3", &holder(&json!({ "type": "string", "nullable": true, "enum": values })))
    };
    let (with, without) = (listed(json!(["a", null])), listed(json!(["a"])));
    let report = compat::check(&with, &without, Policy::Backward);
    assert_eq!(report.verdict, Verdict::Breaking);
    let change = report.breaks().next().unwrap();
    assert!(
        change.message.contains("for readers that ignore `nullable` beside an `enum` without null"),
        "{}",
        change.message
    );
    assert_eq!(change.witness, Some(json!({ "a": null })));
    // a change elsewhere is the same for all readers, and reported once
    let more = openapi(
        "3.0.3",
        &json!({ "type": "object", "required": ["b"], "properties": { "a": { "type": "string", "nullable": true, "enum": ["a"] } } }),
    );
    let report = compat::check(&without, &more, Policy::Backward);
    let breaks: Vec<_> = report.breaks().collect();
    assert_eq!(breaks.len(), 1, "{breaks:?}");
    assert!(!breaks[0].message.contains("for readers"), "{}", breaks[0].message);
}

#[test]
fn nullable_beside_type_has_one_reading() {
    let typed = openapi("3.0.1", &holder(&json!({ "type": "string", "nullable": true })));
    assert!(typed.readings.is_none());
    let plain = openapi("3.0.1", &holder(&json!({ "type": "string" })));
    assert_eq!(compat::check(&plain, &typed, Policy::Backward).verdict, Verdict::Compatible);
    assert_eq!(compat::check(&typed, &plain, Policy::Backward).verdict, Verdict::Breaking);
}

#[test]
fn nullable_outside_openapi_has_two_readings() {
    for draft in DRAFTS {
        let with = of(draft, &json!({ "type": "string", "nullable": true }));
        let without = of(draft, &json!({ "type": "string" }));
        for policy in [Policy::Backward, Policy::Forward] {
            let both =
                [check(&with, &without, policy).verdict, check(&without, &with, policy).verdict];
            assert!(both.contains(&Verdict::Breaking), "{draft} {policy}");
        }
        assert_eq!(check(&with, &with, Policy::Full).verdict, Verdict::Compatible);
    }
}

#[test]
fn keywords_that_openapi_lacks_have_two_readings() {
    for members in [
        json!({ "const": "a" }),
        json!({ "propertyNames": { "maxLength": 3 } }),
        json!({ "if": { "required": ["a"] }, "then": { "required": ["b"] } }),
        json!({ "patternProperties": { "^x": { "type": "string" } } }),
    ] {
        let (old, new) = (openapi("3.0.0", &json!({})), openapi("3.0.0", &members));
        let report = compat::check(&old, &new, Policy::Backward);
        assert_eq!(report.verdict, Verdict::Breaking, "{members}");
        let change = report.breaks().next().unwrap();
        assert!(change.message.contains("for readers that apply "), "{}", change.message);
        assert!(compat::check(&new, &new, Policy::Full).changes.is_empty());
    }
}

#[test]
fn dependencies_from_2019_on_have_two_readings() {
    for draft in &DRAFTS[3..] {
        let (old, new) = (
            of(draft, &json!({ "type": "object" })),
            of(draft, &json!({ "type": "object", "dependencies": { "a": ["b"] } })),
        );
        let report = check(&old, &new, Policy::Backward);
        assert_eq!(report.verdict, Verdict::Breaking);
        assert_ne!(report.breaks().next().unwrap().rule.id, "undecided");
        assert!(report.breaks().next().unwrap().witness.is_some());
    }
}

#[test]
fn patterns_with_lookahead_are_decided_as_sets() {
    let of =
        |pattern: &str, max: u32| json!({ "type": "string", "pattern": pattern, "maxLength": max });
    for pattern in ["^(?=.*[0-9]).+$", "^(?!tmp-)[a-z0-9-]+$", r"^(?=.*\d)(?=.*[a-z])(?!.*x).{2,}$"]
    {
        let (short, long) = (of(pattern, 5), of(pattern, 9));
        assert_eq!(check(&short, &long, Policy::Backward).verdict, Verdict::Compatible);
        let report = check(&short, &long, Policy::Forward);
        let change = report.breaks().next().unwrap();
        assert_eq!(change.rule.id, "bound-loosened", "{}", change.message);
        assert!(change.witness.is_some(), "{pattern}");
    }
    let plain = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    for (old, new, expected) in [
        ("^(?!tmp-)[a-z-]+$", "^[a-z-]+$", Verdict::Compatible),
        ("^[a-z-]+$", "^(?!tmp-)[a-z-]+$", Verdict::Breaking),
        ("^(?=a)[a-z]+$", "^a", Verdict::Compatible),
        ("^(?!a)(?!b)[a-z]$", "^(?!b)(?!a)[a-z]$", Verdict::Compatible),
        ("^(?!a)[a-z]$", "^(?!a)(?!b)[a-z]$", Verdict::Breaking),
    ] {
        let report = check(&plain(old), &plain(new), Policy::Backward);
        assert_eq!(report.verdict, expected, "{old} → {new}");
        assert!(report.changes.iter().all(|c| c.rule.id != "undecided"), "{old} → {new}");
    }
    // only the text of these is known, and what they match
    let back = r"^(a|b)\1$";
    assert_eq!(check(&plain(back), &plain(back), Policy::Full).verdict, Verdict::Compatible);
    assert_eq!(check(&of(back, 2), &of(back, 3), Policy::Backward).verdict, Verdict::Compatible);
}
