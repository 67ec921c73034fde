//! `cargo event unlock`: the way back for a version that was locked by mistake and that nobody else has.

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

use super::{refuse, unwritable};
use crate::exit::Exit;
use crate::format::Plain;
use crate::git;
use crate::render::clean;
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Take a version that was never published out of the lock
///
/// The version becomes a draft again, and its file can be edited. Refused where somebody else may have the
/// version: where the lock says that it is in a registry, or where git has it locked on a remote branch, on the main
/// branch or in a tag.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event unlock order.placed@1.1
  cargo event unlock order.placed@1.1 --registry shop")]
pub(crate) struct Unlock {
    /// The event's type and the version
    #[arg(value_name = "TYPE@VERSION")]
    version: String,
    /// The event's registry, where several have an event of this type
    #[arg(long, value_name = "REGISTRY")]
    registry: Option<String>,
    /// How to say it
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
    #[command(flatten)]
    folder: Folder,
}

/// Takes it out, where nothing says that it is published.
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
    writeln!(terminal.out, "  lock it, once it is final: `cargo event lock`")?;
    Ok(Exit::Fine)
}

fn shown(project: &Project) -> String {
    format!("{}/{FILE}", project.folder.shown)
}

/// The version, and the lock without it.
fn plan(args: &Unlock, project: &Project) -> Result<(Key, Lock), Box<Diagnostic>> {
    let Some(lock) = &project.lock else {
        let bad = project.lock_diagnostics.iter().find(|d| !d.is(&rules::LOCK_MISSING)).cloned();
        let none = || {
            problem::lock_missing(&shown(project), "there is no lock")
                .with_help("nothing is locked, so every file can be edited")
        };
        return Err(Box::new(bad.unwrap_or_else(none)));
    };
    let key = find(args, lock, &shown(project))?;
    let published = |why: String, help: &str| {
        let (name, version) = &key;
        let message = format!("`{}` {version} is published: {why}", name.event);
        let d = Diagnostic::error(&rules::VERSION_PUBLISHED, shown(project).into(), message);
        Box::new(d.with_help(help).with_help(format!(
            "others may read it, so it stays; put the change into a new version: `cargo event new-version {}`",
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
            format!("`{}` {later} is locked too, and was checked against {version}", name.event);
        let d = Diagnostic::error(&rules::NOT_THE_NEWEST, shown(project).into(), message);
        return Err(Box::new(d.with_help(format!(
            "unlock that first: `cargo event unlock {}@{later}`",
            name.event
        ))));
    }
    if let Some(origin) = lock.origins.of(&key).next() {
        let why = format!(
            "the lock says that it is version {} of the schema `{}` in the registry `{}`",
            origin.version, origin.schema, origin.registry
        );
        return Err(published(why, "a registry keeps what was uploaded"));
    }
    let below = |text: &str| match Lock::parse(text, "") {
        Ok(there) => there.entries.contains_key(&key),
        // a lock that cannot be read may list it
        Err(_) => text.contains(&format!("\"{}\"", name.event)),
    };
    let found = git::locks(&project.folder.root)?.into_iter().find(|(_, text)| below(text));
    if let Some((reference, _)) = found {
        let why = format!("`{reference}` in git has it locked");
        return Err(published(why, &format!("see it: `git show {reference}:./{FILE}`")));
    }
    let mut lock = lock.clone();
    lock.upgrade(&project.folder);
    lock.remove(&key);
    Ok((key, lock))
}

/// The version that is meant, among those of the lock.
fn find(args: &Unlock, lock: &Lock, shown: &str) -> Result<Key, Box<Diagnostic>> {
    let refused = |rule, message: String, help: String| {
        Box::new(Diagnostic::error(rule, shown.into(), message).with_help(help))
    };
    let asked = args.version.rsplit_once('@');
    let Some((event, Ok(version))) = asked.map(|(e, v)| (e, v.parse::<Version>())) else {
        let message = format!("`{}` does not name a version", args.version);
        return Err(refused(
            &rules::UNKNOWN_EVENT,
            message,
            "expected TYPE@MAJOR.MINOR, such as `order.placed@1.1`".to_owned(),
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
            let message = format!("`{event}` {version} is not in the lock");
            let versions: Vec<String> = all.iter().map(|(_, v)| v.to_string()).collect();
            let help = if versions.is_empty() {
                "see what is locked: `cargo event list`".to_owned()
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
