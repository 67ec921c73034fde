//! Diagnostics of this room: files, locks, builds. What a change breaks is said by `event-schema`.

use event_schema::diagnostic::{Diagnostic, Severity};

/// An error about a file as a whole.
pub(crate) fn error(rule: &'static str, file: &str, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(rule, file.into(), message)
}

/// The same with ways out.
pub(crate) fn help(mut diagnostic: Diagnostic, help: &[&str]) -> Diagnostic {
    diagnostic.help.extend(help.iter().map(|h| (*h).to_owned()));
    diagnostic
}

/// Whether one of them fails the build.
pub fn any_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}
