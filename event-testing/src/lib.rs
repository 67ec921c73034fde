//! Test helpers for a service with event contracts: a dev-dependency.
//!
//! | To | Use |
//! |---|---|
//! | start an event in code, and keep its schema file equal to the struct | [`assert_locked`] |
//! | keep a committed `topology.json` equal to the code | [`assert_topology`] |
//! | keep another generated file equal to the code, such as a template | [`assert_file`] |
//! | read the schema of an event's type | [`schema_of`] |
//! | check without a panic | [`hold`], which returns a [`Difference`] |
//!
//! ```
//! use event_runtime::{Event, EventData};
//!
//! // By hand, for this example only: `#[derive(Event)]` writes this impl.
//! #[derive(EventData, serde::Serialize, serde::Deserialize)]
//! struct VisitAgreed {
//!     visit: String,
//! }
//! impl Event for VisitAgreed {
//!     const TYPE: &'static str = "visit.agreed";
//!     const MAJOR: u32 = 1;
//!     const MINOR: u32 = 0;
//!     const SOURCE: &'static str = "app.visits";
//! }
//!
//! let schema = event_testing::schema_of::<VisitAgreed>().unwrap();
//! assert!(schema.contains(r#""required": ["#));
//! ```
//!
//! # Events that start in code
//!
//! A code-first event starts as a struct and a test:
//!
//! ```ignore (the derive reads what the crate's build script has written)
//! #[derive(Event, Serialize, Deserialize)]
//! #[event(type = "proposal.withdrawn", version = "1.0", registry = "app-core", source = "app.proposals")]
//! pub struct ProposalWithdrawn {
//!     pub proposal_id: String,
//!     #[serde(skip_serializing_if = "Option::is_none")]
//!     pub reason: Option<String>,
//! }
//!
//! #[test]
//! fn events_are_locked() {
//!     event_testing::assert_locked::<ProposalWithdrawn>();
//! }
//! ```
//!
//! The struct compiles with a warning that it has no schema yet. `EVENT_ACCEPT=1 cargo test` writes
//! `schemas/app-core/proposal.withdrawn/1.0.json`, and `cargo event lock` locks it. From then on
//! the derive checks the struct against it. A new minor works the same way. The folder `schemas`
//! must exist and may be empty, so a package's first event can start this way too.
//!
//! Without the variable, the assertion fails if the file is missing or does not match the struct.
//!
//! # In Cargo.toml
//!
//! ```toml
//! [dev-dependencies]
//! event-testing = "0.1"
//! ```

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error has failed and should say where"
    )
)]

mod difference;
mod folder;
mod schema;
mod topology;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use event_folder::load::{EventName, Version};
use event_folder::lock::{self, Lock};
use event_folder::write_if_changed;
use event_runtime::Event;
use event_schema::compat;
use event_schema::diagnostic::Severity;
use event_schema::document::Document;
use event_schema::read::{self, EventSchema, Layer};

pub use event_shape::EventData;

use self::difference::Causes;
pub use self::difference::{Difference, Unreadable};
use self::folder::Folder;
pub use self::schema::NoSchema;
pub use self::topology::{Stale, assert_file, assert_topology};

/// The environment variable that, set to `1`, makes [`assert_locked`] and [`assert_topology`] write the file instead of
/// failing.
pub const ACCEPT: &str = "EVENT_ACCEPT";

/// Returns the schema of an event's type: JSON Schema draft 4, in the form that the EventBridge
/// Schema Registry accepts, with the event's source as `x-amazon-events-source` and its sunset as
/// `x-event-sunset`.
///
/// A field is `required` if it is always written and has no `#[serde(default)]`. The text ends with
/// a line feed and is the same for the same type on every machine.
///
/// # Errors
///
/// If a part of the type cannot be expressed as a schema, such as a flattened enum.
pub fn schema_of<T: Event + EventData>() -> Result<String, NoSchema> {
    let document = schema::document(T::SHAPE, T::SOURCE, T::SUNSET)?;
    Ok(format!("{document:#}\n"))
}

/// Asserts that `schemas/<registry>/<type>/<major>.<minor>.json` of the package under test matches
/// the type. With [`EVENT_ACCEPT=1`](ACCEPT) it writes the file, unless `schemas.lock` lists it. If
/// the package has no `schemas` folder, the folder of the workspace is used: the nearest `schemas`
/// above the package, up to the folder with `Cargo.lock`.
///
/// The schema is read as in a build: with `layer` and `readers` of the folder's `event.toml`, and
/// with the files of the folder that it refers to.
///
/// The registry is the one in `#[event(registry = "..")]`, or the one that already has the event
/// type, or the only one in the folder.
///
/// Use it for events that start in code. A hand-written schema may contain more than a type can
/// express (patterns, lengths); the derive alone checks such an event.
///
/// # Panics
///
/// If the file is missing or does not match. The message lists the differences and the fix.
#[track_caller]
pub fn assert_locked<T: Event + EventData>() {
    assert_locked_in::<T>(folder::of_package(&package()));
}

/// Like [`assert_locked`], for another schema folder.
///
/// # Panics
///
/// Like [`assert_locked`].
#[track_caller]
pub fn assert_locked_in<T: Event + EventData>(folder: impl AsRef<Path>) {
    if let Err(difference) = hold::<T>(folder.as_ref(), accepts()) {
        panic!("{}", Causes(&difference))
    }
}

/// The folder of the package under test.
fn package() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default()
}

/// Whether [`ACCEPT`] is set.
fn accepts() -> bool {
    std::env::var_os(ACCEPT).is_some_and(|v| !v.is_empty() && v != "0")
}

/// Checks the type against its file, or writes the file if `accept` is set.
///
/// # Errors
///
/// The errors that [`assert_locked`] panics with.
pub fn hold<T: Event + EventData>(folder: &Path, accept: bool) -> Result<(), Difference> {
    let registry = registry::<T>(folder)?;
    let version = format!("{}.{}", T::MAJOR, T::MINOR);
    let path = folder.join(&registry).join(T::TYPE).join(format!("{version}.json"));
    let file = path.display().to_string();
    let own = schema_of::<T>()?;
    let settings = Folder::open(folder, &registry, T::TYPE)?;
    let write = |text: &str| {
        let payload = parse("the type", text, settings.layer, &settings);
        if payload.is_ok_and(|event| event.facts.path.is_empty()) {
            let written = write_if_changed(&path, text);
            return written
                .map(drop)
                .map_err(|source| Difference::Io { file: file.clone(), source });
        }
        let event = format!("{registry}/{}", T::TYPE);
        Err(Difference::Layer { file: file.clone(), event })
    };
    let stands = match fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(source) => return Err(Difference::Io { file, source }),
    };
    match stands {
        None if accept && is_locked::<T>(folder, &registry)? => Err(Difference::Gone { file }),
        None if accept => write(&own),
        None => Err(Difference::Missing { file }),
        Some(text) => {
            let differences = differences(&file, &text, &own, &settings)?;
            if differences.is_empty() {
                return Ok(());
            }
            let locked = is_locked::<T>(folder, &registry)?;
            if accept && !locked {
                return write(&own);
            }
            let way_out = if locked {
                "it is locked: give the type the next version"
            } else {
                "to rewrite it: `EVENT_ACCEPT=1 cargo test`"
            };
            Err(Difference::Differs { file, differences, way_out })
        }
    }
}

/// The folder of the event's registry.
fn registry<T: Event>(folder: &Path) -> Result<String, Difference> {
    if !T::REGISTRY.is_empty() {
        return Ok(T::REGISTRY.to_owned());
    }
    let mut all: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            (entry.path().is_dir() && !name.starts_with(['.', '_'])).then_some(name)
        })
        .collect();
    all.sort();
    let having: Vec<&String> =
        all.iter().filter(|name| folder.join(name).join(T::TYPE).is_dir()).collect();
    match (having.as_slice(), all.as_slice()) {
        ([one], _) => Ok((*one).clone()),
        ([], [one]) => Ok(one.clone()),
        ([], _) => {
            Err(Difference::NoRegistry { event: T::TYPE, folder: folder.display().to_string() })
        }
        (several, _) => {
            let names: Vec<_> = several.iter().map(|name| format!("`{name}`")).collect();
            Err(Difference::ManyRegistries { event: T::TYPE, registries: names.join(", ") })
        }
    }
}

/// Whether `schemas.lock` lists the version. One that cannot be read protects nothing, so nothing is written then.
fn is_locked<T: Event>(folder: &Path, registry: &str) -> Result<bool, Difference> {
    let path = folder.join(lock::FILE);
    let file = path.display().to_string();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(Difference::Io { file, source }),
    };
    let lock = Lock::parse(&text, &file).map_err(|problem| vec![*problem])?;
    let name = EventName { registry: registry.to_owned(), event: T::TYPE.to_owned() };
    let version = Version { major: T::MAJOR, minor: T::MINOR };
    Ok(lock.entries.contains_key(&(name, version)))
}

/// The differences between the file and the type; empty if both mean the same.
fn differences(file: &str, text: &str, own: &str, folder: &Folder) -> Result<String, Difference> {
    let stated = parse(file, text, folder.layer, folder)?;
    let own = parse("the type", own, Some(Layer::Payload), folder)?;
    // additive in both directions: neither may lose, gain or require anything
    let there = compat::check(&stated.payload, &own.payload, folder.terms);
    let back = compat::check(&own.payload, &stated.payload, folder.terms);
    let mut out = String::new();
    // breaks that are only visible from the type (one more optional field) are reported as a note
    let seen_back = |change: &compat::Change| {
        back.breaks()
            .any(|b| b.old.pointer == change.new.pointer || b.new.pointer == change.old.pointer)
    };
    let told = there.changes.iter().filter(|c| c.severity == Severity::Error || seen_back(c));
    for change in told {
        let _ = writeln!(out, "{} [{}]", change.message, change.rule.id);
        for (sign, says) in [('-', &change.was), ('+', &change.now)] {
            if let Some(says) = says {
                let _ = writeln!(out, "{sign} {says}");
            }
        }
    }
    if out.is_empty() {
        for change in back.breaks() {
            let _ = writeln!(
                out,
                "read in the other direction, from the type to the file: {} [{}]",
                change.message, change.rule.id
            );
        }
    }
    // a schema may leave the source to the settings
    if let (Some(stated), Some(own)) = (&stated.facts.source, &own.facts.source)
        && stated.value != own.value
    {
        let _ = writeln!(out, "the source differs\n- {}\n+ {}", stated.value, own.value);
    }
    Ok(out)
}

fn parse(
    file: &str,
    text: &str,
    layer: Option<Layer>,
    folder: &Folder,
) -> Result<EventSchema, Difference> {
    let document = Document::parse(file, text)
        .map_err(|source| Unreadable::Syntax { file: file.to_owned(), source })?;
    let files = |reference: &str| folder.file(reference);
    let mut events = read::events_as(&document, layer, &files)?;
    if events.len() == 1 {
        return Ok(events.remove(0));
    }
    Err(Unreadable::Events { file: file.to_owned(), found: events.len() }.into())
}

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
