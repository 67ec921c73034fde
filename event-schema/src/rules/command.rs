//! What a command was asked for, and the state in Git that it compares with.

#![allow(missing_docs, reason = "the fields of a rule describe it")]

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
    example: r#"`"cents": "12"`, but the schema requires an integer"#,
    fix: "correct the publisher; if such events are published already, describe them in a major of their own",
};

pub static UNKNOWN_EVENT: Rule = Rule {
    id: "unknown-event",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the folder has no such event or version",
    example: "`cargo event validate oder.placed order.json`",
    fix: "use one of the listed names",
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
    why: "the folder has no such registry",
    example: "`cargo event list --registry shp`",
    fix: "use the name of a registry's folder: `--registry NAME`",
};

pub static DIFFERENT_EVENTS: Rule = Rule {
    id: "different-events",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "only versions of the same event can be compared",
    example: "two documents with several events of different names",
    fix: "compare documents of the same events, or one event of each",
};

pub static NO_NEXT_VERSION: Rule = Rule {
    id: "no-next-version",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the version numbers are exhausted",
    example: "a minor of 4294967295",
    fix: "start a new major: `cargo event new-version TYPE --major`",
};

pub static NOT_THE_NEWEST: Rule = Rule {
    id: "not-the-newest",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a new minor follows the newest one of its major",
    example: "`cargo event new-version order.placed@1.0`, but 1.1 exists",
    fix: "state the major only: `cargo event new-version order.placed@1`",
};

pub static UNKNOWN_REVISION: Rule = Rule {
    id: "unknown-revision",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the folder can only be compared with an existing revision",
    example: "`cargo event check --against git:mian`",
    fix: "use a revision that `git log` shows; in a shallow clone, fetch it first",
};

pub static GIT_FAILED: Rule = Rule {
    id: "git-failed",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the earlier state is read with git",
    example: "`--against git:main` outside of a work tree, or without git",
    fix: "run the reported git command to see what is wrong",
};

pub static UNKNOWN_RULE: Rule = Rule {
    id: "unknown-rule",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "no rule has this ID",
    example: "`cargo event rules enum-added-value`",
    fix: "use an ID that `cargo event rules` lists",
};

pub static FEATURE_MISSING: Rule = Rule {
    id: "feature-missing",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the command was installed without a feature that this needs",
    example: "`cargo event pull` after an installation with `--no-default-features`",
    fix: "install it with the feature: `cargo install cargo-event --features registry`",
};

pub static BAD_SAMPLE: Rule = Rule {
    id: "bad-sample",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a schema is inferred from events, and an event is a JSON object",
    example: "`cargo event import --infer` with a file that contains a number",
    fix: "pass files with one event, a list of events, or one event per line",
};

pub static IMPORT_NAMES_MEET: Rule = Rule {
    id: "import-names-meet",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "two documents that only have their name in common are probably not versions of one event",
    example: "`orders/created.json` and `users/created.json`, both with the title `CreatedEvent`",
    fix: "import each with `--name`, or state how the paths name them with `--layout`",
};

pub static LAYOUT_NOT_MATCHED: Rule = Rule {
    id: "layout-not-matched",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a file whose path does not match the layout would get an unintended name",
    example: "`orders/latest.json` under `--layout '{event}/{version}.json'`",
    fix: "import it with a separate command, or correct the layout",
};

pub static BAD_MANIFEST: Rule = Rule {
    id: "bad-manifest",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a crate is set up through its manifest",
    example: "`cargo event init` in the folder of a workspace",
    fix: "use the folder of a package: `--path DIR`",
};

pub static NO_CLONE: Rule = Rule {
    id: "no-clone",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "cargo cannot build a package whose dependency does not exist",
    example: "`cargo event init --crates ..`, but `..` has no folder `event-runtime`",
    fix: "use the folder of the clone: `--crates DIR`",
};

pub static NO_ACCEPTING_TEST: Rule = Rule {
    id: "no-accepting-test",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "only the compiler knows the schema of a struct, so a test of the package writes it",
    example: "`cargo event new-version order.placed --from-code` without a call of `assert_locked`",
    fix: "add the test that the message shows",
};

pub static ACCEPTING_TEST_FAILED: Rule = Rule {
    id: "accepting-test-failed",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a package that does not build, or whose test fails, cannot write the schemas of its events",
    example: "the struct has a field without a type",
    fix: "correct what cargo reports, then run the command again",
};

pub static NO_NEW_VERSION: Rule = Rule {
    id: "no-new-version",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the struct declares the version, and the command must not contradict it",
    example: r#"`#[event(version = "1.0")]`, but the folder has 1.0 already"#,
    fix: "give the struct the next version, then run the command again",
};
