//! `cargo event completions`: prints the script with which a shell completes the commands.

use std::io::{self, Write};

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use serde_json::json;

use crate::args::Cli;
use crate::exit::Exit;
use crate::format::Plain;
use crate::terminal::Terminal;

/// Print the completions for a shell
///
/// They complete `cargo-event`. Shells complete by the first word of a line, and for `cargo event` that is cargo's own
/// word.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event completions bash > ~/.local/share/bash-completion/completions/cargo-event
  cargo event completions zsh > ~/.zfunc/_cargo-event
  cargo event completions fish > ~/.config/fish/completions/cargo-event.fish")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
}

/// Prints the script.
pub(crate) fn run(args: &Completions, terminal: &mut Terminal) -> io::Result<Exit> {
    // into memory first: clap_complete panics if its writer fails, as with a closed pipe
    let mut script = Vec::new();
    let mut command = Cli::command().bin_name("cargo-event");
    clap_complete::generate(args.shell, &mut command, "cargo-event", &mut script);
    let script = String::from_utf8_lossy(&script);
    match args.format {
        Plain::Human => terminal.out.write_all(script.as_bytes())?,
        Plain::Json => {
            let answer = json!({ "shell": args.shell.to_string(), "script": script });
            writeln!(terminal.out, "{answer:#}")?;
        }
    }
    Ok(Exit::Fine)
}
