//! Changes of what a value may be: types, enums, bounds, patterns, formats and conditions.

#![allow(missing_docs, reason = "the fields of a rule describe it")]

use super::{
    Breaks::{OldConsumers, RustCode, StoredEvents},
    Exit, Group, Level, MAJOR, NOTHING, Rule,
};

/// In the order in which they are listed.
pub(super) static GROUP: Group = Group {
    title: "Values",
    rules: &[
        &FIELD_TYPE_CHANGED,
        &TYPE_WIDENED,
        &TYPE_NARROWED,
        &INTEGER_WIDENED,
        &NUMBER_NARROWED,
        &NULL_ALLOWED,
        &NULL_FORBIDDEN,
        &FIELD_TYPED,
        &FIELD_UNTYPED,
        &ENUM_VALUE_ADDED,
        &ENUM_VALUE_REMOVED,
        &ENUM_ADDED,
        &ENUM_REMOVED,
        &OPENNESS_CHANGED,
        &CONST_CHANGED,
        &BOUND_TIGHTENED,
        &BOUND_LOOSENED,
        &MULTIPLE_CHANGED,
        &PATTERN_ADDED,
        &PATTERN_REMOVED,
        &PATTERN_CHANGED,
        &FORMAT_ADDED,
        &FORMAT_REMOVED,
        &FORMAT_CHANGED,
        &NUMBER_FORMAT_CHANGED,
        &UNKNOWN_FORMAT_CHANGED,
        &ENCODING_CHANGED,
        &CONDITION_ADDED,
        &CONDITION_REMOVED,
        &CONDITION_CHANGED,
        &VALUES_NARROWED,
        &VALUES_WIDENED,
        &UNDECIDED,
        &ANNOTATION_CHANGED,
        &SPELLED_OTHERWISE,
        &DEFINITION_RENAMED,
    ],
};

pub static FIELD_TYPE_CHANGED: Rule = Rule {
    id: "field-type-changed",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers],
    exit: Exit::No,
    why: "neither side reads the other's type",
    example: r#"{"type": "string"} → {"type": "integer"}"#,
    fix: "add a field of the new type beside it, or publish a new major",
};

pub static TYPE_WIDENED: Rule = Rule {
    id: "type-widened",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers don't know the new type",
    example: r#"{"type": "string"} → {"type": ["string", "integer"]}"#,
    fix: MAJOR,
};

pub static TYPE_NARROWED: Rule = Rule {
    id: "type-narrowed",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "events written before may have the removed type",
    example: r#"{"type": ["string", "integer"]} → {"type": "string"}"#,
    fix: MAJOR,
};

pub static INTEGER_WIDENED: Rule = Rule {
    id: "integer-widened",
    level: Level::Break,
    breaks: &[OldConsumers, RustCode],
    exit: Exit::No,
    why: "the integer of an old reader cannot hold 1.5",
    example: r#"{"type": "integer"} → {"type": "number"}"#,
    fix: MAJOR,
};

pub static NUMBER_NARROWED: Rule = Rule {
    id: "number-narrowed",
    level: Level::Break,
    breaks: &[StoredEvents, RustCode],
    exit: Exit::No,
    why: "events written before may hold fractions",
    example: r#"{"type": "number"} → {"type": "integer"}"#,
    fix: MAJOR,
};

pub static NULL_ALLOWED: Rule = Rule {
    id: "null-allowed",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers may reject null",
    example: r#"{"type": "string"} → {"type": ["string", "null"]}"#,
    fix: "leave the field out instead of writing null",
};

pub static NULL_FORBIDDEN: Rule = Rule {
    id: "null-forbidden",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "events written before may hold null",
    example: r#"{"type": ["string", "null"]} → {"type": "string"}"#,
    fix: "keep allowing null",
};

pub static FIELD_TYPED: Rule = Rule {
    id: "field-typed",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "any value was allowed before",
    example: r#"{} → {"type": "string"}"#,
    fix: MAJOR,
};

pub static FIELD_UNTYPED: Rule = Rule {
    id: "field-untyped",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers accept one type only",
    example: r#"{"type": "string"} → {}"#,
    fix: MAJOR,
};

pub static ENUM_VALUE_ADDED: Rule = Rule {
    id: "enum-value-added",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers have a closed enum",
    example: r#""enum": ["a"] → "enum": ["a", "b"]"#,
    fix: r#"open the enum from the start with `"x-open": true`; here, publish a new major"#,
};

pub static ENUM_VALUE_REMOVED: Rule = Rule {
    id: "enum-value-removed",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "events written before may hold it",
    example: r#""enum": ["a", "b"] → "enum": ["a"]"#,
    fix: "keep the value, and stop writing it",
};

pub static ENUM_ADDED: Rule = Rule {
    id: "enum-added",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "events written before may hold other values",
    example: r#"{"type": "string"} → {"type": "string", "enum": ["a"]}"#,
    fix: MAJOR,
};

pub static ENUM_REMOVED: Rule = Rule {
    id: "enum-removed",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers know only the values that were listed",
    example: r#"{"type": "string", "enum": ["a"]} → {"type": "string"}"#,
    fix: "keep the enum; open it from the start with `\"x-open\": true`",
};

pub static OPENNESS_CHANGED: Rule = Rule {
    id: "openness-changed",
    level: Level::Break,
    breaks: &[RustCode],
    exit: Exit::No,
    why: "an open enum has one more variant in Rust, for unknown values",
    example: r#"{"enum": ["a"]} → {"enum": ["a"], "x-open": true}"#,
    fix: "open it from the start",
};

pub static CONST_CHANGED: Rule = Rule {
    id: "const-changed",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers],
    exit: Exit::No,
    why: "neither side reads the other's value",
    example: r#""const": 1 → "const": 2"#,
    fix: MAJOR,
};

pub static BOUND_TIGHTENED: Rule = Rule {
    id: "bound-tightened",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "events written before may be outside of the bound",
    example: r#""maximum": 10 → "maximum": 5"#,
    fix: "check it where events are written, not in the schema",
};

pub static BOUND_LOOSENED: Rule = Rule {
    id: "bound-loosened",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers reject values outside of their bound",
    example: r#""maximum": 5 → "maximum": 10"#,
    fix: "keep the bound within a major",
};

pub static MULTIPLE_CHANGED: Rule = Rule {
    id: "multiple-changed",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers],
    exit: Exit::No,
    why: "a multiple of one number is not always a multiple of the other",
    example: r#""multipleOf": 2 → "multipleOf": 3"#,
    fix: "keep `multipleOf` within a major",
};

pub static PATTERN_ADDED: Rule = Rule {
    id: "pattern-added",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "events written before may not match",
    example: r#"{"type": "string"} → {"type": "string", "pattern": "^a"}"#,
    fix: "check it where events are written",
};

pub static PATTERN_REMOVED: Rule = Rule {
    id: "pattern-removed",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers reject strings that do not match",
    example: r#"{"type": "string", "pattern": "^a"} → {"type": "string"}"#,
    fix: "keep the pattern within a major",
};

pub static PATTERN_CHANGED: Rule = Rule {
    id: "pattern-changed",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers],
    exit: Exit::No,
    why: "strings that match one may not match the other",
    example: r#""pattern": "^a" → "pattern": "^b""#,
    fix: "keep the pattern within a major",
};

pub static FORMAT_ADDED: Rule = Rule {
    id: "format-added",
    level: Level::Break,
    breaks: &[StoredEvents, RustCode],
    exit: Exit::No,
    why: "events written before may hold other strings; the Rust type changes",
    example: r#"{"type": "string"} → {"type": "string", "format": "date-time"}"#,
    fix: "add a field of the new format beside it",
};

pub static FORMAT_REMOVED: Rule = Rule {
    id: "format-removed",
    level: Level::Break,
    breaks: &[OldConsumers, RustCode],
    exit: Exit::No,
    why: "old readers fail to parse other strings; the Rust type changes",
    example: r#"{"type": "string", "format": "date-time"} → {"type": "string"}"#,
    fix: "keep the format within a major",
};

pub static FORMAT_CHANGED: Rule = Rule {
    id: "format-changed",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers, RustCode],
    exit: Exit::No,
    why: "neither side reads the other's strings",
    example: r#""format": "date-time" → "format": "uuid""#,
    fix: MAJOR,
};

pub static NUMBER_FORMAT_CHANGED: Rule = Rule {
    id: "number-format-changed",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers, RustCode],
    exit: Exit::No,
    why: "the wider type overflows the narrower one",
    example: r#""format": "int32" → "format": "int64""#,
    fix: "use the wider format from the start",
};

pub static UNKNOWN_FORMAT_CHANGED: Rule = Rule {
    id: "unknown-format-changed",
    level: Level::Warn,
    breaks: &[],
    exit: Exit::No,
    why: "the toolkit does not check this format, but readers may rely on it",
    example: r#""format": "money" → "format": "amount""#,
    fix: NOTHING,
};

pub static ENCODING_CHANGED: Rule = Rule {
    id: "encoding-changed",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers, RustCode],
    exit: Exit::No,
    why: "the same text encodes other bytes",
    example: r#""contentEncoding": "base64" → "base32""#,
    fix: "add a field of the new encoding beside it",
};

pub static CONDITION_ADDED: Rule = Rule {
    id: "condition-added",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "events written before may not meet it",
    example: r#"adds "not": {…}, "if": {…}, "contains": {…} or "dependentRequired": {…}"#,
    fix: "check it where events are written",
};

pub static CONDITION_REMOVED: Rule = Rule {
    id: "condition-removed",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers reject events that do not meet it",
    example: r#"removes "not": {…}"#,
    fix: "keep it within a major",
};

pub static CONDITION_CHANGED: Rule = Rule {
    id: "condition-changed",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers],
    exit: Exit::No,
    why: "events that meet one may not meet the other",
    example: r#""not": {"const": 1} → "not": {"const": 2}"#,
    fix: "keep it within a major",
};

pub static VALUES_NARROWED: Rule = Rule {
    id: "values-narrowed",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "some events written before are no longer read",
    example: "a combination of keywords that allows less than before",
    fix: MAJOR,
};

pub static VALUES_WIDENED: Rule = Rule {
    id: "values-widened",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "old readers reject some of the events that are now allowed",
    example: "a combination of keywords that allows more than before",
    fix: MAJOR,
};

pub static UNDECIDED: Rule = Rule {
    id: "undecided",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers],
    exit: Exit::No,
    why: "the checker could not decide whether this breaks anybody, so it counts as a break",
    example: "a change beside a pattern with lookahead or an unsupported keyword",
    fix: "express it with keywords that can be decided, or publish a new major",
};

pub static ANNOTATION_CHANGED: Rule = Rule {
    id: "annotation-changed",
    level: Level::Allow,
    breaks: &[],
    exit: Exit::No,
    why: "titles, descriptions and examples do not affect which events are valid",
    example: r#""description": "a" → "description": "b""#,
    fix: NOTHING,
};

pub static SPELLED_OTHERWISE: Rule = Rule {
    id: "spelled-otherwise",
    level: Level::Allow,
    breaks: &[],
    exit: Exit::No,
    why: "the keywords differ, but the same events are valid",
    example: r#""const": "a" → "enum": ["a"]"#,
    fix: NOTHING,
};

pub static DEFINITION_RENAMED: Rule = Rule {
    id: "definition-renamed",
    level: Level::Warn,
    breaks: &[RustCode],
    exit: Exit::No,
    why: "the generated type takes its name from the definition",
    example: r##""$ref": "#/$defs/Money" → "$ref": "#/$defs/Amount""##,
    fix: "keep the definition's name, or rename the type where it is used",
};
