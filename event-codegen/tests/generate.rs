//! Generated code of schemas that show one thing each. `event-tests` compiles the same folder.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::fs;
use std::path::Path;

use common::Schemas;
use event_schema::diagnostic::{Diagnostic, Severity};

/// The schemas of `tests/shapes`: `<event>.json`, each a payload.
fn shapes() -> Vec<(String, String)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes");
    let mut out: Vec<(String, String)> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .map(|p| {
            (p.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&p).unwrap())
        })
        .collect();
    out.sort();
    out
}

#[test]
fn snapshots() {
    for (event, text) in shapes() {
        let schemas = Schemas::new(&[(&format!("core/{event}/1.0.json"), &text)]).locked();
        insta::assert_snapshot!(event.clone(), schemas.generated().rust);
        let baseline = &schemas.generated().baselines[&format!("core--{event}")];
        insta::assert_snapshot!(format!("{event}-baseline"), baseline);
    }
}

#[test]
fn output_is_the_same_in_every_run_and_order() {
    let shapes = shapes();
    let files: Vec<(String, &str)> =
        shapes.iter().map(|(e, t)| (format!("core/{e}/1.0.json"), t.as_str())).collect();
    let forward: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), *t)).collect();
    let backward: Vec<(&str, &str)> = forward.iter().rev().copied().collect();
    let a = Schemas::new(&forward).locked().generated();
    let b = Schemas::new(&backward).locked().generated();
    assert_eq!(a, b);
}

#[test]
fn new_field_renames_no_type() {
    let old = r#"{ "type": "object", "properties": {
        "buyer": { "type": "object", "properties": { "address": { "type": "object", "properties": { "city": { "type": "string" } } } } }
    } }"#;
    // the new property comes first and would take the short name
    let new = r#"{ "type": "object", "properties": {
        "agent": { "type": "object", "properties": { "address": { "type": "object", "properties": { "zip": { "type": "string" } } } } },
        "buyer": { "type": "object", "properties": { "address": { "type": "object", "properties": { "city": { "type": "string" } } } } }
    } }"#;
    let schemas = Schemas::new(&[("core/a.b/1.0.json", old), ("core/a.b/1.1.json", new)]).locked();
    let rust = schemas.generated().rust;
    let buyer = rust.split("pub struct Buyer").nth(1).unwrap();
    assert!(buyer.split('}').next().unwrap().contains("Option<Address>"), "{rust}");
    let agent = rust.split("pub struct Agent {").nth(1).unwrap();
    assert!(agent.split('}').next().unwrap().contains("Option<AgentAddress>"), "{rust}");
}

#[test]
fn two_registries_with_one_event() {
    let text = r#"{ "type": "object", "properties": { "id": { "type": "string" } } }"#;
    let schemas =
        Schemas::new(&[("core/a.b/1.0.json", text), ("other/a.b/1.0.json", text)]).locked();
    let (_, generated) = schemas.config().home("core").source("other", "app.other").run();
    insta::assert_snapshot!(generated.unwrap().rust);
}

#[test]
fn schema_texts_never_become_code() {
    let evil = r##"{ "type": "object",
        "description": "*/ } fn evil() {}\n\n    let indented = \"a doc test\";\n\n```\npanic!()\n```\n\u202e",
        "properties": {
            "\"); fn evil() {} (\"": { "type": "string", "description": "#[evil]" },
            "fn": { "type": "string", "enum": ["}", "\\", "\n", "fn"] },
            "a\u202eb": { "type": "string" }
        } }"##;
    let schemas = Schemas::new(&[("core/a.b/1.0.json", evil)]).locked();
    let rust = schemas.generated().rust;
    let file = syn::parse_file(&rust).unwrap();
    assert!(!file.items.iter().any(|i| matches!(i, syn::Item::Fn(_))));
    insta::assert_snapshot!(rust);
}

#[test]
fn payload_without_source_is_not_an_event() {
    let text = r#"{ "type": "object", "properties": { "id": { "type": "string" } } }"#;
    let schemas = Schemas::new(&[("unheard/a.b/1.0.json", text)]).locked();
    let rust = schemas.generated().rust;
    assert!(
        rust.contains("pub struct AB") && !rust.contains("impl event_runtime::Event"),
        "{rust}"
    );
    assert!(rust.contains("set it in the schema"), "{rust}");
}

#[test]
fn a_document_with_several_events_is_several_events() {
    let event = |detail_type: &str, field: &str| {
        format!(
            r#"{{ "type": "object", "x-amazon-events-source": "app.shop", "x-amazon-events-detail-type": "{detail_type}",
            "properties": {{ "detail-type": {{ "type": "string" }}, "detail": {{
                "type": "object", "properties": {{ "{field}": {{ "type": "string" }} }} }} }} }}"#
        )
    };
    let document = |events: &[(&str, &str)]| {
        let list: Vec<String> = events
            .iter()
            .map(|(name, field)| format!("\"{name}\": {}", event(name, field)))
            .collect();
        format!(
            r#"{{ "openapi": "3.0.0", "info": {{ "title": "orders" }}, "components": {{ "schemas": {{ {} }} }} }}"#,
            list.join(", ")
        )
    };
    let first = document(&[("OrderCreated", "id"), ("OrderDeleted", "id")]);
    let second =
        document(&[("OrderCreated", "id"), ("OrderDeleted", "id"), ("OrderModified", "id")]);
    let schemas =
        Schemas::new(&[("shop/orders/1.0.json", &first), ("shop/orders/1.1.json", &second)])
            .locked();
    let generated = schemas.generated();
    for (event, minor) in [("OrderCreated", 1), ("OrderDeleted", 1), ("OrderModified", 1)] {
        assert!(
            generated.rust.contains(&format!("const TYPE: &'static str = \"{event}\"")),
            "{event}"
        );
        assert!(generated.rust.contains(&format!("`{event}` 1.{minor}, from")), "{event}");
        assert!(generated.baselines["index"].contains(&format!("{event}\tshop\t")), "{event}");
    }

    // the event with the folder's name keeps its spelling
    let schemas = Schemas::new(&[("shop/order.created/1.0.json", &first)]).locked();
    let index = &schemas.generated().baselines["index"];
    assert!(index.contains("order.created\t") && index.contains("OrderDeleted\t"), "{index}");

    let schemas =
        Schemas::new(&[("shop/orders/1.0.json", &second), ("shop/orders/1.1.json", &first)])
            .locked();
    let problems = schemas.problems();
    assert!(problems.contains("[event-removed] schemas/shop/orders/1.1.json"), "{problems}");

    let schemas =
        Schemas::new(&[("shop/orders/1.0.json", &first), ("shop/others/1.0.json", &first)])
            .locked();
    let problems = schemas.problems();
    assert!(problems.contains("is also described in schemas/shop/orders/1.0.json"), "{problems}");

    // an event with itself in two spellings
    let twice = first.replace("OrderDeleted", "order\\nid");
    let problems = Schemas::new(&[("shop/orders/1.0.json", &twice)]).locked().problems();
    assert!(problems.contains("[bad-event-name]"), "{problems}");
}

/// The fields of a generated struct, as they are written.
fn fields<'r>(rust: &'r str, name: &str) -> Vec<&'r str> {
    let start = format!("pub struct {name} {{");
    let body = rust.split_once(&start).unwrap_or_else(|| panic!("no `{name}` in\n{rust}")).1;
    let body = body.split_once("        }\n").unwrap().0;
    body.lines().map(str::trim).filter(|line| line.starts_with("pub ")).collect()
}

#[test]
fn type_of_another_file_keeps_its_name() {
    let money = |more: &str| {
        format!(
            r##"{{ "definitions": {{ {more}
                "Money": {{ "type": "object", "properties": {{ "cents": {{ "$ref": "#/definitions/Cents" }} }} }},
                "Cents": {{ "type": "object", "properties": {{ "of": {{ "type": "integer" }} }} }} }},
              "Weight": {{ "type": "object", "properties": {{ "grams": {{ "type": "integer" }} }} }} }}"##
        )
    };
    let place = r#"{ "type": "object", "properties": { "town": { "type": "string" } } }"#;
    let order = |local: &str, total: &str| {
        format!(
            r#"{{ "type": "object", "properties": {{
                "total": {{ "$ref": "{total}#/definitions/Money" }}, "tax": {{ "$ref": "{total}#/definitions/Money" }},
                "heavy": {{ "type": "array", "items": {{ "$ref": "../../shared.json#/Weight" }} }},
                "to": {{ "$ref": "../place.schema.json" }},
                "before": {{ "$ref": "../order.asked/1.0.json" }} }},
              "definitions": {{ {local} "Other": {{ "type": "string" }} }} }}"#
        )
    };
    let asked = r#"{ "type": "object", "properties": { "by": { "type": "string" } } }"#;
    let shared = money("");
    let far = order("", "../../shared.json");
    let schemas = Schemas::new(&[
        ("shared.json", &shared),
        ("core/place.schema.json", place),
        ("core/order.asked/1.0.json", asked),
        ("core/order.placed/1.0.json", &far),
    ])
    .locked();
    let rust = schemas.generated().rust;
    assert_eq!(
        fields(&rust, "OrderPlaced"),
        [
            "pub total: Option<Money>,",
            "pub tax: Option<Money>,",
            "pub heavy: Option<Vec<Weight>>,",
            "pub to: Option<Place>,",
            "pub before: Option<OrderAsked>,",
        ]
    );
    assert_eq!(fields(&rust, "Money"), ["pub cents: Option<Cents>,"]);

    // a definition that a later minor takes from another file keeps its name
    let own = r##""Money": { "type": "object", "properties": { "cents": { "$ref": "#/definitions/Cents" } } },
        "Cents": { "type": "object", "properties": { "of": { "type": "integer" } } },"##;
    schemas.write("core/order.placed/1.0.json", &order(own, ""));
    schemas.write("core/order.placed/1.1.json", &far);
    let rust = schemas.locked().generated().rust;
    assert_eq!(fields(&rust, "OrderPlaced")[0], "pub total: Option<Money>,");

    // two definitions with one name are two types, distinguished by their files
    let two = r##"{ "type": "object", "properties": {
        "total": { "$ref": "#/definitions/Money" }, "tax": { "$ref": "../../shared.json#/definitions/Money" } },
      "definitions": { "Money": { "type": "object", "properties": { "euros": { "type": "number" } } } } }"##;
    let schemas =
        Schemas::new(&[("shared.json", &shared), ("core/order.placed/1.0.json", two)]).locked();
    let rust = schemas.generated().rust;
    let placed = fields(&rust, "OrderPlaced");
    assert_eq!(placed, ["pub total: Option<Money>,", "pub tax: Option<SharedMoney>,"]);
    assert_eq!(fields(&rust, "Money"), ["pub euros: Option<f64>,"]);
}

#[test]
fn tolerant_types_have_only_optional_fields() {
    let text = r#"{ "type": "object", "x-amazon-events-source": "SOURCE", "required": ["a", "b", "c"], "properties": {
        "a": { "type": "string" }, "b": { "type": ["integer", "null"] }, "d": { "type": "boolean" },
        "c": { "type": "object", "properties": { "e": {} }, "required": ["e"], "additionalProperties": false } } }"#;
    let schemas = Schemas::new(&[
        ("core/a.b/1.0.json", &text.replace("SOURCE", "app.core")),
        ("aws/c.d/1.0.json", &text.replace("SOURCE", "aws.c")),
    ])
    .locked();
    let strict = schemas.generated();
    let (_, generated) = schemas.config().tolerant("core/a.b").tolerant("aws").run();
    let tolerant = generated.unwrap();
    // the contract is the same: only the reader is lenient
    assert_eq!(strict.baselines, tolerant.baselines);
    insta::assert_snapshot!(tolerant.rust);

    let (diagnostics, generated) = schemas.config().tolerant("core/a.c").run();
    assert!(generated.is_none());
    let said = common::shown(&diagnostics);
    assert!(said.contains("`tolerant(\"core/a.c\")`: no such registry or event"), "{said}");
}

#[test]
fn further_derives_where_all_parts_have_them() {
    use event_codegen::Derive;
    let text = r##"{ "type": "object", "required": ["whole", "share", "at", "state"], "properties": {
        "whole": { "$ref": "#/definitions/Whole" },
        "share": { "type": "object", "properties": { "of": { "type": "number" } } },
        "at": { "type": "object", "properties": { "on": { "type": "string", "format": "date-time" } }, "required": ["on"] },
        "state": { "type": "string", "enum": ["a", "b"] } },
      "definitions": { "Whole": { "type": "object", "properties": {
        "n": { "type": "integer" }, "inner": { "type": "array", "items": { "$ref": "#/definitions/Whole" } } }, "required": ["n"] } } }"##;
    let schemas = Schemas::new(&[("core/a.b/1.0.json", text)]).locked();
    let config = schemas.config().derives([Derive::Eq, Derive::Hash, Derive::Default]);
    let derives = |config: &event_codegen::Config, name: &str| {
        let rust = config.run().1.unwrap().rust;
        let before = rust.split(&format!(" {name} {{")).next().unwrap().to_owned();
        let derive = before.rsplit("#[derive(").next().unwrap();
        let list = derive.split(")]").next().unwrap().replace(char::is_whitespace, "");
        list.trim_end_matches(',').to_owned()
    };
    let serde = "serde::Serialize,serde::Deserialize";
    assert_eq!(
        derives(&config, "struct Whole"),
        format!("Clone,Debug,PartialEq,Eq,Hash,Default,{serde}")
    );
    assert_eq!(derives(&config, "struct Share"), format!("Clone,Debug,PartialEq,Default,{serde}"));
    assert_eq!(derives(&config, "struct At"), format!("Clone,Debug,PartialEq,Eq,Hash,{serde}"));
    assert_eq!(
        derives(&config, "enum State"),
        format!("Clone,Copy,Debug,PartialEq,Eq,Hash,{serde}")
    );
    assert_eq!(derives(&config, "struct AB"), format!("Clone,Debug,PartialEq,{serde}"));

    // with decimals instead of floats, everything is `Eq`
    let config = config.number("rust_decimal::Decimal");
    let rust = config.run().1.unwrap().rust;
    assert!(rust.contains("pub of: Option<rust_decimal::Decimal>"), "{rust}");
    assert_eq!(derives(&config, "struct AB"), format!("Clone,Debug,PartialEq,Eq,Hash,{serde}"));
}

/// `readers` in `event.toml`: changes that only a validator would notice break nobody, and no type depends
/// on them.
#[test]
fn constraints_as_documentation_break_nobody() {
    let text = |more: &str| {
        format!(
            r#"{{ "type": "object", "properties": {{ "n": {{ "type": "integer", "minimum": 0, "maximum": {more} }},
            "s": {{ "type": "string", "maxLength": {more} }} }} }}"#
        )
    };
    let (old, new) = (text("200"), text("300"));
    let schemas =
        Schemas::new(&[("core/a.b/1.0.json", &old), ("core/a.b/1.1.json", &new)]).locked();
    let config = event_codegen::configure().schemas(schemas.root()).source("core", "app.test");
    let rules = |diagnostics: &[Diagnostic]| -> Vec<_> {
        diagnostics.iter().filter(|d| d.severity == Severity::Error).map(|d| d.rule.id).collect()
    };
    let (diagnostics, generated) = config.run();
    assert_eq!(rules(&diagnostics), ["bound-loosened"; 2]);
    assert!(generated.is_none());

    schemas.write("event.toml", "readers.constraints = \"documentation\"\n");
    let (diagnostics, generated) = config.run();
    assert_eq!(diagnostics, []);
    let rust = generated.unwrap().rust;
    assert!(rust.contains("pub n: Option<i64>"), "{rust}");
    assert!(rust.contains("At most 300 characters"), "{rust}");
}

/// `readers.null`: an `Option` reads null like an absent field.
#[test]
fn null_as_absent_breaks_nobody() {
    let text = |ty: &str| {
        format!(r#"{{ "type": "object", "properties": {{ "s": {{ "type": {ty} }} }} }}"#)
    };
    let (old, new) = (text(r#""string""#), text(r#"["string", "null"]"#));
    let schemas =
        Schemas::new(&[("core/a.b/1.0.json", &old), ("core/a.b/1.1.json", &new)]).locked();
    let config = event_codegen::configure().schemas(schemas.root()).source("core", "app.test");
    assert_eq!(config.run().0.iter().map(|d| d.rule.id).collect::<Vec<_>>(), ["null-allowed"]);
    schemas.write("event.toml", "readers.null = \"absent\"\n");
    let (diagnostics, generated) = config.run();
    assert_eq!(diagnostics, []);
    let rust = generated.unwrap().rust;
    assert!(rust.contains("pub s: Option<String>"), "{rust}");
}

#[test]
fn undeclared_fields_have_the_type_that_the_schema_gives_them() {
    let schema = |more: &str| {
        format!(
            r#"{{ "type": "object", "required": ["id"], "additionalProperties": {{ "type": "integer" }},
            "properties": {{ "id": {{ "type": "string" }} {more} }} }}"#
        )
    };
    let (old, new) = (schema(""), schema(r#", "name": { "type": "string" }"#));
    let schemas = Schemas::new(&[("core/a.b/1.0.json", &old)]).locked();
    let typed = "#[serde(flatten)] pub extra: std::collections::BTreeMap<String, i64>,";
    let squeezed = |rust: &str| rust.split_whitespace().collect::<Vec<_>>().join(" ");
    let rust = squeezed(&schemas.generated().rust);
    assert!(rust.contains(typed), "{rust}");

    // a tolerant type reads them whatever they are
    let (_, generated) = schemas.config().tolerant("core").run();
    let rust = squeezed(&generated.unwrap().rust);
    assert!(rust.contains("pub extra: std::collections::BTreeMap<String, event_runtime::Value>"));

    // a field of another type is a break, because the old types cannot read it
    let files = [("core/a.b/1.0.json", old.as_str()), ("core/a.b/1.1.json", new.as_str())];
    let (diagnostics, generated) = Schemas::new(&files).locked().config().run();
    assert!(generated.is_none());
    let codes: Vec<_> = diagnostics.iter().map(Diagnostic::headline).collect();
    assert_eq!(codes.len(), 1, "{codes:?}");
}
