//! What a pull changes: from what a registry holds to the files and the lock that the folder gets.
//!
//! A pull is all or nothing per registry: with one refused schema nothing is planned, so that the
//! folder is never a mixture of two states. Reads the folder and writes nothing; who fetched the
//! schemas is elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use event_folder::commit::Change;
use event_folder::family::{self, Checked, Family};
use event_folder::load::{self, EventName, Folder, SchemaFile, Version};
use event_folder::lock::{self, Drift, Lock, Origin, Site, sha256};
use event_folder::name::{NoFolder, from_folder, to_folder};
use event_folder::problem::{any_error, error, help};
use event_folder::refers::Files;
use event_folder::settings;
use event_schema::compat::Terms;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use event_schema::settings::Settings;

use crate::content;
use crate::fault;
use crate::name::{self, stated};
use crate::version::{self, Local, Numbered, Place, Refusal};

/// A schema as a registry holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The schema's name there.
    pub schema: String,
    /// The contents by the registry's version number.
    pub versions: BTreeMap<u64, Arc<str>>,
}

/// Which of a schema's revisions become versions of its event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Revisions {
    /// Each one that the lock does not list yet.
    #[default]
    All,
    /// Of those that the lock does not list yet, the newest. For schemas that were inferred from traffic: each
    /// revision guesses better than the one before, and nobody published by the earlier ones.
    Newest,
}

/// The contents that the folder has already, by the registry's schema and version: a version that the
/// lock lists never changes, so it need not be fetched again.
pub type Known = BTreeMap<(String, u64), Arc<str>>;

/// What a folder has of a registry of this place.
pub fn known(folder: &Folder, lock: &Lock, place: &Site, registry: &str) -> Known {
    let its = lock.origins.iter().filter(|(_, o)| o.place == *place && o.registry == registry);
    let files = Files::of(folder);
    let text = |((name, version), o): (&(EventName, Version), &Origin)| {
        let file = folder.events.get(name)?.get(version)?;
        let locked = lock.entries.get(&(name.clone(), *version))?;
        if *locked != sha256(&file.text) {
            return None;
        }
        let text = content::of(&files, file).ok()?.text;
        Some(((o.schema.clone(), o.version), text))
    };
    its.filter_map(text).collect()
}

/// The registries that a folder and its lock name.
pub fn registries(folder: &Folder, lock: &Lock) -> BTreeSet<String> {
    let folders = folder.events.keys().map(|name| from_folder(&name.registry));
    lock.origins.iter().map(|(_, o)| o.registry.clone()).chain(folders).collect()
}

/// What a pull changes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Plan {
    /// The new files and the lock.
    pub change: Change,
    /// The families of those files, whole: what is here and what comes, checked.
    pub families: Vec<Family<Checked>>,
    /// The terms that they were checked on.
    pub terms: Terms,
    /// How many revisions are left out.
    pub left_out: usize,
    /// Warnings.
    pub warnings: Vec<Diagnostic>,
}

/// Plans the pull of a registry into the folder `root`; `place` is the account and region that the
/// registry is in. What is in the registry is what was fetched: what the lock says of the same registry
/// in another place is no evidence.
///
/// With [`Revisions::Newest`] the newest revision of a schema that is new here becomes the first version of its major;
/// of one that is here already, the next minor where it only adds, and the next major where it breaks. The lock notes
/// that revisions before it were left out, so that no later pull, push or check asks for them.
///
/// # Errors
///
/// Everything that stands against it: breaking versions with the change checker's words, history that
/// was rewritten, names that clash, a folder or lock that is broken already.
pub fn plan(
    root: &Path,
    place: &Site,
    registry: &str,
    fetched: &[Fetched],
    revisions: Revisions,
) -> Result<Plan, Vec<Diagnostic>> {
    let shown = load::shown(root);
    let (mut folder, mut problems) = Folder::read(root, &shown);
    let empty = [&rules::NO_SCHEMAS, &rules::SCHEMA_FOLDER_MISSING];
    problems.retain(|d| {
        !(empty.contains(&d.rule) && folder.is_empty() && (root.is_dir() || !root.exists()))
    });
    let mut lock = match folder.parsed_lock() {
        Some(Err(bad)) => {
            problems.push(*bad);
            return Err(problems);
        }
        Some(Ok(lock)) => lock,
        None => Lock::default(),
    };
    lock.upgrade(&folder);
    let dir = match to_folder(registry) {
        Ok(dir) => dir,
        Err(why) => {
            problems.push(bad_name(&format!("registry:{registry}"), registry, why));
            return Err(problems);
        }
    };
    let edits = Drift::between(&lock, &folder).edits_of(&dir);
    problems.extend(edits.diagnostics(&folder));

    let (settings, bad) = settings::read(root);
    if !bad.is_empty() {
        problems.extend(bad);
        return Err(problems);
    }
    let here = match revisions {
        Revisions::All => BTreeSet::new(),
        Revisions::Newest => {
            let own = folder.files().filter(|file| file.name.registry == dir);
            own.map(|file| sha256(&file.text)).collect()
        }
    };
    let mut cx = Pulled {
        place,
        registry,
        dir,
        folder: &folder,
        lock: &lock,
        files: Vec::new(),
        origins: BTreeMap::new(),
        settings: &settings,
        revisions,
        here,
        left_out: 0,
    };
    let mut sorted: Vec<&Fetched> = fetched.iter().collect();
    sorted.sort_by(|a, b| a.schema.cmp(&b.schema));
    for schema in sorted {
        problems.extend(cx.schema(schema).err().map(|d| *d));
    }
    problems.extend(cx.clashes());
    let (files, origins, left_out) = (cx.files, cx.origins, cx.left_out);
    let touched: BTreeSet<EventName> = files.iter().map(|f| f.name.clone()).collect();
    for f in &files {
        folder.events.entry(f.name.clone()).or_default().insert(f.version, f.clone());
    }
    for (key, origin) in origins {
        let file = folder.events.get(&key.0).and_then(|v| v.get(&key.1));
        if let Some(file) = file.filter(|_| !lock.entries.contains_key(&key)) {
            lock.insert(file, &Files::of(&folder));
        }
        lock.origins.insert(key, origin);
    }
    folder.events.retain(|name, _| touched.contains(name));
    let (families, more) = family::read(&folder, &settings);
    problems.extend(more);
    let families = match family::check(families, settings.terms) {
        Ok((families, warnings)) => {
            problems.extend(warnings);
            families
        }
        Err(breaks) => {
            problems.extend(breaks);
            Vec::new()
        }
    };
    if any_error(&problems) {
        return Err(problems);
    }
    Ok(Plan {
        change: Change { files, lock_before: folder.lock, lock },
        families,
        terms: settings.terms,
        left_out,
        warnings: problems,
    })
}

struct Pulled<'a> {
    place: &'a Site,
    registry: &'a str,
    dir: String,
    folder: &'a Folder,
    lock: &'a Lock,
    files: Vec<SchemaFile>,
    origins: BTreeMap<(EventName, Version), Origin>,
    settings: &'a Settings,
    revisions: Revisions,
    /// The contents that the folder has already, where revisions are left out.
    here: BTreeSet<String>,
    left_out: usize,
}

impl Pulled<'_> {
    fn schema(&mut self, fetched: &Fetched) -> Result<(), Box<Diagnostic>> {
        let here = format!("registry:{}/{}", self.registry, fetched.schema);
        let locked = self.locked(fetched);
        let left_out = self.passed_over(fetched, &locked);
        self.left_out += left_out.len();
        let kept = |version: &u64| !left_out.contains(version);
        let versions = fetched.versions.iter().filter(|(version, _)| kept(version));
        let versions = versions.map(|(version, text)| (*version, text.clone())).collect();
        let fetched = &Fetched { schema: fetched.schema.clone(), versions };
        let stated: Vec<Option<(String, u32)>> = fetched.versions.values().map(stated).collect();
        let (_, suffix) = name::suffix(&fetched.schema);
        let event = if let Some((name, _)) = locked.values().next() {
            name.clone()
        } else {
            // rules match on the detail-type: its word for the event comes before the schema's name
            let of_document = stated.iter().rev().flatten().next().map(|(event, _)| event.clone());
            let event = of_document.unwrap_or_else(|| {
                let newest = fetched.versions.values().next_back().map_or("", |text| text);
                name::event_of(&fetched.schema, self.registry, newest)
            });
            let event = to_folder(&event).map_err(|why| Box::new(bad_name(&here, &event, why)))?;
            EventName { registry: self.dir.clone(), event }
        };
        let mut numbered = Vec::new();
        for ((version, text), stated) in fetched.versions.iter().zip(&stated) {
            let major = stated.as_ref().map(|(_, major)| *major);
            if let (Some(says), Some(named)) = (major, suffix)
                && says != named
            {
                let message = format!(
                    "registry version {version} has a detail-type of major {says}, and the schema's name says {named}"
                );
                return Err(Box::new(help(
                    error(&rules::REGISTRY_MAJOR_CONTRADICTS, &here, message),
                    &[
                        "correct the detail-type in the registry, or put it into the schema of its major",
                    ],
                )));
            }
            numbered.push(Numbered {
                version: *version,
                sha256: sha256(text),
                major: major.or(suffix),
            });
        }
        let texts: Vec<&Arc<str>> = fetched.versions.values().collect();
        let breaks = |earlier: &[usize], new: usize| {
            let minors = earlier.iter().chain([&new]).map(|i| texts[*i]);
            self.breaks(&event, minors)
        };
        let numbers = locked.iter().map(|(k, (_, v))| (*k, *v)).collect();
        let places = version::assign(&numbered, &numbers, &self.local(&event, &numbered), breaks)
            .map_err(|refusal| Box::new(refused(&here, &event, &refusal)))?;
        let mut before = 0;
        for ((version, text), place) in fetched.versions.iter().zip(places) {
            let newest = left_out.range(before..*version).next().is_some();
            let Some(number) = place.version() else { continue };
            before = *version;
            let there = self.folder.events.get(&event).is_some_and(|v| v.contains_key(&number));
            if !there {
                let below = format!("{}/{}/{number}.json", event.registry, event.event);
                self.files.push(SchemaFile {
                    name: event.clone(),
                    version: number,
                    shown: format!("{}/{below}", self.folder.shown).into(),
                    path: self.folder.root.join(below),
                    text: text.clone(),
                });
            }
            let schema = fetched.schema.clone();
            let (site, registry) = (self.place.clone(), self.registry.to_owned());
            let origin = Origin { place: site, registry, schema, version: *version, newest };
            if let Some(other) = self.origins.insert((event.clone(), number), origin)
                && !matches!(place, Place::Locked(_))
            {
                return Err(Box::new(clash(&here, &event.event, &other.schema)));
            }
        }
        Ok(())
    }

    /// What the lock knows of a schema, by the registry's version. What it knows without a place counts
    /// where the registry has that content.
    fn locked(&self, fetched: &Fetched) -> BTreeMap<u64, (EventName, Version)> {
        let its = |key: &(EventName, Version), o: &Origin| {
            let named = o.registry == self.registry && o.schema == fetched.schema;
            let there = || {
                let text = fetched.versions.get(&o.version);
                text.is_some_and(|text| self.lock.entries.get(key) == Some(&sha256(text)))
            };
            named && (o.place == *self.place || (o.place == Site::Unknown && there()))
        };
        let of = self.lock.origins.iter().filter(|(key, o)| its(key, o));
        of.map(|((name, v), o)| (o.version, (name.clone(), *v))).collect()
    }

    /// The revisions that become no version: those that an earlier pull left out, and with [`Revisions::Newest`] all
    /// after the last one that is listed, the newest and those that the folder has already aside. One below a listed one that was not left out is none of
    /// them: it says that history was rewritten.
    fn passed_over(
        &self,
        fetched: &Fetched,
        locked: &BTreeMap<u64, (EventName, Version)>,
    ) -> BTreeSet<u64> {
        let Some(newest) = fetched.versions.keys().next_back() else { return BTreeSet::new() };
        let marked = |key: &(EventName, Version)| {
            let origin = self.lock.origins.in_registry(key, self.place, self.registry);
            origin.is_some_and(|o| o.newest)
        };
        let passed = |(version, text): &(&u64, &Arc<str>)| {
            if let Some((listed, key)) = locked.range(*version..).next() {
                return listed != *version && marked(key);
            }
            let left = self.revisions == Revisions::Newest && *version != newest;
            left && !self.here.contains(&sha256(text))
        };
        fetched.versions.iter().filter(passed).map(|(version, _)| *version).collect()
    }

    /// What the folder has of an event, and what it should have.
    fn local(&self, event: &EventName, remote: &[Numbered]) -> BTreeMap<Version, Local> {
        let origins = &self.lock.origins;
        let placed = |v: Version| {
            origins.in_registry(&(event.clone(), v), self.place, self.registry).is_some()
        };
        let locked = self.lock.entries.iter().filter(|((name, _), _)| name == event);
        let mut out: BTreeMap<Version, Local> = locked
            .map(|((_, v), sha)| {
                (*v, Local { sha256: sha.clone(), content: None, placed: placed(*v) })
            })
            .collect();
        let files = Files::of(self.folder);
        for (v, file) in self.folder.events.get(event).into_iter().flatten() {
            let sha256 = sha256(&file.text);
            // what is there byte for byte needs no other text
            let other = !remote.iter().any(|r| r.sha256 == sha256);
            let sent = other.then(|| content::of(&files, file).ok()).flatten();
            let content = sent.map(|sent| lock::sha256(&sent.text)).filter(|sent| *sent != sha256);
            out.insert(*v, Local { sha256, content, placed: placed(*v) });
        }
        out
    }

    fn breaks<'t>(&self, event: &EventName, minors: impl Iterator<Item = &'t Arc<str>>) -> bool {
        let file = |(minor, text): (u32, &Arc<str>)| {
            let version = Version { major: 1, minor };
            let path = self.folder.root.join("draft.json");
            let shown: Arc<str> = format!("{version}").into();
            (version, SchemaFile { name: event.clone(), version, shown, path, text: text.clone() })
        };
        let folder = Folder {
            root: self.folder.root.clone(),
            shown: String::new(),
            events: BTreeMap::from([(event.clone(), (0..).zip(minors).map(file).collect())]),
            lock: None,
            lock_problem: None,
            loose: Vec::new(),
            unwritten: BTreeMap::new(),
        };
        // what can't be read is said of the file itself
        let (families, _) = family::read(&folder, self.settings);
        family::check(families, self.settings.terms).is_err()
    }

    /// One major out of two schemas, and names that some file systems take for one.
    fn clashes(&self) -> Vec<Diagnostic> {
        let mut out = Vec::new();
        let mut majors: BTreeMap<(&EventName, u32), &str> = BTreeMap::new();
        let here = |o: &Origin| o.place == *self.place && o.registry == self.registry;
        let all = self.lock.origins.iter().chain(&self.origins);
        for ((event, version), origin) in all.filter(|(_, o)| here(o)) {
            let first = *majors.entry((event, version.major)).or_insert(&origin.schema);
            if first != origin.schema {
                let here = format!("registry:{}/{}", self.registry, origin.schema);
                out.push(clash(&here, &event.event, first));
            }
        }
        let here = format!("registry:{}", self.registry);
        let folders: BTreeSet<&str> =
            self.folder.events.keys().map(|name| name.registry.as_str()).collect();
        let twin = folders.into_iter().find(|f| *f != self.dir && same_folder(f, &self.dir));
        out.extend(twin.map(|twin| clash_of_registries(&here, self.registry, twin)));
        let mut spelled: BTreeMap<String, &str> = BTreeMap::new();
        let events = self.folder.events.keys().chain(self.files.iter().map(|f| &f.name));
        for event in events.filter(|e| e.registry == self.dir) {
            let first = *spelled.entry(event.event.to_lowercase()).or_insert(&event.event);
            if first != event.event {
                out.push(clash(&here, &event.event, first));
            }
        }
        out.dedup();
        out
    }
}

fn bad_name(file: &str, name: &str, why: NoFolder) -> Diagnostic {
    let message = format!("`{}` can't be the name of a folder: {why}", name.escape_default());
    fault::registry_name(file, message)
}

fn clash(file: &str, event: &str, other: &str) -> Diagnostic {
    let message = format!("`{event}` would be the same event here as `{other}`");
    help(
        fault::registry_names_clash(file, message),
        &["pull it from a registry of its own, or give one of them another name"],
    )
}

/// Whether some file systems take two names for one.
fn same_folder(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

fn clash_of_registries(file: &str, registry: &str, folder: &str) -> Diagnostic {
    let message = format!(
        "the registry `{}` would be the folder `{folder}` on file systems that know no case",
        registry.escape_default()
    );
    help(
        fault::registry_names_clash(file, message),
        &["pull it into a schema folder of its own: `--schemas DIR`"],
    )
}

fn refused(file: &str, event: &EventName, refusal: &Refusal) -> Diagnostic {
    let (rule, message, way) = match refusal {
        Refusal::Behind { version, locked } => (
            &rules::REGISTRY_HISTORY_CHANGED,
            format!("registry version {version} is new, and the later {locked} is locked already"),
            "a registry only appends; put the content into a new version of it",
        ),
        Refusal::Changed { version, here } => (
            &rules::REGISTRY_HISTORY_CHANGED,
            format!("registry version {version} is locked as {here} and has other content now"),
            "a published version is immutable: bring its content back in the registry, and publish the new one as the next version",
        ),
        Refusal::Taken { version, here } => (
            &rules::REGISTRY_VERSION_TAKEN,
            format!(
                "registry version {version} would be `{}` {here}, which is another text here",
                event.event
            ),
            "rename the file here to the version after it, then pull again",
        ),
        Refusal::Exhausted { version } => (
            &rules::REGISTRY_HISTORY_CHANGED,
            format!("registry version {version} would need a number beyond the last one"),
            "start a new major",
        ),
    };
    help(error(rule, file, message), &[way])
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
