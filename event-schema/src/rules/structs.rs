//! What the derives find in a struct. Where a struct makes a change that a schema could make too, they report the
//! rule of that change, such as `field-made-required`.

#![allow(missing_docs, reason = "the fields of a rule describe it")]

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
        &PREDECESSOR_WRONG,
        &FIELD_NOT_CONVERTED,
        &OPTIONAL_FIELD_NOT_CONVERTED,
        &CONVERSION_KEY_WITHOUT_EFFECT,
        &SUNSET_PASSED,
        &SOURCE_MISSING,
        &SOURCE_CONTRADICTS_SCHEMA,
        &SCHEMAS_NOT_COMPILED,
        &BASELINE_UNREADABLE,
        &EVENT_ATTRIBUTE,
        &UNKNOWN_SERDE_ATTRIBUTE,
        &NOT_AN_EVENT,
        &NO_WIRE_SHAPE,
        &NAMES_DIFFER,
        &NAME_USED_TWICE,
        &WRITTEN_NOT_READ,
        &PLACE_LEFT_OUT,
        &ATTRIBUTE_BELOW_DERIVE,
        &NUMBER_MAY_BE_NAN,
        &NUMBER_OR_TEXT,
        &TYPE_CONTRADICTS_ATTRIBUTE,
        &CATCH_ALL_VARIANT,
        &VARIANTS_RETAGGED,
        &VARIANT_TAKEN_FOR_ANOTHER,
        &FLATTENED_FIELD,
        &SCHEMA_NOT_COMPARABLE,
    ],
};

pub static MAJOR_WITHOUT_SUPERSEDES: Rule = Rule {
    id: "major-without-supersedes",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "the older major has readers, and is published beside the new one until it is retired",
    example: r#"`#[event(type = "order.placed", version = "2.0")]`, and the lock lists 1.0"#,
    fix: "name the type of the major before: `supersedes = v1::OrderPlaced`",
};

pub static FIELD_NOT_IN_SCHEMA: Rule = Rule {
    id: "field-not-in-schema",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "consumers ignore the field, and a later schema may use its name for something else",
    example: "a struct of 1.0 with a field `note` that `1.0.json` does not declare",
    fix: "add it to a draft, or declare it in the next version",
};

pub static NULL_WRITTEN: Rule = Rule {
    id: "null-written",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::Elsewhere,
    why: "the schema allows the field to be absent, but not null",
    example: "`note: Option<String>` without `skip_serializing_if`",
    fix: r#"add `#[serde(skip_serializing_if = "Option::is_none")]`"#,
};

pub static ALIAS_IN_OPEN_OBJECT: Rule = Rule {
    id: "alias-in-open-object",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::Elsewhere,
    why: "an open object may hold an undeclared field of the other name, and serde rejects an event with both",
    example: r#"`#[serde(alias = "userId")]` on the field `user_id`"#,
    fix: "remove `alias`",
};

pub static STRUCT_IN_PLACE_OF_UNION: Rule = Rule {
    id: "struct-in-place-of-union",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::Elsewhere,
    why: "a struct has one set of fields, but each branch of the union has its own",
    example: r#"a struct for a payload of `"oneOf": [Card, Cash]`"#,
    fix: "use the generated enum",
};

pub static PREDECESSOR_WRONG: Rule = Rule {
    id: "predecessor-wrong",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "the conversion is written for one event and one version, and publishing the new major also writes that version",
    example: "`supersedes = v1::OrderPaid` on an `order.placed`, or `v1` on a 3.0",
    fix: "use the type of the same event and of the previous major; majors form a chain",
};

pub static FIELD_NOT_CONVERTED: Rule = Rule {
    id: "field-not-converted",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "the older major requires a field that the new one lacks or has with another type",
    example: "`order_id` of 2.0 was `id` in 1.0, but no attribute states it",
    fix: r#"add `#[event(from = "id")]` to the field, and `down = path::to_fn` if the type differs"#,
};

pub static OPTIONAL_FIELD_NOT_CONVERTED: Rule = Rule {
    id: "optional-field-not-converted",
    level: Level::Warn,
    breaks: &[OldConsumers],
    exit: Exit::Elsewhere,
    why: "consumers of the older major no longer get the field",
    example: "1.0 has an optional `note`, but 2.0 has no field of that name",
    fix: r#"add `#[event(from = "note")]` to the field that holds it, or `#[event(drop = "note")]` if the loss is intended"#,
};

pub static CONVERSION_KEY_WITHOUT_EFFECT: Rule = Rule {
    id: "conversion-key-without-effect",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "no conversion to a union is derived, so the key would be ignored",
    example: "`upcast` on a struct that supersedes a `oneOf`",
    fix: "remove the key, and write `impl From<New> for Old`",
};

pub static SUNSET_PASSED: Rule = Rule {
    id: "sunset-passed",
    level: Level::Warn,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "the earlier major was to be retired on a day that has passed",
    example: r#"`sunset = "2026-01-31"`, built in February"#,
    fix: "add `retired` once the earlier major has no readers, or move the day",
};

pub static SOURCE_MISSING: Rule = Rule {
    id: "source-missing",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "EventBridge routes by the source of an event, and neither the schema nor the struct states it",
    example: "no `x-amazon-events-source` and no `source` key",
    fix: r#"add `#[event(source = "app.orders")]`"#,
};

pub static SOURCE_CONTRADICTS_SCHEMA: Rule = Rule {
    id: "source-contradicts-schema",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "the rules of consumers match on the source that the schema states",
    example: r#"`source = "app.order"`, but the schema states `app.orders`"#,
    fix: "use the source of the schema, or leave the key out",
};

pub static SCHEMAS_NOT_COMPILED: Rule = Rule {
    id: "schemas-not-compiled",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "the derive compares the struct with what the build script compiled, and it compiled nothing",
    example: "a package without a build.rs",
    fix: r#"add a build.rs: `fn main() { event_codegen::compile("schemas"); }`"#,
};

pub static BASELINE_UNREADABLE: Rule = Rule {
    id: "baseline-unreadable",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "another release of event-codegen wrote the file that the derive reads",
    example: "event-codegen 0.2 beside event-runtime 0.1",
    fix: "use the same release of both, and build again",
};

pub static EVENT_ATTRIBUTE: Rule = Rule {
    id: "event-attribute",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "a key of `#[event(..)]` is missing, unknown or malformed",
    example: r#"`#[event(typ = "order.placed")]`"#,
    fix: "write the key as the documentation of `derive(Event)` shows it",
};

pub static UNKNOWN_SERDE_ATTRIBUTE: Rule = Rule {
    id: "unknown-serde-attribute",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "the effect of an unknown attribute on the wire format is unknown",
    example: "an attribute of a later release of serde",
    fix: "remove it, or update event-runtime and event-codegen",
};

pub static NOT_AN_EVENT: Rule = Rule {
    id: "not-an-event",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "only an object with named fields can gain fields later, and an event must be read and written as one type",
    example: "a tuple struct, a generic struct, or `#[serde(transparent)]`",
    fix: "use a struct with named fields and owned types",
};

pub static NO_WIRE_SHAPE: Rule = Rule {
    id: "no-wire-shape",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "the type does not state its wire format, so it cannot be compared with a schema",
    example: r#"`#[serde(with = "hex")]`, or a field of a type without `EventData`"#,
    fix: "derive `EventData` on the type, or add `#[event(as = ..)]` to the field",
};

pub static NAMES_DIFFER: Rule = Rule {
    id: "names-differ",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "an event that is written under one name cannot be read under another",
    example: r#"`#[serde(rename(serialize = "a", deserialize = "b"))]`"#,
    fix: "use the same name for writing and reading",
};

pub static NAME_USED_TWICE: Rule = Rule {
    id: "name-used-twice",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "an object has only one field of each name, and a variant is found by its name",
    example: r#"`#[serde(rename = "id")]` on a field beside `id`"#,
    fix: "rename one of the two, or remove it",
};

pub static WRITTEN_NOT_READ: Rule = Rule {
    id: "written-not-read",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "a value that was written cannot be read back unchanged",
    example: "`#[serde(skip_deserializing)]` on a field",
    fix: "use `#[serde(skip)]`, or read and write the same type",
};

pub static PLACE_LEFT_OUT: Rule = Rule {
    id: "place-left-out",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "leaving out a field of a tuple moves the fields after it",
    example: "`#[serde(skip_serializing)]` on a field of a tuple struct",
    fix: "use `#[serde(skip)]`, or give the fields names",
};

pub static ATTRIBUTE_BELOW_DERIVE: Rule = Rule {
    id: "attribute-below-derive",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "the attribute may be a macro that rewrites the type after the derive has read it",
    example: "`#[serde_as]` below `#[derive(Event)]`",
    fix: "move the attribute above `#[derive(..)]`, or name it in `#[event(inert(..))]`",
};

pub static NUMBER_MAY_BE_NAN: Rule = Rule {
    id: "number-may-be-nan",
    level: Level::Warn,
    breaks: &[OldConsumers],
    exit: Exit::Elsewhere,
    why: "serde_json writes NaN and the infinities as `null`, which the schema does not allow",
    example: "a required field of type `f64`",
    fix: "add `#[event(finite)]` if the code never writes one",
};

pub static NUMBER_OR_TEXT: Rule = Rule {
    id: "number-or-text",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "`serde_repr` writes an enum with `repr` as a number, and serde's own derives write it as text",
    example: "`#[repr(u8)]` on an enum of unit variants",
    fix: "add `#[event(repr)]` if `serde_repr` writes it",
};

pub static TYPE_CONTRADICTS_ATTRIBUTE: Rule = Rule {
    id: "type-contradicts-attribute",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "the type of the field has a known wire format, but `as` states another one",
    example: "`#[event(as = u32)]` on a `String` without a serde function",
    fix: "add the serde function that does what `as` states, or remove `as`",
};

pub static CATCH_ALL_VARIANT: Rule = Rule {
    id: "catch-all-variant",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers],
    exit: Exit::Elsewhere,
    why: "an open enum needs one variant for all later values, and a closed enum must not write one",
    example: "an open enum of strings without `#[serde(untagged)] Unknown(String)`",
    fix: "add, correct or remove the catch-all variant",
};

pub static VARIANTS_RETAGGED: Rule = Rule {
    id: "variants-retagged",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers],
    exit: Exit::Elsewhere,
    why: "neither side reads what the other writes",
    example: r#"`"kind"` beside the content, but an enum without `#[serde(tag = "kind")]`"#,
    fix: "tag the enum as the schema does",
};

pub static VARIANT_TAKEN_FOR_ANOTHER: Rule = Rule {
    id: "variant-taken-for-another",
    level: Level::Break,
    breaks: &[StoredEvents],
    exit: Exit::Elsewhere,
    why: "serde takes the first untagged variant that fits, and writes the value back in that variant's form",
    example: "`At(Timestamp)` before `Text(String)`",
    fix: "put the variant that keeps every value first, or use a tag",
};

pub static FLATTENED_FIELD: Rule = Rule {
    id: "flattened-field",
    level: Level::Break,
    breaks: &[StoredEvents, OldConsumers],
    exit: Exit::Elsewhere,
    why: "a flattened map takes or writes fields that the schema assigns to others",
    example: "two flattened maps, or a flattened map in a closed object",
    fix: "flatten structs, and at most one map, as the last flattened field",
};

pub static SCHEMA_NOT_COMPARABLE: Rule = Rule {
    id: "schema-not-comparable",
    level: Level::Error,
    breaks: &[],
    exit: Exit::Elsewhere,
    why: "the comparison cannot prove that the type matches the schema",
    example: "types nested more than 600 levels deep",
    fix: "use the generated type, or `serde_json::Value` if any JSON is allowed",
};
