//! What was published, and must stay as it was: `schemas.lock`.

#![allow(missing_docs, reason = "the fields of a rule describe it")]

use super::{Exit, Group, Level, Rule};

/// In the order in which they are listed.
pub(super) static GROUP: Group = Group {
    title: "Lock",
    rules: &[
        &LOCK_MISSING,
        &SCHEMA_NOT_LOCKED,
        &LOCKED_SCHEMA_EDITED,
        &LOCKED_SCHEMA_DELETED,
        &SHARED_DEFINITION_EDITED,
        &VERSION_PUBLISHED,
        &LOCK_FORMAT,
        &BAD_LOCK,
    ],
};

pub static LOCK_MISSING: Rule = Rule {
    id: "lock-missing",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "without a lock, nothing records which versions are published",
    example: "a folder with schemas and no `schemas.lock`",
    fix: "run `cargo event lock`, and commit the file",
};

pub static SCHEMA_NOT_LOCKED: Rule = Rule {
    id: "schema-not-locked",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "changes to a schema are only detected once the lock lists it",
    example: "`1.1.json` was added, but `schemas.lock` does not list it",
    fix: "run `cargo event lock`, and commit the file",
};

pub static LOCKED_SCHEMA_EDITED: Rule = Rule {
    id: "locked-schema-edited",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "stored events and other services rely on the locked text",
    example: "an edit of `1.0.json` after `cargo event lock`",
    fix: "restore the locked text, and put the change into a new version",
};

pub static LOCKED_SCHEMA_DELETED: Rule = Rule {
    id: "locked-schema-deleted",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "stored events and other services may still use this version",
    example: "`1.0.json` is removed after `cargo event lock`",
    fix: "restore the file from version control",
};

pub static SHARED_DEFINITION_EDITED: Rule = Rule {
    id: "shared-definition-edited",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "the parts of other files that a published version refers to belong to it; an edit changes all events that refer to them",
    example: "`common.json#/definitions/Money` loses a field after `order.placed` 1.0 is locked",
    fix: "add the new text beside the locked one under another name, and refer to it from the next version",
};

pub static VERSION_PUBLISHED: Rule = Rule {
    id: "version-published",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "services that have a published version keep using it, whatever the lock in this folder states",
    example: "`cargo event unlock order.placed@1.0`, while `origin/main` has it locked",
    fix: "put the change into a new version",
};

pub static LOCK_FORMAT: Rule = Rule {
    id: "lock-format",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "a lock of format 1 does not detect edits of definitions that several schemas share",
    example: "`version = 1` in `schemas.lock`, and a schema that refers to `common.json`",
    fix: "run `cargo event lock`, and commit the file",
};

pub static BAD_LOCK: Rule = Rule {
    id: "bad-lock",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a lock that cannot be read protects nothing",
    example: "a line of `schemas.lock` was edited by hand",
    fix: "restore the file from version control, then run `cargo event lock`",
};
