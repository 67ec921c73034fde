//! A topology: what it refuses and what it prints.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use std::time::Duration;

use common::{PublishedV1, PublishedV2};
use event_runtime::consume::{Consumer, HandlerError};
use event_runtime::idempotency::MemoryStore;
use event_runtime::reads;
use event_runtime::topology::plan::{Holds, Plan};
use event_runtime::topology::{
    Attach, Declaration, Queue, Topology, TopologyBuilder, TopologyError,
};
use serde_json::{Value, json};

mod common;

fn build(declared: impl IntoIterator<Item = Declaration>) -> Result<Topology, TopologyError> {
    declared.into_iter().fold(Topology::on("proposals"), TopologyBuilder::consumer).build()
}

fn rules(error: &TopologyError) -> Vec<&'static str> {
    error.problems.iter().map(|problem| problem.rule).collect()
}

const fn hours(hours: u64) -> Duration {
    Duration::from_hours(hours)
}

/// Two consumers: one with defaults, one with every setting.
fn two() -> Topology {
    let emailer = Consumer::of::<PublishedV1>("mail.emailer");
    let projector = Consumer::of::<reads![PublishedV1 => PublishedV2, PublishedV2]>("projector")
        .one_rule()
        .table("proposals-claims")
        .function(Duration::from_secs(20))
        .retry(3, hours(1))
        .queue(
            Queue::fifo()
                .named("rows")
                .visibility(Duration::from_mins(2))
                .retention(hours(24))
                .max_receives(3)
                .dead_letter_retention(hours(48)),
        )
        .redriven(1)
        .idempotency(hours(200))
        .concurrency(4);
    build([projector, emailer]).unwrap()
}

#[test]
fn topology_prints_as_documented() {
    let expected = json!({
        "format": 2,
        "bus": "proposals",
        "consumers": [
            {
                "name": "mail.emailer", "rules": ["proposal.published-v1-mail.emailer"],
                "queue": "mail-emailer", "concurrency": 1, "host": "poller",
                // five deliveries: four waits that grow, or four of 30 seconds
                "outage": {"pollerSeconds": 900, "functionSeconds": 120},
                // 24 hours of the rule and 4 days of the queue
                "idempotency": {"windowSeconds": 432_000, "minimumSeconds": 432_000, "redrives": 0},
                "reads": [{
                    "type": "proposal.published", "major": 1, "minor": 1,
                    "detailType": "proposal.published:v1", "source": "app.solar"
                }]
            },
            {
                "name": "projector", "rules": ["projector"], "queue": "rows.fifo", "concurrency": 4,
                "host": {"function": {"timeoutSeconds": 20, "memoryMegabytes": 256, "batchSize": 10}},
                "table": "proposals-claims",
                // three deliveries: two waits, or two of two minutes
                "outage": {"pollerSeconds": 900, "functionSeconds": 240},
                // 1 hour of the rule; 24 of the queue, 48 of the dead-letter queue, 24 again
                "idempotency": {"windowSeconds": 720_000, "minimumSeconds": 349_200, "redrives": 1},
                "reads": [
                    {
                        "type": "proposal.published", "major": 1, "minor": 1,
                        "detailType": "proposal.published:v1", "source": "app.solar",
                        "upcastTo": 2
                    },
                    {
                        "type": "proposal.published", "major": 2, "minor": 0,
                        "detailType": "proposal.published:v2", "source": "app.solar"
                    }
                ]
            }
        ],
        "rules": [
            {
                "name": "projector", "consumer": "projector",
                "eventPattern": {
                    "source": ["app.solar"],
                    "detail-type": ["proposal.published:v1", "proposal.published:v2"]
                },
                "targets": [{
                    "id": "queue", "queue": "rows.fifo", "messageGroupId": "projector",
                    "retryPolicy": {"maximumRetryAttempts": 3, "maximumEventAgeInSeconds": 3600},
                    "deadLetterQueue": "rows-undelivered"
                }]
            },
            {
                "name": "proposal.published-v1-mail.emailer", "consumer": "mail.emailer",
                "eventPattern": {
                    "source": ["app.solar"], "detail-type": ["proposal.published:v1"]
                },
                "targets": [{
                    "id": "queue", "queue": "mail-emailer",
                    "retryPolicy": {
                        "maximumRetryAttempts": 185, "maximumEventAgeInSeconds": 86_400
                    },
                    "deadLetterQueue": "mail-emailer-undelivered"
                }]
            }
        ],
        "queues": [
            {
                "name": "mail-emailer", "consumer": "mail.emailer", "holds": "events",
                "fifo": false, "visibilityTimeoutSeconds": 30,
                "messageRetentionPeriodSeconds": 345_600,
                "redrivePolicy": {"deadLetterQueue": "mail-emailer-failed", "maxReceiveCount": 5}
            },
            {
                "name": "mail-emailer-failed", "consumer": "mail.emailer", "holds": "failed",
                "fifo": false, "visibilityTimeoutSeconds": 30,
                "messageRetentionPeriodSeconds": 1_209_600
            },
            {
                "name": "mail-emailer-undelivered", "consumer": "mail.emailer",
                "holds": "undelivered", "fifo": false, "visibilityTimeoutSeconds": 30,
                "messageRetentionPeriodSeconds": 1_209_600
            },
            {
                "name": "rows-failed.fifo", "consumer": "projector", "holds": "failed",
                "fifo": true, "visibilityTimeoutSeconds": 120,
                "messageRetentionPeriodSeconds": 172_800
            },
            {
                "name": "rows-undelivered", "consumer": "projector", "holds": "undelivered",
                "fifo": false, "visibilityTimeoutSeconds": 120,
                "messageRetentionPeriodSeconds": 172_800
            },
            {
                "name": "rows.fifo", "consumer": "projector", "holds": "events",
                "fifo": true, "visibilityTimeoutSeconds": 120,
                "messageRetentionPeriodSeconds": 86_400,
                "redrivePolicy": {"deadLetterQueue": "rows-failed.fifo", "maxReceiveCount": 3}
            }
        ],
        "tables": [{
            "name": "proposals-claims", "partitionKey": "id", "timeToLive": "expiration",
            "consumers": ["projector"]
        }]
    });
    let topology = two();
    assert_eq!(serde_json::to_value(&topology).unwrap(), expected);

    // The order of the text is fixed, whatever the order of the declarations was.
    let text = serde_json::to_string(&topology).unwrap();
    assert_eq!(text, serde_json::to_string(&two()).unwrap());
    let places = ["\"format\"", "\"bus\"", "\"consumers\"", "\"rules\"", "\"queues\""];
    let places: Vec<usize> = places.iter().map(|key| text.find(key).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn printed_topology_is_parsed_again() {
    let topology = two();
    let text = serde_json::to_string_pretty(&topology).unwrap();
    let plan: Plan = serde_json::from_str(&text).unwrap();
    assert_eq!(&plan, topology.plan());
    assert_eq!(plan.queue("rows.fifo").map(|queue| queue.holds), Some(Holds::Events));

    let later = text.replace("\"format\": 2", "\"format\": 3");
    let error = serde_json::from_str::<Plan>(&later).unwrap_err().to_string();
    assert!(error.starts_with("expected a topology of format 2, found format 3"), "{error}");
    // What a later writer of the same format adds is passed over.
    let mut more: Value = serde_json::from_str(&text).unwrap();
    more["consumers"][0]["team"] = json!("mail");
    assert_eq!(&serde_json::from_value::<Plan>(more).unwrap(), topology.plan());
}

#[test]
fn too_short_window_is_reported_with_sum() {
    let emailer = Consumer::of::<PublishedV1>("emailer").idempotency(hours(24)).redriven(1);
    assert_eq!(
        build([emailer]).unwrap_err().to_string(),
        "\
[idempotency-window] consumer `emailer`: an event is remembered for 24 h, but may come again after 456 h
  = note:   24 h  the rule retries (`MaximumEventAgeInSeconds`)
  = note: + 336 h  the dead-letter queue keeps it for a redrive (`MessageRetentionPeriod`)
  = note: + 96 h  the queue keeps it (`MessageRetentionPeriod`)
  = note: = 456 h
  = help: `.idempotency(Duration::from_secs(1641600))`, or leave it out"
    );
    let least = Consumer::of::<PublishedV1>("emailer").idempotency(hours(456)).redriven(1);
    build([least]).unwrap();
}

#[test]
fn all_problems_are_reported_at_once() {
    let everything = Consumer::of::<PublishedV1>("a:b")
        .table("a b")
        .function(Duration::from_mins(16))
        .memory(1)
        .batch_size(11)
        .retry(186, Duration::from_secs(59))
        .queue(
            Queue::standard()
                .named("a.b")
                .visibility(hours(13))
                .retention(Duration::from_millis(90_500))
                .max_receives(1001)
                .dead_letter_retention(Duration::from_secs(61)),
        )
        .idempotency(Duration::from_secs(1))
        .concurrency(0);
    let error = Topology::on("my bus").consumer(everything).build().unwrap_err();
    assert_eq!(
        rules(&error),
        [
            "bus-name",
            "consumer-name",
            "queue-name",
            "retry-attempts",
            "retry-age",
            "visibility",
            "retention",
            "max-receives",
            "dead-letters-too-short",
            "concurrency",
            "table-name",
            "function-timeout",
            "function-memory",
            "function-batch",
            "idempotency-window",
        ]
    );
    for problem in &error.problems {
        assert!(!problem.what.is_empty() && !problem.why.is_empty() && !problem.fix.is_empty());
    }
    let fix = |rule| &error.problems.iter().find(|p| p.rule == rule).unwrap().fix;
    assert_eq!(fix("table-name"), "`.table(\"a-b\")`");
    assert_eq!(fix("retry-age"), "`.retry(185, Duration::from_secs(60))`");
    assert_eq!(fix("retention"), "`.retention(Duration::from_secs(90))`");
    assert_eq!(fix("queue-name"), "`.queue(Queue::standard().named(\"a-b\"))`");
    let text = error.to_string();
    assert!(
        text.contains(
            "[retry-attempts] consumer `a:b`: the rule tries again 186 times\n  \
             = note: EventBridge takes 0 to 185 (`MaximumRetryAttempts`)\n  \
             = help: `.retry(185, ..)`"
        ),
        "{text}"
    );
}

#[test]
fn values_at_the_limits_are_accepted() {
    let of = |name: &str| Consumer::of::<PublishedV1>(name);
    let queue = Queue::standard();
    for (n, least_or_most) in [
        of("a").retry(0, Duration::from_mins(1)),
        of("a").retry(185, hours(24)),
        of(&"a".repeat(64)).queue(queue.clone().named("q")),
        of(&"a".repeat(51)),
        of("a").queue(queue.clone().named(&"q".repeat(51))),
        of("a").function(Duration::from_secs(5)).memory(128).batch_size(1),
        of("a")
            .function(Duration::from_mins(15))
            .memory(10_240)
            .queue(queue.clone().visibility(Duration::from_mins(90))),
        of("a").table(&"t".repeat(238)),
        of("a").table("abc"),
        of("a").queue(queue.clone().visibility(Duration::from_secs(1)).max_receives(1)),
        of("a").queue(queue.clone().visibility(hours(12)).max_receives(1000)),
        of("a").queue(queue.clone().retention(Duration::from_mins(1))),
        of("a").queue(queue.clone().retention(hours(336))),
        of("a").queue(Queue::fifo().retention(hours(48)).dead_letter_retention(hours(48))),
    ]
    .into_iter()
    .enumerate()
    {
        let built = build([least_or_most]);
        assert!(built.is_ok(), "{n}: {}", built.unwrap_err());
    }
    for (past, rule) in [
        (of("a").retry(186, hours(24)), "retry-attempts"),
        (of("a").retry(1, hours(24) + Duration::from_secs(1)), "retry-age"),
        (of("a").retry(1, Duration::MAX), "retry-age"),
        (of(""), "consumer-name"),
        (of(&"a".repeat(65)), "consumer-name"),
        (of(&"a".repeat(52)), "queue-name"),
        (of("a").queue(queue.clone().named(&"q".repeat(52))), "queue-name"),
        (of("a").function(Duration::from_secs(6)), "function-visibility"),
        (of("a").function(Duration::ZERO), "function-timeout"),
        (of("a").table("ab"), "table-name"),
        (of("a").table(&"t".repeat(239)), "table-name"),
        (of("a").queue(queue.clone().named("")), "queue-name"),
        (of("a").queue(queue.clone().visibility(Duration::ZERO)), "visibility"),
        (of("a").queue(queue.clone().max_receives(0)), "max-receives"),
        (of("a").queue(queue.clone().retention(hours(337))), "retention"),
        (of("a").queue(queue.clone().dead_letter_retention(hours(337))), "dead-letter-retention"),
        (of("a").queue(queue.clone().dead_letter_retention(hours(96))), "dead-letters-too-short"),
    ] {
        assert_eq!(rules(&build([past]).unwrap_err()), [rule]);
    }
}

#[test]
fn consumers_do_not_share_resources() {
    let of = |name: &str| Consumer::of::<PublishedV1>(name);
    for (declared, expected) in [
        (vec![of("a"), of("a")], vec!["consumer-twice"]),
        (vec![of("a"), of("proposal.published-v1-a").one_rule()], vec!["rule-twice"]),
        (vec![of("a.b"), of("a-b")], vec!["queue-shared"]),
        (vec![of("a"), of("b").queue(Queue::standard().named("a"))], vec!["queue-shared"]),
        // Their queues differ, and one is the dead-letter queue of the other.
        (vec![of("a"), of("a-failed")], vec!["queue-shared"]),
        // Only the dead-letter queue of the target is a standard queue in both.
        (vec![of("a"), of("b").queue(Queue::fifo().named("a.fifo"))], vec!["queue-shared"]),
        (
            vec![of("a"), of("a"), of("proposal.published-v1-a").one_rule()],
            vec!["consumer-twice", "rule-twice"],
        ),
    ] {
        assert_eq!(rules(&build(declared).unwrap_err()), expected);
    }
    build([of("a"), of("b"), of("c").one_rule()]).unwrap();
}

#[test]
fn handlers_must_match_declarations() {
    let topology = build([
        Consumer::of::<PublishedV1>("emailer"),
        Consumer::of::<reads![PublishedV1 => PublishedV2, PublishedV2]>("ledger"),
        Consumer::of::<PublishedV2>("projector"),
    ])
    .unwrap();
    let error = topology.handlers("emialer", MemoryStore::new()).err().unwrap();
    assert_eq!(
        error.to_string(),
        "unknown consumer `emialer`: the consumers of the topology are `emailer`, `ledger`, `projector`"
    );

    let v2 = |builder: event_runtime::consume::ConsumerBuilder| {
        builder.on::<PublishedV2, _>(|_, _| async { Ok(()) })
    };
    let handlers = |name: &str| topology.handlers(name, MemoryStore::new()).unwrap();
    let emailer = v2(handlers("emailer")).build().unwrap();
    let ledger = v2(handlers("ledger")).keep(hours(1)).build().unwrap();
    let stranger = v2(Consumer::builder("stranger", MemoryStore::new())).build().unwrap();

    let error = topology.fits_all([&emailer, &emailer, &ledger, &stranger]).unwrap_err();
    let said: Vec<(&str, &str)> =
        error.problems.iter().map(|p| (p.rule, p.consumer.as_deref().unwrap())).collect();
    assert_eq!(
        said,
        [
            ("no-handler", "emailer"),
            ("handler-not-declared", "emailer"),
            ("handlers-twice", "emailer"),
            ("no-handler", "ledger"),
            ("idempotency-window", "ledger"),
            ("not-declared", "stranger"),
            ("no-handlers", "projector"),
        ]
    );
    assert_eq!(
        error.problems[3].fix,
        "add `.upcast(..)` to v2, or remove the event from the declaration"
    );

    let ledger = v2(handlers("ledger"))
        .upcast::<PublishedV1, PublishedV2>(|_| Err(HandlerError::permanent("not here")))
        .build()
        .unwrap();
    topology.fits(&ledger).unwrap();
    assert_eq!(ledger.keep(), hours(120));
}
