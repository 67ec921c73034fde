//! `import --infer`: sample events into first schemas, one for all samples of an event.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use event_registry::name;
use event_schema::diagnostic::Diagnostic;
use event_schema::infer;
use event_schema::rules;
use serde_json::{Map, Value};

use crate::foreign::{self, Foreign};
use crate::input::Input;

/// Most samples that are read at once.
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

/// Reads samples (a file holds one, a list of them, or one a line), and makes a schema of each event; `event` is
/// the type of all of them, where the caller says it.
///
/// # Errors
///
/// Every file that is not JSON or holds something else than objects.
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
                    let message = format!("more than {MOST} samples; a few hundred say as much");
                    problems.push(Diagnostic::error(
                        &rules::BAD_SAMPLE,
                        shown.as_str().into(),
                        message,
                    ));
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
                let d = Diagnostic::error(
                    &rules::BAD_SAMPLE,
                    group.from.as_str().into(),
                    mixed.to_string(),
                );
                problems.push(d.with_help("infer a schema of one event at a time"));
            }
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

/// The samples of a file.
fn samples(path: &Path) -> Result<(String, Vec<Sample>), Box<Diagnostic>> {
    let mut input = Input::open(path)?;
    let text = input.text()?;
    let shown = input.shown;
    let bad = |message: String| {
        let d = Diagnostic::error(&rules::BAD_SAMPLE, shown.as_str().into(), message);
        Box::new(d.with_help("a file holds one event, a list of events, or one event a line"))
    };
    let values: Vec<Value> = match serde_json::from_str::<Value>(&text) {
        Ok(Value::Array(all)) => all,
        Ok(one) => vec![one],
        Err(whole) => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            let lines: Result<Vec<Value>, _> = lines.map(serde_json::from_str).collect();
            lines.map_err(|_| bad(format!("not JSON: {whole}")))?
        }
    };
    if values.is_empty() {
        return Err(bad("the file holds no event".to_owned()));
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

/// The event's type and major: what the sample says, else the file's name.
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
