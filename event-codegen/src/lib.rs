//! Generates versioned Rust types from EventBridge schemas in build.rs, and fails the build on a breaking change.
//!
//! | To | Use |
//! |---|---|
//! | compile the schemas of a package | [`compile`] in build.rs |
//! | change the Rust types, the derives, or the folder | [`configure`], or `event.toml` in the schema folder ([`Config::with_file`]) |
//! | include the generated code in the crate | `event_runtime::include_events!()` |
//! | find the generated type of an event | [Where the types are](#where-the-types-are) |
//! | know which constraints no type checks | [What the types check](#what-the-types-check) |
//! | read and check a folder without a build | [`Project`] |
//! | generate code without writing files | [`generate()`] |
//!
//! ```no_run
//! // build.rs
//! event_codegen::compile("schemas");
//! ```
//!
//! ```toml
//! [dependencies]
//! event-runtime = "0.1"
//! [build-dependencies]
//! event-codegen = "0.1"
//! ```
//!
//! In the crate, `event_runtime::include_events!();` adds one module per event, with one module per major, generated from
//! the major's newest minor.
//!
//! # The folder
//!
//! `schemas/<registry>/<type>/<major>.<minor>.json`: `OpenApi3` or `JSONSchemaDraft4`, as in the EventBridge Schema
//! Registry, or a later JSON Schema. A schema may describe the payload, the envelope around it, or the whole EventBridge
//! event. `schemas/schemas.lock` lists the published versions; `cargo event lock` writes it.
//!
//! Every minor is compared with every earlier minor of its major. All problems are reported in one run, as
//! `cargo::error=` lines, and then no file is written.
//!
//! # What the types check
//!
//! Decoding is strict about structure: JSON types, required fields, the values of a closed enum (of any JSON type), the
//! fields of a closed object, the branches of a union, date-times, and the integer type that the bounds prove. No type
//! checks the following constraints, which are left to a validator (`cargo event validate`):
//!
//! - `pattern`, `minLength`, `maxLength`, `multipleOf`; `minimum` and `maximum` beyond the integer type's own range;
//!   `minItems`, `maxItems`, `uniqueItems`, `contains`; `minProperties`, `maxProperties`, `propertyNames`,
//!   `dependencies`; `not`, `if`; that only one branch of a `oneOf` matches
//! - which names match a pattern of `patternProperties`: undeclared fields are a map of the pattern's type (of any JSON
//!   if several types are possible), in a closed object too
//! - `anyOf` and `oneOf` beside `properties` whose branches only list required properties; a property whose schema is
//!   `false`
//! - formats other than `date-time` without a configured type
//! - what serde also reads: `null` for an absent optional field, and an array in place of an object, by position (except
//!   in a union of an object and other types)
//!
//! In the other direction, `1.0` is not an integer for serde, a schema with `properties` and without `type` is an object,
//! and a `discriminator` is binding: its property must be present and name a branch, as `OpenAPI` states.
//!
//! Any other constraint that a type does not check is a warning of the build, `not-in-the-type`, with its place. A schema
//! that would be ignored as a whole (under a name that is not a keyword) is an error. A test compares the types with an
//! independent validator on exactly these terms, in both directions, with tens of thousands of events with one fault each,
//! over real and random schemas.
//!
//! # Where the types are
//!
//! - `<event>::v<major>`, such as `order_placed::v2::OrderPlaced`: an event of any registry. If two registries have events
//!   with the same name, [`Config::home`] sets which of them has this path.
//! - `registries::<registry>::<event>`: every event; this path does not change when a registry is added.
//! - `shared::<file>`: the types of a file that events refer to by `$ref` (`../../shared/user.json` is
//!   `shared::shared_user`), once for all events. An event's module re-exports those that it uses under its own names:
//!   `order_placed::v2::User` is the same type. Names follow from the pointer in the file
//!   (`/definitions/User/properties/address` is `UserAddress`), so that they do not depend on other events.

mod baseline;
mod config;
pub mod drafts;
mod emit;
mod generate;
mod lower;
mod names;
mod plan;
mod project;
mod watch;

pub use config::{Config, Derive, Undeclared};
pub use generate::{Generated, generate};
pub use project::{Project, compile, configure};

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
