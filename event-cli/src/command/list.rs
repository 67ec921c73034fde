//! `cargo event list`: lists the versions in the folder, and the state of each.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use anstyle::Style;
use clap::Args;
use event_codegen::Project;
use event_folder::family::{self, Member};
use event_folder::load::{EventName, Version};
use event_folder::problem;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use super::{count, refuse, report};
use crate::exit::Exit;
use crate::format::{Plain, json as to_json};
use crate::layout::{BAD, FAINT, GOOD, HEADING, ODD, padded, painted, wrapped};
use crate::render::clean;
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// List the events, their versions, and the state of each
///
/// A `locked` version is published and never changes. A `new` version is not in the lock yet. An `edited` or `deleted`
/// version differs from the lock, and a build fails. `COMPARED` is the part of each schema that is compared as the
/// payload: the whole schema, `data` of an envelope, `detail` of an AWS event, or `detail.data`; `layer` in
/// `event.toml` overrides it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event list
  cargo event list --registry app-core
  cargo event list --format json | jq -r '.versions[] | select(.state == \"new\") | .type'")]
pub(crate) struct List {
    /// List only the events of this registry
    #[arg(long, value_name = "REGISTRY")]
    registry: Option<String>,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
    #[command(flatten)]
    folder: Folder,
}

/// The state of a version compared with the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Locked,
    New,
    Edited,
    Deleted,
}

impl State {
    const ALL: [State; 4] = [State::Locked, State::New, State::Edited, State::Deleted];

    const fn means(self) -> &'static str {
        match self {
            State::Locked => "published: never changes",
            State::New => "not in the lock yet: may change",
            State::Edited => "locked with different content: the build fails",
            State::Deleted => "locked and missing: the build fails",
        }
    }

    const fn style(self) -> Style {
        match self {
            State::Locked => GOOD,
            State::New => ODD,
            State::Edited | State::Deleted => BAD,
        }
    }

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
    /// Whether it is the newest minor of its major, from which types are generated.
    newest: bool,
    source: Option<String>,
    detail_type: Option<String>,
    sunset: Option<String>,
    /// The layer that its schema describes, if it is readable.
    layer: Option<&'static str>,
    file: String,
}

/// Lists what is readable, and reports the problems with the rest.
pub(crate) fn run(args: &List, terminal: &mut Terminal) -> io::Result<Exit> {
    let project = match args.folder.open() {
        Ok(project) => project,
        Err(missing) => return refuse(terminal, args.format, &[*missing], &Sources::default()),
    };
    let sources = Sources::of_project(&project);
    // `check` reports problems between versions
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

/// Returns all versions in the folder or its lock, by event and version.
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
    // unreadable versions are listed, too
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

/// Returns the layer that is compared as the payload, as a path in the schema of the document.
fn layer(path: &[&str]) -> &'static str {
    match path {
        [] => "whole",
        ["data"] => "data",
        ["detail"] => "detail",
        _ => "detail.data",
    }
}

/// Returns the state by the lock; without a readable lock, nothing is locked.
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

/// A row as it is shown.
struct Cells {
    registry: String,
    event: String,
    columns: [(String, Style); 5],
}

impl Cells {
    fn of(row: &Row) -> Cells {
        let plain = |text: &str| (clean(text), Style::new());
        let or_dash = |text: Option<&str>| plain(text.unwrap_or("-"));
        let star = if row.newest { "*" } else { "" };
        Cells {
            registry: clean(&row.name.registry),
            event: clean(&row.name.event),
            columns: [
                plain(&format!("{}{star}", row.version)),
                (row.state.as_str().to_owned(), row.state.style()),
                or_dash(row.source.as_deref()),
                or_dash(row.sunset.as_deref()),
                or_dash(row.layer),
            ],
        }
    }
}

const HEADS: [&str; 5] = ["VERSION", "STATE", "SOURCE", "SUNSET", "COMPARED"];

fn table(rows: &[Row], project: &Project, terminal: &mut Terminal) -> io::Result<()> {
    let lines: Vec<Cells> = rows.iter().map(Cells::of).collect();
    if !rows.is_empty() {
        if terminal.out_width.is_some() {
            grouped(&lines, terminal)
        } else {
            flat(&lines, terminal)
        }?;
        writeln!(terminal.out)?;
        legend(rows, terminal)?;
    }
    let number = |state| rows.iter().filter(|r| r.state == state).count();
    let parts = State::ALL.into_iter().map(|s| (number(s), s)).filter(|(n, _)| *n > 0);
    let parts: Vec<String> = parts.map(|(n, s)| format!("{n} {}", s.as_str())).collect();
    let events = rows.iter().map(|r| &r.name).collect::<BTreeSet<_>>().len();
    let (events, versions) = (count(events, "event"), count(rows.len(), "version"));
    let states = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    writeln!(terminal.out, "`{}` has {events}, {versions}{states}", project.folder.shown)?;
    if number(State::New) > 0 {
        writeln!(terminal.out, "`cargo event lock` locks new versions")?;
    }
    if number(State::Edited) + number(State::Deleted) > 0 {
        writeln!(
            terminal.out,
            "`cargo event check` shows how to restore edited and deleted versions"
        )?;
    }
    Ok(())
}

/// Returns the width of each column but the first.
fn widths(lines: &[Cells]) -> [usize; 5] {
    let width = |i: usize| {
        let cells = lines.iter().map(|line| line.columns[i].0.width());
        cells.chain([HEADS[i].len()]).max().unwrap_or(0)
    };
    std::array::from_fn(width)
}

/// Returns a line of columns, without spaces at its end.
fn line(first: &str, cells: &[(String, Style)], widths: &[usize]) -> String {
    let last = cells.len().saturating_sub(1);
    let cells = cells.iter().zip(widths).enumerate();
    let cells =
        cells.map(
            |(i, ((text, style), width))| {
                if i == last { painted(text, *style) } else { padded(text, *style, *width) }
            },
        );
    format!("{first}  {}", cells.collect::<Vec<_>>().join("  "))
}

/// Prints one complete line per version, for programs that read lines.
fn flat(lines: &[Cells], terminal: &mut Terminal) -> io::Result<()> {
    let name = |line: &Cells| format!("{}/{}", line.registry, line.event);
    let names = lines.iter().map(|line| name(line).width()).max().unwrap_or(0).max("EVENT".len());
    let widths = widths(lines);
    let heads = HEADS.map(|head| (head.to_owned(), Style::new()));
    writeln!(terminal.out, "{}", line(&padded("EVENT", Style::new(), names), &heads, &widths))?;
    for cells in lines {
        let first = padded(&name(cells), Style::new(), names);
        writeln!(terminal.out, "{}", line(&first, &cells.columns, &widths))?;
    }
    Ok(())
}

/// Prints the versions by registry and event, in as many columns as fit the terminal.
fn grouped(lines: &[Cells], terminal: &mut Terminal) -> io::Result<()> {
    let names = lines.iter().map(|line| line.event.width()).max().unwrap_or(0);
    let widths = widths(lines);
    let room = terminal.out_width.unwrap_or(usize::MAX);
    let used = |n: usize| 2 + names + widths[..n].iter().map(|w| w + 2).sum::<usize>();
    let shown = (2..=HEADS.len()).rev().find(|n| used(*n) <= room).unwrap_or(2);
    let heads = HEADS.map(|head| (head.to_owned(), FAINT));
    let blank = " ".repeat(2 + names);
    writeln!(terminal.out, "{}", line(&blank, &heads[..shown], &widths))?;
    let mut before: Option<&Cells> = None;
    for cells in lines {
        let same = before.is_some_and(|b| b.registry == cells.registry);
        if !same {
            writeln!(terminal.out, "{}", painted(&cells.registry, HEADING))?;
        }
        let again = same && before.is_some_and(|b| b.event == cells.event);
        let event = if again { "" } else { cells.event.as_str() };
        let first = format!("  {}", padded(event, Style::new(), names));
        writeln!(terminal.out, "{}", line(&first, &cells.columns[..shown], &widths))?;
        before = Some(cells);
    }
    Ok(())
}

/// Prints the meaning of the listed states and of the star.
fn legend(rows: &[Row], terminal: &mut Terminal) -> io::Result<()> {
    for state in State::ALL.into_iter().filter(|s| rows.iter().any(|row| row.state == *s)) {
        let name = padded(state.as_str(), state.style(), 7);
        let means = wrapped(state.means(), 9, terminal.out_width);
        writeln!(terminal.out, "{name}  {means}")?;
    }
    let star = "the newest minor of its major: types are generated from it";
    let star = wrapped(star, 9, terminal.out_width);
    writeln!(terminal.out, "{:7}  {star}\n", "*")
}

fn unknown_registry(registry: &str, project: &Project) -> Diagnostic {
    let known: BTreeSet<&str> =
        project.folder.events.keys().map(|name| name.registry.as_str()).collect();
    let message = format!("the folder has no registry `{registry}`");
    let d = problem::unknown_registry(&project.folder.shown, message);
    let known: Vec<String> = known.iter().map(|r| format!("`{r}`")).collect();
    if known.is_empty() {
        d
    } else {
        d.with_help(format!("existing registries: {}", known.join(", ")))
    }
}
