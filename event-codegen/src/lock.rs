//! `schemas.lock`: what was published stays as it was.
//!
//! One entry a version, with the sha256 of its text. A version that is listed is immutable: edited,
//! deleted and unlisted files are errors. Line ends are taken as `\n` before hashing, so that a
//! checkout with other line ends is the same version. A version that is in a registry too says where:
//! registry, schema and the registry's own version number.

mod origin;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use event_schema::diagnostic::Diagnostic;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use self::origin::OneOrMore;
pub use self::origin::{Origin, Origins, Site};
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
    pub origins: Origins,
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
    origin: Option<OneOrMore>,
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
        let mut origins = Vec::new();
        for e in file.schema {
            let version = e.version.parse().map_err(&bad)?;
            let name = EventName { registry: e.registry, event: e.r#type };
            let shown = format!("`{}` {version} is listed twice", name.event);
            let places = e.origin.map(OneOrMore::into_vec).unwrap_or_default();
            origins.extend(places.into_iter().map(|origin| ((name.clone(), version), origin)));
            if entries.insert((name, version), e.sha256).is_some() {
                return Err(bad(shown));
            }
        }
        let origins: Origins = origins.into_iter().collect();
        if let Some(doubled) = origins.doubled() {
            let way = "remove the `origin` lines of that registry: the next `cargo event pull` or `push` finds where the versions are";
            return Err(Box::new(help(error("bad-lock", shown, doubled), &[way])));
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
            out += &origin::print(self.origins.of(key));
        }
        out
    }

    /// Takes over what an earlier lock knows of registries, for the versions that both list.
    #[must_use]
    pub fn with_origins_of(mut self, earlier: Option<&Lock>) -> Lock {
        for (key, origin) in earlier.into_iter().flat_map(|l| l.origins.iter()) {
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
        Lock { entries: folder.files().map(entry).collect(), origins: Origins::default() }
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
        let place = Site::Endpoint("http://127.0.0.1:1".to_owned());
        let origin = Origin { place: Site::Unknown, registry: "core".into(), schema, version: 7 };
        lock.origins.insert(key.clone(), Origin { place, ..origin.clone() });
        let place =
            Site::of_arn("arn:aws:schemas:eu-central-1:123456789012:registry/core").unwrap();
        lock.origins.insert(key.clone(), Origin { place, ..origin.clone() });
        lock.origins.insert(key.clone(), Origin { registry: "old".into(), ..origin });
        assert_eq!(Lock::parse(&lock.to_text(), "schemas.lock").unwrap(), lock);
        let anew = Lock { entries: lock.entries.clone(), origins: Origins::default() };
        assert_eq!(anew.with_origins_of(Some(&lock)), lock);
        assert!(Lock::default().with_origins_of(Some(&lock)).origins.is_empty());
    }

    #[test]
    fn two_versions_of_one_origin_are_an_error() {
        let second = OLD["version = 1\n".len()..].replace("\"1.0\"", "\"1.1\"");
        let origin = |place: &str, version: u32| {
            format!(
                "origin = {{ {place}registry = \"core\", schema = \"x\", version = {version} }}\n"
            )
        };
        let parse =
            |a: String, b: String| Lock::parse(&format!("{OLD}{a}{second}{b}"), "schemas.lock");
        let (here, there) = ("place = \"a-1/123456789012\", ", "place = \"a-1/210987654321\", ");
        assert!(parse(origin(here, 1), origin(there, 1)).is_ok());
        assert!(parse(origin(here, 1), origin(here, 2)).is_ok());
        for place in ["", here] {
            let error = parse(origin(place, 1), origin(place, 1)).unwrap_err();
            assert!(error.message.contains("1.0 and `a.b` 1.1 have the same origin"), "{error:?}");
        }
        let twice = "origin = [{ registry = \"core\", schema = \"x\", version = 1 }, { registry = \"core\", schema = \"x\", version = 2 }]\n";
        let error = Lock::parse(&format!("{OLD}{twice}"), "schemas.lock").unwrap_err();
        assert!(error.message.contains("two origins in the registry"), "{error:?}");
        assert!(parse(origin("place = \"nowhere\", ", 1), String::new()).is_err());
    }

    #[test]
    fn a_word_too_many_is_an_error() {
        let bad = OLD.to_owned()
            + "origin = { registry = \"core\", schema = \"x\", version = 1, a = 2 }\n";
        assert_eq!(Lock::parse(&bad, "schemas.lock").unwrap_err().rule, "bad-lock");
    }
}
