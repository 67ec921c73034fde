//! `cargo event pull`: brings versions that the folder does not have from a registry, checked. Each registry is pulled
//! completely or not at all.

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

/// Pull new versions from a registry into the schema folder
///
/// Each registry is checked as `cargo event check` does, and pulled completely or not at all. Existing files never
/// change, and new versions are locked. The region, the credentials and the endpoint are those of the AWS CLI
/// (`AWS_REGION`, `AWS_PROFILE`, `AWS_ENDPOINT_URL_SCHEMAS`, …).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event pull --registry app-core
  cargo event pull                         # all registries of the folder
  cargo event pull --registry discovered-schemas --newest
  cargo event pull --check                 # in CI: fails if the registry has other versions")]
pub(crate) struct Pull {
    #[command(flatten)]
    folder: Folder,
    /// Set the registry; may be given several times (default: all that the folder and its lock name)
    #[arg(long, value_name = "NAME")]
    registry: Vec<String>,
    /// Write nothing; show what would change, as `cargo event diff` does, and exit with 1 if anything would
    #[arg(long)]
    check: bool,
    /// Pull only the newest new revision of each schema, for a registry that schema discovery fills
    ///
    /// Discovery infers a schema from traffic and rewrites it when it sees more: earlier revisions are guesses that no
    /// publisher used. The newest revision becomes 1.0 of a new event, or the first version of the major in its
    /// detail-type. In the next pull, a newer revision that only adds becomes the next minor, and one that breaks
    /// becomes the next major. The lock records which revisions were left out, so that later pulls, pushes and checks
    /// do not ask for them. Without this option, they pull each later revision.
    #[arg(long)]
    newest: bool,
    /// Read pulled versions again, to find contents that were replaced in the registry
    #[arg(long)]
    verify: bool,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
}

/// The result for one registry.
struct Pulled {
    registry: String,
    diagnostics: Vec<Diagnostic>,
    versions: Vec<New>,
    /// The texts that changes point into.
    sources: Sources,
    /// The number of versions of the folder for which the lock now records the registry.
    noted: usize,
    /// The number of revisions that `--newest` leaves out, now or earlier.
    left_out: usize,
    exit: Exit,
}

/// A new version.
struct New {
    file: SchemaFile,
    /// Where it is in the registry.
    origin: Option<Origin>,
    /// What is new in it, for each event of the document.
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
            return writeln!(terminal.out, "`{registry}`: nothing was pulled");
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
            let noted = count(self.noted, "version");
            let did = if check { "would record" } else { "recorded" };
            writeln!(
                terminal.out,
                "{did} in the lock that `{registry}` has {noted} of the folder"
            )?;
        }
        if self.left_out > 0 {
            let did = if check { "would leave out" } else { "left out" };
            let earlier = count(self.left_out, "earlier revision");
            writeln!(terminal.out, "{did} {earlier} of `{registry}`")?;
        }
        match self.versions.len() {
            0 if self.noted == 0 => {
                writeln!(terminal.out, "`{registry}`: no new versions")
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

    /// Returns a line such as ``core/order.placed 1.1 (version 2 of `order.placed-v1`): 1.0 to 1.1, policy additive:
    /// …``.
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
