//! Resolves what schemas refer to in other files of the folder.
//!
//! Reads each file once, hashes definitions for the lock, and bundles a schema into one document.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_schema::diagnostic::Diagnostic;
use event_schema::document::{Document, Pos, Span};
use event_schema::read;
use event_schema::rules;

use crate::load::{Folder, SchemaFile, normal, read_text, shown, stays_inside};
use crate::lock::hex;
use crate::loose::canonical;
use crate::problem::{self, error, help, not_a_document};

/// A definition in another file that a schema refers to, directly or through other definitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referred {
    /// The path of the file in the schema folder, `#`, and the pointer.
    pub at: String,
    /// The sha256 of its meaning: its JSON without layout, and its dialect.
    pub sha256: String,
    /// The file as diagnostics show it.
    pub shown: Arc<str>,
    /// Where the definition begins.
    pub pos: Pos,
    /// The definition's bytes in the file.
    pub span: Span,
}

/// The files of a folder that schemas refer to, each read once.
#[derive(Debug)]
pub struct Files<'f> {
    folder: &'f Folder,
    read: RefCell<BTreeMap<PathBuf, Option<Arc<Document>>>>,
    /// The problems with those that cannot be read.
    broken: RefCell<BTreeMap<PathBuf, Diagnostic>>,
}

impl<'f> Files<'f> {
    /// Creates the set of files for `folder`, without reading one.
    pub fn of(folder: &'f Folder) -> Files<'f> {
        Files { folder, read: RefCell::default(), broken: RefCell::default() }
    }

    /// Returns the document that a reference in the file `from` leads to: only JSON below the schema folder.
    pub(crate) fn get(&self, from: &Path, reference: &str) -> Option<Arc<Document>> {
        let path = from.parent()?.join(reference);
        if let Some(known) = self.read.borrow().get(&path) {
            return known.clone();
        }
        // each event's folder has its own path to the file
        let real = canonical(&path);
        let known = self.read.borrow().get(&real).cloned();
        let found = known.unwrap_or_else(|| self.open(&path));
        if found.is_some() && real != path {
            self.read.borrow_mut().insert(real, found.clone());
        }
        self.read.borrow_mut().insert(path, found.clone());
        found
    }

    /// Does the same, and returns whether the file exists but cannot be read.
    pub(crate) fn look(&self, from: &Path, reference: &str) -> (Option<Arc<Document>>, bool) {
        let found = self.get(from, reference);
        let path = from.parent().map(|dir| dir.join(reference));
        let broken = path.is_some_and(|path| self.broken.borrow().contains_key(&path));
        (found, broken)
    }

    fn open(&self, path: &Path) -> Option<Arc<Document>> {
        let found = match self.folder.unwritten.get(&normal(path)) {
            Some(text) => parse(path, text),
            None => read_below(&self.folder.root, path)?,
        };
        match found {
            Ok(document) => Some(Arc::new(document)),
            Err(problem) => {
                self.broken.borrow_mut().insert(path.to_owned(), *problem);
                None
            }
        }
    }

    /// Returns whether a reference led to the file.
    pub(crate) fn is_read(&self, path: &Path) -> bool {
        let path = canonical(path);
        self.read.borrow().keys().any(|read| *read == path || canonical(read) == path)
    }

    /// Returns a problem for each unreadable file that references led to so far.
    pub(crate) fn broken(&self) -> Vec<Diagnostic> {
        let broken = self.broken.borrow();
        let by_file: BTreeMap<&str, &Diagnostic> = broken.values().map(|d| (&*d.file, d)).collect();
        by_file.into_values().cloned().collect()
    }

    /// Returns what a schema refers to in other files; nothing if the schema cannot be read.
    pub fn referred(&self, file: &SchemaFile) -> Vec<Referred> {
        let Some(document) = document(file) else { return Vec::new() };
        let found = read::referred(&document, &|reference| self.get(&file.path, reference));
        let referred = |part: read::Referred| Referred {
            at: format!("{}#{}", self.place(&file.path, &part.file), part.pointer),
            sha256: hex(part.meaning.as_bytes()),
            shown: part.shown,
            pos: part.pos,
            span: part.span,
        };
        found.into_iter().map(referred).collect()
    }

    /// Returns the path of a file in the schema folder, which is the same on every machine.
    fn place(&self, from: &Path, reference: &str) -> String {
        let path = from.parent().unwrap_or(from).join(reference);
        let real = (path.canonicalize(), self.folder.root.canonicalize());
        let inside = match &real {
            (Ok(path), Ok(root)) => path.strip_prefix(root).ok(),
            _ => None,
        };
        inside
            .map_or_else(|| reference.to_owned(), |path| path.to_string_lossy().replace('\\', "/"))
    }

    /// Returns the schema as one document without references to other files; its own text if it has none.
    ///
    /// # Errors
    ///
    /// If one document cannot have the same meaning.
    pub fn standing_alone(&self, file: &SchemaFile) -> Result<Arc<str>, Box<Diagnostic>> {
        let Some(document) = document(file) else { return Ok(file.text.clone()) };
        match read::bundle(&document, &|reference| self.get(&file.path, reference)) {
            Ok(None) => Ok(file.text.clone()),
            Ok(Some(text)) => Ok(text.into()),
            Err(why) => Err(Box::new(help(
                error(&rules::NOT_ONE_DOCUMENT, &file.shown, why.to_string()),
                &[
                    "a registry stores one document per schema: write the shared definitions in the dialect of this file (`$schema`), or copy them into the `definitions` of a new version",
                ],
            ))),
        }
    }
}

/// Reads the file at `path` that a schema refers to: only JSON below the schema folder `root`, after all links. Returns
/// `None` if the file does not exist or is outside of the folder.
///
/// ```
/// use event_folder::refers::read_below;
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let root = dir.path().join("schemas");
/// # std::fs::create_dir_all(&root).unwrap();
/// std::fs::write(root.join("common.json"), r#"{"definitions": {}}"#).unwrap();
/// std::fs::write(root.join("../outside.json"), "{}").unwrap();
/// assert!(read_below(&root, &root.join("common.json")).is_some_and(|found| found.is_ok()));
/// assert!(read_below(&root, &root.join("../outside.json")).is_none());
/// ```
///
/// # Errors
///
/// The diagnostic about a file that cannot be read or is not JSON.
pub fn read_below(root: &Path, path: &Path) -> Option<Result<Document, Box<Diagnostic>>> {
    if !path.is_file() || !stays_inside(path, root) {
        return None;
    }
    Some(match read_text(path) {
        Ok(text) => parse(path, &text),
        Err(why) => Err(Box::new(problem::unreadable(&shown(path), why))),
    })
}

fn parse(path: &Path, text: &str) -> Result<Document, Box<Diagnostic>> {
    let named = shown(path);
    Document::parse(named.as_str(), text).map_err(|e| Box::new(not_a_document(&named, text, e)))
}

/// Parses a schema if it may refer to other files; most do not.
fn document(file: &SchemaFile) -> Option<Document> {
    if !may_refer(&file.text) {
        return None;
    }
    Document::parse(file.shown.clone(), file.text.clone()).ok()
}

/// Returns whether a text may contain a reference to another file. Cheaper than parsing it; `false` is always right.
fn may_refer(text: &str) -> bool {
    let leads_out = |after: &str| {
        let value = after.trim_start().strip_prefix(':').map(str::trim_start);
        !value.is_some_and(|v| v.starts_with("\"#"))
    };
    // an escape may spell any key
    text.contains("\\u")
        || text.contains("\"mapping\"")
        || text.split("\"$ref\"").skip(1).any(leads_out)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn file_that_several_events_refer_to_is_parsed_once() {
        let dir = tempfile::tempdir().unwrap();
        let text = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        text("common.json", r#"{"definitions": {"A": {"type": "string"}}}"#);
        for event in ["a.b", "a.c"] {
            text(
                &format!("core/{event}/1.0.json"),
                r#"{"properties": {"a": {"$ref": "../../common.json#/definitions/A"}}}"#,
            );
        }
        let (folder, _) = Folder::read(dir.path(), "schemas");
        let files = Files::of(&folder);
        let mut documents = Vec::new();
        for file in folder.files() {
            assert_eq!(files.referred(file).len(), 1);
            documents.push(files.get(&file.path, "../../common.json").unwrap());
        }
        assert_eq!(documents.len(), 2);
        assert!(Arc::ptr_eq(&documents[0], &documents[1]));
        assert!(files.get(&dir.path().join("core/a.b/1.0.json"), "../none.json").is_none());
    }

    #[test]
    fn text_without_foreign_reference_is_not_parsed() {
        assert!(!may_refer(r##"{"$ref": "#/definitions/a", "b": {"$ref":"#"}}"##));
        for text in [
            r#"{"$ref": "a.json"}"#,
            r##"{"$ref": "#", "b": {"$ref" : "a.json#/b"}}"##,
            r#"{"\u0024ref": "a.json"}"#,
            r#"{"discriminator": {"mapping": {"a": "a.json"}}}"#,
        ] {
            assert!(may_refer(text), "{text}");
        }
    }
}
