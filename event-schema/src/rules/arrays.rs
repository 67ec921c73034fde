//! Changes of an array: its items, its places, and whether items may repeat.

#![allow(missing_docs, reason = "the fields of a rule describe it")]

use super::{
    Breaks::{OldConsumers, RustCode, StoredEvents},
    Exit, Group, Level, MAJOR, Rule,
};

/// In the order in which they are listed.
pub(super) static GROUP: Group = Group {
    title: "Arrays",
    rules: &[
        &ITEMS_TYPED,
        &ITEMS_UNTYPED,
        &TUPLE_CHANGED,
        &LIST_TUPLE_SWAPPED,
        &UNIQUE_ITEMS_ADDED,
        &UNIQUE_ITEMS_REMOVED,
    ],
};

pub static ITEMS_TYPED: Rule = Rule {
    id: "items-typed",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "items could be anything before",
    example: r#"{"type": "array"} → {"type": "array", "items": {"type": "string"}}"#,
    fix: MAJOR,
};

pub static ITEMS_UNTYPED: Rule = Rule {
    id: "items-untyped",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers expect items of one type",
    example: r#"{"type": "array", "items": {"type": "string"}} → {"type": "array"}"#,
    fix: MAJOR,
};

pub static TUPLE_CHANGED: Rule = Rule {
    id: "tuple-changed",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers],
    exit: Exit::No,
    why: "the positions of the array have another meaning",
    example: r#""prefixItems": [A] → [A, B]"#,
    fix: MAJOR,
};

pub static LIST_TUPLE_SWAPPED: Rule = Rule {
    id: "list-tuple-swapped",
    level: Level::Break,
    breaks: &[RustCode],
    exit: Exit::No,
    why: "the Rust type is a list on one side and a tuple on the other",
    example: r#""items": {} → "items": [{}]"#,
    fix: MAJOR,
};

pub static UNIQUE_ITEMS_ADDED: Rule = Rule {
    id: "unique-items-added",
    level: Level::Break,
    breaks: &[StoredEvents, RustCode],
    exit: Exit::No,
    why: "events written before may repeat items; a list becomes a set",
    example: r#"{"type": "array"} → {"type": "array", "uniqueItems": true}"#,
    fix: "check it where events are written",
};

pub static UNIQUE_ITEMS_REMOVED: Rule = Rule {
    id: "unique-items-removed",
    level: Level::Break,
    breaks: &[OldConsumers, RustCode],
    exit: Exit::No,
    why: "old readers reject repeated items; a set becomes a list",
    example: r#"{"type": "array", "uniqueItems": true} → {"type": "array"}"#,
    fix: "keep it within a major",
};
