//! Pulls as part of a build. This happens only if the build script calls it, before the schemas are compiled.
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

/// When a build pulls a registry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pull {
    /// Never: the repository contains the schemas. The build is reproducible and works without a network.
    #[default]
    Never,
    /// Pulls if the folder has nothing locked of the registry, or lacks a version that the lock lists.
    IfMissing,
    /// Pulls in every build. Cargo then runs the build script each time.
    Always,
}

/// Which locked versions of a registry a folder has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Here {
    /// No version is locked.
    Nothing,
    /// Some locked versions are missing.
    Part,
    /// All locked versions.
    All,
}

/// Pulls a registry into the schema folder and its lock, all or nothing, as `cargo event pull` does.
///
/// Call this in a build script: it prints instructions for cargo, and a version that breaks fails the build. On docs.rs
/// it does nothing.
///
/// `folder` is relative to the package. If the registry cannot be reached, the build continues with a warning if the
/// folder has all locked versions, and fails otherwise.
pub fn pull(folder: impl Into<PathBuf>, registry: &str, when: Pull) {
    let out = io::stdout();
    // if stdout is closed, cargo has ended
    let _ = pull_to(&mut out.lock(), &folder.into(), registry, when);
}

fn pull_to(out: &mut impl Write, folder: &Path, registry: &str, when: Pull) -> io::Result<()> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let root = manifest.join(folder);
    report::instruction(out, "rerun-if-changed", &root.to_string_lossy())?;
    if when == Pull::Always {
        // cargo treats a missing file as changed
        let never = root.join(".pull/always");
        report::instruction(out, "rerun-if-changed", &never.to_string_lossy())?;
    }
    if std::env::var_os("DOCS_RS").is_some() {
        return Ok(());
    }
    report::write(out, &run(&root, registry, when))
}

/// Pulls as [`pull()`] does, and returns the diagnostics instead of printing them. With an error, nothing was written.
pub fn run(root: &Path, registry: &str, when: Pull) -> Vec<Diagnostic> {
    let (folder, _) = Folder::read(root, &load::shown(root));
    // the next reader of the folder reports an invalid lock
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
                Here::Part => "lacks locked versions",
                _ => "has no locked versions",
            };
            let message =
                format!("the registry `{registry}` cannot be read, and the folder {what} of it");
            problems.push(help(
                error(&rules::REGISTRY_NOT_PULLED, &folder.shown, message),
                &[
                    &format!("run `cargo event pull --registry {registry}` where the registry can be reached, and commit `{}`", folder.shown),
                ],
            ));
            problems
        }
    }
}

/// Turns the failure into a warning: the build can use the locked versions.
fn later(registry: &str, mut problem: Diagnostic) -> Diagnostic {
    problem.severity = Severity::Warning;
    let note = format!("the build uses the locked schemas of `{registry}`, which are all here");
    help(problem, &[&note])
}

fn write(root: &Path, place: &Site, registry: &str, fetched: &[Fetched]) -> Vec<Diagnostic> {
    let plan = match pull::plan(root, place, registry, fetched, Revisions::All) {
        Ok(plan) => plan,
        Err(problems) => return problems,
    };
    match commit::commit(root, &plan.change) {
        // the next reader of the folder reports warnings about the schemas
        Ok(_) => Vec::new(),
        Err(e) => {
            let message = format!("failed to write the pulled schemas: {e}");
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
