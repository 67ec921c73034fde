//! What was published, and must stay as it was: `schemas.lock`.

#![allow(missing_docs, reason = "a rule says by its fields what it is")]

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
    why: "without a lock nothing says which versions are published",
    example: "a folder with schemas and no `schemas.lock`",
    fix: "run `cargo event lock`, and commit the file",
};

pub static SCHEMA_NOT_LOCKED: Rule = Rule {
    id: "schema-not-locked",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "until it is listed, anybody may change it without being told",
    example: "`1.1.json` was added, and `schemas.lock` doesn't list it",
    fix: "run `cargo event lock`, and commit the file",
};

pub static LOCKED_SCHEMA_EDITED: Rule = Rule {
    id: "locked-schema-edited",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "events of the version are stored and other services read them; who has the locked text no longer means the same",
    example: "an edit of `1.0.json` after `cargo event lock`",
    fix: "take the locked text back, and put the change into a new version",
};

pub static LOCKED_SCHEMA_DELETED: Rule = Rule {
    id: "locked-schema-deleted",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "stored events and other services may still be of this version",
    example: "`1.0.json` is removed after `cargo event lock`",
    fix: "bring the file back from version control",
};

pub static SHARED_DEFINITION_EDITED: Rule = Rule {
    id: "shared-definition-edited",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "what a published version refers to in other files is part of it; an edit changes all events that refer to it",
    example: "`common.json#/definitions/Money` loses a field after `order.placed` 1.0 is locked",
    fix: "put the new text beside the locked one, under another name, and refer to it from the next version",
};

pub static VERSION_PUBLISHED: Rule = Rule {
    id: "version-published",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "who has a published version keeps reading by it, whatever the lock here says",
    example: "`cargo event unlock order.placed@1.0`, and `origin/main` has it locked",
    fix: "put the change into a new version",
};

pub static LOCK_FORMAT: Rule = Rule {
    id: "lock-format",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "a lock of format 1 does not see edits of definitions that several schemas share",
    example: "`version = 1` in `schemas.lock`, and a schema that refers to `common.json`",
    fix: "run `cargo event lock`, and commit the file",
};

pub static BAD_LOCK: Rule = Rule {
    id: "bad-lock",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a lock that can't be read protects nothing",
    example: "a line of `schemas.lock` was edited by hand",
    fix: "take the file back from version control, then run `cargo event lock`",
};
