//! Plans a pull: which files and lock the folder gets from the contents of a registry.
//!
//! A pull is all or nothing: one refused schema of a registry refuses the pull, so that the folder never mixes two
//! states. Reads the folder and writes nothing; the caller fetches the schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use event_folder::commit::Change;
use event_folder::family::{self, Checked, Family};
use event_folder::load::{self, EventName, Folder, SchemaFile, Version};
use event_folder::lock::{self, Drift, Lock, Origin, Site, sha256};
use event_folder::name::{from_folder, to_folder};
use event_folder::problem::{any_error, error, help};
use event_folder::refers::Files;
use event_folder::settings;
use event_schema::compat::Terms;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use event_schema::settings::Settings;

use crate::content;
use crate::fault::{bad_name, clash, clash_of_registries, refused};
use crate::name::{self, stated};
use crate::version::{self, Local, Numbered, Place};

/// A schema as the registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The name of the schema.
    pub schema: String,
    /// The contents by registry version.
    pub versions: BTreeMap<u64, Arc<str>>,
}

/// Which registry versions of a schema become versions of its event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Revisions {
    /// Every one that the lock does not list yet.
    #[default]
    All,
    /// The newest that the lock does not list yet. For schemas that were inferred from traffic: each revision is a
    /// better guess than the one before, and no publisher used the earlier ones.
    Newest,
}

/// The contents that the folder already has, by schema and registry version. A locked version never changes, so it does
/// not need to be fetched again.
pub type Known = BTreeMap<(String, u64), Arc<str>>;

/// Returns the contents that a folder has of a registry at this place.
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

/// Returns the registries that a folder and its lock name.
pub fn registries(folder: &Folder, lock: &Lock) -> BTreeSet<String> {
    let folders = folder.events.keys().map(|name| from_folder(&name.registry));
    lock.origins.iter().map(|(_, o)| o.registry.clone()).chain(folders).collect()
}

/// The changes of a pull.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Plan {
    /// The new files and the lock.
    pub change: Change,
    /// The checked families of those files, with existing and new versions.
    pub families: Vec<Family<Checked>>,
    /// The terms of the check.
    pub terms: Terms,
    /// The number of revisions that were left out.
    pub left_out: usize,
    /// The warnings.
    pub warnings: Vec<Diagnostic>,
}

/// Plans the pull of a registry into the folder `root`. `place` is the account and region of the registry. Only
/// `fetched` counts as the contents of the registry; what the lock records of a registry with the same name at another
/// place does not.
///
/// With [`Revisions::Newest`], the newest revision of a new schema becomes the first version of its major. The newest
/// revision of an existing schema becomes the next minor if it only adds, and the next major if it breaks. The lock
/// records that earlier revisions were left out, so that no later pull, push or check asks for them.
///
/// # Errors
///
/// All problems: breaking versions with the diagnostics of the change checker, a rewritten history, names that clash,
/// and an invalid folder or lock.
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
    /// The contents that the folder already has, if revisions may be left out.
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
            // rules match on the detail-type, so it takes precedence over the name of the schema
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
                    "the detail-type of registry version {version} has major {says}: expected {named}, as in the name of the schema"
                );
                return Err(Box::new(help(
                    error(&rules::REGISTRY_MAJOR_CONTRADICTS, &here, message),
                    &[
                        "correct the detail-type in the registry, or move the version to the schema of its major",
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

    /// Returns what the lock lists of a schema, by registry version. An origin without a place counts if the registry
    /// has that content.
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

    /// Returns the revisions that do not become versions: those that an earlier pull left out and, with
    /// [`Revisions::Newest`], all after the last listed one, except the newest and those that the folder already has.
    /// A revision before a listed one that was not left out is not among them: the history was rewritten.
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

    /// Returns the versions of an event that the folder has or the lock lists.
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
            // a text that the registry has byte for byte needs no other content
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
        let events = BTreeMap::from([(event.clone(), (0..).zip(minors).map(file).collect())]);
        let folder = Folder::with_events(&self.folder.root, "", events);
        // problems with reading are reported for the file itself
        let (families, _) = family::read(&folder, self.settings);
        family::check(families, self.settings.terms).is_err()
    }

    /// Reports a major that comes from two schemas, and names that are the same on file systems that ignore case.
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

/// Returns whether two names are the same folder on file systems that ignore case.
fn same_folder(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
