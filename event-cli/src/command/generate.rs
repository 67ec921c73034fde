//! `cargo event generate`: prints or writes the Rust code that build.rs would write.

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
/// Reads a schema folder, or documents outside of one. Each document is then the first version of the event that the
/// document or the name of the file states, and nothing needs to be locked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event generate
  cargo event generate --schemas schemas --out src/events.rs
  cargo event generate aws.s3@ObjectCreated.json")]
pub(crate) struct Generate {
    /// Documents outside of a schema folder; a folder stands for all `.json` files below it
    #[arg(value_name = "FILE|DIR", conflicts_with = "schemas")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    folder: schemas::Folder,
    /// Write the code to a file if it differs (default: standard output)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
}

/// Generates the Rust code. If a build would fail, this fails in the same way and writes nothing.
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

/// The events to generate code for.
struct Events {
    families: Vec<Family<Checked>>,
    /// The settings of the schema folder, if it is one.
    config: Config,
    diagnostics: Vec<Diagnostic>,
}

impl Events {
    fn of(args: &Generate, sources: &mut Sources) -> Result<Events, Vec<Diagnostic>> {
        let project = match args.files.as_slice() {
            [] => args.folder.open().map_err(|d| vec![*d])?,
            // a schema folder is read as a build reads it
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
                    let message =
                        format!("the event `{}` is also described in {other}", family.name.event);
                    let d = problem::event_defined_twice(&document.shown, message);
                    diagnostics.push(d.with_help("put versions of one event into a schema folder: `cargo event import FILES`"));
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

/// Returns a schema folder with one document: the first version of its event, of the major that it states.
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
    let events = BTreeMap::from([(name, BTreeMap::from([(version, file)]))]);
    Folder::with_events(root, &root.to_string_lossy(), events)
}

struct Made {
    rust: String,
    /// Whether a file was written.
    written: bool,
    /// Parts of schemas that no type expresses.
    warnings: Vec<Diagnostic>,
}

/// Generates the code, and writes it if a file is given. The error lists only problems that are not known yet.
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
