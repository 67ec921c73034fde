//! What is wrong with the declared consumers, queues and rules.

#![allow(missing_docs, reason = "a rule says by its fields what it is")]

use super::{Exit, Group, Level, Rule};

/// In the order in which they are listed.
pub(super) static GROUP: Group = Group {
    title: "Topology",
    rules: &[
        &CONSUMER_NAME,
        &RULE_NAME,
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

pub static RULE_NAME: Rule = Rule {
    id: "rule-name",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a rule's name has at most 64 letters, digits, `.`, `-` and `_`",
    example: r#"`.rule("order placed")`"#,
    fix: "give the rule another name: `.rule(..)`",
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
    fix: "ask for at most 185 attempts",
};

pub static RETRY_AGE: Rule = Rule {
    id: "retry-age",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "EventBridge keeps an event for a target between one minute and one day",
    example: "`.retry(.., Duration::from_secs(5))`",
    fix: "name an age between one minute and 24 hours",
};

pub static VISIBILITY: Rule = Rule {
    id: "visibility",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a message that is handled is hidden from others for one second to twelve hours",
    example: "`.visibility(Duration::from_secs(0))`",
    fix: "name a time between one second and 12 hours",
};

pub static RETENTION: Rule = Rule {
    id: "retention",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "SQS keeps a message between one minute and 14 days",
    example: "`.retention(Duration::from_hours(24 * 30))`",
    fix: "name a time between one minute and 14 days",
};

pub static MAX_RECEIVES: Rule = Rule {
    id: "max-receives",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "SQS moves a message to the dead-letter queue after 1 to 1000 receives",
    example: "`.max_receives(0)`",
    fix: "name a number between 1 and 1000",
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
    why: "a dead-letter queue keeps the age of a message, so that one that keeps messages no longer than the queue may lose them at once",
    example: "both queues keep messages for four days",
    fix: "let the dead-letter queue keep them longer",
};

pub static CONCURRENCY: Rule = Rule {
    id: "concurrency",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a consumer that handles nothing at a time never handles an event",
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
    why: "two consumers of one name would share queue, rule and claims",
    example: "two declarations of `emailer`",
    fix: "give one of them another name, or make one of both",
};

pub static RULE_TWICE: Rule = Rule {
    id: "rule-twice",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "EventBridge has one rule of a name on a bus: the second would replace the first",
    example: r#"two consumers with `.rule("orders")`"#,
    fix: "give one of the rules another name",
};

pub static QUEUE_SHARED: Rule = Rule {
    id: "queue-shared",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a worker takes events from its queue that another consumer was to handle",
    example: r#"two consumers with `.named("orders")`"#,
    fix: "give each consumer a queue of its own",
};

pub static NOT_DECLARED: Rule = Rule {
    id: "not-declared",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the topology has no consumer of this name, so nothing would be delivered to it",
    example: "handlers for `emailr`, and the topology declares `emailer`",
    fix: "declare the consumer, or correct the name",
};

pub static NO_HANDLER: Rule = Rule {
    id: "no-handler",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "an event that the topology delivers would go to the dead-letter queue",
    example: "the topology sends `order.placed` to `emailer`, which has no handler for it",
    fix: "add the handler, or remove the event from the declaration",
};

pub static HANDLER_NOT_DECLARED: Rule = Rule {
    id: "handler-not-declared",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "the topology does not deliver the event, so the handler would never run",
    example: "a handler of `order.paid`, and the declaration lists `order.placed` alone",
    fix: "declare the event, or remove the handler",
};

pub static NO_HANDLERS: Rule = Rule {
    id: "no-handlers",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a consumer that is declared would receive events that nobody handles",
    example: "the topology declares `emailer`, and nothing is attached to it",
    fix: "attach its handlers",
};

pub static HANDLERS_TWICE: Rule = Rule {
    id: "handlers-twice",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "two sets of handlers of one consumer would each take half of its events",
    example: r#"`.handlers("emailer", ..)` twice"#,
    fix: "make one set of both",
};
