//! How findings leave the command: for people, for programs, for GitHub, for code scanners.

pub(crate) mod github;
pub(crate) mod json;
pub(crate) mod sarif;

use clap::ValueEnum;

/// An output format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Source snippets for people.
    #[default]
    Human,
    /// One JSON document.
    Json,
    /// Workflow commands that GitHub Actions turns into annotations.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// What an answer can be written as that stands at no place of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Plain {
    /// Text for people.
    #[default]
    Human,
    /// One JSON document.
    Json,
}
