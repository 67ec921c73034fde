//! `cargo event lock`: locks new versions. It never changes a locked version, so a lock only grows.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use event_codegen::Project;
use event_folder::lock::{FILE, Lock};
use event_folder::problem::any_error;
use event_folder::write_if_changed;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use serde_json::{Value, json};

use super::{count, refuse, report, unwritable};
use crate::exit::Exit;
use crate::format::{Plain, json as to_json};
use crate::render::clean;
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Lock new versions: from then on they never change
///
/// First checks the folder as `cargo event check` does. If a locked version was edited or deleted, the command fails
/// and does not change the lock.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event lock
  cargo event lock --check                 # in CI: fails if a version is not locked")]
pub(crate) struct LockArgs {
    #[command(flatten)]
    folder: Folder,
    /// Write nothing; list the versions that are not locked, and exit with 1 if there are any
    #[arg(long)]
    check: bool,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
}

/// Checks the folder as `cargo event check` does, then locks new versions.
pub(crate) fn run(args: &LockArgs, terminal: &mut Terminal) -> io::Result<Exit> {
    // keeps versions that another command locks at the same time
    let held = args.folder.hold();
    let project = match args.folder.open() {
        Ok(project) => project,
        Err(missing) => return refuse(terminal, args.format, &[*missing], &Sources::default()),
    };
    let sources = Sources::of_project(&project);
    let growing = !args.check;
    let _held = match held {
        Ok(held) => held,
        // a folder that cannot be held, such as a read-only one, has no other writer
        Err(_) if !growing => None,
        Err(e) => {
            return refuse(
                terminal,
                args.format,
                &[unwritable(&project.folder.root, &e)],
                &sources,
            );
        }
    };
    let diagnostics: Vec<Diagnostic> = project
        .diagnostics
        .iter()
        .chain(project.lock_diagnostics.iter().filter(|d| !(growing && is_new(d))))
        .cloned()
        .collect();
    let exit = Exit::of_all(&diagnostics);
    let shown = format!("{}/{FILE}", project.folder.shown);
    let now = Lock::of(&project.folder).with_origins_of(project.lock.as_ref());
    let path = project.folder.root.join(FILE);
    let refused = any_error(&diagnostics);
    let current = project.lock.as_ref() == Some(&now);
    if !refused
        && !current
        && growing
        && let Err(e) = write_if_changed(&path, &now.to_text())
    {
        return refuse(terminal, args.format, &[unwritable(Path::new(&shown), &e)], &sources);
    }
    let new = if refused { Vec::new() } else { added(&project, &now) };
    if args.format == Plain::Json {
        let answer = json!({
            "lock": shown,
            "ok": exit == Exit::Fine,
            "versions": now.entries.len(),
            "locked": new.iter().map(to_value).collect::<Vec<_>>(),
            "diagnostics": diagnostics.iter().map(to_json::diagnostic).collect::<Vec<_>>(),
        });
        writeln!(terminal.out, "{answer:#}")?;
        return Ok(exit);
    }
    report(terminal, &diagnostics, &sources)?;
    if refused {
        if growing {
            terminal.err.flush()?;
            writeln!(terminal.out, "`{shown}` is unchanged")?;
        }
        return Ok(exit);
    }
    let versions = count(now.entries.len(), "version");
    if project.lock.as_ref().is_some_and(|l| l.old_format) && !args.check {
        let line = format!(
            "`{shown}` was rewritten in format 2, which also covers what schemas refer to in other files: {}",
            count(now.shared.len(), "shared definition")
        );
        writeln!(terminal.out, "{line}")?;
    }
    if current {
        writeln!(terminal.out, "`{shown}` is up to date: {versions}")?;
        return Ok(exit);
    }
    for (registry, event, version) in &new {
        let line = format!("locked {registry}/{event} {version}");
        writeln!(terminal.out, "{}", clean(&line))?;
    }
    writeln!(terminal.out, "`{shown}` has {versions}, {} new", new.len())?;
    Ok(exit)
}

fn to_value((registry, event, version): &(String, String, String)) -> Value {
    json!({ "registry": registry, "type": event, "version": version })
}

/// Returns whether a diagnostic only reports that a version is not locked yet.
fn is_new(d: &Diagnostic) -> bool {
    [&rules::LOCK_MISSING, &rules::SCHEMA_NOT_LOCKED, &rules::LOCK_FORMAT].contains(&d.rule)
}

/// Returns the versions that the old lock does not list.
fn added(project: &Project, now: &Lock) -> Vec<(String, String, String)> {
    let known = |key| project.lock.as_ref().is_some_and(|l| l.entries.contains_key(key));
    now.entries
        .keys()
        .filter(|key| !known(*key))
        .map(|(name, version)| (name.registry.clone(), name.event.clone(), version.to_string()))
        .collect()
}
