//! Blocks of TOML, JSON and YAML that are not files of a sandbox.

use std::fs;

use toml_edit::{DocumentMut, Item};

use crate::workspace;

/// Parses TOML; dependencies of this project exist, in this version and with these features.
pub(crate) fn toml(text: &str) -> Result<(), String> {
    let document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| e.to_string())?;
    let mut tables = vec![document.as_table().iter().collect::<Vec<_>>()];
    for table in ["dependencies", "build-dependencies", "dev-dependencies"] {
        tables.extend(document.get(table).and_then(Item::as_table).map(|t| t.iter().collect()));
    }
    let entries = tables.into_iter().flatten();
    for (name, value) in entries.filter(|(n, v)| n.starts_with("event-") && v.is_value()) {
        dependency(name, value)?;
    }
    Ok(())
}

fn dependency(name: &str, value: &Item) -> Result<(), String> {
    let path = workspace().join(name).join("Cargo.toml");
    let manifest = fs::read_to_string(path).map_err(|_| format!("no crate `{name}`"))?;
    let manifest: DocumentMut =
        manifest.parse().map_err(|e: toml_edit::TomlError| e.to_string())?;
    let version = value.as_str().or_else(|| value.get("version").and_then(Item::as_str));
    if version.is_some_and(|version| version != "0.1") {
        return Err(format!("`{name}` is in version 0.1, found {version:?}"));
    }
    let features = value.get("features").and_then(Item::as_array);
    for feature in features.into_iter().flatten().filter_map(|f| f.as_str()) {
        if manifest.get("features").and_then(|f| f.get(feature)).is_none() {
            return Err(format!("`{name}` has no feature `{feature}`"));
        }
    }
    Ok(())
}

/// Parses JSON.
pub(crate) fn json(text: &str) -> Result<(), String> {
    serde_json::from_str::<serde_json::Value>(text).map(drop).map_err(|e| e.to_string())
}

/// YAML is not parsed here: `just action` and `just templates` judge what this project writes.
pub(crate) fn yaml(_text: &str) -> Result<(), String> {
    Err("YAML needs `<!-- shown: WHY -->`".to_owned())
}

#[test]
fn dependencies_that_do_not_exist_are_found() {
    assert!(toml("[dependencies]\nevent-runtime = \"0.1\"").is_ok());
    assert!(toml("event-aws = { version = \"0.1\", features = [\"sqs\"] }").is_ok());
    for wrong in [
        "event-x = \"0.1\"",
        "event-aws = \"0.2\"",
        "event-aws = { version = \"0.1\", features = [\"x\"] }",
        "a =",
    ] {
        assert!(toml(wrong).is_err(), "{wrong}");
    }
    assert!(json("{").is_err());
}
