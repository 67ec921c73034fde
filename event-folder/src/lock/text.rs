//! The lock's text, both ways.

use std::collections::BTreeMap;
use std::fmt::Write;

use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use serde::Deserialize;

use super::origin::{self, OneOrMore};
use super::{Key, Lock};
use crate::load::{EventName, NotAVersion};
use crate::problem::{error, help, merge_conflict};

/// What is written. Format 1 had no `refers` and no `[[shared]]`.
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
                "remove the three marker lines of each conflict and keep the entries of both sides: a lock only grows; then `cargo event lock`",
            ],
        )));
    }
    let bad = |message: String| {
        Box::new(help(
            error(&rules::BAD_LOCK, shown, message),
            &[
                "`cargo event lock` writes the file, and nobody needs to edit it; its last good text is in version control",
            ],
        ))
    };
    let file: File = toml::from_str(text).map_err(|e| {
        let line = e.span().map_or(1, |s| text[..s.start].matches('\n').count() + 1);
        bad(format!("line {line}: {}", e.message()))
    })?;
    if !(1..=FORMAT).contains(&file.version) {
        return Err(bad(format!(
            "the lock has format {}; this version reads the formats 1 to {FORMAT}",
            file.version
        )));
    }
    let mut lock = Lock { old_format: file.version < FORMAT, ..Lock::default() };
    for shared in file.shared {
        let said = format!("`{}` is listed twice, with different text", shared.at);
        let before = lock.shared.insert(shared.at, shared.sha256.clone());
        // both sides of a merge may have listed it
        if before.is_some_and(|before| before != shared.sha256) {
            return Err(bad(said));
        }
    }
    let mut origins = Vec::new();
    for e in file.schema {
        let version = e.version.parse().map_err(|e: NotAVersion| bad(e.to_string()))?;
        let name = EventName { registry: e.registry, event: e.r#type };
        let said = format!("`{}` {version} is listed twice", name.event);
        let key: Key = (name, version);
        if let Some(lost) = e.refers.iter().find(|at| !lock.shared.contains_key(*at)) {
            return Err(bad(format!("`{lost}` is referred to and has no `[[shared]]` entry")));
        }
        if !e.refers.is_empty() {
            lock.refers.insert(key.clone(), e.refers.into_iter().collect());
        }
        let places = e.origin.map(OneOrMore::into_vec).unwrap_or_default();
        origins.extend(places.into_iter().map(|origin| (key.clone(), origin)));
        if lock.entries.insert(key, e.sha256).is_some() {
            return Err(bad(said));
        }
    }
    lock.origins = origins.into_iter().collect();
    if let Some(doubled) = lock.origins.doubled() {
        let way = "remove the `origin` lines of that registry: the next `cargo event pull` or `push` finds where the versions are";
        return Err(Box::new(help(error(&rules::BAD_LOCK, shown, doubled), &[way])));
    }
    Ok(lock)
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
