//! Wire shapes of Rust types: what serde writes and reads for a type, as static data.
//!
//! Most users get this crate through `event-runtime`. Use it directly to give a type a shape without depending on the
//! runtime.
//!
//! | To | Use |
//! |---|---|
//! | give your own type a shape | `#[derive(EventData)]` of `event-runtime` |
//! | give a type with a hand-written serde impl a shape | [`impl_shape!`] |
//! | use types of `chrono`, `jiff`, `uuid`, `ulid`, `rust_decimal` | the feature of that name |
//! | find the Rust type for a schema | [the table](#which-type-satisfies-which-schema) |
//! | read the shape of a type | [`EventData::SHAPE`] |
//! | compare a shape with a locked schema in const evaluation | [`check`], which the derives call |
//! | read or write the compact form of a locked schema | [`baseline`] |
//!
//! ```
//! use event_shape::{EventData, Shape};
//!
//! struct AccountId([u8; 16]); // written as a UUID by its own `Serialize`
//! event_shape::impl_shape!(AccountId = "string", format = "uuid");
//!
//! assert!(matches!(AccountId::SHAPE.get(), Shape::Str("uuid")));
//! ```
//!
//! The crate has no dependencies except those behind features. It does not know JSON Schema, files or serde.
//!
//! # Which type satisfies which schema
//!
//! The rule: a type must read every value that the schema allows, and write only such values. In detail:
//!
//! | Schema | Rust type |
//! |---|---|
//! | any JSON | `serde_json::Value` |
//! | `null` | `()`, a unit struct |
//! | boolean | `bool` |
//! | integer without bounds | `i64`, the limit that both sides accept |
//! | integer, `minimum: 0` only | `u64` |
//! | integer, bounds equal to a Rust type's range | an integer type of exactly that range |
//! | integer, other bounds | any integer type that includes them |
//! | number | `f64` |
//! | number, format float | `f32` |
//! | closed list of integers or booleans (`enum`) | an enum with `#[event(repr)]` (as `serde_repr` writes it) of the same numbers, `impl_shape!(Level = 1 \| 2)` |
//! | string without format, or with a format not listed below | `String`, `str` |
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
//! | open enum of strings (`x-open`) | an enum with a catch-all variant: `#[serde(other)]`, or `#[serde(untagged)] Unknown(String)` |
//! | other open enum | an enum with a catch-all variant: `#[serde(untagged)] Unknown(serde_json::Value)` |
//! | required field | a plain field; `#[serde(default)]` is allowed, because it only reads more |
//! | optional field | `Option<T>` with `skip_serializing_if = "Option::is_none"`, or a plain field with `#[serde(default)]` |
//! | optional field, T or null | `Option<T>`; `Option<Option<T>>` where absent and `null` differ |
//! | a schema that cannot be compared with a Rust type | `serde_json::Value` |
//!
//! A `String` does not guarantee that it holds a UUID, so it does not satisfy the formats of [`TYPED_FORMATS`]. If your
//! own code ensures it, state that on the field: `#[event(as = "string", format = "uuid")]`. If the build configures no
//! type for a format (`Config::format` of `event-codegen`), a `String` satisfies it too, because generated code uses
//! one. `Box`, `Rc`, `Arc`, `Cow`, newtypes and `#[serde(transparent)]` have the shape of their content.
//!
//! # Comparing a shape with a lock
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
//! // the text of the field `title` begins at byte 2 of the root
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
