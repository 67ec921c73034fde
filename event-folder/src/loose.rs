//! Judges the files beside the schemas: what schemas refer to belongs there, a schema that is never read does not.

use std::path::{Path, PathBuf};

use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::document::{Document, Json};
use event_shape::near::distance;

use crate::load::{Folder, Version, read_text};
use crate::name;
use crate::problem::{self, help, not_a_document};
use crate::refers::Files;

/// A file directly in the schema folder or in a registry's folder.
#[derive(Debug, Clone)]
pub struct Loose {
    /// The registry whose folder it is in, or empty.
    pub below: String,
    /// The file's name.
    pub file: String,
    /// The path as diagnostics show it.
    pub shown: String,
    /// The path.
    pub path: PathBuf,
}

/// Extensions of files that may be schemas of another kind.
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

/// Returns what a file is by its extension, if that is a known one other than JSON.
pub(crate) fn other_kind(file: &str) -> Option<&'static str> {
    let (_, ending) = file.rsplit_once('.')?;
    OTHER_KINDS.iter().find(|(e, _)| ending.eq_ignore_ascii_case(e)).map(|(_, kind)| *kind)
}

/// Returns the diagnostics about files beside the schemas. `files` must have resolved the references of all schemas.
pub fn judge(folder: &Folder, files: &Files<'_>) -> Vec<Diagnostic> {
    folder.loose.iter().filter_map(|loose| one(folder, loose, files)).collect()
}

fn one(folder: &Folder, loose: &Loose, files: &Files<'_>) -> Option<Diagnostic> {
    let Loose { below, file, shown, path } = loose;
    if let Some(kind) = other_kind(file) {
        let message = format!("`{file}` is {kind} and is not read: expected JSON");
        let mut d = problem::bad_file_name(shown, message);
        d.severity = Severity::Warning;
        return Some(help(
            d,
            &[
                "convert it to JSON, move it out of the schema folder, or prefix its name with `_` to skip it",
            ],
        ));
    }
    let (lock, settings) = (crate::lock::FILE, crate::CONFIG_FILE);
    let not_read = |what: &str, own: &str| {
        let message = format!("`{file}` is not read: {what} `{own}`");
        let way = format!("rename it to `{}/{own}`, or remove it", folder.shown);
        Some(help(problem::bad_file_name(shown, message), &[&way]))
    };
    if Path::new(file).extension().is_some_and(|e| e.eq_ignore_ascii_case("toml")) {
        return not_read("the settings are in", settings);
    }
    let near = |name: &str| file.strip_suffix(".json").is_none() && distance(name, file) <= 2;
    if below.is_empty() && near(lock) {
        return not_read("the lock is", lock);
    }
    if below.is_empty() && near(settings) {
        return not_read("the settings are in", settings);
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
            "`{file}` is a schema in the wrong place and is not read: expected `<registry>/<type>/<major>.<minor>.json`"
        );
        let way = format!("move it: `mv {shown} {place}`");
        return Some(help(problem::bad_file_name(shown, message), &[&way]));
    }
    let message = format!("no schema refers to `{file}`");
    let mut d = problem::bad_file_name(shown, message);
    d.severity = Severity::Warning;
    Some(help(d, &["refer to its definitions from a schema, or remove it"]))
}

/// Returns whether a document describes an event rather than only definitions.
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

/// Returns why a name cannot be the name of a folder, and the way out.
pub(crate) fn bad_folder(what: &str, name: &str) -> Option<(String, String)> {
    if name.len() > name::MAX_FOLDER {
        let brief: String = name.chars().take(40).collect();
        let message = format!(
            "`{brief}…` cannot be the folder of {what}: the name has {} bytes, expected at most {}",
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
        Some(' ') => "contains a space".to_owned(),
        Some(c) => format!("contains `{c}`"),
        None if name.is_empty() => "is empty".to_owned(),
        None => "is reserved".to_owned(),
    };
    let message = format!("`{name}` cannot be the folder of {what}: the name {holds}");
    let way = match major {
        Some(major) => format!(
            "the major belongs in the names of the files: rename the folder to `{plain}`, and its files to `{major}.0.json`, `{major}.1.json` and so on"
        ),
        None => format!(
            "use letters, digits, `.`, `-`, `_` and `@`: rename it to `{plain}`, and keep the spelling on the bus as `x-amazon-events-detail-type` in the schema"
        ),
    };
    Some((message, way))
}

/// Returns a valid name of a folder, from one without invalid characters.
fn usable(plain: &str) -> String {
    let words: Vec<&str> = plain.split('.').filter(|word| !word.is_empty()).collect();
    let name = words.join(".");
    let name = name.trim_start_matches('_');
    match name::to_folder(name) {
        Ok(folder) if folder == name => folder,
        // a reserved name
        _ => format!("event.{name}").trim_end_matches('.').to_owned(),
    }
}

/// Returns whether a file is the lock or the settings.
pub(crate) fn is_ours(file: &str) -> bool {
    file == crate::lock::FILE || file == crate::CONFIG_FILE
}

/// Returns the canonical spelling of a path, for comparison.
pub(crate) fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
