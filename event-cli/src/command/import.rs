//! `cargo event import`: brings documents in other layouts into the schema folder.

mod events;
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

/// Import schemas in other layouts into the schema folder
///
/// The name of an event is the first of: `--name` or `--layout`; the detail-type `type:vN`; the name in a registry or
/// in a `self`; a path with a name of several words (`OrderPlaced/v1.json`, `order.placed/1-0-0`,
/// `events/order/placed/v2.json`); the title; the `$id`; the path with the folder before it (`orders/create.json` is
/// `orders.create`).
///
/// The version is the first of: `--layout`; the registry or the `self`; the path; the detail-type; the `$id`. A
/// document without a version becomes the next minor, or the next major if it breaks. Documents are versions of one
/// event only if they share their place or one of these names.
///
/// Files that they refer to are copied to `_shared`, each once. Existing files are never overwritten. One problem stops
/// the whole import.
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
    /// Documents; a folder stands for all files below it that may be schemas
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Set the registry of all documents (default: what each states, else the only one of the folder)
    #[arg(long, value_name = "REGISTRY")]
    registry: Option<String>,
    /// Set the event of all documents; those without a number are its versions in the given order
    #[arg(long, value_name = "TYPE", conflicts_with = "layout")]
    name: Option<String>,
    /// Set the meaning of paths: `{event}`, `{version}`, `{registry}`, and `*` for anything
    #[arg(long, value_name = "PATTERN")]
    layout: Option<Layout>,
    /// Import only the newest document of each event, as its first version
    ///
    /// For schemas that were inferred from traffic: no publisher used their earlier revisions.
    #[arg(long, conflicts_with = "infer")]
    newest: bool,
    /// Infer a first schema of each event from sample events, marked `x-inferred`
    ///
    /// A file contains one event, a list of events, or one event per line. The type and the version come from the
    /// detail-type or the envelope of the sample, else from the name of the file.
    #[arg(long, conflicts_with_all = ["layout", "name"])]
    infer: bool,
    /// Set the type of all samples
    #[arg(long = "type", value_name = "TYPE", requires = "infer")]
    event: Option<String>,
    /// Show what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
    #[command(flatten)]
    folder: schemas::Folder,
}

/// Plans all files, checks them with the existing ones, then writes them.
pub(crate) fn run(args: &Import, terminal: &mut Terminal) -> io::Result<Exit> {
    let root = match args.folder.or_new() {
        Ok(root) => root,
        Err(missing) => return refuse(terminal, args.format, &[*missing], &Sources::default()),
    };
    let mut sources = Sources::default();
    // another command must not take the same versions
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
        (false, _) => "exists already",
        (true, true) => "would be written",
        (true, false) => "was written",
    };
    for Taken { from, file, new, named, numbered, .. } in &planned.taken {
        let number = match numbered {
            Some((evidence, stated)) if *stated != file.version.to_string() => {
                format!(", {stated} from {}", evidence.as_str())
            }
            Some((evidence, _)) if evidence != named => {
                format!(", version from {}", evidence.as_str())
            }
            Some(_) => String::new(),
            None => ", no version stated".to_owned(),
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
            "review each schema (samples do not show everything that is allowed), remove its `x-inferred`, then lock it: \
             `cargo event lock`"
        } else {
            "check them: `cargo event check`; then lock them: `cargo event lock`"
        };
        writeln!(terminal.out, "next:\n  {next}")?;
    }
    Ok(())
}

/// Writes all files. If one cannot be written, removes those before it.
fn write(files: &[(PathBuf, &str)]) -> Result<(), Box<Diagnostic>> {
    let mut made = Vec::new();
    for (i, (path, text)) in files.iter().enumerate() {
        match write_new(path, text) {
            Ok(folders) => made.push(folders),
            Err(e) => {
                for (done, _) in &files[..i] {
                    // the first error is the one to report
                    let _ = fs::remove_file(done);
                }
                made.iter().rev().for_each(Folders::take_back);
                return Err(Box::new(unwritable(path, &e).with_help("nothing was imported")));
            }
        }
    }
    Ok(())
}
