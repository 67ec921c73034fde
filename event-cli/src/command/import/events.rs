//! Names the events of an import, and checks that documents with one name belong together.

use std::collections::{BTreeMap, BTreeSet};

use event_codegen::Project;
use event_folder::load::EventName;
use event_folder::problem;
use event_schema::diagnostic::{Diagnostic, Related};
use event_schema::rules;

use super::Import;
use super::numbers;
use crate::foreign::{self, Evidence, Foreign, Number};

/// A document that is an event, with its name.
pub(super) struct Event<'d> {
    pub(super) at: usize,
    pub(super) document: &'d Foreign,
    pub(super) named: Evidence,
    /// The number that applies.
    pub(super) number: Option<Number>,
}

/// Groups the events by registry and type.
pub(super) fn names<'d>(
    args: &Import,
    project: &Project,
    documents: &'d [Foreign],
    events: &[usize],
    problems: &mut Vec<Diagnostic>,
) -> BTreeMap<EventName, Vec<Event<'d>>> {
    let own: Vec<&Foreign> = events.iter().map(|at| &documents[*at]).collect();
    let called = foreign::called(&own);
    let known: BTreeSet<&String> = project.folder.events.keys().map(|n| &n.registry).collect();
    let only = known.first().filter(|_| known.len() == 1).map(|r| (*r).clone());
    let mut out: BTreeMap<EventName, Vec<Event<'d>>> = BTreeMap::new();
    let mut homeless: Vec<&str> = Vec::new();
    for ((at, document), (named, event)) in events.iter().zip(own).zip(called) {
        let (named, event) = match &args.name {
            Some(name) => (Evidence::Option, name.clone()),
            None => (named, event),
        };
        let registry = match (args.registry.as_ref().or(document.registry.as_ref()), &only) {
            (Some(said), _) => {
                let given = args.registry.as_ref().map(|_| Evidence::Option);
                foreign::folder(said, given, &document.shown)
            }
            (None, Some(only)) => Ok(only.clone()),
            (None, None) => {
                homeless.push(&document.shown);
                continue;
            }
        };
        match (registry, foreign::folder(&event, Some(named), &document.shown)) {
            (Ok(registry), Ok(event)) => {
                let name = EventName { registry, event };
                if args.infer && project.folder.events.contains_key(&name) {
                    let message = format!("the event `{}` already has a schema", name.event);
                    let d = problem::file_exists(&document.shown, message);
                    problems.push(d.with_help(format!(
                        "check the samples against it: `cargo event validate {} FILE`; or write its next version: `cargo event new-version {0}`",
                        name.event
                    )));
                    continue;
                }
                out.entry(name).or_default().push(Event {
                    at: *at,
                    document,
                    named,
                    number: document.number.map(|(_, n)| n),
                });
            }
            (registry, event) => {
                problems.extend([registry.err(), event.err()].into_iter().flatten().map(|d| *d));
            }
        }
    }
    if let Some(first) = homeless.first() {
        let message = match homeless.len() {
            1 => "neither the document nor its path states the registry".to_owned(),
            n => format!("the registry of this file and {} more is not stated", n - 1),
        };
        let d = problem::unknown_registry(first, message);
        problems.push(d.with_help("name it: `cargo event import --registry REGISTRY FILES`"));
    }
    out
}

/// Keeps the newest document of each event, numbered only by its major.
pub(super) fn newest<'d>(
    named: BTreeMap<EventName, Vec<Event<'d>>>,
    left_out: &mut Vec<String>,
) -> BTreeMap<EventName, Vec<Event<'d>>> {
    let mut out = BTreeMap::new();
    for (name, mut events) in named {
        let number = |event: &Event<'_>| event.document.number.map(|(_, n)| n);
        events.sort_by_key(|event| numbers::rank(number(event)));
        let Some(mut last) = events.pop() else { continue };
        left_out.extend(events.iter().map(|event| {
            format!("`{}`, an earlier version of `{}`", event.document.shown, name.event)
        }));
        last.number = last.number.map(|n| match n {
            Number::Full(major, ..) => Number::Major(major),
            Number::Ours(version) => Number::Major(version.major),
            other => other,
        });
        out.insert(name, vec![last]);
    }
    out
}

/// Checks that documents of one event share evidence and have different numbers.
pub(super) fn meet(
    args: &Import,
    named: &BTreeMap<EventName, Vec<Event<'_>>>,
    problems: &mut Vec<Diagnostic>,
) {
    let mut spelled: BTreeMap<(&str, String), &EventName> = BTreeMap::new();
    for (name, events) in named {
        let key = (name.registry.as_str(), name.event.to_lowercase());
        if let Some(other) = spelled.insert(key, name)
            && let (Some(a), Some(b)) = (named.get(other).and_then(|e| e.first()), events.first())
        {
            let message = format!(
                "`{}` and `{}` would be the same folder on file systems that ignore case",
                other.event, name.event
            );
            problems.push(both(a.document, b.document, message));
        }
        let Some(first) = events.first().filter(|_| args.name.is_none()) else { continue };
        for (i, event) in events.iter().enumerate().skip(1) {
            if !share(first.document, event.document) {
                let message = format!(
                    "two documents would be the event `{}`, but nothing states that they are versions of it",
                    name.event
                );
                problems.push(both(first.document, event.document, message));
                continue;
            }
            let same = |e: &&Event<'_>| {
                let (a, b) = (e.document, event.document);
                a.number.map(|(_, n)| n) == b.number.map(|(_, n)| n)
                    && (a.number.is_some() || a.major == b.major)
                    && a.text != b.text
            };
            if let Some(other) = events[..i].iter().find(same) {
                let number =
                    event.document.number.map_or_else(String::new, |(_, n)| format!(" {n}"));
                let message =
                    format!("two documents would be the same version of `{}`{number}", name.event);
                problems.push(both(other.document, event.document, message));
            }
        }
    }
}

fn both(a: &Foreign, b: &Foreign, message: String) -> Diagnostic {
    let mut d = Diagnostic::error(&rules::IMPORT_NAMES_MEET, b.shown.as_str().into(), message);
    d.related.push(Related {
        file: a.shown.as_str().into(),
        span: None,
        pos: None,
        label: "the other one".to_owned(),
    });
    d.with_help(format!(
        "the other one is `{}`: import each with its own command and `--name NAME`",
        a.shown
    ))
    .with_help("or state what the paths mean: `--layout '{event}/{version}.json'`")
}

/// Returns whether two documents with one name are versions of one event: they share their place, or a name that is
/// not from the path.
fn share(a: &Foreign, b: &Foreign) -> bool {
    let said = |d: &Foreign| -> BTreeSet<(Evidence, String)> {
        d.names.iter().filter(|(e, _)| *e != Evidence::Path).cloned().collect()
    };
    a.place == b.place || !said(a).is_disjoint(&said(b))
}
