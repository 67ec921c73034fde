//! `tests/rules/<id>/`: what a rule finds (`hit*.json`), and similar input that it does not find
//! (`miss*.json`). Each rule has a module of its name below: `cargo test -p event-schema enum_value_added`
//! runs it.
//!
//! A file is a pair of two payloads, `{"old": .., "new": ..}`, or the documents of an event from its first
//! minor on, `{"versions": [..]}`, of which there may be only one.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use event_schema::compat::{self, Policy, Report};
use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::document::Document;
use event_schema::rules::{self, Level, Rule};
use event_schema::{lint, model::Schema, read};
use serde_json::Value;

macro_rules! rules {
    ($($rule:ident)*) => {
        /// The rules with a folder.
        const LISTED: &[&str] = &[$(stringify!($rule)),*];

        $(mod $rule {
            #[test]
            fn finds_its_hits() {
                super::finds(stringify!($rule), "hit");
            }

            #[test]
            fn passes_near_misses() {
                super::finds(stringify!($rule), "miss");
            }
        })*
    };
}

rules! {
    all_of_added
    all_of_removed
    annotation_changed
    bound_loosened
    bound_tightened
    condition_added
    condition_changed
    condition_removed
    const_changed
    declared_over_map
    default_added
    default_changed
    default_contradicts_schema
    default_removed
    definition_renamed
    detail_type_changed
    discriminator_changed
    encoding_changed
    enum_added
    enum_removed
    enum_value_added
    enum_value_removed
    event_source_changed
    example_contradicts_schema
    field_added_to_closed_object
    field_made_optional
    field_made_required
    field_renamed
    field_type_changed
    field_typed
    field_untyped
    format_added
    format_changed
    format_removed
    ignored_keyword
    integer_widened
    items_typed
    items_untyped
    layer_changed
    list_tuple_swapped
    malformed_keyword
    malformed_pattern
    malformed_schema
    map_typed
    map_untyped
    mapping_added
    misspelt_name
    multiple_changed
    not_a_schema
    null_allowed
    null_forbidden
    number_format_changed
    number_narrowed
    object_closed
    object_opened
    openness_changed
    optional_field_added
    optional_field_removed
    pattern_added
    pattern_changed
    pattern_properties_changed
    pattern_removed
    payload_not_found
    remote_reference
    removed_name_reused
    required_field_added
    required_field_removed
    required_name_added
    required_name_removed
    spelled_otherwise
    struct_map_swapped
    tuple_changed
    type_narrowed
    type_widened
    undecided
    union_branch_added
    union_branch_removed
    union_changed
    union_relaxed
    union_tightened
    unique_items_added
    unique_items_removed
    unknown_format_changed
    unresolved_reference
    values_narrowed
    values_widened
}

/// The subjects that pairs and documents show. The rules of other subjects are raised in other crates, and
/// tested there.
const SUBJECTS: [&str; 4] = ["Fields and objects", "Values", "Arrays", "Unions"];

fn folder(id: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules").join(id)
}

/// The files of a rule, by name.
fn files(id: &str) -> BTreeMap<String, Value> {
    let entries = fs::read_dir(folder(id)).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let value = serde_json::from_str(&fs::read_to_string(&path).unwrap());
        (name, value.unwrap_or_else(|e| panic!("{}: {e}", path.display())))
    };
    entries.map(read).collect()
}

fn payload(side: &str, pair: &Value) -> Schema {
    let doc = Document::parse(side, serde_json::to_string_pretty(&pair[side]).unwrap()).unwrap();
    if pair[side].get("openapi").is_some() {
        return read::events(&doc).unwrap().remove(0).payload;
    }
    let usual = pair[side].get("$schema").is_none().then_some(read::Dialect::Modern);
    read::schema_with(&doc, usual, &|_| None).unwrap()
}

/// The findings in a pair.
fn pair(value: &Value) -> Option<Report> {
    let old = value.get("old").map(|_| payload("old", value))?;
    Some(compat::check(&old, &payload("new", value), Policy::Additive))
}

/// The findings in the versions of an event: by reading, by comparing, and by the lints of the newest.
fn versions(documents: &[Value]) -> Vec<Diagnostic> {
    let (mut events, mut found) = (Vec::new(), Vec::new());
    for (minor, document) in documents.iter().enumerate() {
        let label = format!("1.{minor}");
        let text = serde_json::to_string_pretty(document).unwrap();
        match read::events(&Document::parse(label.as_str(), text).unwrap()) {
            Ok(mut read) => events.push((label, read.remove(0))),
            Err(problems) => found.extend(problems),
        }
    }
    let minors: Vec<_> = events.iter().map(|(label, event)| (label.as_str(), event)).collect();
    found.extend(compat::check_events(&minors, Policy::Additive));
    found.extend(events.last().iter().flat_map(|(_, newest)| lint::event(newest)));
    found
}

/// The findings in a file, as rule, severity and fixes.
fn shown(value: &Value) -> Vec<(&'static Rule, Severity, usize)> {
    if let Some(report) = pair(value) {
        report.changes.iter().map(|c| (c.rule, c.severity, c.help.len())).collect()
    } else {
        let all = versions(value["versions"].as_array().unwrap());
        all.iter().map(|d| (d.rule, d.severity, d.help.len())).collect()
    }
}

fn finds(name: &str, kind: &str) {
    let id = name.replace('_', "-");
    let rule = rules::find(&id).unwrap_or_else(|| panic!("no rule has the ID `{id}`"));
    let files = files(&id);
    let of_kind: Vec<_> = files.iter().filter(|(file, _)| file.starts_with(kind)).collect();
    assert!(!of_kind.is_empty(), "no `{kind}*.json` in {}", folder(&id).display());
    for (file, value) in of_kind {
        let all = shown(value);
        let found = all.iter().find(|(found, ..)| *found == rule);
        assert_eq!(found.is_some(), kind == "hit", "{id}/{file}: {all:?}");
        let Some((_, severity, help)) = found else { continue };
        let expected = match rule.level {
            Level::Warn => Severity::Warning,
            Level::Allow => Severity::Note,
            _ => Severity::Error,
        };
        assert_eq!(*severity, expected, "{id}/{file}");
        assert!(rule.level != Level::Break || *help > 0, "{id}/{file} has no way out");
    }
}

#[test]
fn list_folders_and_rules_agree() {
    let listed: BTreeSet<String> = LISTED.iter().map(|name| name.replace('_', "-")).collect();
    assert_eq!(listed.len(), LISTED.len(), "a rule is listed twice");
    let folders: BTreeSet<String> = fs::read_dir(folder(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(listed, folders, "list each folder of tests/rules in tests/rules.rs");
    for group in rules::groups().filter(|group| SUBJECTS.contains(&group.title)) {
        for rule in group.rules {
            assert!(folders.contains(rule.id), "no folder tests/rules/{}", rule.id);
        }
    }
    for id in &folders {
        for (file, value) in files(id) {
            assert!(file.starts_with("hit") || file.starts_with("miss"), "{id}/{file}");
            assert!(value.get("old").is_some() != value.get("versions").is_some(), "{id}/{file}");
        }
    }
}

#[test]
fn every_rule_over_every_pair() {
    let mut matrix = String::new();
    let folders: BTreeSet<String> = LISTED.iter().map(|name| name.replace('_', "-")).collect();
    for rule in folders {
        for (file, value) in files(&rule) {
            let Some(report) = pair(&value) else { continue };
            let _ = writeln!(matrix, "{rule}/{file}: {}", report.verdict.as_str());
            for change in &report.changes {
                let who: Vec<_> = change.breaks.iter().map(|b| b.as_str()).collect();
                let (severity, id) = (change.severity.as_str(), change.rule.id);
                let _ = writeln!(matrix, "  {severity} [{id}] {} {who:?}", change.message);
                if let Some(witness) = &change.witness {
                    let _ = writeln!(matrix, "    {witness}");
                }
            }
        }
    }
    insta::assert_snapshot!(matrix);
}
