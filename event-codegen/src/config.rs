//! The settings: in code by [`Config`], for all who read a schema folder in its `event.toml`.

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

/// What is generated from where; [`configure`](crate::configure) makes one.
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
    /// What the folder's file says.
    settings: Settings,
    /// Where the file says what, by key and name.
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
    /// The schema folder, relative to the package. Default: `schemas`.
    ///
    /// ```no_run
    /// event_codegen::configure().schemas("../schemas").compile();
    /// ```
    #[must_use]
    pub fn schemas(mut self, folder: impl Into<PathBuf>) -> Self {
        self.schemas = folder.into();
        self
    }

    /// Where the files go. Default: cargo's `OUT_DIR`.
    ///
    /// ```no_run
    /// event_codegen::configure().out_dir("target/events").compile();
    /// ```
    #[must_use]
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// Path of the runtime crate in generated code, for a package that renames the dependency.
    /// Default: `event_runtime`.
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

    /// EventBridge's `source` of a registry's events, for schemas that don't say it themselves
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

    /// The Rust type of a string format. Only `date-time` has one by default
    /// (`event_runtime::Timestamp`); strings of other formats are `String`.
    ///
    /// The type must be `Serialize + Deserialize + Clone + Debug + PartialEq` and have an event shape:
    /// the features `chrono`, `rust_decimal`, `time` and `uuid` of `event-runtime` give it to types of these
    /// crates (`time::OffsetDateTime` as `event_runtime::time::Rfc3339`). A type that writes something else than
    /// the format says does not compile.
    ///
    /// ```no_run
    /// event_codegen::configure().format("uuid", "uuid::Uuid").compile();
    /// ```
    #[must_use]
    pub fn format(mut self, format: &str, rust: &str) -> Self {
        self.formats.insert(format.to_owned(), rust.to_owned());
        self
    }

    /// Whether a build fails from the day on that `#[event(sunset = "..")]` or a schema's
    /// `x-event-sunset` names, as long as the superseded major isn't `retired`. Default: a warning.
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

    /// The Rust type of numbers that need not be whole, instead of `f64`: a decimal, for money. It must
    /// read and write JSON numbers, and be `Serialize + Deserialize + Clone + Debug + PartialEq + Eq +
    /// Hash`. Numbers of the format `float` stay `f32`.
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

    /// Derives that generated types have beside `Clone`, `Debug`, `PartialEq`, `Serialize` and
    /// `Deserialize`, each where all parts of the type allow it. Types named by [`format`](Self::format)
    /// are taken to be `Eq` and `Hash`.
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

    /// Makes types that read events which break their own schema, for a registry (`aws-events`) or one event
    /// of it (`aws-events/aws.s3@ObjectDeleted`): all fields are optional, and `event_runtime::Tolerant`
    /// reads them and reports what it overlooked. The schema's rules for changes and the derive stay as
    /// strict as before. Such a type is no `Event` unless AWS publishes it: it could write what its schema
    /// refuses.
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

    /// Names the registry whose events have the short paths (`proposal_published::v1`) where another registry
    /// has events of the same name. The others' are at `registries::<registry>::<event>`, where every event is.
    /// Without it, two events of one name are an error, since a path must not change its meaning.
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
    /// that forwards events keeps them, so that a newer publisher's fields are not lost on the way.
    ///
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

    /// What the schemas of an event describe, where the folder's file says so.
    pub fn layer(&self, name: &EventName) -> Option<Layer> {
        self.settings.layer(&name.registry, &name.event)
    }

    /// What the folder's file says.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// EventBridge's `source` of a version: what its schema says, else what the configuration says of the registry.
    pub fn source_of(&self, member: &Member) -> Option<String> {
        let configured = || self.sources.get(&member.name.registry).cloned();
        member.source().map(str::to_owned).or_else(configured)
    }

    /// How the events' readers read, and so what a break is: `readers` of the folder's file.
    pub fn terms(&self) -> Terms {
        self.settings.terms
    }

    /// Has the derive write the impls of generated types, which are else written out. The derive holds
    /// each type to its baseline, which generated types satisfy by construction: this is for the tests
    /// that prove it, and costs every build.
    #[doc(hidden)]
    #[must_use]
    pub fn derive(mut self, derive: bool) -> Self {
        self.derive = derive;
        self
    }
}
