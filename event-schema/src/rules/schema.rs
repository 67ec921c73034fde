//! A document that cannot be read as an event's schema, or that does not say what it seems to say.

#![allow(missing_docs, reason = "the fields of a rule describe it")]

use super::{Exit, Group, Level, Rule};

/// In the order in which they are listed.
pub(super) static GROUP: Group = Group {
    title: "Schema documents",
    rules: &[
        &SCHEMA_NOT_JSON,
        &NOT_A_SCHEMA,
        &NO_EVENT,
        &PAYLOAD_NOT_FOUND,
        &PAYLOAD_NOT_AN_OBJECT,
        &MALFORMED_SCHEMA,
        &MALFORMED_KEYWORD,
        &MALFORMED_PATTERN,
        &MISSPELT_NAME,
        &UNKNOWN_KEYWORD,
        &IGNORED_KEYWORD,
        &UNRESOLVED_REFERENCE,
        &REMOTE_REFERENCE,
        &SCHEMA_TOO_LARGE,
        &DEFAULT_CONTRADICTS_SCHEMA,
        &EXAMPLE_CONTRADICTS_SCHEMA,
        &INFERRED_SCHEMA,
        &NOT_IN_THE_TYPE,
        &CANNOT_LOWER,
        &INTERNAL,
    ],
};

pub static SCHEMA_NOT_JSON: Rule = Rule {
    id: "schema-not-json",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a schema must be a JSON document",
    example: "a missing comma, or a duplicate key",
    fix: "correct the text at the reported position",
};

pub static NOT_A_SCHEMA: Rule = Rule {
    id: "not-a-schema",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "JSON Schema ignores unknown keywords, so any other document would be a schema that allows everything",
    example: r#""asyncapi": "3.0.0", a sample event, or definitions that nothing refers to"#,
    fix: "save the event's schema as a document of its own; `cargo event import --infer` writes a first one from sample events",
};

pub static NO_EVENT: Rule = Rule {
    id: "no-event",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a document without a schema describes nothing",
    example: "an OpenAPI document without components",
    fix: "describe the payload, or remove the file",
};

pub static PAYLOAD_NOT_FOUND: Rule = Rule {
    id: "payload-not-found",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a document must say which part of it is the payload",
    example: "several components, none of which is an event",
    fix: "name the payload in `info.title`, or add an `AWSEvent` component",
};

pub static PAYLOAD_NOT_AN_OBJECT: Rule = Rule {
    id: "payload-not-an-object",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the `detail` of an EventBridge event is a JSON object, so nothing else can be published",
    example: r#"{"type": "array", "items": {"type": "string"}} as the payload"#,
    fix: "declare an object with a property that holds the value",
};

pub static MALFORMED_SCHEMA: Rule = Rule {
    id: "malformed-schema",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a schema must be an object or a boolean",
    example: r#""items": 5"#,
    fix: "correct the schema",
};

pub static MALFORMED_KEYWORD: Rule = Rule {
    id: "malformed-keyword",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a keyword with a value of the wrong type has no meaning",
    example: r#""minimum": "5""#,
    fix: "correct the value",
};

pub static MALFORMED_PATTERN: Rule = Rule {
    id: "malformed-pattern",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "a pattern that is not a regular expression cannot be checked",
    example: r#""pattern": "^[a-z""#,
    fix: "correct the pattern: expected an ECMA 262 regular expression",
};

pub static MISSPELT_NAME: Rule = Rule {
    id: "misspelt-name",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "an unknown keyword is ignored, so a typo in its name lets every event pass",
    example: r#""propertes": {"id": {"type": "string"}}"#,
    fix: "correct the name; start the names of your own keywords with `x-`",
};

pub static UNKNOWN_KEYWORD: Rule = Rule {
    id: "unknown-keyword",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "JSON Schema ignores an unknown keyword, and with it the schema inside",
    example: r#"{"type": "object", "address": {"type": "string"}}, without `properties`"#,
    fix: "put the property under `properties`, or rename an annotation to `x-…`",
};

pub static IGNORED_KEYWORD: Rule = Rule {
    id: "ignored-keyword",
    level: Level::Warn,
    breaks: &[],
    exit: Exit::No,
    why: "the document's dialect does not have the keyword, so validators ignore it",
    example: r#""$schema": "http://json-schema.org/draft-04/schema#", "const": 1"#,
    fix: "remove it, or set `$schema` to a dialect that has it",
};

pub static UNRESOLVED_REFERENCE: Rule = Rule {
    id: "unresolved-reference",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a reference without a target has no meaning",
    example: r##""$ref": "#/definitions/Missing""##,
    fix: "add the definition, or correct the pointer",
};

pub static REMOTE_REFERENCE: Rule = Rule {
    id: "remote-reference",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "nothing is fetched, so that a build gives the same result tomorrow",
    example: r#""$ref": "https://example.com/a.json""#,
    fix: "copy the schema into the file's definitions",
};

pub static SCHEMA_TOO_LARGE: Rule = Rule {
    id: "schema-too-large",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the size is bounded, because registries may hold untrusted documents",
    example: "a document of more than 200,000 schemas",
    fix: "split the event",
};

pub static DEFAULT_CONTRADICTS_SCHEMA: Rule = Rule {
    id: "default-contradicts-schema",
    level: Level::Warn,
    breaks: &[],
    exit: Exit::No,
    why: "readers fill in a value that the schema rejects",
    example: r#""type": "integer", "default": "1""#,
    fix: "correct the default",
};

pub static EXAMPLE_CONTRADICTS_SCHEMA: Rule = Rule {
    id: "example-contradicts-schema",
    level: Level::Warn,
    breaks: &[],
    exit: Exit::No,
    why: "whoever copies the example writes an event that is rejected",
    example: r#""type": "integer", "examples": ["1"]"#,
    fix: "correct the example",
};

pub static INFERRED_SCHEMA: Rule = Rule {
    id: "inferred-schema",
    level: Level::Warn,
    breaks: &[],
    exit: Exit::BadInput,
    why: "samples show which events occurred, not which ones are valid: a field may be optional, an enum a string",
    example: r#""x-inferred": true, as `cargo event import --infer` writes it"#,
    fix: "review the schema, remove `x-inferred`, and lock it",
};

pub static NOT_IN_THE_TYPE: Rule = Rule {
    id: "not-in-the-type",
    level: Level::Warn,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the Rust type accepts more than the schema allows, or keeps less than it declares",
    example: r#""if": {…}, "then": {"properties": {"reason": {"type": "string"}}}"#,
    fix: "express it with keywords that a type can represent, or leave the check to `cargo event validate`",
};

pub static CANNOT_LOWER: Rule = Rule {
    id: "cannot-lower",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "no Rust type represents exactly these events",
    example: "two properties whose names become the same Rust name",
    fix: "express it with other keywords, or rename one of the properties",
};

pub static INTERNAL: Rule = Rule {
    id: "internal",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "this is a bug in the toolkit, not in the schema",
    example: "generated code that does not parse",
    fix: "report it together with the schema",
};
