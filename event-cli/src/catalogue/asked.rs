//! Rules about what a command was asked for.

use event_schema::rules::Rule;

use super::rule;
use crate::exit::Exit;

pub(super) static RULES: &[(Exit, Rule)] = &[
    (
        Exit::No,
        rule(
            "event-not-conforming",
            "readers of this version reject the event, or misread it",
            r#"`"cents": "12"`, where the schema says integer"#,
            "correct the writer; where such events are published already, write them down in a schema of their own major",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "feature-missing",
            "the command was installed without the feature that this needs",
            "`cargo event pull`, where it was installed with `--no-default-features`",
            "install it with the feature: `cargo install cargo-event --features registry`",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "unknown-event",
            "the folder has no such event or version",
            "`cargo event validate oder.placed order.json`",
            "take a name that the message lists",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "ambiguous-event",
            "two registries have an event of this type",
            "`app-core/thing.shared` and `app-billing/thing.shared`",
            "write `REGISTRY/TYPE`",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "import-names-meet",
            "two documents that have nothing in common but a name are hardly versions of one event",
            "`orders/created.json` and `users/created.json`, both with the title `CreatedEvent`",
            "import each with `--name`, or say where the paths name them: `--layout`",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "layout-not-matched",
            "a file whose path says nothing by the layout would get a name that nobody meant",
            "`orders/latest.json` under `--layout '{event}/{version}.json'`",
            "import it by another command, or correct the layout",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "unknown-registry",
            "an event lives in the folder of a registry",
            "`cargo event list --registry shp`",
            "name one: `--registry R`",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "unknown-rule",
            "no diagnostic names it",
            "`cargo event rules enum-added-value`",
            "take an id that `cargo event rules` lists",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "different-events",
            "versions are compared of one event",
            "two documents with several events, of other names",
            "compare documents of the same events, or one event of each",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "unknown-revision",
            "nothing can be compared with a state that isn't there",
            "`cargo event check --against git:mian`",
            "name a revision that `git log` shows; in a shallow clone, fetch it first",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "git-failed",
            "the earlier state is read through git",
            "`--against git:main` outside of a work tree, or without git",
            "run the git command that the message names",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "no-clone",
            "a dependency on a crate that isn't there keeps cargo from building anything",
            "`cargo event init --crates ..`, and `..` has no folder `event-runtime`",
            "name the clone's folder: `--crates DIR`",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "no-accepting-test",
            "what a struct says as a schema is known to the compiler alone: a test of the package writes it",
            "`cargo event new-version order.placed --from-code`, and nothing calls `assert_locked`",
            "add the test that the message shows",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "accepting-test-failed",
            "a package that doesn't build, or whose test fails, says nothing about its events",
            "the struct has a field without a type",
            "mend what cargo says, then run the command again",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "no-new-version",
            "the version is the struct's to say; a command that made one up would contradict it",
            "`#[event(version = \"1.0\")]`, and 1.0 is in the folder",
            "give the struct the next version, then run the command again",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "bad-manifest",
            "a crate can only be set up by its manifest",
            "`cargo event init` in a workspace's folder",
            "name a package's folder: `--path DIR`",
        ),
    ),
];
