//! Shapes of types from other crates, each behind a feature of that crate's name.
//!
//! A type is listed only if serde writes what its format promises under all features of its crate. `time`
//! is not listed: its serialization depends on its features, and RFC 3339 is a serde module (`#[serde(with
//! = "time::serde::rfc3339")]`), which the derive knows without a feature.
//!
//! One exception: with `serde-float` of `rust_decimal`, a `Decimal` is written as a number, and this crate
//! cannot detect that. The feature `rust_decimal-float` enables it, and the shape follows.
#![allow(unused_imports)] // each line below belongs to a feature

use crate::Shape;
use crate::wire::leaf;

#[cfg(feature = "jiff")]
leaf! {
    jiff::Timestamp => Shape::Str("date-time"),
    jiff::civil::Date => Shape::Str("date"),
    jiff::Span => Shape::Str("duration"),
}

#[cfg(feature = "chrono")]
leaf! {
    chrono::DateTime<chrono::Utc> => Shape::Str("date-time"),
    chrono::DateTime<chrono::FixedOffset> => Shape::Str("date-time"),
    chrono::NaiveDate => Shape::Str("date"),
}

#[cfg(feature = "uuid")]
leaf! { uuid::Uuid => Shape::Str("uuid") }

#[cfg(feature = "ulid")]
leaf! { ulid::Ulid => Shape::Str("ulid") }

#[cfg(feature = "rust_decimal-float")]
leaf! { rust_decimal::Decimal => Shape::Num(false) }

#[cfg(all(feature = "rust_decimal", not(feature = "rust_decimal-float")))]
leaf! { rust_decimal::Decimal => Shape::Str("decimal") }

#[cfg(feature = "serde_json")]
leaf! { serde_json::Value => Shape::Any }

#[cfg(feature = "serde_json")]
#[diagnostic::do_not_recommend]
impl crate::EventData for serde_json::Map<alloc::string::String, serde_json::Value> {
    const SHAPE: crate::Ref =
        crate::Ref::new(&Shape::Map(<serde_json::Value as crate::EventData>::SHAPE));
}
