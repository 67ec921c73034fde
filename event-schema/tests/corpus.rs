//! `tests/corpus/<rule>/`: at least one pair of schemas that the rule finds, and one that looks much the
//! same and that it doesn't find. Every pair runs through every rule; the whole is one snapshot.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use event_schema::compat::{self, Policy, Report};
use event_schema::diagnostic::Severity;
use event_schema::document::Document;
use event_schema::rules::{self, Level};
use event_schema::{model::Schema, read};
use serde_json::Value;

/// Rules about documents and families, which no pair of schemas shows.
const ELSEWHERE: [&str; 14] = [
    "layer-changed",
    "unresolved-reference",
    "remote-reference",
    "malformed-keyword",
    "malformed-pattern",
    "misspelt-name",
    "ignored-keyword",
    "example-contradicts-schema",
    "default-contradicts-schema",
    "malformed-schema",
    "schema-too-large",
    "not-a-schema",
    "payload-not-found",
    "removed-name-reused",
];

/// The rules that pairs of schemas show.
const GROUPS: [&str; 4] = ["Fields and objects", "Values", "Arrays", "Unions"];

fn schema(side: &str, pair: &Value) -> Schema {
    let doc = Document::parse(side, serde_json::to_string_pretty(&pair[side]).unwrap()).unwrap();
    if pair[side].get("openapi").is_some() {
        return read::events(&doc).unwrap().remove(0).payload;
    }
    let usual = pair[side].get("$schema").is_none().then_some(read::Dialect::Modern);
    read::schema_with(&doc, usual, &|_| None).unwrap()
}

/// Rule → file → what is found there.
fn corpus() -> BTreeMap<String, BTreeMap<String, Report>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus");
    let mut out: BTreeMap<String, BTreeMap<String, Report>> = BTreeMap::new();
    for folder in std::fs::read_dir(root).unwrap().map(|f| f.unwrap().path()) {
        for file in std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path()) {
            let pair: Value =
                serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
            let report =
                compat::check(&schema("old", &pair), &schema("new", &pair), Policy::Additive);
            let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
            out.entry(name(&folder)).or_default().insert(name(&file), report);
        }
    }
    out
}

#[test]
fn each_rule_finds_its_hits_and_not_its_misses() {
    let corpus = corpus();
    let known: BTreeSet<_> = rules::all().map(|r| r.id).collect();
    for rule in rules::groups()
        .filter(|group| GROUPS.contains(&group.title))
        .flat_map(|group| group.rules.iter().copied())
        .filter(|r| !ELSEWHERE.contains(&r.id))
    {
        let files = corpus.get(rule.id).unwrap_or_else(|| panic!("no corpus for `{}`", rule.id));
        for kind in ["hit", "miss"] {
            assert!(files.keys().any(|f| f.starts_with(kind)), "no {kind} for `{}`", rule.id);
        }
        for (file, report) in files {
            let found = report.changes.iter().find(|c| c.rule.id == rule.id);
            assert_eq!(
                found.is_some(),
                file.starts_with("hit"),
                "{}/{file}: {:?}",
                rule.id,
                report.changes
            );
            let Some(change) = found else { continue };
            let wanted = match rule.level {
                Level::Warn => Severity::Warning,
                Level::Allow => Severity::Note,
                _ => Severity::Error,
            };
            assert_eq!(change.severity, wanted, "{}/{file}", rule.id);
            assert!(rule.level != Level::Break || !change.help.is_empty(), "{}/{file}", rule.id);
        }
    }
    for folder in corpus.keys() {
        assert!(known.contains(folder.as_str()), "the corpus has `{folder}`, which is no rule");
    }
}

#[test]
fn every_rule_over_every_pair() {
    let mut matrix = String::new();
    for (rule, files) in corpus() {
        for (file, report) in files {
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
