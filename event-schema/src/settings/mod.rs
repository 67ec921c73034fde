//! The settings of a schema folder, from its `event.toml` (feature `settings`).
//!
//! All readers of a schema folder use this module: the build, the command, and the tests that compare a
//! struct with its schema. Names of Rust types and paths are plain texts; code that generates Rust checks
//! whether they are valid.

mod near;
mod read;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::rules;

pub use self::near::did_you_mean;
use crate::compat::Terms;
use crate::diagnostic::Diagnostic;
use crate::document::{Pos, Span};
use crate::read::Layer;

/// The file's name, in the schema folder.
pub const FILE: &str = "event.toml";

/// A place in the file.
#[derive(Debug, Clone)]
pub struct Place {
    file: Arc<str>,
    span: Span,
    pos: Pos,
}

impl Place {
    /// The diagnostic `bad-config` at this place.
    pub fn wrong(&self, message: String) -> Diagnostic {
        let mut d = Diagnostic::error(&rules::BAD_CONFIG, self.file.clone(), message);
        (d.pos, d.span) = (Some(self.pos), Some(self.span));
        d
    }
}

/// A text and its place in the file.
pub type Stated = (String, Place);

/// A derive for generated types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Derive {
    /// `Eq`: for types without floats.
    Eq,
    /// `Hash`: for types without floats.
    Hash,
    /// `Default`: for types whose required parts are neither enums nor strings with a format.
    Default,
}

impl Derive {
    /// The derive's name.
    pub fn name(self) -> &'static str {
        match self {
            Derive::Eq => "Eq",
            Derive::Hash => "Hash",
            Derive::Default => "Default",
        }
    }
}

/// What a generated type does with undeclared fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Undeclared {
    /// It ignores them: reading and writing an event loses them.
    Ignore,
    /// It keeps them in a map, `extra`, and writes them back.
    Keep,
}

/// The settings of a file.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Settings {
    /// The path of the runtime crate in generated code.
    pub runtime: Option<Stated>,
    /// The Rust type of numbers that may have a fraction.
    pub number: Option<Stated>,
    /// Additional derives of generated types.
    pub derives: Vec<Derive>,
    /// The registry whose events have the short paths.
    pub home: Option<Stated>,
    /// What types do with undeclared fields.
    pub undeclared: Option<Undeclared>,
    /// Registries and events that are read tolerantly.
    pub tolerant: Vec<Stated>,
    /// EventBridge's `source` by registry.
    pub sources: BTreeMap<String, Stated>,
    /// Rust types by string format.
    pub formats: BTreeMap<String, (Stated, Place)>,
    /// How strictly readers read, which determines what a break is.
    pub terms: Terms,
    /// The layer that schemas describe, by registry or `registry/event`.
    pub layers: BTreeMap<String, (Layer, Place)>,
}

impl Settings {
    /// Parses the text of the file that diagnostics show as `shown`. Returns the settings that could be
    /// read, and the problems: every unknown key and every invalid value.
    ///
    /// ```
    /// use event_schema::read::Layer;
    /// use event_schema::settings::Settings;
    ///
    /// let (settings, problems) = Settings::read("layer.shop = \"payload\"\nnumbr = \"f64\"", "schemas/event.toml");
    /// assert_eq!(settings.layer("shop", "order.placed"), Some(Layer::Payload));
    /// assert_eq!(problems[0].headline(), "[bad-config] schemas/event.toml:2:1: unknown key `numbr`");
    /// assert_eq!(problems[0].help, ["did you mean `number`?"]);
    /// ```
    pub fn read(text: &str, shown: &str) -> (Settings, Vec<Diagnostic>) {
        read::read(text, shown)
    }

    /// The layer that the schemas of an event describe, if the file states it for the event or for its
    /// registry.
    pub fn layer(&self, registry: &str, event: &str) -> Option<Layer> {
        let own = self.layers.get(&format!("{registry}/{event}"));
        own.or_else(|| self.layers.get(registry)).map(|(layer, _)| *layer)
    }
}
