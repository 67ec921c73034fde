//! Combinations of serde attributes with each other and with the ways to write a type.

use serde_json::{Value, json};

use crate::object_schema;
use crate::objects::{All, DATA, Expected, SKIP, integer, k, text};

use Expected::{Either, Kept, Refused, RefusedByMore};

pub(crate) fn all(all: &mut All) {
    unions(all);
    defaults(all);
    names(all);
    flattened(all);
    generics(all);
    wrapped(all);
    enums(all);
    keys(all);
}

/// Two attributes on one field, of one type, under one schema: for `just attack-derive`.
pub(crate) fn pairs(all: &mut All) {
    const ATTRS: [&str; 17] = [
        "",
        "default",
        "default = \"crate::made\"",
        "skip",
        "skip_serializing",
        "skip_deserializing",
        "skip_serializing_if = \"Option::is_none\"",
        "skip_serializing_if = \"crate::lies::always\"",
        "rename = \"z\"",
        "rename(serialize = \"z\")",
        "rename(deserialize = \"z\")",
        "alias = \"z\"",
        "alias = \"a\"",
        "flatten",
        "deserialize_with = \"crate::plain\"",
        "serialize_with = \"crate::text::serialize\"",
        "bound = \"\"",
    ];
    let inner = || object_schema(json!({"n": integer(), "z": text()}), &["n"]);
    let types: [(&str, Value); 6] = [
        ("i64", integer()),
        ("Option<i64>", integer()),
        ("Vec<i64>", json!({"type": "array", "items": integer()})),
        ("I", inner()),
        ("Option<I>", inner()),
        ("BTreeMap<String, Value>", json!({"type": "object"})),
    ];
    let items = format!(
        "{DATA} #[derive(Default)] pub struct I {{ pub n: i64, {SKIP} pub z: Option<String> }}"
    );
    for (i, first) in ATTRS.iter().enumerate() {
        for second in &ATTRS[i + 1..] {
            for (ty, schema) in &types {
                let attrs = [*first, *second];
                let attrs: Vec<&str> = attrs.into_iter().filter(|a| !a.is_empty()).collect();
                let fields = format!("pub id: bool, #[serde({})] pub a: {ty}", attrs.join(", "));
                let flat = attrs.contains(&"flatten");
                let id = json!({"type": "boolean"});
                let schemas = if flat {
                    vec![(json!({"id": id, "n": integer(), "z": text()}), vec!["id", "n"])]
                } else {
                    let name = if attrs.contains(&"rename = \"z\"") { "z" } else { "a" };
                    let properties = json!({"id": id, name: schema});
                    vec![
                        (properties.clone(), vec!["id", name]),
                        (properties, vec!["id"]),
                        (json!({"id": id}), vec!["id"]),
                    ]
                };
                for (properties, required) in schemas {
                    all.push("pair", Either, &fields, properties, &required, |o| {
                        o.items(&items).minor()
                    });
                }
            }
        }
    }
}

/// A payload that is a union.
fn unions(all: &mut All) {
    let kind = "union";
    let branch = |name: &str, schema: Value| object_schema(json!({name: schema}), &[name]);
    let tagged = |tag: &str, name: &str| {
        let mut branch = branch(name, text());
        branch["properties"]["t"] = json!({"enum": [tag]});
        branch["required"] = json!(["t", name]);
        branch
    };
    for (fields, key, branches) in [
        ("pub id: String", "oneOf", json!([branch("card", text()), branch("iban", text())])),
        ("pub id: String", "anyOf", json!([branch("card", text()), branch("iban", integer())])),
        (
            "pub id: String, #[serde(skip_serializing_if = \"Option::is_none\")] pub card: Option<String>, #[serde(skip_serializing_if = \"Option::is_none\")] pub iban: Option<String>",
            "oneOf",
            json!([branch("card", text()), branch("iban", text())]),
        ),
        (
            "pub id: String, pub t: String",
            "oneOf",
            json!([tagged("a", "card"), tagged("b", "iban")]),
        ),
        (
            "pub id: String, #[serde(flatten)] pub how: How",
            "oneOf",
            json!([tagged("a", "card"), tagged("b", "iban")]),
        ),
        (
            "pub id: String, #[serde(flatten)] pub more: BTreeMap<String, Value>",
            "oneOf",
            json!([branch("card", text()), branch("iban", text())]),
        ),
    ] {
        for minor in [false, true] {
            let items = format!(
                "{DATA} #[serde(tag = \"t\", rename_all = \"lowercase\")] pub enum How {{ A {{ card: String }}, B {{ iban: String }} }}"
            );
            all.push(
                kind,
                Refused("the payload is a union, but a struct holds one set of fields"),
                fields,
                json!({"id": text()}),
                &["id"],
                |mut o| {
                    o.minor = minor;
                    o.items(&items).with(key, branches.clone()).at_the_root()
                },
            );
        }
        let part = {
            let mut part = object_schema(json!({"id": text()}), &["id"]);
            part[key] = branches.clone();
            part
        };
        let items = format!(
            "{DATA} #[serde(tag = \"t\", rename_all = \"lowercase\")] pub enum How {{ A {{ card: String }}, B {{ iban: String }} }} {DATA} pub struct Part {{ {fields} }}"
        );
        all.push(
            kind,
            Refused("changed its type"),
            "pub part: Part",
            json!({"part": part}),
            &["part"],
            |mut o| {
                fields.clone_into(&mut o.name);
                o.items(&items)
            },
        );
    }
}

/// `default`, of a field and of the container, with other keys.
fn defaults(all: &mut All) {
    let kind = "default";
    let list = || json!({"type": "array", "items": integer()});
    let optional = || json!({"a": integer(), "b": text()});
    all.push(kind, Kept, "#[serde(default = \"seven\")] pub a: i64, #[serde(default = \"String::new\")] pub b: String", optional(), &[], |o| {
        o.items("fn seven() -> i64 { 7 }")
    });
    all.push(kind, Kept, "pub a: i64, pub b: String", optional(), &[], |o| {
        o.attrs("#[derive(Default)] #[serde(default)]")
    });
    all.push(kind, Kept, "pub a: i64, pub b: String, pub c: Vec<i64>", optional(), &[], |o| {
        o.attrs("#[derive(Default)] #[serde(default)]").minor()
    });
    all.push(
        kind,
        Kept,
        "#[serde(default, skip_serializing_if = \"Vec::is_empty\")] pub a: Vec<i64>",
        json!({"a": list()}),
        &[],
        |o| o,
    );
    all.push(
        kind,
        Refused("may now be left out"),
        "#[serde(default, skip_serializing_if = \"Vec::is_empty\")] pub a: Vec<i64>",
        json!({"a": list()}),
        &["a"],
        |o| o,
    );
    all.push(
        kind,
        Refused("may now be left out"),
        "#[serde(default, skip_serializing_if = \"zero\")] pub a: i64",
        json!({"a": integer()}),
        &["a"],
        |o| o.items("fn zero(n: &i64) -> bool { *n == 0 }"),
    );
    all.push(
        kind,
        Refused("was optional and is now required"),
        "pub a: i64",
        json!({"a": integer()}),
        &[],
        |o| o.attrs("#[derive(Default)]"),
    );
    all.push(
        kind,
        Refused("written as `null`"),
        "pub a: Option<i64>",
        json!({"a": integer()}),
        &[],
        |o| o.attrs("#[derive(Default)] #[serde(default)]"),
    );
    all.push(
        kind,
        Kept,
        "#[serde(skip)] pub n: i64, #[serde(skip, default = \"seven\")] pub m: i64, pub a: String",
        json!({"a": text()}),
        &["a"],
        |o| o.items("fn seven() -> i64 { 7 }"),
    );
}

/// Names by rules and by hand.
fn names(all: &mut All) {
    let kind = "name";
    let two = || json!({"fooBar": integer(), "Kind": text()});
    let both = &["fooBar", "Kind"];
    all.push(
        kind,
        Kept,
        "pub foo_bar: i64, #[serde(rename = \"Kind\")] pub kind: String",
        two(),
        both,
        |o| o.attrs("#[serde(rename_all = \"camelCase\")]"),
    );
    all.push(kind, Kept, "#[serde(rename(serialize = \"fooBar\", deserialize = \"fooBar\"))] pub a: i64, #[serde(rename = \"Kind\")] pub kind: String", two(), both, |o| o);
    all.push(
        kind,
        Refused("written as `fooBar` but read as `foo_bar`"),
        "pub foo_bar: i64, #[serde(rename = \"Kind\")] pub kind: String",
        two(),
        both,
        |o| {
            o.attrs("#[serde(rename_all(serialize = \"camelCase\", deserialize = \"snake_case\"))]")
        },
    );
    all.push(
        kind,
        Kept,
        "pub a: i64, pub r#type: String",
        json!({"a": integer(), "type": text()}),
        &["a", "type"],
        |o| {
            o.attrs("#[serde(rename_all(serialize = \"camelCase\", deserialize = \"snake_case\"))]")
        },
    );
    all.push(kind, Kept, "pub größe: i64", json!({"größe": integer()}), &["größe"], |o| o);
    all.push(
        kind,
        Kept,
        "#[serde(rename = \"\")] pub a: i64",
        json!({"": integer()}),
        &[""],
        |o| o,
    );
    all.push(
        kind,
        Kept,
        "#[serde(rename = \"a b:\\\"c\\\\\")] pub a: i64",
        json!({"a b:\"c\\": integer()}),
        &["a b:\"c\\"],
        |o| o,
    );
    let branch = |tag: &str, name: &str| json!({"type": "object", "properties": {tag: object_schema(json!({name: integer()}), &[name])}, "required": [tag], "additionalProperties": false});
    let schema = |a: &str, b: &str| json!({"oneOf": [branch("one", a), branch("two", b)]});
    k(
        "DATA #[serde(rename_all = \"lowercase\", rename_all_fields = \"camelCase\")] pub enum K { One { foo_bar: i64 }, Two { x_y: i64 } }",
        schema("fooBar", "xY"),
        all,
        kind,
        Kept,
        false,
    );
    k(
        "DATA #[serde(rename_all = \"lowercase\", rename_all_fields = \"camelCase\")] pub enum K { One { foo_bar: i64 }, #[serde(rename_all = \"UPPERCASE\")] Two { x_y: i64 } }",
        schema("fooBar", "X_Y"),
        all,
        kind,
        Kept,
        false,
    );
    k(
        "DATA #[serde(rename_all = \"lowercase\")] pub enum K { One { foo_bar: i64 }, Two { x_y: i64 } }",
        schema("fooBar", "xY"),
        all,
        kind,
        Refused("was removed, and `foo_bar` is new"),
        false,
    );
}

/// Flattened fields, by the kind of their type.
fn flattened(all: &mut All) {
    let kind = "flattened type";
    let inner = format!(
        "{DATA} #[serde(rename_all = \"camelCase\")] pub struct I {{ pub n_o: i64, {SKIP} pub z: Option<String> }}"
    );
    let properties = || json!({"id": text(), "nO": integer(), "z": text()});
    for (field, more, expected) in [
        ("I", "", Kept),
        ("Box<I>", "", Kept),
        ("W", "DATA pub struct W(pub I);", Kept),
        ("W", "DATA #[serde(transparent)] pub struct W { pub i: I }", Kept),
        ("G<I>", "DATA pub struct G<T> { #[serde(flatten)] pub t: T }", Kept),
        ("Option<I>", "", Refused("may now be left out")),
        (
            "G<Option<I>>",
            "DATA pub struct G<T> { #[serde(flatten)] pub t: T }",
            Refused("may now be left out"),
        ),
        (
            "K",
            "DATA #[serde(tag = \"id2\")] pub enum K { A(I) }",
            Refused("cannot be compared field by field"),
        ),
        (
            "K",
            "DATA #[serde(untagged)] pub enum K { A(I) }",
            Refused("cannot be compared field by field"),
        ),
        ("K", "DATA pub enum K { A(I) }", Refused("cannot be compared field by field")),
        (
            "K",
            "DATA #[serde(tag = \"a\", content = \"b\")] pub enum K { A(I) }",
            Refused("cannot be compared field by field"),
        ),
        ("Vec<I>", "", Refused("cannot be compared field by field")),
        ("(I, I)", "", Refused("cannot be compared field by field")),
    ] {
        let items = format!("{inner} {}", more.replace("DATA", DATA));
        let fields = format!("pub id: String, #[serde(flatten)] pub more: {field}");
        all.push(kind, expected, &fields, properties(), &["id", "nO"], |mut o| {
            o.name = format!("{fields} ({more})");
            o.items(&items)
        });
    }
    all.push(
        kind,
        Kept,
        "pub id: String, #[serde(flatten)] pub more: Option<I>",
        properties(),
        &["id"],
        |o| o.items(&inner.replace("pub n_o: i64", &format!("{SKIP} pub n_o: Option<i64>"))),
    );
    let id = || json!({"id": text()});
    all.push(
        kind,
        Refused("flattens a map of one type"),
        "pub id: String, #[serde(flatten)] pub m: BTreeMap<String, String>",
        id(),
        &["id"],
        |o| o,
    );
    all.push(
        kind,
        Kept,
        "pub id: String, #[serde(flatten)] pub m: BTreeMap<String, String>",
        id(),
        &["id"],
        |o| o.with("additionalProperties", text()),
    );
    all.push(
        kind,
        Kept,
        "pub id: String, #[serde(flatten)] pub m: std::collections::HashMap<String, Value>",
        id(),
        &["id"],
        |o| o,
    );
    all.push(
        kind,
        Refused("flattens a map, but the object is closed"),
        "pub id: String, #[serde(flatten)] pub m: BTreeMap<String, Value>",
        id(),
        &["id"],
        |o| o.with("additionalProperties", json!(false)),
    );
    all.push(
        kind,
        RefusedByMore("a function writes or reads this field"),
        "pub id: String, #[serde(flatten, with = \"crate::text\")] pub more: BTreeMap<String, Value>",
        id(),
        &["id"],
        |o| o,
    );
}

/// Type parameters, bounds, defaults and constants.
fn generics(all: &mut All) {
    let kind = "generic type";
    let object = |schema: Value| json!({"g": object_schema(json!({"t": schema}), &["t"])});
    for (items, ty, schema, expected) in [
        (
            "DATA #[serde(bound = \"T: Serialize + serde::de::DeserializeOwned\")] pub struct G<T> { pub t: T }",
            "G<i64>",
            integer(),
            Kept,
        ),
        (
            "DATA #[serde(bound(serialize = \"T: Serialize\", deserialize = \"T: Deserialize<'de>\"))] pub struct G<T> { pub t: T }",
            "G<String>",
            text(),
            Kept,
        ),
        (
            "DATA pub struct G<T> { #[serde(bound = \"T: Serialize + serde::de::DeserializeOwned\")] pub t: T }",
            "G<i64>",
            integer(),
            Kept,
        ),
        ("DATA pub struct G<T = i64> where T: Clone { pub t: T }", "G", integer(), Kept),
        (
            "DATA pub struct G<T = i64> where T: Clone { pub t: T }",
            "G<bool>",
            integer(),
            Refused("changed its type"),
        ),
        (
            "DATA pub struct G<T: Copy, U> { pub t: T, #[serde(skip)] pub u: std::marker::PhantomData<U> }",
            "G<i64, String>",
            integer(),
            Kept,
        ),
        ("DATA pub struct G<const N: usize> { pub t: i64 }", "G<2>", integer(), Kept),
        (
            "DATA pub struct G<const N: usize> { pub t: i32 }",
            "G<2>",
            integer(),
            Refused("changed its type"),
        ),
        (
            "DATA pub struct H<T> { pub h: T } DATA pub struct G<T> { pub t: H<Vec<T>> }",
            "G<i64>",
            object_schema(json!({"h": {"type": "array", "items": integer()}}), &["h"]),
            Kept,
        ),
        (
            "DATA pub struct H<T> { pub h: T } DATA pub struct G<T> { pub t: H<Option<T>> }",
            "G<i64>",
            object_schema(json!({"h": integer()}), &["h"]),
            Refused("was required and is now optional"),
        ),
        (
            "DATA pub struct G<T>(pub T); ",
            "G<O>",
            object_schema(json!({"t": integer()}), &["t"]),
            Refused("was removed"),
        ),
    ] {
        let fields = format!("pub g: {ty}");
        let items = format!("{} {DATA} pub struct O {{ pub x: i64 }}", items.replace("DATA", DATA));
        all.push(kind, expected, &fields, object(schema), &["g"], |mut o| {
            items.clone_into(&mut o.name);
            o.items(&items)
        });
    }
}

/// Pointers, markers and newtypes around a value.
fn wrapped(all: &mut All) {
    let kind = "wrapped type";
    let list = || json!({"type": "array", "items": integer()});
    let maybe = || json!({"type": ["integer", "null"]});
    for (field, items, schema, required, expected) in [
        ("pub a: Cow<'static, str>", "", text(), true, Kept),
        ("pub a: Cow<'static, [i64]>", "", list(), true, Kept),
        ("pub a: Box<str>", "", text(), true, Kept),
        ("pub a: Box<[i64]>", "", list(), true, Kept),
        ("pub a: Box<i64>", "", integer(), true, Kept),
        ("pub a: Box<i32>", "", integer(), true, Refused("changed its type")),
        (
            "#[serde(skip_serializing_if = \"Option::is_none\")] pub a: Box<Option<i64>>",
            "",
            integer(),
            false,
            Either,
        ),
        (
            "#[serde(skip_serializing_if = \"Option::is_none\")] pub a: Option<Box<i64>>",
            "",
            integer(),
            false,
            Kept,
        ),
        ("pub a: N", "DATA pub struct N(Option<i64>);", maybe(), true, Kept),
        (
            "pub a: N",
            "DATA pub struct N(Option<i64>);",
            integer(),
            false,
            Refused("was optional and is now required"),
        ),
        ("pub a: N<String>", "DATA pub struct N<T>(T);", text(), true, Kept),
        (
            "pub a: N<N<String>>",
            "DATA #[serde(transparent)] pub struct N<T>(T);",
            text(),
            true,
            Kept,
        ),
        (
            "#[serde(skip_serializing_if = \"N::is_none\")] pub a: N<Option<i64>>",
            "DATA #[serde(transparent)] pub struct N<T>(T); impl<T> N<Option<T>> { fn is_none(&self) -> bool { self.0.is_none() } }",
            integer(),
            false,
            Either,
        ),
        (
            "pub a: String, #[serde(skip)] pub p: std::marker::PhantomData<i64>",
            "",
            text(),
            true,
            Kept,
        ),
        ("pub a: std::marker::PhantomData<i64>", "", json!({"type": "null"}), true, Kept),
        ("pub a: ()", "", json!({"type": "null"}), true, Kept),
        ("pub a: U", "DATA pub struct U;", json!({"type": "null"}), true, Kept),
        (
            "pub a: U",
            "DATA pub struct U {}",
            json!({"type": "null"}),
            true,
            Refused("changed its type"),
        ),
        (
            "pub a: U",
            "DATA pub struct U();",
            json!({"type": "null"}),
            true,
            Refused("changed its type"),
        ),
        (
            "pub a: U",
            "DATA pub struct U(i64, #[serde(skip)] String, bool);",
            json!({"type": "array", "items": [integer(), {"type": "boolean"}], "minItems": 2, "maxItems": 2, "additionalItems": false}),
            true,
            Kept,
        ),
        (
            "pub a: U",
            "DATA pub struct U(i64, String, bool);",
            json!({"type": "array", "items": [integer(), {"type": "boolean"}], "minItems": 2, "maxItems": 2, "additionalItems": false}),
            true,
            Refused("changed its type"),
        ),
        ("pub a: Box<dyn Any>", "pub trait Any {}", text(), true, RefusedByMore("is unknown")),
        ("pub a: std::rc::Rc<i64>", "", integer(), true, Either),
        ("pub a: std::cell::Cell<i64>", "", integer(), true, Either),
        ("pub a: std::num::Wrapping<i64>", "", integer(), true, Either),
        ("pub a: std::cmp::Reverse<i64>", "", integer(), true, Either),
        ("pub a: std::time::Duration", "", json!({"type": "object"}), true, Either),
        ("pub a: Result<i64, String>", "", integer(), true, Either),
        ("pub a: std::path::PathBuf", "", text(), true, Either),
        ("pub a: std::collections::HashSet<i64>", "", list(), true, Either),
        ("pub a: std::num::NonZeroI64", "", integer(), true, Either),
        ("pub a: u128", "", json!({"type": "integer", "minimum": 0}), true, Either),
        (
            "pub a: BTreeMap<i64, i64>",
            "",
            json!({"type": "object", "additionalProperties": integer()}),
            true,
            Either,
        ),
        (
            "pub a: BTreeMap<bool, i64>",
            "",
            json!({"type": "object", "additionalProperties": integer()}),
            true,
            Either,
        ),
    ] {
        let required: &[&str] = if required { &["a"] } else { &[] };
        all.push(kind, expected, field, json!({"a": schema}), required, |mut o| {
            o.name = format!("{field} ({items})");
            o.items(&items.replace("DATA", DATA))
        });
    }
}

/// The four tagging styles, nested in each other.
fn enums(all: &mut All) {
    let kind = "nested enum";
    let styles = [
        "",
        "#[serde(untagged)]",
        "#[serde(tag = \"t\")]",
        "#[serde(tag = \"t\", content = \"c\")]",
        "#[serde(tag = \"u\")]",
        "#[serde(tag = \"t\", deny_unknown_fields)]",
    ];
    let object = |properties: Value, required: &[&str]| object_schema(properties, required);
    let tagged = |name: &str, more: Value| {
        let mut properties = json!({"t": {"enum": [name]}});
        let mut required = vec!["t".to_owned()];
        for (key, schema) in more.as_object().unwrap() {
            properties[key] = schema.clone();
            required.push(key.clone());
        }
        json!({"type": "object", "properties": properties, "required": required})
    };
    let external = |name: &str, inner: Value| json!({"type": "object", "properties": {name: inner}, "required": [name], "additionalProperties": false});
    let schemas = [
        json!({"oneOf": [tagged("A", json!({"n": integer()})), tagged("B", json!({"m": text()}))]}),
        json!({"oneOf": [tagged("A", json!({"c": object(json!({"n": integer()}), &["n"])})), tagged("B", json!({"c": text()}))]}),
        json!({"oneOf": [external("A", object(json!({"n": integer()}), &["n"])), external("B", text())]}),
        json!({"oneOf": [object(json!({"n": integer()}), &["n"]), text()]}),
    ];
    for outer in styles {
        for schema in &schemas {
            k(
                &format!(
                    "DATA pub struct I {{ pub n: i64 }} DATA {outer} pub enum K {{ A(I), B {{ m: String }} }}"
                ),
                schema.clone(),
                all,
                kind,
                Either,
                false,
            );
            k(
                &format!(
                    "DATA pub struct I {{ pub n: i64 }} DATA {outer} pub enum K {{ A {{ n: i64 }}, B(String) }}"
                ),
                schema.clone(),
                all,
                kind,
                Either,
                false,
            );
            for inner in styles {
                k(
                    &format!(
                        "DATA {inner} pub enum J {{ A {{ n: i64 }}, B {{ m: String }} }} DATA {outer} pub enum K {{ A(J), #[serde(skip)] Z }}"
                    ),
                    schema.clone(),
                    all,
                    kind,
                    Either,
                    false,
                );
            }
        }
    }
}

/// Rare keys.
fn keys(all: &mut All) {
    let kind = "seldom key";
    let one = || json!({"a": integer()});
    all.push(kind, Kept, "pub a: i64", one(), &["a"], |o| {
        o.attrs("#[serde(expecting = \"an a\")]")
    });
    all.push(kind, Kept, "pub a: i64", one(), &["a"], |o| o.attrs("#[serde(crate = \"serde\")]"));
    all.push(kind, Kept, "pub a: i64", one(), &["a"], |o| o.attrs("#[serde(bound = \"\")]"));
    all.push(kind, Kept, "pub a: i64", one(), &["a"], |o| o.attrs("#[serde(rename = \"other\")]"));
    let two = || json!({"type": "string", "enum": ["aisle", "window"]});
    for (items, expected) in [
        ("DATA #[serde(variant_identifier)] pub enum K { aisle, window }", RefusedByMore("")),
        (
            "DATA #[serde(field_identifier, rename_all = \"lowercase\")] pub enum K { Aisle, Window }",
            RefusedByMore(""),
        ),
        (
            "DATA #[serde(expecting = \"a seat\", rename_all = \"lowercase\")] pub enum K { Aisle, Window }",
            Kept,
        ),
        (
            "DATA #[serde(rename_all = \"lowercase\")] pub enum K { Aisle, Window, #[serde(skip)] Other(String) }",
            Kept,
        ),
        (
            "DATA #[serde(rename_all = \"lowercase\")] pub enum K { Aisle, #[serde(skip)] Window }",
            Refused("`window`"),
        ),
        (
            "DATA #[serde(rename_all = \"lowercase\")] pub enum K { Aisle, Window, Middle }",
            Refused("has the new variant `middle`"),
        ),
        (
            "DATA #[serde(rename_all = \"lowercase\")] pub enum K { Aisle {}, Window }",
            Refused("had no content"),
        ),
        ("DATA #[serde(rename_all = \"lowercase\")] pub enum K { Aisle(), Window }", Either),
        (
            "DATA #[serde(rename_all = \"lowercase\")] pub enum K { Aisle(()), Window }",
            Refused("had no content"),
        ),
        (
            "DATA #[serde(rename_all = \"lowercase\")] pub enum K { #[serde(serialize_with = \"crate::text::serialize\")] Aisle, Window }",
            RefusedByMore(""),
        ),
    ] {
        k(items, two(), all, kind, expected, false);
    }
    // a remote struct that reads its fields by getters
    all.push(
        kind,
        RefusedByMore(""),
        "pub a: far::Far",
        json!({"a": object_schema(json!({"n": integer()}), &["n"])}),
        &["a"],
        |o| {
            o.items(&format!(
                "pub mod far {{ pub struct Far {{ n: i64 }} impl Far {{ pub fn n(&self) -> &i64 {{ &self.n }} }} }} \
                 {DATA} #[serde(remote = \"far::Far\")] pub struct FarDef {{ #[serde(getter = \"far::Far::n\")] n: i64 }} \
                 impl From<FarDef> for far::Far {{ fn from(_: FarDef) -> far::Far {{ loop {{}} }} }}"
            ))
        },
    );
    all.push(
        kind,
        Either,
        "#[serde(with = \"FarDef\")] #[event(as = FarDef)] pub a: far::Far",
        json!({"a": object_schema(json!({"n": integer()}), &["n"])}),
        &["a"],
        |o| {
            o.items(&format!(
                "pub mod far {{ pub struct Far {{ pub n: i64 }} }} \
                 {DATA} #[serde(remote = \"far::Far\")] pub struct FarDef {{ n: i64 }}"
            ))
        },
    );
    all.push(
        kind,
        RefusedByMore("a reference cannot be read from an event"),
        "#[serde(borrow)] pub a: &'static str",
        json!({"a": text()}),
        &["a"],
        |o| o,
    );
}
