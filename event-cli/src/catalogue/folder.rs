//! Rules about the schema folder and what lies in it.

use event_schema::rules::{Level, Rule};

use super::rule;
use crate::exit::Exit;

pub(super) static RULES: &[(Exit, Rule)] = &[
    (
        Exit::BadInput,
        rule(
            "payload-not-an-object",
            "the `detail` of an EventBridge event is a JSON object, so nothing else can be published",
            r#"{"type": "array", "items": {"type": "string"}} as the payload"#,
            "declare an object with a property that holds the value",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "unknown-keyword",
            "JSON Schema ignores a keyword that it does not know, and the schema in it with it",
            r#"{"type": "object", "address": {"type": "string"}}, without `properties`"#,
            "put the property under `properties`; call an annotation `x-…`",
        ),
    ),
    (
        Exit::BadInput,
        Rule {
            level: Level::Warn,
            ..rule(
                "not-in-the-type",
                "the Rust type reads more than the schema allows there, or keeps less than it declares",
                r#""if": {…}, "then": {"properties": {"reason": {"type": "string"}}}"#,
                "say the same with keywords that a type can hold, or leave it to `cargo event validate`",
            )
        },
    ),
    (
        Exit::BadInput,
        rule(
            "bad-sample",
            "a schema is inferred from events, and each is a JSON object",
            "`cargo event import --infer` with a file that holds a number",
            "give files with one event, a list of events, or one event a line",
        ),
    ),
    (
        Exit::BadInput,
        Rule {
            level: Level::Warn,
            ..rule(
                "inferred-schema",
                "samples say what came and not what may come: a field may be optional, an enum a string",
                r#""x-inferred": true, as `cargo event import --infer` writes it"#,
                "look through the schema, remove `x-inferred`, and lock it",
            )
        },
    ),
    (
        Exit::BadInput,
        rule(
            "event-in-two-registries",
            "two events have one path in generated code: it does not compile there, and the derive alone is not concerned",
            "`order.placed` in the registries `shop` and `partner`",
            r#"say in `event.toml` which registry has the short path: `home = "shop"`"#,
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "schema-folder-missing",
            "there is nothing to look at",
            "a build in a package without `schemas`",
            r#"name the folder: `--schemas DIR`, or `event_codegen::compile("path")` in build.rs"#,
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "no-schemas",
            "a folder without schemas gives no types, and is hardly meant; a build only warns, for a first event may begin in the code",
            "an empty folder `schemas`",
            "put a schema at `<registry>/<type>/<major>.<minor>.json`, or have `event_testing::assert_locked` write one",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "bad-config",
            "a knob that is not understood would silently not be turned",
            "an unknown key in `schemas/event.toml`",
            "correct the key; the documentation of `event_codegen::Config` lists them",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "bad-file-name",
            "a file that nobody reads is a schema that nobody holds to",
            "`latest.json` in an event's folder",
            "call it `<major>.<minor>.json`, such as `1.0.json`; files that others only refer to belong one folder up",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "bad-event-name",
            "an event is found by its name",
            "a document of several events, one without a name",
            "give its schema below `components.schemas` a name",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "file-exists",
            "what is there is never overwritten",
            "`1.1.json` was put there by hand",
            "look at the file; `cargo event check` says what it is",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "link-out-of-folder",
            "a build reads the repository and nothing else",
            "a symbolic link to `/tmp/1.0.json`",
            "copy the file into the folder",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "unreadable",
            "what can't be read can't be checked",
            "the file is a folder, too long, not UTF-8, or not there",
            "correct the path or the permissions; save the file as UTF-8",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "unwritable",
            "the command could not write what it was asked to",
            "the folder is read-only, or the path is a folder",
            "name another path, or correct the permissions",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "schema-not-json",
            "a schema is JSON; nothing can be said about another text",
            "a comma is missing, or a key is given twice",
            "correct the text at the place that is named",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "no-event",
            "a document without a schema describes nothing",
            "an OpenAPI document without components",
            "describe the payload, or remove the file",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "event-defined-twice",
            "one name stands for one event",
            "two documents of a registry describe `order.placed`",
            "keep it in one of them, or give one another name",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "detail-type-contradicts",
            "consumers would look for the event under another name or major than its folder says",
            r#"`"x-amazon-events-detail-type": "order.placed:v1"` in `2.0.json`"#,
            "move the file to the event and major that it describes, or correct the detail-type",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "cannot-lower",
            "no Rust type holds exactly these events",
            "two properties whose names differ in nothing that Rust tells apart",
            "say the same with other keywords, or rename what collides",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "internal",
            "this is a fault of the tool, not of the schema",
            "generated code that doesn't parse",
            "report it with the schema",
        ),
    ),
];
