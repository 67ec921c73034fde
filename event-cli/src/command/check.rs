//! `cargo event check`: reports what the build would report, without building.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use event_codegen::Project;
use event_folder::family::{Checked, Family};
use event_folder::load::Version;
use event_folder::write_if_changed;
use event_schema::diagnostic::{Diagnostic, Severity};
use serde_json::json;

use super::{count, report, unwritable};
use crate::against::Against;
use crate::exit::Exit;
use crate::format::{Format, github, json as to_json, sarif};
use crate::layout::wrapped;
use crate::render::clean;
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Check the schema folder as a build does
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event check
  cargo event check --schemas services/billing/schemas
  cargo event check --against git:origin/main   # in CI: no published version changed
  cargo event check --against registry          # the same for versions in the registry
  cargo event check --format github             # annotations in GitHub Actions
  cargo event check --format sarif > events.sarif
  cargo event check --format github --sarif events.sarif    # both in one run")]
pub(crate) struct Check {
    #[command(flatten)]
    folder: Folder,
    /// Also check against an earlier state: `git:REV`, another schema folder, or `registry`
    ///
    /// Versions that were published there must exist here without edits, and new minors are compared with them.
    /// `registry` stands for the registries of AWS's Schema Registry that the folder and its lock name.
    #[arg(long, value_name = "git:REV|DIR|registry")]
    against: Option<Against>,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Also write a SARIF log to this file
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
}

/// Checks all events, all pairs of minors, and the lock.
pub(crate) fn run(args: &Check, terminal: &mut Terminal) -> io::Result<Exit> {
    let (findings, sources) = match args.folder.open() {
        Ok(project) => {
            let (findings, mut sources) = (Findings::of(&project), Sources::of_project(&project));
            let findings = match &args.against {
                Some(against) => findings.and_since(against, &project, &mut sources),
                None => findings,
            };
            (findings, sources)
        }
        Err(missing) => (Findings::without_folder(*missing), Sources::default()),
    };
    let mut exit = Exit::of_all(&findings.diagnostics);
    if let Some(file) = &args.sarif {
        let log = format!("{:#}\n", sarif::log(&findings.diagnostics));
        if let Err(e) = write_if_changed(file, &log) {
            exit = exit.max(report(terminal, &[unwritable(file, &e)], &sources)?);
        }
    }
    match args.format {
        Format::Human => {
            report(terminal, &findings.diagnostics, &sources)?;
            terminal.err.flush()?;
            if let Some(size) = &findings.size {
                let against = findings.against.as_ref().map_or_else(String::new, Compared::words);
                for line in &size.compared {
                    let line = wrapped(&clean(line), 10, terminal.out_width);
                    writeln!(terminal.out, "compared: {line}")?;
                }
                let line = format!("{}{against}: {}", size.words(), findings.verdict());
                writeln!(terminal.out, "{}", wrapped(&line, 0, terminal.out_width))?;
            }
        }
        Format::Json => writeln!(terminal.out, "{:#}", findings.json(exit))?,
        Format::Github => github::write(&mut *terminal.out, &findings.diagnostics)?,
        Format::Sarif => writeln!(terminal.out, "{:#}", sarif::log(&findings.diagnostics))?,
    }
    Ok(exit)
}

/// The results of a check.
struct Findings {
    size: Option<Size>,
    against: Option<Compared>,
    diagnostics: Vec<Diagnostic>,
}

/// The earlier state that the folder was checked against.
struct Compared {
    name: String,
    published: usize,
}

impl Compared {
    fn words(&self) -> String {
        format!(", against {} of `{}`", count(self.published, "published version"), self.name)
    }
}

/// The numbers of what was checked.
struct Size {
    folder: String,
    events: usize,
    versions: usize,
    pairs: usize,
    /// The layer of each schema that is compared, with its events.
    compared: Vec<String>,
}

impl Findings {
    fn of(project: &Project) -> Findings {
        let diagnostics = project.diagnostics.iter().chain(&project.lock_diagnostics);
        let diagnostics = diagnostics.cloned().chain(project.generation()).collect();
        Findings { size: Some(Size::of(project)), against: None, diagnostics }
    }

    /// Adds the problems of the comparison with an earlier state that are not among the findings.
    fn and_since(mut self, against: &Against, now: &Project, sources: &mut Sources) -> Findings {
        match against.compare(now, sources) {
            Ok((published, differences)) => {
                let said = |d: &Diagnostic, of: &[Diagnostic]| {
                    of.iter().any(|o| o.rule == d.rule && o.file == d.file && o.pos == d.pos)
                };
                for d in differences {
                    if !said(&d, &self.diagnostics) {
                        self.diagnostics.push(d);
                    }
                }
                self.against = Some(Compared { name: against.to_string(), published });
            }
            Err(problems) => self.diagnostics.extend(problems),
        }
        self
    }

    fn without_folder(missing: Diagnostic) -> Findings {
        Findings { size: None, against: None, diagnostics: vec![missing] }
    }

    fn number(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|d| d.severity == severity).count()
    }

    fn verdict(&self) -> String {
        let (errors, warnings) = (self.number(Severity::Error), self.number(Severity::Warning));
        match (errors, warnings) {
            (0, 0) => "no problems".to_owned(),
            (0, w) => count(w, "warning"),
            (e, 0) => count(e, "error"),
            (e, w) => format!("{}, {}", count(e, "error"), count(w, "warning")),
        }
    }

    fn json(&self, exit: Exit) -> serde_json::Value {
        json!({
            "schemas": self.size.as_ref().map(|s| &s.folder),
            "ok": exit == Exit::Fine,
            "events": self.size.as_ref().map_or(0, |s| s.events),
            "versions": self.size.as_ref().map_or(0, |s| s.versions),
            "pairs": self.size.as_ref().map_or(0, |s| s.pairs),
            "compared": self.size.as_ref().map(|s| &s.compared),
            "against": self.against.as_ref().map(|a| json!({ "name": a.name, "published": a.published })),
            "errors": self.number(Severity::Error),
            "warnings": self.number(Severity::Warning),
            "diagnostics": self.diagnostics.iter().map(to_json::diagnostic).collect::<Vec<_>>(),
        })
    }
}

impl Size {
    fn of(project: &Project) -> Size {
        // a document may describe several events, which are known after reading
        let read = |f: &Family<Checked>| f.members.iter().map(|m| m.version).collect::<Vec<_>>();
        let events: Vec<Vec<Version>> = if project.families.is_empty() {
            project.folder.events.values().map(|v| v.keys().copied().collect()).collect()
        } else {
            project.families.iter().map(read).collect()
        };
        Size {
            folder: project.folder.shown.clone(),
            events: events.len(),
            versions: events.iter().map(Vec::len).sum(),
            pairs: events.iter().map(|versions| pairs(versions)).sum(),
            compared: compared(&project.families),
        }
    }

    fn words(&self) -> String {
        let versions = count(self.versions, "version");
        let (events, pairs) = (count(self.events, "event"), count(self.pairs, "pair"));
        format!("checked {versions} of {events} in `{}`, {pairs} of minors", self.folder)
    }
}

/// Returns the layer that is compared of each schema, with its events; nothing if all schemas are compared as a whole.
fn compared(families: &[Family<Checked>]) -> Vec<String> {
    let mut layers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for family in families {
        for member in &family.members {
            let events = layers.entry(member.event.facts.compared()).or_default();
            events.insert(&family.name.event);
        }
    }
    let wraps = layers.values().map(BTreeSet::len).sum::<usize>();
    if layers.len() == 1 && layers.contains_key("the whole schema") {
        return Vec::new();
    }
    let line = |(layer, events): (&str, BTreeSet<&str>)| {
        if events.len() == wraps {
            return format!("{layer}, of all events");
        }
        let named: Vec<_> = events.iter().take(5).map(|e| format!("`{e}`")).collect();
        let more = events.len() - named.len();
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{layer}, of {}{rest}", named.join(", "))
    };
    layers.into_iter().map(line).collect()
}

/// Returns the number of pairs of minors in all majors.
fn pairs(versions: &[Version]) -> usize {
    let mut minors: BTreeMap<u32, usize> = BTreeMap::new();
    for version in versions {
        *minors.entry(version.major).or_default() += 1;
    }
    minors.values().map(|n| n * (n - 1) / 2).sum()
}
