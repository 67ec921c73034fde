//! What `pull`, `push` and `check --against registry` share: which registries are meant, the connection, and how
//! far it has come.

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

/// The folder as it is, broken or not, and its lock.
pub(crate) fn read(root: &Path) -> Result<(Folder, Lock), Box<Diagnostic>> {
    let shown = root.to_string_lossy();
    // what is wrong with it is said by who plans with it
    let (folder, _) = Folder::read(root, &shown);
    let lock = folder.parsed_lock().transpose()?.unwrap_or_default();
    Ok((folder, lock))
}

/// The registries that were named; else those that the folder and its lock name.
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
        let message = "the folder names no registry yet";
        let d =
            Diagnostic::error(&rules::REGISTRY_NOT_NAMED, folder.shown.as_str().into(), message)
                .with_help("pass it: `--registry NAME`")
                .with_help("see which there are: `aws schemas list-registries`");
        return Err(Box::new(d));
    }
    Ok(all)
}

/// Reads a registry, with a bar on stderr where that is a terminal.
pub(crate) fn fetch(
    client: &Client,
    registry: &str,
    only: Option<&BTreeSet<String>>,
    known: &Known,
) -> Result<Vec<Fetched>, Vec<Diagnostic>> {
    let what = format!("reading `{}`", registry.escape_default());
    with_bar(&what, |progress| client.fetch(registry, only, known, progress))
}

/// A pull that was planned.
pub(crate) struct Planned {
    /// What it changes.
    pub(crate) plan: Plan,
    /// How many versions the registry has.
    pub(crate) published: usize,
    /// The account and region of the registry, or its endpoint.
    pub(crate) place: Site,
    /// The versions that the registry has, by schema.
    pub(crate) there: BTreeSet<(String, u64)>,
}

/// Reads a registry whole and plans its pull into the folder `root`.
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

/// Holds a folder to its registries, as a pull would, and writes nothing: how many versions they have, and
/// what stands against a pull or is missing here.
pub(crate) fn compare(now: &Project) -> Result<(usize, Vec<Diagnostic>), Vec<Diagnostic>> {
    let lock = now.lock.clone().unwrap_or_default();
    let all = registries(&[], &now.folder, &lock).map_err(|d| vec![*d])?;
    let client = Client::connect()?;
    let (mut published, mut problems) = (0, Vec::new());
    for registry in all {
        // nothing is taken as known: what is there now is the question
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
        "`{}` {} is published in the registry `{registry}` and not here",
        file.name.event, file.version
    );
    problem::registry_ahead(&file.shown, message)
        .with_help(format!("`cargo event pull --registry {registry}` brings it"))
}

/// The versions of the folder that the registry does not have. A version with the content of the one
/// before it is not a version there.
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
            out.push(d.with_help(format!("`cargo event push --registry {registry}` uploads it")));
        }
    }
    out
}

/// Does something with a bar on stderr, where that is a terminal.
pub(crate) fn with_bar<T>(what: &str, work: impl FnOnce(&mut dyn FnMut(Progress)) -> T) -> T {
    // elsewhere than on a terminal it draws nothing
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
