//! Files of the schema folder, and its `event.toml`.

#![allow(missing_docs, reason = "the fields of a rule describe it")]

use super::{Exit, Group, Level, Rule};

/// In the order in which they are listed.
pub(super) static GROUP: Group = Group {
    title: "Schema folder and settings",
    rules: &[
        &SCHEMA_FOLDER_MISSING,
        &NO_SCHEMAS,
        &BAD_FILE_NAME,
        &BAD_EVENT_NAME,
        &EVENT_DEFINED_TWICE,
        &EVENT_IN_TWO_REGISTRIES,
        &VERSION_GAP,
        &MERGE_CONFLICT,
        &LINK_OUT_OF_FOLDER,
        &FILE_EXISTS,
        &UNREADABLE,
        &UNWRITABLE,
        &BAD_CONFIG,
    ],
};

pub static SCHEMA_FOLDER_MISSING: Rule = Rule {
    id: "schema-folder-missing",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the schema folder does not exist",
    example: "a build in a package without `schemas`",
    fix: r#"name the folder: `--schemas DIR`, or `event_codegen::compile("path")` in build.rs"#,
};

pub static NO_SCHEMAS: Rule = Rule {
    id: "no-schemas",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a folder without schemas generates no types and is probably a mistake; a build only warns, because a first event may begin in the code",
    example: "an empty folder `schemas`",
    fix: "put a schema at `<registry>/<type>/<major>.<minor>.json`, or have `event_testing::assert_locked` write one",
};

pub static BAD_FILE_NAME: Rule = Rule {
    id: "bad-file-name",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a schema in a file with another name would be silently ignored",
    example: "`latest.json` in an event's folder",
    fix: "name it `<major>.<minor>.json`, such as `1.0.json`; move a file that schemas only refer to one folder up",
};

pub static BAD_EVENT_NAME: Rule = Rule {
    id: "bad-event-name",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "an event is identified by its name",
    example: "a document of several events, one without a name",
    fix: "give its schema a name below `components.schemas`",
};

pub static EVENT_DEFINED_TWICE: Rule = Rule {
    id: "event-defined-twice",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a name identifies one event",
    example: "two documents of a registry describe `order.placed`",
    fix: "keep it in one of them, or rename one of the two",
};

pub static EVENT_IN_TWO_REGISTRIES: Rule = Rule {
    id: "event-in-two-registries",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "two events have the same path in generated code, which does not compile; the derive alone is not affected",
    example: "`order.placed` in the registries `shop` and `partner`",
    fix: r#"set the registry that has the short path in `event.toml`: `home = "shop"`"#,
};

pub static VERSION_GAP: Rule = Rule {
    id: "version-gap",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "minors count from 0 without a gap; a missing one was published, and stored events may use it",
    example: "`1.0.json` and `1.2.json`",
    fix: "use the next free number, or restore the missing version from version control",
};

pub static MERGE_CONFLICT: Rule = Rule {
    id: "merge-conflict",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a merge left both sides in the file, and only a person can decide which one is right",
    example: "`<<<<<<< HEAD` in `1.1.json` or in `schemas.lock`",
    fix: "edit the file so that one side remains; in the lock, keep the entries of both sides",
};

pub static LINK_OUT_OF_FOLDER: Rule = Rule {
    id: "link-out-of-folder",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a build only reads files of the repository",
    example: "a symbolic link to `/tmp/1.0.json`",
    fix: "copy the file into the folder",
};

pub static FILE_EXISTS: Rule = Rule {
    id: "file-exists",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "existing files are never overwritten",
    example: "`1.1.json` was put there by hand",
    fix: "inspect the file; `cargo event check` reports what is wrong with it",
};

pub static UNREADABLE: Rule = Rule {
    id: "unreadable",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a file that cannot be read cannot be checked",
    example: "the file is a folder, too long, not UTF-8, or missing",
    fix: "correct the path or the permissions; save the file as UTF-8",
};

pub static UNWRITABLE: Rule = Rule {
    id: "unwritable",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the command cannot write its output",
    example: "the folder is read-only, or the path is a folder",
    fix: "use another path, or correct the permissions",
};

pub static BAD_CONFIG: Rule = Rule {
    id: "bad-config",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "an unrecognised setting would be silently ignored",
    example: "an unknown key in `schemas/event.toml`",
    fix: "correct the key; the documentation of `event_codegen::Config` lists them",
};
