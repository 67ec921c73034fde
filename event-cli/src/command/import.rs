//! `cargo event import`: documents of other layouts into the schema folder.

mod infer;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use event_codegen::Project;
use event_codegen::family;
use event_codegen::load::{EventName, Folder, SchemaFile, Version};
use event_codegen::lock::sha256;
use event_codegen::problem::any_error;
use event_codegen::registry::name;
use event_schema::diagnostic::Diagnostic;
use serde_json::json;
use tempfile::NamedTempFile;

use super::{refuse, unwritable};
use crate::exit::Exit;
use crate::foreign::{self, Foreign, Numbered};
use crate::format::Plain;
use crate::render::clean;
use crate::schemas;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Take schemas of other layouts into the schema folder
///
/// Takes OpenAPI and JSON Schema documents, files called `name@version.json`, and what
/// `aws schemas describe-schema` prints. Registry, type and version come from the document, then from the
/// file's name. A version without a number is the next minor, or the next major where it breaks. Nothing is
/// overwritten; with one problem nothing is written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event import --registry shop order.placed.json
  cargo event import downloads --dry-run
  cargo event import --infer --registry shop samples/*.json
  cargo event import --registry aws.events aws.s3@ObjectCreated@1.json aws.s3@ObjectCreated@2.json")]
pub(crate) struct Import {
    /// Documents; of a folder, all `.json` files below it
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The registry of all of them; else what each says, else the only one of the folder
    #[arg(long, value_name = "REGISTRY")]
    registry: Option<String>,
    /// The files are sample events: make a first schema of each event, marked `x-inferred`
    ///
    /// A file holds one event, a list of events, or one event a line. Type and version come from the sample's
    /// detail-type or envelope, else from the file's name.
    #[arg(long)]
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

/// What becomes of a document.
struct Taken {
    from: String,
    file: SchemaFile,
    /// Whether it is not there yet.
    new: bool,
}

/// Plans all files, checks them with those that are there, then writes them.
pub(crate) fn run(args: &Import, terminal: &mut Terminal) -> io::Result<Exit> {
    let root = match args.folder.or_new() {
        Ok(root) => root,
        Err(missing) => return refuse(terminal, args.format, &[*missing], &Sources::default()),
    };
    let mut sources = Sources::default();
    let planned = plan(args, &root, &mut sources).and_then(|taken| {
        if !args.dry_run {
            let new: Vec<&SchemaFile> = taken.iter().filter(|t| t.new).map(|t| &t.file).collect();
            write(&new).map_err(|d| vec![*d])?;
        }
        Ok(taken)
    });
    let taken = match planned {
        Ok(taken) => taken,
        Err(problems) => return refuse(terminal, args.format, &problems, &sources),
    };
    let any = taken.iter().any(|t| t.new);
    let next = if args.infer {
        "look through each schema (samples do not say what else may come), remove its `x-inferred`, then lock it: \
         `cargo event lock`"
    } else {
        "see what they are: `cargo event check`; then lock them: `cargo event lock`"
    };
    match args.format {
        Plain::Human => {
            for t in &taken {
                let verb = match (t.new, args.dry_run) {
                    (false, _) => "is there already",
                    (true, true) => "would be written",
                    (true, false) => "is written",
                };
                let line = format!(
                    "`{}`: `{}` {} of registry `{}`, `{}` {verb}",
                    t.from, t.file.name.event, t.file.version, t.file.name.registry, t.file.shown
                );
                writeln!(terminal.out, "{}", clean(&line))?;
            }
            if any && !args.dry_run {
                writeln!(terminal.out, "next:\n  {next}")?;
            }
        }
        Plain::Json => {
            let files = taken.iter().map(|t| {
                json!({
                    "from": t.from,
                    "registry": t.file.name.registry,
                    "type": t.file.name.event,
                    "version": t.file.version.to_string(),
                    "file": &*t.file.shown,
                    "new": t.new,
                })
            });
            let answer =
                json!({ "ok": true, "dryRun": args.dry_run, "files": files.collect::<Vec<_>>() });
            writeln!(terminal.out, "{answer:#}")?;
        }
    }
    Ok(Exit::Fine)
}

fn plan(args: &Import, root: &Path, sources: &mut Sources) -> Result<Vec<Taken>, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut documents = Vec::new();
    if args.infer {
        documents = infer::documents(&args.files, args.event.as_deref())?;
    } else {
        for path in foreign::files(&args.files)? {
            match Foreign::read(&path) {
                Ok(document) => documents.push(document),
                Err(bad) => problems.push(*bad),
            }
        }
    }
    let project = Project::open(root);
    let known: BTreeSet<&String> = project.folder.events.keys().map(|n| &n.registry).collect();
    let only = known.first().filter(|_| known.len() == 1).map(|r| (*r).clone());
    let mut groups: BTreeMap<EventName, Vec<Foreign>> = BTreeMap::new();
    for document in documents {
        match place(&document, args.registry.as_deref(), only.as_deref()) {
            Ok(name) if args.infer && project.folder.events.contains_key(&name) => {
                let message = format!("the event `{}` has a schema already", name.event);
                let d = Diagnostic::error("file-exists", document.shown.as_str().into(), message);
                problems.push(d.with_help(
                    "check the samples against it: `cargo event validate TYPE FILE`; or begin its next version: `cargo event new-version TYPE`",
                ));
            }
            Ok(name) => groups.entry(name).or_default().push(document),
            Err(bad) => problems.push(*bad),
        }
    }
    let mut taken = Vec::new();
    let mut folder = project.folder.clone();
    for (name, mut documents) in groups {
        // stable: documents without a number keep the order of the command line
        documents.sort_by_key(|d| d.numbered);
        for document in documents {
            match version(&document, &name, &folder, &project) {
                Ok((version, new)) => {
                    let below = format!("{}/{}/{version}.json", name.registry, name.event);
                    let shown: Arc<str> = format!("{}/{below}", folder.shown).into();
                    let file = SchemaFile {
                        name: name.clone(),
                        version,
                        shown,
                        path: root.join(below),
                        text: document.text,
                    };
                    sources.insert(&file.shown, file.text.clone());
                    if new {
                        folder
                            .events
                            .entry(name.clone())
                            .or_default()
                            .insert(version, file.clone());
                    }
                    taken.push(Taken { from: document.shown, file, new });
                }
                Err(bad) => problems.push(*bad),
            }
        }
    }
    // what is there is judged beside what comes: whole families only
    let touched: BTreeSet<&EventName> =
        taken.iter().filter(|t| t.new).map(|t| &t.file.name).collect();
    folder.events.retain(|name, _| touched.contains(name));
    let (families, more) = family::read(&folder);
    problems.extend(more);
    problems.extend(family::check(families, project.terms).err().into_iter().flatten());
    if any_error(&problems) { Err(problems) } else { Ok(taken) }
}

/// Registry and type, as folders are called.
fn place(
    document: &Foreign,
    asked: Option<&str>,
    only: Option<&str>,
) -> Result<EventName, Box<Diagnostic>> {
    let refused = |rule, message: String, help: &str| {
        Box::new(Diagnostic::error(rule, document.shown.as_str().into(), message).with_help(help))
    };
    let folder = |text: &str| {
        let why = |why: String| {
            let message =
                format!("`{}` can't be the name of a folder: {why}", text.escape_default());
            refused(
                "bad-event-name",
                message,
                "rename the file, or give the document a detail-type `type:vN`",
            )
        };
        name::to_folder(text).map_err(why)
    };
    let registry = asked.or(document.registry.as_deref());
    let registry = match (registry, only) {
        (Some(said), _) => folder(said)?,
        (None, Some(only)) => only.to_owned(),
        (None, None) => {
            let message = "neither the document nor its name says the registry".to_owned();
            return Err(refused(
                "unknown-registry",
                message,
                "name it: `cargo event import --registry REGISTRY FILES`",
            ));
        }
    };
    Ok(EventName { registry, event: folder(&document.event)? })
}

/// The version, and whether it is new here.
fn version(
    document: &Foreign,
    name: &EventName,
    folder: &Folder,
    project: &Project,
) -> Result<(Version, bool), Box<Diagnostic>> {
    let own = folder.events.get(name);
    let sha = sha256(&document.text);
    // by text: those that are here, and those that were locked and are gone
    let mut known: BTreeMap<Version, String> = BTreeMap::new();
    let locked = project.lock.iter().flat_map(|l| &l.entries).filter(|((n, _), _)| n == name);
    known.extend(locked.map(|((_, v), sha)| (*v, sha.clone())));
    known.extend(own.into_iter().flatten().map(|(v, f)| (*v, sha256(&f.text))));
    let is_here = |v: &Version| own.is_some_and(|o| o.contains_key(v));
    if let Some(Numbered::Ours(version)) = document.numbered {
        return match known.get(&version) {
            Some(text) if *text == sha => Ok((version, !is_here(&version))),
            Some(_) => {
                let message = format!("`{}` {version} is another text here", name.event);
                let d = Diagnostic::error("file-exists", document.shown.as_str().into(), message);
                Err(Box::new(
                    d.with_help("nothing is overwritten: call the file after the next version"),
                ))
            }
            None => Ok((version, true)),
        };
    }
    let fits = |v: &Version| document.major.is_none_or(|m| m == v.major);
    if let Some((version, _)) = known.iter().find(|(v, text)| fits(v) && **text == sha) {
        return Ok((*version, !is_here(version)));
    }
    let none = || {
        let message = format!("`{}` has no number left", name.event);
        Box::new(Diagnostic::error("no-next-version", document.shown.as_str().into(), message))
    };
    let Some(newest) = known.keys().filter(|v| fits(v)).max().copied() else {
        return Ok((Version { major: document.major.unwrap_or(1), minor: 0 }, true));
    };
    let minor = newest.minor.checked_add(1).map(|minor| Version { minor, ..newest });
    if document.major.is_some() || !breaks(document, name, newest, folder, project) {
        return Ok((minor.ok_or_else(none)?, true));
    }
    let major = newest.major.checked_add(1).map(|major| Version { major, minor: 0 });
    Ok((major.ok_or_else(none)?, true))
}

/// Whether a document breaks a minor of the newest major.
fn breaks(
    document: &Foreign,
    name: &EventName,
    newest: Version,
    folder: &Folder,
    project: &Project,
) -> bool {
    let minors =
        folder.events.get(name).into_iter().flatten().filter(|(v, _)| v.major == newest.major);
    let mut versions: BTreeMap<Version, SchemaFile> =
        minors.map(|(v, f)| (*v, f.clone())).collect();
    let Some(minor) = newest.minor.checked_add(1) else { return true };
    let version = Version { minor, ..newest };
    let file = SchemaFile {
        name: name.clone(),
        version,
        shown: document.shown.as_str().into(),
        path: folder.root.join("draft.json"),
        text: document.text.clone(),
    };
    versions.insert(version, file);
    let draft = Folder { events: BTreeMap::from([(name.clone(), versions)]), ..folder.clone() };
    // what can't be read is said of the file itself
    let (families, _) = family::read(&draft);
    family::check(families, project.terms).is_err()
}

/// Writes all files; where one can't be written, those before it are taken back.
fn write(files: &[&SchemaFile]) -> Result<(), Box<Diagnostic>> {
    for (i, file) in files.iter().enumerate() {
        let written = || {
            let dir = file.path.parent().unwrap_or(Path::new("."));
            fs::create_dir_all(dir)?;
            let mut part = NamedTempFile::with_prefix_in(".import", dir)?;
            part.write_all(file.text.as_bytes())?;
            part.as_file().sync_all()?;
            readable(&part)?;
            part.persist_noclobber(&file.path).map(|_| ()).map_err(|e| e.error)
        };
        if let Err(e) = written() {
            for done in &files[..i] {
                // the error that counts is the first one
                let _ = fs::remove_file(&done.path);
            }
            return Err(Box::new(unwritable(&file.path, &e).with_help("nothing was imported")));
        }
    }
    Ok(())
}

/// Temporary files are their owner's alone; schemas are as readable as other files.
#[cfg(unix)]
fn readable(part: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    part.as_file().set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &NamedTempFile) -> io::Result<()> {
    Ok(())
}
