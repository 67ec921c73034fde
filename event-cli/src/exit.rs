//! How a command ends, as a number that scripts can ask for.

use std::process::ExitCode;

use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::rules;

/// The outcome of a command. The order is that of importance: of two outcomes the greater one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All is well: 0.
    Fine,
    /// The question was understood and the answer is no: a breaking change, a lock that the folder
    /// does not match, an event that does not conform. 1.
    No,
    /// The question could not be answered: a file that can't be read, a schema that is none, a wrong
    /// option. 2, as for every usage error.
    BadInput,
}

impl Exit {
    /// The outcome that a diagnostic stands for. Warnings and notes are fine.
    pub(crate) fn of(diagnostic: &Diagnostic) -> Exit {
        match diagnostic.severity {
            Severity::Error => match diagnostic.rule.exit {
                rules::Exit::No => Exit::No,
                rules::Exit::BadInput | rules::Exit::Elsewhere => Exit::BadInput,
            },
            Severity::Warning | Severity::Note => Exit::Fine,
        }
    }

    /// The worst outcome of several diagnostics.
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
