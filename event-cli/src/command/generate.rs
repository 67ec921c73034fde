//! `cargo event generate`: what build.rs would write, to look at or to check in.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use event_codegen::problem::any_error;
use event_schema::diagnostic::Diagnostic;

use super::report;
use crate::exit::Exit;
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Arguments of `cargo event generate`.
#[derive(Debug, Args)]
pub(crate) struct Generate {
    #[command(flatten)]
    folder: Folder,
    /// Write the code to a file, where it differs; else it is printed
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Generates the Rust text. Where a build would fail, it fails the same way and writes nothing.
pub(crate) fn run(args: &Generate, terminal: &mut Terminal) -> io::Result<Exit> {
    let project = match args.folder.open() {
        Ok(project) => project,
        Err(missing) => return report(terminal, &[*missing], &Sources::default()),
    };
    let sources = Sources::of_project(&project);
    let mut diagnostics = project.diagnostics;
    diagnostics.extend(project.lock_diagnostics);
    let exit = report(terminal, &diagnostics, &sources)?;
    if any_error(&diagnostics) {
        return Ok(exit);
    }
    let config = match event_codegen::configure().with_file(&project.folder.root) {
        Ok(config) => config,
        Err(bad) => return report(terminal, &[*bad], &sources),
    };
    let generated = match event_codegen::generate(&project.families, &config) {
        Ok(generated) => generated,
        Err(problems) => return report(terminal, &problems, &sources),
    };
    let Some(path) = &args.out else {
        terminal.out.write_all(generated.rust.as_bytes())?;
        return Ok(exit);
    };
    match event_codegen::write_if_changed(path, &generated.rust) {
        Ok(written) => {
            let what = if written { "written" } else { "up to date" };
            writeln!(terminal.out, "`{}` is {what}", path.display())?;
            Ok(exit)
        }
        Err(e) => {
            let shown = path.to_string_lossy();
            let d = Diagnostic::error("unwritable", shown.into(), format!("can't be written: {e}"));
            report(terminal, &[d], &sources)
        }
    }
}
