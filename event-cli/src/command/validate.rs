//! `cargo event validate`: checks events against a version of their type.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use event_folder::problem::not_a_document;
use event_schema::diagnostic::Diagnostic;
use event_schema::document::Document;
use serde_json::json;

use super::{count, report};
use crate::event::Wanted;
use crate::exit::Exit;
use crate::format::{Format, github, json as to_json, sarif};
use crate::input::Input;
use crate::render;
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Check events against a version
///
/// An event may be a payload, an envelope with a payload, or an event as EventBridge delivers it. Each failure names
/// its JSON pointer.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event validate order.placed@1.1 event.json
  cargo event validate order.placed archive/*.ndjson
  aws sqs receive-message --queue-url URL --query 'Messages[].Body' --output text | cargo event validate order.placed -")]
pub(crate) struct Validate {
    /// The type of the event and a version: `2.1`, or `2` for the newest of that major
    ///
    /// The default version is the newest of the major that an event names, else the newest. If two registries have an
    /// event of this type, name it as `REGISTRY/TYPE`.
    #[arg(value_name = "TYPE[@VERSION]")]
    event: String,
    /// Files with one event, or with one per line (NDJSON); `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    folder: Folder,
}

/// The results so far.
#[derive(Default)]
struct Tally {
    events: usize,
    conforming: usize,
    exit: Option<Exit>,
    /// The diagnostics, for formats that are one document.
    diagnostics: Vec<Diagnostic>,
}

/// Checks every event of every file against the schema.
pub(crate) fn run(args: &Validate, terminal: &mut Terminal) -> io::Result<Exit> {
    let project = match args.folder.open() {
        Ok(project) => project,
        Err(missing) => return report(terminal, &[*missing], &Sources::default()),
    };
    let mut sources = Sources::of_project(&project);
    let wanted = match Wanted::find(&args.event, &project) {
        Ok(wanted) => wanted,
        Err(problems) => return report(terminal, &problems, &sources),
    };
    let mut tally = Tally::default();
    for path in &args.files {
        let mut input = match Input::open(path) {
            Ok(input) => input,
            Err(bad) => {
                tally.add(vec![*bad], args.format, &sources, terminal)?;
                continue;
            }
        };
        loop {
            let (line, text) = match input.next_event() {
                Ok(Some(event)) => event,
                Ok(None) => break,
                Err(bad) => {
                    tally.add(vec![*bad], args.format, &sources, terminal)?;
                    break;
                }
            };
            tally.events += 1;
            // positions count from the start of the file, not of the event
            let mut found = match Document::parse(input.shown.as_str(), text.as_str()) {
                Ok(event) => wanted.judge(&event),
                Err(e) => vec![not_a_document(&input.shown, &text, e)],
            };
            for d in &mut found {
                if let Some(pos) = &mut d.pos {
                    pos.line = pos.line.saturating_add(line);
                }
            }
            tally.conforming += usize::from(found.is_empty());
            if !found.is_empty() {
                sources.insert(&input.shown, text.into());
                tally.add(found, args.format, &sources, terminal)?;
            }
        }
    }
    tally.finish(args.format, &wanted, terminal)
}

impl Tally {
    fn add(
        &mut self,
        found: Vec<Diagnostic>,
        format: Format,
        sources: &Sources,
        terminal: &mut Terminal,
    ) -> io::Result<()> {
        self.exit = self.exit.max(Some(Exit::of_all(&found)));
        match format {
            Format::Human => {
                for d in &found {
                    writeln!(
                        terminal.err,
                        "{}",
                        render::diagnostic(d, sources, terminal.err_width)
                    )?;
                }
            }
            Format::Github => github::write(&mut *terminal.out, &found)?,
            Format::Json | Format::Sarif => self.diagnostics.extend(found),
        }
        Ok(())
    }

    fn finish(self, format: Format, wanted: &Wanted, terminal: &mut Terminal) -> io::Result<Exit> {
        let exit = self.exit.unwrap_or(Exit::Fine);
        let bad = self.events - self.conforming;
        match format {
            Format::Human => {
                terminal.err.flush()?;
                let verdict = match (exit, bad) {
                    (Exit::Fine, _) => "all conform".to_owned(),
                    (_, 0) => "not all are readable".to_owned(),
                    (_, 1) => "1 does not conform".to_owned(),
                    (_, n) => format!("{n} do not conform"),
                };
                let events = count(self.events, "event");
                writeln!(terminal.out, "checked {events} against `{}`: {verdict}", wanted.event())?;
            }
            Format::Json => {
                let all: Vec<_> = self.diagnostics.iter().map(to_json::diagnostic).collect();
                let report = json!({
                    "type": wanted.event(),
                    "ok": exit == Exit::Fine,
                    "events": self.events,
                    "conforming": self.conforming,
                    "diagnostics": all,
                });
                writeln!(terminal.out, "{report:#}")?;
            }
            Format::Sarif => {
                writeln!(terminal.out, "{:#}", sarif::log(&self.diagnostics))?;
            }
            Format::Github => {}
        }
        Ok(exit)
    }
}
