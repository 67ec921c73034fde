//! Assigns versions to the documents of one event.

use std::collections::BTreeMap;
use std::sync::Arc;

use event_codegen::Project;
use event_folder::family;
use event_folder::load::{EventName, Folder, SchemaFile, Version};
use event_folder::lock::sha256;
use event_folder::problem;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;

use crate::foreign::Number;

/// A document of an event.
pub(super) struct Numbered {
    pub(super) shown: String,
    /// The stated number.
    pub(super) number: Option<Number>,
    /// The major of the detail-type.
    pub(super) major: Option<u32>,
    pub(super) text: Arc<str>,
}

/// Returns the version of each document, and whether it is new. Full numbers keep their minors if these count from 0
/// without a gap; otherwise they are renumbered in their order.
pub(super) fn assign(
    name: &EventName,
    documents: &[Numbered],
    folder: &mut Folder,
    project: &Project,
) -> Result<Vec<(Version, bool)>, Vec<Diagnostic>> {
    let mut order: Vec<usize> = (0..documents.len()).collect();
    // a stable sort: documents without a number keep the order of the command line
    order.sort_by_key(|at| rank(documents[*at].number));
    let stated = minors(documents, &known(name, folder, project));
    let mut out: BTreeMap<usize, (Version, bool)> = BTreeMap::new();
    let mut problems = Vec::new();
    for at in order {
        let document = &documents[at];
        match version(document, stated.get(&at).copied(), name, folder, project) {
            Ok((version, new)) => {
                if new {
                    let file = file(name, version, document, folder);
                    folder.events.entry(name.clone()).or_default().insert(version, file);
                }
                out.insert(at, (version, new));
            }
            Err(bad) => problems.push(*bad),
        }
    }
    if problems.is_empty() { Ok(out.into_values().collect()) } else { Err(problems) }
}

pub(super) fn rank(number: Option<Number>) -> (u8, u64, u64, u64) {
    match number {
        Some(Number::Major(major)) => (0, u64::from(major), 0, 0),
        Some(Number::Full(major, minor, patch)) => {
            (0, u64::from(major), u64::from(minor), u64::from(patch))
        }
        Some(Number::Ours(v)) => (0, u64::from(v.major), u64::from(v.minor), 0),
        Some(Number::Count(count)) => (1, count, 0, 0),
        None => (2, 0, 0, 0),
    }
}

/// Returns the versions for full numbers.
fn minors(documents: &[Numbered], known: &BTreeMap<Version, String>) -> BTreeMap<usize, Version> {
    let mut majors: BTreeMap<u32, Vec<(u32, u32, usize)>> = BTreeMap::new();
    let mut out = BTreeMap::new();
    for (at, document) in documents.iter().enumerate() {
        match document.number {
            Some(Number::Full(major, minor, patch)) => {
                majors.entry(major).or_default().push((minor, patch, at));
            }
            Some(Number::Ours(version)) => drop(out.insert(at, version)),
            _ => {}
        }
    }
    for (major, mut of) in majors {
        of.sort_unstable();
        let there = known.keys().any(|v| v.major == major);
        let whole =
            of.iter().enumerate().all(|(i, (minor, patch, _))| *minor as usize == i && *patch == 0);
        for (i, (minor, _, at)) in of.into_iter().enumerate() {
            let counted = u32::try_from(i).unwrap_or(u32::MAX);
            out.insert(at, Version { major, minor: if whole || there { minor } else { counted } });
        }
    }
    out
}

/// Returns the digests of an event's versions: those in the folder, and locked ones that were deleted.
fn known(name: &EventName, folder: &Folder, project: &Project) -> BTreeMap<Version, String> {
    let locked = project.lock.iter().flat_map(|l| &l.entries).filter(|((n, _), _)| n == name);
    let mut known: BTreeMap<Version, String> =
        locked.map(|((_, v), sha)| (*v, sha.clone())).collect();
    let own = folder.events.get(name).into_iter().flatten();
    known.extend(own.map(|(v, f)| (*v, sha256(&f.text))));
    known
}

fn version(
    document: &Numbered,
    stated: Option<Version>,
    name: &EventName,
    folder: &Folder,
    project: &Project,
) -> Result<(Version, bool), Box<Diagnostic>> {
    let known = known(name, folder, project);
    let sha = sha256(&document.text);
    let major = match document.number {
        Some(Number::Major(major)) => Some(major),
        _ => stated.map(|v| v.major).or(document.major),
    };
    let fits = |v: &Version| major.is_none_or(|m| m == v.major);
    let is_here = |v: &Version| folder.events.get(name).is_some_and(|o| o.contains_key(v));
    let ours = matches!(document.number, Some(Number::Ours(_)));
    let same = known
        .iter()
        .find(|(v, text)| **text == sha && if ours { Some(**v) == stated } else { fits(v) });
    if let Some((version, _)) = same {
        return Ok((*version, !is_here(version)));
    }
    if let Some(version) = stated {
        if known.contains_key(&version) {
            let message =
                format!("`{}` {version} already exists with different content", name.event);
            let d = problem::file_exists(&document.shown, message);
            return Err(Box::new(d.with_help("rename the file to the next version")));
        }
        return Ok((version, true));
    }
    let none = || {
        let message = format!("`{}` has the largest possible version", name.event);
        Box::new(Diagnostic::error(
            &rules::NO_NEXT_VERSION,
            document.shown.as_str().into(),
            message,
        ))
    };
    let Some(newest) = known.keys().filter(|v| fits(v)).max().copied() else {
        return Ok((Version { major: major.unwrap_or(1), minor: 0 }, true));
    };
    let minor = newest.minor.checked_add(1).map(|minor| Version { minor, ..newest });
    if major.is_some() || !breaks(document, name, newest, folder, project) {
        return Ok((minor.ok_or_else(none)?, true));
    }
    let major = newest.major.checked_add(1).map(|major| Version { major, minor: 0 });
    Ok((major.ok_or_else(none)?, true))
}

fn file(name: &EventName, version: Version, document: &Numbered, folder: &Folder) -> SchemaFile {
    let below = format!("{}/{}/{version}.json", name.registry, name.event);
    SchemaFile {
        name: name.clone(),
        version,
        shown: document.shown.as_str().into(),
        path: folder.root.join(below),
        text: document.text.clone(),
    }
}

/// Returns whether a document breaks a minor of the newest major.
fn breaks(
    document: &Numbered,
    name: &EventName,
    newest: Version,
    folder: &Folder,
    project: &Project,
) -> bool {
    let minors =
        folder.events.get(name).into_iter().flatten().filter(|(v, _)| v.major == newest.major);
    let mut versions: BTreeMap<Version, SchemaFile> =
        minors.map(|(v, f)| (*v, f.clone())).collect();
    let Some(minor) = newest.minor.checked_add(1) else { return true };
    let version = Version { minor, ..newest };
    versions.insert(version, file(name, version, document, folder));
    let events = BTreeMap::from([(name.clone(), versions)]);
    let draft = Folder {
        unwritten: folder.unwritten.clone(),
        ..Folder::with_events(&folder.root, &folder.shown, events)
    };
    // problems with reading are reported for the file itself
    let (families, _) = family::read(&draft, project.config.settings());
    family::check(families, project.config.terms()).is_err()
}
