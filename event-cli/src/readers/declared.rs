//! Readers as topologies and files of patterns declare them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_folder::load::EventName;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use event_topology::plan::Plan;

use super::{Evidence, Found, Kind, Reads, Sighting};
use crate::input::Input;
use crate::patterns::{self, Major};

/// The file that a service writes its topology to.
const FILE: &str = "topology.json";

/// How deep below the current directory topologies are looked for.
const DEPTH: usize = 6;

/// Adds what the files declare of an event.
///
/// # Errors
///
/// Files that cannot be read.
pub(crate) fn gather(
    topologies: &[PathBuf],
    files: &[PathBuf],
    event: &EventName,
    majors: &[Major<'_>],
    found: &mut Found,
) -> Result<(), Vec<Diagnostic>> {
    let topologies =
        if topologies.is_empty() { below(Path::new(".")) } else { topologies.to_vec() };
    let (mut problems, mut undecided, mut patterns) = (Vec::new(), Vec::new(), 0);
    for path in topologies.iter().chain(files) {
        let read = Input::open(path).and_then(|mut input| {
            let text: Arc<str> = input.text()?.into();
            patterns::find(&input.shown, &text)
        });
        match read {
            Ok(all) => {
                patterns += all.len();
                for one in &all {
                    undecided.extend(sight(one, event, majors, found));
                }
            }
            Err(problem) => problems.push(*problem),
        }
    }
    let count = crate::command::count;
    found.evidence.push(Evidence {
        kind: Kind::Declared,
        looked_at: format!(
            "{} in {} and {} of patterns",
            count(patterns, "pattern"),
            topologies_of(topologies.len()),
            count(files.len(), "file"),
        ),
        problems: undecided,
    });
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn topologies_of(n: usize) -> String {
    if n == 1 { "1 topology".to_owned() } else { format!("{n} topologies") }
}

/// Adds the majors of an event that a pattern reads; why that is not known, where it is not.
fn sight(
    one: &patterns::Found,
    event: &EventName,
    majors: &[Major<'_>],
    found: &mut Found,
) -> Option<String> {
    let place = format!("{}:{}", one.file, one.place.pos);
    let name = format!("{} `{}`", one.kind.as_str(), one.name);
    let lowered = match &one.pattern {
        Ok(lowered) => lowered,
        Err(mistakes) => {
            let why = mistakes.all.first().map(|(_, why)| why.clone()).unwrap_or_default();
            return Some(format!("{place}: {name}: {why}"));
        }
    };
    if one.kind == patterns::Kind::Archive {
        return None;
    }
    let judged = patterns::judge(&lowered.pattern, majors);
    let matches = judged.matches.iter().map(|at| (&majors[*at], None));
    let undeclared = judged.undeclared.iter().map(|(at, why)| (&majors[*at], Some(why)));
    for (major, undeclared) in matches.chain(undeclared).filter(|(m, _)| m.event == event) {
        let unknown = lowered.unknown.first().map(|(_, why)| why);
        let reads = match unknown.or(undeclared) {
            _ if one.disabled => Reads::Not("the rule is disabled".to_owned()),
            Some(why) => Reads::Maybe(why.clone()),
            None => Reads::Yes,
        };
        found.sightings.push(Sighting {
            major: major.major,
            kind: Kind::Declared,
            who: one.consumer.clone().unwrap_or_else(|| one.name.clone()),
            bus: one.bus.clone(),
            place: place.clone(),
            details: vec![name.clone()],
            reads,
            measured: None,
        });
    }
    None
}

/// Reads a topology.
pub(crate) fn plan(path: &Path) -> Result<Plan, Box<Diagnostic>> {
    let mut input = Input::open(path)?;
    let text = input.text()?;
    serde_json::from_str(&text).map_err(|error| {
        let shown = input.shown.as_str();
        let message = format!("failed to read the topology: {error}");
        let d = Diagnostic::error(&rules::TOPOLOGY_UNREADABLE, shown.into(), message);
        Box::new(d.with_help(rules::TOPOLOGY_UNREADABLE.fix))
    })
}

/// Every topology below a folder, in order, without what is hidden, built or installed. No link is followed.
pub(crate) fn below(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let (Some(name), Ok(kind)) = (name.to_str(), entry.file_type()) else { continue };
            let passed_over = name.starts_with('.') || matches!(name, "target" | "node_modules");
            if kind.is_dir() && depth < DEPTH && !passed_over {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_file() && name == FILE {
                let path = entry.path();
                found.push(path.strip_prefix(".").map(Path::to_owned).unwrap_or(path));
            }
        }
    }
    found.sort();
    found
}
