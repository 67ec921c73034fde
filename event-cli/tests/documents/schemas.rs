//! The JSON Schemas of `event.toml` and `schemas.lock`, for editors. The parsers are the judges: a text is valid for
//! a schema if its parser accepts it.

use std::fs;

use event_folder::lock::Lock;
use event_schema::settings::Settings;
use serde_json::{Map, Value};
use toml_edit::{DocumentMut, Item};

use crate::page::Page;
use crate::workspace;

fn validator(name: &str) -> jsonschema::Validator {
    let path = workspace().join("docs/guide/src/schema").join(name);
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// TOML as JSON, where it has a value of JSON.
fn json(item: &Item) -> Value {
    if let Some(table) = item.as_table_like() {
        return table
            .iter()
            .map(|(key, item)| (key.to_owned(), json(item)))
            .collect::<Map<_, _>>()
            .into();
    }
    if let Some(tables) = item.as_array_of_tables() {
        return tables.iter().map(|table| json(&Item::Table(table.clone()))).collect();
    }
    if let Some(array) = item.as_array() {
        return array.iter().map(|value| json(&Item::Value(value.clone()))).collect();
    }
    if let Some(text) = item.as_str() {
        return text.into();
    }
    if let Some(number) = item.as_integer() {
        return number.into();
    }
    item.as_bool().map_or(Value::Null, Value::from)
}

fn valid(validator: &jsonschema::Validator, text: &str) -> bool {
    let document: DocumentMut = text.parse().unwrap();
    validator.is_valid(&json(document.as_item()))
}

#[test]
fn schema_of_settings_agrees_with_the_parser() {
    let validator = validator("event.toml.json");
    let good = [
        "",
        "runtime = \"events\"\nnumber = \"rust_decimal::Decimal\"\nhome = \"shop\"",
        "derives = [\"Eq\", \"Hash\", \"Default\"]\nundeclared = \"keep\"",
        "tolerant = [\"aws-events\"]\nsources.shop = \"app.shop\"\nformats.uuid = \"uuid::Uuid\"",
        "readers.constraints = \"documentation\"\nreaders.null = \"absent\"",
        "[layer]\nshop = \"payload\"\n\"shop/order.placed\" = \"aws-event\"",
    ];
    let bad = [
        "runtme = \"events\"",
        "runtime = 1",
        "runtime = \" \"",
        "home = \"\"",
        "derives = [\"Ord\"]",
        "derives = \"Eq\"",
        "undeclared = \"drop\"",
        "tolerant = [1]",
        "tolerant = [\"\"]",
        "sources = \"app.shop\"",
        "sources.shop = true",
        "formats.uuid = 1",
        "readers.constraints = \"yes\"",
        "readers.nulls = \"absent\"",
        "readers = \"enforced\"",
        "layer.shop = \"detail\"",
        "layer = \"payload\"",
    ];
    for (texts, accepted) in [(&good[..], true), (&bad[..], false)] {
        for text in texts {
            let problems = Settings::read(text, "event.toml").1;
            assert_eq!(problems.is_empty(), accepted, "{text}: {problems:?}");
            assert_eq!(valid(&validator, text), accepted, "the schema of {text}");
        }
    }
}

/// The page about the settings has each key of the schema.
#[test]
fn page_of_settings_has_every_key() {
    let schema = workspace().join("docs/guide/src/schema/event.toml.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let page = Page::read(&workspace(), "docs/guide/src/reference/settings.md".as_ref());
    let text = page.lines.join("\n");
    for key in schema["properties"].as_object().unwrap().keys() {
        assert!(text.contains(&format!("\n## {key}\n")), "no section `{key}`");
    }
    let all: String = page
        .blocks
        .iter()
        .filter(|b| b.language() == "toml")
        .map(|b| b.text.clone() + "\n")
        .collect();
    for key in schema["properties"].as_object().unwrap().keys() {
        assert!(all.contains(key), "no example of `{key}`");
    }
}

#[test]
fn schema_of_the_lock_agrees_with_the_parser() {
    let validator = validator("schemas.lock.json");
    let own = fs::read_to_string(workspace().join("schemas/schemas.lock")).unwrap();
    let digest = "0123456789abcdef".repeat(4);
    let entry = |version: &str, more: &str| {
        format!(
            "version = 2\n[[schema]]\nregistry = \"shop\"\ntype = \"order.placed\"\nversion = \"{version}\"\nsha256 = \"{digest}\"\n{more}"
        )
    };
    let shared =
        format!("[[shared]]\nat = \"_shared/a.json#/definitions/A\"\nsha256 = \"{digest}\"\n");
    let good = [own, "version = 1".to_owned(), entry("1.0", ""), entry("12.3", &shared)];
    let bad = [
        String::new(),
        "version = 3".to_owned(),
        "version = \"2\"".to_owned(),
        "version = 2\nmore = 1".to_owned(),
        entry("1", ""),
        entry("v1.0", ""),
        entry("1.0", "more = 1\n"),
        entry("1.0", "refers = \"x\"\n"),
        entry("1.0", "").replace(&digest, "abc"),
        entry("1.0", "").replace("registry", "registr"),
        entry("1.0", &shared.replace("at =", "from =")),
    ];
    for (texts, accepted) in [(&good[..], true), (&bad[..], false)] {
        for text in texts {
            let read = Lock::parse(text, "schemas.lock");
            assert_eq!(read.is_ok(), accepted, "{text}: {read:?}");
            assert_eq!(valid(&validator, text), accepted, "the schema of {text}");
        }
    }
}
