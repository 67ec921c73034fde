//! The parts that `pull`, `push` and `check --against registry` share: the choice of registries, the connection, and
//! the progress bar.

use std::collections::BTreeSet;
use std::path::Path;

use event_codegen::Project;
use event_folder::load::{Folder, SchemaFile};
use event_folder::lock::{Lock, Site, sha256};
use event_folder::name::to_folder;
use event_folder::problem;
use event_folder::refers::Files;
use event_registry::client::{Client, Progress};
use event_registry::content;
use event_registry::pull::{self, Fetched, Known, Plan, Revisions};
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use indicatif::{ProgressBar, ProgressStyle};

/// Reads the folder, valid or not, and its lock.
pub(crate) fn read(root: &Path) -> Result<(Folder, Lock), Box<Diagnostic>> {
    let shown = root.to_string_lossy();
    // the plan reports the problems of the folder
    let (folder, _) = Folder::read(root, &shown);
    let lock = folder.parsed_lock().transpose()?.unwrap_or_default();
    Ok((folder, lock))
}

/// The diagnostic about a registry that must be named.
pub(crate) fn registry_not_named(file: &str, message: impl Into<String>) -> Diagnostic {
    problem::error(&rules::REGISTRY_NOT_NAMED, file, message)
}

/// Returns the registries on the command line (default: those that the folder and its lock name).
pub(crate) fn registries(
    named: &[String],
    folder: &Folder,
    lock: &Lock,
) -> Result<BTreeSet<String>, Box<Diagnostic>> {
    if !named.is_empty() {
        return Ok(named.iter().cloned().collect());
    }
    let all = pull::registries(folder, lock);
    if all.is_empty() {
        let message = "the folder does not name a registry yet";
        let d = registry_not_named(&folder.shown, message)
            .with_help("name one: `--registry NAME`")
            .with_help("list the registries: `aws schemas list-registries`");
        return Err(Box::new(d));
    }
    Ok(all)
}

/// Reads a registry, with a progress bar on stderr if that is a terminal.
pub(crate) fn fetch(
    client: &Client,
    registry: &str,
    only: Option<&BTreeSet<String>>,
    known: &Known,
) -> Result<Vec<Fetched>, Vec<Diagnostic>> {
    let what = format!("reading `{}`", registry.escape_default());
    with_bar(&what, |progress| client.fetch(registry, only, known, progress))
}

/// A planned pull.
pub(crate) struct Planned {
    /// The changes.
    pub(crate) plan: Plan,
    /// The number of versions in the registry.
    pub(crate) published: usize,
    /// The account and region of the registry, or its endpoint.
    pub(crate) place: Site,
    /// The versions in the registry, by schema.
    pub(crate) there: BTreeSet<(String, u64)>,
}

/// Reads a whole registry, and plans its pull into the folder `root`.
pub(crate) fn plan(
    client: &Client,
    root: &Path,
    registry: &str,
    known: impl FnOnce(&Site) -> Known,
    revisions: Revisions,
) -> Result<Planned, Vec<Diagnostic>> {
    let place = client.place_or_missing(registry)?;
    let fetched = fetch(client, registry, None, &known(&place))?;
    let published = fetched.iter().map(|f| f.versions.len()).sum();
    let plan = pull::plan(root, &place, registry, &fetched, revisions)?;
    let there = fetched.into_iter().flat_map(|Fetched { schema, versions }| {
        versions.into_keys().map(move |version| (schema.clone(), version))
    });
    Ok(Planned { plan, published, place, there: there.collect() })
}

/// Checks a folder against its registries as a pull would, without writing. Returns the number of versions in the
/// registries, and everything that stops a pull or is missing.
pub(crate) fn compare(now: &Project) -> Result<(usize, Vec<Diagnostic>), Vec<Diagnostic>> {
    let lock = now.lock.clone().unwrap_or_default();
    let all = registries(&[], &now.folder, &lock).map_err(|d| vec![*d])?;
    let client = Client::connect()?;
    let (mut published, mut problems) = (0, Vec::new());
    for registry in all {
        // every content is read again, because the comparison is with the current state
        match plan(&client, &now.folder.root, &registry, |_| Known::new(), Revisions::All) {
            Ok(found) => {
                published += found.published;
                problems
                    .extend(found.plan.change.files.iter().map(|file| missing(file, &registry)));
                problems.extend(behind(&now.folder, &found, &registry));
            }
            Err(more) => problems.extend(more),
        }
    }
    Ok((published, problems))
}

fn missing(file: &SchemaFile, registry: &str) -> Diagnostic {
    let message = format!(
        "`{}` {} is published in the registry `{registry}`, but missing in the folder",
        file.name.event, file.version
    );
    problem::registry_ahead(&file.shown, message)
        .with_help(format!("pull it: `cargo event pull --registry {registry}`"))
}

/// Reports versions of the folder that the registry does not have. A version with the same content as the one before is
/// not a version there.
fn behind(folder: &Folder, found: &Planned, registry: &str) -> Vec<Diagnostic> {
    let Ok(dir) = to_folder(registry) else { return Vec::new() };
    let mut out = Vec::new();
    let files = Files::of(folder);
    let mut before: Option<(&SchemaFile, String)> = None;
    for file in folder.files().filter(|file| file.name.registry == dir) {
        let text = content::of(&files, file).map_or_else(|_| file.text.clone(), |it| it.text);
        let sha256 = sha256(&text);
        let repeated = before.as_ref().is_some_and(|(earlier, same)| {
            let major = |f: &SchemaFile| (f.name.clone(), f.version.major);
            *same == sha256 && major(earlier) == major(file)
        });
        before = Some((file, sha256));
        let key = (file.name.clone(), file.version);
        let origin = found.plan.change.lock.origins.in_registry(&key, &found.place, registry);
        let there = origin.is_some_and(|o| found.there.contains(&(o.schema.clone(), o.version)));
        if !there && !repeated {
            let message = format!(
                "`{}` {} is missing in the registry `{registry}` ({})",
                file.name.event, file.version, found.place
            );
            let d = Diagnostic::error(&rules::REGISTRY_BEHIND, file.shown.clone(), message);
            out.push(d.with_help(format!("upload it: `cargo event push --registry {registry}`")));
        }
    }
    out
}

/// Runs `work` with a progress bar on stderr, if that is a terminal.
pub(crate) fn with_bar<T>(what: &str, work: impl FnOnce(&mut dyn FnMut(Progress)) -> T) -> T {
    // the bar draws only on a terminal
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} schemas") {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    let done = work(&mut |Progress { done, total }| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    done
}
