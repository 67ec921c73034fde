//! Plans an import: which documents are events, which are shared, and their names and versions.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_codegen::Project;
use event_folder::family;
use event_folder::load::{EventName, Folder, SchemaFile};
use event_folder::problem::{self, any_error};
use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::rules;

use super::events::{Event, meet, names, newest};
use super::numbers::{self, Numbered};
use super::{Import, count, infer};
use crate::foreign::{self, Evidence, Foreign, Library, Number};
use crate::sources::Sources;

/// A document that becomes a version of an event.
pub(super) struct Taken {
    pub(super) from: String,
    pub(super) file: SchemaFile,
    /// Whether its text is the text of the document.
    pub(super) verbatim: bool,
    /// Whether the file does not exist yet.
    pub(super) new: bool,
    /// Where its name comes from.
    pub(super) named: Evidence,
    /// Where its version comes from, and the stated number.
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

/// The planned import.
pub(super) struct Planned {
    pub(super) taken: Vec<Taken>,
    pub(super) shared: Vec<Shared>,
    /// Files that are not imported, and why.
    pub(super) left_out: Vec<String>,
}

impl Planned {
    /// Returns the files to write, shared ones first, so that no schema refers to a missing file.
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
            // a document that does not match the layout may be shared
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
    // a file that others refer to needs no name
    problems.retain(|d| {
        let shared = |at: usize| documents[at].shown == *d.file && !is_event(at);
        !d.is(&rules::LAYOUT_NOT_MATCHED) || !(0..documents.len()).any(shared)
    });
    let events: Vec<usize> = (0..documents.len()).filter(|at| is_event(*at)).collect();
    for (at, document) in documents.iter().enumerate() {
        if !is_event(at) && !referred.contains(&at) {
            let what = match (lists.contains(&at), document.describes()) {
                (true, _) => "which only lists other documents",
                (_, true) => "which is in a folder of shared definitions, and nothing refers to it",
                _ => "which has definitions that nothing refers to",
            };
            left_out.push(format!("`{}`, {what}", document.shown));
        }
    }
    if events.is_empty() && problems.is_empty() {
        let shown = args.files.first().map(|p| p.to_string_lossy().into_owned());
        let message = "none of the documents describes an event";
        let d = Diagnostic::error(&rules::NO_EVENT, shown.unwrap_or_default().into(), message);
        let around =
            (0..documents.len()).filter(|at| documents[*at].describes() && referred.contains(at));
        let around: Vec<String> =
            around.take(5).map(|at| format!("`{}`", documents[at].shown)).collect();
        let d = if around.is_empty() {
            d
        } else {
            d.with_help(format!(
                "import only the documents of events: these are referred to by others and come with them: {}",
                around.join(", ")
            ))
        };
        let left = left_out.iter().map(|left| format!("left out: {left}"));
        problems.push(left.fold(d, Diagnostic::with_help).with_help(
            "write a file for each event that refers to its definition, such as `{ \"$ref\": \"events.json#/definitions/OrderPlaced\" }`: documents with definitions only come with the schemas that refer to them",
        ));
    }
    if events.is_empty() || problems.iter().any(|d| d.is(&rules::UNRESOLVED_REFERENCE)) {
        return Err(problems);
    }
    let project = Project::open(root);
    problems.extend(project.diagnostics.iter().filter(|d| d.is(&rules::BAD_CONFIG)).cloned());
    if project.lock.is_none() && project.folder.has_lock() {
        // locked versions keep their numbers
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
            // after many problems, the reader needs the result last
            last.help.push(format!("nothing was imported: {}", count(errors, "error")));
        }
        return Err(problems);
    }
    Ok(planned)
}

/// Assigns versions, and rewrites references.
fn number(
    root: &Path,
    project: &Project,
    library: &Library,
    named: BTreeMap<EventName, Vec<Event<'_>>>,
    problems: &mut Vec<Diagnostic>,
) -> Planned {
    // the text does not depend on the version, because every event is two folders deep
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
    // now references to events can name their versions
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
            let message = "the shared file already exists with different content";
            let d = problem::file_exists(&shown, message);
            problems.push(d.with_help(format!("rename `{}`, or merge both by hand", s.from)));
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
    // the same text given twice is one version
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

/// Checks the new versions together with the existing ones of their events.
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
        // the reader knows the file by the name that it was imported from
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
