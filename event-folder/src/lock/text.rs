//! Parses and prints the text of a lock.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Component, Path};

use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use serde::Deserialize;

use super::origin::{self, OneOrMore};
use super::{Key, Lock};
use crate::load::{EventName, NotAVersion};
use crate::loose::bad_folder;
use crate::problem::{error, help, merge_conflict};

/// The format that is written. Format 1 had no `refers` and no `[[shared]]`.
const FORMAT: u32 = 2;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    #[serde(default)]
    schema: Vec<Entry>,
    #[serde(default)]
    shared: Vec<Shared>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    registry: String,
    r#type: String,
    version: String,
    sha256: String,
    #[serde(default)]
    refers: Vec<String>,
    origin: Option<OneOrMore>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    at: String,
    sha256: String,
}

pub(super) fn parse(text: &str, shown: &str) -> Result<Lock, Box<Diagnostic>> {
    if let Some(conflict) = merge_conflict(shown, text) {
        return Err(Box::new(help(
            conflict,
            &[
                "remove the three marker lines of each conflict, keep the entries of both sides, and run `cargo event lock`",
            ],
        )));
    }
    let bad_lock = |message: String, way: &str| {
        Box::new(help(error(&rules::BAD_LOCK, shown, message), &[way]))
    };
    let bad = |message: String| {
        let way =
            "`cargo event lock` writes the file, so restore its last text from version control";
        bad_lock(message, way)
    };
    let file: File = toml::from_str(text).map_err(|e| {
        let line = e.span().map_or(1, |s| text[..s.start].matches('\n').count() + 1);
        bad(format!("line {line}: {}", e.message()))
    })?;
    if !(1..=FORMAT).contains(&file.version) {
        let message = format!("the lock has format {}: expected 1 to {FORMAT}", file.version);
        let way = "a later release wrote it: update the command (`cargo install`) and the crates";
        return Err(bad_lock(message, way));
    }
    let mut lock = Lock { old_format: file.version < FORMAT, ..Lock::default() };
    for shared in file.shared {
        place(&shared.at).map_err(&bad)?;
        digest(&shared.sha256, &shared.at).map_err(&bad)?;
        let said = format!("`{}` is listed twice with different text", shared.at);
        let before = lock.shared.insert(shared.at, shared.sha256.clone());
        // both sides of a merge may have listed it
        if before.is_some_and(|before| before != shared.sha256) {
            return Err(bad(said));
        }
    }
    let mut origins = Vec::new();
    for e in file.schema {
        let version = e.version.parse().map_err(|e: NotAVersion| bad(e.to_string()))?;
        for (what, name) in [("a registry", &e.registry), ("an event", &e.r#type)] {
            if let Some((why, _)) = bad_folder(what, name) {
                return Err(bad(why));
            }
        }
        let name = EventName { registry: e.registry, event: e.r#type };
        digest(&e.sha256, &format!("{}@{version}", name.event)).map_err(&bad)?;
        let twice = format!("`{}` {version} is listed twice with different text", name.event);
        let key: Key = (name, version);
        if let Some(lost) = e.refers.iter().find(|at| !lock.shared.contains_key(*at)) {
            return Err(bad(format!("`{lost}` is referred to, but has no `[[shared]]` entry")));
        }
        let refers: BTreeSet<String> = e.refers.into_iter().collect();
        // both sides of a merge may have listed it
        let differs = lock.entries.get(&key).is_some_and(|before| {
            *before != e.sha256 || *lock.refers.get(&key).unwrap_or(&BTreeSet::new()) != refers
        });
        if differs {
            let way = "two branches locked different texts: keep the entry that is published, save the other text as the next version, and run `cargo event lock`";
            return Err(bad_lock(twice, way));
        }
        if !refers.is_empty() {
            lock.refers.insert(key.clone(), refers);
        }
        let places = e.origin.map(OneOrMore::into_vec).unwrap_or_default();
        origins.extend(places.into_iter().map(|origin| (key.clone(), origin)));
        lock.entries.insert(key, e.sha256);
    }
    lock.origins = origins.into_iter().collect();
    if let Some(doubled) = lock.origins.doubled() {
        let way = "remove the `origin` lines of that registry: the next `cargo event pull` or `push` finds the versions again";
        return Err(bad_lock(doubled, way));
    }
    Ok(lock)
}

/// Checks that `at` is `path/of/a/file.json#pointer` below the schema folder: the file will be read.
fn place(at: &str) -> Result<(), String> {
    let (file, _) = at.split_once('#').unwrap_or((at, ""));
    let below = Path::new(file).components().all(|c| matches!(c, Component::Normal(_)));
    let plain = !file.is_empty() && !at.contains(char::is_control);
    if below && plain {
        return Ok(());
    }
    Err(format!("`{at}` is not a definition in a file of the schema folder"))
}

/// Checks that a text is a sha256 in lower case.
fn digest(sha256: &str, of: &str) -> Result<(), String> {
    let hex = |b: u8| b.is_ascii_digit() || matches!(b, b'a'..=b'f');
    if sha256.len() == 64 && sha256.bytes().all(hex) {
        return Ok(());
    }
    Err(format!("`{sha256}` of `{of}` is not a sha256: expected 64 hexadecimal digits"))
}

pub(super) fn print(lock: &Lock) -> String {
    let quote = |s: &str| toml::Value::String(s.to_owned()).to_string();
    let mut out = String::from(
        "# Written by `cargo event lock`: the versions that are published and never change again.\n",
    );
    let _ = writeln!(out, "version = {FORMAT}");
    for (key @ (name, version), sha256) in &lock.entries {
        let _ = write!(
            out,
            "\n[[schema]]\nregistry = {}\ntype = {}\nversion = \"{version}\"\nsha256 = \"{sha256}\"\n",
            quote(&name.registry),
            quote(&name.event),
        );
        if let Some(refers) = lock.refers.get(key) {
            let _ = writeln!(out, "refers = [");
            for at in refers {
                let _ = writeln!(out, "  {},", quote(at));
            }
            let _ = writeln!(out, "]");
        }
        out += &origin::print(lock.origins.of(key));
    }
    let used: BTreeMap<&String, &String> = lock
        .refers
        .iter()
        .filter(|(key, _)| lock.entries.contains_key(*key))
        .flat_map(|(_, all)| all)
        .filter_map(|at| lock.shared.get_key_value(at))
        .collect();
    for (at, sha256) in used {
        let _ = write!(out, "\n[[shared]]\nat = {}\nsha256 = \"{sha256}\"\n", quote(at));
    }
    out
}
