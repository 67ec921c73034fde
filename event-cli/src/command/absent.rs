//! A command that this build does not contain, because a feature of the package is off.

use std::ffi::OsString;
use std::io;

use clap::Args;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;

use super::report;
use crate::exit::Exit;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Not in this build
#[derive(Debug, Args)]
pub(crate) struct Absent {
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<OsString>,
}

/// Reports which feature is missing.
pub(crate) fn run(feature: &str, terminal: &mut Terminal) -> io::Result<Exit> {
    report(terminal, &[problem(feature)], &Sources::default())
}

/// The diagnostic about a missing feature.
pub(crate) fn problem(feature: &str) -> Diagnostic {
    let message = format!("this build of `cargo event` does not have the feature `{feature}`");
    Diagnostic::error(&rules::FEATURE_MISSING, "cargo-event".into(), message).with_help(format!(
        "install the command with the feature: `cargo install cargo-event --features {feature}`"
    ))
}
