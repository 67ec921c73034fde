//! The catalogue as the folders of `EventCatalog`: `events/` and `services/`, each page with front matter.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::{Value, json};

use super::data::{Catalogue, Event, MajorPage};
use super::escape::{anchor, mdx};

/// Files by path.
pub(crate) fn files(catalogue: &Catalogue) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut services: BTreeMap<&str, (BTreeSet<Id>, BTreeSet<Id>)> = BTreeMap::new();
    for event in &catalogue.events {
        let id = id(event);
        let folder = format!("events/{id}");
        let newest = event.majors.len().saturating_sub(1);
        for (at, major) in event.majors.iter().enumerate() {
            let Some(version) = major.versions.last() else { continue };
            let place = if at == newest {
                folder.clone()
            } else {
                format!("{folder}/versioned/{}.0", version.version)
            };
            let number = format!("{}.0", version.version);
            out.insert(format!("{place}/index.mdx"), page(event, major, &id, &number));
            out.insert(format!("{place}/schema.json"), version.text.to_string());
            for publisher in &major.publishers {
                services.entry(publisher).or_default().0.insert((id.clone(), number.clone()));
            }
            for reader in &major.readers {
                services.entry(&reader.name).or_default().1.insert((id.clone(), number.clone()));
            }
        }
    }
    for (name, (sends, receives)) in services {
        let list = |all: &BTreeSet<Id>| -> Value {
            all.iter().map(|(id, version)| json!({ "id": id, "version": version })).collect()
        };
        let front = [
            ("id", json!(name)),
            ("name", json!(name)),
            ("version", json!("1.0.0")),
            ("sends", list(&sends)),
            ("receives", list(&receives)),
        ];
        let text = format!("{}\n<NodeGraph />\n", matter(&front));
        // the name of a folder is not the place for any text
        let folder = anchor(name).trim_start_matches("e-").to_owned();
        out.insert(format!("services/{folder}/index.mdx"), text);
    }
    out
}

/// The id and the version of an event.
type Id = (String, String);

/// The name of an event's folder, which its pages have as their id.
fn id(event: &Event) -> String {
    anchor(&format!("{}.{}", event.registry, event.name)).trim_start_matches("e-").to_owned()
}

fn page(event: &Event, major: &MajorPage, id: &str, version: &str) -> String {
    let mut badges = Vec::new();
    if major.retired {
        badges.push(json!({ "content": "retired", "backgroundColor": "red", "textColor": "red" }));
    }
    if let Some(day) = &major.sunset {
        let content = format!("sunset {day}");
        badges.push(
            json!({ "content": content, "backgroundColor": "yellow", "textColor": "yellow" }),
        );
    }
    let mut front = vec![
        ("id", json!(id)),
        ("name", json!(event.name)),
        ("version", json!(version)),
        ("summary", json!(event.docs.clone().unwrap_or_default())),
        ("schemaPath", json!("schema.json")),
    ];
    if !badges.is_empty() {
        front.push(("badges", json!(badges)));
    }
    let mut out = matter(&front);
    let _ = write!(out, "\nDetail-type: {}\n\n", mdx(&major.detail_type));
    if let Some(source) = &major.source {
        let _ = write!(out, "Source: {}\n\n", mdx(source));
    }
    for reader in &major.readers {
        let _ = writeln!(out, "- read by {} on bus {}", mdx(&reader.name), mdx(&reader.bus));
    }
    out.push_str("\n<NodeGraph />\n\n## Changes\n\n");
    for version in major.versions.iter().rev() {
        let _ = writeln!(out, "- {}", mdx(&version.version));
        for change in &version.changes {
            let word = if change.breaks { "breaks" } else { "allowed" };
            let _ = writeln!(out, "  - {word}: {}", mdx(&change.message));
            if let Some(witness) = &change.witness {
                let _ = writeln!(out, "    witness: {}", mdx(witness));
            }
        }
    }
    out.push_str("\n<SchemaViewer file=\"schema.json\" />\n");
    out
}

/// Front matter. JSON is YAML, so that no text can end a value.
fn matter(fields: &[(&str, Value)]) -> String {
    let mut out = String::from("---\n");
    for (key, value) in fields {
        let _ = writeln!(out, "{key}: {value}");
    }
    out.push_str("---\n");
    out
}
