//! The commands, one a file. Each gets its arguments and the terminal and says how it ended; an
//! `io::Error` means that its output could not be written.

pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod generate;
pub(crate) mod lock;
pub(crate) mod registry;
pub(crate) mod rules;
pub(crate) mod validate;

use std::io::{self, Write};

use event_schema::diagnostic::Diagnostic;

use crate::exit::Exit;
use crate::render;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Shows diagnostics on stderr, a blank line after each, and says what they amount to.
fn report(
    terminal: &mut Terminal,
    diagnostics: &[Diagnostic],
    sources: &Sources,
) -> io::Result<Exit> {
    for d in diagnostics {
        writeln!(terminal.err, "{}", render::diagnostic(d, sources))?;
    }
    Ok(Exit::of_all(diagnostics))
}

/// `1 version`, `2 versions`.
fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
