//! Converts names to names of the registry and back, without loss. [`event_folder::name`] does this for folders.
//!
//! A registry allows only `A-Z a-z 0-9 _ . - @`; other characters become `_x20_`. This module converts texts; it reads
//! and writes no files.

use std::fmt::Write;
use std::sync::Arc;

use event_folder::load::SchemaFile;
use event_folder::name::from_folder;
use event_schema::document::Document;
use event_schema::read;
use serde_json::Value;

/// The longest name of a registry, in characters (Schemas API reference, `CreateRegistry`).
pub const MAX_REGISTRY: usize = 64;

/// The longest name of a schema, in characters (Schemas API reference, `CreateSchema`).
pub const MAX_SCHEMA: usize = 385;

fn allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '@')
}

/// Returns the name with characters that a registry does not allow as `_x20_`.
///
/// ```
/// use event_registry::name;
///
/// assert_eq!(name::to_registry("order placed"), "order_x20_placed");
/// assert_eq!(name::from_registry("order_x20_placed"), "order placed");
/// ```
pub fn to_registry(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (at, c) in name.char_indices() {
        if allowed(c) && !(c == '_' && escape(&name[at..]).is_some()) {
            out.push(c);
        } else {
            let _ = write!(out, "_x{:X}_", u32::from(c));
        }
    }
    out
}

/// Returns the name that a registry's name has from [`to_registry`]. A name that it would spell differently is kept as
/// it is.
pub fn from_registry(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        if let Some((meant, len)) = escape(rest) {
            out.push(meant);
            rest = &rest[len..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    if to_registry(&out) == name { out } else { name.to_owned() }
}

/// Returns the character of an escape at the start of the text, and the length of the escape.
fn escape(text: &str) -> Option<(char, usize)> {
    let digits = text.strip_prefix("_x")?.split_once('_')?.0;
    let canonical = !digits.is_empty()
        && digits.len() <= 6
        && (!digits.starts_with('0') || digits == "0")
        && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
    let code = canonical.then(|| u32::from_str_radix(digits, 16).ok())??;
    Some((char::from_u32(code)?, digits.len() + 3))
}

/// Returns the name without its suffix `-vN`, and the major of the suffix.
///
/// ```
/// use event_registry::name;
///
/// assert_eq!(name::suffix("app@order.placed-v2"), ("app@order.placed", Some(2)));
/// assert_eq!(name::suffix("aws.s3@ObjectDeleted"), ("aws.s3@ObjectDeleted", None));
/// ```
pub fn suffix(schema: &str) -> (&str, Option<u32>) {
    let found = schema.rsplit_once("-v").and_then(|(stem, n)| Some((stem, major(n)?)));
    match found.filter(|(stem, _)| !stem.is_empty()) {
        Some((stem, major)) => (stem, Some(major)),
        None => (schema, None),
    }
}

/// Returns the type and the major of a detail-type `type:vN`.
pub fn detail_type(text: &str) -> Option<(&str, u32)> {
    let (stem, n) = text.rsplit_once(":v")?;
    Some((stem, major(n)?)).filter(|(stem, _)| !stem.is_empty())
}

/// Returns the event and the major in the detail-type of a document with one event.
///
/// ```
/// use event_registry::name;
///
/// let text = r#"{ "x-amazon-events-detail-type": "order.placed:v2", "type": "object" }"#;
/// assert_eq!(name::stated(&text.into()), Some(("order.placed".to_owned(), 2)));
/// assert_eq!(name::stated(&"{}".into()), None);
/// ```
pub fn stated(text: &Arc<str>) -> Option<(String, u32)> {
    let document = Document::parse("", text.clone()).ok()?;
    let events = read::events(&document).ok()?;
    let [event] = events.as_slice() else { return None };
    let (event, major) = detail_type(&event.facts.detail_type.as_ref()?.value)?;
    Some((event.to_owned(), major))
}

/// Parses a major without leading zeros or a sign, so that each has one spelling.
fn major(n: &str) -> Option<u32> {
    n.parse().ok().filter(|m: &u32| m.to_string() == n)
}

/// Returns the schema name of a major of an event: `source@type-vN`, or `type-vN` without a source.
pub fn schema(source: Option<&str>, event: &str, major: u32) -> String {
    let whole = match source {
        Some(source) => format!("{source}@{event}-v{major}"),
        None => format!("{event}-v{major}"),
    };
    to_registry(&whole)
}

/// Returns the schema name of a file's major. If the schema does not state a source, the registry of the folder takes
/// its place.
pub fn schema_of(file: &SchemaFile) -> String {
    let source = source(&file.text);
    let source = source.unwrap_or_else(|| from_folder(&file.name.registry));
    schema(Some(&source), &from_folder(&file.name.event), file.version.major)
}

/// Returns the event of a schema `<source>@<type>-v<major>` if [`schema_of`] would give it that name; otherwise its
/// name without the major.
pub(crate) fn event_of(schema: &str, registry: &str, text: &str) -> String {
    let (stem, major) = suffix(schema);
    let whole = from_registry(stem);
    // names without a major are AWS's or somebody else's, and are kept as they are
    let source = source(text).unwrap_or_else(|| registry.to_owned());
    let event = whole.strip_prefix(&source).and_then(|rest| rest.strip_prefix('@'));
    match event.filter(|event| !event.is_empty() && major.is_some()) {
        Some(event) => event.to_owned(),
        None => whole,
    }
}

/// Returns the source that a schema states.
fn source(text: &str) -> Option<String> {
    const KEY: &str = "x-amazon-events-source";
    let document: Value = serde_json::from_str(text).ok()?;
    let source =
        document.get(KEY).or_else(|| document.pointer("/components/schemas/AWSEvent")?.get(KEY));
    source?.as_str().map(str::to_owned)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hostile_names_convert_back() {
        for name in event_folder::name::HOSTILE {
            assert_eq!(from_registry(&to_registry(name)), *name);
        }
    }

    #[test]
    fn plain_names_are_unchanged() {
        for name in [
            "proposal.published",
            "aws.s3@ObjectDeleted",
            "a-b_c",
            "app.solargenix@proposal.published-v2",
            "console",
        ] {
            assert_eq!(
                (to_registry(name), from_registry(name)),
                (name.to_owned(), name.to_owned())
            );
        }
    }

    #[test]
    fn foreign_name_that_looks_encoded_is_unchanged() {
        for name in ["_x41_", "_x5f_", "_x", "a_x_b", "_x110000_", "_xD800_"] {
            assert_eq!(from_registry(name), name);
        }
    }

    #[test]
    fn major_has_one_spelling() {
        for (schema, major) in [
            ("a-v1", Some(1)),
            ("a-v01", None),
            ("a-v+1", None),
            ("a-v", None),
            ("-v1", None),
            ("a-v9999999999", None),
        ] {
            assert_eq!(suffix(schema).1, major, "{schema}");
        }
        assert_eq!(detail_type("a.b:v2"), Some(("a.b", 2)));
        assert_eq!(detail_type("EC2 Instance"), None);
    }

    proptest! {
        #[test]
        fn registry_names_convert_back(name in "\\PC{1,20}|[_x0-9A-F]{1,20}|.{1,5}") {
            let there = to_registry(&name);
            prop_assert!(there.chars().all(allowed));
            prop_assert_eq!(from_registry(&there), name);
        }

        #[test]
        fn major_converts_back(event in "[a-z.@-]{1,10}(-v[0-9])?", major in 0u32..9) {
            let there = schema(None, &event, major);
            prop_assert_eq!(suffix(&there), (event.as_str(), Some(major)));
        }
    }
}
