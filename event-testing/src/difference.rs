//! Why a type and its schema file do not match.

use std::error::Error;
use std::{fmt, io};

use event_schema::diagnostic::Diagnostic;
use event_schema::document::SyntaxError;

use super::schema::NoSchema;

/// Why [`assert_locked`](crate::assert_locked) fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Difference {
    /// The registry of the event is not known.
    #[error(
        "`{event}` has no schema yet, and its registry in {folder} is not known: add \
         `#[event(registry = \"..\")]`"
    )]
    NoRegistry {
        /// The event type.
        event: &'static str,
        /// The schema folder.
        folder: String,
    },
    /// The event type is in more than one registry.
    #[error(
        "`{event}` is in several registries ({registries}): choose one with `#[event(registry = \"..\")]`"
    )]
    ManyRegistries {
        /// The event type.
        event: &'static str,
        /// The registries.
        registries: String,
    },
    /// The file is missing.
    #[error(
        "{file} is missing, so this type is not checked\n\
         to write it: `EVENT_ACCEPT=1 cargo test`, then `cargo event lock`"
    )]
    Missing {
        /// The file.
        file: String,
    },
    /// The file is missing, and `schemas.lock` lists it.
    #[error(
        "{file} is missing, and schemas.lock lists it: a published version cannot be written again\n\
         to fix: restore the file from the repository's history"
    )]
    Gone {
        /// The file.
        file: String,
    },
    /// The file does not match the type.
    #[error("{file} does not match the type\n{differences}{way_out}")]
    Differs {
        /// The file.
        file: String,
        /// One difference per paragraph: `-` is the file, `+` is the type.
        differences: String,
        /// The fix.
        way_out: &'static str,
    },
    /// The schema would be read as something other than a payload.
    #[error(
        "{file} describes a payload but would not be read as one\n\
         to fix: `layer.\"{event}\" = \"payload\"` in event.toml of the schema folder"
    )]
    Layer {
        /// The file.
        file: String,
        /// The registry and the event type.
        event: String,
    },
    /// The schema, or the settings or the lock of its folder, cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The type has no schema.
    #[error(transparent)]
    NoSchema(#[from] NoSchema),
    /// The file cannot be read or written.
    #[error("failed to read or write {file}")]
    Io {
        /// The file.
        file: String,
        /// The cause.
        source: io::Error,
    },
}

/// Why a file of the schema folder cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// The file is not JSON.
    #[error("failed to parse {file}")]
    Syntax {
        /// The file.
        file: String,
        /// The place and the cause.
        source: SyntaxError,
    },
    /// The file has mistakes, one per line of the message.
    #[error("{}", headlines(.0))]
    Problems(Vec<Diagnostic>),
    /// The file does not describe exactly one event.
    #[error("{file} contains {found} events: expected one")]
    Events {
        /// The file.
        file: String,
        /// The number of events in it.
        found: usize,
    },
}

impl From<Vec<Diagnostic>> for Difference {
    fn from(problems: Vec<Diagnostic>) -> Difference {
        Difference::Unreadable(Unreadable::Problems(problems))
    }
}

fn headlines(problems: &[Diagnostic]) -> String {
    let lines: Vec<_> = problems.iter().map(Diagnostic::headline).collect();
    lines.join("\n")
}

/// An error and its causes, for a panic.
pub(super) struct Causes<'a>(pub(super) &'a dyn Error);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use event_schema::document::Document;

    use super::*;

    #[test]
    fn unreadable_schema_has_its_syntax_error_as_the_cause() {
        let source = Document::parse("1.0.json", "{\n  \"type\"").unwrap_err();
        let error = Difference::from(Unreadable::Syntax { file: "1.0.json".to_owned(), source });
        assert_eq!(error.to_string(), "failed to parse 1.0.json");
        assert!(error.source().is_some_and(<dyn std::error::Error>::is::<SyntaxError>));
        let shown = Causes(&error).to_string();
        assert!(shown.starts_with("failed to parse 1.0.json: 2:"), "{shown}");
        assert!(shown.contains("not JSON"), "{shown}");
    }

    #[test]
    fn file_that_cannot_be_read_is_shown_with_the_cause() {
        let source = io::Error::new(io::ErrorKind::PermissionDenied, "permission denied");
        let error = Difference::Io { file: "1.0.json".to_owned(), source };
        assert_eq!(error.to_string(), "failed to read or write 1.0.json");
        let shown = Causes(&error).to_string();
        assert_eq!(shown, "failed to read or write 1.0.json: permission denied");
    }
}
