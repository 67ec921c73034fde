//! A pull as part of a build: only where the build script asks for it in code, before the schemas are compiled.
//!
//! ```no_run
//! // build.rs
//! use event_registry::build::{Pull, pull};
//!
//! pull("schemas", "app-core", Pull::IfMissing);
//! // event_codegen::compile("schemas");
//! ```

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use event_folder::commit;
use event_folder::load::{self, Folder};
use event_folder::lock::{Lock, Site};
use event_folder::name::to_folder;
use event_folder::problem::{self, error, help};
use event_folder::report;
use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::rules;

use crate::client::Client;
use crate::pull::{self, Fetched, Revisions};

/// When a build pulls a registry that it names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pull {
    /// Never: the repository has the schemas. The build is reproducible, and works without a network.
    #[default]
    Never,
    /// Where the folder has nothing of the registry, or lacks a version that the lock lists.
    IfMissing,
    /// At every build. Cargo then runs the build script each time.
    Always,
}

/// What a folder has of a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Here {
    /// Nothing that is locked.
    Nothing,
    /// Not all that is locked.
    Part,
    /// All that is locked.
    All,
}

/// Pulls a registry into the schema folder and its lock where `when` says so: as `cargo event pull` does, whole or not
/// at all. What a build script calls; prints the instructions for cargo, and what breaks fails the build. On docs.rs
/// nothing is pulled.
///
/// `folder` is relative to the package. A registry out of reach is a warning where all that is locked of it is there,
/// else an error that says what to run.
pub fn pull(folder: impl Into<PathBuf>, registry: &str, when: Pull) {
    let out = io::stdout();
    // where stdout is gone, cargo is gone
    let _ = pull_to(&mut out.lock(), &folder.into(), registry, when);
}

fn pull_to(out: &mut impl Write, folder: &Path, registry: &str, when: Pull) -> io::Result<()> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let root = manifest.join(folder);
    report::instruction(out, "rerun-if-changed", &root.to_string_lossy())?;
    if when == Pull::Always {
        // what isn't there has changed, as cargo sees it
        let never = root.join(".pull/always");
        report::instruction(out, "rerun-if-changed", &never.to_string_lossy())?;
    }
    if std::env::var_os("DOCS_RS").is_some() {
        return Ok(());
    }
    report::write(out, &run(&root, registry, when))
}

/// Pulls as [`pull()`] does, and returns what is to be said of it instead of printing it. With an error nothing was
/// written.
pub fn run(root: &Path, registry: &str, when: Pull) -> Vec<Diagnostic> {
    let (folder, _) = Folder::read(root, &load::shown(root));
    // a lock that doesn't read is said by who reads the folder next
    let lock = folder.parsed_lock().and_then(Result::ok);
    let lock = lock.unwrap_or_default();
    let here = here(&folder, &lock, registry);
    let wanted = match when {
        Pull::Never => false,
        Pull::IfMissing => here != Here::All,
        Pull::Always => true,
    };
    if !wanted {
        return Vec::new();
    }
    let fetched = Client::connect().and_then(|client| {
        let place = client.place_or_missing(registry)?;
        let known = pull::known(&folder, &lock, &place, registry);
        Ok((client.fetch(registry, None, &known, &mut |_| ())?, place))
    });
    match fetched {
        Ok((fetched, place)) => write(root, &place, registry, &fetched),
        Err(problems) if here == Here::All => {
            problems.into_iter().map(|d| later(registry, d)).collect()
        }
        Err(mut problems) => {
            let what = match here {
                Here::Part => "lacks versions that its lock lists",
                _ => "has no locked schema",
            };
            let message = format!("the folder {what} of `{registry}`, which can't be read");
            problems.push(help(
                error(&rules::REGISTRY_NOT_PULLED, &folder.shown, message),
                &[
                    &format!("where it can be reached: `cargo event pull --registry {registry}`, and commit `{}`", folder.shown),
                ],
            ));
            problems
        }
    }
}

/// The failure as a warning: what is locked is there, and is built from.
fn later(registry: &str, mut problem: Diagnostic) -> Diagnostic {
    problem.severity = Severity::Warning;
    let note = format!("the locked schemas of `{registry}` are all here, and are built from");
    help(problem, &[&note])
}

fn write(root: &Path, place: &Site, registry: &str, fetched: &[Fetched]) -> Vec<Diagnostic> {
    let plan = match pull::plan(root, place, registry, fetched, Revisions::All) {
        Ok(plan) => plan,
        Err(problems) => return problems,
    };
    match commit::commit(root, &plan.change) {
        // warnings about the schemas are said by who reads the folder next
        Ok(_) => Vec::new(),
        Err(e) => {
            let message = format!("what was pulled can't be written: {e}");
            vec![problem::unwritable(&load::shown(root), message)]
        }
    }
}

fn here(folder: &Folder, lock: &Lock, registry: &str) -> Here {
    let Ok(dir) = to_folder(registry) else { return Here::Nothing };
    let mut locked = lock.entries.keys().filter(|(name, _)| name.registry == dir).peekable();
    if locked.peek().is_none() {
        return Here::Nothing;
    }
    let there = |(name, version): &(load::EventName, load::Version)| {
        folder.events.get(name).is_some_and(|versions| versions.contains_key(version))
    };
    if locked.all(there) { Here::All } else { Here::Part }
}
