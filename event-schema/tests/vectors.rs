//! Public pairs of schemas whose changes are known to break or to be safe.
//! Runs where `EVENT_VECTORS` names the folder of `compat.jsonl`.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that reports its figures")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use event_schema::compat::{self, Policy, Verdict};
use event_schema::diagnostic::Diagnostic;
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::read::{self, Dialect};
use serde_json::Value;

fn dialect(name: &str) -> Dialect {
    match name {
        "draft-04" => Dialect::Draft4,
        "draft-06" | "draft-07" => Dialect::Draft7,
        _ => Dialect::Modern,
    }
}

fn schema(side: &str, row: &Value) -> Result<Schema, Vec<Diagnostic>> {
    let value = &row[side];
    let stated = value.get("$schema").is_some();
    let dialect = (!stated).then(|| dialect(row["dialect"].as_str().unwrap()));
    let doc = Document::parse(side, value.to_string()).unwrap();
    read::schema_with(&doc, dialect, &|_| None)
}

/// Rows whose label we believe wrong, each with the reason.
const DISPUTED: [(&str, &str); 1] = [(
    "jsoncompat format_annotation_changed",
    "generated types hold formats: a reader with `uuid` refuses what `email` allows",
)];

/// The event that shows that a row's label is wrong, as the `jsonschema` crate sees it in the row's dialect.
fn contradicted(row: &Value, backward: bool, witness: &Value) -> bool {
    let draft = match row["dialect"].as_str().unwrap() {
        "draft-04" => jsonschema::Draft::Draft4,
        "draft-06" => jsonschema::Draft::Draft6,
        "draft-07" => jsonschema::Draft::Draft7,
        "2019-09" => jsonschema::Draft::Draft201909,
        _ => jsonschema::Draft::Draft202012,
    };
    let valid = |side: &str| {
        let built = jsonschema::options().with_draft(draft).build(&row[side]);
        built.ok().map(|schema| schema.is_valid(witness))
    };
    let (writer, reader) = if backward { ("old", "new") } else { ("new", "old") };
    valid(writer) == Some(true) && valid(reader) == Some(false)
}

#[test]
fn no_break_is_missed_and_hardly_a_safe_change_is_called_one() {
    let Some(folder) = std::env::var_os("EVENT_VECTORS").map(PathBuf::from) else {
        eprintln!("EVENT_VECTORS is not set: the public vectors were not run");
        return;
    };
    let text = std::fs::read_to_string(folder.join("compat.jsonl")).unwrap();
    let only = std::env::var("EVENT_VECTOR_ID").ok();
    let (mut breaks, mut missed, mut safe, mut alarms, mut wrong) = (0, 0, 0, 0, 0);
    let mut times: Vec<(Duration, String)> = Vec::new();
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let id = format!("{} {}", row["suite"].as_str().unwrap(), row["id"].as_str().unwrap());
        if only.as_ref().is_some_and(|only| *only != id) {
            continue;
        }
        let schemas = schema("old", &row).and_then(|old| Ok((old, schema("new", &row)?)));
        for (direction, policy) in [("backward", Policy::Backward), ("forward", Policy::Forward)] {
            let Some(expected) = row[direction].as_str() else { continue };
            let backward = policy == Policy::Backward;
            let (breaking, why, shown) = match &schemas {
                Ok((old, new)) => {
                    let start = Instant::now();
                    let report = compat::check(old, new, policy);
                    times.push((start.elapsed(), id.clone()));
                    let why: Vec<_> =
                        report.breaks().map(|c| format!("{}: {}", c.rule.id, c.message)).collect();
                    let shown = report
                        .breaks()
                        .filter_map(|c| c.witness.as_ref())
                        .find(|witness| contradicted(&row, backward, witness));
                    (report.verdict == Verdict::Breaking, why.join("; "), shown.cloned())
                }
                Err(problems) => (true, problems[0].headline(), None),
            };
            if expected == "break" {
                breaks += 1;
                if !breaking {
                    missed += 1;
                    eprintln!("MISSED {direction} {id}: {} → {}", row["old"], row["new"]);
                }
            } else {
                safe += 1;
                let disputed = DISPUTED.iter().find(|(row, _)| *row == id);
                if breaking && (shown.is_some() || disputed.is_some()) {
                    wrong += 1;
                    let reason = shown.map(|witness| format!("{witness} is valid for one alone"));
                    let reason = reason.or_else(|| Some(disputed?.1.to_owned()));
                    eprintln!(
                        "WRONG ROW {direction} {id}: {}; {} → {}",
                        reason.unwrap_or_default(),
                        row["old"],
                        row["new"]
                    );
                } else if breaking {
                    alarms += 1;
                    eprintln!(
                        "FALSE ALARM {direction} {id}: {} → {}\n   {why}",
                        row["old"], row["new"]
                    );
                }
            }
        }
    }
    times.sort();
    let at =
        |share: usize| times.get((times.len() * share / 1000).min(times.len().saturating_sub(1)));
    eprintln!(
        "{breaks} breaks, {missed} missed; {safe} safe, {wrong} of them wrongly, {alarms} false alarms; p50 {:?}, p99 {:?}, slowest {:?}",
        at(500).map(|t| t.0),
        at(990).map(|t| t.0),
        times.last()
    );
    assert_eq!(missed, 0);
    assert!(alarms * 200 <= safe, "{alarms} false alarms on {safe} safe rows");
}
