//! `cargo event lock`: what is new becomes published. What was published stays as it was, so a lock
//! only ever grows.

use std::io::{self, Write};

use clap::Args;
use event_codegen::Project;
use event_codegen::lock::{FILE, Lock};
use event_codegen::problem::any_error;
use event_codegen::write_if_changed;
use event_schema::diagnostic::Diagnostic;

use super::{count, report};
use crate::exit::Exit;
use crate::render::clean;
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Arguments of `cargo event lock`.
#[derive(Debug, Args)]
pub(crate) struct LockArgs {
    #[command(flatten)]
    folder: Folder,
    /// Write nothing; say what is not locked, and exit with 1
    #[arg(long)]
    check: bool,
}

/// Checks as `cargo event check` does, then locks what is not locked yet.
pub(crate) fn run(args: &LockArgs, terminal: &mut Terminal) -> io::Result<Exit> {
    let project = match args.folder.open() {
        Ok(project) => project,
        Err(missing) => return report(terminal, &[*missing], &Sources::default()),
    };
    let sources = Sources::of_project(&project);
    let growing = !args.check;
    let diagnostics: Vec<Diagnostic> = project
        .diagnostics
        .iter()
        .chain(project.lock_diagnostics.iter().filter(|d| !(growing && is_new(d))))
        .cloned()
        .collect();
    let exit = report(terminal, &diagnostics, &sources)?;
    let shown = format!("{}/{FILE}", project.folder.shown);
    if any_error(&diagnostics) {
        if growing {
            terminal.err.flush()?;
            writeln!(terminal.out, "`{shown}` is left as it was")?;
        }
        return Ok(exit);
    }
    let now = Lock::of(&project.folder).with_origins_of(project.lock.as_ref());
    let versions = count(now.entries.len(), "version");
    if project.lock.as_ref() == Some(&now) {
        writeln!(terminal.out, "`{shown}` is up to date: {versions}")?;
        return Ok(exit);
    }
    if let Err(e) = write_if_changed(&project.folder.root.join(FILE), &now.to_text()) {
        let d = Diagnostic::error("unwritable", shown.into(), format!("can't be written: {e}"));
        return report(terminal, &[d], &sources);
    }
    let new = added(&project, &now);
    for (registry, event, version) in &new {
        let line = format!("locked {registry}/{event} {version}");
        writeln!(terminal.out, "{}", clean(&line))?;
    }
    writeln!(terminal.out, "`{shown}` has {versions}, {} new", new.len())?;
    Ok(exit)
}

/// Whether it says no more than that the lock does not know a version yet.
fn is_new(d: &Diagnostic) -> bool {
    matches!(d.rule, "lock-missing" | "schema-not-locked")
}

/// The versions that the old lock doesn't have.
fn added(project: &Project, now: &Lock) -> Vec<(String, String, String)> {
    let known = |key| project.lock.as_ref().is_some_and(|l| l.entries.contains_key(key));
    now.entries
        .keys()
        .filter(|key| !known(*key))
        .map(|(name, version)| (name.registry.clone(), name.event.clone(), version.to_string()))
        .collect()
}
