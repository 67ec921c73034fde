//! Rules about registries: what stands between one and the folder, and what can go wrong on the way.

use event_schema::rules::Rule;

use super::rule;
use crate::exit::Exit;

pub(super) static RULES: &[(Exit, Rule)] = &[
    (
        Exit::No,
        rule(
            "registry-history-changed",
            "what was pulled is published here; the registry no longer says the same",
            "a schema was deleted in the registry and made anew with other content",
            "bring the old content back in the registry, and publish the new one as the next version",
        ),
    ),
    (
        Exit::No,
        rule(
            "registry-version-taken",
            "two texts claim one version, and nobody can say which was meant",
            "`1.1.json` is here already, and the registry's version 2 has another text",
            "rename the file here to the version after it, then pull again",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "registry-not-pulled",
            "the build was told to pull a registry, which can't be reached, and the folder can't do without",
            "`configure().registry(\"app-core\").pull(Pull::IfMissing)` in a fresh folder, without a network",
            "run `cargo event pull` where the registry can be reached, and commit the schemas",
        ),
    ),
    (
        Exit::No,
        rule(
            "registry-ahead",
            "a push would put a version after one that was never checked against it",
            "somebody else published `order.placed` 1.1 to the registry",
            "run `cargo event pull`, then push again",
        ),
    ),
    (
        Exit::No,
        rule(
            "registry-behind",
            "consumers that read the registry do not find a version that is published here",
            "`order.placed` 1.1 was pushed to the registry of staging, and the check reads production's",
            "run `cargo event push` with the account and region of that registry",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "registry-content-dialect",
            "a registry takes OpenAPI 3.0 and JSON Schema draft 4, and would keep a document that means something else there",
            "`if` and `then` in a schema of draft 7",
            "write the next version with keywords of draft 4, in one document",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "registry-major-contradicts",
            "consumers would look for the event under another major than its schema's name says",
            "schema `order.placed-v1` with the detail-type `order.placed:v2`",
            "put the content into the schema of its major",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "registry-name",
            "the name can't be the other side's: a folder's here, or a registry's there",
            "a schema's name of 400 characters",
            "give it a shorter name of letters, digits, `.`, `-`, `_` and `@`",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "registry-names-clash",
            "two schemas would be one event here",
            "`Order.placed-v1` and `order.placed-v1` in one registry",
            "pull one of them from a registry of its own",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "not-one-document",
            "a registry holds one document a schema, and the schema refers to files that cannot be put into it",
            "a draft 4 schema that refers to a 2020-12 file, where both read a keyword differently",
            "write the shared definitions in the dialect of the schema",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "registry-content-too-long",
            "the API takes 100,000 characters of content",
            "a document that describes all events of a domain",
            "give each event a schema of its own",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "registry-not-named",
            "neither the folder nor its lock says which registry is meant",
            "`cargo event pull` into an empty folder",
            "name it: `--registry NAME`",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "registry-not-found",
            "the account has no such registry in this region",
            "`--registry app-cor`, or another region than the registry's",
            "name one that the message lists, or set `AWS_REGION`",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "registry-region-missing",
            "a registry is in one region, and none is named",
            "neither `AWS_REGION` nor a `region` in the profile",
            "set `AWS_REGION`",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "registry-credentials",
            "AWS wants to know who asks",
            "an SSO session that is over",
            "sign in anew: `aws sso login`, or set `AWS_PROFILE`",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "registry-access-denied",
            "the caller may not do what the command has to do",
            "a role without `schemas:ListSchemas`",
            "allow the action that the message names",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "registry-throttled",
            "the API throttles an account, and tries with pauses in between did not help",
            "another job reads the same registry",
            "run the command again in a minute",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "registry-unreachable",
            "without an answer of the Schemas API nothing can be said",
            "no network, or a proxy that answers itself",
            "see that the endpoint that the message names can be reached",
        ),
    ),
    (
        Exit::BadInput,
        rule(
            "registry-refused",
            "the API understood the request and won't do it",
            "a schema whose content the API takes for invalid",
            "correct what the message names",
        ),
    ),
];
