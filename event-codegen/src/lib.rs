//! EventBridge schemas into versioned Rust types, in build.rs; a breaking change into a failed build.
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
//! and in the crate `event_runtime::include_events!();`. Every event of the folder becomes a module,
//! every major of it a module therein, made from the major's newest minor.
//!
//! # The folder
//!
//! `schemas/<registry>/<type>/<major>.<minor>.json`: `OpenApi3` or `JSONSchemaDraft4` as the EventBridge
//! Schema Registry holds them, or a later JSON Schema. A schema may describe the payload, the envelope
//! around it, or the whole EventBridge event. `schemas/schemas.lock` lists what was published; the
//! command `cargo event lock` writes it.
//!
//! # The way of a schema
//!
//! [`load`](event_folder::load) (the folder) → [`family`](event_folder::family) (documents, model, every minor against
//! every earlier one) →
//! plan → typify → Rust text and [baselines](event_shape::baseline) → files that are written only
//! where they change. What is wrong is reported as `cargo::error=` lines, all of it in one run; then
//! nothing is written.
//!
//! # What the types hold
//!
//! Decoding is strict about structure: JSON types, required fields, the values of a closed enum (of any JSON
//! type), the fields of a closed object, the branches of a union, date-times, and the integer type that bounds
//! prove. What follows is a validator's work (`cargo event validate`), and no type refuses it:
//!
//! - `pattern`, `minLength`, `maxLength`, `multipleOf`; `minimum` and `maximum` beyond the integer type's own
//!   range; `minItems`, `maxItems`, `uniqueItems`, `contains`; `minProperties`, `maxProperties`,
//!   `propertyNames`, `dependencies`; `not`, `if`; that only one branch of a `oneOf` fits
//! - which names match a pattern of `patternProperties`: undeclared fields are a map of the pattern's type (of any
//!   JSON where several types are possible), in a closed object, too
//! - `anyOf` and `oneOf` beside `properties` whose branches only name required properties; a property whose schema
//!   is `false`
//! - formats other than `date-time`, where no type is configured for them
//! - what serde reads beside: `null` for an absent optional field, an array in the place of an object, by
//!   position (not in a union of an object and other types)
//!
//! The other way round, `1.0` is not an integer to serde, a schema with `properties` and no `type` is an object,
//! and a `discriminator` is believed: its property must be there and name a branch, as `OpenAPI` says.
//!
//! Everything else that a schema says and its type does not hold is a warning of the build, `not-in-the-type`,
//! with its place; a schema that would be ignored as a whole (below a name that is not a keyword) is an error. A
//! test compares the types with an independent validator on exactly these terms, in both directions, by tens of
//! thousands of events with one fault each, over real and random schemas.
//!
//! # Where the types are
//!
//! - `<event>::v<major>`, such as `order_placed::v2::OrderPlaced`: an event of any registry. Where two registries
//!   have an event of one name, [`Config::home`] says which of them has this path.
//! - `registries::<registry>::<event>`: every event, whatever other registries have.
//! - `shared::<file>`: the types of a file that events refer to by `$ref` (`../../shared/user.json` is
//!   `shared::shared_user`), once for all events. An event's module has those that it uses by its own names for
//!   them: `order_placed::v2::User` is the same type. Names come from the pointer in the file
//!   (`/definitions/User/properties/address` is `UserAddress`), so that no event changes them for another.

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
