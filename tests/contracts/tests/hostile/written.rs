//! Ways in which a type comes to stand in the source, and values in places where few look.

use serde_json::{Value, json};

use crate::object_schema;
use crate::objects::{All, Expected, SKIP, integer, k, text};

use Expected::{Either, Kept, Refused};

pub(crate) fn all(all: &mut All) {
    macros(all);
    inside(all);
    numbers(all);
    texts(all);
    tags(all);
}

/// Types that a macro writes, and attributes behind a condition.
fn macros(all: &mut All) {
    let kind = "written by a macro";
    let part = |name: &str| object_schema(json!({name: integer()}), &[name]);
    let make = "macro_rules! make { ($name:ident, $(#[$meta:meta])* $field:ident: $t:ty) => { DATA pub struct $name { $(#[$meta])* pub $field: $t } } }";
    for (call, schema, expected) in [
        ("make!(K, a: i64);", part("a"), Kept),
        ("make!(K, #[serde(rename = \"a\")] b: i64);", part("a"), Kept),
        ("make!(K, #[serde(rename = \"b\")] a: i64);", part("a"), Refused("is new")),
        ("make!(K, a: String);", part("a"), Refused("changed its type")),
        (
            "make!(K, #[serde(skip_serializing_if = \"Option::is_none\")] a: Option<i64>);",
            object_schema(json!({"a": integer()}), &[]),
            Kept,
        ),
        ("make!(K, a: Option<i64>);", part("a"), Refused("was required and is now optional")),
    ] {
        k(&format!("{make} {call}"), schema, all, kind, expected, false);
    }
    let literal = "macro_rules! named { ($wire:literal, $rule:literal) => { DATA #[serde(rename_all = $rule)] pub struct K { #[serde(rename = $wire)] pub a: i64, pub foo_bar: i64 } } }";
    let schema = || object_schema(json!({"z": integer(), "fooBar": integer()}), &["z", "fooBar"]);
    k(&format!("{literal} named!(\"z\", \"camelCase\");"), schema(), all, kind, Kept, false);
    k(
        &format!("{literal} named!(\"z\", \"snake_case\");"),
        schema(),
        all,
        kind,
        Refused("was removed, and `foo_bar` is new"),
        false,
    );
    for (attr, expected) in [
        ("#[cfg_attr(all(), serde(rename = \"a\"))]", Kept),
        ("#[cfg_attr(any(), serde(rename = \"a\"))]", Refused("was removed")),
        ("#[cfg_attr(all(), serde(rename = \"a\"), serde(default))]", Kept),
    ] {
        let items = format!("DATA pub struct K {{ {attr} pub b: i64 }}");
        k(&items, part("a"), all, kind, expected, false);
    }
    k(
        "DATA pub struct K { pub a: i64, #[cfg(any())] pub b: i64, #[cfg(all())] #[serde(skip)] pub c: i64 }",
        part("a"),
        all,
        kind,
        Kept,
        false,
    );
}

/// `null` and other types inside of lists, maps, tuples and options.
fn inside(all: &mut All) {
    let kind = "inside";
    let list = |of: Value| json!({"type": "array", "items": of});
    let map = |of: Value| json!({"type": "object", "additionalProperties": of});
    let maybe = || json!({"type": ["integer", "null"]});
    for (ty, schema, expected) in [
        ("Vec<Option<i64>>", list(integer()), Refused("")),
        ("Vec<Option<i64>>", list(maybe()), Kept),
        ("Vec<i64>", list(maybe()), Refused("may be `null`")),
        ("BTreeMap<String, Option<i64>>", map(integer()), Refused("")),
        ("BTreeMap<String, Option<i64>>", map(maybe()), Kept),
        ("Vec<Vec<Option<String>>>", list(list(text())), Refused("")),
        ("Box<[Box<Option<i64>>]>", list(integer()), Refused("")),
        ("[i64; 2]", list(integer()), Refused("changed its type")),
        ("(i64,)", list(integer()), Refused("changed its type")),
        ("std::collections::BTreeSet<i64>", list(integer()), Kept),
        ("std::collections::VecDeque<Vec<i64>>", list(list(integer())), Kept),
        ("Vec<u8>", list(integer()), Refused("changed its type")),
        ("Vec<()>", list(json!({"type": "null"})), Kept),
    ] {
        k(&format!("pub type K = {ty};"), schema, all, kind, expected, false);
    }
}

/// Integers at the ends of their types.
fn numbers(all: &mut All) {
    let kind = "number";
    let within = |lo: i128, hi: i128| json!({"type": "integer", "minimum": lo, "maximum": hi});
    for (ty, schema, expected) in [
        ("std::num::NonZeroU8", within(1, 255), Kept),
        ("std::num::NonZeroU8", within(0, 255), Refused("changed its type")),
        ("u8", within(1, 255), Either),
        ("u8", within(0, 256), Refused("changed its type")),
        ("u8", within(0, 100), Kept),
        ("i8", within(-128, 127), Kept),
        ("i16", within(-128, 127), Refused("changed its type")),
        ("u32", json!({"type": "integer", "minimum": 0}), Refused("changed its type")),
        ("u64", integer(), Refused("changed its type")),
        ("usize", json!({"type": "integer", "minimum": 0}), Kept),
        ("f32", json!({"type": "number"}), Refused("changed its type")),
        ("i64", json!({"type": "number"}), Refused("changed its type")),
    ] {
        k(&format!("pub type K = {ty};"), schema, all, kind, expected, false);
    }
}

/// Texts of formats, by types that write one.
fn texts(all: &mut All) {
    let kind = "format";
    let of = |format: &str| json!({"type": "string", "format": format});
    for (ty, schema, expected) in [
        ("Timestamp", of("date-time"), Kept),
        ("Timestamp", text(), Refused("changed its type")),
        ("String", of("date-time"), Refused("changed its type")),
        ("std::net::Ipv4Addr", of("ipv4"), Kept),
        ("std::net::IpAddr", of("ipv4"), Refused("changed its type")),
        ("std::net::Ipv6Addr", of("ipv4"), Refused("changed its type")),
        ("char", text(), Refused("changed its type")),
    ] {
        k(&format!("pub type K = {ty};"), schema, all, kind, expected, false);
    }
}

/// A tag beside the tag of what the variant holds.
fn tags(all: &mut All) {
    let kind = "tag in a tag";
    let inner = "DATA #[serde(tag = \"TAG\", rename_all = \"lowercase\")] pub enum I { X { n: i64 }, Y { n: i64 } }";
    let outer = "DATA #[serde(tag = \"t\", rename_all = \"lowercase\")] pub enum K { A(I), B }";
    let branch = |tag: &str, more: Value| {
        let mut properties = json!({"t": {"type": "string", "enum": [tag]}});
        for (name, schema) in more.as_object().unwrap() {
            properties[name] = schema.clone();
        }
        let names: Vec<&str> = properties.as_object().unwrap().keys().map(String::as_str).collect();
        object_schema(properties.clone(), &names)
    };
    let schema =
        || json!({"oneOf": [branch("a", json!({"n": integer()})), branch("b", json!({}))]});
    for tag in ["t", "u"] {
        let items = format!("{} {outer}", inner.replace("TAG", tag));
        k(&items, schema(), all, kind, Refused(""), false);
    }
    let items = format!("DATA pub struct I {{ {SKIP} pub n: Option<i64> }} {outer}");
    k(&items, schema(), all, kind, Refused(""), false);
}
