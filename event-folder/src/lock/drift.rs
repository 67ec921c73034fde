//! Compares a folder with its lock.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use event_schema::diagnostic::{Diagnostic, Related};
use event_schema::document::Document;
use event_schema::rules;

use super::{FILE, Key, Lock};
use crate::load::{Folder, Version, read_text};
use crate::problem::{self, error, help};
use crate::refers::{Files, Referred};

/// The differences between a folder and its lock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drift {
    /// Locked versions whose text changed.
    pub edited: BTreeSet<Key>,
    /// Locked versions whose file is missing.
    pub deleted: BTreeSet<Key>,
    /// Versions that the lock does not list.
    pub unlocked: BTreeSet<Key>,
    /// Definitions in other files that changed or are missing since they were locked, with the locked versions that
    /// refer to them.
    pub shared: BTreeMap<String, BTreeSet<Key>>,
}

impl Drift {
    /// Returns only the edits that concern versions in one registry's folder: of their files and of what they refer to.
    #[must_use]
    pub fn edits_of(mut self, registry: &str) -> Drift {
        self.edited.retain(|(name, _)| name.registry == registry);
        self.shared.retain(|_, keys| keys.iter().any(|(name, _)| name.registry == registry));
        Drift { edited: self.edited, shared: self.shared, ..Drift::default() }
    }

    /// Compares a lock with a folder.
    pub fn between(lock: &Lock, folder: &Folder) -> Drift {
        let now = Lock::of(folder);
        let mut drift = Drift::default();
        for (key, locked) in &lock.entries {
            match now.entries.get(key) {
                None => drift.deleted.insert(key.clone()),
                Some(found) if found != locked => drift.edited.insert(key.clone()),
                Some(_) => {
                    drift.refers(key, lock, &now);
                    false
                }
            };
        }
        drift.unlocked =
            now.entries.keys().filter(|k| !lock.entries.contains_key(*k)).cloned().collect();
        drift
    }

    /// Compares what a version refers to. Its own text is the locked one.
    fn refers(&mut self, key: &Key, lock: &Lock, now: &Lock) {
        if lock.old_format {
            return;
        }
        let none = BTreeSet::new();
        let locked = lock.refers.get(key).unwrap_or(&none);
        let found = now.refers.get(key).unwrap_or(&none);
        let mut changed: Vec<&String> = locked
            .intersection(found)
            .filter(|at| lock.shared.get(*at) != now.shared.get(*at))
            .collect();
        if changed.is_empty() {
            // a changed definition explains added and removed references; without one, report those
            changed = locked.symmetric_difference(found).collect();
        }
        for at in changed {
            self.shared.entry(at.clone()).or_default().insert(key.clone());
        }
    }

    /// Returns whether a version, or something that it refers to, changed since it was locked.
    pub fn changed(&self, key: &Key) -> bool {
        self.edited.contains(key) || self.shared.values().any(|keys| keys.contains(key))
    }

    /// Returns a diagnostic for every difference. Versions that are not locked yet are errors in a build;
    /// `cargo event lock` locks them.
    pub fn diagnostics(&self, folder: &Folder) -> Vec<Diagnostic> {
        let path = |(name, version): &Key| {
            format!("{}/{}/{}/{version}.json", folder.shown, name.registry, name.event)
        };
        let mut out = Vec::new();
        let mut taken = BTreeSet::new();
        for key in &self.edited {
            let next = self.next_minor(folder, key, &taken);
            taken.insert((key.0.clone(), next));
            out.push(edited(folder, key, &path(key), next));
        }
        out.extend(self.shared(folder));
        for key in &self.deleted {
            let ((name, version), shown) = (key, path(key));
            out.push(help(
                problem::locked_schema_deleted(&shown, format!("`{}` {version} is locked and was deleted; a published version is immutable", name.event)),
                &[
                    &format!("restore it, because stored events and other services may use it: `git checkout -- {shown}`"),
                    &never_published(key),
                ],
            ));
        }
        for key in &self.unlocked {
            let ((name, version), shown) = (key, path(key));
            out.push(help(
                problem::schema_not_locked(&shown, format!("`{}` {version} is missing in {FILE}", name.event)),
                &["run `cargo event lock`: it checks the new version against the earlier ones and lists it"],
            ));
        }
        out
    }

    /// Returns a minor that is neither a file, readable or not, nor locked, nor in `taken`.
    fn next_minor(&self, folder: &Folder, key: &Key, taken: &BTreeSet<Key>) -> Version {
        let (name, version) = key;
        let own = folder.events.get(name).into_iter().flat_map(|v| v.keys());
        let others = self.deleted.iter().chain(taken).filter(|(n, _)| n == name).map(|(_, v)| v);
        let newest = own.chain(others).filter(|v| v.major == version.major).map(|v| v.minor).max();
        let dir = folder.root.join(&name.registry).join(&name.event);
        let mut next = newest.unwrap_or(version.minor).saturating_add(1);
        while next < u32::MAX && dir.join(format!("{}.{next}.json", version.major)).exists() {
            next += 1;
        }
        Version { major: version.major, minor: next }
    }

    fn shared(&self, folder: &Folder) -> Vec<Diagnostic> {
        if self.shared.is_empty() {
            return Vec::new();
        }
        let files = Files::of(folder);
        let keys: BTreeSet<&Key> = self.shared.values().flatten().collect();
        let referring = keys.iter().filter_map(|(name, v)| folder.events.get(name)?.get(v));
        let there: BTreeMap<String, Referred> = referring
            .flat_map(|file| files.referred(file))
            .map(|found| (found.at.clone(), found))
            .collect();
        let diagnostic = |(at, keys): (&String, &BTreeSet<Key>)| {
            let versions = versions(keys);
            let found = there.get(at);
            let (file, pointer) = at.split_once('#').unwrap_or((at, ""));
            if found.is_none() && !exists(&folder.root.join(file), pointer) {
                // the reader of the schemas reports the unresolved reference
                return None;
            }
            let shown =
                found.map_or_else(|| format!("{}/{file}", folder.shown), |r| r.shown.to_string());
            let what = if found.is_some() { "was edited" } else { "is no longer referred to" };
            let message = format!(
                "`{at}` is locked by {versions} and {what}; what a published version refers to is immutable"
            );
            let mut d = error(&rules::SHARED_DEFINITION_EDITED, &shown, message);
            d.pos = found.map(|r| r.pos);
            d.span = found.map(|r| r.span);
            d.related = keys
                .iter()
                .filter_map(|(name, v)| folder.events.get(name)?.get(v))
                .take(3)
                .map(|file| Related {
                    file: file.shown.clone(),
                    span: None,
                    pos: None,
                    label: "refers to it".to_owned(),
                })
                .collect();
            Some(help(
                d,
                &[
                    "add the new text beside the locked one under another name (`Money2`), and refer to it from the next version",
                    &format!(
                        "and restore the locked text: `git diff -- {shown}` shows what was edited"
                    ),
                    &keys.iter().next().map(never_published).unwrap_or_default(),
                ],
            ))
        };
        self.shared.iter().filter_map(diagnostic).collect()
    }
}

fn exists(file: &Path, pointer: &str) -> bool {
    let text = read_text(file).ok();
    let document = text.and_then(|text| Document::parse("", text).ok());
    document.is_some_and(|d| d.root.pointer(pointer).is_some())
}

/// Returns a list such as: `order.placed` 1.0, `order.placed` 1.1 and 2 more.
fn versions(keys: &BTreeSet<Key>) -> String {
    const NAMED: usize = 3;
    let mut named: Vec<String> =
        keys.iter().take(NAMED).map(|(name, v)| format!("`{}` {v}", name.event)).collect();
    if keys.len() > NAMED {
        named.push(format!("{} more", keys.len() - NAMED));
    }
    match named.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The error about an edited version. It suggests to save the edit before the locked text is restored.
fn edited(folder: &Folder, key: &Key, shown: &str, next: Version) -> Diagnostic {
    let (name, version) = key;
    let moved = format!("{}/{}/{}/{next}.json", folder.shown, name.registry, name.event);
    let message = format!(
        "`{}` {version} is locked and was edited; a published version is immutable",
        name.event
    );
    help(
        problem::locked_schema_edited(shown, message),
        &[
            &format!(
                "save the edit as the next version: `mv {shown} {moved}`, then restore the locked text: `git checkout -- {shown}`"
            ),
            &format!(
                "if `cargo event check` then reports a break, the edit needs a new major: `cargo event new-version {} --major` writes one",
                name.event
            ),
            &never_published(key),
        ],
    )
}

/// The way out for a version that was never published.
fn never_published((name, version): &Key) -> String {
    format!(
        "or, if the version was locked by mistake and never published: `cargo event unlock {}@{version}`",
        name.event
    )
}
