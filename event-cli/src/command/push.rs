//! `cargo event push`: uploads locked versions that a registry does not have, in order.

use std::fs;
use std::io::{self, Write};

use clap::Args;
use event_codegen::Project;
use event_folder::commit;
use event_folder::lock::{FILE, Lock};
use event_folder::problem::any_error;
use event_folder::write_if_changed;
use event_registry::client::Client;
use event_registry::pull::Known;
use event_registry::push::{self, Plan};
use event_schema::diagnostic::Diagnostic;
use serde_json::{Value, json};

use super::{count, refuse, report, unwritable};
use crate::exit::Exit;
use crate::format::{Plain, json as to_json};
use crate::remote;
use crate::render::clean;
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Upload locked versions that a registry does not have
///
/// First checks the folder as `cargo event check` does. Creates the registry and its schemas if they do not exist.
/// After a failure, the next push continues.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event push
  cargo event push --registry app-core --dry-run
  cargo event push --registry app-core")]
pub(crate) struct Push {
    #[command(flatten)]
    folder: Folder,
    /// Set the registry (default: the only one of the folder)
    #[arg(long, value_name = "NAME")]
    registry: Option<String>,
    /// Show what would be uploaded, and upload nothing
    #[arg(long)]
    dry_run: bool,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
}

/// Pushes.
pub(crate) fn run(args: &Push, terminal: &mut Terminal) -> io::Result<Exit> {
    let project = match args.folder.open() {
        Ok(project) => project,
        Err(missing) => return refuse(terminal, args.format, &[*missing], &Sources::default()),
    };
    let sources = Sources::of_project(&project);
    let both = project.diagnostics.iter().chain(&project.lock_diagnostics);
    let mut diagnostics: Vec<Diagnostic> = both.cloned().collect();
    if any_error(&diagnostics) {
        return refuse(terminal, args.format, &diagnostics, &sources);
    }
    let pushed = registry(args, &project)
        .and_then(|registry| Ok((push_to(args.dry_run, &project, &registry)?, registry)));
    let (mut done, registry) = match pushed {
        Ok(pushed) => pushed,
        Err(problems) => return refuse(terminal, args.format, &problems, &sources),
    };
    diagnostics.append(&mut done.failures);
    let exit = Exit::of_all(&diagnostics);
    if args.format == Plain::Json {
        let answer = json!({
            "registry": registry,
            "ok": exit == Exit::Fine,
            "written": !args.dry_run,
            "uploaded": done.uploaded,
            "versions": done.versions,
            "diagnostics": diagnostics.iter().map(to_json::diagnostic).collect::<Vec<_>>(),
        });
        writeln!(terminal.out, "{answer:#}")?;
        return Ok(exit);
    }
    report(terminal, &diagnostics, &sources)?;
    terminal.err.flush()?;
    let did = if args.dry_run { "would push" } else { "pushed" };
    // after a failure, only the uploaded versions have a number
    for v in done.versions.iter().filter(|v| args.dry_run || !v["registryVersion"].is_null()) {
        let text = |key: &str| v[key].as_str().unwrap_or_default();
        let line = format!(
            "{did} {}/{} {} to `{}`",
            text("registry"),
            text("type"),
            text("version"),
            text("schema")
        );
        writeln!(terminal.out, "{}", clean(&line))?;
    }
    let registry = clean(&registry);
    if done.versions.is_empty() {
        writeln!(terminal.out, "`{registry}` has all versions")?;
    } else {
        let (up, all) = (done.uploaded, count(done.versions.len(), "version"));
        let up = if args.dry_run { "none".to_owned() } else { up.to_string() };
        writeln!(terminal.out, "`{registry}`: {all} to push, {up} uploaded")?;
    }
    Ok(exit)
}

struct Done {
    versions: Vec<Value>,
    uploaded: usize,
    failures: Vec<Diagnostic>,
}

/// Returns the registry to push to. It is never guessed, because a push creates it.
fn registry(args: &Push, project: &Project) -> Result<String, Vec<Diagnostic>> {
    let lock = project.lock.clone().unwrap_or_default();
    let named: Vec<String> = args.registry.iter().cloned().collect();
    let all = remote::registries(&named, &project.folder, &lock).map_err(|d| vec![*d])?;
    let mut names = all.iter();
    if let (Some(only), None) = (names.next(), names.next()) {
        return Ok(only.clone());
    }
    let names: Vec<String> = all.iter().map(|n| format!("`{n}`")).collect();
    let message = format!("the folder names several registries: {}", names.join(", "));
    let d = remote::registry_not_named(&project.folder.shown, message);
    Err(vec![d.with_help("name one: `--registry NAME`")])
}

fn push_to(dry_run: bool, project: &Project, registry: &str) -> Result<Done, Vec<Diagnostic>> {
    let (folder, lock) = (&project.folder, project.lock.clone().unwrap_or_default());
    // names and lengths are checked before any request
    let targets = push::targets(folder, &lock, registry)?;
    if targets.schemas.is_empty() {
        let message = format!("the folder has no events of the registry `{registry}`");
        let d = remote::registry_not_named(&folder.shown, message);
        return Err(vec![d.with_help("name a registry that the folder has: `--registry NAME`")]);
    }
    let client = Client::connect()?;
    let only = targets.schemas.values().cloned().collect();
    let place = client.place(registry).map_err(|d| vec![*d])?;
    // only what is read now counts, not what the lock records
    let fetched = match place {
        Some(_) => remote::fetch(&client, registry, Some(&only), &Known::new())?,
        None => Vec::new(),
    };
    let place = place.unwrap_or_default();
    let plan = push::plan(&folder.root, folder, &place, registry, &targets, &fetched)?;
    if dry_run {
        return Ok(Done { versions: versions(&plan, None), uploaded: 0, failures: Vec::new() });
    }
    let pushed = remote::with_bar(&format!("pushing to `{registry}`"), |progress| {
        client.push(registry, &plan, progress)
    })?;
    let mut failures = pushed.failures;
    let path = folder.root.join(FILE);
    let written = commit::hold(&folder.root).and_then(|_held| {
        // keeps versions that another command locked at the same time
        let text = fs::read_to_string(&path).ok();
        let now = text.filter(|text| project.folder.lock.as_ref() != Some(text));
        let now = now.and_then(|text| Lock::parse(&text, FILE).ok());
        let mut lock = now.unwrap_or_else(|| pushed.lock.clone());
        for (key, origin) in pushed.lock.origins.iter() {
            if lock.entries.contains_key(key) {
                lock.origins.insert(key.clone(), origin.clone());
            }
        }
        write_if_changed(&path, &lock.to_text())
    });
    if let Err(e) = written {
        failures.push(unwritable(&path, &e));
    }
    let versions = versions(&plan, Some(&pushed.lock));
    Ok(Done { versions, uploaded: pushed.uploaded, failures })
}

/// Returns the versions to upload, with their registry versions after a push.
fn versions(plan: &Plan, lock: Option<&event_folder::lock::Lock>) -> Vec<Value> {
    let all = plan.uploads.iter().flat_map(|(schema, up)| up.iter().map(move |u| (schema, u)));
    all.map(|(schema, u)| {
        let key = (u.event.clone(), u.version);
        // the origin that was not known before is the one of this push
        let origin = lock.and_then(|l| {
            l.origins.of(&key).find(|o| plan.lock.origins.of(&key).all(|known| known != *o))
        });
        json!({
            "registry": u.event.registry,
            "type": u.event.event,
            "version": u.version.to_string(),
            "schema": schema,
            "registryVersion": origin.map(|o| o.version),
        })
    })
    .collect()
}
