//! `event.toml` in the schema folder: the knobs for all who read the folder, build.rs and command alike.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use event_schema::diagnostic::Diagnostic;

use super::Config;
use super::read::read;
use crate::problem::error;

/// The file's name, in the schema folder.
pub const FILE: &str = "event.toml";

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
    /// home = "app-core"                         # .home(..)
    /// undeclared = "keep"                       # .undeclared(..): "ignore", or "keep"
    /// tolerant = ["aws-events"]                 # .tolerant(..), one each
    /// sources.app-core = "app.solargenix"       # .source(registry, source)
    /// formats.uuid = "uuid::Uuid"               # .format(format, type)
    ///
    /// # only here, since it is about the events and not about one crate: changes that only a validator
    /// # would notice are no breaks where nobody validates
    /// readers.constraints = "documentation"     # bounds, lengths, patterns (else "enforced")
    /// readers.null = "absent"                   # of an optional property (else "value")
    /// # what schemas describe, of a registry or of one event, where their names say otherwise: a payload that
    /// # happens to declare `id`, `type`, `source`, `occurredAt` and `data` is taken for an envelope
    /// layer.app-core = "payload"                # or "envelope", "aws-event"
    /// layer."app-core/order.placed" = "envelope"
    /// ```
    ///
    /// # Errors
    ///
    /// Where the file is there and isn't readable or is no TOML; every key that is none, and every value that its
    /// key can't have.
    pub fn with_file(mut self, root: &Path) -> Result<Config, Vec<Diagnostic>> {
        let path = root.join(FILE);
        let shown = format!("{}/{FILE}", crate::load::shown(root));
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(self),
            Err(e) => return Err(vec![error("unreadable", &shown, format!("can't be read: {e}"))]),
        };
        let file = read(&text, &shown)?;
        let unset = Config::default();
        if let Some(runtime) = file.runtime.filter(|_| self.runtime == unset.runtime) {
            self = self.runtime(&runtime);
        }
        self.number = self.number.take().or(file.number);
        self.derives.extend(file.derives);
        self.undeclared = self.undeclared.or(file.undeclared);
        if let Some((home, place)) = file.home {
            self.places.insert(("home", home.clone()), place);
            self.home.get_or_insert(home);
        }
        self.terms = file.terms;
        for (name, place) in file.tolerant {
            self.places.insert(("tolerant", name.clone()), place);
            self.tolerant.insert(name);
        }
        for (registry, (source, place)) in file.sources {
            self.places.insert(("sources", registry.clone()), place);
            self.sources.entry(registry).or_insert(source);
        }
        for (name, (layer, place)) in file.layers {
            self.places.insert(("layer", name.clone()), place);
            self.layers.insert(name, layer);
        }
        let usual = format!("{}::Timestamp", self.runtime);
        for (format, (rust, place)) in file.formats {
            self.places.insert(("formats", format.clone()), place);
            let set = self.formats.get(&format).is_some_and(|f| *f != usual);
            if !set {
                self.formats.insert(format, rust);
            }
        }
        Ok(self)
    }
}
