//! Known edits: each is applied to real schemas at every possible place, and its verdict follows from how
//! it is made.
//!
//! The schemas of this project, and those of the folder `EVENT_CORPORA`. `EVENT_EDITS` is the maximum
//! number of places that are edited per schema (default: 8; 0 means all).
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that reports its figures")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use event_schema::compat::{self, Policy, Verdict};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::read::{self, Dialect};
use serde_json::{Map, Value, json};

/// A document with schemas.
struct Source {
    name: String,
    value: Value,
    /// Whether its root is the schema, instead of a registry document.
    bare: bool,
}

impl Source {
    fn read(&self, value: &Value) -> Vec<Schema> {
        let doc = Document::parse(self.name.clone(), value.to_string()).unwrap();
        if self.bare {
            return read::schema_with(&doc, Some(Dialect::Modern), &|_| None).into_iter().collect();
        }
        let events = read::events(&doc).unwrap_or_default();
        events.into_iter().map(|event| event.payload).collect()
    }
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "json") {
            out.push(path);
        }
    }
    out.sort();
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut out = Vec::new();
    let mut add = |folder: &Path, pairs: bool| {
        let mut all = Vec::new();
        files(folder, &mut all);
        for path in all {
            let text = std::fs::read_to_string(&path).unwrap();
            let Ok(value) = serde_json::from_str::<Value>(&text) else { continue };
            let name = path.display().to_string();
            if pairs {
                let Some(value) = value.get("old").cloned() else { continue };
                let bare = value.get("openapi").is_none();
                out.push(Source { name, value, bare });
            } else {
                out.push(Source { name, value, bare: false });
            }
        }
    };
    add(&root.join("schemas"), false);
    add(&root.join("event-schema/tests/rules"), true);
    if let Some(corpora) = std::env::var_os("EVENT_CORPORA").map(PathBuf::from) {
        for folder in ["aws-events", "aws-events-draft4", "custom", "orcabus"] {
            add(&corpora.join(folder), false);
        }
    } else {
        eprintln!("EVENT_CORPORA is not set: real schemas were not edited");
    }
    out
}

/// Pointers of the schemas that parts of an event must match unconditionally: reached through properties,
/// items and references alone.
fn places(schema: &Schema) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let (mut seen, mut stack) = (BTreeSet::new(), vec![schema.root]);
    while let Some(id) = stack.pop() {
        let id = schema.resolve(id);
        let node = schema.node(id);
        let composed = !node.all_of.is_empty()
            || !node.any_of.is_empty()
            || !node.one_of.is_empty()
            || node.reference.is_some()
            || node.not.is_some()
            || node.conditional.is_some()
            || node.file.is_some();
        if composed || !seen.insert(id) {
            continue;
        }
        out.insert(node.pointer.clone());
        let properties = node.object.iter().flat_map(|rules| &rules.properties);
        stack.extend(properties.map(|property| property.node));
        stack.extend(node.array.iter().filter(|r| r.prefix.is_empty()).filter_map(|r| r.items));
    }
    out
}

/// The expected result of an edit: under the additive policy, and for stored events.
#[derive(Clone, Copy)]
struct Expected {
    additive: Option<Verdict>,
    backward: Option<Verdict>,
}

const BREAK: Option<Verdict> = Some(Verdict::Breaking);
const SAFE: Option<Verdict> = Some(Verdict::Compatible);

type Edit = (&'static str, Expected, fn(&mut Map<String, Value>) -> bool);

fn plain(node: &Map<String, Value>, kind: &str) -> bool {
    let known = ["type", "description", "title", "example", "examples", "default"];
    node.get("type").and_then(Value::as_str) == Some(kind)
        && node.keys().all(|key| known.contains(&key.as_str()) || key.starts_with("x-"))
}

/// An object with declared names and nothing unusual.
fn open_object(node: &Map<String, Value>) -> bool {
    let known = ["type", "description", "title", "properties", "required", "example", "examples"];
    node.get("properties").and_then(Value::as_object).is_some_and(|p| !p.is_empty())
        && node.get("type").and_then(Value::as_str) == Some("object")
        && node.keys().all(|key| known.contains(&key.as_str()) || key.starts_with("x-"))
}

fn required(node: &Map<String, Value>) -> Vec<String> {
    let names = node.get("required").and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The first declared name that is required, or that is not.
fn declared(node: &Map<String, Value>, is_required: bool) -> Option<String> {
    let required = required(node);
    let names = node.get("properties")?.as_object()?.keys();
    names.into_iter().find(|n| required.contains(n) == is_required).cloned()
}

fn properties(node: &mut Map<String, Value>) -> &mut Map<String, Value> {
    node.get_mut("properties").and_then(Value::as_object_mut).unwrap()
}

const EDITS: [Edit; 14] = [
    ("string becomes integer", Expected { additive: BREAK, backward: BREAK }, |node| {
        plain(node, "string") && node.insert("type".into(), "integer".into()).is_some()
    }),
    ("integer becomes string", Expected { additive: BREAK, backward: BREAK }, |node| {
        plain(node, "integer") && node.insert("type".into(), "string".into()).is_some()
    }),
    ("integer becomes number", Expected { additive: BREAK, backward: SAFE }, |node| {
        plain(node, "integer") && node.insert("type".into(), "number".into()).is_some()
    }),
    ("boolean becomes array", Expected { additive: BREAK, backward: BREAK }, |node| {
        plain(node, "boolean") && node.insert("type".into(), "array".into()).is_some()
    }),
    ("length bounded", Expected { additive: BREAK, backward: BREAK }, |node| {
        plain(node, "string") && node.insert("maxLength".into(), 3.into()).is_none()
    }),
    ("value bounded", Expected { additive: BREAK, backward: BREAK }, |node| {
        plain(node, "integer") && node.insert("minimum".into(), 10.into()).is_none()
    }),
    ("optional field added", Expected { additive: SAFE, backward: BREAK }, |node| {
        open_object(node)
            && properties(node).insert("zzAdded".into(), json!({"type": "string"})).is_none()
    }),
    ("required field added", Expected { additive: BREAK, backward: BREAK }, |node| {
        let fits = open_object(node);
        if fits {
            let mut names = required(node);
            names.push("zzAdded".into());
            node.insert("required".into(), json!(names));
            properties(node).insert("zzAdded".into(), json!({"type": "string"}));
        }
        fits
    }),
    ("optional field removed", Expected { additive: BREAK, backward: SAFE }, |node| {
        let name = declared(node, false).filter(|_| open_object(node));
        name.is_some_and(|name| properties(node).remove(&name).is_some())
    }),
    ("field made required", Expected { additive: BREAK, backward: BREAK }, |node| {
        let name = declared(node, false).filter(|_| open_object(node));
        let mut names = required(node);
        name.map(|name| names.push(name)).is_some_and(|()| {
            node.insert("required".into(), json!(names));
            true
        })
    }),
    ("field made optional", Expected { additive: BREAK, backward: SAFE }, |node| {
        let name = declared(node, true).filter(|_| open_object(node));
        name.is_some_and(|name| {
            let names: Vec<String> = required(node).into_iter().filter(|n| *n != name).collect();
            if names.is_empty() {
                node.remove("required");
            } else {
                node.insert("required".into(), json!(names));
            }
            true
        })
    }),
    ("enum value added", Expected { additive: BREAK, backward: SAFE }, |node| {
        let text = node.get("type").and_then(Value::as_str) == Some("string");
        let open = node.contains_key("x-open");
        let values = node.get_mut("enum").and_then(Value::as_array_mut).filter(|_| text && !open);
        values.is_some_and(|values| {
            values.push("zz-added".into());
            true
        }) && node.len() <= 3
            && node.keys().all(|k| ["type", "enum", "description"].contains(&k.as_str()))
    }),
    ("enum value removed", Expected { additive: BREAK, backward: BREAK }, |node| {
        let known = node.keys().all(|k| ["type", "enum", "description"].contains(&k.as_str()));
        let values = node.get_mut("enum").and_then(Value::as_array_mut).filter(|v| v.len() > 1);
        known && values.is_some_and(|values| values.pop().is_some_and(|v| v.is_string()))
    }),
    ("description changed", Expected { additive: SAFE, backward: SAFE }, |node| {
        node.insert("description".into(), "Another text.".into());
        true
    }),
];

#[test]
fn every_known_edit_has_its_known_verdict() {
    let most: usize = std::env::var("EVENT_EDITS").ok().and_then(|n| n.parse().ok()).unwrap_or(8);
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    let mut schemas = 0;
    for source in sources() {
        for (at, old) in source.read(&source.value).iter().enumerate() {
            schemas += 1;
            let all: Vec<String> = places(old).into_iter().collect();
            let step = if most == 0 { 1 } else { all.len().div_ceil(most).max(1) };
            for pointer in all.iter().step_by(step) {
                for (name, expected, edit) in EDITS {
                    let mut edited = source.value.clone();
                    let node = edited.pointer_mut(pointer).and_then(Value::as_object_mut);
                    if !node.is_some_and(edit) {
                        continue;
                    }
                    let Some(new) = source.read(&edited).into_iter().nth(at) else { continue };
                    *counts.entry(name).or_default() += 1;
                    for (policy, verdict) in [
                        (Policy::Additive, expected.additive),
                        (Policy::Backward, expected.backward),
                    ] {
                        let report = compat::check(old, &new, policy);
                        if verdict.is_some_and(|v| v != report.verdict) {
                            let breaks: Vec<_> = report.breaks().map(|c| &c.message).collect();
                            wrong.push(format!(
                                "{}{pointer}: {name} is {} under {policy}: {breaks:?}",
                                source.name,
                                report.verdict.as_str()
                            ));
                        }
                    }
                }
            }
        }
    }
    let total: u32 = counts.values().sum();
    eprintln!(
        "{total} edits of {schemas} schemas, {} with another verdict: {counts:?}",
        wrong.len()
    );
    assert!(
        wrong.is_empty(),
        "{} wrong verdicts:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
    assert!(
        EDITS.iter().filter(|(name, ..)| !counts.contains_key(name)).count() <= 3,
        "{counts:?}"
    );
}
