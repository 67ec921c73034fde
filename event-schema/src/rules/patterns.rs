//! What is wrong with the event patterns of consumers, and with majors that somebody still reads.

#![allow(missing_docs, reason = "a rule says by its fields what it is")]

use super::{Exit, Group, Level, Rule};

/// In the order in which they are listed.
pub(super) static GROUP: Group = Group {
    title: "Patterns and readers",
    rules: &[
        &PATTERN_FILE_UNREADABLE,
        &PATTERN_INVALID,
        &PATTERN_NEVER_MATCHES,
        &PATTERN_UNKNOWN_KEY,
        &PATTERN_RETIRED_MAJOR,
        &PATTERN_PAST_SUNSET,
        &PATTERN_REPLACED_CONDITION,
        &PATTERN_UNDECIDED,
        &PATTERN_OTHER_EVENTS,
        &MAJOR_HAS_READERS,
        &RETIRE_NOT_LOCKED,
        &RETIRE_NEWEST_MAJOR,
        &RETIRE_OLDER_FIRST,
        &RETIRE_BEFORE_SUNSET,
        &TOO_MANY_READERS,
    ],
};

pub static PATTERN_FILE_UNREADABLE: Rule = Rule {
    id: "pattern-file-unreadable",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "patterns are read from CloudFormation and SAM templates, Terraform plans and configurations as JSON, Serverless files, topologies, lists of rules, and patterns by themselves",
    example: "a file of Terraform's own language, or a text that is not JSON or YAML",
    fix: "correct the file, or name one with patterns: `terraform show -json PLAN` prints a plan, `cdk synth` writes templates",
};

pub static PATTERN_INVALID: Rule = Rule {
    id: "pattern-invalid",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "EventBridge refuses a rule with such a pattern",
    example: r#"`{"source": "app.shop"}`: a list is expected"#,
    fix: "write the pattern as the EventBridge User Guide describes it in \"Creating event patterns\"",
};

pub static PATTERN_NEVER_MATCHES: Rule = Rule {
    id: "pattern-never-matches",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "a rule that matches no event is deployed without an error, and its consumer gets nothing",
    example: r#"`{"detail-type": ["order.placed:v3"]}` where the newest major is 2"#,
    fix: "correct the pattern, or remove the rule",
};

pub static PATTERN_UNKNOWN_KEY: Rule = Rule {
    id: "pattern-unknown-key",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "EventBridge does not know schemas: a misspelt key is a condition that no event meets",
    example: r#"`{"detail": {"data": {"statsu": ["paid"]}}}`"#,
    fix: "use the name that the schema has",
};

pub static PATTERN_RETIRED_MAJOR: Rule = Rule {
    id: "pattern-retired-major",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "a retired major is not published any more",
    example: r#"`{"detail-type": ["order.placed:v1"]}` after `cargo event retire order.placed@1`"#,
    fix: "read the newest major",
};

pub static PATTERN_PAST_SUNSET: Rule = Rule {
    id: "pattern-past-sunset",
    level: Level::Warn,
    breaks: &[],
    exit: Exit::No,
    why: "from that day on the major may be retired at any time",
    example: r#"`{"detail-type": ["order.placed:v1"]}` after the `x-event-sunset` of v2"#,
    fix: "read the newest major",
};

pub static PATTERN_REPLACED_CONDITION: Rule = Rule {
    id: "pattern-replaced-condition",
    level: Level::Warn,
    breaks: &[],
    exit: Exit::No,
    why: "EventBridge keeps the last condition on a path, also where one is inside of `$or` and the other outside",
    example: r#"`{"detail": {"a": [1], "$or": [{"a": [2]}, {"b": [3]}]}}`"#,
    fix: "keep one condition for each path",
};

pub static PATTERN_UNDECIDED: Rule = Rule {
    id: "pattern-undecided",
    level: Level::Warn,
    breaks: &[],
    exit: Exit::No,
    why: "a value that is known only when the template is deployed may be any",
    example: "`source: [!ImportValue shop-source]`",
    fix: "read the patterns from what is deployed, such as a plan of Terraform or `aws events list-rules`",
};

pub static PATTERN_OTHER_EVENTS: Rule = Rule {
    id: "pattern-other-events",
    level: Level::Warn,
    breaks: &[],
    exit: Exit::No,
    why: "patterns are judged by the schemas of the folder; nothing is known of other events",
    example: r#"`{"source": ["aws.s3"]}` without a schema of S3's events"#,
    fix: "bring the schemas in: `cargo event pull --registry aws.events`",
};

pub static MAJOR_HAS_READERS: Rule = Rule {
    id: "major-has-readers",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "who reads a major gets nothing any more once it is retired",
    example: "`cargo event retire order.placed@1` while a rule matches `order.placed:v1`",
    fix: "move the readers to a newer major first",
};

pub static RETIRE_NOT_LOCKED: Rule = Rule {
    id: "retire-not-locked",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the lock records it beside the versions of the major",
    example: "`cargo event retire order.placed@1` before `cargo event lock`",
    fix: "run `cargo event lock`; a document with several events has no major of its own: give each event a file",
};

pub static RETIRE_NEWEST_MAJOR: Rule = Rule {
    id: "retire-newest-major",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a retired major is not published beside the newer one; without a newer one, nothing of the event is left",
    example: "`cargo event retire order.placed@2` where 2 is the newest major",
    fix: "remove the code that publishes the event; its schemas stay for stored events",
};

pub static RETIRE_OLDER_FIRST: Rule = Rule {
    id: "retire-older-first",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "each major is converted from the next newer one, so that an older one ends with it",
    example: "`cargo event retire order.placed@2` while v1 is published",
    fix: "retire the older major first",
};

pub static RETIRE_BEFORE_SUNSET: Rule = Rule {
    id: "retire-before-sunset",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "consumers plan by the day that `x-event-sunset` names, also those that are not deployed yet",
    example: "`cargo event retire order.placed@1` in October, with a sunset in December",
    fix: "wait for the day, or retire it before with `--before-sunset`",
};

pub static TOO_MANY_READERS: Rule = Rule {
    id: "too-many-readers",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "AWS takes up to 50 tags of one schema, with keys of up to 128 characters",
    example: "60 consumers of one event",
    fix: "read the readers from the topologies and the bus instead: `cargo event readers TYPE --bus NAME`",
};
