//! Reads the files of a schema folder into a [`Folder`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use event_schema::diagnostic::Diagnostic;

use super::{EventName, Folder, SchemaFile, Version, bad_link, link_out, read_text, stays_inside};
use crate::loose::{self, Loose};
use crate::problem::{self, help};

pub(super) struct Reader {
    folder: Folder,
    problems: Vec<Diagnostic>,
}

impl Reader {
    /// Reads everything into an empty folder.
    pub(super) fn read(folder: Folder) -> (Folder, Vec<Diagnostic>) {
        let mut reader = Reader { folder, problems: Vec::new() };
        reader.root();
        (reader.folder, reader.problems)
    }

    fn root(&mut self) {
        let root = self.folder.root.clone();
        if !root.is_dir() {
            let message = if root.exists() {
                "the schema folder is a file: expected a folder"
            } else {
                "the schema folder does not exist"
            };
            self.problems.push(help(
                problem::schema_folder_missing(&self.folder.shown, message),
                &[
                    "put schemas at `<registry>/<type>/<major>.<minor>.json` below it, for example `schemas/app-core/proposal.published/1.0.json`",
                    "or name another folder: `event_codegen::compile(\"path\")`, relative to the package",
                    "or, if the first event begins in the code, make the folder: `mkdir schemas`",
                ],
            ));
            return;
        }
        let mut registries = self.folders(&root, "");
        // the readers of the lock and the settings report a folder in their place
        registries.retain(|(name, _)| !loose::is_ours(name));
        self.twins("registries", "", &registries);
        for (registry, path) in registries {
            self.folder_name("a registry", "", &registry);
            let events = self.folders(&path, &registry);
            self.twins("events", &registry, &events);
            for (event, path) in events {
                self.folder_name("an event", &registry, &event);
                let name = EventName { registry: registry.clone(), event };
                self.event(&name, &path);
            }
        }
        self.lock(&root.join(crate::lock::FILE));
        if self.folder.is_empty() && self.problems.is_empty() {
            self.problems.push(help(
                problem::no_schemas(&self.folder.shown, "the schema folder has no schemas"),
                &["put schemas at `<registry>/<type>/<major>.<minor>.json`, for example `app-core/proposal.published/1.0.json`", "`cargo event new TYPE` writes a first one"],
            ));
        }
    }

    fn lock(&mut self, path: &Path) {
        let shown = format!("{}/{}", self.folder.shown, crate::lock::FILE);
        if path.symlink_metadata().is_err_and(|e| e.kind() == io::ErrorKind::NotFound) {
            return;
        }
        if path.is_symlink() && !stays_inside(path, &self.folder.root) {
            // a file outside of the folder is neither read nor shown
            self.folder.lock_problem = Some(link_out(&shown));
            return;
        }
        match read_text(path) {
            Ok(text) => self.folder.lock = Some(text),
            Err(why) => self.folder.lock_problem = Some(problem::unreadable(&shown, why)),
        }
    }

    /// Reports folders whose names differ in case only: a checkout on a file system that ignores case loses one of
    /// them.
    fn twins(&mut self, what: &str, below: &str, folders: &[(String, PathBuf)]) {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (name, _) in folders {
            let Some(other) = seen.insert(name.to_lowercase(), name) else { continue };
            let message = format!(
                "the {what} `{other}` and `{name}` are the same folder on file systems that ignore case"
            );
            self.problems.push(help(
                problem::bad_event_name(&self.shown(below, name), message),
                &["rename one of them, and keep its spelling on the bus as `x-amazon-events-detail-type` in the schema"],
            ));
        }
    }

    /// A path below the folder as diagnostics show it.
    fn shown(&self, below: &str, name: &str) -> String {
        let parts = [self.folder.shown.as_str(), below, name];
        parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("/")
    }

    /// Returns the folders in `dir` by name, and collects the files.
    fn folders(&mut self, dir: &Path, below: &str) -> Vec<(String, PathBuf)> {
        let mut out = Vec::new();
        for (name, path) in self.entries(dir, below) {
            if path.is_dir() {
                out.push((name, path));
            } else if !(below.is_empty() && loose::is_ours(&name)) {
                let shown = self.shown(below, &name);
                self.folder.loose.push(Loose { below: below.to_owned(), file: name, shown, path });
            }
        }
        out
    }

    fn folder_name(&mut self, what: &str, below: &str, name: &str) {
        let Some((message, way)) = loose::bad_folder(what, name) else { return };
        let d = problem::bad_event_name(&self.shown(below, name), message);
        self.problems.push(help(d, &[&way]));
    }

    fn entries(&mut self, dir: &Path, below: &str) -> Vec<(String, PathBuf)> {
        let unreadable = |e: io::Error| {
            problem::unreadable(&self.shown(below, ""), format!("failed to read the folder: {e}"))
        };
        let mut problems = Vec::new();
        let mut out = Vec::new();
        for entry in fs::read_dir(dir).map_or_else(|e| vec![Err(e)], Iterator::collect) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(e) => {
                    problems.push(unreadable(e));
                    continue;
                }
            };
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
                let shown = self.shown(below, &entry.file_name().to_string_lossy());
                problems.push(problem::bad_file_name(&shown, "the name is not UTF-8"));
                continue;
            };
            if name.starts_with(['.', '_']) || crate::write::is_part(&name) {
                continue;
            }
            if name.contains(char::is_control) {
                let shown = self.shown(below, &name.escape_default().to_string());
                let message = "the name contains a control character";
                problems.push(problem::bad_file_name(&shown, message));
                continue;
            }
            let path = entry.path();
            if entry.file_type().is_ok_and(|t| t.is_symlink())
                && !stays_inside(&path, &self.folder.root)
            {
                // the readers of the settings and the lock report their links
                if !(below.is_empty() && loose::is_ours(&name)) {
                    problems.push(link_out(&self.shown(below, &name)));
                }
                continue;
            }
            if path.is_symlink() && leads_around(&path, dir) {
                let message = "the link leads to a folder that contains it";
                let d = bad_link(&self.shown(below, &name), message);
                problems.push(help(d, &["remove the link"]));
                continue;
            }
            out.push((name, path));
        }
        self.problems.extend(problems);
        out.sort();
        out
    }

    fn event(&mut self, name: &EventName, dir: &Path) {
        let below = format!("{}/{}", name.registry, name.event);
        let mut versions = BTreeMap::new();
        for (file, path) in self.entries(dir, &below) {
            let shown = format!("{}/{below}/{file}", self.folder.shown);
            if path.is_dir() || path.extension().is_some_and(|e| e == "md") {
                if path.is_dir() {
                    let message =
                        format!("`{file}` is a folder: expected `<major>.<minor>.json` files");
                    self.problems.push(help(
                        problem::bad_file_name(&shown, message),
                        &["move it out of the event's folder"],
                    ));
                }
                continue;
            }
            let version = file.strip_suffix(".json").and_then(|v| v.parse::<Version>().ok());
            let Some(version) = version else {
                let kind = loose::other_kind(&file);
                let message = match kind {
                    Some(kind) => format!("`{file}` is {kind}: expected a schema in JSON"),
                    None => format!("`{file}` is not a version: expected `<major>.<minor>.json`"),
                };
                let there = |version: Version| dir.join(format!("{version}.json")).exists();
                let way = match (version_meant(&file), kind) {
                    // never suggest to overwrite a version
                    (Some(version), _) if there(version) => format!(
                        "`{version}.json` already exists: remove this file, or rename it to the next version"
                    ),
                    (Some(version), Some(_)) => format!("convert it to JSON, as `{version}.json`"),
                    (Some(version), None) => format!("rename it to `{version}.json`"),
                    (None, _) => "rename a schema to `<major>.<minor>.json`, such as `1.0.json`; move files that schemas only refer to one folder up".to_owned(),
                };
                self.problems.push(help(problem::bad_file_name(&shown, message), &[&way]));
                continue;
            };
            match read_text(&path) {
                Ok(text) => {
                    let schema = SchemaFile {
                        name: name.clone(),
                        version,
                        shown: shown.into(),
                        path,
                        text: text.into(),
                    };
                    versions.insert(version, schema);
                }
                Err(why) => self.problems.push(problem::unreadable(&shown, why)),
            }
        }
        if versions.is_empty() && self.problems.is_empty() {
            let shown = format!("{}/{below}", self.folder.shown);
            self.problems.push(help(
                problem::no_schemas(&shown, format!("the event `{}` has no versions", name.event)),
                &["add `1.0.json`, or remove the folder"],
            ));
        }
        if !versions.is_empty() {
            self.folder.events.insert(name.clone(), versions);
        }
    }
}

/// Guesses the version that a name such as `v1.json`, `1.0.0.json` or `1-0-0.yaml` means.
fn version_meant(file: &str) -> Option<Version> {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let stem = stem.strip_suffix(".schema").unwrap_or(stem);
    let numbers: Vec<u32> = stem
        .trim_start_matches(['v', 'V'])
        .split(['.', '-', '_'])
        .map(|part| part.parse().ok().filter(|_| part == "0" || !part.starts_with(['0', '+'])))
        .collect::<Option<_>>()?;
    match numbers.as_slice() {
        [major] => Some(Version { major: *major, minor: 0 }),
        [major, minor] | [major, minor, 0] => Some(Version { major: *major, minor: *minor }),
        _ => None,
    }
}

/// Returns whether a link in `dir` leads to `dir` or to a folder that contains it.
fn leads_around(path: &Path, dir: &Path) -> bool {
    match (path.canonicalize(), dir.canonicalize()) {
        (Ok(path), Ok(dir)) => dir.starts_with(path),
        _ => false,
    }
}
