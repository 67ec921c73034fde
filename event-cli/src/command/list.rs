//! `cargo event list`: what the folder holds, and how far each version is.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use clap::Args;
use event_codegen::Project;
use event_folder::family::{self, Member};
use event_folder::load::{EventName, Version};
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use serde_json::{Value, json};

use super::{count, refuse, report};
use crate::exit::Exit;
use crate::format::{Plain, json as to_json};
use crate::render::clean;
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// List the events, their versions, and the state of each
///
/// `locked` is published and never changes; `new` is not in the lock yet; `edited` and `deleted` are in
/// the lock and differ from it, which a build refuses. `COMPARED` is the part of each schema that is taken for the
/// payload: the whole schema, `data` of an envelope, `detail` of an AWS event, or both; `layer` in `event.toml`
/// says otherwise.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event list
  cargo event list --registry app-core
  cargo event list --format json | jq -r '.versions[] | select(.state == \"new\") | .type'")]
pub(crate) struct List {
    /// Only the events of this registry
    #[arg(long, value_name = "REGISTRY")]
    registry: Option<String>,
    /// How to say it
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
    #[command(flatten)]
    folder: Folder,
}

/// How a version stands to the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Locked,
    New,
    Edited,
    Deleted,
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            State::Locked => "locked",
            State::New => "new",
            State::Edited => "edited",
            State::Deleted => "deleted",
        }
    }
}

/// A version of an event.
struct Row {
    name: EventName,
    version: Version,
    state: State,
    /// The newest minor of its major: the one that types are generated from.
    newest: bool,
    source: Option<String>,
    detail_type: Option<String>,
    sunset: Option<String>,
    /// Which layer its schema describes, where it could be read.
    layer: Option<&'static str>,
    file: String,
}

/// Lists what can be read; what can't is said beside it.
pub(crate) fn run(args: &List, terminal: &mut Terminal) -> io::Result<Exit> {
    let project = match args.folder.open() {
        Ok(project) => project,
        Err(missing) => return refuse(terminal, args.format, &[*missing], &Sources::default()),
    };
    let sources = Sources::of_project(&project);
    // how the versions stand to each other is what `check` says
    let (_, mut problems) =
        event_folder::load::Folder::read(&project.folder.root, &project.folder.shown);
    let mut rows = rows(&project, &mut problems);
    if let Some(registry) = &args.registry {
        rows.retain(|row| row.name.registry == *registry);
        if rows.is_empty() {
            problems.push(unknown_registry(registry, &project));
        }
    }
    let exit = Exit::of_all(&problems);
    match args.format {
        Plain::Human => {
            report(terminal, &problems, &sources)?;
            terminal.err.flush()?;
            table(&rows, &project, terminal)?;
        }
        Plain::Json => {
            let answer = json!({
                "schemas": project.folder.shown,
                "ok": exit == Exit::Fine,
                "versions": rows.iter().map(Row::json).collect::<Vec<_>>(),
                "diagnostics": problems.iter().map(to_json::diagnostic).collect::<Vec<_>>(),
            });
            writeln!(terminal.out, "{answer:#}")?;
        }
    }
    Ok(exit)
}

/// All versions that the folder or its lock knows, by event and version.
fn rows(project: &Project, problems: &mut Vec<Diagnostic>) -> Vec<Row> {
    let (config, drift) = (&project.config, &project.drift);
    problems.extend(project.diagnostics.iter().filter(|d| d.is(&rules::BAD_CONFIG)).cloned());
    if project.lock.is_none() && project.folder.has_lock() {
        problems.extend(project.lock_diagnostics.iter().cloned());
    }
    let (families, unreadable) = family::read(&project.folder, config.settings());
    // a version that was deleted leaves a gap, and the table shows it as deleted
    problems.extend(
        unreadable.into_iter().filter(|d| !d.is(&rules::VERSION_GAP) || drift.deleted.is_empty()),
    );
    let mut out: BTreeMap<(EventName, Version), Row> = BTreeMap::new();
    let mut read = BTreeSet::new();
    let row = |name: &EventName, place: &(EventName, Version), file: String| Row {
        name: name.clone(),
        version: place.1,
        state: state(project, place),
        newest: false,
        source: None,
        detail_type: None,
        sunset: None,
        layer: None,
        file,
    };
    for member in families.iter().flat_map(|f| &f.members) {
        let place = (member.file.name.clone(), member.version);
        let mut row = row(&member.name, &place, member.file.shown.to_string());
        row.source = config.source_of(member);
        row.detail_type = Some(Member::detail_type(member));
        row.sunset = member.sunset().map(str::to_owned);
        row.layer = Some(layer(&member.event.facts.path));
        read.insert(place);
        out.insert((member.name.clone(), member.version), row);
    }
    // what can't be read is in the folder all the same
    for file in project.folder.files() {
        let place = (file.name.clone(), file.version);
        if !read.contains(&place) {
            out.insert(place.clone(), row(&file.name, &place, file.shown.to_string()));
        }
    }
    for place in &drift.deleted {
        let (name, version) = place;
        let below = format!("{}/{}/{version}.json", name.registry, name.event);
        let file = format!("{}/{below}", project.folder.shown);
        out.insert(place.clone(), row(name, place, file));
    }
    let mut rows: Vec<Row> = out.into_values().collect();
    let mut newest: BTreeMap<(EventName, u32), u32> = BTreeMap::new();
    for row in rows.iter().filter(|r| r.state != State::Deleted) {
        let minor = newest.entry((row.name.clone(), row.version.major)).or_default();
        *minor = (*minor).max(row.version.minor);
    }
    for row in rows.iter_mut().filter(|r| r.state != State::Deleted) {
        let major = (row.name.clone(), row.version.major);
        row.newest = newest.get(&major) == Some(&row.version.minor);
    }
    rows
}

/// The layer that is taken for the payload, as a path from the schema of the document.
fn layer(path: &[&str]) -> &'static str {
    match path {
        [] => "whole",
        ["data"] => "data",
        ["detail"] => "detail",
        _ => "detail.data",
    }
}

/// By the lock that there is: without a readable one nothing is locked.
fn state(project: &Project, place: &(EventName, Version)) -> State {
    let drift = &project.drift;
    let listed = project.lock.as_ref().is_some_and(|l| l.entries.contains_key(place));
    if drift.deleted.contains(place) {
        State::Deleted
    } else if drift.changed(place) {
        State::Edited
    } else if listed {
        State::Locked
    } else {
        State::New
    }
}

impl Row {
    fn json(&self) -> Value {
        json!({
            "registry": self.name.registry,
            "type": self.name.event,
            "version": self.version.to_string(),
            "major": self.version.major,
            "minor": self.version.minor,
            "state": self.state.as_str(),
            "newest_of_major": self.newest,
            "source": self.source,
            "detail_type": self.detail_type,
            "sunset": self.sunset,
            "layer": self.layer,
            "file": self.file,
        })
    }
}

fn table(rows: &[Row], project: &Project, terminal: &mut Terminal) -> io::Result<()> {
    let heads = ["EVENT", "VERSION", "STATE", "SOURCE", "SUNSET", "COMPARED"].map(str::to_owned);
    let cells = |row: &Row| {
        let star = if row.newest { "*" } else { "" };
        let dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        [
            clean(&format!("{}/{}", row.name.registry, row.name.event)),
            format!("{}{star}", row.version),
            row.state.as_str().to_owned(),
            clean(&dash(&row.source)),
            clean(&dash(&row.sunset)),
            row.layer.unwrap_or("-").to_owned(),
        ]
    };
    let lines: Vec<[String; 6]> = std::iter::once(heads).chain(rows.iter().map(cells)).collect();
    let width = |i: usize| lines.iter().map(|l| l[i].chars().count()).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    if !rows.is_empty() {
        for line in &lines {
            let padded: Vec<String> =
                line.iter().zip(widths).map(|(cell, w)| format!("{cell:w$}")).collect();
            writeln!(terminal.out, "{}", padded.join("  ").trim_end())?;
        }
        writeln!(terminal.out)?;
    }
    let number = |state| rows.iter().filter(|r| r.state == state).count();
    let states = [State::Locked, State::New, State::Edited, State::Deleted];
    let parts = states.into_iter().map(|s| (number(s), s)).filter(|(n, _)| *n > 0);
    let parts: Vec<String> = parts.map(|(n, s)| format!("{n} {}", s.as_str())).collect();
    let events = rows.iter().map(|r| &r.name).collect::<BTreeSet<_>>().len();
    let (events, versions) = (count(events, "event"), count(rows.len(), "version"));
    let states = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    writeln!(terminal.out, "`{}` has {events}, {versions}{states}", project.folder.shown)?;
    if number(State::New) > 0 {
        writeln!(terminal.out, "`cargo event lock` locks what is new")?;
    }
    if number(State::Edited) + number(State::Deleted) > 0 {
        writeln!(
            terminal.out,
            "`cargo event check` says how to take back what is edited or deleted"
        )?;
    }
    Ok(())
}

fn unknown_registry(registry: &str, project: &Project) -> Diagnostic {
    let known: BTreeSet<&str> =
        project.folder.events.keys().map(|name| name.registry.as_str()).collect();
    let message = format!("there is no registry `{registry}` in the folder");
    let d =
        Diagnostic::error(&rules::UNKNOWN_REGISTRY, project.folder.shown.as_str().into(), message);
    let known: Vec<String> = known.iter().map(|r| format!("`{r}`")).collect();
    if known.is_empty() { d } else { d.with_help(format!("registries: {}", known.join(", "))) }
}
