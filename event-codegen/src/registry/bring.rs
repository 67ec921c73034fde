//! A pull as part of a build: only where the build script asks for it in code.

use std::path::Path;

use event_schema::diagnostic::{Diagnostic, Severity};

use super::client::Client;
use super::pull::{self, Fetched, Revisions};
use super::{commit, name};
use crate::load::{self, Folder};
use crate::lock::{self, Lock, Site};
use crate::problem::{error, help};

/// When a build pulls a registry that it names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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

/// Pulls the registry into the folder `root` where `when` says so. What could not be reached is a warning
/// where all that is locked is there, else an error; what breaks is refused, and nothing is written.
pub(crate) fn bring(root: &Path, registry: &str, when: Pull) -> Vec<Diagnostic> {
    let (folder, _) = Folder::read(root, &load::shown(root));
    let lock_shown = format!("{}/{}", folder.shown, lock::FILE);
    // a lock that doesn't read is said by who reads the folder next
    let lock = folder.lock.as_deref().and_then(|text| Lock::parse(text, &lock_shown).ok());
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
                error("registry-not-pulled", &folder.shown, message),
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
    match commit::commit(root, &plan) {
        // warnings about the schemas are said by who reads the folder next
        Ok(_) => Vec::new(),
        Err(e) => {
            let message = format!("what was pulled can't be written: {e}");
            vec![error("unwritable", &load::shown(root), message)]
        }
    }
}

fn here(folder: &Folder, lock: &Lock, registry: &str) -> Here {
    let Ok(dir) = name::to_folder(registry) else { return Here::Nothing };
    let mut locked = lock.entries.keys().filter(|(name, _)| name.registry == dir).peekable();
    if locked.peek().is_none() {
        return Here::Nothing;
    }
    let there = |(name, version): &(load::EventName, load::Version)| {
        folder.events.get(name).is_some_and(|versions| versions.contains_key(version))
    };
    if locked.all(there) { Here::All } else { Here::Part }
}
