//! The commands, one per file. Each gets its arguments and the terminal, and returns its exit code. An `io::Error`
//! means that its output could not be written.

#[cfg(not(all(feature = "registry", feature = "serve")))]
pub(crate) mod absent;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod lock;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod new_version;
#[cfg(feature = "registry")]
pub(crate) mod pull;
#[cfg(feature = "registry")]
pub(crate) mod push;
#[cfg(feature = "serve")]
pub(crate) mod registry;
pub(crate) mod rules;
pub(crate) mod template;
pub(crate) mod unlock;
pub(crate) mod validate;

use std::io::{self, Write};
use std::path::Path;

use event_folder::problem;
use event_schema::diagnostic::Diagnostic;
use serde_json::json;

use crate::exit::Exit;
use crate::format::{Plain, json as to_json};
use crate::render;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Prints diagnostics to stderr, each followed by a blank line, and returns the exit code for them.
fn report(
    terminal: &mut Terminal,
    diagnostics: &[Diagnostic],
    sources: &Sources,
) -> io::Result<Exit> {
    for d in diagnostics {
        writeln!(terminal.err, "{}", render::diagnostic(d, sources, terminal.err_width))?;
    }
    Ok(Exit::of_all(diagnostics))
}

/// Reports why nothing was done: to stderr for people, and as `{ "ok": .., "diagnostics": [..] }` to stdout for
/// programs.
fn refuse(
    terminal: &mut Terminal,
    format: Plain,
    diagnostics: &[Diagnostic],
    sources: &Sources,
) -> io::Result<Exit> {
    if format == Plain::Human {
        return report(terminal, diagnostics, sources);
    }
    let exit = Exit::of_all(diagnostics);
    let all: Vec<_> = diagnostics.iter().map(to_json::diagnostic).collect();
    let answer = json!({ "ok": exit == Exit::Fine, "diagnostics": all });
    writeln!(terminal.out, "{answer:#}")?;
    Ok(exit)
}

/// The diagnostic about a file or folder that cannot be written.
fn unwritable(path: &Path, e: &io::Error) -> Diagnostic {
    let shown = path.to_string_lossy();
    problem::unwritable(&shown, format!("failed to write: {e}"))
}

/// The diagnostic about a version that a later one follows.
fn not_the_newest(file: &str, message: String) -> Diagnostic {
    problem::error(&event_schema::rules::NOT_THE_NEWEST, file, message)
}

/// Returns a number and its noun: `1 version`, `2 versions`.
pub(crate) fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
