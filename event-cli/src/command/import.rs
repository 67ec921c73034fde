//! `cargo event import`: documents of other layouts into the schema folder.

mod infer;
mod numbers;
mod plan;

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use event_folder::{Folders, commit, write_new};
use event_schema::diagnostic::Diagnostic;
use serde_json::json;

use self::plan::{Planned, Shared, Taken};
use super::{count, refuse, unwritable};
use crate::exit::Exit;
use crate::foreign::Layout;
use crate::format::Plain;
use crate::render::clean;
use crate::schemas;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Take schemas of other layouts into the schema folder
///
/// A name comes from `--name` or `--layout`; else the detail-type `type:vN`; the name in a registry, or of a `self`; a
/// path that has a name of several words (`OrderPlaced/v1.json`, `order.placed/1-0-0`, `events/order/placed/v2.json`);
/// the title; the `$id`; the path with the folder before it (`orders/create.json` is `orders.create`). A version comes
/// from `--layout`, the registry or the `self`, the path, the detail-type, the `$id`; without one it is the next minor,
/// or the next major where it breaks. Documents are versions of one event only where they share their place, or one of
/// these names. Files that they refer to come along, each once, to `_shared`. Nothing is overwritten; with one problem
/// nothing is written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event import --registry shop order.placed.json
  cargo event import downloads --dry-run
  cargo event import --registry shop contracts --layout '{event}/{version}.json'
  cargo event import --registry shop --name order.placed old.json new.json
  cargo event import --infer --registry shop samples/*.json
  cargo event import --registry aws.events aws.s3@ObjectCreated@1.json aws.s3@ObjectCreated@2.json")]
pub(crate) struct Import {
    /// Documents; of a folder, all that may be schemas below it
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The registry of all of them (default: what each says, else the only one of the folder)
    #[arg(long, value_name = "REGISTRY")]
    registry: Option<String>,
    /// The event that all of them are versions of, in this order where nothing numbers them
    #[arg(long, value_name = "TYPE", conflicts_with = "layout")]
    name: Option<String>,
    /// Where the paths say what: `{event}`, `{version}`, `{registry}`, and `*` for anything
    #[arg(long, value_name = "PATTERN")]
    layout: Option<Layout>,
    /// Of each event take only the newest document, as its first version
    ///
    /// For schemas that were inferred from traffic, of which earlier revisions were never published by.
    #[arg(long, conflicts_with = "infer")]
    newest: bool,
    /// The files are sample events: make a first schema of each event, marked `x-inferred`
    ///
    /// A file holds one event, a list of events, or one event a line. Type and version come from the sample's
    /// detail-type or envelope, else from the file's name.
    #[arg(long, conflicts_with_all = ["layout", "name"])]
    infer: bool,
    /// The type of all samples
    #[arg(long = "type", value_name = "TYPE", requires = "infer")]
    event: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// How to say it
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
    #[command(flatten)]
    folder: schemas::Folder,
}

/// Plans all files, checks them with those that are there, then writes them.
pub(crate) fn run(args: &Import, terminal: &mut Terminal) -> io::Result<Exit> {
    let root = match args.folder.or_new() {
        Ok(root) => root,
        Err(missing) => return refuse(terminal, args.format, &[*missing], &Sources::default()),
    };
    let mut sources = Sources::default();
    // what another command writes meanwhile keeps its number
    let held = if args.dry_run || !root.is_dir() { Ok(None) } else { commit::hold(&root) };
    let _held = match held {
        Ok(held) => held,
        Err(e) => return refuse(terminal, args.format, &[unwritable(&root, &e)], &sources),
    };
    let planned = plan::plan(args, &root, &mut sources).and_then(|planned| {
        if !args.dry_run {
            write(&planned.new_files()).map_err(|d| vec![*d])?;
        }
        Ok(planned)
    });
    let planned = match planned {
        Ok(planned) => planned,
        Err(problems) => return refuse(terminal, args.format, &problems, &sources),
    };
    match args.format {
        Plain::Human => tell(&planned, args, terminal)?,
        Plain::Json => {
            let files = planned.taken.iter().map(|t| {
                json!({
                    "from": t.from,
                    "registry": t.file.name.registry,
                    "type": t.file.name.event,
                    "version": t.file.version.to_string(),
                    "file": &*t.file.shown,
                    "new": t.new,
                    "nameFrom": t.named.as_str().replace('`', ""),
                    "versionFrom": t.numbered.as_ref().map(|(e, _)| e.as_str().replace('`', "")),
                    "stated": t.numbered.as_ref().map(|(_, n)| n),
                })
            });
            let shared = planned.shared.iter().map(|s| {
                json!({ "from": s.from, "file": s.shown, "referredBy": s.referring, "new": s.new })
            });
            let answer = json!({
                "ok": true,
                "dryRun": args.dry_run,
                "files": files.collect::<Vec<_>>(),
                "shared": shared.collect::<Vec<_>>(),
                "leftOut": planned.left_out,
            });
            writeln!(terminal.out, "{answer:#}")?;
        }
    }
    Ok(Exit::Fine)
}

fn tell(planned: &Planned, args: &Import, terminal: &mut Terminal) -> io::Result<()> {
    let dry_run = args.dry_run;
    let verb = |new: bool| match (new, dry_run) {
        (false, _) => "is there already",
        (true, true) => "would be written",
        (true, false) => "is written",
    };
    for Taken { from, file, new, named, numbered, .. } in &planned.taken {
        let number = match numbered {
            Some((evidence, stated)) if *stated != file.version.to_string() => {
                format!(", {stated} from {}", evidence.as_str())
            }
            Some((evidence, _)) if evidence != named => {
                format!(", its version from {}", evidence.as_str())
            }
            Some(_) => String::new(),
            None => ", nothing says its version".to_owned(),
        };
        let line = format!(
            "`{from}`: `{}` {} of registry `{}`, `{}` {} (named by {}{number})",
            file.name.event,
            file.version,
            file.name.registry,
            file.shown,
            verb(*new),
            named.as_str()
        );
        writeln!(terminal.out, "{}", clean(&line))?;
    }
    for Shared { from, shown, referring, new, .. } in &planned.shared {
        let line = format!(
            "`{from}`: definitions that {} to, `{shown}` {}",
            match referring {
                1 => "1 document refers".to_owned(),
                n => format!("{n} documents refer"),
            },
            verb(*new)
        );
        writeln!(terminal.out, "{}", clean(&line))?;
    }
    for left in &planned.left_out {
        writeln!(terminal.out, "{}", clean(&format!("left out: {left}")))?;
    }
    let events = planned.events();
    let sum = format!(
        "{} of {}, {}",
        count(planned.taken.len(), "version"),
        count(events, "event"),
        count(planned.shared.len(), "shared file")
    );
    writeln!(terminal.out, "{sum}")?;
    if planned.any_new() && !dry_run {
        let next = if args.infer {
            "look through each schema (samples do not say what else may come), remove its `x-inferred`, then lock it: \
             `cargo event lock`"
        } else {
            "see what they are: `cargo event check`; then lock them: `cargo event lock`"
        };
        writeln!(terminal.out, "next:\n  {next}")?;
    }
    Ok(())
}

/// Writes all files; where one can't be written, those before it are taken back.
fn write(files: &[(PathBuf, &str)]) -> Result<(), Box<Diagnostic>> {
    let mut made = Vec::new();
    for (i, (path, text)) in files.iter().enumerate() {
        match write_new(path, text) {
            Ok(folders) => made.push(folders),
            Err(e) => {
                for (done, _) in &files[..i] {
                    // the error that counts is the first one
                    let _ = fs::remove_file(done);
                }
                made.iter().rev().for_each(Folders::take_back);
                return Err(Box::new(unwritable(path, &e).with_help("nothing was imported")));
            }
        }
    }
    Ok(())
}
