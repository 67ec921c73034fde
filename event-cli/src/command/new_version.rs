//! `cargo event new-version`: writes the file of the next version from the text of the newest one.

mod from_code;

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use event_codegen::Project;
use event_folder::family::Member;
use event_folder::load::Version;
use event_folder::problem::{self, any_error};
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use serde_json::json;

use super::{not_the_newest, refuse, unwritable};
use crate::event::Wanted;
use crate::exit::Exit;
use crate::format::Plain;
use crate::render::clean;
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::successor::successor;
use crate::terminal::Terminal;

/// Write the schema of the next version from the newest one
///
/// The file has the text of the newest version, with the version adapted in the detail-type, the `version` of the
/// envelope and `info.version`. Edit it, then run `cargo event lock`.
///
/// If the event begins as a struct, give the struct the new version, then use `--from-code`. It runs the test of the
/// package that calls `event_testing::assert_locked` (`EVENT_ACCEPT=1 cargo test`), and checks and lists what the test
/// wrote. That test rewrites a version that is not locked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event new-version order.placed
  cargo event new-version order.placed --major
  cargo event new-version order.placed@1          # a minor of an earlier major
  cargo event new-version order.placed --from-code  # the struct has the new version
  cargo event new-version order.placed --registry shop --format json")]
pub(crate) struct NewVersion {
    /// The type of the event; with a major, write the next minor of that major
    #[arg(value_name = "TYPE[@MAJOR]")]
    event: String,
    /// Write the next minor, for a change that only adds (default)
    #[arg(long, conflicts_with = "major")]
    minor: bool,
    /// Write the next major, for a change that breaks
    #[arg(long)]
    major: bool,
    /// Write it from the code: run the test of the package that writes its schemas
    #[arg(long)]
    from_code: bool,
    /// Set the registry, if several have an event of this type
    #[arg(long, value_name = "REGISTRY")]
    registry: Option<String>,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
    #[command(flatten)]
    folder: Folder,
}

/// Writes the file; never overwrites one.
pub(crate) fn run(args: &NewVersion, terminal: &mut Terminal) -> io::Result<Exit> {
    if args.from_code {
        return from_code::run(args, terminal);
    }
    let project = match args.folder.open() {
        Ok(project) => project,
        Err(missing) => {
            let missing = from_code::ways_to_begin(*missing, &args.event);
            return refuse(terminal, args.format, &[missing], &Sources::default());
        }
    };
    let sources = Sources::of_project(&project);
    let made = make(args, &project);
    let made = match made {
        Ok(made) => made,
        Err(problems) => return refuse(terminal, args.format, &problems, &sources),
    };
    match args.format {
        Plain::Human => made.tell(terminal)?,
        Plain::Json => {
            let answer = json!({
                "ok": true,
                "registry": made.registry,
                "type": made.event,
                "from": made.from.to_string(),
                "version": made.version.to_string(),
                "file": made.shown,
                "adapted": made.adapted,
                "next": made.next,
            });
            writeln!(terminal.out, "{answer:#}")?;
        }
    }
    Ok(Exit::Fine)
}

/// What was written, and the next steps.
struct Made {
    registry: String,
    event: String,
    from: Version,
    version: Version,
    shown: String,
    adapted: Vec<String>,
    next: Vec<String>,
}

fn make(args: &NewVersion, project: &Project) -> Result<Made, Vec<Diagnostic>> {
    let asked = match &args.registry {
        Some(registry) => format!("{registry}/{}", args.event),
        None => args.event.clone(),
    };
    let wanted = Wanted::find(&asked, project).map_err(|problems| {
        let code_first = |d: Diagnostic| {
            if d.is(&rules::UNKNOWN_EVENT) { from_code::ways_to_begin(d, &args.event) } else { d }
        };
        problems.into_iter().map(code_first).collect::<Vec<_>>()
    })?;
    let Some(base) = wanted.version() else { return Err(Vec::new()) };
    let versions: Vec<Version> = project
        .folder
        .events
        .get(&base.file.name)
        .into_iter()
        .flat_map(|v| v.keys().copied())
        .collect();
    let version = next(base, &versions, args.major).map_err(|d| vec![*d])?;
    published(base, project)?;

    let text = &base.file.text;
    let (text, adapted) =
        successor(text, &base.document, &names(&wanted, base), base.version, version);
    let dir = base.file.path.parent().unwrap_or(Path::new("."));
    let path = dir.join(format!("{version}.json"));
    let place = &base.file.name;
    let shown =
        format!("{}/{}/{}/{version}.json", project.folder.shown, place.registry, place.event);
    if path.exists() {
        let d = problem::file_exists(&shown, "the file already exists");
        return Err(vec![d.with_help("see what is wrong with it: `cargo event check`")]);
    }
    event_folder::write_if_changed(&path, &text).map_err(|e| vec![unwritable(&path, &e)])?;
    Ok(Made {
        registry: base.name.registry.clone(),
        event: base.name.event.clone(),
        from: base.version,
        version,
        next: todo(base, version, &shown),
        shown,
        adapted,
    })
}

/// Returns the event types that strings in the document may name.
fn names(wanted: &Wanted, base: &Member) -> Vec<String> {
    let mut names = vec![wanted.event().to_owned(), base.file.name.event.clone()];
    names.dedup();
    names
}

/// Returns the next version. A minor follows only on the newest of its major.
fn next(base: &Member, versions: &[Version], major: bool) -> Result<Version, Box<Diagnostic>> {
    let numbers_over = |what: &str| {
        let message = format!("no {what} is left after {}", base.version);
        Box::new(Diagnostic::error(&rules::NO_NEXT_VERSION, base.file.shown.clone(), message))
    };
    if major {
        let newest = versions.iter().map(|v| v.major).max().unwrap_or(base.version.major);
        let next = newest.checked_add(1).ok_or_else(|| numbers_over("major"))?;
        return Ok(Version { major: next, minor: 0 });
    }
    let of_major = versions.iter().filter(|v| v.major == base.version.major);
    let newest = of_major.map(|v| v.minor).max().unwrap_or(base.version.minor);
    if newest != base.version.minor {
        let message = format!(
            "{} is not the newest of its major: expected {}.{newest}",
            base.version, base.version.major
        );
        let help =
            format!("run `cargo event new-version {}@{}`", base.name.event, base.version.major);
        return Err(Box::new(not_the_newest(&base.file.shown, message).with_help(help)));
    }
    let minor = newest.checked_add(1).ok_or_else(|| numbers_over("minor"))?;
    Ok(Version { major: base.version.major, minor })
}

/// Checks that a version can be the base of another: a version that is not locked can still be edited itself, and one
/// that was edited after it was locked must be restored first.
fn published(base: &Member, project: &Project) -> Result<(), Vec<Diagnostic>> {
    let place = (base.file.name.clone(), base.version);
    let lock = project.lock.as_ref();
    if lock.is_none() && any_error(&project.lock_diagnostics) && project.folder.has_lock() {
        return Err(project.lock_diagnostics.clone());
    }
    if !lock.is_some_and(|l| l.entries.contains_key(&place)) {
        let message = format!(
            "`{}` {} is not locked: expected a published version",
            base.name.event, base.version
        );
        let d = problem::schema_not_locked(&base.file.shown, message);
        return Err(vec![
            d.with_help("edit this file instead of writing another version")
                .with_help("or, if it is published: `cargo event lock`"),
        ]);
    }
    if project.drift.changed(&place) {
        let own = |d: &&Diagnostic| {
            d.file == base.file.shown || d.related.iter().any(|r| r.file == base.file.shown)
        };
        return Err(project.lock_diagnostics.iter().filter(own).cloned().collect());
    }
    Ok(())
}

/// Returns the next steps.
fn todo(base: &Member, version: Version, shown: &str) -> Vec<String> {
    let mut out = vec![format!("edit `{shown}`")];
    let event = &base.name.event;
    if version.major == base.version.major {
        out.push(format!(
            "see what it breaks: `cargo event diff {event}@{} {event}@{version}`",
            base.version
        ));
    } else if let Some(day) = base.sunset() {
        out.push(format!(
            "`x-event-sunset` in it is {day}, the day of an earlier major: state the day of v{}, or remove it",
            base.version.major
        ));
    }
    out.push("lock it: `cargo event lock`".to_owned());
    if version.major == base.version.major {
        out.push(format!("for your own struct: `#[event(version = \"{version}\")]`"));
    } else {
        out.push(format!(
            "for your own struct: `#[event(version = \"{version}\", supersedes = ..)]` with the struct of v{}",
            base.version.major
        ));
    }
    out
}

impl Made {
    fn tell(&self, terminal: &mut Terminal) -> io::Result<()> {
        let line = format!("wrote `{}` from {}", self.shown, self.from);
        writeln!(terminal.out, "{}", clean(&line))?;
        for adapted in &self.adapted {
            writeln!(terminal.out, "  {}", clean(adapted))?;
        }
        writeln!(terminal.out, "next:")?;
        for next in &self.next {
            writeln!(terminal.out, "  {}", clean(next))?;
        }
        Ok(())
    }
}
