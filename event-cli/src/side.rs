//! Reads one side of a comparison: a file, standard input, or a version of the schema folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_codegen::Config;
use event_folder::load::{EventName, Version};
use event_folder::problem::{no_event, not_a_document};
use event_schema::compat::Terms;
use event_schema::diagnostic::Diagnostic;
use event_schema::document::Document;
use event_schema::read::{self, EventSchema, Layer};

use crate::event::Wanted;
use crate::input::{Input, SHOWN_STDIN, STDIN};
use crate::schemas::Folder;
use crate::sources::Sources;

/// One side of a comparison.
#[derive(Debug)]
pub(crate) struct Side {
    /// The name of the version in diagnostics: `2.1`, or the file.
    pub(crate) label: String,
    /// The events that it describes.
    pub(crate) events: Vec<EventSchema>,
    /// The terms of the schema folder.
    pub(crate) terms: Option<Terms>,
    /// The layer that its schemas describe, if it is stated.
    layer: Option<Layer>,
}

/// A side before its events are read: a version of the folder, or a parsed text.
pub(crate) enum Given {
    Locked(Box<Side>),
    File(Box<File>),
}

/// A document beside or outside of a schema folder.
pub(crate) struct File {
    label: String,
    document: Document,
    /// The path, or `None` for standard input.
    near: Option<PathBuf>,
    settings: Option<Settings>,
}

impl Given {
    /// Opens `FILE`, `-` or `TYPE@VERSION`. Adds the texts to `sources`, to draw diagnostics.
    pub(crate) fn open(
        text: &str,
        folder: &Folder,
        sources: &mut Sources,
    ) -> Result<Given, Vec<Diagnostic>> {
        if text.contains('@') && !Path::new(text).exists() {
            return Side::locked(text, folder, sources).map(|side| Given::Locked(Box::new(side)));
        }
        // standard input can be read only once
        let before = (text == STDIN).then(|| sources.get(SHOWN_STDIN)).flatten();
        let (shown, content) = match before {
            Some(content) => (SHOWN_STDIN.to_owned(), content),
            None => open(text).map_err(|d| vec![*d])?,
        };
        sources.insert(&shown, content.clone());
        let document = Document::parse(shown.as_str(), content.clone());
        let document = document.map_err(|e| vec![not_a_document(&shown, &content, e)])?;
        let near = (text != STDIN).then(|| PathBuf::from(text));
        let settings = near.as_deref().and_then(Settings::around).transpose()?;
        let stem = Path::new(text).file_stem().map(|s| s.to_string_lossy().into_owned());
        let label = stem.filter(|_| near.is_some()).unwrap_or(shown);
        Ok(Given::File(Box::new(File { label, document, near, settings })))
    }

    /// Returns the layer that its schemas describe, if the schema folder states it.
    pub(crate) fn layer(&self) -> Option<Layer> {
        match self {
            Given::Locked(side) => side.layer,
            Given::File(file) => file.settings.as_ref().and_then(|s| s.config.layer(&s.name)),
        }
    }

    /// Reads its events in the layer `asked`, else in that of the schema folder, else in `known` of the other side.
    pub(crate) fn read(
        self,
        asked: Option<Layer>,
        known: Option<Layer>,
    ) -> Result<Side, Vec<Diagnostic>> {
        let layer = asked.or(self.layer()).or(known);
        let file = match self {
            Given::Locked(side) => return Ok(*side),
            Given::File(file) => *file,
        };
        let near = file.near.as_deref();
        let files = |reference: &str| near.and_then(|near| beside(near, reference));
        let events = read::events_as(&file.document, layer, &files)?;
        if events.is_empty() {
            return Err(vec![no_event(&file.document.file)]);
        }
        let terms = file.settings.map(|s| s.config.terms());
        Ok(Side { label: file.label, events, terms, layer })
    }
}

impl Side {
    fn locked(text: &str, folder: &Folder, sources: &mut Sources) -> Result<Side, Vec<Diagnostic>> {
        let project = folder.open().map_err(|d| vec![*d])?;
        sources.add_project(&project);
        let wanted = Wanted::find(text, &project)?;
        let member = wanted.version();
        Ok(Side {
            label: member.map_or_else(|| text.to_owned(), |m| m.version.to_string()),
            events: member.map(|m| m.event.clone()).into_iter().collect(),
            terms: Some(project.config.terms()),
            layer: member.and_then(|m| project.config.layer(&m.file.name)),
        })
    }
}

/// Returns the name and the text of a file or of standard input.
fn open(text: &str) -> Result<(String, Arc<str>), Box<Diagnostic>> {
    let path = Path::new(text);
    let mut input = Input::open(path).map_err(|d| {
        if path.is_dir() {
            return Box::new(d.with_help(
                "to compare schema folders: `cargo event check --schemas NEW --against OLD`; or with a revision: `--against git:REV`",
            ));
        }
        if text.contains(':') {
            return Box::new(d.with_help(
                "to read a file of a revision, use standard input: `git show REV:./FILE | cargo event diff - FILE`",
            ));
        }
        if path.exists() || path.extension().is_some_and(|e| e == "json") {
            return d;
        }
        Box::new(d.with_help("name a version of the schema folder as TYPE@VERSION, such as `order.placed@1.0`"))
    })?;
    let content = input.text()?;
    Ok((input.shown, content.into()))
}

/// The settings for a file in a schema folder.
struct Settings {
    name: EventName,
    config: Config,
}

impl Settings {
    /// Returns the settings for a file at `<registry>/<type>/<major>.<minor>.json`, if the folder has any.
    fn around(file: &Path) -> Option<Result<Settings, Vec<Diagnostic>>> {
        let file = file.canonicalize().ok()?;
        file.file_stem()?.to_str()?.parse::<Version>().ok()?;
        let event = file.parent()?;
        let registry = event.parent()?;
        let root = registry.parent()?;
        if !root.join(event_folder::CONFIG_FILE).is_file() {
            return None;
        }
        let text = |dir: &Path| Some(dir.file_name()?.to_str()?.to_owned());
        let name = EventName { registry: text(registry)?, event: text(event)? };
        Some(Config::default().with_file(root).map(|config| Settings { name, config }))
    }
}

/// Reads a file that a schema refers to: below the folder of the schema, or below the schema folder around it (the one
/// with a lock). An untrusted schema can read no other file on this machine.
fn beside(file: &Path, reference: &str) -> Option<Arc<Document>> {
    let file = file.canonicalize().ok()?;
    let here = file.parent()?;
    let locked = here.ancestors().find(|a| a.join(event_folder::lock::FILE).is_file());
    let path: PathBuf = here.join(reference).canonicalize().ok()?;
    if !path.starts_with(locked.unwrap_or(here)) {
        return None;
    }
    let text = Input::open(&path).ok()?.text().ok()?;
    Document::parse(path.to_string_lossy().as_ref(), text).ok().map(Arc::new)
}
