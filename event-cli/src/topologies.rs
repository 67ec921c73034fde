//! The topologies that a command is told of, or finds.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use event_folder::problem;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use event_topology::plan::Plan;

use crate::input::Input;

/// The file that a service writes its topology to.
const FILE: &str = "topology.json";

/// How deep below the current directory topologies are looked for.
const DEPTH: usize = 6;

/// Returns the named topologies, or every one below the current directory, and an error for every folder that could
/// not be read.
pub(crate) fn named_or_below(named: &[PathBuf]) -> (Vec<PathBuf>, Vec<Diagnostic>) {
    if named.is_empty() { below(Path::new(".")) } else { (named.to_vec(), Vec::new()) }
}

/// Reads the named topologies, or every one below the current directory.
///
/// # Errors
///
/// Every file and folder that cannot be read, and every file that is not a topology.
pub(crate) fn plans(named: &[PathBuf]) -> Result<Vec<Plan>, Vec<Diagnostic>> {
    let (files, mut problems) = named_or_below(named);
    let mut plans = Vec::new();
    for file in files {
        match read(&file) {
            Ok(plan) => plans.push(plan),
            Err(problem) => problems.push(*problem),
        }
    }
    if problems.is_empty() { Ok(plans) } else { Err(problems) }
}

/// Reads a topology.
pub(crate) fn read(path: &Path) -> Result<Plan, Box<Diagnostic>> {
    let mut input = Input::open(path)?;
    let text = input.text()?;
    serde_json::from_str(&text).map_err(|error| {
        let shown = input.shown.as_str();
        let message = format!("failed to read the topology: {error}");
        let d = Diagnostic::error(&rules::TOPOLOGY_UNREADABLE, shown.into(), message);
        Box::new(d.with_help(rules::TOPOLOGY_UNREADABLE.fix))
    })
}

/// The error where no topology was found.
pub(crate) fn missing() -> Diagnostic {
    let message = format!("no `{FILE}` found below the current directory");
    Diagnostic::error(&rules::TOPOLOGY_MISSING, "".into(), message)
        .with_help(rules::TOPOLOGY_MISSING.fix)
}

/// Returns every topology below a folder, in order, and an error for every folder that could not be read: a topology
/// in it would be missing from the answer. Skips hidden folders, build output and installed packages, and follows no
/// links.
fn below(root: &Path) -> (Vec<PathBuf>, Vec<Diagnostic>) {
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries = fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        for entry in entries.unwrap_or_else(|error| {
            unread.push(folder_unreadable(&folder, &error));
            Vec::new()
        }) {
            let name = entry.file_name();
            let kind = match entry.file_type() {
                Ok(kind) => kind,
                Err(error) => {
                    unread.push(folder_unreadable(&entry.path(), &error));
                    continue;
                }
            };
            let skipped = name.to_string_lossy().starts_with('.')
                || name == "target"
                || name == "node_modules";
            if kind.is_dir() && depth < DEPTH && !skipped {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_file() && name == FILE {
                found.push(shown(&entry.path()));
            }
        }
    }
    found.sort();
    unread.sort_by(|a, b| a.file.cmp(&b.file));
    (found, unread)
}

fn folder_unreadable(folder: &Path, error: &io::Error) -> Diagnostic {
    let folder = shown(folder);
    let message = format!("failed to read the folder: {error}");
    problem::unreadable(&folder.to_string_lossy(), message)
        .with_help("make it readable, or name each topology with `--topology FILE`")
}

/// The path without the `./` of the current directory.
fn shown(path: &Path) -> PathBuf {
    match path.strip_prefix(".") {
        Ok(below) if below.as_os_str().is_empty() => path.to_owned(),
        Ok(below) => below.to_owned(),
        Err(_) => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_that_cannot_be_read_is_an_error_that_names_it() {
        let scratch = tempfile::tempdir().unwrap();
        let missing = scratch.path().join("services");
        let (found, unread) = below(&missing);
        assert_eq!(found, Vec::<PathBuf>::new());
        let headlines: Vec<String> = unread.iter().map(Diagnostic::headline).collect();
        let [headline] = &*headlines else { panic!("{headlines:?}") };
        assert!(headline.contains(&*missing.to_string_lossy()), "{headline}");
        assert!(headline.contains("failed to read the folder: "), "{headline}");
    }
}
