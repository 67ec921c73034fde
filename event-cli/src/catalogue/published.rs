//! Rules about what is published: the lock, versions, days.

use event_schema::rules::Rule;

use super::rule;
use crate::exit::Exit;

pub(super) static RULES: &[(Exit, Rule)] = &[
    (
        Exit::No,
        rule(
            "locked-schema-edited",
            "events of the version are stored and other services read them; who has the locked text no longer means the same",
            "an edit of `1.0.json` after `cargo event lock`",
            "take the locked text back, and put the change into a new version",
        ),
    ),
    (
        Exit::No,
        rule(
            "locked-schema-deleted",
            "stored events and other services may still be of this version",
            "`1.0.json` is removed after `cargo event lock`",
            "bring the file back from version control",
        ),
    ),
    (
        Exit::No,
        rule(
            "shared-definition-edited",
            "what a published version refers to in other files is part of it; an edit changes all events that refer to it",
            "`common.json#/definitions/Money` loses a field after `order.placed` 1.0 is locked",
            "put the new text beside the locked one, under another name, and refer to it from the next version",
        ),
    ),
    (
        Exit::No,
        rule(
            "version-published",
            "who has a published version keeps reading by it, whatever the lock here says",
            "`cargo event unlock order.placed@1.0`, and `origin/main` has it locked",
            "put the change into a new version",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "merge-conflict",
            "a merge left both sides in the file, and only a person knows which is meant",
            "`<<<<<<< HEAD` in `1.1.json` or in `schemas.lock`",
            "edit the file so that one side is left; in the lock, keep the entries of both sides",
        ),
    ),
    (
        Exit::No,
        rule(
            "lock-format",
            "a lock of format 1 does not see edits of definitions that several schemas share",
            "`version = 1` in `schemas.lock`, and a schema that refers to `common.json`",
            "run `cargo event lock`, and commit the file",
        ),
    ),
    (
        Exit::No,
        rule(
            "schema-not-locked",
            "until it is listed, anybody may change it without being told",
            "`1.1.json` was added, and `schemas.lock` doesn't list it",
            "run `cargo event lock`, and commit the file",
        ),
    ),
    (
        Exit::No,
        rule(
            "lock-missing",
            "without a lock nothing says which versions are published",
            "a folder with schemas and no `schemas.lock`",
            "run `cargo event lock`, and commit the file",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "bad-lock",
            "a lock that can't be read protects nothing",
            "a line of `schemas.lock` was edited by hand",
            "take the file back from version control, then run `cargo event lock`",
        ),
    ),
    (
        Exit::No,
        rule(
            "event-removed",
            "consumers wait for the event in vain",
            "`1.0.json` describes `A` and `B`, `1.1.json` only `A`",
            "keep its schema in the document, or publish the document without it as a new major",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "version-gap",
            "minors count from 0 without a gap; a missing one was published, and somebody's events are held to it",
            "`1.0.json` and `1.2.json`",
            "take the next free number, or bring the missing version back from version control",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "no-next-version",
            "there is no number left",
            "a minor of 4294967295",
            "begin a new major: `cargo event new-version TYPE --major`",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "not-the-newest",
            "a minor follows on the newest of its major",
            "`cargo event new-version order.placed@1.0`, where there is 1.1",
            "name the major only: `cargo event new-version order.placed@1`",
        ),
    ),
    (
        Exit::No,
        rule(
            "sunset-moved-earlier",
            "consumers of the older major plan by the day until which it is published",
            r#""x-event-sunset": "2027-06-30" → "2026-12-31""#,
            "keep the day, name a later one, or leave `x-event-sunset` out",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "sunset-is-no-day",
            "nobody can plan by it, and nothing would warn when it is over",
            r#""x-event-sunset": "next year""#,
            "write the day as year, month and day: `2026-12-31`",
        ),
    ),
];
