//! The messages of `validate`: the branch, the place, and the expected value.
#![allow(clippy::unwrap_used, reason = "a test")]

use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::{lint, read, validate};
use serde_json::{Value, json};

fn schema(value: &Value) -> Schema {
    let doc = Document::parse("a.json", value.to_string()).unwrap();
    read::schema(&doc).unwrap_or_else(|p| panic!("{value}: {p:?}"))
}

/// `place: message` of each violation.
fn said(schema: &Schema, value: &Value) -> Vec<String> {
    let found = validate::validate(schema, value).err().unwrap_or_default();
    found.into_iter().map(|v| format!("{}: {}", v.instance, v.message)).collect()
}

#[test]
fn messages_say_what_is_wrong_and_what_was_expected() {
    for (rules, value, message) in [
        (json!({ "type": "integer" }), json!("x"), ": is a string, expected integer"),
        (json!({ "type": ["string", "null"] }), json!(1), ": is a number, expected string or null"),
        (
            json!({ "enum": ["a", "b"] }),
            json!("c"),
            ": is `\"c\"`, expected one of `\"a\"`, `\"b\"`",
        ),
        (json!({ "const": 1 }), json!(2), ": is `2`, expected `1`"),
        (json!({ "minimum": 3 }), json!(2), ": is 2, expected a number greater than or equal to 3"),
        (json!({ "exclusiveMaximum": 3 }), json!(3), ": is 3, expected a number less than 3"),
        (json!({ "multipleOf": 2 }), json!(3), ": is 3, expected a multiple of 2"),
        (json!({ "minLength": 3 }), json!("ab"), ": has 2 characters, expected at least 3"),
        (json!({ "maxLength": 1 }), json!("ab"), ": has 2 characters, expected at most 1"),
        (json!({ "pattern": "^a$" }), json!("b"), ": does not match the pattern `^a$`"),
        (json!({ "format": "uuid" }), json!("b"), ": is not a valid `uuid`"),
        (json!({ "maxItems": 1 }), json!([1, 2]), ": has 2 items, expected at most 1"),
        (
            json!({ "uniqueItems": true }),
            json!([1, 1.0]),
            ": has duplicate items, expected unique ones",
        ),
        (
            json!({ "items": { "type": "string" } }),
            json!(["a", 1]),
            "/1: is a number, expected string",
        ),
        (
            json!({ "contains": { "const": 1 } }),
            json!([2]),
            ": has 0 items that match `contains`, expected at least 1",
        ),
        (json!({ "required": ["a"] }), json!({}), ": `a` is missing"),
        (json!({ "minProperties": 1 }), json!({}), ": has 0 properties, expected at least 1"),
        (
            json!({ "dependentRequired": { "a": ["b"] } }),
            json!({ "a": 1 }),
            ": `b` is missing, expected beside `a`",
        ),
        (
            json!({ "propertyNames": { "maxLength": 1 } }),
            json!({ "ab": 1 }),
            "/ab: the name `ab` is not allowed: has 2 characters, expected at most 1",
        ),
        (
            json!({ "properties": {}, "additionalProperties": false }),
            json!({ "a/b": 1 }),
            "/a~1b: is not declared, and other properties are not allowed",
        ),
        (
            json!({ "properties": { "a": { "properties": { "b": false } } } }),
            json!({ "a": { "b": 1 } }),
            "/a/b: no value is allowed here",
        ),
        (json!({ "not": { "type": "string" } }), json!("a"), ": matches the schema under `not`"),
        (
            json!({ "if": { "required": ["a"] }, "then": { "required": ["b"] } }),
            json!({ "a": 1 }),
            ": `b` is missing",
        ),
        (
            json!({ "allOf": [{ "$ref": "#/definitions/A" }], "definitions": { "A": { "required": ["b"] } } }),
            json!({}),
            ": `b` is missing",
        ),
    ] {
        assert_eq!(said(&schema(&rules), &value), [message], "{rules}");
    }
}

fn branch(kind: &Value, more: &Value) -> Value {
    json!({ "type": "object", "required": ["kind"], "properties": { "kind": kind, "n": more } })
}

#[test]
fn tagged_union_names_the_branch_and_what_is_wrong_in_it() {
    let union = json!({ "properties": { "pay": { "oneOf": [
        branch(&json!({ "const": "card" }), &json!({ "type": "string" })),
        branch(&json!({ "const": "iban" }), &json!({ "type": "integer" })),
    ] } } });
    let schema = schema(&union);
    assert_eq!(
        said(&schema, &json!({ "pay": { "kind": "iban", "n": "x" } })),
        ["/pay/n: branch `iban`: is a string, expected integer"]
    );
    assert_eq!(
        said(&schema, &json!({ "pay": { "kind": "cash", "n": "x" } })),
        ["/pay/kind: the tag is `\"cash\"`, expected one of `\"card\"`, `\"iban\"`"]
    );
    assert_eq!(
        said(&schema, &json!({ "pay": { "n": "x" } })),
        ["/pay: the tag `kind` is missing, expected one of `\"card\"`, `\"iban\"`"]
    );
    assert!(validate::validate(&schema, &json!({ "pay": { "kind": "iban", "n": 1 } })).is_ok());
}

#[test]
fn discriminator_chooses_the_branch_even_where_branches_do_not_enforce_it() {
    for union in ["oneOf", "anyOf"] {
        for mapping in
            [json!({ "one": "#/components/schemas/A", "two": "#/components/schemas/B" }), json!({})]
        {
            let kind = json!({ "type": "string" });
            let text = json!({
                "openapi": "3.0.0", "info": { "title": "Ev", "version": "1" }, "paths": {},
                "components": { "schemas": {
                    "Ev": { "type": "object", "properties": { "pay": {
                        union: [{ "$ref": "#/components/schemas/A" }, { "$ref": "#/components/schemas/B" }],
                        "discriminator": { "propertyName": "kind", "mapping": mapping }
                    } } },
                    "A": branch(&kind, &json!({ "type": "string" })),
                    "B": branch(&kind, &json!({ "type": "integer" })),
                } }
            });
            let doc = Document::parse("a.json", text.to_string()).unwrap();
            let schema = read::events(&doc).unwrap().remove(0).payload;
            let (a, b) = if mapping == json!({}) { ("A", "B") } else { ("one", "two") };
            // both branches accept it without `n`; the tag states which one is meant
            assert!(validate::validate(&schema, &json!({ "pay": { "kind": a } })).is_ok());
            assert!(validate::validate(&schema, &json!({ "pay": { "kind": b, "n": 1 } })).is_ok());
            assert_eq!(
                said(&schema, &json!({ "pay": { "kind": b, "n": "x" } })),
                [format!("/pay/n: branch `{b}`: is a string, expected integer")]
            );
            assert_eq!(
                said(&schema, &json!({ "pay": { "kind": "other" } })),
                [format!(
                    "/pay/kind: the tag is `\"other\"`, expected one of `\"{a}\"`, `\"{b}\"`"
                )]
            );
        }
    }
}

#[test]
fn externally_tagged_union_names_the_branch() {
    let named = |name: &str, ty: &str| json!({ "type": "object", "required": [name], "properties": { name: { "type": ty } }, "additionalProperties": false });
    let union = json!({ "oneOf": [named("card", "string"), named("iban", "integer")] });
    let schema = schema(&union);
    assert_eq!(
        said(&schema, &json!({ "iban": "x" })),
        ["/iban: branch `iban`: is a string, expected integer"]
    );
    assert_eq!(
        said(&schema, &json!({ "cash": 1 })),
        [": no branch has this property, expected one of `\"card\"`, `\"iban\"`"]
    );
}

#[test]
fn untagged_union_names_the_nearest_branch() {
    let union = json!({ "anyOf": [
        { "$ref": "#/definitions/Point" },
        { "type": "object", "required": ["a", "b", "c"], "properties": { "a": { "type": "string" } } },
        { "type": "array", "minItems": 2 },
        { "type": "object", "required": ["x", "z"] },
    ], "definitions": { "Point": {
        "type": "object", "required": ["x", "y"],
        "properties": { "x": { "type": "integer" }, "y": { "type": "integer" } }
    } } });
    let found = said(&schema(&union), &json!({ "x": 1, "y": "2" }));
    assert_eq!(
        found,
        ["/y: matches none of the 4 branches; the nearest, `Point`: is a string, expected integer"]
    );
    let both = json!({ "oneOf": [{ "type": "integer" }, { "minimum": 3 }] });
    assert_eq!(
        said(&schema(&both), &json!(5)),
        [": matches 2 branches of `oneOf`, expected exactly one"]
    );
}

#[test]
fn patterns_beyond_regular_languages_are_judged() {
    let rules = json!({
        "properties": { "id": { "pattern": "^(?!tmp-)[a-z0-9-]+$" }, "eo:cloud": { "type": "number" } },
        "patternProperties": { "^(?!eo:|id$)": { "type": "string" } },
        "additionalProperties": false
    });
    let schema = schema(&rules);
    assert!(validate::validate(&schema, &json!({ "id": "a-1", "eo:cloud": 3, "b": "x" })).is_ok());
    assert_eq!(
        said(&schema, &json!({ "id": "tmp-1" })),
        ["/id: does not match the pattern `^(?!tmp-)[a-z0-9-]+$`"]
    );
    assert_eq!(said(&schema, &json!({ "b": 1 })), ["/b: is a number, expected string"]);
    assert_eq!(
        said(&schema, &json!({ "eo:x": 1 })),
        ["/eo:x: is not declared, and other properties are not allowed"]
    );
    let unsure = json!({ "pattern": r"^(a)?\1$" });
    assert_eq!(
        said(&self::schema(&unsure), &json!("b")),
        [r": cannot evaluate the pattern `^(a)?\1$`"]
    );
}

#[test]
fn violations_at_places_with_two_readings_name_the_readers() {
    let text = json!({
        "openapi": "3.0.1", "info": { "title": "Ev", "version": "1" }, "paths": {},
        "components": { "schemas": {
            "Ev": { "type": "object", "properties": { "a": { "nullable": true, "allOf": [{ "$ref": "#/components/schemas/T" }] } } },
            "T": { "type": "string" }
        } }
    });
    let doc = Document::parse("a.json", text.to_string()).unwrap();
    let schema = read::events(&doc).unwrap().remove(0).payload;
    assert!(validate::validate(&schema, &json!({ "a": "x" })).is_ok());
    let found = said(&schema, &json!({ "a": null }));
    assert_eq!(found.len(), 1);
    assert!(found[0].contains(", for readers that ignore `nullable` beside"), "{found:?}");
    assert!(said(&schema, &json!({ "a": 1 })).iter().all(|m| !m.contains("readers")));
}

#[test]
fn deep_schemas_and_events_are_judged() {
    let text = |open: &str, leaf: &str, close: &str| {
        format!("{}{leaf}{}", open.repeat(500), close.repeat(500))
    };
    let rules = text(r#"{"type":"object","properties":{"a":"#, r#"{"type":"integer"}"#, "}}");
    let value = |leaf: &str| {
        let text = text(r#"{"a":"#, leaf, "}");
        Document::parse("event", text).unwrap().root.to_value()
    };
    let (good, bad) = (value("1"), value("\"x\""));
    let schema = read::schema(&Document::parse("a.json", rules).unwrap()).unwrap();
    assert!(validate::validate(&schema, &good).is_ok());
    let found = validate::validate(&schema, &bad).unwrap_err();
    assert_eq!(found[0].message, "is a string, expected integer");
    assert_eq!(found[0].instance.matches("/a").count(), 500);
    // a schema that is its own part terminates
    let endless = json!({ "definitions": { "A": { "allOf": [{ "$ref": "#/definitions/A" }] } }, "$ref": "#/definitions/A" });
    assert!(validate::validate(&self::schema(&endless), &json!(1)).is_err());
    let part = json!({ "$ref": "#/definitions/A" });
    let twice = json!({ "definitions": { "A": { "anyOf": [part, part] } }, "allOf": [part] });
    let found = said(&self::schema(&twice), &json!(1));
    assert!(found[0].contains("cannot evaluate"), "{found:?}");
}

#[test]
fn examples_and_defaults_that_contradict_their_schema_are_warnings() {
    let text = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "examples": [{ "n": 1 }, { "n": "1" }],
        "properties": {
            "n": { "type": "integer", "default": "one", "examples": [1, 2.5] },
            "s": { "type": "string", "pattern": "^a", "example": "b", "default": "a" },
            "open": { "enum": ["a"], "x-open": true, "default": "b" }
        }
    });
    let doc = Document::parse("a.json", text.to_string()).unwrap();
    let event = read::events(&doc).unwrap().remove(0);
    let found: Vec<_> =
        lint::event(&event).into_iter().map(|d| (d.rule.id, d.pointer, d.message)).collect();
    let of = |rule, pointer: &str, message: &str| (rule, pointer.to_owned(), message.to_owned());
    assert_eq!(
        found,
        [
            of(
                "example-contradicts-schema",
                "",
                "an example contradicts its schema at `/n`: is a string, expected integer"
            ),
            of(
                "default-contradicts-schema",
                "/properties/n",
                "the default contradicts its schema: is a string, expected integer"
            ),
            of(
                "example-contradicts-schema",
                "/properties/n",
                "an example contradicts its schema: is a number, expected integer"
            ),
            of(
                "example-contradicts-schema",
                "/properties/s",
                "an example contradicts its schema: does not match the pattern `^a`"
            ),
        ]
    );
}
