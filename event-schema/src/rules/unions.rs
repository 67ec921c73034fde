//! Changes of what is joined: `oneOf`, `anyOf`, `allOf` and the discriminator.

#![allow(missing_docs, reason = "the fields of a rule describe it")]

use super::{
    Breaks::{OldConsumers, RustCode, StoredEvents},
    Exit, Group, Level, MAJOR, Rule,
};

/// In the order in which they are listed.
pub(super) static GROUP: Group = Group {
    title: "Unions",
    rules: &[
        &UNION_BRANCH_ADDED,
        &UNION_BRANCH_REMOVED,
        &UNION_CHANGED,
        &UNION_RELAXED,
        &UNION_TIGHTENED,
        &ALL_OF_ADDED,
        &ALL_OF_REMOVED,
        &DISCRIMINATOR_CHANGED,
        &MAPPING_ADDED,
    ],
};

pub static UNION_BRANCH_ADDED: Rule = Rule {
    id: "union-branch-added",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers don't know the new branch",
    example: r#""oneOf": [A] → "oneOf": [A, B]"#,
    fix: r#"open the union from the start with `"x-open": true`; here, publish a new major"#,
};

pub static UNION_BRANCH_REMOVED: Rule = Rule {
    id: "union-branch-removed",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "events written before may use the removed branch",
    example: r#""oneOf": [A, B] → "oneOf": [A]"#,
    fix: "keep the branch, and stop writing it",
};

pub static UNION_CHANGED: Rule = Rule {
    id: "union-changed",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers],
    exit: Exit::No,
    why: "events that one union accepts may be rejected by the other",
    example: r#""oneOf": [A, B] → "oneOf": [C, D]"#,
    fix: MAJOR,
};

pub static UNION_RELAXED: Rule = Rule {
    id: "union-relaxed",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "events that fit several branches were rejected before",
    example: r#""oneOf": [A, B] → "anyOf": [A, B]"#,
    fix: "keep `oneOf`, or make the branches disjoint",
};

pub static UNION_TIGHTENED: Rule = Rule {
    id: "union-tightened",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "events that fit several branches were allowed before",
    example: r#""anyOf": [A, B] → "oneOf": [A, B]"#,
    fix: "keep `anyOf`, or make the branches disjoint",
};

pub static ALL_OF_ADDED: Rule = Rule {
    id: "all-of-added",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "events written before may not meet the new part",
    example: r#""allOf": [A] → "allOf": [A, B]"#,
    fix: MAJOR,
};

pub static ALL_OF_REMOVED: Rule = Rule {
    id: "all-of-removed",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers require what the removed part states",
    example: r#""allOf": [A, B] → "allOf": [A]"#,
    fix: MAJOR,
};

pub static DISCRIMINATOR_CHANGED: Rule = Rule {
    id: "discriminator-changed",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers, RustCode],
    exit: Exit::No,
    why: "readers choose the branch by it",
    example: r#""propertyName": "kind" → "propertyName": "type""#,
    fix: MAJOR,
};

pub static MAPPING_ADDED: Rule = Rule {
    id: "mapping-added",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers don't know the new value",
    example: r#""mapping": {"a": A} → {"a": A, "b": B}"#,
    fix: MAJOR,
};
