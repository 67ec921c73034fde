//! What the derives find in a struct. Where a struct makes a change that a schema could make too, they report the
//! rule of that change, such as `field-made-required`.

#![allow(missing_docs, reason = "a rule says by its fields what it is")]

use super::{
    Breaks::{OldConsumers, StoredEvents},
    Exit, Group, Level, Rule,
};

/// In the order in which they are listed.
pub(super) static GROUP: Group = Group {
    title: "Structs",
    rules: &[
        &MAJOR_WITHOUT_SUPERSEDES,
        &FIELD_NOT_IN_SCHEMA,
        &NULL_WRITTEN,
        &ALIAS_IN_OPEN_OBJECT,
        &STRUCT_IN_PLACE_OF_UNION,
    ],
};

pub static MAJOR_WITHOUT_SUPERSEDES: Rule = Rule {
    id: "major-without-supersedes",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "the older major has readers, and is published beside the new one until it is retired",
    example: r#"`#[event(type = "order.placed", version = "2.0")]`, and the lock lists 1.0"#,
    fix: "name the type of the major before: `supersedes = v1::OrderPlaced`",
};

pub static FIELD_NOT_IN_SCHEMA: Rule = Rule {
    id: "field-not-in-schema",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "consumers ignore the field, and a later schema may use its name for something else",
    example: "a struct of 1.0 with a field `note` that `1.0.json` does not declare",
    fix: "add it to a draft, or declare it in the next version",
};

pub static NULL_WRITTEN: Rule = Rule {
    id: "null-written",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "the schema allows the field to be left out, and not to be null",
    example: "`note: Option<String>` without `skip_serializing_if`",
    fix: r#"add `#[serde(skip_serializing_if = "Option::is_none")]`"#,
};

pub static ALIAS_IN_OPEN_OBJECT: Rule = Rule {
    id: "alias-in-open-object",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::No,
    why: "an open object may hold an undeclared field of the other name, and serde rejects an event with both",
    example: r#"`#[serde(alias = "userId")]` on the field `user_id`"#,
    fix: "remove `alias`",
};

pub static STRUCT_IN_PLACE_OF_UNION: Rule = Rule {
    id: "struct-in-place-of-union",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "a struct holds one set of fields, and each branch of the union has its own",
    example: r#"a struct for a payload of `"oneOf": [Card, Cash]`"#,
    fix: "use the generated enum",
};
