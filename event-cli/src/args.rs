//! The command line.

use std::ffi::OsString;

use clap::{Parser, Subcommand};

#[cfg(not(feature = "serve"))]
use crate::command::absent::Absent as Registry;
#[cfg(not(feature = "registry"))]
use crate::command::absent::{Absent as Pull, Absent as Push};
#[cfg(feature = "serve")]
use crate::command::registry::Registry;
use crate::command::{
    check::Check, completions::Completions, diff::Diff, generate::Generate, import::Import,
    init::Init, list::List, lock::LockArgs, man::Man, new::New, new_version::NewVersion,
    rules::Rules, template::TemplateArgs, unlock::Unlock, validate::Validate,
};
#[cfg(feature = "registry")]
use crate::command::{pull::Pull, push::Push};

const AFTER: &str = "\
Exit codes: 0 for success; 1 for a breaking change, a lock that does not match, or an event that does not conform; \
2 for invalid input or usage.

Colours: on a terminal only; `NO_COLOR=1` turns them off, `CLICOLOR_FORCE=1` on.";

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

/// The commands. Their help and their examples are with their arguments.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(Init),
    New(New),
    Import(Import),
    Check(Check),
    Lock(LockArgs),
    Unlock(Unlock),
    List(List),
    NewVersion(NewVersion),
    Diff(Diff),
    Rules(Rules),
    Validate(Validate),
    Generate(Generate),
    Pull(Pull),
    Push(Push),
    Registry(Registry),
    Template(TemplateArgs),
    Completions(Completions),
    Man(Man),
}

/// Parses the arguments; a usage error ends the process with 2. cargo passes the name of the command (`event`) first,
/// but `cargo-event check` does not.
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
    fn definition_of_the_command_is_valid() {
        Cli::command().debug_assert();
    }

    #[test]
    fn command_parses_with_and_without_its_name() {
        for args in [&["cargo-event", "event", "check"][..], &["cargo-event", "check"]] {
            let cli = Cli::try_parse_from(without_name(args.iter().map(OsString::from))).unwrap();
            assert!(matches!(cli.command, Command::Check(_)));
        }
        let twice = ["cargo-event", "event", "event"].map(OsString::from);
        assert!(Cli::try_parse_from(without_name(twice)).is_err());
    }

    /// Returns the words of the `cargo event` command in a shell line. The quotes in our examples contain no spaces
    /// that matter here.
    fn example(line: &str) -> Option<Vec<String>> {
        let line = line.split(" #").next()?;
        let words = line.split_whitespace().skip_while(|w| *w != "cargo");
        let end = |w: &&str| !["|", ">", "&&"].contains(w);
        let words: Vec<String> = words.take_while(end).map(str::to_owned).collect();
        (words.get(1).map(String::as_str) == Some("event")).then_some(words)
    }

    #[test]
    fn every_command_has_formats_and_examples_that_parse() {
        fn walk(command: &clap::Command, path: &str) {
            for below in command.get_subcommands() {
                let path = format!("{path} {}", below.get_name());
                if below.has_subcommands() {
                    walk(below, &path);
                    continue;
                }
                assert!(below.get_about().is_some(), "{path} has a description");
                if below.get_about().is_some_and(|a| a.to_string().starts_with("Not in this build"))
                {
                    continue;
                }
                let format = below.get_arguments().any(|a| a.get_long() == Some("format"));
                assert!(format, "{path} has --format");
                let after = below.get_after_help().map(ToString::to_string).unwrap_or_default();
                let lines = after.strip_prefix("Examples:\n");
                let lines = lines.unwrap_or_else(|| panic!("{path} has no examples"));
                let mut shown = 0;
                for line in lines.lines().filter(|l| l.contains("cargo event")) {
                    let words = example(line).unwrap_or_else(|| panic!("{path}: {line}"));
                    assert!(words.join(" ").starts_with(&path), "{path}: {line}");
                    let args = words[1..].iter().map(OsString::from);
                    let args = std::iter::once(OsString::from("cargo-event")).chain(args);
                    if let Err(e) = Cli::try_parse_from(without_name(args)) {
                        panic!("{path}: {line}\n{e}");
                    }
                    shown += 1;
                }
                assert!(shown > 0, "{path} has an example of itself");
            }
        }
        walk(&Cli::command(), "cargo event");
    }
}
