//! The duration of a backward check, in this project and in other crates: the same pairs, one run.
//!
//! `event-compare FOLDER` reads `FOLDER/compat.jsonl`, one pair per line: `old`, `new`, `backward`
//! (`break` or `safe`). Work that a crate does once per schema is done before the clock starts: our
//! model, `jsoncompat`'s document, `jsonschema`'s canonical form. The values that our model caches
//! after its first comparison are computed before the clock starts, too; `event-schema, new models`
//! uses models that were never compared. `json-schema-diff` takes JSON values and parses them as
//! part of the comparison, so its figure includes that. Each pair is compared once unmeasured, then
//! the faster of two runs counts. A pair that a crate refuses, crashes on or takes more than five
//! seconds for counts as not answered, and has no time; a ratio covers the pairs that both answer.
//! Some crates crash on recursive schemas, so each runs in a process of its own, which is started
//! again after such a pair.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use event_schema::compat::{self, Policy, Verdict};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::read::{self, Dialect};
use serde_json::Value;
use serde_json::value::RawValue;

/// The answer of a checker for a pair: whether it breaks, and the duration.
type Answer = Option<(bool, Duration)>;
/// A checker: its name, and its function.
type Checker = (&'static str, fn(&Row) -> Answer);

const CHECKERS: [Checker; 5] = [
    ("event-schema", event_schema),
    ("event-schema, new models", event_schema_new),
    ("json-schema-diff", json_schema_diff),
    ("jsoncompat", jsoncompat),
    ("jsonschema canonical", canonical),
];

/// A pair of schemas.
struct Row {
    old: Side,
    new: Side,
    dialect: Dialect,
    breaks: Option<bool>,
}

type Failure = Box<dyn std::error::Error>;

/// The maximum duration for a pair.
const PATIENCE: Duration = Duration::from_secs(5);

/// A schema: as it is in the file (numbers of any length), and as the JSON value.
struct Side {
    text: String,
    value: Value,
}

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let folder = args.first().ok_or("usage: event-compare FOLDER")?;
    let text = std::fs::read_to_string(std::path::Path::new(folder).join("compat.jsonl"))?;
    let rows = text.lines().map(row).collect::<Result<Vec<Row>, _>>()?;
    // with a checker's name and an index, this is one of the processes that `ask` starts
    match args.get(1..3) {
        Some([checker, from]) => answer(checker, from.parse()?, rows),
        _ => report(folder, &rows),
    }
}

/// Answers the pairs from an index on, a line each.
fn answer(checker: &str, from: usize, rows: Vec<Row>) -> Result<(), Failure> {
    let known = CHECKERS.into_iter().find(|(name, _)| *name == checker);
    let (_, check) = known.ok_or("no such checker")?;
    let work = move || -> std::io::Result<()> {
        let mut out = std::io::stdout();
        for row in rows.iter().skip(from) {
            match check(row) {
                Some((breaks, time)) => writeln!(out, "{breaks} {}", time.as_nanos())?,
                None => writeln!(out, "none")?,
            }
        }
        Ok(())
    };
    // some of the crates recurse as deep as a schema does
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(work)?;
    thread.join().map_err(|_| "the checker panicked")??;
    Ok(())
}

/// All answers of a checker.
fn ask(checker: &str, folder: &str, count: usize) -> Result<Vec<Answer>, Failure> {
    let mut answers: Vec<Answer> = Vec::new();
    while answers.len() < count {
        // two gigabytes: a crate that requests more does not return
        let mut child = Command::new("sh")
            .args(["-c", "ulimit -v 2000000; exec \"$@\"", "sh"])
            .arg(std::env::current_exe()?)
            .args([folder, checker, &answers.len().to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no pipe")?;
        let (sender, lines) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        while let Ok(line) = lines.recv_timeout(PATIENCE) {
            let parts = line.split_once(' ');
            answers.push(match parts {
                Some((breaks, time)) => {
                    Some((breaks == "true", Duration::from_nanos(time.parse()?)))
                }
                None => None,
            });
        }
        child.kill()?;
        child.wait()?;
        let _ = reader.join();
        if answers.len() < count {
            answers.push(None);
        }
    }
    Ok(answers)
}

fn row(line: &str) -> Result<Row, serde_json::Error> {
    let members: BTreeMap<&str, &RawValue> = serde_json::from_str(line)?;
    let text = |name: &str| members.get(name).map_or("null", |v| v.get());
    let dialect = match text("dialect") {
        "\"draft-04\"" => Dialect::Draft4,
        "\"draft-06\"" | "\"draft-07\"" => Dialect::Draft7,
        _ => Dialect::Modern,
    };
    let breaks = match text("backward") {
        "null" => None,
        said => Some(said == "\"break\""),
    };
    let side = |name: &str| -> Result<Side, serde_json::Error> {
        Ok(Side { text: text(name).to_owned(), value: serde_json::from_str(text(name))? })
    };
    Ok(Row { old: side("old")?, new: side("new")?, dialect, breaks })
}

fn report(folder: &str, rows: &[Row]) -> Result<(), Failure> {
    let mut ours: Vec<Answer> = Vec::new();
    println!(
        "{:26}{:>9}{:>12}{:>12}{:>12}{:>12}{:>9}{:>14}",
        "", "answered", "p50", "p99", "p50 ratio", "p99 ratio", "missed", "false alarms"
    );
    for (name, _) in CHECKERS {
        let answers = ask(name, folder, rows.len())?;
        if ours.is_empty() {
            ours.clone_from(&answers);
        }
        let times: Vec<Duration> = answers.iter().flatten().map(|a| a.1).collect();
        let both: Vec<(Duration, Duration)> =
            answers.iter().zip(&ours).filter_map(|(a, b)| Some(((*a)?.1, (*b)?.1))).collect();
        let (theirs, here): (Vec<_>, Vec<_>) = both.into_iter().unzip();
        let ratio = |share| at(&theirs, share).as_secs_f64() / at(&here, share).as_secs_f64();
        let faults = |breaks: bool| {
            let wrong = |(row, answer): &(&Row, &Answer)| {
                row.breaks == Some(breaks) && answer.is_some_and(|a| a.0 != breaks)
            };
            rows.iter().zip(&answers).filter(wrong).count()
        };
        println!(
            "{name:26}{:>9}{:>12}{:>12}{:>12}{:>12}{:>9}{:>14}",
            times.len(),
            format!("{:.1?}", at(&times, 500)),
            format!("{:.1?}", at(&times, 990)),
            format!("{:.2}", ratio(500)),
            format!("{:.2}", ratio(990)),
            faults(true),
            faults(false),
        );
    }
    println!(
        "{} pairs; a ratio above 1 is slower than event-schema on the pairs that both answer",
        rows.len()
    );
    Ok(())
}

/// The time that this many of a thousand stay within; zero if there are none.
fn at(times: &[Duration], share: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() * share / 1000).copied().unwrap_or_default()
}

/// Runs once to warm up; then the faster of two counts.
fn measure(mut check: impl FnMut() -> Option<bool>) -> Answer {
    let breaks = check()?;
    let mut best = Duration::MAX;
    for _ in 0..2 {
        let start = Instant::now();
        std::hint::black_box(check());
        best = best.min(start.elapsed());
    }
    Some((breaks, best))
}

fn event_schema(row: &Row) -> Answer {
    let (old, new) = models(row)?;
    measure(|| breaks(&old, &new))
}

fn event_schema_new(row: &Row) -> Answer {
    let mut pairs = Vec::new();
    for _ in 0..3 {
        pairs.push(models(row)?);
    }
    let mut pairs = pairs.iter();
    measure(|| pairs.next().and_then(|(old, new)| breaks(old, new)))
}

fn models(row: &Row) -> Option<(Schema, Schema)> {
    let model = |side: &Side| {
        let document = Document::parse("a.json", side.text.as_str()).ok()?;
        let dialect = side.value.get("$schema").is_none().then_some(row.dialect);
        read::schema_with(&document, dialect, &|_| None).ok()
    };
    Some((model(&row.old)?, model(&row.new)?))
}

fn breaks(old: &Schema, new: &Schema) -> Option<bool> {
    Some(compat::check(old, new, Policy::Backward).verdict == Verdict::Breaking)
}

fn json_schema_diff(row: &Row) -> Answer {
    // it takes the values by value: they are cloned before the clock starts
    let mut copies = vec![(row.old.value.clone(), row.new.value.clone()); 3];
    measure(|| {
        let (old, new) = copies.pop()?;
        let changes = json_schema_diff::diff(old, new).ok()?;
        Some(changes.iter().any(|c| c.change.is_breaking()))
    })
}

fn jsoncompat(row: &Row) -> Answer {
    let document = |value: &Value| jsoncompat::SchemaDocument::from_json(value).ok();
    let (old, new) = (document(&row.old.value)?, document(&row.new.value)?);
    measure(|| {
        jsoncompat::check_compat(&old, &new, jsoncompat::Role::Deserializer).ok().map(|ok| !ok)
    })
}

fn canonical(row: &Row) -> Answer {
    let form = |value: &Value| {
        let draft = match row.dialect {
            Dialect::Draft4 => jsonschema::Draft::Draft4,
            Dialect::Draft7 => jsonschema::Draft::Draft7,
            _ => jsonschema::Draft::Draft202012,
        };
        let options = jsonschema::canonical::options();
        let options =
            if value.get("$schema").is_none() { options.with_draft(draft) } else { options };
        options.canonicalize(value).ok()
    };
    let (old, new) = (form(&row.old.value)?, form(&row.new.value)?);
    // undecided is not an answer
    measure(|| match new.covers(&old).ok()? {
        jsonschema::canonical::Containment::Yes => Some(false),
        jsonschema::canonical::Containment::No => Some(true),
        _ => None,
    })
}
