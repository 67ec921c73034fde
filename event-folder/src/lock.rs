//! `schemas.lock`, which keeps published versions immutable.
//!
//! The lock has an entry for each version, with the sha256 of its text. A listed version is immutable: edited,
//! deleted and unlisted files are errors. Line ends count as `\n`, so that a checkout with other line ends has
//! the same digest. Definitions in other files that a version refers to are immutable, too: the lock lists each
//! with the sha256 of its meaning. For a version that is also in a registry, the lock records the registry, the
//! schema and the version number there.

mod drift;
mod origin;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use event_schema::diagnostic::Diagnostic;
use sha2::{Digest, Sha256};

pub use self::drift::Drift;
pub use self::origin::{NotASite, Origin, Origins, Site};
use crate::load::{EventName, Folder, SchemaFile, Version};
use crate::refers::Files;

/// The name of the lock in the schema folder.
pub const FILE: &str = "schemas.lock";

/// An event and one of its versions.
pub type Key = (EventName, Version);

/// The contents of a lock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// The sha256 of each version, in hexadecimal.
    pub entries: BTreeMap<Key, String>,
    /// The definitions in other files that versions refer to, such as `common.json#/definitions/Money`. Versions
    /// without such references have no entry.
    pub refers: BTreeMap<Key, BTreeSet<String>>,
    /// The sha256 of the meaning of each of those definitions, in hexadecimal.
    pub shared: BTreeMap<String, String>,
    /// Where versions are in a registry. Versions that were never pulled or pushed have no entry.
    pub origins: Origins,
    /// Whether the lock was read from format 1, which does not cover what versions refer to.
    pub old_format: bool,
}

impl Lock {
    /// Parses the text of a lock. `shown` is the path that diagnostics name.
    ///
    /// # Errors
    ///
    /// If the text is not a lock.
    pub fn parse(text: &str, shown: &str) -> Result<Lock, Box<Diagnostic>> {
        text::parse(text, shown)
    }

    /// Returns the text of the lock, sorted, so that equal locks have equal texts.
    pub fn to_text(&self) -> String {
        text::print(self)
    }

    /// Copies the origins of an earlier lock, for the versions that both list.
    #[must_use]
    pub fn with_origins_of(mut self, earlier: Option<&Lock>) -> Lock {
        for (key, origin) in earlier.into_iter().flat_map(|l| l.origins.iter()) {
            if self.entries.contains_key(key) {
                self.origins.insert(key.clone(), origin.clone());
            }
        }
        self
    }

    /// Returns the lock of a folder as it is now, without origins (see [`with_origins_of`](Self::with_origins_of)).
    pub fn of(folder: &Folder) -> Lock {
        let mut lock = Lock::default();
        let files = Files::of(folder);
        for file in folder.files() {
            lock.insert(file, &files);
        }
        lock
    }

    /// Lists a version as its file is now, and what it refers to.
    pub fn insert(&mut self, file: &SchemaFile, files: &Files<'_>) {
        let key = (file.name.clone(), file.version);
        self.entries.insert(key.clone(), sha256(&file.text));
        self.cover(key, file, files);
    }

    /// Removes a version, and returns whether it was listed.
    pub fn remove(&mut self, key: &Key) -> bool {
        self.origins.remove(key);
        self.refers.remove(key);
        let kept: BTreeSet<&String> = self.refers.values().flatten().collect();
        self.shared.retain(|at, _| kept.contains(at));
        self.entries.remove(key).is_some()
    }

    /// Brings a lock of format 1 to the current format: it then covers what its versions refer to, as it is now.
    pub fn upgrade(&mut self, folder: &Folder) {
        if !std::mem::take(&mut self.old_format) {
            return;
        }
        let files = Files::of(folder);
        for file in folder.files() {
            let key = (file.name.clone(), file.version);
            if self.entries.contains_key(&key) {
                self.cover(key, file, &files);
            }
        }
    }

    fn cover(&mut self, key: Key, file: &SchemaFile, files: &Files<'_>) {
        let found = files.referred(file);
        if found.is_empty() {
            return;
        }
        self.refers.insert(key, found.iter().map(|r| r.at.clone()).collect());
        for part in found {
            // keep a listed digest: a new version that refers to a locked definition does not change it
            self.shared.entry(part.at).or_insert(part.sha256);
        }
    }
}

/// Returns the sha256 of a schema's text, in hexadecimal.
pub fn sha256(text: &str) -> String {
    hex(text.replace("\r\n", "\n").as_bytes())
}

/// Returns the sha256 of bytes, in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    const OLD: &str = "version = 1\n\n[[schema]]\nregistry = \"core\"\ntype = \"a.b\"\nversion = \"1.0\"\nsha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"\n";

    #[test]
    fn old_format_is_read_and_written_as_the_new_one() {
        let lock = Lock::parse(OLD, "schemas.lock").unwrap();
        assert!(lock.origins.is_empty() && lock.old_format);
        assert!(lock.to_text().ends_with(&OLD["version = 1\n".len()..]));
        assert!(!Lock::parse(&lock.to_text(), "schemas.lock").unwrap().old_format);
    }

    #[test]
    fn shared_definitions_are_parsed_again_and_removed_with_their_last_version() {
        let mut lock = Lock::parse(OLD, "schemas.lock").unwrap();
        lock.old_format = false;
        let key = lock.entries.keys().next().unwrap().clone();
        lock.refers.insert(key.clone(), ["c.json#/a\"b".to_owned()].into());
        lock.shared.insert("c.json#/a\"b".to_owned(), "1".repeat(64));
        let text = lock.to_text();
        assert_eq!(Lock::parse(&text, "schemas.lock").unwrap(), lock);
        // a merge leaves the entries of both sides; two digests of one definition are an error
        let (_, shared) = text.split_once("\n[[shared]]").unwrap();
        let twice = format!("{text}\n[[shared]]{shared}");
        assert_eq!(Lock::parse(&twice, "schemas.lock").unwrap(), lock);
        assert!(
            Lock::parse(&format!("{text}\n[[shared]]{}", shared.replace("11", "22")), "l").is_err()
        );
        assert!(Lock::parse(&text.replace("[[shared]]", "[[schema]]"), "l").is_err());
        for outside in ["../c.json", "/c.json", "a/../../c.json", ""] {
            let text = text.replace("c.json", outside);
            assert!(Lock::parse(&text, "l").is_err(), "{outside}");
        }
        let lost = text.split_once("\n[[shared]]").unwrap().0;
        assert!(Lock::parse(lost, "l").unwrap_err().message.contains("no `[[shared]]` entry"));
        assert!(lock.remove(&key) && lock.shared.is_empty() && !lock.remove(&key));
    }

    #[test]
    fn entry_that_both_sides_of_a_merge_have_is_one_entry() {
        let entry = &OLD["version = 1\n".len()..];
        let both = format!("{OLD}{entry}");
        assert_eq!(Lock::parse(&both, "l").unwrap(), Lock::parse(OLD, "l").unwrap());
        let other = format!("{OLD}{}", entry.replace("00", "11"));
        let d = Lock::parse(&other, "l").unwrap_err();
        assert!(d.message.contains("listed twice with different text"), "{d:?}");
        assert!(d.help[0].contains("the next version"), "{d:?}");
    }

    #[test]
    fn names_and_digests_that_no_command_writes_are_errors() {
        for (is, becomes, said) in [
            ("\"core\"", "\"../../etc\"", "cannot be the folder of a registry"),
            ("\"a.b\"", "\"a; rm -rf x\"", "cannot be the folder of an event"),
            ("\"a.b\"", "\"a\\u001b[2J\"", "cannot be the folder of an event"),
            ("0000", "00", "expected 64 hexadecimal digits"),
            ("0000", "00AB", "expected 64 hexadecimal digits"),
            ("version = 1", "version = 9", "the lock has format 9: expected 1 to 2"),
        ] {
            let d = Lock::parse(&OLD.replacen(is, becomes, 1), "l").unwrap_err();
            assert!(d.rule.id == "bad-lock" && d.message.contains(said), "{d:?}");
        }
    }

    #[test]
    fn merge_conflict_in_the_lock_is_called_one() {
        let (a, b, c) = ("<".repeat(7), "=".repeat(7), ">".repeat(7));
        let text = OLD.replace("sha256", &format!("{a} HEAD\nsha256 = \"1\"\n{b}\n{c} x\nsha256"));
        let d = Lock::parse(&text, "schemas.lock").unwrap_err();
        assert_eq!((d.rule.id, d.pos.map(|p| p.line)), ("merge-conflict", Some(7)));
    }

    #[test]
    fn origins_are_parsed_again_and_kept_in_a_new_lock() {
        let mut lock = Lock::parse(OLD, "schemas.lock").unwrap();
        let key = lock.entries.keys().next().unwrap().clone();
        let schema = "app@a.b-v1\"\n".to_owned();
        let place = Site::Endpoint("http://127.0.0.1:1".to_owned());
        let origin = Origin {
            place: Site::Unknown,
            registry: "core".into(),
            schema,
            version: 7,
            newest: false,
        };
        lock.origins.insert(key.clone(), Origin { place, ..origin.clone() });
        let place =
            Site::of_arn("arn:aws:schemas:eu-central-1:123456789012:registry/core").unwrap();
        lock.origins.insert(key.clone(), Origin { place, ..origin.clone() });
        lock.origins.insert(key.clone(), Origin { registry: "old".into(), ..origin });
        lock.old_format = false;
        assert_eq!(Lock::parse(&lock.to_text(), "schemas.lock").unwrap(), lock);
        let without = Lock { origins: Origins::default(), ..lock.clone() };
        assert_eq!(without.with_origins_of(Some(&lock)), lock);
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
    fn unknown_key_is_an_error() {
        let bad = OLD.to_owned()
            + "origin = { registry = \"core\", schema = \"x\", version = 1, a = 2 }\n";
        assert_eq!(Lock::parse(&bad, "schemas.lock").unwrap_err().rule.id, "bad-lock");
    }
}
