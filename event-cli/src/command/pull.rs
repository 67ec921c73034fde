//! `cargo event pull`: what a registry has and the folder hasn't comes into the folder, checked. Each
//! registry is pulled whole or not at all.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use event_codegen::lock::Lock;
use event_codegen::problem::any_error;
use event_codegen::registry::client::Client;
use event_codegen::registry::pull::{Known, Plan};
use event_codegen::registry::{commit, pull};
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

/// Bring what a registry has into the schema folder
///
/// Each registry is checked as `cargo event check` does and pulled whole, or refused whole. Files that
/// are there are never changed, and the lock gets what is new. Region, credentials and endpoint are
/// those of the AWS CLI (`AWS_REGION`, `AWS_PROFILE`, `AWS_ENDPOINT_URL_SCHEMAS`, …).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event pull --registry app-core
  cargo event pull                         # the registries that the folder has already
  cargo event pull --check                 # in CI: does the folder have all that the registry has?")]
pub(crate) struct Pull {
    #[command(flatten)]
    folder: Folder,
    /// The registry, as often as wanted; else all that the folder and its lock name
    #[arg(long, value_name = "NAME")]
    registry: Vec<String>,
    /// Write nothing; say what would change, and exit with 1 if anything would
    #[arg(long)]
    check: bool,
    /// Read again what was pulled before: finds contents that were exchanged in the registry
    #[arg(long)]
    verify: bool,
    /// How to say it
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
}

/// What became of one registry.
struct Pulled {
    registry: String,
    diagnostics: Vec<Diagnostic>,
    /// New versions: event folder, version, and where in the registry it is.
    versions: Vec<Value>,
    /// Versions that the folder had and the lock now says to be in the registry.
    noted: usize,
    exit: Exit,
}

/// Pulls.
pub(crate) fn run(args: &Pull, terminal: &mut Terminal) -> io::Result<Exit> {
    let known = args.folder.or_new().and_then(|root| {
        let (folder, lock) = remote::read(&root)?;
        let registries = remote::registries(&args.registry, &folder, &lock)?;
        Ok((root, folder, lock, registries))
    });
    let (root, folder, lock, registries) = match known {
        Ok(known) => known,
        Err(d) => return refuse(terminal, args.format, &[*d], &Sources::default()),
    };
    let client = match Client::connect() {
        Ok(client) => client,
        Err(problems) => return refuse(terminal, args.format, &problems, &Sources::default()),
    };
    let mut all = Vec::new();
    for registry in registries {
        let known = if args.verify { Known::new() } else { pull::known(&folder, &lock, &registry) };
        all.push(one(&client, &root, registry, &known, args.check));
    }
    let exit = all.iter().map(|p| p.exit).max().unwrap_or(Exit::Fine);
    if args.format == Plain::Json {
        let answer = json!({
            "schemas": root.to_string_lossy(),
            "ok": exit == Exit::Fine,
            "written": !args.check,
            "registries": all.iter().map(Pulled::json).collect::<Vec<_>>(),
        });
        writeln!(terminal.out, "{answer:#}")?;
        return Ok(exit);
    }
    for pulled in &all {
        report(terminal, &pulled.diagnostics, &Sources::default())?;
        terminal.err.flush()?;
        pulled.tell(args.check, terminal)?;
    }
    Ok(exit)
}

fn one(client: &Client, root: &Path, registry: String, known: &Known, check: bool) -> Pulled {
    let planned = remote::fetch(client, &registry, None, known)
        .and_then(|fetched| pull::plan(root, &registry, &fetched));
    let plan = match planned {
        Ok(plan) => plan,
        Err(diagnostics) => {
            let exit = Exit::of_all(&diagnostics);
            return Pulled { registry, diagnostics, versions: Vec::new(), noted: 0, exit };
        }
    };
    let before = remote::read(root).map(|(_, lock)| lock).unwrap_or_default();
    let mut pulled = Pulled::of(registry, plan.warnings.clone(), &plan, &before);
    if check {
        let changes = !pulled.versions.is_empty() || pulled.noted > 0;
        pulled.exit = if changes { Exit::No } else { Exit::Fine };
    } else if let Err(e) = commit::commit(root, &plan) {
        pulled = Pulled::of(pulled.registry, vec![unwritable(root, &e)], &plan, &plan.lock);
        pulled.versions.clear();
        pulled.exit = Exit::of_all(&pulled.diagnostics);
    }
    pulled
}

impl Pulled {
    fn of(registry: String, diagnostics: Vec<Diagnostic>, plan: &Plan, before: &Lock) -> Pulled {
        let version = |f: &event_codegen::load::SchemaFile| {
            let origin = plan.lock.origins.get(&(f.name.clone(), f.version));
            json!({
                "registry": f.name.registry,
                "type": f.name.event,
                "version": f.version.to_string(),
                "schema": origin.map(|o| &o.schema),
                "registryVersion": origin.map(|o| o.version),
            })
        };
        let versions: Vec<Value> = plan.files.iter().map(version).collect();
        let new = plan.lock.origins.keys().filter(|k| !before.origins.contains_key(*k)).count();
        let noted = new.saturating_sub(versions.len());
        Pulled { registry, diagnostics, versions, noted, exit: Exit::Fine }
    }

    fn json(&self) -> Value {
        json!({
            "registry": self.registry,
            "ok": self.exit == Exit::Fine,
            "versions": self.versions,
            "noted": self.noted,
            "diagnostics": self.diagnostics.iter().map(to_json::diagnostic).collect::<Vec<_>>(),
        })
    }

    fn tell(&self, check: bool, terminal: &mut Terminal) -> io::Result<()> {
        let registry = clean(&self.registry);
        if any_error(&self.diagnostics) {
            return writeln!(terminal.out, "`{registry}`: nothing is pulled");
        }
        let did = if check { "would pull" } else { "pulled" };
        for v in &self.versions {
            let text = |key: &str| v[key].as_str().unwrap_or_default();
            let line = format!(
                "{did} {}/{} {} (version {} of `{}`)",
                text("registry"),
                text("type"),
                text("version"),
                v["registryVersion"],
                text("schema")
            );
            writeln!(terminal.out, "{}", clean(&line))?;
        }
        if self.noted > 0 {
            let noted = count(self.noted, "version");
            let did = if check { "would note" } else { "noted" };
            writeln!(
                terminal.out,
                "{did} in the lock that {noted} of the folder are in `{registry}`"
            )?;
        }
        match self.versions.len() {
            0 if self.noted == 0 => {
                writeln!(terminal.out, "`{registry}`: the folder has all of it")
            }
            n => writeln!(terminal.out, "`{registry}`: {} new", count(n, "version")),
        }
    }
}
