//! `event.toml` in the schema folder: the knobs for all who read the folder, build.rs and command alike.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use event_schema::compat::{Constraints, Null, Policy, Terms};
use event_schema::diagnostic::Diagnostic;
use serde::Deserialize;

use super::{Config, Derive};
use crate::problem::{error, help};

/// The file's name, in the schema folder.
pub const FILE: &str = "event.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    runtime: Option<String>,
    number: Option<String>,
    #[serde(default)]
    derives: BTreeSet<Name>,
    #[serde(default)]
    tolerant: BTreeSet<String>,
    #[serde(default)]
    sources: BTreeMap<String, String>,
    #[serde(default)]
    formats: BTreeMap<String, String>,
    #[serde(default)]
    readers: Readers,
}

/// How the readers of these events read: the same for all who compare the folder's versions, and so no
/// knob of one build.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Readers {
    constraints: Option<ConstraintsAre>,
    null: Option<NullIs>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ConstraintsAre {
    Enforced,
    Documentation,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum NullIs {
    Value,
    Absent,
}

impl From<Readers> for Terms {
    fn from(readers: Readers) -> Terms {
        Terms {
            policy: Policy::Additive,
            constraints: match readers.constraints {
                Some(ConstraintsAre::Documentation) => Constraints::Documentation,
                Some(ConstraintsAre::Enforced) | None => Constraints::Enforced,
            },
            null: match readers.null {
                Some(NullIs::Absent) => Null::Absent,
                Some(NullIs::Value) | None => Null::Value,
            },
        }
    }
}

/// A derive, as Rust spells it.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Eq,
    Hash,
    Default,
}

impl Config {
    /// Takes in the knobs of `event.toml` in the schema folder `root`, where there is one. What was set in
    /// code before stays: of a map the file adds the keys that code hasn't, of a list what code hasn't.
    /// [`compile`](Config::compile) and [`run`](Config::run) do this by themselves.
    ///
    /// ```toml
    /// # schemas/event.toml
    /// runtime = "events"                        # configure().runtime(..)
    /// number = "rust_decimal::Decimal"          # .number(..)
    /// derives = ["Eq", "Hash"]                  # .derives(..)
    /// tolerant = ["aws-events"]                 # .tolerant(..), one each
    /// sources.app-core = "app.solargenix"       # .source(registry, source)
    /// formats.uuid = "uuid::Uuid"               # .format(format, type)
    ///
    /// # only here, since it is about the events and not about one crate: changes that only a validator
    /// # would notice are no breaks where nobody validates
    /// readers.constraints = "documentation"     # bounds, lengths, patterns (else "enforced")
    /// readers.null = "absent"                   # of an optional property (else "value")
    /// ```
    ///
    /// # Errors
    ///
    /// Where the file is there and isn't readable, is no TOML, or has a key that is none.
    pub fn with_file(mut self, root: &Path) -> Result<Config, Box<Diagnostic>> {
        let path = root.join(FILE);
        let shown = format!("{}/{FILE}", crate::load::shown(root));
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(self),
            Err(e) => {
                return Err(Box::new(error("unreadable", &shown, format!("can't be read: {e}"))));
            }
        };
        let file: File = toml::from_str(&text).map_err(|e| {
            let line = e.span().map_or(1, |s| text[..s.start].matches('\n').count() + 1);
            let d = error("bad-config", &shown, format!("line {line}: {}", e.message()));
            let keys =
                "the keys are `runtime`, `number`, `derives`, `tolerant`, `sources`, `formats` and `readers`";
            Box::new(help(d, &[keys]))
        })?;
        let unset = Config::default();
        if let Some(runtime) = file.runtime.filter(|_| self.runtime == unset.runtime) {
            self = self.runtime(&runtime);
        }
        self.number = self.number.take().or(file.number);
        self.derives.extend(file.derives.into_iter().map(|name| match name {
            Name::Eq => Derive::Eq,
            Name::Hash => Derive::Hash,
            Name::Default => Derive::Default,
        }));
        self.tolerant.extend(file.tolerant);
        self.terms = file.readers.into();
        for (registry, source) in file.sources {
            self.sources.entry(registry).or_insert(source);
        }
        let usual = format!("{}::Timestamp", self.runtime);
        for (format, rust) in file.formats {
            let set = self.formats.get(&format).is_some_and(|f| *f != usual);
            if !set {
                self.formats.insert(format, rust);
            }
        }
        Ok(self)
    }
}
