//! `cargo event generate`: what build.rs would write, to look at or to check in.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use event_codegen::Project;
use event_codegen::problem::any_error;
use event_schema::diagnostic::Diagnostic;
use serde_json::json;

use super::{refuse, report, unwritable};
use crate::exit::Exit;
use crate::format::{Plain, json as to_json};
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Print the Rust code that build.rs would write
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event generate
  cargo event generate --schemas schemas --out src/events.rs")]
pub(crate) struct Generate {
    #[command(flatten)]
    folder: Folder,
    /// Write the code to a file, where it differs; else it is printed
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How to say it
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
}

/// Generates the Rust text. Where a build would fail, it fails the same way and writes nothing.
pub(crate) fn run(args: &Generate, terminal: &mut Terminal) -> io::Result<Exit> {
    let project = match args.folder.open() {
        Ok(project) => project,
        Err(missing) => return refuse(terminal, args.format, &[*missing], &Sources::default()),
    };
    let sources = Sources::of_project(&project);
    let mut diagnostics = project.diagnostics.clone();
    diagnostics.extend(project.lock_diagnostics.iter().cloned());
    let made = made(&project, &diagnostics, args.out.as_deref());
    let made = match made {
        Ok(made) => made,
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

struct Made {
    rust: String,
    /// Whether a file was written.
    written: bool,
}

/// The text, written where it is asked for. Of problems, those that `known` lacks.
fn made(
    project: &Project,
    known: &[Diagnostic],
    out: Option<&Path>,
) -> Result<Made, Vec<Diagnostic>> {
    if any_error(known) {
        return Err(Vec::new());
    }
    let config = event_codegen::configure().with_file(&project.folder.root);
    let config = config.map_err(|bad| vec![*bad])?;
    let rust = event_codegen::generate(&project.families, &config)?.rust;
    let written = match out {
        Some(path) => {
            event_codegen::write_if_changed(path, &rust).map_err(|e| vec![unwritable(path, &e)])?
        }
        None => false,
    };
    Ok(Made { rust, written })
}
