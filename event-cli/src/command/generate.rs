//! `cargo event generate`: what build.rs would write, to look at or to check in.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use event_codegen::{Config, Project};
use event_folder::family::{self, Checked, Family};
use event_folder::load::{EventName, Folder, SchemaFile, Version};
use event_folder::problem::{self, any_error};
use event_schema::compat::Terms;
use event_schema::diagnostic::Diagnostic;
use event_schema::settings::Settings;
use serde_json::json;

use super::{refuse, report, unwritable};
use crate::exit::Exit;
use crate::foreign::{self, Foreign};
use crate::format::{Plain, json as to_json};
use crate::schemas;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Print the Rust code that build.rs would write
///
/// Of a schema folder, or of documents outside of one: each is then the first version of the event that
/// the document or the file's name says. Nothing needs to be locked for that.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event generate
  cargo event generate --schemas schemas --out src/events.rs
  cargo event generate aws.s3@ObjectCreated.json")]
pub(crate) struct Generate {
    /// Documents outside of the layout; of a folder, all `.json` files below it
    #[arg(value_name = "FILE|DIR", conflicts_with = "schemas")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    folder: schemas::Folder,
    /// Write the code to a file, where it differs; else it is printed
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How to say it
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
}

/// Generates the Rust text. Where a build would fail, it fails the same way and writes nothing.
pub(crate) fn run(args: &Generate, terminal: &mut Terminal) -> io::Result<Exit> {
    let mut sources = Sources::default();
    let events = match Events::of(args, &mut sources) {
        Ok(events) => events,
        Err(problems) => return refuse(terminal, args.format, &problems, &sources),
    };
    let mut diagnostics = events.diagnostics.clone();
    let made = match made(&events, args.out.as_deref()) {
        Ok(mut made) => {
            diagnostics.append(&mut made.warnings);
            made
        }
        Err(more) => {
            diagnostics.extend(more);
            return refuse(terminal, args.format, &diagnostics, &sources);
        }
    };
    if args.format == Plain::Json {
        let answer = json!({
            "ok": true,
            "out": args.out,
            "written": made.written,
            "rust": made.rust,
            "diagnostics": diagnostics.iter().map(to_json::diagnostic).collect::<Vec<_>>(),
        });
        writeln!(terminal.out, "{answer:#}")?;
        return Ok(Exit::Fine);
    }
    let exit = report(terminal, &diagnostics, &sources)?;
    match &args.out {
        None => terminal.out.write_all(made.rust.as_bytes())?,
        Some(path) => {
            let what = if made.written { "written" } else { "up to date" };
            writeln!(terminal.out, "`{}` is {what}", path.display())?;
        }
    }
    Ok(exit)
}

/// What is generated from.
struct Events {
    families: Vec<Family<Checked>>,
    /// The settings of the folder, where there is one.
    config: Config,
    diagnostics: Vec<Diagnostic>,
}

impl Events {
    fn of(args: &Generate, sources: &mut Sources) -> Result<Events, Vec<Diagnostic>> {
        let project = match args.files.as_slice() {
            [] => args.folder.open().map_err(|d| vec![*d])?,
            // a folder may be a schema folder: then it is read as a build reads it
            [dir] if dir.is_dir() && is_layout(dir) => Project::open(dir),
            files => return Events::plain(files, sources),
        };
        sources.add_project(&project);
        let mut diagnostics = project.diagnostics;
        diagnostics.extend(project.lock_diagnostics);
        Ok(Events { families: project.families, config: project.config, diagnostics })
    }

    fn plain(given: &[PathBuf], sources: &mut Sources) -> Result<Events, Vec<Diagnostic>> {
        let (mut loaded, mut diagnostics) = (Vec::new(), Vec::new());
        let mut taken: BTreeMap<EventName, String> = BTreeMap::new();
        for found in foreign::files(given)?.0 {
            let document = match Foreign::read(&found, None) {
                Ok(document) => document,
                Err(bad) => {
                    diagnostics.push(*bad);
                    continue;
                }
            };
            sources.insert(&document.shown, document.text.clone());
            let (families, problems) =
                family::read(&alone(&found.path, &document), &Settings::default());
            diagnostics.extend(problems);
            for family in families {
                if let Some(other) = taken.insert(family.name.clone(), document.shown.clone()) {
                    let message = format!("the event `{}` is also in {other}", family.name.event);
                    let d = problem::event_defined_twice(&document.shown, message);
                    diagnostics.push(d.with_help("versions of one event belong into a schema folder: `cargo event import FILES`"));
                } else {
                    loaded.push(family);
                }
            }
        }
        loaded.sort_by(|a, b| a.name.cmp(&b.name));
        let families = match family::check(loaded, Terms::default()) {
            Ok((families, warnings)) => {
                diagnostics.extend(warnings);
                families
            }
            Err(problems) => {
                diagnostics.extend(problems);
                Vec::new()
            }
        };
        Ok(Events { families, config: Config::default(), diagnostics })
    }
}

fn is_layout(dir: &Path) -> bool {
    !Folder::read(dir, "").0.is_empty() || dir.join(event_folder::lock::FILE).is_file()
}

/// A schema folder with one document: the first version of its event, of the major that it says.
fn alone(path: &Path, document: &Foreign) -> Folder {
    let registry = document.registry.clone().unwrap_or_else(|| "files".to_owned());
    let name = EventName { registry, event: document.name() };
    let version = Version { major: document.stated_major().unwrap_or(1), minor: 0 };
    let file = SchemaFile {
        name: name.clone(),
        version,
        shown: document.shown.as_str().into(),
        path: path.to_owned(),
        text: document.text.clone(),
    };
    let root = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Folder {
        root: root.to_owned(),
        shown: root.to_string_lossy().into_owned(),
        events: BTreeMap::from([(name, BTreeMap::from([(version, file)]))]),
        lock: None,
        lock_problem: None,
        loose: Vec::new(),
        unwritten: BTreeMap::new(),
    }
}

struct Made {
    rust: String,
    /// Whether a file was written.
    written: bool,
    /// What no type holds.
    warnings: Vec<Diagnostic>,
}

/// The text, written where it is asked for. Of problems, those that aren't known yet.
fn made(events: &Events, out: Option<&Path>) -> Result<Made, Vec<Diagnostic>> {
    if any_error(&events.diagnostics) {
        return Err(Vec::new());
    }
    let generated = event_codegen::generate(&events.families, &events.config)?;
    let (rust, warnings) = (generated.rust, generated.warnings);
    let written = match out {
        Some(path) => {
            event_folder::write_if_changed(path, &rust).map_err(|e| vec![unwritable(path, &e)])?
        }
        None => false,
    };
    Ok(Made { rust, written, warnings })
}
