//! `cargo event pull`: what a registry has and the folder hasn't comes into the folder, checked. Each
//! registry is pulled whole or not at all.

mod news;

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use event_folder::commit;
use event_folder::load::SchemaFile;
use event_folder::lock::{Lock, Origin, Site};
use event_folder::problem::any_error;
use event_registry::client::Client;
use event_registry::pull;
use event_registry::pull::{Known, Plan, Revisions};
use event_schema::diagnostic::Diagnostic;
use serde_json::{Value, json};

use self::news::News;
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
  cargo event pull --registry discovered-schemas --newest
  cargo event pull --check                 # in CI: does the folder have all that the registry has?")]
pub(crate) struct Pull {
    #[command(flatten)]
    folder: Folder,
    /// The registry, as often as wanted; else all that the folder and its lock name
    #[arg(long, value_name = "NAME")]
    registry: Vec<String>,
    /// Write nothing; show what would change, as `cargo event diff` does, and exit with 1 if anything would
    #[arg(long)]
    check: bool,
    /// Of each schema take only the newest of the revisions that are new: for a registry that schema discovery filled
    ///
    /// Discovery infers a schema from traffic and rewrites it as it sees more: earlier revisions are guesses that
    /// nobody published by. The newest becomes 1.0 of an event that is new here (or the first version of the major that
    /// its detail-type says). At the next pull, a newer revision that only adds is the next minor, and one that breaks
    /// is the next major. The lock notes what was left out, so that later pulls, pushes and checks do not ask for it;
    /// without this option they take each revision that came after.
    #[arg(long)]
    newest: bool,
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
    versions: Vec<New>,
    /// The texts that changes point into.
    sources: Sources,
    /// Versions that the folder had and the lock now says to be in the registry.
    noted: usize,
    /// Revisions that become no version, by `--newest` now or earlier.
    left_out: usize,
    exit: Exit,
}

/// A version that is new here.
struct New {
    file: SchemaFile,
    /// Where in the registry it is.
    origin: Option<Origin>,
    /// What is new in it; of a document with several events, for each.
    news: Vec<News>,
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
        let of = registry.clone();
        let known = |place: &Site| {
            if args.verify { Known::new() } else { pull::known(&folder, &lock, place, &of) }
        };
        let revisions = if args.newest { Revisions::Newest } else { Revisions::All };
        all.push(one(&client, &root, registry, known, revisions, args.check));
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

fn one(
    client: &Client,
    root: &Path,
    registry: String,
    known: impl FnOnce(&Site) -> Known,
    revisions: Revisions,
    check: bool,
) -> Pulled {
    let (plan, place) = match remote::plan(client, root, &registry, known, revisions) {
        Ok(planned) => (planned.plan, planned.place),
        Err(diagnostics) => return Pulled::refused(registry, diagnostics),
    };
    let before = remote::read(root).map(|(_, lock)| lock).unwrap_or_default();
    if !check && let Err(e) = commit::commit(root, &plan.change) {
        return Pulled::refused(registry, vec![unwritable(root, &e)]);
    }
    let mut pulled = Pulled::of(registry, &place, &plan, &before);
    if check && (!pulled.versions.is_empty() || pulled.noted > 0) {
        pulled.exit = Exit::No;
    }
    pulled
}

impl Pulled {
    fn refused(registry: String, diagnostics: Vec<Diagnostic>) -> Pulled {
        let exit = Exit::of_all(&diagnostics);
        let (versions, sources) = (Vec::new(), Sources::default());
        Pulled { registry, diagnostics, versions, sources, noted: 0, left_out: 0, exit }
    }

    fn of(registry: String, place: &Site, plan: &Plan, before: &Lock) -> Pulled {
        let mut sources = Sources::default();
        for member in plan.families.iter().flat_map(|family| &family.members) {
            sources.insert(&member.file.shown, member.file.text.clone());
        }
        let families = news::families(plan);
        let new = |file: &SchemaFile| New {
            file: file.clone(),
            origin: {
                let key = (file.name.clone(), file.version);
                plan.change.lock.origins.in_registry(&key, place, &registry).cloned()
            },
            news: News::of(file, &families, plan),
        };
        let versions: Vec<New> = plan.change.files.iter().map(new).collect();
        let noted_before =
            |(key, origin): &(&_, &Origin)| before.origins.of(key).any(|o| o == *origin);
        let placed = plan.change.lock.origins.iter().filter(|it| !noted_before(it)).count();
        let noted = placed.saturating_sub(versions.len());
        let diagnostics = plan.warnings.clone();
        let left_out = plan.left_out;
        Pulled { registry, diagnostics, versions, sources, noted, left_out, exit: Exit::Fine }
    }

    fn json(&self) -> Value {
        json!({
            "registry": self.registry,
            "ok": self.exit == Exit::Fine,
            "versions": self.versions.iter().map(New::json).collect::<Vec<_>>(),
            "noted": self.noted,
            "leftOut": self.left_out,
            "diagnostics": self.diagnostics.iter().map(to_json::diagnostic).collect::<Vec<_>>(),
        })
    }

    fn tell(&self, check: bool, terminal: &mut Terminal) -> io::Result<()> {
        let registry = clean(&self.registry);
        if any_error(&self.diagnostics) {
            return writeln!(terminal.out, "`{registry}`: nothing is pulled");
        }
        let did = if check { "would pull" } else { "pulled" };
        for version in &self.versions {
            writeln!(terminal.out, "{did} {}", clean(&version.words()))?;
            if check {
                for news in &version.news {
                    news.show(&self.sources, terminal)?;
                }
            }
        }
        if self.noted > 0 {
            let (noted, are) =
                (count(self.noted, "version"), if self.noted == 1 { "is" } else { "are" });
            let did = if check { "would note" } else { "noted" };
            writeln!(
                terminal.out,
                "{did} in the lock that {noted} of the folder {are} in `{registry}`"
            )?;
        }
        if self.left_out > 0 {
            let did = if check { "would leave out" } else { "left out" };
            let earlier = count(self.left_out, "earlier revision");
            writeln!(terminal.out, "{did} {earlier} of `{registry}`")?;
        }
        match self.versions.len() {
            0 if self.noted == 0 => {
                writeln!(terminal.out, "`{registry}`: the folder has all of it")
            }
            n => writeln!(terminal.out, "`{registry}`: {}", count(n, "new version")),
        }
    }
}

impl New {
    fn json(&self) -> Value {
        json!({
            "registry": self.file.name.registry,
            "type": self.file.name.event,
            "version": self.file.version.to_string(),
            "schema": self.origin.as_ref().map(|o| &o.schema),
            "registryVersion": self.origin.as_ref().map(|o| o.version),
            "news": self.news.iter().map(News::json).collect::<Vec<_>>(),
        })
    }

    /// `core/order.placed 1.1 (version 2 of `order.placed-v1`): 1.0 to 1.1, policy additive: …`.
    fn words(&self) -> String {
        let name = &self.file.name;
        let mut out = format!("{}/{} {}", name.registry, name.event, self.file.version);
        if let Some(origin) = &self.origin {
            out = format!("{out} (version {} of `{}`)", origin.version, origin.schema);
        }
        let news: Vec<String> = self.news.iter().map(News::words).collect();
        if news.is_empty() { out } else { format!("{out}: {}", news.join("; ")) }
    }
}
