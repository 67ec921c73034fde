//! `event.toml` in the schema folder: the settings for the build and the command.

use std::path::Path;

use event_schema::diagnostic::Diagnostic;
use event_schema::settings::Stated;

use super::Config;

impl Config {
    /// Adds the settings of `event.toml` in the schema folder `root`, if it exists. Settings in code take
    /// precedence: the file adds the keys of a map, and the entries of a list, that code does not have.
    /// [`compile`](Config::compile) and [`run`](Config::run) call this themselves.
    ///
    /// ```toml
    /// # schemas/event.toml
    /// runtime = "events"                        # configure().runtime(..)
    /// number = "rust_decimal::Decimal"          # .number(..)
    /// derives = ["Eq", "Hash"]                  # .derives(..)
    /// home = "app-core"                         # .home(..)
    /// undeclared = "keep"                       # .undeclared(..): "ignore", or "keep"
    /// tolerant = ["aws-events"]                 # .tolerant(..), once per entry
    /// sources.app-core = "app.solargenix"       # .source(registry, source)
    /// formats.uuid = "uuid::Uuid"               # .format(format, type)
    ///
    /// # only in the file, because these are about the events and not about one crate:
    /// # how strictly readers read; changes that only a validator would notice do not break lenient readers
    /// readers.constraints = "documentation"     # bounds, lengths, patterns (default: "enforced")
    /// readers.null = "absent"                   # null in an optional property (default: "value")
    /// # the layer that schemas describe, for a registry or one event: a payload that happens to declare `id`,
    /// # `type`, `source`, `occurredAt` and `data` is otherwise read as an envelope
    /// layer.app-core = "payload"                # or "envelope", "aws-event"
    /// layer."app-core/order.placed" = "envelope"
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read or is not TOML, and for every unknown key and every
    /// invalid value.
    pub fn with_file(self, root: &Path) -> Result<Config, Vec<Diagnostic>> {
        let (config, problems) = self.with_what_reads(root);
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    /// The same, but also returns what could be read: after one mistake in the file, the schemas are still
    /// read with its other settings.
    pub(crate) fn with_what_reads(mut self, root: &Path) -> (Config, Vec<Diagnostic>) {
        let (file, mut problems) = event_folder::settings::read(root);
        let unset = Config::default();
        let runtime = rust::<syn::Path>("runtime", "a path", file.runtime.as_ref(), &mut problems);
        if let Some(runtime) = runtime.filter(|_| self.runtime == unset.runtime) {
            self = self.runtime(runtime);
        }
        let number = rust::<syn::Type>("number", "a type", file.number.as_ref(), &mut problems);
        self.number = self.number.take().or(number.map(str::to_owned));
        self.derives.extend(&file.derives);
        self.undeclared = self.undeclared.or(file.undeclared);
        if let Some((home, place)) = &file.home {
            self.places.insert(("home", home.clone()), place.clone());
            self.home.get_or_insert(home.clone());
        }
        for (name, place) in &file.tolerant {
            self.places.insert(("tolerant", name.clone()), place.clone());
            self.tolerant.insert(name.clone());
        }
        for (registry, (source, place)) in &file.sources {
            self.places.insert(("sources", registry.clone()), place.clone());
            self.sources.entry(registry.clone()).or_insert(source.clone());
        }
        for (name, (_, place)) in &file.layers {
            self.places.insert(("layer", name.clone()), place.clone());
        }
        let usual = format!("{}::Timestamp", self.runtime);
        for (format, (stated, place)) in &file.formats {
            let key = format!("formats.{format}");
            let Some(rust) = rust::<syn::Type>(&key, "a type", Some(stated), &mut problems) else {
                continue;
            };
            self.places.insert(("formats", format.clone()), place.clone());
            let set = self.formats.get(format).is_some_and(|f| *f != usual);
            if !set {
                self.formats.insert(format.clone(), rust.to_owned());
            }
        }
        self.settings = file;
        problems.sort_by_key(|d| d.pos);
        (self, problems)
    }
}

/// A text that parses as a `T`.
fn rust<'s, T: syn::parse::Parse>(
    key: &str,
    what: &str,
    stated: Option<&'s Stated>,
    problems: &mut Vec<Diagnostic>,
) -> Option<&'s str> {
    let (text, place) = stated?;
    if let Err(e) = syn::parse_str::<T>(text) {
        let why = e.to_string();
        let why = why.split(", expected").next().unwrap_or(&why);
        problems
            .push(place.wrong(format!("`{key}` must be {what} of Rust, found `{text}`: {why}")));
        return None;
    }
    Some(text)
}
