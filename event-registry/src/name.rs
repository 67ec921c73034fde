//! A registry's names, both ways without loss; those of folders are [`event_folder::name`]'s.
//!
//! A registry allows `A-Z a-z 0-9 _ . - @` and nothing else; what it forbids is written `_x20_`. Texts only: no file
//! is touched here.

use std::fmt::Write;
use std::sync::Arc;

use event_folder::load::SchemaFile;
use event_folder::name::from_folder;
use event_schema::document::Document;
use event_schema::read;
use serde_json::Value;

/// Longest name of a registry, in characters (Schemas API reference, `CreateRegistry`).
pub const MAX_REGISTRY: usize = 64;

/// Longest name of a schema, in characters (Schemas API reference, `CreateSchema`).
pub const MAX_SCHEMA: usize = 385;

fn allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '@')
}

/// The name as a registry takes it: other characters as `_x20_`.
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

/// The name behind what a registry holds. A name that [`to_registry`] would spell otherwise stands for
/// itself.
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

/// The character that an escape at the start of the text stands for, and the escape's length.
fn escape(text: &str) -> Option<(char, usize)> {
    let digits = text.strip_prefix("_x")?.split_once('_')?.0;
    let canonical = !digits.is_empty()
        && digits.len() <= 6
        && (!digits.starts_with('0') || digits == "0")
        && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
    let code = canonical.then(|| u32::from_str_radix(digits, 16).ok())??;
    Some((char::from_u32(code)?, digits.len() + 3))
}

/// The name without its suffix `-vN`, and the major that the suffix says.
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

/// The type and the major of a detail-type `type:vN`.
pub fn detail_type(text: &str) -> Option<(&str, u32)> {
    let (stem, n) = text.rsplit_once(":v")?;
    Some((stem, major(n)?)).filter(|(stem, _)| !stem.is_empty())
}

/// The event and the major that a document's only event says by its detail-type.
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

/// A number as we write it: one spelling each.
fn major(n: &str) -> Option<u32> {
    n.parse().ok().filter(|m: &u32| m.to_string() == n)
}

/// What a major of an event is called in a registry: `source@type-vN`, or without a source `type-vN`.
pub fn schema(source: Option<&str>, event: &str, major: u32) -> String {
    let whole = match source {
        Some(source) => format!("{source}@{event}-v{major}"),
        None => format!("{event}-v{major}"),
    };
    to_registry(&whole)
}

/// What a file's major is called in a registry; the folder's registry stands in for a source that the
/// schema doesn't name.
pub fn schema_of(file: &SchemaFile) -> String {
    let source = source(&file.text);
    let source = source.unwrap_or_else(|| from_folder(&file.name.registry));
    schema(Some(&source), &from_folder(&file.name.event), file.version.major)
}

/// The event that a schema `<source>@<type>-v<major>` is about, where it is called as [`schema_of`]
/// would call it; else its name without the major.
pub(crate) fn event_of(schema: &str, registry: &str, text: &str) -> String {
    let (stem, major) = suffix(schema);
    let whole = from_registry(stem);
    // names without a major are AWS's or somebody else's, and stand for themselves
    let source = source(text).unwrap_or_else(|| registry.to_owned());
    let event = whole.strip_prefix(&source).and_then(|rest| rest.strip_prefix('@'));
    match event.filter(|event| !event.is_empty() && major.is_some()) {
        Some(event) => event.to_owned(),
        None => whole,
    }
}

/// The source that a schema names.
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

    /// Names that somebody may have meant to lead elsewhere.
    const EVIL: &[&str] = &[
        "../../x",
        "..",
        ".",
        "/etc/passwd",
        "C:\\x",
        "\\\\host\\share",
        "a/b",
        "a\0b",
        "NUL",
        "nul.json",
        "com1",
        "LPT9.txt",
        "COM¹",
        ".git",
        "_x",
        "x.",
        "x ",
        "a:b",
        "~",
        "%2E%2E",
        "a\nb",
        "\u{202e}x",
        "con ",
        "schemas.lock",
        "EVENT.toml",
    ];

    #[test]
    fn hostile_names_come_back() {
        for name in EVIL {
            assert_eq!(from_registry(&to_registry(name)), *name);
        }
    }

    #[test]
    fn plain_names_stay_as_they_are() {
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
    fn a_foreign_name_that_looks_encoded_stands_for_itself() {
        for name in ["_x41_", "_x5f_", "_x", "a_x_b", "_x110000_", "_xD800_"] {
            assert_eq!(from_registry(name), name);
        }
    }

    #[test]
    fn only_one_spelling_is_a_major() {
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
        fn registry_names_come_back(name in "\\PC{1,20}|[_x0-9A-F]{1,20}|.{1,5}") {
            let there = to_registry(&name);
            prop_assert!(there.chars().all(allowed));
            prop_assert_eq!(from_registry(&there), name);
        }

        #[test]
        fn a_major_comes_back(event in "[a-z.@-]{1,10}(-v[0-9])?", major in 0u32..9) {
            let there = schema(None, &event, major);
            prop_assert_eq!(suffix(&there), (event.as_str(), Some(major)));
        }
    }
}
