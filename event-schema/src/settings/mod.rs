//! The settings of a schema folder: what its `event.toml` says about the events in it (feature `settings`).
//!
//! Text in, values out. Everyone who reads a schema folder reads them here: the build, the command, and the tests
//! that compare a struct with its schema. Names of Rust types and paths are texts; whether Rust reads them is the
//! question of who generates Rust.

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

/// A text, and where the file has it.
pub type Stated = (String, Place);

/// A derive that generated types have where it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Derive {
    /// `Eq`: where no part is a float.
    Eq,
    /// `Hash`: where no part is a float.
    Hash,
    /// `Default`: where no required part is an enum, or a string of a format.
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

/// What a generated type does with fields that its schema does not declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Undeclared {
    /// It ignores them: reading and writing an event loses them.
    Ignore,
    /// It keeps them in a map, `extra`, and writes them back.
    Keep,
}

/// What the file says.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Settings {
    /// Path of the runtime crate in generated code.
    pub runtime: Option<Stated>,
    /// The Rust type of numbers that need not be whole.
    pub number: Option<Stated>,
    /// Further derives of generated types.
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
    /// How readers read: what a break is.
    pub terms: Terms,
    /// What schemas describe, by registry or `registry/event`.
    pub layers: BTreeMap<String, (Layer, Place)>,
}

impl Settings {
    /// Reads the text of the file that diagnostics show as `shown`. What could be read is returned beside the
    /// problems: every unknown key and every value that its key cannot have.
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

    /// What the schemas of an event describe, where the file says so: for the event, else for its registry.
    pub fn layer(&self, registry: &str, event: &str) -> Option<Layer> {
        let own = self.layers.get(&format!("{registry}/{event}"));
        own.or_else(|| self.layers.get(registry)).map(|(layer, _)| *layer)
    }
}
