//! `cargo event check`: what the build would say, without building.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::Args;
use event_codegen::Project;
use event_codegen::family::{Checked, Family};
use event_codegen::load::Version;
use event_schema::diagnostic::{Diagnostic, Severity};
use serde_json::json;

use super::{count, report};
use crate::exit::Exit;
use crate::format::{Format, github, json as to_json, sarif};
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Arguments of `cargo event check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    folder: Folder,
    /// How to say it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Checks all events, all pairs of minors, and the lock.
pub(crate) fn run(args: &Check, terminal: &mut Terminal) -> io::Result<Exit> {
    let (findings, sources) = match args.folder.open() {
        Ok(project) => (Findings::of(&project), Sources::of_project(&project)),
        Err(missing) => (Findings::without_folder(*missing), Sources::default()),
    };
    let exit = Exit::of_all(&findings.diagnostics);
    match args.format {
        Format::Human => {
            report(terminal, &findings.diagnostics, &sources)?;
            terminal.err.flush()?;
            if let Some(size) = &findings.size {
                writeln!(terminal.out, "{}: {}", size.words(), findings.verdict())?;
            }
        }
        Format::Json => writeln!(terminal.out, "{:#}", findings.json(exit))?,
        Format::Github => github::write(&mut *terminal.out, &findings.diagnostics)?,
        Format::Sarif => writeln!(terminal.out, "{:#}", sarif::log(&findings.diagnostics))?,
    }
    Ok(exit)
}

/// What a check found.
struct Findings {
    size: Option<Size>,
    diagnostics: Vec<Diagnostic>,
}

/// What was looked at.
struct Size {
    folder: String,
    events: usize,
    versions: usize,
    pairs: usize,
}

impl Findings {
    fn of(project: &Project) -> Findings {
        let diagnostics = project.diagnostics.iter().chain(&project.lock_diagnostics);
        Findings { size: Some(Size::of(project)), diagnostics: diagnostics.cloned().collect() }
    }

    fn without_folder(missing: Diagnostic) -> Findings {
        Findings { size: None, diagnostics: vec![missing] }
    }

    fn number(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|d| d.severity == severity).count()
    }

    fn verdict(&self) -> String {
        let (errors, warnings) = (self.number(Severity::Error), self.number(Severity::Warning));
        match (errors, warnings) {
            (0, 0) => "no problem".to_owned(),
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
            "errors": self.number(Severity::Error),
            "warnings": self.number(Severity::Warning),
            "diagnostics": self.diagnostics.iter().map(to_json::diagnostic).collect::<Vec<_>>(),
        })
    }
}

impl Size {
    fn of(project: &Project) -> Size {
        // a document may hold several events: what it holds is known once all is read
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
        }
    }

    fn words(&self) -> String {
        let versions = count(self.versions, "version");
        let (events, pairs) = (count(self.events, "event"), count(self.pairs, "pair"));
        format!("checked {versions} of {events} in `{}`, {pairs} of minors", self.folder)
    }
}

/// How many pairs of minors there are, of all majors.
fn pairs(versions: &[Version]) -> usize {
    let mut minors: BTreeMap<u32, usize> = BTreeMap::new();
    for version in versions {
        *minors.entry(version.major).or_default() += 1;
    }
    minors.values().map(|n| n * (n - 1) / 2).sum()
}
