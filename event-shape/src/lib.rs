//! What a wire shape is.
//!
//! [`Shape`] says as static data what serde writes for a Rust type; the const functions of [`check`]
//! hold it against a [`baseline`]: the compact text that `event-codegen` compiled from the locked
//! schemas. No dependencies but those behind features, no JSON Schema, no idea of files or versions
//! beyond what a message names.
//!
//! # Which type satisfies which schema
//!
//! One rule: what the type reads ⊇ what the schema allows, and what it writes ⊆ it. In detail:
//!
//! | Schema | Rust type |
//! |---|---|
//! | any JSON | `serde_json::Value` |
//! | `null` | `()`, a unit struct |
//! | boolean | `bool` |
//! | integer without bounds | `i64`: the accepted limit of both sides |
//! | integer, `minimum: 0` only | `u64` |
//! | integer, bounds that are a Rust type's range | an integer type of exactly that range |
//! | integer, other bounds | any integer type that holds them |
//! | number | `f64` |
//! | number, format float | `f32` |
//! | integers or booleans in a closed list (`enum`) | an enum with `#[event(repr)]` (as `serde_repr` writes it) of the same numbers, `impl_shape!(Level = 1 \| 2)` |
//! | string without format, or with one not listed below | `String`, `str` |
//! | string, date-time | `jiff::Timestamp`, `chrono::DateTime<Utc or FixedOffset>`, `#[serde(with = "time::serde::rfc3339")]` |
//! | string, date | `jiff::civil::Date`, `chrono::NaiveDate` |
//! | string, duration | `jiff::Span` |
//! | string, uuid | `uuid::Uuid` |
//! | string, ulid | `ulid::Ulid` |
//! | string, decimal | `rust_decimal::Decimal` (a number with the feature `rust_decimal-float`) |
//! | string, ip, ipv4, ipv6 | `IpAddr`, `Ipv4Addr`, `Ipv6Addr` |
//! | T or null | `Option<T>` |
//! | array | `Vec`, `VecDeque`, slices, sets |
//! | tuple | tuples of up to eight, `[T; N]` |
//! | map | `BTreeMap`, `HashMap` with string keys |
//! | object | a struct with the same wire names; `deny_unknown_fields` only on a closed one without `patternProperties` |
//! | enum | an enum, tagged in the same way, with the same variants |
//! | open enum of strings (`x-open`) | with a catch-all variant: `#[serde(other)]`, or `#[serde(untagged)] Unknown(String)` |
//! | other open enum | with a catch-all variant: `#[serde(untagged)] Unknown(serde_json::Value)` |
//! | required field | a plain field; `#[serde(default)]` may stay, it only reads more |
//! | optional field | `Option<T>` with `skip_serializing_if = "Option::is_none"`, or a plain field with `#[serde(default)]` |
//! | optional field, T or null | `Option<T>`; `Option<Option<T>>` where absent and `null` differ |
//! | whatever no Rust type can be held to | `serde_json::Value` |
//!
//! A `String` can't promise that it writes a UUID, so it does not satisfy the formats of
//! [`TYPED_FORMATS`]. Where your own code sees to it, say so on the field:
//! `#[event(as = "string", format = "uuid")]`. Where the build gives a format no type (`Config::format` of
//! `event-codegen`), a `String` satisfies it too, for that is what generated code has. `Box`, `Rc`, `Arc`,
//! `Cow`, newtypes and `#[serde(transparent)]` are what they hold.
//!
//! # Example
//!
//! ```
//! use event_shape::{EventData, Locked, check};
//!
//! static LOCKED: Locked<'static> = Locked {
//!     event: "proposal.published",
//!     version: "1.0",
//!     against: "1.0",
//!     file: "schemas/app-core/proposal.published/1.0.json",
//!     locked: true,
//!     exact: true,
//!     generated: false,
//!     root: "o~4,!5:title5:titles0:)",
//!     definitions: &[],
//! };
//! // the field whose text begins at byte 2 of the root is a string
//! const TITLE: bool = check::holds(&LOCKED, <String as EventData>::SHAPE, 0, 2);
//! assert!(TITLE);
//! assert!(!check::holds(&LOCKED, <bool as EventData>::SHAPE, 0, 2));
//! ```
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod baseline;
#[cfg(feature = "check")]
pub mod check;
mod code;
#[cfg(feature = "check")]
#[doc(hidden)]
pub mod configured;
#[cfg(feature = "check")]
mod down;
#[cfg(feature = "check")]
mod foreign;
mod formats;
#[doc(hidden)]
pub mod near;
mod range;
mod shape;
#[cfg(feature = "check")]
mod wire;

#[cfg(feature = "check")]
pub use check::{Definition, Locked};
pub use code::Code;
#[cfg(feature = "check")]
#[doc(hidden)]
pub use down::{ByHand, DownItem, DownOr, DownSome, DownToSome, UpItem, UpOr, UpSome, UpToSome};
#[cfg(feature = "check")]
pub use down::{Down, Narrowing, Up};
pub use formats::{TYPED_FORMATS, UNTYPED, has_type};
pub use shape::{Body, Enum, Field, Object, Ref, Scalar, Shape, Tag, Type, Variant};
#[cfg(feature = "check")]
pub use wire::{EventData, MapKey};

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
