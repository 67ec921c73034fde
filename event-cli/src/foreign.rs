//! Schema documents from outside the layout: what each says about its event, version and registry, and which of them
//! only hold definitions that others refer to.

mod answer;
mod layout;
mod names;
mod references;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_folder::name::to_folder;
use event_folder::problem::not_a_document;
use event_registry::name::stated;
use event_schema::diagnostic::Diagnostic;
use event_schema::document::{Document, Json};
use event_schema::read;
use event_schema::rules;

use self::answer::Answer;
pub(crate) use self::layout::Layout;
pub(crate) use self::names::{Evidence, Number};
pub(crate) use self::references::Library;
pub(crate) use self::walk::{Found, files, samples};
use crate::input::Input;

/// A document.
#[derive(Debug, Clone)]
pub(crate) struct Foreign {
    /// The file, as diagnostics call it.
    pub(crate) shown: String,
    /// The file.
    pub(crate) path: PathBuf,
    /// The file's path below what was given, parts in order.
    pub(crate) below: Vec<String>,
    /// The schema's text: of an answer of AWS, its content.
    pub(crate) text: Arc<str>,
    /// The text with places.
    pub(crate) document: Arc<Document>,
    /// What names it, strongest first.
    pub(crate) names: Vec<(Evidence, String)>,
    /// The registry, where it is said.
    pub(crate) registry: Option<String>,
    /// The version, where it is said, and by what.
    pub(crate) number: Option<(Evidence, Number)>,
    /// The major that the detail-type or the registry's name says.
    pub(crate) major: Option<u32>,
    /// The document's place without its version: files of one place are versions of one event.
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
            let message = format!("`{version}` is not a version that an event can have");
            let d = Diagnostic::error(&rules::BAD_FILE_NAME, shown.as_str().into(), message);
            return Err(Box::new(d.with_help(
                "versions are numbers such as `1`, `1.2`, `1.2.0` or `1-2-0`: rename the file, or leave it out",
            )));
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

    /// A document that was made of samples.
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

    /// Whether it says what an event is, beside definitions for others.
    pub(crate) fn describes(&self) -> bool {
        // what is none of these may be a slip of what describes an event
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

    /// Whether it only lists other documents: `oneOf` of references, in a file whose name says no event.
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

    /// Whether it lies in a folder that is called after what others share.
    pub(crate) fn is_common(&self) -> bool {
        const COMMON: [&str; 7] =
            ["common", "commons", "shared", "_shared", "lib", "partials", "fragments"];
        let folders = self.below.split_last().map_or(&[][..], |(_, folders)| folders);
        folders.iter().any(|f| COMMON.contains(&f.to_ascii_lowercase().as_str()))
    }

    /// Its name where it stands for itself: what it claims, else the file's.
    pub(crate) fn name(&self) -> String {
        let own = self.names.first().filter(|_| self.claims()).or(self.names.last());
        own.map_or_else(|| self.place.clone(), |(_, name)| name.clone())
    }

    /// The major, wherever it is said.
    pub(crate) fn stated_major(&self) -> Option<u32> {
        self.major.or(match self.number? {
            (_, Number::Major(major) | Number::Full(major, ..)) => Some(major),
            (_, Number::Ours(version)) => Some(version.major),
            (_, Number::Count(_)) => None,
        })
    }

    /// Whether the document itself claims to be an event, whoever refers to it.
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

/// What each document is called: the strongest evidence that is its own. A title or `$id` that documents of other
/// places have too names none of them.
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

/// What the only event of an `OpenAPI` document is called there.
fn only_component(document: &Document) -> Option<String> {
    document.root.get("openapi")?;
    let mut events = read::events(document).ok()?;
    let event = events.pop().filter(|_| events.is_empty())?;
    Some(event.name).filter(|name| !name.is_empty())
}

/// The folder of a name. What a registry or a detail-type says may be any text, and is spelled as a folder can be; a name
/// that people or paths give is one as it stands.
pub(crate) fn folder(
    text: &str,
    named: Option<Evidence>,
    shown: &str,
) -> Result<String, Box<Diagnostic>> {
    let given = matches!(named, Some(Evidence::Option | Evidence::Layout));
    let control = given || named == Some(Evidence::Path);
    let bad = |c: char| (control && c.is_control()) || (given && matches!(c, '/' | '\\'));
    let plain = match text.chars().find(|c| bad(*c)) {
        Some(c) if c.is_control() => Err("it holds a control character".to_owned()),
        Some(c) => Err(format!("it holds `{c}`")),
        // words of a file's name, such as `order placed`
        None if text.trim().contains(' ') => {
            let capital = text.contains(|c: char| c.is_ascii_uppercase());
            let words: Vec<&str> = text.split_whitespace().collect();
            to_folder(&words.join(if capital { "" } else { "." })).map_err(|e| e.to_string())
        }
        None => to_folder(text).map_err(|e| e.to_string()).and_then(|folder| {
            // who names it means the name as it stands
            let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
            let plain =
                text.chars().all(sign) && text.contains(|c: char| c.is_ascii_alphanumeric());
            (plain || named != Some(Evidence::Option))
                .then_some(folder)
                .ok_or_else(|| "letters, digits, `.`, `-`, `_` and `@` are allowed".to_owned())
        }),
    };
    plain.map_err(|why| {
        let brief: String = text.chars().take(60).collect();
        let more = if brief.len() < text.len() { "…" } else { "" };
        let brief = brief.escape_default();
        let message = format!("`{brief}{more}` cannot be the name of a folder: {why}");
        let d = Diagnostic::error(&rules::BAD_EVENT_NAME, shown.into(), message);
        Box::new(d.with_help("name it: `--name NAME`, or `--layout PATTERN`"))
    })
}

/// A path as people write it.
pub(crate) fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
