//! The command line.

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use crate::command::{
    check::Check, diff::Diff, generate::Generate, lock::LockArgs, registry::Registry, rules::Rules,
    validate::Validate,
};

const AFTER: &str = "\
Exit codes: 0 fine; 1 a breaking change, a lock that doesn't match, an event that doesn't conform; \
2 bad input or usage.

Colours: on a terminal; `NO_COLOR=1` turns them off, `CLICOLOR_FORCE=1` on.";

/// `cargo event`.
#[derive(Debug, Parser)]
#[command(
    name = "cargo-event",
    bin_name = "cargo event",
    version,
    about = "Check, lock and explain event schemas",
    after_help = AFTER,
    after_long_help = AFTER
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say everything that the build would say
    #[command(after_help = "\
Examples:
  cargo event check
  cargo event check --schemas services/billing/schemas
  cargo event check --format github        # annotations in GitHub Actions
  cargo event check --format sarif > events.sarif")]
    Check(Check),
    /// Lock the versions that are new: from then on they never change
    ///
    /// First checks as `cargo event check` does. A version that is locked and was edited or deleted is
    /// refused, and the lock left as it was.
    #[command(after_help = "\
Examples:
  cargo event lock
  cargo event lock --check                 # in CI: is everything locked?")]
    Lock(LockArgs),
    /// Say what changed between two versions, and whom it breaks
    #[command(after_help = "\
Examples:
  cargo event diff old.json new.json
  cargo event diff order.placed@1.0 order.placed@1.1
  cargo event diff order.placed@1.1 draft.json --policy backward
  git show main:order.json | cargo event diff - order.json --format json")]
    Diff(Diff),
    /// List the rules of change, or explain one
    #[command(after_help = "\
Examples:
  cargo event rules
  cargo event rules enum-value-added
  cargo event rules --format json")]
    Rules(Rules),
    /// Hold events to a version
    ///
    /// An event may be a payload, an envelope with one, or an event as EventBridge delivers it. Each
    /// failure is named with its JSON pointer.
    #[command(after_help = "\
Examples:
  cargo event validate order.placed@1.1 event.json
  cargo event validate order.placed archive/*.ndjson
  aws sqs receive-message --queue-url URL --query 'Messages[].Body' --output text | cargo event validate order.placed -")]
    Validate(Validate),
    /// Print the Rust code that build.rs would write
    #[command(after_help = "\
Examples:
  cargo event generate
  cargo event generate --schemas schemas --out src/events.rs")]
    Generate(Generate),
    /// A registry of your own, on loopback
    Registry(Registry),
}

/// Parses the arguments; on a usage error ends the process with 2. cargo passes the command's own name
/// (`event`) first; called as `cargo-event check` it isn't there.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Cli {
    Cli::parse_from(without_name(args))
}

fn without_name(args: impl IntoIterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let by_cargo = |(i, arg): &(usize, OsString)| *i == 1 && arg == "event";
    args.into_iter().enumerate().filter(move |arg| !by_cargo(arg)).map(|(_, arg)| arg)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_holds() {
        Cli::command().debug_assert();
    }

    #[test]
    fn through_cargo_and_by_itself() {
        for args in [&["cargo-event", "event", "check"][..], &["cargo-event", "check"]] {
            let cli = Cli::try_parse_from(without_name(args.iter().map(OsString::from))).unwrap();
            assert!(matches!(cli.command, Command::Check(_)));
        }
        let twice = ["cargo-event", "event", "event"].map(OsString::from);
        assert!(Cli::try_parse_from(without_name(twice)).is_err());
    }
}
