//! `cargo event catalogue`: the events, for people.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::readers::Known;
use super::{count, report, unwritable};
use crate::catalogue::{Catalogue, asyncapi, eventcatalog, html};
use crate::exit::Exit;

use crate::render::clean;
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;
use crate::topologies;

/// Write a catalogue of the events
///
/// Writes one page that needs no build step and no network: each event with its versions, what changed and what a
/// refused change would have broken, fields, an example, who publishes and who reads it by major, and sunset dates. Who
/// publishes and reads is taken from `topology.json` files.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event catalogue --out catalogue
  cargo event catalogue --out site --title Shop --topology services/shop/topology.json
  cargo event catalogue --out . --format asyncapi")]
pub(crate) struct CatalogueArgs {
    /// The folder that is written to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The title
    #[arg(long, value_name = "TEXT", default_value = "Events")]
    title: String,
    /// A topology; may be given several times (default: every `topology.json` below the current directory)
    #[arg(long = "topology", value_name = "FILE")]
    topologies: Vec<PathBuf>,
    /// What is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    folder: Folder,
}

/// What is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// `index.html`, one page with everything
    #[default]
    Html,
    /// Folders for `EventCatalog`: `events/` and `services/`
    Eventcatalog,
    /// `asyncapi.json`, a document of `AsyncAPI` 3.0
    Asyncapi,
}

/// Writes the catalogue.
pub(crate) fn run(args: &CatalogueArgs, terminal: &mut Terminal) -> io::Result<Exit> {
    let known = match Known::open(&args.folder) {
        Ok(known) => known,
        Err((problems, sources)) => return report(terminal, &problems, &sources),
    };
    let plans = match topologies::plans(&args.topologies) {
        Ok(plans) => plans,
        Err(problems) => return report(terminal, &problems, &Sources::default()),
    };
    let Known { project, families } = &known;
    let catalogue = Catalogue::of(&args.title, families, project, &plans);
    let texts: BTreeMap<String, String> = match args.format {
        Format::Html => [("index.html".to_owned(), html::page(&catalogue))].into(),
        Format::Eventcatalog => eventcatalog::files(&catalogue),
        Format::Asyncapi => {
            let payload = |event: usize, major: u32| {
                let members = families.get(event).map(event_folder::family::Family::majors)?;
                Some(members.get(&major)?.last()?.event.payload.clone())
            };
            let document = asyncapi::document(&catalogue, &payload);
            [("asyncapi.json".to_owned(), format!("{document:#}\n"))].into()
        }
    };
    for (name, text) in &texts {
        let path = args.out.join(name);
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        let written = folder.and_then(|()| event_folder::write_if_changed(&path, text));
        if let Err(error) = written {
            return report(terminal, &[unwritable(&path, &error)], &Sources::default());
        }
    }
    let events = count(catalogue.events.len(), "event");
    let wrote = match texts.keys().next() {
        Some(only) if texts.len() == 1 => format!("wrote `{}`", args.out.join(only).display()),
        _ => format!("wrote {} into `{}`", count(texts.len(), "file"), args.out.display()),
    };
    writeln!(terminal.out, "{}: {events}", clean(&wrote))?;
    Ok(Exit::Fine)
}
