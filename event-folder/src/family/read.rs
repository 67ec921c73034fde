//! Reads events from files, and names them.
//!
//! The only event of a document has the name of its folder. If a document describes several events, each
//! keeps the name in the document, and the one that matches the folder takes the spelling of the folder.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::sync::Arc;

use event_schema::diagnostic::Diagnostic;
use event_schema::document::Document;
use event_schema::read::{self, EventSchema};
use event_schema::rules;
use event_schema::settings::Settings;

use super::{Family, Loaded, Member};
use crate::load::{EventName, Folder, SchemaFile, Version};
use crate::problem::{self, error, help, no_event, not_a_document};
use crate::refers::Files;
use crate::words::words;

/// Reads the schemas of a folder, with the settings of its `event.toml` ([`crate::settings::read`]). Returns the
/// readable ones beside the problems.
pub fn read(folder: &Folder, settings: &Settings) -> (Vec<Family<Loaded>>, Vec<Diagnostic>) {
    read_with(folder, settings, &Files::of(folder))
}

/// Does the same as [`read()`], and shares the files that schemas refer to with other callers.
pub fn read_with(
    folder: &Folder,
    settings: &Settings,
    files: &Files<'_>,
) -> (Vec<Family<Loaded>>, Vec<Diagnostic>) {
    let mut families: BTreeMap<EventName, Vec<Member>> = BTreeMap::new();
    let mut problems = Vec::new();
    // a lock that cannot be read is a problem of its own
    let retired = folder.parsed_lock().and_then(Result::ok).map(|lock| lock.retired);
    let retired = retired.unwrap_or_default();
    for (place, versions) in &folder.events {
        problems.extend(gaps(place, versions));
        let mut unreadable = false;
        let mut documents: Vec<(&SchemaFile, BTreeSet<EventName>)> = Vec::new();
        for file in versions.values() {
            match members(files, file, settings) {
                Ok(members) => {
                    documents.push((file, members.iter().map(|m| m.name.clone()).collect()));
                    for mut member in members {
                        let major = (member.name.clone(), member.version.major);
                        let place_of = (place.clone(), member.version.major);
                        member.retired = retired.contains(&major) || retired.contains(&place_of);
                        let family = families.entry(member.name.clone()).or_default();
                        match family.iter().find(|m| m.file.name != *place) {
                            Some(other) => problems.push(twice(&member, other)),
                            None => family.push(member),
                        }
                    }
                }
                Err(more) => {
                    unreadable = true;
                    problems.extend(more);
                }
            }
        }
        if !unreadable {
            problems.extend(removed(&documents));
        }
    }
    // a shared file that cannot be read is one problem, however many schemas refer to it
    problems.extend(files.broken());
    let family = |(name, members)| Family { name, members, state: PhantomData };
    (families.into_iter().map(family).collect(), problems)
}

/// Reads the events of one file.
fn members(
    files: &Files<'_>,
    file: &SchemaFile,
    settings: &Settings,
) -> Result<Vec<Member>, Vec<Diagnostic>> {
    let document = Document::parse(file.shown.clone(), file.text.clone())
        .map_err(|e| vec![not_a_document(&file.shown, &file.text, e)])?;
    let broken = Cell::new(false);
    let external = |reference: &str| {
        let (found, unreadable) = files.look(&file.path, reference);
        broken.set(broken.get() || unreadable);
        found
    };
    let layer = settings.layer(&file.name.registry, &file.name.event);
    let events = read::events_as(&document, layer, &external)
        .map_err(|problems| if broken.get() { Vec::new() } else { problems })?;
    if events.is_empty() {
        return Err(vec![no_event(&file.shown)]);
    }
    let names = names(file, &events)?;
    let document = Arc::new(document);
    let member = |(event, name)| Member {
        name,
        version: file.version,
        file: file.clone(),
        document: document.clone(),
        event,
        retired: false,
    };
    Ok(events.into_iter().zip(names).map(member).collect())
}

/// Names the events of a file. The only event of a file has the name of the folder, whatever the document calls it.
fn names(file: &SchemaFile, events: &[EventSchema]) -> Result<Vec<EventName>, Vec<Diagnostic>> {
    if events.len() == 1 {
        return Ok(vec![file.name.clone()]);
    }
    let wanted = lower(&file.name.event);
    let mut problems = Vec::new();
    let mut taken = BTreeSet::new();
    let mut out = Vec::new();
    for event in events {
        let own = if lower(&event.name) == wanted { &file.name.event } else { &event.name };
        if own.is_empty() || own.chars().any(char::is_control) {
            let message = "the document describes several events, and the name of one is empty or has control characters";
            problems.push(help(
                problem::bad_event_name(&file.shown, message),
                &["name its schema below `components.schemas`"],
            ));
        } else if !taken.insert(own) {
            let message = format!("the document describes two events with the name `{own}`");
            problems.push(help(
                problem::event_defined_twice(&file.shown, message),
                &["give the payload schema of each event its own name"],
            ));
        }
        out.push(EventName { registry: file.name.registry.clone(), event: own.clone() });
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

fn lower(name: &str) -> Vec<String> {
    words(name).iter().map(|w| w.to_lowercase()).collect()
}

fn twice(new: &Member, old: &Member) -> Diagnostic {
    let message = format!(
        "the event `{}` of the registry `{}` is also described in {}",
        new.name.event, new.name.registry, old.file.shown
    );
    help(
        problem::event_defined_twice(&new.file.shown, message),
        &["keep it in one document: remove the other folder, or rename the event in it"],
    )
}

/// Reports events that a document describes and its next minor does not: their consumers would wait for them in vain.
fn removed(documents: &[(&SchemaFile, BTreeSet<EventName>)]) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for pair in documents.windows(2) {
        let [(old, before), (new, after)] = pair else { continue };
        if old.version.major != new.version.major {
            continue;
        }
        for name in before.difference(after) {
            let message = format!(
                "the event `{}` is in {} and missing in {}",
                name.event, old.version, new.version
            );
            let next = Version { major: new.version.major.saturating_add(1), minor: 0 };
            out.push(help(
                error(&rules::EVENT_REMOVED, &new.shown, message),
                &[
                    "keep its schema in the document",
                    &format!("or publish the document without it as a new major, {next}: `cargo event new-version {} --major`", new.name.event),
                ],
            ));
        }
    }
    out
}

/// Reports gaps between minors, which count from 0: a missing minor may have been published, and its events must stay
/// readable.
fn gaps(place: &EventName, versions: &BTreeMap<Version, SchemaFile>) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let mut expected = Version { major: 0, minor: 0 };
    for (version, file) in versions {
        if version.major != expected.major {
            expected = Version { major: version.major, minor: 0 };
        }
        if version.minor > expected.minor {
            let message = format!(
                "`{}` has {version}, but {expected} is missing: minors count from 0 without a gap",
                place.event
            );
            out.push(help(
                error(&rules::VERSION_GAP, &file.shown, message),
                &[&format!(
                    "rename this file to `{expected}.json`, or restore the missing one from version control"
                )],
            ));
        }
        expected.minor = version.minor.saturating_add(1);
    }
    out
}
