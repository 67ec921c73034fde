//! Changes of an object: its fields, whether it is open, and what undeclared fields hold.

#![allow(missing_docs, reason = "the fields of a rule describe it")]

use super::{
    Breaks::{OldConsumers, RustCode, StoredEvents},
    Exit, Group, Level, MAJOR, NOTHING, Rule,
};

/// In the order in which they are listed.
pub(super) static GROUP: Group = Group {
    title: "Fields and objects",
    rules: &[
        &REQUIRED_FIELD_ADDED,
        &OPTIONAL_FIELD_ADDED,
        &FIELD_ADDED_TO_CLOSED_OBJECT,
        &DECLARED_OVER_MAP,
        &REQUIRED_NAME_ADDED,
        &REQUIRED_NAME_REMOVED,
        &REQUIRED_FIELD_REMOVED,
        &OPTIONAL_FIELD_REMOVED,
        &REMOVED_NAME_REUSED,
        &FIELD_RENAMED,
        &FIELD_MADE_REQUIRED,
        &FIELD_MADE_OPTIONAL,
        &DEFAULT_ADDED,
        &DEFAULT_REMOVED,
        &DEFAULT_CHANGED,
        &OBJECT_CLOSED,
        &OBJECT_OPENED,
        &MAP_TYPED,
        &MAP_UNTYPED,
        &STRUCT_MAP_SWAPPED,
        &PATTERN_PROPERTIES_CHANGED,
    ],
};

pub static REQUIRED_FIELD_ADDED: Rule = Rule {
    id: "required-field-added",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "events written before lack it",
    example: r#"a new property `note`, and "required": ["note"]"#,
    fix: "make it optional, or publish a new major",
};

pub static OPTIONAL_FIELD_ADDED: Rule = Rule {
    id: "optional-field-added",
    level: Level::Allow,
    breaks: &[],
    exit: Exit::No,
    why: "old readers ignore it, and old events may lack it",
    example: r#"{"properties": {}} → {"properties": {"note": {"type": "string"}}}"#,
    fix: NOTHING,
};

pub static FIELD_ADDED_TO_CLOSED_OBJECT: Rule = Rule {
    id: "field-added-to-closed-object",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "readers of a closed object reject unknown names",
    example: r#"a new property beside "additionalProperties": false"#,
    fix: "leave objects open from the start; here, publish a new major",
};

pub static DECLARED_OVER_MAP: Rule = Rule {
    id: "declared-over-map",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers],
    exit: Exit::No,
    why: "the name was allowed before, as another type",
    example: r#""additionalProperties": {"type": "integer"} → the same with "properties": {"n": {"type": "string"}}"#,
    fix: "give the property the type that the map had, or use another name",
};

pub static REQUIRED_NAME_ADDED: Rule = Rule {
    id: "required-name-added",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "events written before lack it",
    example: r#""required": [] → "required": ["note"], where `note` is not declared"#,
    fix: "leave it out of `required`",
};

pub static REQUIRED_NAME_REMOVED: Rule = Rule {
    id: "required-name-removed",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers require it",
    example: r#""required": ["note"] → "required": []"#,
    fix: "keep it required",
};

pub static REQUIRED_FIELD_REMOVED: Rule = Rule {
    id: "required-field-removed",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers require it",
    example: r#"the property `id` is removed, and "required": ["id"] too"#,
    fix: "keep writing it, and remove it in a new major",
};

pub static OPTIONAL_FIELD_REMOVED: Rule = Rule {
    id: "optional-field-removed",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "the values in stored events are lost, and the name might come back with another meaning",
    example: r#"{"properties": {"note": {}}} → {"properties": {}}"#,
    fix: "keep it, and mark it `\"deprecated\": true`",
};

pub static REMOVED_NAME_REUSED: Rule = Rule {
    id: "removed-name-reused",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers],
    exit: Exit::No,
    why: "stored events or old readers still use the name with its old type",
    example: "1.0 `note`: string, 1.1 none, 1.2 `note`: integer",
    fix: "use another name",
};

pub static FIELD_RENAMED: Rule = Rule {
    id: "field-renamed",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers],
    exit: Exit::No,
    why: "old events have the field under the old name, and old readers look for it there",
    example: r#""properties": {"userId": …} → {"user_id": …}"#,
    fix: "keep the wire name, and rename only the Rust field with `#[serde(rename = ..)]`",
};

pub static FIELD_MADE_REQUIRED: Rule = Rule {
    id: "field-made-required",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "events written before may lack it",
    example: r#""required": [] → "required": ["note"]"#,
    fix: "keep it optional, or publish a new major",
};

pub static FIELD_MADE_OPTIONAL: Rule = Rule {
    id: "field-made-optional",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers require it",
    example: r#""required": ["note"] → "required": []"#,
    fix: "keep it required, and keep writing it",
};

pub static DEFAULT_ADDED: Rule = Rule {
    id: "default-added",
    level: Level::Break,
    breaks: &[RustCode],
    exit: Exit::No,
    why: "the generated field is no longer an `Option`",
    example: r#"no default → "default": 1"#,
    fix: "leave the default out, and fill it in where the event is read",
};

pub static DEFAULT_REMOVED: Rule = Rule {
    id: "default-removed",
    level: Level::Break,
    breaks: &[RustCode],
    exit: Exit::No,
    why: "the generated field becomes an `Option`",
    example: r#""default": 1 → no default"#,
    fix: "keep the default",
};

pub static DEFAULT_CHANGED: Rule = Rule {
    id: "default-changed",
    level: Level::Warn,
    breaks: &[],
    exit: Exit::No,
    why: "an event that lacks the field is read with another value",
    example: r#""default": 1 → "default": 2"#,
    fix: "keep the default, and write the value explicitly",
};

pub static OBJECT_CLOSED: Rule = Rule {
    id: "object-closed",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "events written before may hold more names",
    example: r#""additionalProperties": true → false"#,
    fix: "leave the object open",
};

pub static OBJECT_OPENED: Rule = Rule {
    id: "object-opened",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers reject unknown names",
    example: r#""additionalProperties": false → true"#,
    fix: "leave objects open from the start",
};

pub static MAP_TYPED: Rule = Rule {
    id: "map-typed",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "undeclared members could be anything before",
    example: r#"no additionalProperties → {"type": "string"}"#,
    fix: MAJOR,
};

pub static MAP_UNTYPED: Rule = Rule {
    id: "map-untyped",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers expect undeclared members of one type",
    example: r#""additionalProperties": {"type": "string"} → true"#,
    fix: MAJOR,
};

pub static STRUCT_MAP_SWAPPED: Rule = Rule {
    id: "struct-map-swapped",
    level: Level::Break,
    breaks: &[RustCode],
    exit: Exit::No,
    why: "the Rust type is a struct on one side and a map on the other",
    example: r#"{"properties": {"a": {}}} → {"additionalProperties": {}}"#,
    fix: MAJOR,
};

pub static PATTERN_PROPERTIES_CHANGED: Rule = Rule {
    id: "pattern-properties-changed",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers],
    exit: Exit::No,
    why: "properties whose names match are checked against another schema",
    example: r#""patternProperties": {"^x": {"type": "string"}} → {}"#,
    fix: MAJOR,
};
