//! `cargo event man`: prints or writes the manual, one page per command.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_mangen::Man as Page;
use serde_json::json;

use super::{count, refuse, unwritable};
use crate::args::Cli;
use crate::exit::Exit;
use crate::format::Plain;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// The name of the main page.
const MAIN: &str = "cargo-event.1";

/// Print the main page of the manual, or write the pages of all commands
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event man | man -l -
  cargo event man --out ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// Write the pages of all commands to this folder if they differ (default: print the main page)
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
}

/// Prints the main page, or writes all pages.
pub(crate) fn run(args: &Man, terminal: &mut Terminal) -> io::Result<Exit> {
    let pages = pages()?;
    let Some(dir) = &args.out else {
        match args.format {
            Plain::Human => {
                terminal.out.write_all(pages.get(MAIN).map_or("", String::as_str).as_bytes())?;
            }
            Plain::Json => writeln!(terminal.out, "{:#}", json!({ "pages": pages }))?,
        }
        return Ok(Exit::Fine);
    };
    let mut written = Vec::new();
    let mut problems = Vec::new();
    for (name, page) in &pages {
        let path = dir.join(name);
        match event_folder::write_if_changed(&path, page) {
            Ok(true) => written.push(name),
            Ok(false) => {}
            Err(e) => problems.push(unwritable(&path, &e)),
        }
    }
    if !problems.is_empty() {
        return refuse(terminal, args.format, &problems, &Sources::default());
    }
    match args.format {
        Plain::Human => {
            let (all, new) = (count(pages.len(), "page"), written.len());
            writeln!(terminal.out, "`{}` has {all}, {new} written", dir.display())?;
        }
        Plain::Json => {
            let names: Vec<_> = pages.keys().collect();
            let answer = json!({ "ok": true, "out": dir, "pages": names, "written": written });
            writeln!(terminal.out, "{answer:#}")?;
        }
    }
    Ok(Exit::Fine)
}

/// Returns the pages by file name: `cargo-event.1`, `cargo-event-check.1`, and so on.
fn pages() -> io::Result<BTreeMap<String, String>> {
    let mut out = BTreeMap::new();
    add(Cli::command().disable_help_subcommand(true), "cargo-event", "cargo event", &mut out)?;
    Ok(out)
}

/// Adds the page of a command and those of its subcommands. `name` is the name of the page, and `typed` is what users
/// type.
fn add(
    command: clap::Command,
    name: &str,
    typed: &str,
    out: &mut BTreeMap<String, String>,
) -> io::Result<()> {
    let command = command.display_name(name.to_owned()).bin_name(typed);
    for below in command.get_subcommands() {
        let (name, typed) =
            (format!("{name}-{}", below.get_name()), format!("{typed} {}", below.get_name()));
        add(below.clone(), &name, &typed, out)?;
    }
    let mut page = Vec::new();
    Page::new(command).render(&mut page)?;
    out.insert(format!("{name}.1"), String::from_utf8_lossy(&page).into_owned());
    Ok(())
}
