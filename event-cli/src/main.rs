//! `cargo event`: checks, locks and explains event schemas.
//!
//! Reads arguments, files and the schema folder, and prints the results of the libraries. It makes no decisions about
//! schemas itself.

#![cfg_attr(test, allow(clippy::unwrap_used))] // a failed unwrap is a failed test

mod against;
mod args;
mod catalogue;
mod changes;
mod code;
mod command;
mod day;
mod event;
mod exit;
mod foreign;
mod format;
mod git;
mod input;
mod layout;
mod patterns;
mod readers;
#[cfg(feature = "registry")]
mod remote;
mod render;
mod schemas;
mod setup;
mod side;
mod sources;
mod successor;
mod terminal;
mod topologies;
mod whole;

use std::io::{self, Write};
use std::process::ExitCode;
use std::thread;

use crate::args::{Cli, Command};
#[cfg(not(all(feature = "registry", feature = "serve")))]
use crate::command::absent;
use crate::exit::Exit;
use crate::terminal::Terminal;

/// The stack size of the working thread: schemas nest as deep as the reader allows.
const STACK: usize = 64 * 1024 * 1024;

fn main() -> ExitCode {
    let cli = args::parse(std::env::args_os());
    let outcome = match thread::Builder::new().stack_size(STACK).spawn(move || work(&cli)) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        Err(e) => Err(e),
    };
    outcome.map_or_else(|e| no_output(&e), ExitCode::from)
}

fn work(cli: &Cli) -> io::Result<Exit> {
    let mut terminal = Terminal::new();
    let exit = match &cli.command {
        Command::Init(args) => command::init::run(args, &mut terminal)?,
        Command::New(args) => command::new::run(args, &mut terminal)?,
        Command::Import(args) => command::import::run(args, &mut terminal)?,
        Command::Check(args) => command::check::run(args, &mut terminal)?,
        Command::Lock(args) => command::lock::run(args, &mut terminal)?,
        Command::Unlock(args) => command::unlock::run(args, &mut terminal)?,
        Command::List(args) => command::list::run(args, &mut terminal)?,
        Command::NewVersion(args) => command::new_version::run(args, &mut terminal)?,
        Command::Diff(args) => command::diff::run(args, &mut terminal)?,
        Command::Rules(args) => command::rules::run(args, &mut terminal)?,
        Command::Validate(args) => command::validate::run(args, &mut terminal)?,
        Command::Generate(args) => command::generate::run(args, &mut terminal)?,
        #[cfg(feature = "registry")]
        Command::Pull(args) => command::pull::run(args, &mut terminal)?,
        #[cfg(feature = "registry")]
        Command::Push(args) => command::push::run(args, &mut terminal)?,
        #[cfg(not(feature = "registry"))]
        Command::Pull(_) | Command::Push(_) => absent::run("registry", &mut terminal)?,
        #[cfg(feature = "serve")]
        Command::Registry(args) => command::registry::run(args, &mut terminal)?,
        #[cfg(not(feature = "serve"))]
        Command::Registry(_) => absent::run("serve", &mut terminal)?,
        Command::Patterns(args) => command::patterns::run(args, &mut terminal)?,
        Command::Readers(args) => command::readers::run(args, &mut terminal)?,
        Command::Retire(args) => command::retire::run(args, &mut terminal)?,
        Command::Catalogue(args) => command::catalogue::run(args, &mut terminal)?,
        Command::Template(args) => command::template::run(args, &mut terminal)?,
        Command::Completions(args) => command::completions::run(args, &mut terminal)?,
        Command::Man(args) => command::man::run(args, &mut terminal)?,
    };
    terminal.flush()?;
    Ok(exit)
}

/// Reports that stdout cannot be written for another reason than a closed pipe.
fn no_output(e: &io::Error) -> ExitCode {
    // if stderr cannot be written either, the exit code reports it
    let _ = writeln!(io::stderr(), "error: failed to write the output: {e}");
    Exit::BadInput.into()
}
