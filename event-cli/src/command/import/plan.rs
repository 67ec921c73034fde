//! What becomes of the documents: which are events, which are shared, what each is called and numbered.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_codegen::Project;
use event_folder::family;
use event_folder::load::{EventName, Folder, SchemaFile};
use event_folder::problem::any_error;
use event_schema::diagnostic::{Diagnostic, Related, Severity};
use event_schema::rules;

use super::numbers::{self, Numbered};
use super::{Import, count, infer};
use crate::foreign::{self, Evidence, Foreign, Library, Number};
use crate::sources::Sources;

/// What becomes of a document.
pub(super) struct Taken {
    pub(super) from: String,
    pub(super) file: SchemaFile,
    /// Whether its text is the document's own.
    pub(super) verbatim: bool,
    /// Whether it is not there yet.
    pub(super) new: bool,
    /// What named it.
    pub(super) named: Evidence,
    /// What numbered it, and the number as it is stated.
    pub(super) numbered: Option<(Evidence, String)>,
}

/// A file that events refer to.
pub(super) struct Shared {
    pub(super) from: String,
    pub(super) shown: String,
    pub(super) path: PathBuf,
    pub(super) text: Arc<str>,
    pub(super) referring: usize,
    pub(super) new: bool,
}

/// All that is done.
pub(super) struct Planned {
    pub(super) taken: Vec<Taken>,
    pub(super) shared: Vec<Shared>,
    /// Files that nothing comes of, and why.
    pub(super) left_out: Vec<String>,
}

impl Planned {
    /// The files to write, shared ones first: no schema ever refers to a file that is not there.
    pub(super) fn new_files(&self) -> Vec<(PathBuf, &str)> {
        let shared = self.shared.iter().filter(|s| s.new).map(|s| (s.path.clone(), &*s.text));
        let taken = self.taken.iter().filter(|t| t.new);
        shared.chain(taken.map(|t| (t.file.path.clone(), &*t.file.text))).collect()
    }

    pub(super) fn events(&self) -> usize {
        self.taken.iter().map(|t| &t.file.name).collect::<BTreeSet<_>>().len()
    }

    pub(super) fn any_new(&self) -> bool {
        !self.new_files().is_empty()
    }
}

/// A document that is an event, with its name.
struct Event<'d> {
    at: usize,
    document: &'d Foreign,
    named: Evidence,
    /// The version that counts.
    number: Option<Number>,
}

pub(super) fn plan(
    args: &Import,
    root: &Path,
    sources: &mut Sources,
) -> Result<Planned, Vec<Diagnostic>> {
    let (found, passed) =
        if args.infer { (Vec::new(), Vec::new()) } else { foreign::files(&args.files)? };
    let mut left_out: Vec<String> =
        passed.into_iter().map(|file| format!("`{file}`, which is not a JSON schema")).collect();
    let (mut documents, mut problems) = (Vec::new(), Vec::new());
    for file in &found {
        match Foreign::read(file, args.layout.as_ref()) {
            Ok(document) => documents.push(document),
            // what has no name by the layout may be shared
            Err(bad) if bad.is(&rules::LAYOUT_NOT_MATCHED) => match Foreign::read(file, None) {
                Ok(document) => {
                    problems.extend(document.describes().then_some(*bad));
                    documents.push(document);
                }
                Err(worse) => problems.push(*worse),
            },
            Err(bad) => problems.push(*bad),
        }
    }
    if args.infer {
        documents = infer::documents(&args.files, args.event.as_deref())?;
    }
    for document in &documents {
        sources.insert(&document.shown, document.text.clone());
    }
    let (library, lost) = Library::of(&documents);
    problems.extend(lost);
    let lists: BTreeSet<usize> =
        (0..documents.len()).filter(|at| documents[*at].is_list()).collect();
    let referred = library.referred(&lists);
    let is_event = |at: usize| {
        let document = &documents[at];
        let alone = !referred.contains(&at) && !document.is_common();
        !lists.contains(&at) && document.describes() && (alone || document.claims())
    };
    // a file that others refer to needs no name of its own
    problems.retain(|d| {
        let shared = |at: usize| documents[at].shown == *d.file && !is_event(at);
        !d.is(&rules::LAYOUT_NOT_MATCHED) || !(0..documents.len()).any(shared)
    });
    let events: Vec<usize> = (0..documents.len()).filter(|at| is_event(*at)).collect();
    for (at, document) in documents.iter().enumerate() {
        if !is_event(at) && !referred.contains(&at) {
            let what = match (lists.contains(&at), document.describes()) {
                (true, _) => "which only lists other documents",
                (_, true) => {
                    "which lies in a folder of shared definitions, and nothing refers to it"
                }
                _ => "which holds definitions that nothing refers to",
            };
            left_out.push(format!("`{}`, {what}", document.shown));
        }
    }
    if events.is_empty() && problems.is_empty() {
        let shown = args.files.first().map(|p| p.to_string_lossy().into_owned());
        let message = "no document describes an event";
        let d = Diagnostic::error(&rules::NO_EVENT, shown.unwrap_or_default().into(), message);
        let around =
            (0..documents.len()).filter(|at| documents[*at].describes() && referred.contains(at));
        let around: Vec<String> =
            around.take(5).map(|at| format!("`{}`", documents[at].shown)).collect();
        let d = if around.is_empty() {
            d
        } else {
            d.with_help(format!(
                "each of these is referred to by another one: {}; import what is an event alone, and the others come along",
                around.join(", ")
            ))
        };
        let left = left_out.iter().map(|left| format!("left out: {left}"));
        problems.push(left.fold(d, Diagnostic::with_help).with_help(
            "a document that only holds definitions comes along with the schemas that refer to it: make each event a file of its own, such as `{ \"$ref\": \"events.json#/definitions/OrderPlaced\" }`",
        ));
    }
    if events.is_empty() || problems.iter().any(|d| d.is(&rules::UNRESOLVED_REFERENCE)) {
        return Err(problems);
    }
    let project = Project::open(root);
    problems.extend(project.diagnostics.iter().filter(|d| d.is(&rules::BAD_CONFIG)).cloned());
    if project.lock.is_none() && project.folder.has_lock() {
        // what was locked keeps its numbers
        problems.extend(project.lock_diagnostics.iter().cloned());
    }
    let named = names(args, &project, &documents, &events, &mut problems);
    let before = problems.len();
    meet(args, &named, &mut problems);
    if problems.len() > before {
        return Err(problems);
    }
    let named = if args.newest { newest(named, &mut left_out) } else { named };
    let mut planned = number(root, &project, &library, named, &mut problems);
    planned.left_out = left_out;
    problems.extend(check(&project, &planned, sources));
    if any_error(&problems) {
        let errors = problems.iter().filter(|d| d.severity == Severity::Error).count();
        if let Some(last) = problems.last_mut() {
            // with many problems the last thing to read is what they amount to
            last.help.push(format!("nothing was imported: {}", count(errors, "error")));
        }
        return Err(problems);
    }
    Ok(planned)
}

/// The events by registry and type.
fn names<'d>(
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
                    let message = format!("the event `{}` has a schema already", name.event);
                    let d = Diagnostic::error(
                        &rules::FILE_EXISTS,
                        document.shown.as_str().into(),
                        message,
                    );
                    problems.push(d.with_help(
                        "check the samples against it: `cargo event validate TYPE FILE`; or begin its next version: `cargo event new-version TYPE`",
                    ));
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
            1 => "neither the document nor its path says the registry".to_owned(),
            n => format!("nothing says the registry of this file and {} more", n - 1),
        };
        let d = Diagnostic::error(&rules::UNKNOWN_REGISTRY, (*first).into(), message);
        problems.push(d.with_help("name it: `cargo event import --registry REGISTRY FILES`"));
    }
    out
}

/// Of each event the newest document, numbered by its major alone.
fn newest<'d>(
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

/// Documents of one name must share evidence, and have numbers of their own.
fn meet(
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
                "`{}` and `{}` would be one folder on file systems that ignore case",
                other.event, name.event
            );
            problems.push(both(a.document, b.document, message));
        }
        let Some(first) = events.first().filter(|_| args.name.is_none()) else { continue };
        for (i, event) in events.iter().enumerate().skip(1) {
            if !share(first.document, event.document) {
                let message = format!(
                    "two documents would be the event `{}`, and nothing says that they are versions of one",
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
        "the other one is `{}`: import each by a command of its own, with `--name NAME`",
        a.shown
    ))
    .with_help("or say where the paths name them: `--layout '{event}/{version}.json'`")
}

/// Whether two documents of one name are versions of one event: of one place, or of one name that is not the path's.
fn share(a: &Foreign, b: &Foreign) -> bool {
    let said = |d: &Foreign| -> BTreeSet<(Evidence, String)> {
        d.names.iter().filter(|(e, _)| *e != Evidence::Path).cloned().collect()
    };
    a.place == b.place || !said(a).is_disjoint(&said(b))
}

/// Versions and texts.
fn number(
    root: &Path,
    project: &Project,
    library: &Library,
    named: BTreeMap<EventName, Vec<Event<'_>>>,
    problems: &mut Vec<Diagnostic>,
) -> Planned {
    // every event lies two folders deep, so its text is the same whatever its version is
    let mut places = BTreeMap::new();
    for (name, events) in &named {
        for event in events {
            let file = format!("{}/{}/{}.json", name.registry, name.event, event.at);
            places.insert(event.at, file);
        }
    }
    let (texts, _) = library.rewritten(&places);
    let mut folder = project.folder.clone();
    let mut out: Vec<(usize, Taken)> = Vec::new();
    for (name, events) in named {
        let numbered: Vec<Numbered> = events
            .iter()
            .map(|e| Numbered {
                shown: e.document.shown.clone(),
                number: e.number,
                major: e.document.major,
                text: texts.get(&e.at).map_or_else(|| e.document.text.clone(), |t| t.text.clone()),
            })
            .collect();
        match numbers::assign(&name, &numbered, &mut folder, project) {
            Ok(versions) => {
                for ((event, (version, new)), numbered) in events.iter().zip(versions).zip(numbered)
                {
                    let below = format!("{}/{}/{version}.json", name.registry, name.event);
                    places.insert(event.at, below.clone());
                    let file = SchemaFile {
                        name: name.clone(),
                        version,
                        shown: format!("{}/{below}", folder.shown).into(),
                        path: root.join(below),
                        text: numbered.text,
                    };
                    let stated = event.document.number.map(|(e, n)| (e, stated(n)));
                    out.push((
                        event.at,
                        Taken {
                            from: event.document.shown.clone(),
                            file,
                            new,
                            verbatim: true,
                            named: event.named,
                            numbered: stated,
                        },
                    ));
                }
            }
            Err(more) => problems.extend(more),
        }
    }
    // references to events have their versions now
    let (texts, shared) = library.rewritten(&places);
    for (at, taken) in &mut out {
        if let Some(text) = texts.get(at) {
            taken.verbatim = text.text == library.text_of(*at);
            taken.file.text = text.text.clone();
        }
    }
    let shared = shared.into_iter().map(|s| {
        let path = root.join(&s.place);
        let shown = format!("{}/{}", folder.shown, s.place);
        let there = fs::read_to_string(&path).ok();
        let same = there
            .as_deref()
            .is_some_and(|t| t.replace("\r\n", "\n") == s.text.replace("\r\n", "\n"));
        if there.is_some() && !same {
            let message = "a shared file of this name is there, with different content";
            let d = Diagnostic::error(&rules::FILE_EXISTS, shown.as_str().into(), message);
            problems.push(d.with_help(format!(
                "nothing is overwritten: give `{}` another name, or merge both by hand",
                s.from
            )));
        }
        Shared {
            from: s.from,
            shown,
            path,
            text: s.text,
            referring: s.referring,
            new: there.is_none(),
        }
    });
    let shared = shared.collect();
    // one text that is given twice is one version
    let mut seen = BTreeSet::new();
    for (_, taken) in &mut out {
        if taken.new && !seen.insert(taken.file.path.clone()) {
            taken.new = false;
        }
    }
    Planned { taken: out.into_iter().map(|(_, t)| t).collect(), shared, left_out: Vec::new() }
}

fn stated(number: Number) -> String {
    number.to_string()
}

/// What is there is judged beside what comes: whole families only.
fn check(project: &Project, planned: &Planned, sources: &mut Sources) -> Vec<Diagnostic> {
    let mut folder = Folder { lock: None, lock_problem: None, ..project.folder.clone() };
    let mut touched = BTreeSet::new();
    let mut from: BTreeMap<&str, (&str, bool)> = BTreeMap::new();
    for taken in planned.taken.iter().filter(|t| t.new) {
        sources.insert(&taken.file.shown, taken.file.text.clone());
        from.insert(&taken.file.shown, (&taken.from, taken.verbatim));
        folder.unwritten.insert(taken.file.path.clone(), taken.file.text.clone());
        let versions = folder.events.entry(taken.file.name.clone()).or_default();
        versions.insert(taken.file.version, taken.file.clone());
        touched.insert(&taken.file.name);
    }
    for shared in &planned.shared {
        folder.unwritten.insert(shared.path.clone(), shared.text.clone());
    }
    folder.events.retain(|name, _| touched.contains(name));
    let (families, mut problems) = family::read(&folder, project.config.settings());
    problems.extend(family::check(families, project.config.terms()).err().into_iter().flatten());
    for d in &mut problems {
        // the reader has the file under the name that it came by
        match from.get(&*d.file) {
            Some((from, true)) => d.file = (*from).into(),
            Some((from, false)) => d.help.push(format!("imported from `{from}`, as {}", d.file)),
            None => {}
        }
        for related in &mut d.related {
            if let Some((from, true)) = from.get(&*related.file) {
                related.file = (*from).into();
            }
        }
    }
    problems
}
