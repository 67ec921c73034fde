//! Reads schema documents in other layouts: what each states about its event, version and registry, and which of them
//! only have definitions that others refer to.

mod answer;
mod layout;
mod names;
mod parts;
mod paths;
mod references;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_folder::name::to_folder;
use event_folder::problem::{self, not_a_document};
use event_registry::name::stated;
use event_schema::diagnostic::Diagnostic;
use event_schema::document::{Document, Json};
use event_schema::read;

use self::answer::Answer;
pub(crate) use self::layout::Layout;
pub(crate) use self::names::{Evidence, Number};
pub(crate) use self::references::Library;
pub(crate) use self::walk::{Found, files, samples};
use crate::input::Input;

/// A document in another layout.
#[derive(Debug, Clone)]
pub(crate) struct Foreign {
    /// The file as diagnostics show it.
    pub(crate) shown: String,
    /// The file.
    pub(crate) path: PathBuf,
    /// The parts of the file's path below the given folder.
    pub(crate) below: Vec<String>,
    /// The text of the schema; the content of a saved answer of a registry.
    pub(crate) text: Arc<str>,
    /// The parsed text with positions.
    pub(crate) document: Arc<Document>,
    /// Its names, strongest evidence first.
    pub(crate) names: Vec<(Evidence, String)>,
    /// The registry, if it is stated.
    pub(crate) registry: Option<String>,
    /// The version and its evidence, if it is stated.
    pub(crate) number: Option<(Evidence, Number)>,
    /// The major in the detail-type or in the registry's name.
    pub(crate) major: Option<u32>,
    /// The path without the version: files with the same place are versions of one event.
    pub(crate) place: String,
}

impl Foreign {
    /// Reads a file.
    pub(crate) fn read(found: &Found, layout: Option<&Layout>) -> Result<Foreign, Box<Diagnostic>> {
        let mut input = Input::open(&found.path)?;
        let text = input.text()?;
        // some editors write a byte order mark
        let text: Arc<str> = text.strip_prefix('\u{feff}').unwrap_or(&text).into();
        let shown = input.shown;
        let parsed = Document::parse(shown.as_str(), text.clone());
        let mut document = parsed.map_err(|e| Box::new(not_a_document(&shown, &text, e)))?;
        let mut own = names::Named::default();
        if let Some(answer) = Answer::of(&document.root) {
            own.answered(&answer);
            let content = answer.content;
            let parsed = Document::parse(shown.as_str(), content.as_str());
            document = parsed.map_err(|e| Box::new(not_a_document(&shown, &content, e)))?;
        }
        let text = document.text.clone();
        own.document(&document.root, stated(&text));
        own.component(only_component(&document));
        let by_layout = layout.map(|layout| layout.of(&found.below, &shown)).transpose()?;
        let place = own.path(&found.below);
        if let Some(version) = own.unread_version().filter(|_| by_layout.is_none()) {
            let message = format!(
                "invalid version `{version}`: expected numbers such as `1`, `1.2`, `1.2.0` or `1-2-0`"
            );
            let d = problem::bad_file_name(&shown, message);
            return Err(Box::new(d.with_help("rename the file, or leave it out")));
        }
        own.by_layout(by_layout);
        let major = own.major();
        let (names, registry, number) = own.finish();
        Ok(Foreign {
            shown,
            path: found.path.clone(),
            below: found.below.clone(),
            text,
            document: Arc::new(document),
            names,
            registry,
            number,
            major,
            place,
        })
    }

    /// Returns the document that was inferred from samples.
    pub(crate) fn inferred(
        shown: String,
        text: String,
        event: String,
        major: Option<u32>,
    ) -> Result<Foreign, Box<Diagnostic>> {
        let parsed = Document::parse(shown.as_str(), text.as_str());
        let document = parsed.map_err(|e| Box::new(not_a_document(&shown, &text, e)))?;
        Ok(Foreign {
            path: PathBuf::from(&shown),
            below: vec![shown.clone()],
            place: shown.clone(),
            shown,
            text: text.into(),
            document: Arc::new(document),
            names: vec![(Evidence::Sample, event)],
            registry: None,
            number: None,
            major,
        })
    }

    /// Returns whether it describes an event rather than only definitions.
    pub(crate) fn describes(&self) -> bool {
        // any other key may be a misspelled keyword that describes an event
        const ASIDE: [&str; 11] = [
            "$schema",
            "$id",
            "id",
            "title",
            "description",
            "$comment",
            "type",
            "version",
            "self",
            "definitions",
            "$defs",
        ];
        let root = &self.document.root;
        let definitions = root.get("definitions").is_some() || root.get("$defs").is_some();
        !definitions || root.members().iter().any(|m| !ASIDE.contains(&&*m.key))
    }

    /// Returns whether it only lists other documents: `oneOf` of references, in a file that is not named after an
    /// event.
    pub(crate) fn is_list(&self) -> bool {
        const ASIDE: [&str; 6] = ["$schema", "$id", "id", "title", "description", "$comment"];
        const LISTS: [&str; 6] = ["index", "all", "events", "schemas", "schema", "root"];
        let file = self.below.last().map(String::as_str).unwrap_or_default();
        let stem = file.split('.').next().unwrap_or(file);
        let mut says = self.document.root.members().iter().filter(|m| !ASIDE.contains(&&*m.key));
        let (Some(only), None) = (says.next(), says.next()) else { return false };
        let refers = |part: &Json| {
            let reference = part.get("$ref").and_then(Json::as_str);
            reference.is_some_and(|r| !r.starts_with('#') && !r.contains('#'))
        };
        LISTS.contains(&stem)
            && matches!(&*only.key, "oneOf" | "anyOf")
            && only.value.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(refers))
    }

    /// Returns whether it is in a folder with a name for shared definitions.
    pub(crate) fn is_common(&self) -> bool {
        const COMMON: [&str; 7] =
            ["common", "commons", "shared", "_shared", "lib", "partials", "fragments"];
        let folders = self.below.split_last().map_or(&[][..], |(_, folders)| folders);
        folders.iter().any(|f| COMMON.contains(&f.to_ascii_lowercase().as_str()))
    }

    /// Returns its name on its own: what it claims, else the name of the file.
    pub(crate) fn name(&self) -> String {
        let own = self.names.first().filter(|_| self.claims()).or(self.names.last());
        own.map_or_else(|| self.place.clone(), |(_, name)| name.clone())
    }

    /// Returns the major, from any evidence.
    pub(crate) fn stated_major(&self) -> Option<u32> {
        self.major.or(match self.number? {
            (_, Number::Major(major) | Number::Full(major, ..)) => Some(major),
            (_, Number::Ours(version)) => Some(version.major),
            (_, Number::Count(_)) => None,
        })
    }

    /// Returns whether the document itself claims to be an event, even if others refer to it.
    pub(crate) fn claims(&self) -> bool {
        self.names.iter().any(|(e, _)| {
            matches!(
                e,
                Evidence::DetailType
                    | Evidence::SchemaName
                    | Evidence::SelfDescribing
                    | Evidence::Layout
                    | Evidence::Sample
            )
        })
    }
}

/// Names each document by the strongest evidence. A title or `$id` that documents in several places share names none of
/// them.
pub(crate) fn called(documents: &[&Foreign]) -> Vec<(Evidence, String)> {
    let mut places: BTreeMap<(Evidence, &str), BTreeSet<&str>> = BTreeMap::new();
    for document in documents {
        for (evidence, name) in &document.names {
            places.entry((*evidence, name)).or_default().insert(&document.place);
        }
    }
    let own = |document: &&Foreign| {
        let its = document.names.iter().find(|(evidence, name)| {
            let shared = places.get(&(*evidence, name.as_str())).is_some_and(|p| p.len() > 1);
            !(shared && matches!(evidence, Evidence::Title | Evidence::Id))
        });
        its.or(document.names.last()).cloned().unwrap_or((Evidence::Path, document.place.clone()))
    };
    documents.iter().map(own).collect()
}

/// Returns the name of the only event of an `OpenAPI` document.
fn only_component(document: &Document) -> Option<String> {
    document.root.get("openapi")?;
    let mut events = read::events(document).ok()?;
    let event = events.pop().filter(|_| events.is_empty())?;
    Some(event.name).filter(|name| !name.is_empty())
}

/// Returns the folder of a name. A name from a registry or a detail-type may be any text, and is encoded. A name from
/// an option or a path must be valid as it is.
pub(crate) fn folder(
    text: &str,
    named: Option<Evidence>,
    shown: &str,
) -> Result<String, Box<Diagnostic>> {
    let given = matches!(named, Some(Evidence::Option | Evidence::Layout));
    let control = given || named == Some(Evidence::Path);
    let bad = |c: char| (control && c.is_control()) || (given && matches!(c, '/' | '\\'));
    let plain = match text.chars().find(|c| bad(*c)) {
        Some(c) if c.is_control() => Err("it contains a control character".to_owned()),
        Some(c) => Err(format!("it contains `{c}`")),
        // words in the name of a file, such as `order placed`
        None if text.trim().contains(' ') => {
            let capital = text.contains(|c: char| c.is_ascii_uppercase());
            let words: Vec<&str> = text.split_whitespace().collect();
            to_folder(&words.join(if capital { "" } else { "." })).map_err(|e| e.to_string())
        }
        None => to_folder(text).map_err(|e| e.to_string()).and_then(|folder| {
            // a name from an option is never changed
            let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
            let plain =
                text.chars().all(sign) && text.contains(|c: char| c.is_ascii_alphanumeric());
            (plain || named != Some(Evidence::Option))
                .then_some(folder)
                .ok_or_else(|| "expected letters, digits, `.`, `-`, `_` and `@`".to_owned())
        }),
    };
    plain.map_err(|why| {
        let brief: String = text.chars().take(60).collect();
        let more = if brief.len() < text.len() { "…" } else { "" };
        let brief = brief.escape_default();
        let message = format!("`{brief}{more}` cannot be the name of a folder: {why}");
        let d = problem::bad_event_name(shown, message);
        Box::new(d.with_help("give another name: `--name NAME`, or `--layout PATTERN`"))
    })
}

/// Returns a path with `/` between its parts.
pub(crate) fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
