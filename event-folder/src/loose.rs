//! Files beside the schemas: what other schemas refer to belongs there; a schema that nobody reads does not.

use std::path::{Path, PathBuf};

use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::document::{Document, Json};
use event_schema::rules;
use event_shape::near::distance;

use crate::load::{Folder, Version, read_text};
use crate::name;
use crate::problem::{self, error, help, not_a_document};
use crate::refers::Files;

/// A file that lies directly in the schema folder or in a registry's folder.
#[derive(Debug, Clone)]
pub struct Loose {
    /// The folder that it is in, below the schema folder: empty, or a registry.
    pub below: String,
    /// Its name.
    pub file: String,
    /// The path as diagnostics show it.
    pub shown: String,
    /// The path.
    pub path: PathBuf,
}

/// Endings of files that may be schemas of another kind.
const OTHER_KINDS: [(&str, &str); 9] = [
    ("yaml", "YAML"),
    ("yml", "YAML"),
    ("avsc", "an Avro schema"),
    ("avdl", "an Avro schema"),
    ("proto", "a Protobuf schema"),
    ("xsd", "an XML schema"),
    ("jsonc", "JSON with comments"),
    ("json5", "JSON5"),
    ("xml", "XML"),
];

/// What a file is by its ending, where it is not JSON.
pub(crate) fn other_kind(file: &str) -> Option<&'static str> {
    let (_, ending) = file.rsplit_once('.')?;
    OTHER_KINDS.iter().find(|(e, _)| ending.eq_ignore_ascii_case(e)).map(|(_, kind)| *kind)
}

/// What is to be said of the files beside the schemas; `files` knows those that schemas refer to.
pub fn judge(folder: &Folder, files: &Files<'_>) -> Vec<Diagnostic> {
    folder.loose.iter().filter_map(|loose| one(folder, loose, files)).collect()
}

fn one(folder: &Folder, loose: &Loose, files: &Files<'_>) -> Option<Diagnostic> {
    let Loose { below, file, shown, path } = loose;
    if let Some(kind) = other_kind(file) {
        let message = format!("`{file}` is {kind}, which is not read: schemas are JSON");
        let mut d = error(&rules::BAD_FILE_NAME, shown, message);
        d.severity = Severity::Warning;
        return Some(help(
            d,
            &[
                "convert it to JSON, or move it out of the schema folder; a name that begins with `_` is passed over",
            ],
        ));
    }
    if Path::new(file).extension().is_some_and(|e| e.eq_ignore_ascii_case("toml")) {
        let message = format!("`{file}` is not read: the settings are in `{}`", crate::CONFIG_FILE);
        return Some(help(
            error(&rules::BAD_FILE_NAME, shown, message),
            &[&format!("rename it to `{}/{}`, or remove it", folder.shown, crate::CONFIG_FILE)],
        ));
    }
    let lock = crate::lock::FILE;
    let near = |name: &str| file.strip_suffix(".json").is_none() && distance(name, file) <= 2;
    if below.is_empty() && (near(lock) || near(crate::CONFIG_FILE)) {
        let (own, what) = if near(lock) {
            (lock, "the lock is")
        } else {
            (crate::CONFIG_FILE, "the settings are in")
        };
        let message = format!("`{file}` is not read: {what} `{own}`");
        return Some(help(
            error(&rules::BAD_FILE_NAME, shown, message),
            &[&format!("rename it to `{}/{own}`, or remove it", folder.shown)],
        ));
    }
    let stem = file.strip_suffix(".json")?;
    if files.is_read(path) {
        return None;
    }
    let version = stem.parse::<Version>().is_ok();
    let registry = if below.is_empty() { "<registry>" } else { below };
    let document =
        match read_text(path).map(|text| (Document::parse(shown.as_str(), text.as_str()), text)) {
            Ok((Ok(document), _)) => document,
            Ok((Err(e), text)) => return Some(not_a_document(shown, &text, e)),
            Err(why) => return Some(problem::unreadable(shown, why)),
        };
    if version || describes_an_event(&document.root) {
        let place = match (version, below.is_empty()) {
            // `schemas/order.placed/1.0.json`
            (true, false) => format!("{}/<registry>/{below}/{file}", folder.shown),
            (true, true) => format!("{}/<registry>/<type>/{file}", folder.shown),
            (false, _) => format!("{}/{registry}/{}/1.0.json", folder.shown, event_of(stem)),
        };
        let message = format!(
            "`{file}` is a schema in the wrong place: no schema refers to it, and nothing reads it"
        );
        return Some(help(
            error(&rules::BAD_FILE_NAME, shown, message),
            &[&format!(
                "an event's schema lies at `<registry>/<type>/<major>.<minor>.json`: `mv {shown} {place}`"
            )],
        ));
    }
    let message = format!("no schema refers to `{file}`");
    let mut d = error(&rules::BAD_FILE_NAME, shown, message);
    d.severity = Severity::Warning;
    Some(help(d, &["refer to its definitions from a schema, or remove it"]))
}

/// Whether a document says what an instance is, beside definitions.
fn describes_an_event(root: &Json) -> bool {
    let says =
        ["properties", "allOf", "oneOf", "anyOf", "openapi", "required", "patternProperties"];
    root.members()
        .iter()
        .any(|m| says.contains(&m.key.as_str()) || m.key.starts_with("x-amazon-event"))
}

fn event_of(stem: &str) -> &str {
    let stem = stem.strip_suffix(".schema").unwrap_or(stem);
    stem.split(['@', ':']).next().unwrap_or(stem)
}

/// Why a name cannot be a folder's, and what to call it.
pub(crate) fn bad_folder(what: &str, name: &str) -> Option<(String, String)> {
    if name.len() > name::MAX_FOLDER {
        let brief: String = name.chars().take(40).collect();
        let message = format!(
            "`{brief}…` cannot be the folder of {what}: the name has {} bytes, and at most {} are allowed",
            name.len(),
            name::MAX_FOLDER
        );
        return Some((message, "give the folder a shorter name".to_owned()));
    }
    let canonical = name::to_folder(&name::from_folder(name)).ok();
    if canonical.as_deref() == Some(name) {
        return None;
    }
    let (event, major) = name
        .rsplit_once(':')
        .filter(|(_, v)| v.strip_prefix('v').is_some_and(|n| n.parse::<u32>().is_ok()))
        .map_or((name, None), |(event, v)| (event, v.strip_prefix('v')));
    let plain: String =
        event
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@') {
                    c
                } else {
                    '.'
                }
            })
            .collect();
    let plain = usable(&plain);
    let held =
        name.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@')));
    let holds = match held {
        Some(' ') => "holds a space".to_owned(),
        Some(c) => format!("holds `{c}`"),
        None if name.is_empty() => "is empty".to_owned(),
        None => "is a name that systems keep for themselves".to_owned(),
    };
    let message = format!("`{name}` cannot be the folder of {what}: the name {holds}");
    let way = match major {
        Some(major) => format!(
            "the major is in the file's name: call the folder `{plain}`, and its files `{major}.0.json`, `{major}.1.json` and so on"
        ),
        None => format!(
            "letters, digits, `.`, `-`, `_` and `@` are allowed: call it `{plain}`, and keep the spelling on the bus as `x-amazon-events-detail-type` in the schema"
        ),
    };
    Some((message, way))
}

/// A name that a folder can have, for one that it cannot.
fn usable(plain: &str) -> String {
    let words: Vec<&str> = plain.split('.').filter(|word| !word.is_empty()).collect();
    let name = words.join(".");
    let name = name.trim_start_matches('_');
    match name::to_folder(name) {
        Ok(folder) if folder == name => folder,
        // a name that systems keep for themselves
        _ => format!("event.{name}").trim_end_matches('.').to_owned(),
    }
}

/// Whether a path is one of the folder's own files.
pub(crate) fn is_ours(file: &str) -> bool {
    file == crate::lock::FILE || file == crate::CONFIG_FILE
}

/// The canonical spelling of a path, for comparison.
pub(crate) fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
