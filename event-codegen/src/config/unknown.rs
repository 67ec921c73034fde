//! Names in the configuration that the schema folder does not have: a typo would silently have no effect.

use std::collections::BTreeSet;

use event_folder::family::{Checked, Family};
use event_folder::load::EventName;
use event_folder::problem::{self, help};
use event_schema::diagnostic::Diagnostic;
use event_schema::settings::{Place, did_you_mean};
use event_shape::TYPED_FORMATS;

use super::Config;

/// The formats that JSON Schema 2020-12 defines (its specification, section 7.3) and that have no Rust type
/// by default: a folder without them may get one later.
const STANDARD: [&str; 12] = [
    "email",
    "hostname",
    "idn-email",
    "idn-hostname",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
];

impl Config {
    /// Names in the configuration that these events do not have. Sources and formats in code are not
    /// checked, because one build script may serve several folders.
    pub(crate) fn unknown(&self, families: &[Family<Checked>]) -> Vec<Diagnostic> {
        let registries: BTreeSet<&str> =
            families.iter().map(|f| f.name.registry.as_str()).collect();
        let full = families.iter().map(|f| format!("{}/{}", f.name.registry, f.name.event));
        let full: BTreeSet<String> = full.collect();
        let events = || registries.iter().copied().chain(full.iter().map(String::as_str));
        let mut problems = Vec::new();
        for name in self.tolerant.iter().filter(|t| !events().any(|e| e == *t)) {
            let message = format!("`tolerant(\"{name}\")`: no such registry or event");
            let in_code = || problem::unknown_event(&self.schemas.to_string_lossy(), message);
            let there = self.places.get(&("tolerant", name.clone()));
            let in_file = || Some(there?.wrong(format!("no registry or event `{name}`")));
            problems.push(help(
                in_file().unwrap_or_else(in_code),
                &[
                    "use the name of a registry's folder, or `registry/event.type`",
                    &did_you_mean(name, events()),
                ],
            ));
        }
        let in_code = || !self.places.keys().any(|(key, _)| *key == "home");
        if let Some(home) = self.home.as_deref().filter(|h| in_code() && !registries.contains(h)) {
            let message = format!("`home(\"{home}\")`: no such registry");
            let d = problem::unknown_event(&self.schemas.to_string_lossy(), message);
            problems.push(help(d, &[&did_you_mean(home, registries.iter().copied())]));
        }
        for ((key, name), place) in &self.places {
            if matches!(*key, "sources" | "home") && !registries.contains(name.as_str()) {
                let d = place.wrong(format!("no registry `{name}`"));
                problems.push(help(d, &[&did_you_mean(name, registries.iter().copied())]));
            }
            if *key == "formats" && !known_format(name, families) {
                let d = place.wrong(format!("no schema has a string of the format `{name}`"));
                let known = used(families).chain(TYPED_FORMATS).collect::<BTreeSet<_>>();
                problems.push(help(d, &[&did_you_mean(name, known.into_iter())]));
            }
        }
        problems
    }
}

impl Config {
    /// Names of `layer` that the folder does not have.
    pub(crate) fn unknown_layers(&self, events: &BTreeSet<EventName>) -> Vec<Diagnostic> {
        let full: Vec<String> =
            events.iter().map(|e| format!("{}/{}", e.registry, e.event)).collect();
        let known: BTreeSet<&str> = events
            .iter()
            .map(|e| e.registry.as_str())
            .chain(full.iter().map(String::as_str))
            .collect();
        let stated = self.places.iter().filter(|((key, _), _)| *key == "layer");
        let unknown = stated.filter(|((_, name), _)| !known.contains(name.as_str()));
        let problem = |((_, name), place): (&(&str, String), &Place)| {
            let d = place.wrong(format!("no registry or event `{name}`"));
            help(d, &[&did_you_mean(name, known.iter().copied())])
        };
        unknown.map(problem).collect()
    }
}

fn known_format(name: &str, families: &[Family<Checked>]) -> bool {
    TYPED_FORMATS.contains(&name) || STANDARD.contains(&name) || used(families).any(|f| f == name)
}

/// The string formats in the schemas.
fn used(families: &[Family<Checked>]) -> impl Iterator<Item = &str> {
    let nodes = families.iter().flat_map(|f| &f.members).flat_map(|m| m.event.payload.nodes());
    nodes.filter_map(|(_, node)| node.string.as_ref()?.format.as_deref())
}
