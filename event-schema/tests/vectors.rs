//! Public pairs of schemas whose changes are known to be breaking or safe. Requires `EVENT_VECTORS`, the
//! folder of `compat.jsonl`.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that reports its figures")]

use std::collections::BTreeMap;
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

/// Why we believe that a row's label is wrong: it calls a change safe, but another validator accepts our
/// witness on one side and rejects it on the other.
fn reason(row: &Value, witness: &Value) -> &'static str {
    if row["dialect"] == "draft-04" && any_point(witness) {
        "draft 4: a listed 1 may be written 1.0, which is not an integer there"
    } else if row["dialect"] == "draft-04" {
        "draft 4: `id` changes what a reference below it leads to"
    } else {
        "formats are asserted"
    }
}

/// Whether an integer in the value is written with a point.
fn any_point(value: &Value) -> bool {
    match value {
        Value::Number(n) => n.is_f64() && n.as_f64().is_some_and(|d| d.fract() == 0.0),
        Value::Array(items) => items.iter().any(any_point),
        Value::Object(members) => members.values().any(any_point),
        _ => false,
    }
}

/// Whether the witness shows that a row's label is wrong, by the `jsonschema` crate in the row's dialect,
/// with formats asserted.
fn contradicted(row: &Value, backward: bool, witness: &Value) -> bool {
    let draft = match row["dialect"].as_str().unwrap() {
        "draft-04" => jsonschema::Draft::Draft4,
        "draft-06" => jsonschema::Draft::Draft6,
        "draft-07" => jsonschema::Draft::Draft7,
        "2019-09" => jsonschema::Draft::Draft201909,
        _ => jsonschema::Draft::Draft202012,
    };
    let valid = |side: &str| {
        let options = jsonschema::options().with_draft(draft).should_validate_formats(true);
        options.build(&row[side]).ok().map(|schema| schema.is_valid(witness))
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
    let (mut breaks, mut missed, mut safe, mut alarms) = (0, 0, 0, 0);
    let mut wrong: BTreeMap<&str, Vec<String>> = BTreeMap::new();
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
                if let Some(witness) = shown.filter(|_| breaking) {
                    let row_and_witness = format!("{direction} {id}: {witness}");
                    wrong.entry(reason(&row, &witness)).or_default().push(row_and_witness);
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
    for (reason, rows) in &wrong {
        eprintln!("{} ROWS LABELLED WRONG ({reason}):\n   {}", rows.len(), rows.join("\n   "));
    }
    let wrong: usize = wrong.values().map(Vec::len).sum();
    eprintln!(
        "{breaks} breaks, {missed} missed; {safe} safe, {wrong} of them by a wrong label, {alarms} false alarms; p50 {:?}, p99 {:?}, slowest {:?}",
        at(500).map(|t| t.0),
        at(990).map(|t| t.0),
        times.last()
    );
    assert_eq!(missed, 0);
    assert!(alarms * 200 <= safe, "{alarms} false alarms on {safe} safe rows");
    assert!(wrong <= 23, "{wrong} labels are contradicted: are all of these witnesses right?");
}
