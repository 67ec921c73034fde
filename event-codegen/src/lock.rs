//! `schemas.lock`: what was published stays as it was.
//!
//! One entry a version, with the sha256 of its text. A version that is listed is immutable: edited,
//! deleted and unlisted files are errors. Line ends are taken as `\n` before hashing, so that a
//! checkout with other line ends is the same version. A version that is in a registry too says where:
//! registry, schema and the registry's own version number.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use event_schema::diagnostic::Diagnostic;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::load::{EventName, Folder, SchemaFile, Version};
use crate::problem::{error, help};

/// The lock's file name, in the schema folder.
pub const FILE: &str = "schemas.lock";

const FORMAT: u32 = 1;

/// A lock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// sha256 in hexadecimal, by event and version.
    pub entries: BTreeMap<(EventName, Version), String>,
    /// Where versions are in a registry; none for those that were never pulled or pushed.
    pub origins: BTreeMap<(EventName, Version), Origin>,
}

/// A version's place in the `EventBridge` Schema Registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The registry, as the registry spells it.
    pub registry: String,
    /// The schema's name there.
    pub schema: String,
    /// The registry's version number: it counts changes of content and knows no majors.
    pub version: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    #[serde(default)]
    schema: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    registry: String,
    r#type: String,
    version: String,
    sha256: String,
    origin: Option<Origin>,
}

impl Lock {
    /// Reads a lock's text; `shown` is the path that diagnostics name.
    ///
    /// # Errors
    ///
    /// Where the text is no lock.
    pub fn parse(text: &str, shown: &str) -> Result<Lock, Box<Diagnostic>> {
        let bad = |message: String| {
            Box::new(help(
                error("bad-lock", shown, message),
                &["the file is written by `cargo event lock`; take it back from version control"],
            ))
        };
        let file: File = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(1, |s| text[..s.start].matches('\n').count() + 1);
            bad(format!("line {line}: {}", e.message()))
        })?;
        if file.version != FORMAT {
            return Err(bad(format!(
                "the lock has format {}, this version of event-codegen reads {FORMAT}",
                file.version
            )));
        }
        let mut entries = BTreeMap::new();
        let mut origins = BTreeMap::new();
        for e in file.schema {
            let version = e.version.parse().map_err(&bad)?;
            let name = EventName { registry: e.registry, event: e.r#type };
            let shown = format!("`{}` {version} is listed twice", name.event);
            if let Some(origin) = e.origin {
                origins.insert((name.clone(), version), origin);
            }
            if entries.insert((name, version), e.sha256).is_some() {
                return Err(bad(shown));
            }
        }
        Ok(Lock { entries, origins })
    }

    /// The lock's text: sorted, one stable form.
    pub fn to_text(&self) -> String {
        let quote = |s: &str| toml::Value::String(s.to_owned()).to_string();
        let mut out = String::from(
            "# Written by `cargo event lock`: the versions that are published and never change again.\n",
        );
        let _ = writeln!(out, "version = {FORMAT}");
        for (key @ (name, version), sha256) in &self.entries {
            let _ = write!(
                out,
                "\n[[schema]]\nregistry = {}\ntype = {}\nversion = \"{version}\"\nsha256 = \"{sha256}\"\n",
                quote(&name.registry),
                quote(&name.event),
            );
            if let Some(o) = self.origins.get(key) {
                let (registry, schema) = (quote(&o.registry), quote(&o.schema));
                let _ = writeln!(
                    out,
                    "origin = {{ registry = {registry}, schema = {schema}, version = {} }}",
                    o.version
                );
            }
        }
        out
    }

    /// Takes over what an earlier lock knows of registries, for the versions that both list.
    #[must_use]
    pub fn with_origins_of(mut self, earlier: Option<&Lock>) -> Lock {
        for (key, origin) in earlier.into_iter().flat_map(|l| &l.origins) {
            if self.entries.contains_key(key) {
                self.origins.insert(key.clone(), origin.clone());
            }
        }
        self
    }

    /// The lock of a folder as it is now. What an earlier lock knows of registries is for
    /// [`with_origins_of`](Self::with_origins_of).
    pub fn of(folder: &Folder) -> Lock {
        let entry = |f: &SchemaFile| ((f.name.clone(), f.version), sha256(&f.text));
        Lock { entries: folder.files().map(entry).collect(), origins: BTreeMap::new() }
    }
}

/// sha256 of a schema's text, in hexadecimal.
pub fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.replace("\r\n", "\n").as_bytes());
    digest.iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// What a lock says about a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drift {
    /// Listed, and another text now.
    pub edited: BTreeSet<(EventName, Version)>,
    /// Listed, and not there.
    pub deleted: BTreeSet<(EventName, Version)>,
    /// There, and not listed.
    pub unlocked: BTreeSet<(EventName, Version)>,
}

impl Drift {
    /// Compares the folder with its lock.
    pub fn between(lock: &Lock, folder: &Folder) -> Drift {
        let now = Lock::of(folder);
        let mut drift = Drift::default();
        for (key, locked) in &lock.entries {
            match now.entries.get(key) {
                None => drift.deleted.insert(key.clone()),
                Some(found) if found != locked => drift.edited.insert(key.clone()),
                Some(_) => false,
            };
        }
        drift.unlocked =
            now.entries.keys().filter(|k| !lock.entries.contains_key(*k)).cloned().collect();
        drift
    }

    /// The diagnostics: edits and deletions are errors always; what isn't locked yet is one for a
    /// build, and what `cargo event lock` is there for.
    pub fn diagnostics(&self, folder: &Folder) -> Vec<Diagnostic> {
        let path = |(name, version): &(EventName, Version)| {
            format!("{}/{}/{}/{version}.json", folder.shown, name.registry, name.event)
        };
        let mut out = Vec::new();
        for key in &self.edited {
            let ((name, version), shown) = (key, path(key));
            let next = next_minor(folder, key);
            let (event, major) = (&name.event, version.major);
            out.push(help(
                error(
                    "locked-schema-edited",
                    &shown,
                    format!("`{}` {version} is locked and was edited; a published version is immutable", name.event),
                ),
                &[
                    &format!("take the locked text back: `git checkout -- {shown}`"),
                    &format!("and put the change into a new version: {next}, by `cargo event new-version {event}@{major}`, if it only adds; else the next major, by `cargo event new-version {event} --major`"),
                ],
            ));
        }
        for key in &self.deleted {
            let ((name, version), shown) = (key, path(key));
            out.push(help(
                error(
                    "locked-schema-deleted",
                    &shown,
                    format!("`{}` {version} is locked and was deleted; a published version is immutable", name.event),
                ),
                &[&format!("stored events and other services may hold it: `git checkout -- {shown}`")],
            ));
        }
        for key in &self.unlocked {
            let ((name, version), shown) = (key, path(key));
            out.push(help(
                error(
                    "schema-not-locked",
                    &shown,
                    format!("`{}` {version} is not in {FILE}", name.event),
                ),
                &["run `cargo event lock`: it checks the new version against the earlier ones and lists it"],
            ));
        }
        out
    }
}

fn next_minor(folder: &Folder, (name, version): &(EventName, Version)) -> Version {
    let versions = folder.events.get(name).into_iter().flat_map(|v| v.keys());
    let newest = versions.filter(|v| v.major == version.major).map(|v| v.minor).max();
    Version { major: version.major, minor: newest.unwrap_or(version.minor).saturating_add(1) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    const OLD: &str = "version = 1\n\n[[schema]]\nregistry = \"core\"\ntype = \"a.b\"\nversion = \"1.0\"\nsha256 = \"00\"\n";

    #[test]
    fn a_lock_without_origins_is_read_and_written_as_before() {
        let lock = Lock::parse(OLD, "schemas.lock").unwrap();
        assert!(lock.origins.is_empty());
        assert!(lock.to_text().ends_with(&OLD["version = 1\n".len()..]));
    }

    #[test]
    fn origins_come_back_and_outlive_a_new_lock() {
        let mut lock = Lock::parse(OLD, "schemas.lock").unwrap();
        let key = lock.entries.keys().next().unwrap().clone();
        let schema = "app@a.b-v1\"\n".to_owned();
        lock.origins.insert(key.clone(), Origin { registry: "core".into(), schema, version: 7 });
        assert_eq!(Lock::parse(&lock.to_text(), "schemas.lock").unwrap(), lock);
        let anew = Lock { entries: lock.entries.clone(), origins: BTreeMap::new() };
        assert_eq!(anew.with_origins_of(Some(&lock)), lock);
        assert!(Lock::default().with_origins_of(Some(&lock)).origins.is_empty());
    }

    #[test]
    fn a_word_too_many_is_an_error() {
        let bad = OLD.to_owned()
            + "origin = { registry = \"core\", schema = \"x\", version = 1, a = 2 }\n";
        assert_eq!(Lock::parse(&bad, "schemas.lock").unwrap_err().rule, "bad-lock");
    }
}
