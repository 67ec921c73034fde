//! `import --infer`: infers a first schema from all samples of an event.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use event_registry::name;
use event_schema::diagnostic::Diagnostic;
use event_schema::infer;
use event_schema::rules;
use serde_json::{Map, Value};

use crate::foreign::{self, Foreign};
use crate::input::Input;

/// The largest number of samples in one run.
const MOST: usize = 10_000;

type Sample = Map<String, Value>;

/// The samples of one event.
#[derive(Default)]
struct Group {
    /// The first file with one.
    from: String,
    major: Option<u32>,
    samples: Vec<Sample>,
}

/// Reads samples (a file contains one, a list of them, or one per line), and infers a schema of each event. `event` is
/// the type of all samples, if it is given.
///
/// # Errors
///
/// Every file that is not JSON or contains something other than objects.
pub(super) fn documents(
    given: &[PathBuf],
    event: Option<&str>,
) -> Result<Vec<Foreign>, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut count = 0;
    for found in foreign::samples(given)? {
        let path = found.path;
        match samples(&path) {
            Ok((shown, samples)) => {
                count += samples.len();
                if count > MOST {
                    let message = format!("the samples are too many: expected at most {MOST}");
                    let d = bad_sample(&shown, message);
                    problems.push(d.with_help("give fewer samples: a few hundred are enough"));
                    break;
                }
                for sample in samples {
                    let (own, major) = named(&sample, &path);
                    let event = event.map_or(own, str::to_owned);
                    let group = groups.entry(event).or_insert_with(|| Group {
                        from: shown.clone(),
                        major,
                        samples: Vec::new(),
                    });
                    group.samples.push(sample);
                }
            }
            Err(problem) => problems.push(*problem),
        }
    }
    let mut out = Vec::new();
    for (event, group) in groups {
        let component = infer::component(&event);
        match infer::document(&group.samples, &component, true) {
            Ok(document) => {
                let text = format!("{document:#}\n");
                match Foreign::inferred(group.from, text, event, group.major) {
                    Ok(document) => out.push(document),
                    Err(problem) => problems.push(*problem),
                }
            }
            Err(mixed) => {
                let d = bad_sample(&group.from, mixed.to_string());
                problems.push(d.with_help("infer the schema of one event at a time"));
            }
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

fn bad_sample(shown: &str, message: String) -> Diagnostic {
    Diagnostic::error(&rules::BAD_SAMPLE, shown.into(), message)
}

/// Reads the samples of a file.
fn samples(path: &Path) -> Result<(String, Vec<Sample>), Box<Diagnostic>> {
    let mut input = Input::open(path)?;
    let text = input.text()?;
    let shown = input.shown;
    let bad = |message: String| {
        let d = bad_sample(&shown, message);
        Box::new(d.with_help("write one event, a list of events, or one event per line"))
    };
    let values: Vec<Value> = match serde_json::from_str::<Value>(&text) {
        Ok(Value::Array(all)) => all,
        Ok(one) => vec![one],
        Err(whole) => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            let lines: Result<Vec<Value>, _> = lines.map(serde_json::from_str).collect();
            lines.map_err(|_| bad(format!("failed to parse the samples: {whole}")))?
        }
    };
    if values.is_empty() {
        return Err(bad("the file contains no events".to_owned()));
    }
    let mut out = Vec::with_capacity(values.len());
    for (i, value) in values.into_iter().enumerate() {
        match value {
            Value::Object(sample) => out.push(sample),
            _ => return Err(bad(format!("event {} is not a JSON object", i + 1))),
        }
    }
    Ok((shown, out))
}

/// Returns the type and the major of an event: what the sample states, else the name of the file.
fn named(sample: &Sample, path: &Path) -> (String, Option<u32>) {
    let text = |name: &str| sample.get(name).and_then(Value::as_str);
    if infer::is_delivered(sample)
        && let Some(detail_type) = text("detail-type")
    {
        return match name::detail_type(detail_type) {
            Some((event, major)) => (event.to_owned(), Some(major)),
            None => (detail_type.to_owned(), None),
        };
    }
    let envelope = ["id", "source", "occurredAt", "data"].iter().all(|n| sample.contains_key(*n));
    if envelope && let Some(event) = text("type") {
        let major = text("version").and_then(|v| v.strip_prefix('v')?.parse().ok());
        return (event.to_owned(), major);
    }
    let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    // `order.placed-3.json` is the third sample of an event
    let bare = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let bare = bare.strip_suffix(['-', '_', '.', '@']).unwrap_or(&stem);
    (if bare.is_empty() { stem.clone() } else { bare.to_owned() }, None)
}
