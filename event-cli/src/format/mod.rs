//! The output formats: for people, for programs, for GitHub and for code scanners.

pub(crate) mod github;
pub(crate) mod json;
pub(crate) mod sarif;

use clap::ValueEnum;

/// An output format for diagnostics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Source snippets for people
    #[default]
    Human,
    /// One JSON document
    Json,
    /// Workflow commands for annotations in GitHub Actions
    Github,
    /// SARIF 2.1.0 for code scanning
    Sarif,
}

/// An output format for results that have no position in a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Plain {
    /// Text for people
    #[default]
    Human,
    /// One JSON document
    Json,
}
