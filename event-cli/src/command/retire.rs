//! `cargo event retire`: marks a major retired that nobody reads.

use std::fs;
use std::io::{self, Write};

use clap::Args;
use event_folder::lock::{FILE, Lock};
use event_folder::write_if_changed;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules::{self, Rule};
use serde_json::json;

use super::readers::{EvidenceArgs, Known, exit, gather};
use super::{refuse, report, unwritable};
use crate::day::today;
use crate::exit::Exit;
use crate::format::{Plain, json as to_json};
use crate::patterns::{Major, majors};
use crate::readers::{Found, Kind, Verdict, report as shown, wanted};
use crate::render::clean;
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Mark a major retired that nobody reads
///
/// Gathers the evidence of `cargo event readers`. If somebody reads the major, lists who and changes nothing. If nobody
/// does, marks the major in `schemas.lock`: from then on it is not published, and a topology that reads it does not
/// build. Its schemas stay, for stored events. Lists the edits that remain.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event retire order.placed@1 --bus shop-prod
  cargo event retire order.placed@1 --bus shop-prod --bus shop-stg --registry app-core --dry-run
  cargo event retire order.placed@1 --declared-only

Exit codes: 0 retired; 1 somebody reads it; 2 bad input or usage; 3 undecided.")]
pub(crate) struct Retire {
    /// The event and the major
    #[arg(value_name = "TYPE@MAJOR")]
    event: String,
    #[command(flatten)]
    evidence: EvidenceArgs,
    /// Do without deployed rules: topologies and files of patterns declare all readers
    #[arg(long, conflicts_with = "buses")]
    declared_only: bool,
    /// Retire the major before the day that the next major names
    #[arg(long)]
    before_sunset: bool,
    /// Change nothing; only report whether the major can be retired
    #[arg(long)]
    dry_run: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
    #[command(flatten)]
    folder: Folder,
}

/// Retires a major.
pub(crate) fn run(args: &Retire, terminal: &mut Terminal) -> io::Result<Exit> {
    // read and written without another command in between
    let held = if args.dry_run { Ok(None) } else { args.folder.hold() };
    let held = match held {
        Ok(held) => held,
        Err(e) => {
            let d = unwritable(std::path::Path::new(FILE), &e);
            return refuse(terminal, args.format, &[d], &Sources::default());
        }
    };
    let known = match Known::open(&args.folder) {
        Ok(known) => known,
        Err((problems, sources)) => return refuse(terminal, args.format, &problems, &sources),
    };
    let (project, sources) = (&known.project, Sources::of_project(&known.project));
    let majors = majors(&known.families, project);
    let chosen = wanted::find(&args.event, &majors, &project.folder.shown)
        .map_err(|problem| vec![*problem])
        .and_then(|(event, major)| {
            let Some(number) = major else {
                let message = format!("`{}` names no major", args.event);
                let d = event_folder::problem::unknown_event(&project.folder.shown, message);
                return Err(vec![d.with_help(format!("name it: `{}@1`", args.event))]);
            };
            let all: Vec<&Major<'_>> = majors.iter().filter(|m| m.event == event).collect();
            let major = all.iter().copied().find(|m| m.major == number);
            // `find` returns only majors that exist
            let major = major.ok_or_else(Vec::new)?;
            let problems = against(args, major, &all, project.lock.as_ref());
            if problems.is_empty() { Ok((event, major)) } else { Err(problems) }
        });
    let (event, major) = match chosen {
        Ok(chosen) => chosen,
        Err(problems) => return refuse(terminal, args.format, &problems, &sources),
    };
    let mut found = match gather(&args.evidence, event, &majors, project) {
        Ok(found) => found,
        Err(problems) => return refuse(terminal, args.format, &problems, &sources),
    };
    if args.evidence.buses.is_empty() && !args.declared_only {
        let why = "deployed rules were not read: name the bus with `--bus NAME`, or rely on what is declared with `--declared-only`";
        found.evidence.push(crate::readers::Evidence {
            kind: Kind::Deployed,
            looked_at: "nothing".to_owned(),
            problems: vec![why.to_owned()],
        });
        found.not_asked.retain(|(kind, _)| *kind != Kind::Deployed);
    }
    let verdict = found.verdict(major.major);
    let mut diagnostics = Vec::new();
    let mut retired = false;
    if verdict == Verdict::Nobody && !major.retired && !args.dry_run {
        match mark(major, project) {
            Ok(()) => retired = true,
            Err(problem) => diagnostics.push(*problem),
        }
    }
    drop(held);
    if let Verdict::Somebody(who) = &verdict {
        let who: Vec<String> = who.iter().map(|who| format!("`{who}`")).collect();
        let message = format!("{} is read by {}", major.shown(), who.join(", "));
        let newest = majors.iter().rev().find(|m| m.event == major.event);
        let d = problem(&rules::MAJOR_HAS_READERS, project, message);
        diagnostics.push(match newest {
            Some(newest) => d.with_help(format!("move them to {} first", newest.shown())),
            None => d,
        });
    }
    let exit = Exit::of_all(&diagnostics).max(exit(&verdict));
    let edits = if exit == Exit::Fine { edits(major, &found, args) } else { Vec::new() };
    if args.format == Plain::Json {
        let mut answer = shown::json(&found, &[major]);
        answer["ok"] = json!(exit == Exit::Fine);
        answer["retired"] = json!(retired || major.retired);
        answer["written"] = json!(retired);
        answer["remainingEdits"] = json!(edits);
        answer["diagnostics"] = diagnostics.iter().map(to_json::diagnostic).collect();
        writeln!(terminal.out, "{answer:#}")?;
        return Ok(exit);
    }
    write!(terminal.out, "{}", shown::human(&found, &[major]))?;
    terminal.out.flush()?;
    report(terminal, &diagnostics, &sources)?;
    terminal.err.flush()?;
    let name = clean(&major.shown());
    match (exit, retired) {
        (Exit::Fine, _) if major.retired => writeln!(terminal.out, "{name} is retired already")?,
        (Exit::Fine, true) => writeln!(terminal.out, "{name} is retired: `schemas.lock` says so")?,
        (Exit::Fine, false) => writeln!(terminal.out, "{name} can be retired")?,
        (Exit::Undecided, _) => {
            writeln!(terminal.out, "{name} is not retired: nobody is known, and not all is")?;
        }
        _ => {}
    }
    if !edits.is_empty() {
        writeln!(terminal.out, "what remains:")?;
        for edit in &edits {
            writeln!(terminal.out, "    {}", clean(edit))?;
        }
    }
    Ok(exit)
}

/// What stands against retiring a major, whoever reads it.
fn against(
    args: &Retire,
    major: &Major<'_>,
    all: &[&Major<'_>],
    lock: Option<&Lock>,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let newest = major.members[major.members.len() - 1];
    let mut add = |rule: &'static Rule, message: String| {
        problems
            .push(Diagnostic::error(rule, newest.file.shown.clone(), message).with_help(rule.fix));
    };
    let key = (newest.file.name.clone(), major.major);
    if !lock.is_some_and(|lock| lock.has_major(&key)) {
        add(&rules::RETIRE_NOT_LOCKED, format!("{} is not in `schemas.lock`", major.shown()));
    }
    if newest.file.name != newest.name {
        let message = format!("the document of {} has several events", major.shown());
        add(&rules::RETIRE_NOT_LOCKED, message);
    }
    match all.iter().find(|other| other.major > major.major) {
        None => add(
            &rules::RETIRE_NEWEST_MAJOR,
            format!("{} is the newest major of its event", major.shown()),
        ),
        Some(next) => {
            if let Some(day) = &major.sunset
                && day.as_str() > today().as_str()
                && !args.before_sunset
                && !major.retired
            {
                let message = format!(
                    "{} promises that {} is published until {day}",
                    next.shown(),
                    major.shown()
                );
                add(&rules::RETIRE_BEFORE_SUNSET, message);
            }
        }
    }
    if let Some(older) = all.iter().find(|m| m.major < major.major && !m.retired) {
        let message = format!("{} is published by way of {}", older.shown(), major.shown());
        add(&rules::RETIRE_OLDER_FIRST, message);
    }
    problems
}

fn problem(rule: &'static Rule, project: &event_codegen::Project, message: String) -> Diagnostic {
    let file = format!("{}/{FILE}", project.folder.shown);
    Diagnostic::error(rule, file.as_str().into(), message)
}

/// Writes the mark into the lock.
fn mark(major: &Major<'_>, project: &event_codegen::Project) -> Result<(), Box<Diagnostic>> {
    let path = project.folder.root.join(FILE);
    let shown = format!("{}/{FILE}", project.folder.shown);
    let text = fs::read_to_string(&path).map_err(|e| Box::new(unwritable(&path, &e)))?;
    let mut lock = Lock::parse(&text, &shown)?;
    lock.upgrade(&project.folder);
    lock.retired.insert((major.members[0].file.name.clone(), major.major));
    write_if_changed(&path, &lock.to_text()).map_err(|e| Box::new(unwritable(&path, &e)))?;
    Ok(())
}

/// What is left to do by hand.
fn edits(major: &Major<'_>, found: &Found, args: &Retire) -> Vec<String> {
    let mut out = Vec::new();
    let event = &major.event.event;
    out.push(format!(
        "commit `schemas.lock`, and release the publishers of `{event}`: the next build does not publish v{} any more",
        major.major
    ));
    out.push(format!(
        "keep the schemas of v{} and the type that `supersedes` names: stored events are read by them",
        major.major
    ));
    out.push(format!(
        "`#[event(retired)]` at the type that supersedes v{} has no effect now: remove it",
        major.major
    ));
    for sighting in found.sightings.iter().filter(|s| s.major == major.major) {
        if let crate::readers::Reads::Not(why) = &sighting.reads {
            out.push(format!("remove the rule `{}` ({}): {why}", sighting.who, sighting.place));
        }
    }
    if args.evidence.registry().is_some() {
        out.push(
            "the schema stays in the registry: old code may still be generated from it".to_owned(),
        );
    }
    out
}
