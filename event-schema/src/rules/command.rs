//! What a command was asked for, and the state in Git that it compares with.

#![allow(missing_docs, reason = "a rule says by its fields what it is")]

use super::{Exit, Group, Level, Rule};

/// In the order in which they are listed.
pub(super) static GROUP: Group = Group {
    title: "Command and Git",
    rules: &[
        &EVENT_NOT_CONFORMING,
        &UNKNOWN_EVENT,
        &AMBIGUOUS_EVENT,
        &UNKNOWN_REGISTRY,
        &DIFFERENT_EVENTS,
        &NO_NEXT_VERSION,
        &NOT_THE_NEWEST,
        &UNKNOWN_REVISION,
        &GIT_FAILED,
        &UNKNOWN_RULE,
        &FEATURE_MISSING,
        &BAD_SAMPLE,
        &IMPORT_NAMES_MEET,
        &LAYOUT_NOT_MATCHED,
        &BAD_MANIFEST,
        &NO_CLONE,
        &NO_ACCEPTING_TEST,
        &ACCEPTING_TEST_FAILED,
        &NO_NEW_VERSION,
    ],
};

pub static EVENT_NOT_CONFORMING: Rule = Rule {
    id: "event-not-conforming",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "readers of this version reject the event, or misread it",
    example: r#"`"cents": "12"`, where the schema says integer"#,
    fix: "correct the writer; where such events are published already, write them down in a schema of their own major",
};

pub static UNKNOWN_EVENT: Rule = Rule {
    id: "unknown-event",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the folder has no such event or version",
    example: "`cargo event validate oder.placed order.json`",
    fix: "take a name that the message lists",
};

pub static AMBIGUOUS_EVENT: Rule = Rule {
    id: "ambiguous-event",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "two registries have an event of this type",
    example: "`app-core/thing.shared` and `app-billing/thing.shared`",
    fix: "write `REGISTRY/TYPE`",
};

pub static UNKNOWN_REGISTRY: Rule = Rule {
    id: "unknown-registry",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "an event lives in the folder of a registry",
    example: "`cargo event list --registry shp`",
    fix: "name one: `--registry R`",
};

pub static DIFFERENT_EVENTS: Rule = Rule {
    id: "different-events",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "versions are compared of one event",
    example: "two documents with several events, of other names",
    fix: "compare documents of the same events, or one event of each",
};

pub static NO_NEXT_VERSION: Rule = Rule {
    id: "no-next-version",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "there is no number left",
    example: "a minor of 4294967295",
    fix: "begin a new major: `cargo event new-version TYPE --major`",
};

pub static NOT_THE_NEWEST: Rule = Rule {
    id: "not-the-newest",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a minor follows on the newest of its major",
    example: "`cargo event new-version order.placed@1.0`, where there is 1.1",
    fix: "name the major only: `cargo event new-version order.placed@1`",
};

pub static UNKNOWN_REVISION: Rule = Rule {
    id: "unknown-revision",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "nothing can be compared with a state that isn't there",
    example: "`cargo event check --against git:mian`",
    fix: "name a revision that `git log` shows; in a shallow clone, fetch it first",
};

pub static GIT_FAILED: Rule = Rule {
    id: "git-failed",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the earlier state is read through git",
    example: "`--against git:main` outside of a work tree, or without git",
    fix: "run the git command that the message names",
};

pub static UNKNOWN_RULE: Rule = Rule {
    id: "unknown-rule",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "no diagnostic names it",
    example: "`cargo event rules enum-added-value`",
    fix: "take an id that `cargo event rules` lists",
};

pub static FEATURE_MISSING: Rule = Rule {
    id: "feature-missing",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the command was installed without the feature that this needs",
    example: "`cargo event pull`, where it was installed with `--no-default-features`",
    fix: "install it with the feature: `cargo install cargo-event --features registry`",
};

pub static BAD_SAMPLE: Rule = Rule {
    id: "bad-sample",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a schema is inferred from events, and each is a JSON object",
    example: "`cargo event import --infer` with a file that holds a number",
    fix: "give files with one event, a list of events, or one event a line",
};

pub static IMPORT_NAMES_MEET: Rule = Rule {
    id: "import-names-meet",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "two documents that have nothing in common but a name are hardly versions of one event",
    example: "`orders/created.json` and `users/created.json`, both with the title `CreatedEvent`",
    fix: "import each with `--name`, or say where the paths name them: `--layout`",
};

pub static LAYOUT_NOT_MATCHED: Rule = Rule {
    id: "layout-not-matched",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a file whose path says nothing by the layout would get a name that nobody meant",
    example: "`orders/latest.json` under `--layout '{event}/{version}.json'`",
    fix: "import it by another command, or correct the layout",
};

pub static BAD_MANIFEST: Rule = Rule {
    id: "bad-manifest",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a crate can only be set up by its manifest",
    example: "`cargo event init` in a workspace's folder",
    fix: "name a package's folder: `--path DIR`",
};

pub static NO_CLONE: Rule = Rule {
    id: "no-clone",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a dependency on a crate that isn't there keeps cargo from building anything",
    example: "`cargo event init --crates ..`, and `..` has no folder `event-runtime`",
    fix: "name the clone's folder: `--crates DIR`",
};

pub static NO_ACCEPTING_TEST: Rule = Rule {
    id: "no-accepting-test",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "what a struct says as a schema is known to the compiler alone: a test of the package writes it",
    example: "`cargo event new-version order.placed --from-code`, and nothing calls `assert_locked`",
    fix: "add the test that the message shows",
};

pub static ACCEPTING_TEST_FAILED: Rule = Rule {
    id: "accepting-test-failed",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a package that doesn't build, or whose test fails, says nothing about its events",
    example: "the struct has a field without a type",
    fix: "mend what cargo says, then run the command again",
};

pub static NO_NEW_VERSION: Rule = Rule {
    id: "no-new-version",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the version is the struct's to say; a command that made one up would contradict it",
    example: "`#[event(version = \"1.0\")]`, and 1.0 is in the folder",
    fix: "give the struct the next version, then run the command again",
};
