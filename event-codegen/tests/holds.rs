//! Everything that a schema states is in the type or in a diagnostic.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::Schemas;

fn one(text: &str) -> Schemas {
    Schemas::new(&[("core/order.placed/1.0.json", text)]).locked()
}

/// The generated text without line ends and repeated spaces.
fn rust(text: &str) -> String {
    one(text).generated().rust.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The warnings about a schema that types can be generated for.
fn warnings(text: &str) -> String {
    common::shown(&one(text).generated().warnings)
}

fn has(text: &str, wanted: &[&str]) {
    let rust = rust(text);
    for part in wanted {
        assert!(rust.contains(part), "no `{part}` in\n{rust}");
    }
}

const DRAFT7: &str = r#""$schema": "http://json-schema.org/draft-07/schema#""#;

#[test]
fn union_beside_properties_of_the_payload_is_an_enum_with_them() {
    for union in ["oneOf", "anyOf"] {
        let text = format!(
            r#"{{ {DRAFT7}, "type": "object", "required": ["id"], "properties": {{ "id": {{ "type": "string" }} }},
            "{union}": [
              {{ "properties": {{ "card": {{ "type": "string" }} }}, "required": ["card"] }},
              {{ "properties": {{ "iban": {{ "type": "string" }} }}, "required": ["iban"] }} ] }}"#
        );
        has(
            &text,
            &[
                "pub enum OrderPlaced {",
                "Card(Card), Iban(Iban),",
                "pub card: String, pub id: String,",
                "pub iban: String, pub id: String,",
            ],
        );
        let baseline = one(&text).generated().baselines["core--order.placed"].clone();
        assert!(baseline.contains("2:id2:ids0:"), "{baseline}");
    }
}

#[test]
fn union_of_a_tag_beside_it_is_tagged() {
    let text = format!(
        r#"{{ {DRAFT7}, "type": "object", "required": ["kind"],
        "properties": {{ "kind": {{ "type": "string" }}, "at": {{ "type": "string" }} }},
        "oneOf": [
          {{ "properties": {{ "kind": {{ "const": "card" }}, "last4": {{ "type": "string" }} }} }},
          {{ "properties": {{ "kind": {{ "const": "iban" }}, "bank": {{ "type": "string" }} }} }} ] }}"#
    );
    has(
        &text,
        &[
            "tag = \"kind\"",
            "Card(Card)",
            "pub bank: Option<String>, #[serde(skip_serializing_if = \"Option::is_none\")] pub at",
        ],
    );
}

#[test]
fn union_that_only_requires_leaves_a_struct() {
    let text = r#"{ "type": "object", "properties": { "a": { "type": "string" }, "b": { "type": "string" } },
        "anyOf": [{ "required": ["a"] }, { "required": ["b"] }] }"#;
    has(text, &["pub struct OrderPlaced {", "pub a: Option<String>", "pub b: Option<String>"]);
}

#[test]
fn discriminator_on_a_base_is_a_union_of_its_children() {
    let text = r##"{ "openapi": "3.0.0", "info": { "title": "Moved" }, "components": { "schemas": {
        "Moved": { "type": "object", "required": ["ship"], "properties": { "ship": { "$ref": "#/components/schemas/Ship" },
          "tug": { "$ref": "#/components/schemas/Tug" } } },
        "Ship": { "type": "object", "required": ["kind", "name"], "properties": { "kind": { "type": "string" },
          "name": { "type": "string" } }, "discriminator": { "propertyName": "kind",
          "mapping": { "tug": "#/components/schemas/Tug" } } },
        "Tug": { "allOf": [{ "$ref": "#/components/schemas/Ship" }, { "type": "object", "properties": { "power": { "type": "integer" } } }] },
        "Ferry": { "allOf": [{ "$ref": "#/components/schemas/Ship" }, { "type": "object", "properties": { "seats": { "type": "integer" } } }] },
        "CarFerry": { "allOf": [{ "$ref": "#/components/schemas/Ferry" }, { "type": "object", "properties": { "decks": { "type": "integer" } } }] }
        } } }"##;
    has(
        text,
        &[
            "tag = \"kind\"",
            "pub enum Ship {",
            "#[serde(rename = \"tug\")] Tug(",
            "Ferry(",
            "CarFerry(",
            "pub decks: Option<i64>",
            "pub seats: Option<i64>",
            "pub ship: Ship",
        ],
    );
}

#[test]
fn discriminator_without_branches_is_named() {
    let text = r#"{ "openapi": "3.0.0", "info": { "title": "Moved" }, "components": { "schemas": {
        "Moved": { "type": "object", "properties": { "kind": { "type": "string" } }, "discriminator": { "propertyName": "kind" } } } } }"#;
    assert!(warnings(text).contains("the `discriminator` has no branches"), "{}", warnings(text));
}

#[test]
fn object_beside_an_array_is_read_from_an_object_alone() {
    let text = format!(
        r#"{{ {DRAFT7}, "type": "object", "properties": {{
        "a": {{ "anyOf": [{{ "type": "object", "required": ["src"], "properties": {{ "src": {{ "type": "string" }} }} }},
                          {{ "type": "array", "items": {{ "type": "integer" }} }}] }},
        "b": {{ "type": ["object", "array"], "properties": {{ "src": {{ "type": "string" }} }} }} }} }}"#
    );
    let rust = rust(&text);
    assert_eq!(
        rust.matches("deserialize_with = \"event_runtime::__private::v0_1::object\"").count(),
        2,
        "{rust}"
    );
}

#[test]
fn payload_that_is_not_an_object_is_refused() {
    for (text, what) in [
        (r#"{ "type": "array", "items": { "type": "string" } }"#, "the payload is an array"),
        (r#"{ "type": "string" }"#, "the payload is a string"),
        (r#"{ "type": ["number", "null"] }"#, "the payload is a number or `null`"),
        (r#"{ "enum": ["a", "b"] }"#, "the payload is not an object"),
        (
            r#"{ "oneOf": [{ "type": "object" }, { "type": "string" }] }"#,
            "a branch of the payload's union is not an object",
        ),
        (r"false", "no event is valid for this schema"),
    ] {
        let said = one(text).problems();
        assert!(said.contains("[payload-not-an-object]") && said.contains(what), "{text}: {said}");
    }
}

#[test]
fn payload_that_is_a_map_keeps_its_entries() {
    has(
        r#"{ "type": "object", "additionalProperties": { "type": "integer" } }"#,
        &["#[serde(flatten)] pub extra: std::collections::BTreeMap<String, i64>"],
    );
    has(
        r#"{ "type": "object", "patternProperties": { "^x-": { "type": "boolean" } }, "additionalProperties": false }"#,
        &["#[serde(flatten)] pub extra: std::collections::BTreeMap<String, bool>"],
    );
}

#[test]
fn closed_object_with_patterns_reads_what_the_patterns_allow() {
    let text = r#"{ "type": "object", "properties": { "id": { "type": "string" },
        "in": { "type": "object", "properties": { "n": { "type": "integer" } }, "patternProperties": {
          "^s-": { "type": "string" }, "^n-": { "type": "number" } }, "additionalProperties": false } },
        "patternProperties": { "^x-": { "type": "string" } }, "additionalProperties": false }"#;
    let rust = rust(text);
    assert!(!rust.contains("deny_unknown_fields"), "{rust}");
    assert!(rust.contains("pub extra: std::collections::BTreeMap<String, String>"), "{rust}");
    assert!(
        rust.contains("pub extra: std::collections::BTreeMap<String, event_runtime::Value>"),
        "{rust}"
    );
}

#[test]
fn values_that_are_not_strings_are_an_enum_of_exactly_these() {
    let text = r#"{ "type": "object", "properties": {
        "level": { "enum": [1, 2.0, -5] }, "yes": { "enum": [true] }, "mixed": { "enum": ["a", 1, null, [2]] },
        "open": { "enum": [1, 2], "x-open": true }, "both": { "enum": [true, false] } } }"#;
    has(
        text,
        &[
            "try_from = \"i64\", into = \"i64\"",
            "pub enum Level { /// `1` T1, /// `2` T2, /// `-5` Minus5, }",
            "try_from = \"bool\"",
            "pub enum Mixed {",
            "try_from = \"event_runtime::Value\"",
            "pub open: Option<i64>",
            "pub both: Option<bool>",
        ],
    );
}

#[test]
fn schema_outside_of_properties_is_refused() {
    let text = r#"{ "type": "object", "properties": { "id": { "type": "string" },
        "to": { "type": "object", "street": { "type": "string" } } }, "address1": { "type": "string" } }"#;
    let said = one(text).problems();
    for name in ["street", "address1"] {
        assert!(said.contains(&format!("`{name}` is not a keyword")), "{said}");
    }
    assert!(said.contains("put it under `properties`"), "{said}");
}

#[test]
fn annotations_of_other_tools_are_ignored() {
    let text = r#"{ "type": "object", "javaType": "com.example.A", "enumNames": ["a"],
        "properties": { "id": { "type": "string", "faker": "name.first" } } }"#;
    assert_eq!(warnings(text), "");
}

#[test]
fn constraint_without_a_type_is_a_warning() {
    for (text, what) in [
        (
            r#"{ "type": "object", "properties": { "id": { "type": "string" } }, "if": { "required": ["id"] },
               "then": { "properties": { "why": { "type": "string" } } } }"#,
            "`why` is declared under `if` alone",
        ),
        (
            r#"{ "type": "object", "properties": { "id": { "type": "string" } },
               "dependencies": { "id": { "properties": { "why": { "type": "string" } } } } }"#,
            "`why` is declared under `dependencies` alone",
        ),
        (
            r#"{ "type": "object", "properties": { "a": { "type": "array", "items": [{ "type": "string" }, { "type": "integer" }] } } }"#,
            "the positions of this array have types of their own",
        ),
        (
            r#"{ "type": "object", "allOf": [
               { "oneOf": [{ "properties": { "a": {} }, "required": ["a"] }, { "properties": { "b": {} }, "required": ["b"] }] },
               { "oneOf": [{ "properties": { "c": {} }, "required": ["c"] }, { "properties": { "d": {} }, "required": ["d"] }] }] }"#,
            "2 unions apply at once here",
        ),
        (
            r#"{ "type": "object", "properties": { "a": { "items": { "type": "string" } } } }"#,
            "keywords for arrays are here without a `type`",
        ),
        (
            r#"{ "type": "object", "properties": { "a": { "allOf": [{ "type": "string" }, { "type": "integer" }] } } }"#,
            "no value matches all keywords here",
        ),
        (
            r#"{ "type": "object", "allOf": [{ "properties": { "a": { "type": "string" } }, "additionalProperties": false },
               { "properties": { "b": { "type": "string" } } }] }"#,
            "no event can have `b`",
        ),
    ] {
        let said = warnings(text);
        assert!(said.contains("[not-in-the-type]") && said.contains(what), "{text}: {said}");
    }
}

#[test]
fn dependency_of_a_required_property_always_holds() {
    let text = format!(
        r#"{{ {DRAFT7}, "type": "object", "required": ["id"], "properties": {{ "id": {{ "type": "string" }} }},
        "dependencies": {{ "id": {{ "properties": {{ "dep": {{ "type": "string" }} }}, "required": ["dep"] }} }} }}"#
    );
    has(&text, &["pub id: String, pub dep: String,"]);
    assert_eq!(warnings(&text), "");
}

#[test]
fn unevaluated_properties_close_what_all_parts_declare() {
    let text = r##"{ "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [{ "$ref": "#/$defs/Base" }, { "type": "object", "properties": { "qty": { "type": "integer" } } }],
        "unevaluatedProperties": false,
        "$defs": { "Base": { "type": "object", "properties": { "id": { "type": "string" } } } } }"##;
    has(text, &["deny_unknown_fields", "pub id: Option<String>", "pub qty: Option<i64>"]);
    assert_eq!(warnings(text), "");
}

#[test]
fn undeclared_fields_are_kept_on_request() {
    let text = r#"{ "type": "object", "properties": { "id": { "type": "string" }, "extra": { "type": "object" },
        "closed": { "type": "object", "properties": { "a": {} }, "additionalProperties": false } } }"#;
    let schemas = one(text);
    assert!(!schemas.generated().rust.contains("flatten"));
    schemas.write("event.toml", "undeclared = \"keep\"\n");
    let rust = schemas.generated().rust;
    assert_eq!(rust.matches("#[serde(flatten)]").count(), 1, "{rust}");
    assert!(
        rust.contains("pub extra_fields: std::collections::BTreeMap<String, event_runtime::Value>"),
        "{rust}"
    );
    schemas.write("event.toml", "undeclared = \"kept\"\n");
    assert!(schemas.problems().contains("unknown value of `undeclared`"), "{}", schemas.problems());
}

#[test]
fn other_documents_are_not_schemas() {
    for (text, what, help) in [
        (
            r#"{ "asyncapi": "2.6.0", "channels": { "a": { "subscribe": { "message": { "payload": { "type": "object" } } } } } }"#,
            "AsyncAPI 2.6.0",
            "/channels/a/subscribe/message/payload",
        ),
        (
            r##"{ "asyncapi": "3.0.0", "components": { "messages": { "M": { "payload": { "$ref": "#/components/schemas/M" } } },
               "schemas": { "M": { "type": "object" } } } }"##,
            "AsyncAPI 3.0.0",
            "`/components/schemas/M`",
        ),
        (
            r#"{ "swagger": "2.0", "definitions": { "Order": { "type": "object" } } }"#,
            "Swagger 2.0",
            "`Order`",
        ),
        (
            r#"{ "openapi": "3.1.0", "info": { "title": "A" }, "webhooks": { "placed": { "post": {} } },
               "components": { "schemas": { "B": {}, "C": {} } } }"#,
            "of webhooks (`placed`)",
            "info.title",
        ),
        (
            r#"{ "openapi": "3.1.0", "webhooks": { "placed": { "post": {} } } }"#,
            "of webhooks",
            "info.title",
        ),
        (r#"{ "openapi": "3.0.0", "paths": { "/a": {} } }"#, "of an API", "components.schemas"),
        (
            r#"{ "detail-type": "order.placed", "source": "app.shop", "detail": { "id": "a" } }"#,
            "a sample event",
            "import --infer",
        ),
        (
            r#"{ "id": "1", "type": "order.placed", "source": "s", "occurredAt": "2026-01-01T00:00:00Z", "data": { "a": 1 } }"#,
            "a sample event",
            "import --infer",
        ),
        (r#"{ "orderId": "a", "lines": [{ "sku": "b" }] }"#, "not a schema", "import --infer"),
        (r#"{ "id": "a", "title": "b" }"#, "not a schema", "import --infer"),
        (
            r#"{ "orderId": "a", "items": [{ "sku": "b", "required": true }] }"#,
            "not a schema",
            "import --infer",
        ),
        (
            r#"{ "name": "a", "version": "1", "dependencies": { "b": "^1" } }"#,
            "not a schema",
            "import --infer",
        ),
        (
            r#"{ "type": "record", "name": "A", "fields": [{ "name": "b", "type": "string" }] }"#,
            "an Avro schema",
            "JSON Schema",
        ),
        (r#"[{ "orderId": "a" }]"#, "a list of JSON values", "import --infer"),
        (
            r#"{ "title": "A", "definitions": { "A": { "type": "object" }, "B": { "type": "object" } } }"#,
            "none of them is the event",
            "\"$ref\": \"#/definitions/A\"",
        ),
    ] {
        let said = one(text).problems();
        assert!(said.contains("[not-a-schema]"), "{text}: {said}");
        assert!(said.contains(what) && said.contains(help), "{text}: {said}");
    }
}

#[test]
fn odd_schemas_are_still_schemas() {
    for text in [
        "{}",
        r#"{ "title": "Ping", "description": "nothing" }"#,
        r#"{ "$id": "https://example.com/ping", "$comment": "a" }"#,
        r#"{ "type": "object", "detail": 1 }"#,
        r#"{ "properties": { "detail": {}, "source": {}, "detail-type": {} } }"#,
        r##"{ "$ref": "#/definitions/A", "definitions": { "A": { "type": "object" } } }"##,
    ] {
        let schemas = one(text);
        let (said, generated) = schemas.run();
        assert!(generated.is_some(), "{text}: {}", common::shown(&said));
    }
}

#[test]
fn path_of_a_type_stays_where_another_registry_comes_in() {
    let text = r#"{ "type": "object", "properties": { "id": { "type": "string" } } }"#;
    let schemas = Schemas::new(&[("core/a.b/1.0.json", text)]).locked();
    let alone = schemas.generated().rust;
    assert!(alone.starts_with("// Generated") && alone.contains("\npub mod a_b {"), "{alone}");
    assert!(alone.contains("pub mod core {\n        pub use super::super::a_b;"), "{alone}");

    schemas.write("aaa/a.b/1.0.json", text);
    let schemas = schemas.locked();
    // the derive does not need the path: only including the generated code is an error, and the schemas are
    // compiled
    let both = schemas.generated();
    assert!(
        both.rust.contains("pub mod a_b {\n    ::core::compile_error!(")
            && both.rust.contains("[event-in-two-registries]")
            && both.rust.contains("`home = \\\"aaa\\\"`")
            && !both.rust.contains("pub use super::super::a_b"),
        "{}",
        both.rust
    );
    assert_eq!(both.baselines.len(), 3, "{:?}", both.baselines.keys());
    schemas.write("event.toml", "home = \"core\"\n");
    let both = schemas.generated().rust;
    let module = |rust: &str| {
        rust.split("\npub mod a_b {").nth(1).unwrap().split("\npub mod").next().unwrap().to_owned()
    };
    assert!(
        module(&both).contains("core/a.b/1.0.json") && !module(&both).contains("aaa/a.b"),
        "{both}"
    );
    assert!(
        both.contains(
            "pub mod aaa {\n        /// `a.b` of the registry `aaa`.\n        pub mod a_b {"
        ),
        "{both}"
    );
}

#[test]
fn union_at_the_end_of_all_of_is_joined_with_the_rest() {
    let text = format!(
        r##"{{ {DRAFT7}, "allOf": [
          {{ "type": "object", "properties": {{ "id": {{ "type": "string" }} }}, "required": ["id"] }},
          {{ "oneOf": [{{ "$ref": "#/definitions/Mail" }}, {{ "$ref": "#/definitions/Sms" }}] }} ],
        "definitions": {{ "Mail": {{ "type": "object", "properties": {{ "mail": {{ "type": "string" }} }}, "required": ["mail"] }},
          "Sms": {{ "type": "object", "properties": {{ "sms": {{ "type": "string" }} }}, "required": ["sms"] }} }} }}"##
    );
    has(
        &text,
        &["pub enum OrderPlaced { Mail(Mail), Sms(Sms), }", "pub mail: String, pub id: String,"],
    );
}

#[test]
fn several_values_of_a_discriminator_are_several_variants() {
    let text = r##"{ "openapi": "3.0.0", "info": { "title": "Paid" }, "components": { "schemas": {
        "Paid": { "type": "object", "properties": { "by": { "oneOf": [{ "$ref": "#/components/schemas/Card" }, { "$ref": "#/components/schemas/Iban" }],
          "discriminator": { "propertyName": "kind", "mapping": { "visa": "#/components/schemas/Card", "amex": "Card", "iban": "Iban" } } } } },
        "Card": { "type": "object", "required": ["kind"], "properties": { "kind": { "type": "string" }, "last4": { "type": "string" } } },
        "Iban": { "type": "object", "required": ["kind"], "properties": { "kind": { "type": "string" }, "bank": { "type": "string" } } } } } }"##;
    has(text, &["tag = \"kind\"", "Visa(", "Amex(", "Iban("]);
}

#[test]
fn date_or_any_text_is_any_text() {
    let union = |branches: &str| {
        format!(
            r#"{{ {DRAFT7}, "type": "object", "required": ["at"], "properties": {{ "at": {{ "anyOf": [{branches}] }} }} }}"#
        )
    };
    let (date, text) =
        (r#"{ "type": "string", "format": "date-time" }"#, r#"{ "type": "string" }"#);
    for branches in [format!("{date}, {text}"), format!("{text}, {date}")] {
        has(&union(&branches), &["pub at: String"]);
    }
    has(&union(&format!(r#"{date}, {{ "type": "integer" }}"#)), &["pub enum At {"]);
    has(&union(&format!(r#"{text}, {{ "enum": ["a", "b"] }}"#)), &["pub enum At {"]);
}
