//! The settings: in code with [`Config`], and for all readers of a schema folder in its `event.toml`.

mod file;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use event_folder::family::Member;
use event_folder::load::EventName;
use event_schema::compat::Terms;
use event_schema::read::Layer;
pub use event_schema::settings::{Derive, Undeclared};
use event_schema::settings::{Place, Settings};

/// Configures what is generated from which folder; created by [`configure`](crate::configure).
///
/// ```no_run
/// event_codegen::configure()
///     .schemas("schemas")
///     .source("app-core", "app.solargenix")
///     .compile();
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) schemas: PathBuf,
    pub(crate) out_dir: Option<PathBuf>,
    pub(crate) runtime: String,
    pub(crate) sources: BTreeMap<String, String>,
    pub(crate) formats: BTreeMap<String, String>,
    pub(crate) number: Option<String>,
    pub(crate) derives: BTreeSet<Derive>,
    pub(crate) tolerant: BTreeSet<String>,
    pub(crate) home: Option<String>,
    pub(crate) undeclared: Option<Undeclared>,
    pub(crate) derive: bool,
    pub(crate) sunset_is_error: bool,
    /// The settings of the folder's file.
    settings: Settings,
    /// The positions of the file's settings, by key and name.
    places: BTreeMap<(&'static str, String), Place>,
}

impl Default for Config {
    fn default() -> Self {
        let date_time = ("date-time".to_owned(), "event_runtime::Timestamp".to_owned());
        Config {
            schemas: PathBuf::from("schemas"),
            out_dir: None,
            runtime: "event_runtime".to_owned(),
            sources: BTreeMap::new(),
            formats: BTreeMap::from([date_time]),
            number: None,
            derives: BTreeSet::new(),
            tolerant: BTreeSet::new(),
            home: None,
            undeclared: None,
            derive: false,
            sunset_is_error: false,
            settings: Settings::default(),
            places: BTreeMap::new(),
        }
    }
}

impl Config {
    /// Sets the schema folder, relative to the package (default: `schemas`).
    ///
    /// ```no_run
    /// event_codegen::configure().schemas("../schemas").compile();
    /// ```
    #[must_use]
    pub fn schemas(mut self, folder: impl Into<PathBuf>) -> Self {
        self.schemas = folder.into();
        self
    }

    /// Sets the output folder (default: cargo's `OUT_DIR`).
    ///
    /// ```no_run
    /// event_codegen::configure().out_dir("target/events").compile();
    /// ```
    #[must_use]
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// Sets the path of the runtime crate in generated code, for a package that renames the dependency
    /// (default: `event_runtime`).
    ///
    /// ```no_run
    /// // Cargo.toml: events = { package = "event-runtime", version = "0.1" }
    /// event_codegen::configure().runtime("events").compile();
    /// ```
    #[must_use]
    pub fn runtime(mut self, path: &str) -> Self {
        let default = format!("{}::Timestamp", self.runtime);
        path.clone_into(&mut self.runtime);
        if let Some(date_time) = self.formats.get_mut("date-time").filter(|f| **f == default) {
            *date_time = format!("{path}::Timestamp");
        }
        self
    }

    /// Sets EventBridge's `source` for a registry's events, for schemas that do not state it themselves
    /// (`x-amazon-events-source`).
    ///
    /// ```no_run
    /// event_codegen::configure().source("app-core", "app.solargenix").compile();
    /// ```
    #[must_use]
    pub fn source(mut self, registry: &str, source: &str) -> Self {
        self.sources.insert(registry.to_owned(), source.to_owned());
        self
    }

    /// Sets the Rust type for a string format. By default, only `date-time` has one
    /// (`event_runtime::Timestamp`); strings with other formats are `String`.
    ///
    /// The type must be `Serialize + Deserialize + Clone + Debug + PartialEq` and have an event shape: the
    /// features `chrono`, `rust_decimal`, `time` and `uuid` of `event-runtime` add shapes for types of
    /// these crates (`time::OffsetDateTime` as `event_runtime::time::Rfc3339`). A type that does not write
    /// the format does not compile.
    ///
    /// ```no_run
    /// event_codegen::configure().format("uuid", "uuid::Uuid").compile();
    /// ```
    #[must_use]
    pub fn format(mut self, format: &str, rust: &str) -> Self {
        self.formats.insert(format.to_owned(), rust.to_owned());
        self
    }

    /// Makes the build fail, instead of warn, from the day in `#[event(sunset = "..")]` or a schema's
    /// `x-event-sunset`, as long as the superseded major is not `retired`.
    ///
    /// ```no_run
    /// let release = std::env::var_os("CI_RELEASE").is_some();
    /// event_codegen::configure().sunset_is_error(release).compile();
    /// ```
    #[must_use]
    pub fn sunset_is_error(mut self, fails: bool) -> Self {
        self.sunset_is_error = fails;
        self
    }

    /// Sets the Rust type of numbers that may have a fraction (default: `f64`), such as a decimal for
    /// money. It must read and write JSON numbers, and be `Serialize + Deserialize + Clone + Debug +
    /// PartialEq + Eq + Hash`. Numbers with the format `float` stay `f32`.
    ///
    /// ```no_run
    /// // Cargo.toml: event-runtime = { version = "0.1", features = ["rust_decimal-float"] }
    /// event_codegen::configure().number("rust_decimal::Decimal").compile();
    /// ```
    #[must_use]
    pub fn number(mut self, rust: &str) -> Self {
        self.number = Some(rust.to_owned());
        self
    }

    /// Adds derives to `Clone`, `Debug`, `PartialEq`, `Serialize` and `Deserialize`, on each generated type
    /// whose parts allow it. Types of [`format`](Self::format) are assumed to be `Eq` and `Hash`.
    ///
    /// ```no_run
    /// use event_codegen::Derive;
    /// event_codegen::configure().derives([Derive::Eq, Derive::Hash, Derive::Default]).compile();
    /// ```
    #[must_use]
    pub fn derives(mut self, derives: impl IntoIterator<Item = Derive>) -> Self {
        self.derives.extend(derives);
        self
    }

    /// Generates types that read events which do not match their own schema, for a registry (`aws-events`)
    /// or one event of it (`aws-events/aws.s3@ObjectDeleted`): all fields are optional, and
    /// `event_runtime::Tolerant` reads the types and reports what it ignored. The rules for schema changes
    /// and the derive stay as strict as before. Such a type does not implement `Event` unless AWS publishes
    /// it, because it could write what its schema rejects.
    ///
    /// ```no_run
    /// event_codegen::configure().tolerant("aws-events").compile();
    /// // serde_json::from_str::<AwsEvent<Tolerant<events::aws_s3_object_deleted::v1::ObjectDeleted>>>(body),
    /// // or with the outer event as tolerant: Tolerant<PartialAwsEvent<..>>
    /// ```
    #[must_use]
    pub fn tolerant(mut self, registry_or_event: &str) -> Self {
        self.tolerant.insert(registry_or_event.to_owned());
        self
    }

    /// Sets the registry whose events have the short paths (`proposal_published::v1`) if another registry
    /// has events with the same name. Every event is also at `registries::<registry>::<event>`. Without
    /// this setting, two events with one name are an error, because a path must not change its meaning.
    ///
    /// ```no_run
    /// event_codegen::configure().home("app-core").compile();
    /// ```
    #[must_use]
    pub fn home(mut self, registry: &str) -> Self {
        self.home = Some(registry.to_owned());
        self
    }

    /// Sets what types do with fields that their schema does not declare (default: ignore them). A consumer
    /// that forwards events should keep them, so that a newer publisher's fields are not lost.
    /// ```no_run
    /// use event_codegen::Undeclared;
    /// event_codegen::configure().undeclared(Undeclared::Keep).compile();
    /// ```
    #[must_use]
    pub fn undeclared(mut self, undeclared: Undeclared) -> Self {
        self.undeclared = Some(undeclared);
        self
    }

    pub(crate) fn keeps_undeclared(&self) -> bool {
        self.undeclared == Some(Undeclared::Keep)
    }

    pub(crate) fn is_tolerant(&self, name: &EventName) -> bool {
        self.tolerant.contains(&name.registry)
            || self.tolerant.contains(&format!("{}/{}", name.registry, name.event))
    }

    /// The layer that the schemas of an event describe, if the folder's file states it.
    pub fn layer(&self, name: &EventName) -> Option<Layer> {
        self.settings.layer(&name.registry, &name.event)
    }

    /// The settings of the folder's file.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// EventBridge's `source` of a version: the one in its schema, otherwise the configured one of the
    /// registry.
    pub fn source_of(&self, member: &Member) -> Option<String> {
        let configured = || self.sources.get(&member.name.registry).cloned();
        member.source().map(str::to_owned).or_else(configured)
    }

    /// How strictly the events' readers read, which determines what a break is: `readers` in the folder's
    /// file.
    pub fn terms(&self) -> Terms {
        self.settings.terms
    }

    /// Generates the derive on types instead of the impls. The derive checks each type against its
    /// baseline, which generated types match by construction: this is for the tests that prove it, and
    /// makes builds slower.
    #[doc(hidden)]
    #[must_use]
    pub fn derive(mut self, derive: bool) -> Self {
        self.derive = derive;
        self
    }
}
