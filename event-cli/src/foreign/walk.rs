//! Finds the files of an import: given files, and all files in given folders that may be schemas.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use event_folder::problem;
use event_schema::diagnostic::Diagnostic;

/// Files of tools that are beside schemas.
const TOOLS: [&str; 8] = [
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "composer.json",
    "renovate.json",
    "deno.json",
    "cdk.json",
    "nx.json",
];

/// The largest depth of a folder.
const MAX_DEPTH: usize = 64;

/// A file of the import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The path.
    pub(crate) path: PathBuf,
    /// The parts of the path below the given folder.
    pub(crate) below: Vec<String>,
}

/// Returns the files of the import, sorted, and the skipped files of folders as diagnostics show them.
pub(crate) fn files(given: &[PathBuf]) -> Result<(Vec<Found>, Vec<String>), Vec<Diagnostic>> {
    let (mut out, mut passed, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let common = common(given);
    for path in given {
        if !path.is_dir() {
            let below = path.strip_prefix(&common).unwrap_or(path);
            out.push(Found { path: path.clone(), below: parts(below) });
            continue;
        }
        let mut paths = Vec::new();
        problems.extend(walk(path, 0, &mut paths).err().map(|d| *d));
        let before = out.len();
        for file in paths {
            let below = parts(file.strip_prefix(path).unwrap_or(&file));
            if may_be_schema(&file) {
                out.push(Found { path: file, below });
            } else {
                passed.push(file.to_string_lossy().into_owned());
            }
        }
        if out.len() == before && problems.is_empty() {
            let shown = path.to_string_lossy();
            let message = "the folder has no JSON files";
            problems.push(problem::no_schemas(&shown, message));
        }
    }
    // a folder and a file in it may both be given
    let mut seen = BTreeSet::new();
    out.retain(|found| {
        seen.insert(found.path.canonicalize().unwrap_or_else(|_| found.path.clone()))
    });
    if problems.is_empty() { Ok((out, passed)) } else { Err(problems) }
}

/// Returns the files with samples: given files, and all JSON and NDJSON files in given folders.
pub(crate) fn samples(given: &[PathBuf]) -> Result<Vec<Found>, Vec<Diagnostic>> {
    let (mut out, _) = files(given)?;
    for dir in given.iter().filter(|path| path.is_dir()) {
        let mut paths = Vec::new();
        walk(dir, 0, &mut paths).map_err(|d| vec![*d])?;
        let lines = |p: &PathBuf| p.extension().is_some_and(|e| e == "ndjson" || e == "jsonl");
        let found = |path: PathBuf| Found { below: parts(&path), path };
        out.extend(paths.into_iter().filter(lines).map(found));
    }
    Ok(out)
}

/// Returns the folder that contains all given files; for one file, the parent of its folder.
fn common(given: &[PathBuf]) -> PathBuf {
    let mut files = given.iter().filter(|p| !p.is_dir());
    let Some(first) = files.next() else { return PathBuf::new() };
    let dir = first.parent().unwrap_or(Path::new(""));
    let mut common = dir.to_owned();
    let mut alone = true;
    for path in files {
        alone = false;
        while !path.starts_with(&common) {
            if !common.pop() {
                return PathBuf::new();
            }
        }
    }
    // the folder of the only file, or of all files, may name the event
    if alone || common == dir {
        common.parent().map(Path::to_owned).unwrap_or_default()
    } else {
        common
    }
}

fn parts(path: &Path) -> Vec<String> {
    path.components()
        .filter_map(|c| match c {
            std::path::Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect()
}

fn walk(dir: &Path, depth: usize, out: &mut Vec<PathBuf>) -> Result<(), Box<Diagnostic>> {
    let failed = |e: std::io::Error| {
        let shown = dir.to_string_lossy();
        Box::new(problem::unreadable(&shown, format!("failed to read the folder: {e}")))
    };
    let entries: Result<Vec<_>, _> = fs::read_dir(dir).map_err(failed)?.collect();
    let mut paths: Vec<_> = entries.map_err(failed)?.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') || name == "node_modules" || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            if depth == MAX_DEPTH {
                let message =
                    format!("the folder is too deep: expected at most {MAX_DEPTH} levels");
                let shown = path.to_string_lossy();
                let d = problem::unreadable(&shown, message);
                return Err(Box::new(d.with_help("name a folder further down")));
            }
            walk(&path, depth + 1, out)?;
        } else if path.is_file() {
            out.push(path);
        }
    }
    Ok(())
}

/// Returns whether a file in a folder may be a schema: by its extension, or else by its first character.
fn may_be_schema(path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    if TOOLS.contains(&name.as_str()) {
        return false;
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    match ending {
        Some("json" | "jsonschema") => true,
        None | Some("schema") => begins_as_json(path),
        Some(ending) => ending.bytes().all(|b| b.is_ascii_digit()) && begins_as_json(path),
    }
}

fn begins_as_json(path: &Path) -> bool {
    let mut head = [0; 64];
    let read = fs::File::open(path).and_then(|mut f| f.read(&mut head)).unwrap_or(0);
    head[..read].iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{')
}
