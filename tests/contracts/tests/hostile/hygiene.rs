//! User names that could collide with the derive's code, and deeply nested types.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::object_schema;
use crate::objects::{All, DATA, Expected, SKIP, integer, text};

use Expected::{Kept, Refused};

pub(crate) fn all(all: &mut All) {
    constants(all);
    converted(all);
    converted_alone(all);
    types(all);
    deep(all);
}

/// Constants beside the type. A pattern with that name would be the constant.
fn constants(all: &mut All) {
    let kind = "hygiene";
    for name in [
        "S", "LOCKED", "FLAT", "of", "N", "SHAPE", "some", "item", "index", "shape", "new", "old",
        "value", "field", "self_", "out", "t", "n", "inner", "e", "__fields",
    ] {
        let items = format!("pub const {name}: usize = 2;");
        let fields = format!("pub t: [String; {name}], {SKIP} pub n: Option<i64>");
        let tuple = json!({"type": "array", "items": [text(), text()], "minItems": 2, "maxItems": 2, "additionalItems": false});
        all.push(kind, Kept, &fields, json!({"t": tuple, "n": integer()}), &["t"], |o| {
            o.items(&items)
        });
    }
}

/// Conversions to an older type and back, beside constants, functions and types of the names in them.
fn converted(all: &mut All) {
    let kind = "hygiene of conversions";
    for beside in [
        "pub const new: usize = 2; pub const old: usize = 2;",
        "pub static new: usize = 2; pub static old: usize = 2;",
        "pub struct new; pub struct old;",
        "pub fn new() {} pub fn old() {}",
        "pub mod new {} pub mod old {}",
        "pub enum X { new, old } pub use X::*;",
        "pub const some: usize = 3; pub const reason: usize = 1; pub const value: usize = 1;",
    ] {
        let items = format!(
            "{beside} pub mod v1 {{ use crate::prelude::*; {DATA} pub struct Q {{ pub a: String, pub b: i64 }} \
             {DATA} pub enum C {{ A {{ a: i64, count: i64 }}, B(i64, i64), D }} }} \
             {DATA} #[event(supersedes = v1::Q, upcast(c = old.b), down(b = new.c + 1))] pub struct Q {{ pub a: String, #[event(drop)] pub c: i64 }} \
             {DATA} #[event(supersedes = v1::C, upcast)] pub enum C {{ A {{ a: i64, count: i64 }}, B(i64, i64), D }} \
             pub fn back(q: Q) -> v1::Q {{ q.into() }} pub fn forth(q: v1::Q) -> Q {{ q.into() }}"
        );
        let q = object_schema(json!({"a": text(), "c": integer()}), &["a", "c"]);
        all.push(kind, Kept, "pub q: Q", json!({"q": q}), &["q"], |mut o| {
            beside.clone_into(&mut o.name);
            o.items(&items)
        });
    }
}

/// As [`converted`], of a part alone: serde's own derives take a field's name for a pattern.
fn converted_alone(all: &mut All) {
    let items = "pub const a: usize = 2; pub const count: usize = 3; \
        pub mod v1 { use crate::prelude::*; #[derive(EventData)] pub enum C { A { a: i64, count: i64 }, B(i64) } } \
        #[derive(EventData)] #[event(supersedes = v1::C, upcast)] pub enum C { A { a: i64, count: i64 }, B(i64) }";
    all.push("hygiene of conversions", Kept, "pub n: i64", json!({"n": integer()}), &["n"], |o| {
        o.items(items)
    });
}

/// User types, modules and macros with names of the standard library.
fn types(all: &mut All) {
    let kind = "hygiene of types";
    for items in [
        "pub struct Option; pub struct String; pub struct Vec; pub struct Result; pub struct Box;",
        "pub struct Some; pub struct None; pub struct Ok; pub struct Err;",
        "pub trait From {} pub trait Into {} pub trait Default {} pub trait Iterator {} pub trait IntoIterator {} pub trait TryFrom {} pub trait Sized {} pub trait Copy {} pub trait Clone {}",
        "pub mod core {} pub mod std {} pub mod serde {} pub mod alloc {} pub mod event_shape {} pub mod event_runtime {}",
        "pub struct Field; pub struct Shape; pub struct Ref; pub struct Locked; pub struct Event_; pub struct Down; pub struct Up; pub struct EventData;",
        "pub struct u32; pub struct i128; pub struct i64_;",
        "pub struct FieldStays; pub struct TypeStays; pub struct T; pub struct D; pub struct E_; pub struct A;",
        "macro_rules! concat { () => {} } macro_rules! module_path { () => {} } macro_rules! panic { () => {} } macro_rules! assert { () => {} }",
        "pub mod check {} pub mod diagnostic {} pub mod __private {}",
    ] {
        all.push(
            kind,
            Kept,
            "pub a: ::std::string::String, #[serde(skip_serializing_if = \"::std::option::Option::is_none\")] pub b: ::std::option::Option<i64>, pub c: ::std::vec::Vec<i64>, pub k: K",
            json!({"a": text(), "b": integer(), "c": {"type": "array", "items": integer()},
                   "k": {"type": "string", "enum": ["a", "b"]}}),
            &["a", "c", "k"],
            |mut o| {
                items.clone_into(&mut o.name);
                o.items(&format!("{items} {DATA} #[serde(rename_all = \"lowercase\")] pub enum K {{ A, B }}"))
            },
        );
    }
}

/// The maximum depth of the walk.
fn deep(all: &mut All) {
    let kind = "depth";
    let mut items = format!("{DATA} pub struct N0 {{ pub d: String }}");
    let mut schema = object_schema(json!({"d": text()}), &["d"]);
    for i in 1..96 {
        let _ = write!(items, " {DATA} pub struct N{i} {{ pub d: N{} }}", i - 1);
        schema = object_schema(json!({"d": schema}), &["d"]);
    }
    all.push(kind, Kept, "pub d: N95", json!({"d": schema}), &["d"], |o| {
        o.items(&items).at_the_root()
    });
    let deep: Value = schema;
    let broken = items.replacen("pub d: String", "pub d: i64", 1);
    all.push(kind, Refused("changed its type"), "pub d: N95", json!({"d": deep}), &["d"], |o| {
        o.items(&broken).at_the_root()
    });
}
