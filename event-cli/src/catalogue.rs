//! Every rule that a diagnostic may name: those about change, of `event-schema`, and those about
//! folders, locks and events, which stand here.

mod registry;

use event_schema::rules::{self, Breaks, Level, Rule};

use crate::exit::Exit;

/// The source of an event changed.
pub(crate) static SOURCE_CHANGED: Rule = Rule {
    id: "event-source-changed",
    rows: &[70],
    level: Level::Break,
    breaks: &[Breaks::OldConsumers],
    why: "EventBridge's rules match on the source; those of the old one no longer see the event",
    example: r#""x-amazon-events-source": "app.a" → "app.b""#,
    fix: "keep the source; a change of it is a new major, published beside the old one: `cargo event new-version TYPE --major`",
};

/// The detail-type of an event changed.
pub(crate) static DETAIL_TYPE_CHANGED: Rule = Rule {
    id: "detail-type-changed",
    rows: &[70],
    level: Level::Break,
    breaks: &[Breaks::OldConsumers],
    why: "EventBridge's rules match on the detail-type; those of the old one no longer see the event",
    example: r#""x-amazon-events-detail-type": "order.placed:v1" → "order.placed.v1""#,
    fix: "keep the detail-type; a change of it is a new major, published beside the old one: `cargo event new-version TYPE --major`",
};

/// Rules about folders, locks and events, and what a command says with them: no, or that it can't say.
static HERE: &[(Exit, Rule)] = &[
    (
        Exit::No,
        Rule {
            id: "locked-schema-edited",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "events of the version are stored and other services read them; who has the locked text no longer means the same",
            example: "an edit of `1.0.json` after `cargo event lock`",
            fix: "take the locked text back, and put the change into a new version",
        },
    ),
    (
        Exit::No,
        Rule {
            id: "locked-schema-deleted",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "stored events and other services may still be of this version",
            example: "`1.0.json` is removed after `cargo event lock`",
            fix: "bring the file back from version control",
        },
    ),
    (
        Exit::No,
        Rule {
            id: "schema-not-locked",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "until it is listed, anybody may change it without being told",
            example: "`1.1.json` was added, and `schemas.lock` doesn't list it",
            fix: "run `cargo event lock`, and commit the file",
        },
    ),
    (
        Exit::No,
        Rule {
            id: "lock-missing",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "without a lock nothing says which versions are published",
            example: "a folder with schemas and no `schemas.lock`",
            fix: "run `cargo event lock`, and commit the file",
        },
    ),
    (
        Exit::No,
        Rule {
            id: "event-not-conforming",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "readers of this version reject the event, or misread it",
            example: r#"`"cents": "12"`, where the schema says integer"#,
            fix: "correct the writer; where such events are published already, write them down in a schema of their own major",
        },
    ),
    (
        Exit::No,
        Rule {
            id: "sunset-moved-earlier",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "consumers of the older major plan by the day until which it is published",
            example: r#""x-event-sunset": "2027-06-30" → "2026-12-31""#,
            fix: "keep the day, name a later one, or leave `x-event-sunset` out",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "sunset-is-no-day",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "nobody can plan by it, and nothing would warn when it is over",
            example: r#""x-event-sunset": "next year""#,
            fix: "write the day as year, month and day: `2026-12-31`",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "bad-lock",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "a lock that can't be read protects nothing",
            example: "a merge left `<<<<<<<` in `schemas.lock`",
            fix: "take the file back from version control, then run `cargo event lock`",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "bad-config",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "a knob that is not understood would silently not be turned",
            example: "an unknown key in `schemas/event.toml`",
            fix: "correct the key; the documentation of `event_codegen::Config` lists them",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "bad-file-name",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "a file that nobody reads is a schema that nobody holds to",
            example: "`latest.json` in an event's folder",
            fix: "call it `<major>.<minor>.json`, such as `1.0.json`; files that others only refer to belong one folder up",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "version-gap",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "minors count from 0 without a gap; a missing one was published, and somebody's events are held to it",
            example: "`1.0.json` and `1.2.json`",
            fix: "take the next free number, or bring the missing version back from version control",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "detail-type-contradicts",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "consumers would look for the event under another name or major than its folder says",
            example: r#"`"x-amazon-events-detail-type": "order.placed:v1"` in `2.0.json`"#,
            fix: "move the file to the event and major that it describes, or correct the detail-type",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "schema-folder-missing",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "there is nothing to look at",
            example: "a build in a package without `schemas`",
            fix: r#"name the folder: `--schemas DIR`, or `event_codegen::compile("path")` in build.rs"#,
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "no-schemas",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "a folder without schemas gives no types, and is hardly meant",
            example: "an empty folder `schemas`",
            fix: "put a schema at `<registry>/<type>/<major>.<minor>.json`, or remove the folder",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "schema-not-json",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "a schema is JSON; nothing can be said about another text",
            example: "a comma is missing, or a key is given twice",
            fix: "correct the text at the place that is named",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "unreadable",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "what can't be read can't be checked",
            example: "the file is a folder, too long, not UTF-8, or not there",
            fix: "correct the path or the permissions; save the file as UTF-8",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "unwritable",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "the command could not write what it was asked to",
            example: "the folder is read-only, or the path is a folder",
            fix: "name another path, or correct the permissions",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "link-out-of-folder",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "a build reads the repository and nothing else",
            example: "a symbolic link to `/tmp/1.0.json`",
            fix: "copy the file into the folder",
        },
    ),
    (
        Exit::No,
        Rule {
            id: "event-removed",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "consumers wait for the event in vain",
            example: "`1.0.json` describes `A` and `B`, `1.1.json` only `A`",
            fix: "keep its schema in the document, or publish the document without it as a new major",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "event-defined-twice",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "one name stands for one event",
            example: "two documents of a registry describe `order.placed`",
            fix: "keep it in one of them, or give one another name",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "bad-event-name",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "an event is found by its name",
            example: "a document of several events, one without a name",
            fix: "give its schema below `components.schemas` a name",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "no-event",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "a document without a schema describes nothing",
            example: "an OpenAPI document without components",
            fix: "describe the payload, or remove the file",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "cannot-lower",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "no Rust type holds exactly these events",
            example: "two properties whose names differ in nothing that Rust tells apart",
            fix: "say the same with other keywords, or rename what collides",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "internal",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "this is a fault of the tool, not of the schema",
            example: "generated code that doesn't parse",
            fix: "report it with the schema",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "unknown-event",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "the folder has no such event or version",
            example: "`cargo event validate oder.placed order.json`",
            fix: "take a name that the message lists",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "unknown-rule",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "no diagnostic names it",
            example: "`cargo event rules enum-added-value`",
            fix: "take an id that `cargo event rules` lists",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "ambiguous-event",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "two registries have an event of this type",
            example: "`app-core/thing.shared` and `app-billing/thing.shared`",
            fix: "write `REGISTRY/TYPE`",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "different-events",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "versions are compared of one event",
            example: "two documents with several events, of other names",
            fix: "compare documents of the same events, or one event of each",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "bad-manifest",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "a crate can only be set up by its manifest",
            example: "`cargo event init` in a workspace's folder",
            fix: "name a package's folder: `--path DIR`",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "unknown-revision",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "nothing can be compared with a state that isn't there",
            example: "`cargo event check --against git:mian`",
            fix: "name a revision that `git log` shows; in a shallow clone, fetch it first",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "git-failed",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "the earlier state is read through git",
            example: "`--against git:main` outside of a work tree, or without git",
            fix: "run the git command that the message names",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "file-exists",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "what is there is never overwritten",
            example: "`1.1.json` was put there by hand",
            fix: "look at the file; `cargo event check` says what it is",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "not-the-newest",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "a minor follows on the newest of its major",
            example: "`cargo event new-version order.placed@1.0`, where there is 1.1",
            fix: "name the major only: `cargo event new-version order.placed@1`",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "no-next-version",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "there is no number left",
            example: "a minor of 4294967295",
            fix: "begin a new major: `cargo event new-version TYPE --major`",
        },
    ),
    (
        Exit::BadInput,
        Rule {
            id: "unknown-registry",
            rows: &[],
            level: Level::Break,
            breaks: &[],
            why: "an event lives in the folder of a registry",
            example: "`cargo event list --registry shp`",
            fix: "name one: `--registry R`",
        },
    ),
];

/// Rules of `event-schema` about a document that can't be read; its other ones are about change.
const READING: [&str; 6] = [
    "malformed-keyword",
    "malformed-schema",
    "payload-not-found",
    "remote-reference",
    "schema-too-large",
    "unresolved-reference",
];

fn here() -> impl Iterator<Item = &'static (Exit, Rule)> {
    HERE.iter().chain(registry::RULES)
}

/// All rules: about change first, then about what holds the schemas.
pub(crate) fn all() -> impl Iterator<Item = &'static Rule> {
    let here = here().map(|(_, rule)| rule);
    let all = rules::all().chain([&SOURCE_CHANGED, &DETAIL_TYPE_CHANGED]).chain(here);
    // a rule that two rooms know is listed once
    let mut seen = std::collections::HashSet::new();
    all.filter(move |rule| seen.insert(rule.id))
}

/// The rule of this id.
pub(crate) fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

/// What an error of this rule means for the exit code. A rule that nobody knows is no break.
pub(crate) fn exit(id: &str) -> Exit {
    if let Some((exit, _)) = here().find(|(_, rule)| rule.id == id) {
        *exit
    } else if find(id).is_some() && !READING.contains(&id) {
        Exit::No
    } else {
        Exit::BadInput
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_kebab_case_and_texts_are_one_line() {
        for rule in all() {
            let kebab = rule
                .id
                .split('-')
                .all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()));
            assert!(kebab, "{}", rule.id);
            for text in [rule.why, rule.example, rule.fix] {
                assert!(!text.is_empty() && !text.contains('\n') && !text.ends_with('.'), "{text}");
            }
        }
    }

    #[test]
    fn the_rules_of_reading_exist() {
        for id in READING {
            assert!(rules::find(id).is_some(), "{id}");
        }
    }

    #[test]
    fn exits() {
        for id in ["enum-value-added", "undecided", "lock-missing", "event-source-changed"] {
            assert_eq!(exit(id), Exit::No, "{id}");
        }
        for id in ["unresolved-reference", "schema-not-json", "version-gap", "never-heard-of"] {
            assert_eq!(exit(id), Exit::BadInput, "{id}");
        }
    }
}
