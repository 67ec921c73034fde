//! `cargo event unlock`: removes a version from the lock that was locked by mistake and never published.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use event_codegen::Project;
use event_folder::load::{EventName, Version};
use event_folder::lock::{FILE, Key, Lock};
use event_folder::problem;
use event_folder::write_if_changed;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use serde_json::json;

use super::{not_the_newest, refuse, unwritable};
use crate::exit::Exit;
use crate::format::Plain;
use crate::git;
use crate::render::clean;
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Remove a version that was never published from the lock
///
/// The version becomes a draft again, and its file can be edited. The command fails if somebody else may have the
/// version: if the lock records a registry for it, or if it is locked in git on a remote branch, on the main branch or
/// in a tag.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event unlock order.placed@1.1
  cargo event unlock order.placed@1.1 --registry shop")]
pub(crate) struct Unlock {
    /// The type of the event and the version
    #[arg(value_name = "TYPE@VERSION")]
    version: String,
    /// Set the registry, if several have an event of this type
    #[arg(long, value_name = "REGISTRY")]
    registry: Option<String>,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
    #[command(flatten)]
    folder: Folder,
}

/// Removes the version if nothing shows that it is published.
pub(crate) fn run(args: &Unlock, terminal: &mut Terminal) -> io::Result<Exit> {
    let held = args.folder.hold();
    let done = args.folder.open().and_then(|project| {
        let _held = held.map_err(|e| Box::new(unwritable(&project.folder.root, &e)))?;
        let (key, lock) = plan(args, &project)?;
        let path = project.folder.root.join(FILE);
        write_if_changed(&path, &lock.to_text())
            .map_err(|e| Box::new(unwritable(Path::new(&shown(&project)), &e)))?;
        Ok((project, key))
    });
    let (project, (name, version)) = match done {
        Ok(done) => done,
        Err(problem) => return refuse(terminal, args.format, &[*problem], &Sources::default()),
    };
    let file = format!("{}/{}/{}/{version}.json", project.folder.shown, name.registry, name.event);
    if args.format == Plain::Json {
        let answer = json!({
            "ok": true,
            "registry": name.registry,
            "type": name.event,
            "version": version.to_string(),
            "file": file,
        });
        writeln!(terminal.out, "{answer:#}")?;
        return Ok(Exit::Fine);
    }
    let line = format!("unlocked {}/{} {version}: it is a draft again", name.registry, name.event);
    writeln!(terminal.out, "{}\nnext:", clean(&line))?;
    writeln!(terminal.out, "  {}", clean(&format!("edit `{file}`, or remove it")))?;
    writeln!(terminal.out, "  lock it when it is final: `cargo event lock`")?;
    Ok(Exit::Fine)
}

fn shown(project: &Project) -> String {
    format!("{}/{FILE}", project.folder.shown)
}

/// Returns the version, and the lock without it.
fn plan(args: &Unlock, project: &Project) -> Result<(Key, Lock), Box<Diagnostic>> {
    let Some(lock) = &project.lock else {
        let bad = project.lock_diagnostics.iter().find(|d| !d.is(&rules::LOCK_MISSING)).cloned();
        let none = || {
            problem::lock_missing(&shown(project), "the lock does not exist")
                .with_help("no version is locked, so edit any file")
        };
        return Err(Box::new(bad.unwrap_or_else(none)));
    };
    let key = find(args, lock, &shown(project))?;
    let published = |why: String, help: &str| {
        let (name, version) = &key;
        let message = format!("`{}` {version} is published: {why}", name.event);
        let d = Diagnostic::error(&rules::VERSION_PUBLISHED, shown(project).into(), message);
        Box::new(d.with_help(help).with_help(format!(
            "others may use it, so put the change into a new version: `cargo event new-version {}`",
            name.event
        )))
    };
    let (name, version) = &key;
    let mut later = lock
        .entries
        .keys()
        .filter(|(n, v)| n == name && v.major == version.major && v.minor > version.minor);
    if let Some((_, later)) = later.next_back() {
        let message =
            format!("`{}` {later} is locked, too, and was checked against {version}", name.event);
        let d = not_the_newest(&shown(project), message);
        return Err(Box::new(d.with_help(format!(
            "unlock that version first: `cargo event unlock {}@{later}`",
            name.event
        ))));
    }
    if let Some(origin) = lock.origins.of(&key).next() {
        let why = format!(
            "the lock records it as version {} of the schema `{}` in the registry `{}`",
            origin.version, origin.schema, origin.registry
        );
        return Err(published(why, "a registry keeps every uploaded version"));
    }
    let below = |text: &str| match Lock::parse(text, "") {
        Ok(there) => there.entries.contains_key(&key),
        // an unreadable lock may list it
        Err(_) => text.contains(&format!("\"{}\"", name.event)),
    };
    let found = git::locks(&project.folder.root)?.into_iter().find(|(_, text)| below(text));
    if let Some((reference, _)) = found {
        let why = format!("it is locked in git at `{reference}`");
        return Err(published(why, &format!("see the lock: `git show {reference}:./{FILE}`")));
    }
    let mut lock = lock.clone();
    lock.upgrade(&project.folder);
    lock.remove(&key);
    Ok((key, lock))
}

/// Finds the version in the lock.
fn find(args: &Unlock, lock: &Lock, shown: &str) -> Result<Key, Box<Diagnostic>> {
    let refused = |rule, message: String, help: String| {
        Box::new(Diagnostic::error(rule, shown.into(), message).with_help(help))
    };
    let asked = args.version.rsplit_once('@');
    let Some((event, Ok(version))) = asked.map(|(e, v)| (e, v.parse::<Version>())) else {
        let message = format!("invalid version `{}`: expected TYPE@MAJOR.MINOR", args.version);
        return Err(refused(
            &rules::UNKNOWN_EVENT,
            message,
            "name a version such as `order.placed@1.1`".to_owned(),
        ));
    };
    let (registry, event) = match event.split_once('/') {
        Some((registry, event)) => (Some(registry), event),
        None => (args.registry.as_deref(), event),
    };
    let its = |name: &EventName| name.event == event && registry.is_none_or(|r| r == name.registry);
    let all: Vec<&Key> = lock.entries.keys().filter(|(name, _)| its(name)).collect();
    let named: Vec<&Key> = all.iter().copied().filter(|(_, v)| *v == version).collect();
    match named.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let message = format!("`{event}` {version} is not locked");
            let versions: Vec<String> = all.iter().map(|(_, v)| v.to_string()).collect();
            let help = if versions.is_empty() {
                "list the versions: `cargo event list`".to_owned()
            } else {
                format!("locked versions of it: {}", versions.join(", "))
            };
            Err(refused(&rules::UNKNOWN_EVENT, message, help))
        }
        several => {
            let names: Vec<String> =
                several.iter().map(|(n, _)| format!("`--registry {}`", n.registry)).collect();
            let message = format!("several registries have `{event}` {version}");
            Err(refused(
                &rules::AMBIGUOUS_EVENT,
                message,
                format!("name one: {}", names.join(" or ")),
            ))
        }
    }
}
