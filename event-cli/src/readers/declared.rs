//! Readers as topologies and files of patterns declare them.

use std::path::PathBuf;
use std::sync::Arc;

use event_folder::load::EventName;
use event_schema::diagnostic::Diagnostic;

use super::{Evidence, Found, Kind, Reads, Sighting};
use crate::input::Input;
use crate::patterns::{self, Major};
use crate::topologies;

/// Adds what the files declare of an event.
///
/// # Errors
///
/// Files and folders that cannot be read: a reader in them would be missed.
pub(crate) fn gather(
    topologies: &[PathBuf],
    files: &[PathBuf],
    event: &EventName,
    majors: &[Major<'_>],
    found: &mut Found,
) -> Result<(), Vec<Diagnostic>> {
    let (topologies, mut problems) = topologies::named_or_below(topologies);
    let (mut undecided, mut patterns) = (Vec::new(), 0);
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
