//! Differences between a registry and the folder, and failures of the connection.

#![allow(missing_docs, reason = "the fields of a rule describe it")]

use super::{Exit, Group, Level, Rule};

/// In the order in which they are listed.
pub(super) static GROUP: Group = Group {
    title: "Registry",
    rules: &[
        &REGISTRY_HISTORY_CHANGED,
        &REGISTRY_VERSION_TAKEN,
        &REGISTRY_NOT_PULLED,
        &REGISTRY_AHEAD,
        &REGISTRY_BEHIND,
        &REGISTRY_CONTENT_DIALECT,
        &REGISTRY_MAJOR_CONTRADICTS,
        &REGISTRY_NAME,
        &REGISTRY_NAMES_CLASH,
        &NOT_ONE_DOCUMENT,
        &REGISTRY_CONTENT_TOO_LONG,
        &REGISTRY_NOT_NAMED,
        &REGISTRY_NOT_FOUND,
        &REGISTRY_REGION_MISSING,
        &REGISTRY_CREDENTIALS,
        &REGISTRY_ACCESS_DENIED,
        &REGISTRY_THROTTLED,
        &REGISTRY_UNREACHABLE,
        &REGISTRY_REFUSED,
    ],
};

pub static REGISTRY_HISTORY_CHANGED: Rule = Rule {
    id: "registry-history-changed",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "pulled versions are published, but the registry now has other content for them",
    example: "a schema was deleted in the registry and created again with other content",
    fix: "restore the old content in the registry, and publish the new content as the next version",
};

pub static REGISTRY_VERSION_TAKEN: Rule = Rule {
    id: "registry-version-taken",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "two documents have the same version, and nothing shows which one is right",
    example: "`1.1.json` exists here, but the registry's version 2 has other content",
    fix: "rename the file here to the version after it, then pull again",
};

pub static REGISTRY_NOT_PULLED: Rule = Rule {
    id: "registry-not-pulled",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the build is configured to pull a registry that cannot be reached, and the folder does not have its schemas",
    example: "`configure().registry(\"app-core\").pull(Pull::IfMissing)` in a fresh folder, without a network",
    fix: "run `cargo event pull` where the registry can be reached, and commit the schemas",
};

pub static REGISTRY_AHEAD: Rule = Rule {
    id: "registry-ahead",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "a push would add a version that was never checked against the registry's newest one",
    example: "somebody else published `order.placed` 1.1 to the registry",
    fix: "run `cargo event pull`, then push again",
};

pub static REGISTRY_BEHIND: Rule = Rule {
    id: "registry-behind",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "consumers that read the registry do not find a version that is published here",
    example: "`order.placed` 1.1 was pushed to the staging registry, but the check reads the production one",
    fix: "run `cargo event push` with the account and region of that registry",
};

pub static REGISTRY_CONTENT_DIALECT: Rule = Rule {
    id: "registry-content-dialect",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a registry supports OpenAPI 3.0 and JSON Schema draft 4, and other documents would change their meaning there",
    example: "`if` and `then` in a schema of draft 7",
    fix: "write the next version with keywords of draft 4, in one document",
};

pub static REGISTRY_MAJOR_CONTRADICTS: Rule = Rule {
    id: "registry-major-contradicts",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "consumers would look for the event under another major than the name of its schema states",
    example: "schema `order.placed-v1` with the detail-type `order.placed:v2`",
    fix: "put the content into the schema of its major",
};

pub static REGISTRY_NAME: Rule = Rule {
    id: "registry-name",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the name is not valid on the other side: as the name of a folder, or in the registry",
    example: "a schema's name of 400 characters",
    fix: "use a shorter name of letters, digits, `.`, `-`, `_` and `@`",
};

pub static REGISTRY_NAMES_CLASH: Rule = Rule {
    id: "registry-names-clash",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "two schemas would become one event here",
    example: "`Order.placed-v1` and `order.placed-v1` in one registry",
    fix: "pull one of them from a separate registry",
};

pub static NOT_ONE_DOCUMENT: Rule = Rule {
    id: "not-one-document",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the registry holds one document per schema, and the files that this schema refers to cannot be merged into it",
    example: "a draft 4 schema that refers to a 2020-12 file, and the dialects read a keyword differently",
    fix: "write the shared definitions in the dialect of the schema",
};

pub static REGISTRY_CONTENT_TOO_LONG: Rule = Rule {
    id: "registry-content-too-long",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the API accepts at most 100,000 characters of content",
    example: "a document that describes all events of a domain",
    fix: "give each event a schema of its own",
};

pub static REGISTRY_NOT_NAMED: Rule = Rule {
    id: "registry-not-named",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "neither the folder nor its lock states the registry",
    example: "`cargo event pull` into an empty folder",
    fix: "pass it: `--registry NAME`",
};

pub static REGISTRY_NOT_FOUND: Rule = Rule {
    id: "registry-not-found",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the account has no such registry in this region",
    example: "`--registry app-cor`, or a region other than the registry's",
    fix: "use one of the listed names, or set `AWS_REGION`",
};

pub static REGISTRY_REGION_MISSING: Rule = Rule {
    id: "registry-region-missing",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a registry belongs to a region, and no region is set",
    example: "neither `AWS_REGION` nor a `region` in the profile",
    fix: "set `AWS_REGION`",
};

pub static REGISTRY_CREDENTIALS: Rule = Rule {
    id: "registry-credentials",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "AWS requires valid credentials",
    example: "an expired SSO session",
    fix: "sign in again with `aws sso login`, or set `AWS_PROFILE`",
};

pub static REGISTRY_ACCESS_DENIED: Rule = Rule {
    id: "registry-access-denied",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the caller is not allowed to do what the command needs",
    example: "a role without `schemas:ListSchemas`",
    fix: "allow the reported action",
};

pub static REGISTRY_THROTTLED: Rule = Rule {
    id: "registry-throttled",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the API throttles the account, and retries with pauses did not help",
    example: "another job reads the same registry",
    fix: "run the command again in a minute",
};

pub static REGISTRY_UNREACHABLE: Rule = Rule {
    id: "registry-unreachable",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the Schemas API did not answer",
    example: "no network, or a proxy that answers in its place",
    fix: "make the reported endpoint reachable",
};

pub static REGISTRY_REFUSED: Rule = Rule {
    id: "registry-refused",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the API understood the request but rejected it",
    example: "a schema whose content the API considers invalid",
    fix: "correct what the API reports",
};
