//! What is wrong with the declared consumers, queues and rules.

#![allow(missing_docs, reason = "the fields of a rule describe it")]

use super::{Exit, Group, Level, Rule};

/// In the order in which they are listed.
pub(super) static GROUP: Group = Group {
    title: "Topology",
    rules: &[
        &CONSUMER_NAME,
        &QUEUE_NAME,
        &BUS_NAME,
        &RETRY_ATTEMPTS,
        &RETRY_AGE,
        &VISIBILITY,
        &RETENTION,
        &MAX_RECEIVES,
        &DEAD_LETTER_RETENTION,
        &DEAD_LETTERS_TOO_SHORT,
        &CONCURRENCY,
        &PATTERN_SIZE,
        &IDEMPOTENCY_WINDOW,
        &CONSUMER_TWICE,
        &RULE_TWICE,
        &QUEUE_SHARED,
        &NOT_DECLARED,
        &NO_HANDLER,
        &HANDLER_NOT_DECLARED,
        &NO_HANDLERS,
        &HANDLERS_TWICE,
        &READS_NOTHING,
        &DETAIL_TYPE_SIZE,
        &TABLE_NAME,
        &FUNCTION_TIMEOUT,
        &FUNCTION_MEMORY,
        &FUNCTION_BATCH,
        &FUNCTION_VISIBILITY,
        &PUBLISHER_NAME,
        &PUBLISHER_TWICE,
        &PUBLISHES_NOTHING,
        &RULES_QUOTA,
        &STACK_RESOURCES,
        &TEMPLATE_BYTES,
        &TOPOLOGY_INCONSISTENT,
        &FUNCTION_NAME,
        &ALARM_SETTINGS,
        &CONTENT_FILTER,
        &READS_RETIRED,
        &READS_PAST_SUNSET,
        &BUS_TWICE,
        &TABLE_TWICE,
        &POLICY_SIZE,
    ],
};

pub static CONSUMER_NAME: Rule = Rule {
    id: "consumer-name",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a consumer's name names a rule of EventBridge and its queues: at most 64 letters, digits, `.`, `-` and `_`",
    example: r#"`Consumer::of::<OrderPlaced>("send mail")`"#,
    fix: "use these characters only, such as `send-mail`",
};

pub static QUEUE_NAME: Rule = Rule {
    id: "queue-name",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a queue's name has at most 80 letters, digits, `-` and `_`",
    example: r#"`.named("order.placed")`"#,
    fix: "give the queue another name: `.named(..)`",
};

pub static BUS_NAME: Rule = Rule {
    id: "bus-name",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a bus's name has at most 256 letters, digits, `.`, `-` and `_`",
    example: r#"`.bus("order bus")`"#,
    fix: "give the bus another name",
};

pub static RETRY_ATTEMPTS: Rule = Rule {
    id: "retry-attempts",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "EventBridge tries a target at most 185 times",
    example: "`.retry(200, ..)`",
    fix: "use at most 185 attempts",
};

pub static RETRY_AGE: Rule = Rule {
    id: "retry-age",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "EventBridge keeps an event for a target between one minute and one day",
    example: "`.retry(.., Duration::from_secs(5))`",
    fix: "use an age between one minute and 24 hours",
};

pub static VISIBILITY: Rule = Rule {
    id: "visibility",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a message that is being handled is hidden for one second to twelve hours",
    example: "`.visibility(Duration::from_secs(0))`",
    fix: "use a time between one second and 12 hours",
};

pub static RETENTION: Rule = Rule {
    id: "retention",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "SQS keeps a message between one minute and 14 days",
    example: "`.retention(Duration::from_hours(24 * 30))`",
    fix: "use a time between one minute and 14 days",
};

pub static MAX_RECEIVES: Rule = Rule {
    id: "max-receives",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "SQS moves a message to the dead-letter queue after 1 to 1000 receives",
    example: "`.max_receives(0)`",
    fix: "use a number between 1 and 1000",
};

pub static DEAD_LETTER_RETENTION: Rule = Rule {
    id: "dead-letter-retention",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "SQS keeps a message between one minute and 14 days",
    example: "a dead-letter queue that keeps messages for 30 days",
    fix: "keep them for at most 14 days",
};

pub static DEAD_LETTERS_TOO_SHORT: Rule = Rule {
    id: "dead-letters-too-short",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a message keeps its age in a dead-letter queue, so a queue with the same retention or less may delete it at once",
    example: "both queues keep messages for four days",
    fix: "let the dead-letter queue keep them longer",
};

pub static CONCURRENCY: Rule = Rule {
    id: "concurrency",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a consumer without concurrency never handles an event",
    example: "`.concurrency(0)`",
    fix: "handle at least one event at a time",
};

pub static PATTERN_SIZE: Rule = Rule {
    id: "pattern-size",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "EventBridge takes an event pattern of at most 2048 characters",
    example: "a consumer of a hundred events",
    fix: "split the consumer, or match by fewer fields",
};

pub static IDEMPOTENCY_WINDOW: Rule = Rule {
    id: "idempotency-window",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "an event that arrives after the deduplication window is handled a second time",
    example: "a window of an hour, and a queue that keeps messages for four days",
    fix: "widen the deduplication window",
};

pub static CONSUMER_TWICE: Rule = Rule {
    id: "consumer-twice",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "two consumers with the same name would share queue, rule and claims",
    example: "two declarations of `emailer`",
    fix: "rename one of them, or merge both",
};

pub static RULE_TWICE: Rule = Rule {
    id: "rule-twice",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "rule names are unique on a bus: the second rule would replace the first",
    example: r#"two consumers with `.rule("orders")`"#,
    fix: "rename one of the rules",
};

pub static QUEUE_SHARED: Rule = Rule {
    id: "queue-shared",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a worker would take events from the queue that another consumer should handle",
    example: r#"two consumers with `.named("orders")`"#,
    fix: "give each consumer a queue of its own",
};

pub static NOT_DECLARED: Rule = Rule {
    id: "not-declared",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the topology has no consumer of this name, so nothing would be delivered to it",
    example: "handlers for `emailr`, but the topology declares `emailer`",
    fix: "declare the consumer, or correct the name",
};

pub static NO_HANDLER: Rule = Rule {
    id: "no-handler",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "events that the topology delivers would go to the dead-letter queue",
    example: "the topology sends `order.placed` to `emailer`, which has no handler for it",
    fix: "add the handler, or remove the event from the declaration",
};

pub static HANDLER_NOT_DECLARED: Rule = Rule {
    id: "handler-not-declared",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the topology does not deliver the event, so the handler would never run",
    example: "a handler of `order.paid`, but the declaration only lists `order.placed`",
    fix: "declare the event, or remove the handler",
};

pub static NO_HANDLERS: Rule = Rule {
    id: "no-handlers",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the declared consumer would receive events that nothing handles",
    example: "the topology declares `emailer`, but nothing is attached to it",
    fix: "attach its handlers",
};

pub static HANDLERS_TWICE: Rule = Rule {
    id: "handlers-twice",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "two sets of handlers for one consumer would each take half of its events",
    example: r#"`.handlers("emailer", ..)` twice"#,
    fix: "merge them into one set",
};

pub static READS_NOTHING: Rule = Rule {
    id: "reads-nothing",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "EventBridge rejects a rule without a pattern, so a consumer must read at least one event",
    example: r#"`Declaration::new("emailer", [])`"#,
    fix: "add an event, or remove the consumer",
};

pub static DETAIL_TYPE_SIZE: Rule = Rule {
    id: "detail-type-size",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a detail-type has at most 128 characters: the type of the event, `:v` and the major",
    example: "a type of 130 characters",
    fix: "give the event a shorter type",
};

pub static TABLE_NAME: Rule = Rule {
    id: "table-name",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a table's name has 3 to 255 letters, digits, `.`, `-` and `_`, of which the stage takes up to 17",
    example: r#"`.table("my claims")`"#,
    fix: "give the table another name: `.table(..)`",
};

pub static FUNCTION_TIMEOUT: Rule = Rule {
    id: "function-timeout",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "an invocation of a Lambda function takes at most 15 minutes",
    example: "`.function(Duration::from_mins(20))`",
    fix: "shorten the timeout, or let the consumer poll its queue",
};

pub static FUNCTION_MEMORY: Rule = Rule {
    id: "function-memory",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a Lambda function has 128 to 10,240 megabytes of memory",
    example: "`.memory(64)`",
    fix: "`.memory(128)` or more",
};

pub static FUNCTION_BATCH: Rule = Rule {
    id: "function-batch",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "without a batching window, a queue gives a function at most ten messages",
    example: "`.batch_size(100)`",
    fix: "`.batch_size(10)` or less",
};

pub static FUNCTION_VISIBILITY: Rule = Rule {
    id: "function-visibility",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "AWS recommends a visibility timeout of six times the function's: otherwise, messages of a throttled batch become visible again too early",
    example: "a function of 30 s at a queue that hides messages for 30 s",
    fix: "raise the visibility time-out of the queue, or shorten the function's",
};

pub static PUBLISHER_NAME: Rule = Rule {
    id: "publisher-name",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a publisher's name is part of resource names: at most 64 letters, digits, `.`, `-` and `_`",
    example: r#"`.publisher("shop api", ..)`"#,
    fix: "use these characters only, such as `shop-api`",
};

pub static PUBLISHER_TWICE: Rule = Rule {
    id: "publisher-twice",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "each publisher gets one policy",
    example: r#"two `.publisher("shop-api", ..)`"#,
    fix: "use one publisher with all of its events",
};

pub static PUBLISHES_NOTHING: Rule = Rule {
    id: "publishes-nothing",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a policy without an event allows nothing",
    example: r#"`.publisher("shop-api", [])`"#,
    fix: "add an event, or remove the publisher",
};

pub static RULES_QUOTA: Rule = Rule {
    id: "rules-quota",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a bus has at most 300 rules unless the quota is raised",
    example: "60 consumers of six events each",
    fix: "use `.one_rule()` for consumers of many events, or a second bus",
};

pub static STACK_RESOURCES: Rule = Rule {
    id: "stack-resources",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a CloudFormation stack has at most 500 resources",
    example: "40 consumers with alarms",
    fix: "use `.one_rule()` for consumers of many events, a template without alarms, or one topology per service",
};

pub static TEMPLATE_BYTES: Rule = Rule {
    id: "template-bytes",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "CloudFormation accepts a template of at most 1 MB",
    example: "60 consumers with alarms",
    fix: "use one topology per service",
};

pub static TOPOLOGY_INCONSISTENT: Rule = Rule {
    id: "topology-inconsistent",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a plan must contain every queue, rule and table that one of its parts refers to, and AWS must accept the names",
    example: "a `topology.json` without the dead-letter queue of a rule",
    fix: "write the file again from the service's topology",
};

pub static FUNCTION_NAME: Rule = Rule {
    id: "function-name",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a function is named after its consumer, with `-` for each `.`: at most 64 letters, digits, `-` and `_`, of which the stage takes up to 17",
    example: "a consumer with a name of 50 characters and `.function(..)`",
    fix: "give the consumer a shorter name",
};

pub static ALARM_SETTINGS: Rule = Rule {
    id: "alarm-settings",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "an alarm whose threshold is out of range never fires, or always does",
    example: "`Alarms::new().near_loss(50, 120)`",
    fix: "leave the setting out: it is derived from the topology then",
};

pub static CONTENT_FILTER: Rule = Rule {
    id: "content-filter",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a rule whose filter no event meets delivers nothing, without an error",
    example: r#"`{"status": ["payed"]}`, and the status is one of `draft`, `paid`"#,
    fix: "ask for fields and values that the event has",
};

pub static READS_RETIRED: Rule = Rule {
    id: "reads-retired",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "nothing publishes a retired major: its consumer would wait for events that never come",
    example: "a consumer of `OrderPlacedV1`, and `OrderPlaced` has `supersedes = OrderPlacedV1, retired`",
    fix: "read the newer major",
};

pub static READS_PAST_SUNSET: Rule = Rule {
    id: "reads-past-sunset",
    level: Level::Warn,
    breaks: &[],
    exit: Exit::No,
    why: "a major is to be retired from its sunset on, and this consumer keeps it alive",
    example: r#"a consumer of `OrderPlacedV1`, whose successor has `sunset = "2026-01-31"`"#,
    fix: "read the newer major, or move the day",
};

pub static BUS_TWICE: Rule = Rule {
    id: "bus-twice",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a bus belongs to one stack: the second deployment would fail",
    example: "two topologies on the bus `shop`",
    fix: "`.shared_bus()` at the topologies of all services but one, or `cargo event template --combine`",
};

pub static TABLE_TWICE: Rule = Rule {
    id: "table-twice",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a table belongs to one stack and has one key: the second deployment would fail",
    example: r#"two services with `.table("claims")`"#,
    fix: "a table for each service, or `cargo event template --combine`",
};

pub static POLICY_SIZE: Rule = Rule {
    id: "policy-size",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a managed policy has at most 6,144 characters: its deployment would fail",
    example: "a publisher of 200 events",
    fix: "declare two publishers, each with a part of the events",
};
