//! Unions change branch by branch: branches that a tag distinguishes are compared by it.
#![allow(clippy::unwrap_used, reason = "a test")]

use event_schema::compat::{self, Policy, Report, Verdict};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::read;
use serde_json::{Value, json};

fn schema(value: &Value) -> Schema {
    let doc = Document::parse("a.json", value.to_string()).unwrap();
    if value.get("openapi").is_some() {
        return read::events(&doc).unwrap().remove(0).payload;
    }
    read::schema_with(&doc, Some(read::Dialect::Modern), &|_| None).unwrap()
}

fn check(old: &Value, new: &Value, policy: Policy) -> Report {
    compat::check(&schema(old), &schema(new), policy)
}

fn rules(report: &Report) -> Vec<&'static str> {
    report.breaks().map(|c| c.rule.id).collect()
}

/// How a union states which branch is meant.
#[derive(Debug, Clone, Copy)]
enum Style {
    Const,
    Enum,
    External,
    OpenExternal,
    Tuple,
    Mapped,
    Implicit,
    /// A discriminator beside branches that do not state the tag themselves.
    OnlyMapped,
}

const STYLES: [Style; 8] = [
    Style::Const,
    Style::Enum,
    Style::External,
    Style::OpenExternal,
    Style::Tuple,
    Style::Mapped,
    Style::Implicit,
    Style::OnlyMapped,
];

/// The content of a branch in this style.
fn branch(style: Style, at: usize, content: &Value) -> Value {
    let tag = format!("t{at}");
    let mut object = content.clone();
    let own = json!({"type": "string", "enum": [tag]});
    match style {
        Style::Const => object["properties"]["kind"] = json!({"const": tag}),
        Style::Enum | Style::Mapped | Style::Implicit => object["properties"]["kind"] = own,
        Style::OnlyMapped => object["properties"]["kind"] = json!({"type": "string"}),
        Style::External => {
            return json!({"type": "object", "properties": {&tag: content}, "required": [&tag],
                          "additionalProperties": false});
        }
        Style::OpenExternal => {
            return json!({"type": "object", "properties": {&tag: content}, "required": [&tag]});
        }
        Style::Tuple => {
            return json!({"type": "array", "prefixItems": [{"const": tag}, content], "minItems": 2,
                          "maxItems": 2});
        }
    }
    object["required"].as_array_mut().unwrap().push(json!("kind"));
    object
}

fn content(at: usize) -> Value {
    json!({"type": "object", "properties": {"id": {"type": "string"}, format!("f{at}"): {"type": "integer"}},
           "required": ["id", format!("f{at}")]})
}

fn union(style: Style, keyword: &str, contents: &[Value]) -> Value {
    let branches: Vec<Value> =
        contents.iter().enumerate().map(|(at, c)| branch(style, at, c)).collect();
    if !matches!(style, Style::Mapped | Style::Implicit | Style::OnlyMapped) {
        return json!({"type": "object", "properties": {"item": {keyword: branches}}, "required": ["item"]});
    }
    let name = |at: usize| {
        if matches!(style, Style::Implicit) { format!("t{at}") } else { format!("Part{at}") }
    };
    let mut schemas = serde_json::Map::new();
    let mut refs = Vec::new();
    let mut mapping = serde_json::Map::new();
    for (at, branch) in branches.into_iter().enumerate() {
        let to = format!("#/components/schemas/{}", name(at));
        schemas.insert(name(at), branch);
        refs.push(json!({"$ref": to}));
        mapping.insert(format!("t{at}"), json!(to));
    }
    let mut discriminator = json!({"propertyName": "kind"});
    if !matches!(style, Style::Implicit) {
        discriminator["mapping"] = Value::Object(mapping);
    }
    schemas.insert("Item".into(), json!({keyword: refs, "discriminator": discriminator}));
    schemas.insert(
        "Ev".into(),
        json!({"type": "object", "properties": {"item": {"$ref": "#/components/schemas/Item"}},
               "required": ["item"]}),
    );
    json!({"openapi": "3.0.1", "info": {"title": "Ev", "version": "1"}, "paths": {},
           "components": {"schemas": schemas}})
}

fn each(count: usize, test: impl Fn(Style, &str, Vec<Value>)) {
    for style in STYLES {
        for keyword in ["oneOf", "anyOf"] {
            test(style, keyword, (0..count).map(content).collect());
        }
    }
}

#[test]
fn optional_field_in_one_branch_is_compatible() {
    for count in [2, 7, 40] {
        each(count, |style, keyword, contents| {
            let mut more = contents.clone();
            more[count / 2]["properties"]["note"] = json!({"type": "string"});
            let (old, new) = (union(style, keyword, &contents), union(style, keyword, &more));
            let report = check(&old, &new, Policy::Additive);
            assert_eq!(
                rules(&report),
                [""; 0],
                "{style:?} {keyword} {count}: {:?}",
                report.changes
            );
        });
    }
}

#[test]
fn two_hundred_branches_are_decided_in_every_style() {
    each(200, |style, keyword, contents| {
        let mut more = contents.clone();
        more[120]["properties"]["note"] = json!({"type": "string"});
        more[7]["properties"]["note"] = json!({"type": "integer"});
        let (old, new) = (union(style, keyword, &contents), union(style, keyword, &more));
        assert_eq!(rules(&check(&old, &new, Policy::Additive)), [""; 0], "{style:?} {keyword}");
    });
}

#[test]
fn break_in_one_branch_is_reported_there_with_a_witness() {
    for count in [2, 9, 60] {
        each(count, |style, keyword, contents| {
            let at = count / 2;
            let mut other = contents.clone();
            other[at]["properties"]["id"] = json!({"type": "integer"});
            let (old, new) = (union(style, keyword, &contents), union(style, keyword, &other));
            let report = check(&old, &new, Policy::Additive);
            assert_eq!(rules(&report), ["field-type-changed"], "{style:?} {keyword} {count}");
            let change = report.breaks().next().unwrap();
            assert!(change.message.contains(&format!("(branch `t{at}`)")), "{}", change.message);
            let witness = change.witness.as_ref().unwrap();
            let (old, new) = (union(style, keyword, &contents), union(style, keyword, &other));
            if old.get("openapi").is_none() {
                assert!(jsonschema::is_valid(&old, witness), "{style:?} {keyword}: {witness}");
                assert!(!jsonschema::is_valid(&new, witness), "{style:?} {keyword}: {witness}");
            }
        });
    }
}

#[test]
fn added_and_removed_branches_are_reported_as_such() {
    each(12, |style, keyword, contents| {
        let fewer = &contents[..11];
        let (old, new) = (union(style, keyword, fewer), union(style, keyword, &contents));
        let told = |report: &Report| rules(report).join(" ");
        let forth = check(&old, &new, Policy::Forward);
        assert_eq!(told(&forth), "union-branch-added", "{style:?} {keyword}");
        assert!(forth.breaks().next().unwrap().witness.is_some(), "{style:?} {keyword}");
        let overlaps =
            matches!(style, Style::OpenExternal | Style::OnlyMapped) && keyword == "oneOf";
        let back = check(&old, &new, Policy::Backward);
        assert!(overlaps || back.verdict == Verdict::Compatible, "{style:?} {keyword}");
        let gone = check(&new, &old, Policy::Backward);
        assert_eq!(told(&gone), "union-branch-removed", "{style:?} {keyword}");
    });
}

#[test]
fn base_beside_a_union_evolves_too() {
    let whole = |extra: Value, kinds: &[&str]| {
        let branches: Vec<Value> = kinds
            .iter()
            .map(|k| {
                let mut properties = json!({"kind": {"const": k}, "size": {"type": "integer"}});
                if *k == "k3" {
                    properties["late"] = extra.clone();
                }
                json!({"properties": properties, "required": ["kind"]})
            })
            .collect();
        json!({"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"],
               "oneOf": branches})
    };
    let kinds = ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9"];
    let report = check(
        &whole(json!({"type": "string"}), &kinds),
        &whole(json!({"type": ["string", "null"]}), &kinds),
        Policy::Backward,
    );
    assert_eq!(rules(&report), [""; 0], "{:?}", report.changes);
    let report = check(
        &whole(json!({"type": "string"}), &kinds),
        &whole(json!({"type": "integer"}), &kinds),
        Policy::Backward,
    );
    assert_eq!(rules(&report), ["field-type-changed"]);
}

#[test]
fn child_of_a_base_with_a_discriminator_is_compared() {
    let whole = |lives: &str, more: bool| {
        let mut dog = json!({"bark": {"type": "string"}});
        if more {
            dog["breed"] = json!({"type": "string"});
        }
        json!({"openapi": "3.0.0", "info": {"title": "Moved", "version": "1"}, "paths": {}, "components": {"schemas": {
            "Moved": {"type": "object", "properties": {"pet": {"$ref": "#/components/schemas/Pet"}}, "required": ["pet"]},
            "Pet": {"type": "object", "properties": {"sort": {"type": "string"}}, "required": ["sort"],
                    "discriminator": {"propertyName": "sort", "mapping": {
                        "cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"}}},
            "Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"},
                              {"type": "object", "properties": {"lives": {"type": lives}}, "required": ["lives"]}]},
            "Dog": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "properties": dog}]},
        }}})
    };
    let report = check(&whole("integer", false), &whole("integer", true), Policy::Additive);
    assert_eq!(rules(&report), [""; 0], "{:?}", report.changes);
    let report = check(&whole("integer", false), &whole("string", false), Policy::Additive);
    assert_eq!(rules(&report), ["field-type-changed"]);
    let message = &report.breaks().next().unwrap().message;
    assert!(message.contains("`pet.lives` (branch `cat`)"), "{message}");
}

#[test]
fn single_schema_against_union_is_reported_as_branch_changes() {
    let event = |f: Value| {
        json!({"type": "object", "properties": {"f": f}, "required": ["f"],
                                  "$defs": {"A": content(0)}})
    };
    let reference = json!({"$ref": "#/$defs/A"});
    for (old, new, wanted) in [
        (
            json!({"type": "integer"}),
            json!({"anyOf": [{"type": "integer"}, {"type": "null"}]}),
            "null-allowed",
        ),
        (json!({"type": "integer"}), json!({"type": ["integer", "null"]}), "null-allowed"),
        (reference.clone(), json!({"oneOf": [{"type": "null"}, reference]}), "null-allowed"),
        (
            json!({"oneOf": [{"type": "null"}, {"$ref": "#/$defs/A"}]}),
            json!({"$ref": "#/$defs/A"}),
            "null-forbidden",
        ),
        (content(0), json!({"oneOf": [content(0), content(1)]}), "union-branch-added"),
        (
            json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a", "b"]}),
            json!({"oneOf": [
                {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a"]},
                {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["b"]},
            ]}),
            "union-branch-added",
        ),
    ] {
        let report = check(&event(old), &event(new), Policy::Additive);
        assert_eq!(rules(&report), [wanted], "{:?}", report.changes);
        for change in report.breaks() {
            assert!(!change.message.contains("any value"), "{}", change.message);
            assert!(!change.message.contains("was removed"), "{}", change.message);
        }
    }
}

#[test]
fn parts_in_all_of_and_wrapped_references_mean_the_same() {
    let plain = json!({"type": "object", "properties": {
        "a": {"type": "string", "format": "date-time"}, "b": {"type": "integer", "minimum": 1, "maximum": 9},
        "c": {"$ref": "#/$defs/C"}}, "required": ["a", "c"],
        "$defs": {"C": {"type": "object", "properties": {"x": {"type": "array", "items": {"$ref": "#/$defs/C"}}}}}});
    let forms = [
        json!({"allOf": [
            {"type": "object", "properties": {"a": {"type": "string", "format": "date-time"}}, "required": ["a"]},
            {"properties": {"b": {"allOf": [{"type": "integer", "minimum": 1}, {"maximum": 9}]}}},
            {"allOf": [{"properties": {"c": {"allOf": [{"$ref": "#/$defs/C"}]}}, "required": ["c"]}]},
        ]}),
        json!({"$ref": "#/$defs/Base", "properties": {"b": {"type": "integer", "minimum": 1, "maximum": 9}}}),
        json!({"anyOf": [{"oneOf": [{"$ref": "#/$defs/Whole"}]}]}),
    ];
    for mut form in forms {
        form["$defs"] = plain["$defs"].clone();
        form["$defs"]["Base"] = json!({"type": "object", "properties": {
            "a": {"type": "string", "format": "date-time"}, "c": {"$ref": "#/$defs/C"}}, "required": ["a", "c"]});
        let mut whole = plain.clone();
        whole.as_object_mut().unwrap().remove("$defs");
        form["$defs"]["Whole"] = whole;
        for policy in [Policy::Additive, Policy::Full] {
            for (old, new) in [(&plain, &form), (&form, &plain)] {
                let report = check(old, new, policy);
                assert_eq!(rules(&report), [""; 0], "{old} → {new}: {:?}", report.changes);
            }
        }
    }
}

#[test]
fn parts_with_another_meaning_are_still_distinguished() {
    let closed = json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false});
    let plain = json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {}}, "additionalProperties": false});
    let parts = json!({"allOf": [closed, {"properties": {"b": {}}}]});
    let report = check(&plain, &parts, Policy::Backward);
    let witness = report.breaks().next().unwrap().witness.clone().unwrap();
    assert!(jsonschema::is_valid(&plain, &witness) && !jsonschema::is_valid(&parts, &witness));
}

#[test]
fn pattern_in_two_parts_is_compared_with_its_like() {
    let twice = json!({"allOf": [
        {"patternProperties": {"^a+$": {"type": "null"}}},
        {"patternProperties": {"^a+$": {"maxLength": 1}}, "maxProperties": 1},
    ]});
    for policy in Policy::ALL {
        let report = check(&twice, &twice, policy);
        assert!(report.changes.is_empty(), "{policy}: {:?}", report.changes);
    }
}
