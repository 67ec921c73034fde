//! Resolves references between documents in other layouts: by path, by `$id` and by `file:`, to given documents and to
//! files beside them. The targets get a place in the schema folder, and the references are rewritten.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_folder::name::to_folder;
use event_folder::problem::not_a_document;
use event_schema::diagnostic::Diagnostic;
use event_schema::document::{Document, Json, Span, Value};
use event_schema::rules;

use super::paths::{relative, unescaped, url_from, url_join};
use super::{Foreign, slashes};
use crate::input::Input;

/// The folder for shared definitions in the schema folder.
const SHARED: &str = "_shared";

/// The largest number of files in an import.
const MAX_FILES: usize = 10_000;

/// A reference to another document.
struct Reference {
    span: Span,
    target: usize,
    fragment: String,
}

/// All documents of an import, and those they refer to.
pub(crate) struct Library {
    documents: Vec<Arc<Document>>,
    paths: Vec<PathBuf>,
    below: Vec<Vec<String>>,
    by_path: HashMap<PathBuf, usize>,
    by_id: HashMap<String, usize>,
    references: Vec<Vec<Reference>>,
    /// The folders outside of which no file is read.
    within: Vec<PathBuf>,
    given: usize,
}

/// A text for the schema folder.
#[derive(Debug, Clone)]
pub(crate) struct Rewritten {
    /// Its path in the schema folder.
    pub(crate) place: String,
    /// The text.
    pub(crate) text: Arc<str>,
    /// Its document as diagnostics show it.
    pub(crate) from: String,
    /// The number of documents that refer to it.
    pub(crate) referring: usize,
}

impl Library {
    /// Reads the references of all documents, and the files beside them that they refer to.
    pub(crate) fn of(documents: &[Foreign]) -> (Library, Vec<Diagnostic>) {
        let mut library = Library {
            documents: Vec::new(),
            paths: Vec::new(),
            below: Vec::new(),
            by_path: HashMap::new(),
            by_id: HashMap::new(),
            references: Vec::new(),
            within: Vec::new(),
            given: documents.len(),
        };
        let here = std::env::current_dir().ok().and_then(|here| here.canonicalize().ok());
        for document in documents {
            let path = document.path.canonicalize().unwrap_or_else(|_| document.path.clone());
            let inside = here.as_ref().filter(|here| path.starts_with(here));
            // the given folder, and the one around it
            let up = document.below.len() + 1;
            let around = path.ancestors().nth(up).unwrap_or(&path).to_owned();
            let root = inside.cloned().unwrap_or(around);
            if !library.within.contains(&root) {
                library.within.push(root);
            }
            library.add(document.document.clone(), path, document.below.clone());
        }
        let mut problems = Vec::new();
        let mut at = 0;
        while at < library.documents.len() {
            let found = library.read(at, &mut problems);
            library.references.push(found);
            at += 1;
        }
        (library, problems)
    }

    fn add(&mut self, document: Arc<Document>, path: PathBuf, below: Vec<String>) -> usize {
        let at = self.documents.len();
        let id = id_of(&document.root).map(|id| id.split('#').next().unwrap_or(id).to_owned());
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            self.by_id.entry(id).or_insert(at);
        }
        self.by_path.entry(path.clone()).or_insert(at);
        self.documents.push(document);
        self.paths.push(path);
        self.below.push(below);
        at
    }

    /// Returns the documents that others refer to, except those that only `lists` refer to.
    pub(crate) fn referred(&self, lists: &BTreeSet<usize>) -> BTreeSet<usize> {
        // a file that was only referred to may refer back to an event
        let all = self.references.iter().enumerate().take(self.given);
        let all = all.filter(|(from, _)| !lists.contains(from));
        all.flat_map(|(from, list)| {
            list.iter().map(|r| r.target).filter(move |target| *target != from)
        })
        .collect()
    }

    fn read(&mut self, at: usize, problems: &mut Vec<Diagnostic>) -> Vec<Reference> {
        let document = self.documents[at].clone();
        let mut found = Vec::new();
        strings(&document.root, &mut found);
        let mut out = Vec::new();
        let mut lost = BTreeSet::new();
        for (json, text, mapping) in found {
            let (path, fragment) = text.split_once('#').unwrap_or((text, ""));
            if path.is_empty() {
                continue;
            }
            match self.resolve(at, path) {
                Ok(Some(target)) if target == at && self.own(at, path) => {}
                Ok(Some(target)) => {
                    out.push(Reference { span: json.span, target, fragment: fragment.to_owned() });
                }
                Ok(None) if mapping || !lost.insert(path.to_owned()) => {}
                Ok(None) => {
                    let message = format!(
                        "the document of the reference `{text}` is neither given nor beside this one"
                    );
                    let d = Diagnostic::at(
                        &rules::UNRESOLVED_REFERENCE,
                        &document,
                        json.span,
                        "",
                        message,
                    );
                    problems.push(d.with_help(
                        "give the file in the same command, or the folder with both; a reference by URL matches the `$id` of a given file",
                    ));
                }
                Err(bad) if lost.insert(path.to_owned()) => problems.push(*bad),
                Err(_) => {}
            }
        }
        out
    }

    /// Returns whether a reference is to the document itself by its `$id`, and needs no change.
    fn own(&self, at: usize, path: &str) -> bool {
        id_of(&self.documents[at].root).is_some_and(|id| id.split('#').next() == Some(path))
    }

    /// Finds the document of a reference.
    fn resolve(&mut self, at: usize, path: &str) -> Result<Option<usize>, Box<Diagnostic>> {
        let dir = self.paths[at].parent().unwrap_or(Path::new("")).to_owned();
        let own = id_of(&self.documents[at].root).map(str::to_owned).unwrap_or_default();
        let own = own.split('#').next().unwrap_or_default();
        let base = own.rsplit_once('/').map(|(base, _)| base).filter(|base| base.contains("://"));
        let mut candidates: Vec<PathBuf> = Vec::new();
        if let Some(file) = path.strip_prefix("file://") {
            let file = file.strip_prefix("localhost").unwrap_or(file);
            candidates.push(PathBuf::from(unescaped(file)));
            // a path on another machine may be a file beside this one
            candidates.extend(file.rsplit('/').next().map(|name| dir.join(unescaped(name))));
        } else if path.contains("://") || path.starts_with("urn:") {
            if let Some(known) = self.by_id.get(path) {
                return Ok(Some(*known));
            }
            let relative = base.and_then(|base| url_from(base, path));
            candidates.extend(relative.map(|relative| dir.join(unescaped(&relative))));
        } else {
            if let Some(url) = base.map(|base| url_join(base, path))
                && let Some(known) = self.by_id.get(&url)
            {
                return Ok(Some(*known));
            }
            if let Some(known) = self.by_id.get(path) {
                return Ok(Some(*known));
            }
            candidates.push(dir.join(unescaped(path)));
        }
        for candidate in candidates {
            if let Some(found) = self.beside(&candidate)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Finds a file that is given or in the folders of the import.
    fn beside(&mut self, path: &Path) -> Result<Option<usize>, Box<Diagnostic>> {
        let plain = path.extension().is_none().then(|| path.with_extension("json"));
        for path in std::iter::once(path.to_owned()).chain(plain) {
            let Ok(path) = path.canonicalize() else { continue };
            if let Some(known) = self.by_path.get(&path) {
                return Ok(Some(*known));
            }
            let root = self.within.iter().find(|root| path.starts_with(root)).cloned();
            let Some(root) = root.filter(|_| path.is_file() && self.documents.len() < MAX_FILES)
            else {
                continue;
            };
            let mut input = Input::open(&path)?;
            let text = input.text()?;
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            let shown = slashes(path.strip_prefix(&root).unwrap_or(&path));
            let document = Document::parse(shown.as_str(), text)
                .map_err(|e| Box::new(not_a_document(&shown, text, e)))?;
            let below = path.file_name().map(|n| n.to_string_lossy().into_owned());
            return Ok(Some(self.add(Arc::new(document), path, below.into_iter().collect())));
        }
        Ok(None)
    }

    /// Returns the texts with rewritten references: of the documents in `places`, and of the shared ones that they
    /// reach. Equal texts become one shared file.
    pub(crate) fn rewritten(
        &self,
        places: &BTreeMap<usize, String>,
    ) -> (BTreeMap<usize, Rewritten>, Vec<Rewritten>) {
        let mut places = places.clone();
        let events: BTreeSet<usize> = places.keys().copied().collect();
        let mut reached: BTreeSet<usize> = BTreeSet::new();
        let mut stack: Vec<usize> = events.iter().copied().collect();
        while let Some(at) = stack.pop() {
            for reference in &self.references[at] {
                let target = reference.target;
                if !events.contains(&target) && reached.insert(target) {
                    stack.push(target);
                }
            }
        }
        let (mut by_text, mut taken): (BTreeMap<String, String>, BTreeSet<String>) =
            Default::default();
        let mut first: BTreeMap<String, usize> = BTreeMap::new();
        // folders that contain all documents are dropped
        let folder = |at: usize| self.below[at].split_last().map_or(&[][..], |(_, dirs)| dirs);
        let same = |a: usize, b: usize| {
            folder(a).iter().zip(folder(b)).take_while(|(a, b)| a == b).count()
        };
        let shortest = (0..self.given).map(|at| same(0, at)).min().unwrap_or(0);
        let common: &[String] = if self.given == 0 { &[] } else { &folder(0)[..shortest] };
        let mut sorted: Vec<usize> = reached.iter().copied().collect();
        sorted.sort_by(|a, b| self.below[*a].cmp(&self.below[*b]));
        for at in sorted {
            // equal texts with different targets are different files
            let text = self.documents[at].text.replace("\r\n", "\n");
            let targets: Vec<_> =
                self.references[at].iter().map(|r| &*self.documents[r.target].text).collect();
            let key = format!("{text}\0{}", targets.join("\0"));
            let below = self.below[at].strip_prefix(common).unwrap_or(&self.below[at]);
            let place = by_text.entry(key).or_insert_with(|| {
                let place = shared_place(below, &taken);
                taken.insert(place.to_lowercase());
                place
            });
            first.entry(place.clone()).or_insert(at);
            places.insert(at, place.clone());
        }
        let one = |at: usize| {
            let place = places.get(&at).cloned().unwrap_or_default();
            Rewritten {
                text: self.text(at, &place, &places).into(),
                place,
                from: self.documents[at].file.to_string(),
                referring: 0,
            }
        };
        let mut referring: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for from in events.iter().chain(&reached) {
            for reference in &self.references[*from] {
                if let Some(place) = places.get(&reference.target) {
                    referring.entry(place).or_default().insert(*from);
                }
            }
        }
        let count = |place: &str| referring.get(place).map_or(0, BTreeSet::len);
        let shared = first.values().map(|at| one(*at));
        let shared = shared.map(|s| Rewritten { referring: count(&s.place), ..s }).collect();
        (events.iter().map(|at| (*at, one(*at))).collect(), shared)
    }

    /// Returns the unchanged text of a document.
    pub(crate) fn text_of(&self, at: usize) -> Arc<str> {
        self.documents[at].text.clone()
    }

    fn text(&self, at: usize, place: &str, places: &BTreeMap<usize, String>) -> String {
        let document = &self.documents[at];
        let mut out = String::with_capacity(document.text.len());
        let mut end = 0;
        let mut references: Vec<&Reference> = self.references[at].iter().collect();
        references.sort_by_key(|r| r.span.start);
        for reference in references {
            let Some(target) = places.get(&reference.target) else { continue };
            let path = if target == place { String::new() } else { relative(place, target) };
            let hash = if reference.fragment.is_empty() && !path.is_empty() { "" } else { "#" };
            let text = format!("{path}{hash}{}", reference.fragment);
            let (from, to) = (reference.span.start as usize, reference.span.end as usize);
            out.push_str(document.text.get(end..from).unwrap_or_default());
            out.push_str(&serde_json::Value::from(text).to_string());
            end = to;
        }
        out.push_str(document.text.get(end..).unwrap_or_default());
        out
    }
}

fn shared_place(below: &[String], taken: &BTreeSet<String>) -> String {
    let mut parts: Vec<String> =
        below.iter().map(|part| to_folder(part).unwrap_or_else(|_| "shared".to_owned())).collect();
    let file = parts.pop().unwrap_or_default();
    let stem = file.strip_suffix(".json").unwrap_or(&file).to_owned();
    let dir = parts.iter().fold(SHARED.to_owned(), |dir, part| format!("{dir}/{part}"));
    let named = |n: usize| {
        if n == 1 { format!("{dir}/{stem}.json") } else { format!("{dir}/{stem}-{n}.json") }
    };
    (1..=taken.len() + 1)
        .map(named)
        .find(|place| !taken.contains(&place.to_lowercase()))
        .unwrap_or_default()
}

fn id_of(root: &Json) -> Option<&str> {
    root.get("$id").or_else(|| root.get("id")).and_then(Json::as_str)
}

/// Collects the references: `$ref`, and the mapping of a discriminator.
fn strings<'d>(json: &'d Json, out: &mut Vec<(&'d Json, &'d str, bool)>) {
    match &json.value {
        Value::Object(members) => {
            for member in members {
                match (member.key.as_str(), member.value.as_str()) {
                    ("$ref", Some(text)) => out.push((&member.value, text, false)),
                    ("enum" | "const" | "default" | "example" | "examples", _)
                        if json.get("properties").is_some() || json.get("type").is_some() => {}
                    ("mapping", None) => {
                        for mapped in member.value.members() {
                            if let Some(text) = mapped.value.as_str() {
                                out.push((&mapped.value, text, true));
                            }
                        }
                    }
                    _ => strings(&member.value, out),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|json| strings(json, out)),
        _ => {}
    }
}
