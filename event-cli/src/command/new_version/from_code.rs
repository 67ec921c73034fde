//! `--from-code`: runs the accepting test of a struct with the new version, which writes the schema.
//!
//! Only the compiler knows the shape of a type. So this runs the package's own test as its authors would
//! (`EVENT_ACCEPT=1 cargo test`), and compares the schema folder before and after.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use event_codegen::Project;
use event_folder::load::{EventName, Folder, Version};
use event_folder::problem;
use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::rules;
use serde_json::json;

use super::NewVersion;
use crate::code::{Package, Tests};
use crate::command::{refuse, report};
use crate::exit::Exit;
use crate::format::{Plain, json as to_json};
use crate::render::clean;
use crate::sources::Sources;
use crate::terminal::Terminal;

type Texts = BTreeMap<(EventName, Version), Arc<str>>;

/// The number of lines of a failed run that are shown: the last ones state the reason.
const SHOWN: usize = 40;

/// Runs the accepting test, and lists what it wrote.
pub(super) fn run(args: &NewVersion, terminal: &mut Terminal) -> io::Result<Exit> {
    let found = find(args);
    let (package, tests) = match found {
        Ok(found) => found,
        Err(d) => return refuse(terminal, args.format, &[*d], &Sources::default()),
    };
    let root = root(args, &package);
    let before = texts(&root);
    if args.format == Plain::Human {
        writeln!(terminal.err, "running `{}`", clean(&shown(&tests)))?;
        terminal.err.flush()?;
    }
    let failure = accept(&package, &tests, args.format).err();
    let written = changed(&before, &texts(&root));
    let project = root.is_dir().then(|| Project::open(&root));
    let sources = project.as_ref().map(Sources::of_project).unwrap_or_default();
    let mut problems: Vec<Diagnostic> = failure.into_iter().map(|d| *d).collect();
    if problems.is_empty() {
        problems.extend(judge(args, &written, project.as_ref()));
    }
    let exit = Exit::of_all(&problems);
    let files: Vec<String> = written
        .keys()
        .map(|(name, v)| {
            format!("{}/{}/{}/{v}.json", root.to_string_lossy(), name.registry, name.event)
        })
        .collect();
    let next = next(args, &written, &before);
    if args.format == Plain::Json {
        let answer = json!({
            "ok": exit == Exit::Fine,
            "written": files,
            "diagnostics": problems.iter().map(to_json::diagnostic).collect::<Vec<_>>(),
            "next": if exit == Exit::Fine { next } else { Vec::new() },
        });
        writeln!(terminal.out, "{answer:#}")?;
        return Ok(exit);
    }
    report(terminal, &problems, &sources)?;
    terminal.err.flush()?;
    for file in &files {
        writeln!(terminal.out, "wrote `{}` from the code", clean(file))?;
    }
    if exit == Exit::Fine {
        writeln!(terminal.out, "next:")?;
        for line in next {
            writeln!(terminal.out, "  {}", clean(&line))?;
        }
    }
    Ok(exit)
}

/// Returns the folder that the tests write: the same as for `assert_locked`, unless another is named.
fn root(args: &NewVersion, package: &Package) -> PathBuf {
    // a package without its own folder uses the one of the workspace
    let all = package.root.ancestors().map(|dir| dir.join("schemas"));
    let nearest = || all.clone().find(|dir| dir.is_dir());
    let own = || nearest().unwrap_or_else(|| package.root.join("schemas"));
    let root = args.folder.given().map_or_else(own, Path::to_owned);
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| root.strip_prefix(here).ok().map(Path::to_owned));
    below.unwrap_or(root)
}

/// Finds the package, and the tests that write its schemas.
fn find(args: &NewVersion) -> Result<(Package, Tests), Box<Diagnostic>> {
    let folder = args.folder.given().and_then(Path::parent).unwrap_or(Path::new(""));
    let package = Package::around(folder)?;
    let shown = package.root.to_string_lossy().into_owned();
    if !package.declares(&args.event) {
        let message = format!("the package has no struct for the event `{}`", args.event);
        let d = problem::unknown_event(&shown, message);
        let (folder, _) = Folder::read(&root(args, &package), "schemas");
        let d = if folder.events.keys().any(|name| name.event == args.event) {
            let way = format!(
                "write the version from its schema instead: `cargo event new-version {}`",
                args.event
            );
            d.with_help(way)
        } else {
            ways_to_begin(d, &args.event)
        };
        return Err(Box::new(d));
    }
    match package.tests() {
        Tests::None => {
            let message = format!(
                "the package has no test that writes the schema of `{}`: expected a call of `assert_locked`",
                args.event
            );
            let d = Diagnostic::error(&rules::NO_ACCEPTING_TEST, shown.into(), message);
            Err(Box::new(with_lines(d)))
        }
        tests => Ok((package, tests)),
    }
}

/// Adds the lines of such a test.
fn with_lines(d: Diagnostic) -> Diagnostic {
    d.with_help(
        "add it beside the struct: `#[test] fn events_are_locked() { event_testing::assert_locked::<YourStruct>(); }`",
    )
    .with_help(
        "and in Cargo.toml, below `[dev-dependencies]`: `event-testing = \"0.1\"`, from the same place as `event-runtime`",
    )
}

/// Adds the ways to begin an event that has neither a schema nor a struct.
pub(super) fn ways_to_begin(d: Diagnostic, event: &str) -> Diagnostic {
    let first = format!(
        "begin with a schema: write `schemas/<registry>/{event}/1.0.json`, then `cargo event lock`"
    );
    let second = format!(
        "or with a struct: `#[derive(Event)] #[event(type = \"{event}\", version = \"1.0\", ..)]`, then `cargo event new-version {event} --from-code`"
    );
    d.with_help(first).with_help(second)
}

fn filters(tests: &Tests) -> Vec<&str> {
    match tests {
        Tests::Named(names) => names.iter().map(String::as_str).collect(),
        Tests::None | Tests::Any => Vec::new(),
    }
}

/// Returns the command as users type it.
fn shown(tests: &Tests) -> String {
    let names = filters(tests);
    let all = if names.is_empty() { String::new() } else { format!(" -- {}", names.join(" ")) };
    format!("EVENT_ACCEPT=1 cargo test{all}")
}

fn accept(package: &Package, tests: &Tests, format: Plain) -> Result<(), Box<Diagnostic>> {
    let manifest = package.root.join("Cargo.toml");
    let place = manifest.to_string_lossy().into_owned();
    let failed = |message: String| {
        Diagnostic::error(&rules::ACCEPTING_TEST_FAILED, place.as_str().into(), message)
    };
    let watched = format == Plain::Human && io::stderr().is_terminal();
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--manifest-path"])
        .arg(&manifest)
        .arg("--")
        .args(filters(tests))
        .env("EVENT_ACCEPT", "1")
        .current_dir(&package.root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // shows the progress of the build
        .stderr(if watched { Stdio::inherit() } else { Stdio::piped() })
        .output()
        .map_err(|e| Box::new(failed(format!("failed to run cargo: {e}"))))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stderr, output.stdout].map(|b| String::from_utf8_lossy(&b).into_owned());
    let lines: Vec<String> =
        said.iter().flat_map(|t| t.lines()).filter(|l| !l.trim().is_empty()).map(clean).collect();
    let last = lines[lines.len().saturating_sub(SHOWN)..].join("\n");
    let d = failed(format!("`{}` failed; its last lines:\n{last}", shown(tests)));
    Err(Box::new(d.with_help("fix what they report, then run the command again")))
}

fn texts(root: &Path) -> Texts {
    let (folder, _) = Folder::read(root, &root.to_string_lossy());
    folder.files().map(|f| ((f.name.clone(), f.version), f.text.clone())).collect()
}

fn changed(before: &Texts, after: &Texts) -> Texts {
    let new = after.iter().filter(|(key, text)| before.get(*key) != Some(*text));
    new.map(|(key, text)| (key.clone(), text.clone())).collect()
}

/// Checks that the written version is the expected one, and that the folder is valid.
fn judge(args: &NewVersion, written: &Texts, project: Option<&Project>) -> Vec<Diagnostic> {
    let its = |name: &EventName| {
        name.event == args.event && args.registry.as_ref().is_none_or(|r| *r == name.registry)
    };
    let all = project.into_iter().flat_map(|p| p.folder.events.iter());
    let there: Vec<Version> =
        all.filter(|(name, _)| its(name)).flat_map(|(_, v)| v.keys().copied()).collect();
    let shown = project.map_or("schemas", |p| p.folder.shown.as_str());
    let say = |message: String| Diagnostic::error(&rules::NO_NEW_VERSION, shown.into(), message);
    let new = written.keys().filter(|(name, _)| its(name)).map(|(_, v)| *v).max();
    let Some(new) = new else {
        let versions: Vec<String> = there.iter().map(Version::to_string).collect();
        let (message, way) = if versions.is_empty() {
            let message = format!("the test passed, but wrote no schema of `{}`", args.event);
            (message, "call `event_testing::assert_locked` for the struct in it".to_owned())
        } else {
            let message = format!(
                "the code has no new version of `{}`: the folder already has {}",
                args.event,
                versions.join(", ")
            );
            (message, "give the struct the next version, `#[event(version = \"..\")]`, and assert it in the test".to_owned())
        };
        return vec![say(message).with_help(way)];
    };
    let asked = match (args.major, args.minor) {
        (true, _) if new.minor != 0 => Some("major"),
        (_, true) if new.minor == 0 => Some("minor"),
        _ => None,
    };
    if let Some(asked) = asked {
        let message = format!("the struct has version {new}: expected a new {asked}");
        let d = say(message);
        return vec![d.with_help(
            "correct `#[event(version = \"..\")]` and remove the written file, or omit the option",
        )];
    }
    let Some(project) = project else { return Vec::new() };
    let both = project.diagnostics.iter().chain(&project.lock_diagnostics);
    let ours =
        both.filter(|d| ![&rules::SCHEMA_NOT_LOCKED, &rules::LOCK_MISSING].contains(&d.rule));
    ours.filter(|d| d.severity == Severity::Error).cloned().collect()
}

fn next(args: &NewVersion, written: &Texts, before: &Texts) -> Vec<String> {
    let mut out = Vec::new();
    for (name, new) in written.keys().filter(|(name, _)| name.event == args.event) {
        let earlier = before.keys().filter(|(n, v)| n == name && v < new).map(|(_, v)| v).max();
        out.extend(earlier.map(|old| {
            let event = &name.event;
            format!("see what is new: `cargo event diff {event}@{old} {event}@{new}`")
        }));
    }
    out.push("lock it: `cargo event lock`".to_owned());
    out
}
