//! Reads the schema folder: `<registry>/<type>/<major>.<minor>.json`.
//!
//! Reads every file, follows no link out of the folder, and reports every file that is not in the place of a
//! schema. It does not know what the files contain.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::rules;

use self::reader::Reader;
use crate::lock::Lock;
use crate::loose::Loose;
use crate::problem::error;

mod reader;

/// A version of an event: its major and minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The major.
    pub major: u32,
    /// The minor.
    pub minor: u32,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The error for a text that is not a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAVersion {
    /// The text.
    pub given: String,
}

impl std::fmt::Display for NotAVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "invalid version `{}`: expected a major and a minor, such as `1.0`",
            self.given.escape_default()
        )
    }
}

impl std::error::Error for NotAVersion {}

impl std::str::FromStr for Version {
    type Err = NotAVersion;

    /// Parses a version such as `2.1`. Leading zeros are errors, so that each version has one spelling.
    fn from_str(s: &str) -> Result<Self, NotAVersion> {
        let number = |part: &str| {
            let canonical = part == "0" || (!part.starts_with('0') && !part.starts_with('+'));
            part.parse::<u32>().ok().filter(|_| canonical)
        };
        s.split_once('.')
            .and_then(|(a, b)| Some(Version { major: number(a)?, minor: number(b)? }))
            .ok_or_else(|| NotAVersion { given: s.to_owned() })
    }
}

/// The name of an event: the folders that its schemas are in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventName {
    /// The registry, such as `app-core`.
    pub registry: String,
    /// The event type, such as `proposal.published`.
    pub event: String,
}

/// A schema file.
#[derive(Debug, Clone)]
pub struct SchemaFile {
    /// The event.
    pub name: EventName,
    /// The version.
    pub version: Version,
    /// The path as diagnostics show it.
    pub shown: Arc<str>,
    /// The path.
    pub path: PathBuf,
    /// The text.
    pub text: Arc<str>,
}

/// The contents of a schema folder.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The folder.
    pub root: PathBuf,
    /// The folder as diagnostics show it.
    pub shown: String,
    /// The schemas, by event and version.
    pub events: BTreeMap<EventName, BTreeMap<Version, SchemaFile>>,
    /// The text of `schemas.lock`, if the file exists and is readable.
    pub lock: Option<String>,
    /// Why `schemas.lock` cannot be read, if it exists: then it is not known what is locked.
    pub lock_problem: Option<Diagnostic>,
    /// The files beside the folders of events.
    pub loose: Vec<Loose>,
    /// Files that schemas may refer to, but that are not written yet, by path.
    pub unwritten: BTreeMap<PathBuf, Arc<str>>,
}

impl Folder {
    /// Reads a folder. `shown` is the path that diagnostics name.
    ///
    /// Files directly in the folder or in a registry's folder are not schemas of events: other schemas may refer
    /// to them. Names that start with `.` or `_` are skipped.
    ///
    /// Returns everything that was readable beside the problems, so that one run reports all of them.
    pub fn read(root: &Path, shown: &str) -> (Folder, Vec<Diagnostic>) {
        Reader::read(Folder::with_events(root, shown, BTreeMap::new()))
    }

    /// Returns a folder with these events, without a lock and without reading a file: to check schemas that are not
    /// written yet. `shown` is the path that diagnostics name.
    pub fn with_events(
        root: &Path,
        shown: &str,
        events: BTreeMap<EventName, BTreeMap<Version, SchemaFile>>,
    ) -> Folder {
        Folder {
            root: root.to_owned(),
            shown: shown.to_owned(),
            events,
            lock: None,
            lock_problem: None,
            loose: Vec::new(),
            unwritten: BTreeMap::new(),
        }
    }

    /// Returns whether `schemas.lock` exists, readable or not.
    pub fn has_lock(&self) -> bool {
        self.lock.is_some() || self.lock_problem.is_some()
    }

    /// Returns the parsed `schemas.lock`, or `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or its text is not a lock.
    pub fn parsed_lock(&self) -> Option<Result<Lock, Box<Diagnostic>>> {
        if let Some(problem) = &self.lock_problem {
            return Some(Err(Box::new(problem.clone())));
        }
        let shown = format!("{}/{}", self.shown, crate::lock::FILE);
        self.lock.as_deref().map(|text| Lock::parse(text, &shown))
    }

    /// Returns the number of schema files.
    pub fn len(&self) -> usize {
        self.events.values().map(BTreeMap::len).sum()
    }

    /// Returns whether the folder has no schema files.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Turns the error about an empty folder into a warning, for a build: derives report the schemas that they
    /// miss, and the schema of a first event that begins in the code cannot be written before something is built.
    #[doc(hidden)]
    pub fn may_begin_in_code(&self, problem: &mut Diagnostic) {
        if problem.is(&rules::NO_SCHEMAS) && *problem.file == *self.shown && !self.has_lock() {
            problem.severity = Severity::Warning;
            problem.help.push(
                "or begin in the code: `event_testing::assert_locked` writes the schema of a struct"
                    .to_owned(),
            );
        }
    }

    /// Returns all schema files, by event and version.
    pub fn files(&self) -> impl Iterator<Item = &SchemaFile> {
        self.events.values().flat_map(BTreeMap::values)
    }
}

/// Reads a text file of unknown kind and size; the error says why it cannot be read.
pub(crate) fn read_text(path: &Path) -> Result<String, String> {
    let max = event_schema::document::MAX_BYTES as u64;
    let failed = |e: io::Error| format!("failed to read the file: {e}");
    let found = fs::metadata(path).map_err(failed)?;
    if found.is_dir() {
        return Err("this is a folder: expected a file".to_owned());
    }
    if !found.is_file() {
        // reading a pipe may wait forever, and a device has no end
        return Err("this is not a regular file: expected a file".to_owned());
    }
    let size = found.len();
    if size > max {
        return Err(format!("the file has {size} bytes: expected at most {max}"));
    }
    let bytes = fs::read(path).map_err(failed)?;
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        format!("the file is not UTF-8 (byte {at}): expected UTF-8")
    })
}

/// The error about a link that leads out of the folder.
pub(crate) fn link_out(shown: &str) -> Diagnostic {
    bad_link(shown, "the link leads out of the schema folder")
}

fn bad_link(shown: &str, message: &str) -> Diagnostic {
    error(&rules::LINK_OUT_OF_FOLDER, shown, message)
}

/// Returns whether `path`, after all links, is below `root`.
pub fn stays_inside(path: &Path, root: &Path) -> bool {
    match (path.canonicalize(), root.canonicalize()) {
        (Ok(path), Ok(root)) => path.starts_with(root),
        _ => false,
    }
}

/// Returns the path as rustc would show it: relative to the workspace (the folder with `Cargo.lock`, where rustc
/// runs), with `/` between parts; absolute if it is outside of one.
pub fn shown(path: &Path) -> String {
    let path = normal(path);
    let workspace = path.ancestors().skip(1).find(|a| a.join("Cargo.lock").is_file());
    let relative = workspace.and_then(|w| path.strip_prefix(w).ok()).unwrap_or(&path);
    let text = relative.to_string_lossy().replace('\\', "/");
    if text.is_empty() { ".".to_owned() } else { text }
}

/// Removes `.` and `..` without reading the file system.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !out.pop() {
                    out.push("..");
                }
            }
            part => out.push(part),
        }
    }
    out
}
