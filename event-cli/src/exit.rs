//! The exit codes of a command.

use std::process::ExitCode;

use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::rules;

/// The result of a command, in ascending order of importance: of two results, the greater one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Success: 0.
    Fine,
    /// The check was made and failed: a breaking change, a lock that does not match, an event that does not conform. 1.
    No,
    /// The check could not be made: an unreadable file, an invalid schema, a wrong option. 2, as for usage errors.
    BadInput,
}

impl Exit {
    /// Returns the result for a diagnostic. Warnings and notes count as success.
    pub(crate) fn of(diagnostic: &Diagnostic) -> Exit {
        match diagnostic.severity {
            Severity::Error => match diagnostic.rule.exit {
                rules::Exit::No => Exit::No,
                rules::Exit::BadInput | rules::Exit::Elsewhere => Exit::BadInput,
            },
            Severity::Warning | Severity::Note => Exit::Fine,
        }
    }

    /// Returns the worst result for several diagnostics.
    pub(crate) fn of_all<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> Exit {
        diagnostics.into_iter().map(Exit::of).max().unwrap_or(Exit::Fine)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::No => 1,
            Exit::BadInput => 2,
        })
    }
}
