//! For the tests of a service with event contracts: a dev-dependency.
//!
//! [`assert_locked`] makes working from the code first as whole as working from the schema first. An
//! event begins as a struct:
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
//! It compiles with a warning that it has no schema yet. `EVENT_ACCEPT=1 cargo test` writes
//! `schemas/app-core/proposal.withdrawn/1.0.json`, `cargo event lock` locks it, and from then on the
//! derive holds the struct to it. A new minor goes the same way. The folder `schemas` has to be there and
//! may be empty: a package's first event can begin so too.
//!
//! Without the variable the assertion fails where the file is missing or says something else.
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

mod folder;
mod schema;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, io};

use event_runtime::Event;
use event_schema::compat;
use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::document::Document;
use event_schema::read::{self, EventSchema, Layer};
pub use event_shape::EventData;

use self::folder::Folder;
pub use self::schema::NoSchema;

/// Set to `1`, it has [`assert_locked`] write what it would otherwise miss.
pub const ACCEPT: &str = "EVENT_ACCEPT";

/// The schema that an event's type stands for: JSON Schema draft 4, as the EventBridge Schema Registry
/// takes it, with the event's source as `x-amazon-events-source` and its sunset as `x-event-sunset`.
///
/// A field is `required` where it is always written and has no `#[serde(default)]`. Ends with a line
/// feed; the same for the same type on every machine.
///
/// # Errors
///
/// A part of the type has a shape that no schema says, such as a flattened enum.
pub fn schema_of<T: Event + EventData>() -> Result<String, NoSchema> {
    let document = schema::document(T::SHAPE, T::SOURCE, T::SUNSET)?;
    Ok(format!("{document:#}\n"))
}

/// Asserts that `schemas/<registry>/<type>/<major>.<minor>.json` of the package under test says what the
/// type is. With [`EVENT_ACCEPT=1`](ACCEPT) it writes that file; one that `schemas.lock` lists is never
/// written. Where the package has no `schemas`, the workspace's folder counts: the nearest `schemas` above the package,
/// up to the folder with `Cargo.lock`.
///
/// The schema is read as the build reads it: by `layer` and `readers` of the folder's `event.toml`, with what it
/// refers to in other files of the folder.
///
/// The registry is the one of `#[event(registry = "..")]`, else the one that has the event type already,
/// else the only one there is.
///
/// Meant for events that begin in the code. A schema that was written by hand may say more than a type
/// can (patterns, lengths); such an event is held by its derive alone.
///
/// # Panics
///
/// Where the file is missing, or says something else: with the differences, and what to do.
#[track_caller]
pub fn assert_locked<T: Event + EventData>() {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    assert_locked_in::<T>(folder::of_package(&package));
}

/// As [`assert_locked`], for another schema folder.
///
/// # Panics
///
/// As for [`assert_locked`].
#[track_caller]
pub fn assert_locked_in<T: Event + EventData>(folder: impl AsRef<Path>) {
    let accept = std::env::var_os(ACCEPT).is_some_and(|v| !v.is_empty() && v != "0");
    if let Err(difference) = hold::<T>(folder.as_ref(), accept) {
        panic!("{difference}")
    }
}

/// Why [`assert_locked`] fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Difference {
    /// Nothing says in which registry the event belongs.
    #[error(
        "`{event}` has no schema yet, and nothing says in which registry of {folder} it belongs: \
         `#[event(registry = \"..\")]`"
    )]
    NoRegistry {
        /// The event type.
        event: &'static str,
        /// The schema folder.
        folder: String,
    },
    /// The event type is in several registries.
    #[error(
        "`{event}` is in several registries ({registries}): say which, `#[event(registry = \"..\")]`"
    )]
    ManyRegistries {
        /// The event type.
        event: &'static str,
        /// The registries.
        registries: String,
    },
    /// There is no such file.
    #[error(
        "{file} is missing, so nothing holds this type\n\
         to write it: `EVENT_ACCEPT=1 cargo test`, then `cargo event lock`"
    )]
    Missing {
        /// The file.
        file: String,
    },
    /// There is no such file, and `schemas.lock` lists it.
    #[error(
        "{file} is missing, and schemas.lock lists it: it was published, and is never rewritten\n\
         to fix: take the file back from the repository's history"
    )]
    Gone {
        /// The file.
        file: String,
    },
    /// The file says something else.
    #[error("{file} says something else than the type\n{differences}{way_out}")]
    Differs {
        /// The file.
        file: String,
        /// One difference a paragraph: `-` what the file says, `+` what the type says.
        differences: String,
        /// What to do.
        way_out: &'static str,
    },
    /// The schema would not be read as the payload that it is.
    #[error(
        "{file} would be read as something else than the payload that it describes\n\
         to fix: `layer.\"{event}\" = \"payload\"` in event.toml of the schema folder"
    )]
    Layer {
        /// The file.
        file: String,
        /// The registry and the event type.
        event: String,
    },
    /// The file is no schema that can be read.
    #[error("{0}")]
    Unreadable(String),
    /// The type has no schema.
    #[error(transparent)]
    NoSchema(#[from] NoSchema),
    /// The file can't be read or written.
    #[error("{file}: {error}")]
    Io {
        /// The file.
        file: String,
        /// Why.
        error: io::Error,
    },
}

/// Holds the type to its file, or writes the file where that is `accept`ed.
///
/// # Errors
///
/// What [`assert_locked`] panics with.
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
            return write(&path, text)
                .map_err(|error| Difference::Io { file: file.clone(), error });
        }
        let event = format!("{registry}/{}", T::TYPE);
        Err(Difference::Layer { file: file.clone(), event })
    };
    let stands = match fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Difference::Io { file, error }),
    };
    match stands {
        None if accept && is_locked(folder, [&registry, T::TYPE, &version]) => {
            Err(Difference::Gone { file })
        }
        None if accept => write(&own),
        None => Err(Difference::Missing { file }),
        Some(text) => {
            let differences = differences(&file, &text, &own, &settings)?;
            if differences.is_empty() {
                return Ok(());
            }
            let locked = is_locked(folder, [&registry, T::TYPE, &version]);
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

/// Writes the file whole or not at all: first as a file of its own, which then takes the name. Tests run
/// side by side, also those of several binaries.
fn write(path: &Path, text: &str) -> io::Result<()> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    // no name of a version, so that one that a kill leaves is never taken for a schema
    let part = path.with_extension(format!("json.part{}-{number}", std::process::id()));
    let result = fs::File::create(&part)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&part, path));
    if result.is_err() {
        // the error that counts is the first one
        let _ = fs::remove_file(&part);
    }
    result
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

/// Whether `schemas.lock` lists the version. Of its text only the lines of an entry matter, in any order.
fn is_locked(folder: &Path, entry: [&str; 3]) -> bool {
    let Ok(lock) = fs::read_to_string(folder.join("schemas.lock")) else { return false };
    let keys = ["registry", "type", "version"];
    lock.split("[[schema]]").skip(1).any(|block| {
        keys.iter().zip(entry).all(|(key, value)| {
            block
                .lines()
                .filter_map(|line| line.split_once('='))
                .any(|(k, v)| k.trim() == *key && v.trim().trim_matches(['"', '\'']) == value)
        })
    })
}

/// What the file and the type don't agree on; empty where both mean the same.
fn differences(file: &str, text: &str, own: &str, folder: &Folder) -> Result<String, Difference> {
    let stated = parse(file, text, folder.layer, folder)?;
    let own = parse("the type", own, Some(Layer::Payload), folder)?;
    // additive both ways: neither may lose, gain or demand anything
    let there = compat::check(&stated.payload, &own.payload, folder.terms);
    let back = compat::check(&own.payload, &stated.payload, folder.terms);
    let mut out = String::new();
    // what is a break only seen from the type (it has an optional field more) is worth a note from there
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
            let _ =
                writeln!(out, "from the type to the file: {} [{}]", change.message, change.rule.id);
        }
    }
    // a schema may leave the source to the configuration
    if let (Some(stated), Some(own)) = (&stated.facts.source, &own.facts.source)
        && stated.value != own.value
    {
        let _ = writeln!(out, "the source is another\n- {}\n+ {}", stated.value, own.value);
    }
    Ok(out)
}

/// The problems, one a line.
fn unreadable(problems: &[Diagnostic]) -> Difference {
    let lines: Vec<_> = problems.iter().map(Diagnostic::headline).collect();
    Difference::Unreadable(lines.join("\n"))
}

fn parse(
    file: &str,
    text: &str,
    layer: Option<Layer>,
    folder: &Folder,
) -> Result<EventSchema, Difference> {
    let document = Document::parse(file, text)
        .map_err(|e| Difference::Unreadable(format!("{file}:{}: {}", e.pos.line, e.message)))?;
    let files = |reference: &str| folder.file(reference);
    let mut events =
        read::events_as(&document, layer, &files).map_err(|problems| unreadable(&problems))?;
    if events.len() == 1 {
        return Ok(events.remove(0));
    }
    Err(Difference::Unreadable(format!("{file} holds {} events, not one", events.len())))
}

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
