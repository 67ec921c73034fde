//! Which alarms fire over recorded series: of a quiet night, a burst, a stall, lost events.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

mod cloudwatch;
mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cloudwatch::Series;
use cloudwatch::alarm::{Missing, Recorded, fires, fires_at};
use cloudwatch::math::{Value, Window, evaluate};
use common::{everything, options};
use event_topology::plan::{Plan, Read};
use event_topology::template::Template;
use event_topology::{Alarms, Declaration, Topology};
use serde_json::Value as Json;

const HOURS: i64 = 12;
const END: i64 = HOURS * 60;

fn alarms(plan: &Plan) -> BTreeMap<String, Json> {
    let template = Template::of(plan, &options()).unwrap();
    let all = template.resources().iter().filter(|it| it.kind() == "AWS::CloudWatch::Alarm");
    all.map(|it| (it.id().to_owned(), it.properties().clone())).collect()
}

/// The alarms that fire at some minute, and those that still do at the end.
fn fired(alarms: &BTreeMap<String, Json>, recorded: &Recorded) -> (Vec<String>, Vec<String>) {
    let mut seen = Vec::new();
    let mut left = Vec::new();
    for (id, alarm) in alarms {
        let name = id.trim_end_matches("Alarm").to_owned();
        let at = |minute, fills| fires_at(alarm, minute, recorded, fills);
        let mut fires = false;
        for minute in 0..END {
            // whatever `FILL` makes of a metric without a value
            let now = at(minute, true);
            assert_eq!(now, at(minute, false), "{name} at {minute}");
            fires |= now;
        }
        if fires {
            seen.push(name.clone());
        }
        if at(END - 1, true) {
            left.push(name);
        }
    }
    (seen, left)
}

/// What SQS sends of a queue in use: zeros too.
fn queue(recorded: &mut Recorded, id: &str, values: impl Fn(i64) -> (f64, f64, f64)) {
    for minute in 0..END {
        let (visible, age, deleted) = values(minute);
        let dimensions = format!("QueueName={id}");
        recorded.add("ApproximateNumberOfMessagesVisible", &dimensions, [(minute, visible)]);
        recorded.add("ApproximateAgeOfOldestMessage", &dimensions, [(minute, age)]);
        recorded.add("NumberOfMessagesDeleted", &dimensions, [(minute, deleted)]);
    }
}

fn rule(recorded: &mut Recorded, metric: &str, minutes: std::ops::Range<i64>, value: f64) {
    let dimensions = "EventBusName=Bus RuleName=OrderPlacedV1EmailerRule";
    recorded.add(metric, dimensions, minutes.map(|minute| (minute, value)));
}

fn f(minutes: i64) -> f64 {
    f64::from(i32::try_from(minutes).unwrap())
}

#[test]
fn quiet_night_raises_no_alarm() {
    let mut recorded = Recorded::default();
    // After six hours without a message, SQS sends nothing.
    for minute in 0..360 {
        for metric in [
            "ApproximateNumberOfMessagesVisible",
            "ApproximateAgeOfOldestMessage",
            "NumberOfMessagesDeleted",
        ] {
            for id in ["EmailerQueue", "EmailerFailedQueue", "EmailerUndeliveredQueue"] {
                recorded.add(metric, &format!("QueueName={id}"), [(minute, 0.0)]);
            }
        }
    }
    assert_eq!(fired(&alarms(&everything()), &recorded).0, Vec::<String>::new());
}

#[test]
fn burst_that_is_handled_raises_no_alarm() {
    let mut recorded = Recorded::default();
    // A backlog of an hour: the oldest message is older than the stalled one may be, and messages are handled.
    queue(&mut recorded, "EmailerQueue", |minute| match minute {
        60..120 => (9_000.0, f(minute - 60) * 60.0, 150.0),
        120..130 => (500.0, 900.0, 150.0),
        _ => (0.0, 0.0, 2.0),
    });
    rule(&mut recorded, "Invocations", 60..62, 9_000.0);
    rule(&mut recorded, "InvocationAttempts", 60..62, 9_100.0);
    rule(&mut recorded, "RetryInvocationAttempts", 60..62, 100.0);
    rule(&mut recorded, "IngestionToInvocationSuccessLatency", 60..62, 900.0);
    assert_eq!(fired(&alarms(&everything()), &recorded).0, Vec::<String>::new());
}

#[test]
fn consumer_that_stops_is_stalled_until_it_handles_again() {
    let mut recorded = Recorded::default();
    queue(&mut recorded, "EmailerQueue", |minute| match minute {
        100..140 => (f(minute - 100) * 10.0, f(minute - 100) * 60.0, 0.0),
        140..150 => (100.0, 300.0, 50.0),
        _ => (0.0, 0.0, 10.0),
    });
    let alarms = alarms(&everything());
    let (seen, left) = fired(&alarms, &recorded);
    assert_eq!(seen, ["EmailerConsumerStalled"]);
    assert_eq!(left, Vec::<String>::new());

    // Before the first message becomes a dead letter: at the outage that the consumer survives.
    let survives = i64::try_from(everything().consumers[1].outage.poller_seconds / 60).unwrap();
    let stalled = &alarms["EmailerConsumerStalledAlarm"];
    let first = (0..END).find(|minute| fires_at(stalled, *minute, &recorded, true)).unwrap();
    assert!((100..100 + survives).contains(&first), "{first} {survives}");
}

#[test]
fn event_that_is_lost_is_called_lost() {
    let mut recorded = Recorded::default();
    rule(&mut recorded, "Invocations", 100..101, 1.0);
    rule(&mut recorded, "FailedInvocations", 100..101, 1.0);
    rule(&mut recorded, "InvocationsFailedToBeSentToDlq", 100..101, 1.0);
    let (seen, left) = fired(&alarms(&everything()), &recorded);
    assert_eq!(seen, ["OrderPlacedV1EmailerRuleFailing", "OrderPlacedV1EmailerRuleLost"]);
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn events_that_are_refused_by_the_queue_are_seen_in_its_dead_letter_queue() {
    let mut recorded = Recorded::default();
    rule(&mut recorded, "Invocations", 100..130, 50.0);
    rule(&mut recorded, "FailedInvocations", 110..120, 5.0);
    queue(&mut recorded, "EmailerUndeliveredQueue", |minute| {
        if minute < 110 { (0.0, 0.0, 0.0) } else { (50.0, f(minute - 110) * 60.0, 0.0) }
    });
    let (seen, left) = fired(&alarms(&everything()), &recorded);
    assert_eq!(seen, ["EmailerConsumerUndelivered", "OrderPlacedV1EmailerRuleFailing"]);
    assert_eq!(left, ["EmailerConsumerUndelivered"]);
}

#[test]
fn dead_letters_raise_an_alarm_until_they_are_gone() {
    let mut recorded = Recorded::default();
    queue(&mut recorded, "EmailerFailedQueue", |minute| {
        if (200..300).contains(&minute) {
            (1.0, f(minute - 200) * 60.0, 0.0)
        } else {
            (0.0, 0.0, 0.0)
        }
    });
    let (seen, left) = fired(&alarms(&everything()), &recorded);
    assert_eq!((seen, left), (vec!["EmailerConsumerDeadLetters".to_owned()], Vec::new()));
}

#[test]
fn settings_of_the_declaration_move_the_thresholds() {
    let placed = || [Read::new("order.placed", 1, 0, "app.shop")];
    let plan = |alarms| {
        let emailer = Declaration::new("emailer", placed()).alarms(alarms);
        Topology::on("shop").consumer(emailer).build().unwrap().plan().clone()
    };
    // As the article has it: five or more, for three minutes.
    let patient = plan(Alarms::new().dead_letters(4, 3));
    let letters = |count: f64, minutes: i64| {
        let mut recorded = Recorded::default();
        queue(&mut recorded, "EmailerFailedQueue", |minute| {
            if (200..200 + minutes).contains(&minute) {
                (count, 60.0, 0.0)
            } else {
                (0.0, 0.0, 0.0)
            }
        });
        fired(&alarms(&patient), &recorded).0.len()
    };
    assert_eq!([letters(5.0, 2), letters(4.0, 9), letters(5.0, 3)], [0, 0, 1]);

    let mut recorded = Recorded::default();
    queue(&mut recorded, "EmailerQueue", |minute| (1.0, f(minute % 20) * 60.0, 0.0));
    let stalled = |alarms_of| fired(&alarms(&plan(alarms_of)), &recorded).0;
    assert_eq!(stalled(Alarms::new()), ["EmailerConsumerStalled"]);
    assert_eq!(stalled(Alarms::new().stalled(Duration::from_mins(20))), Vec::<String>::new());
    assert!(alarms(&plan(Alarms::off())).is_empty());

    let wrong = Alarms::new().near_loss(50, 120).dead_letters(0, 0).stalled(Duration::from_secs(1));
    let error = Topology::on("shop")
        .consumer(Declaration::new("emailer", placed()).alarms(wrong))
        .build()
        .unwrap_err();
    let rules: BTreeSet<&str> = error.problems.iter().map(|it| it.rule).collect();
    assert_eq!((error.problems.len(), rules), (3, BTreeSet::from(["alarm-settings"])), "{error}");
}

#[test]
fn messages_that_wait_are_urgent_before_they_expire() {
    let day = 24 * 60 * 60;
    let mut recorded = Recorded::default();
    // The retention of a dead-letter queue is 14 days.
    let age = |minute: i64| {
        if minute < 300 {
            6
        } else if minute < 600 {
            8
        } else {
            12
        }
    };
    queue(&mut recorded, "EmailerFailedQueue", |minute| (3.0, f(age(minute) * day), 0.0));
    let (seen, _) = fired(&alarms(&everything()), &recorded);
    assert_eq!(
        seen,
        [
            "EmailerConsumerDeadLetters",
            "EmailerConsumerDeadLettersNearLoss",
            "EmailerConsumerDeadLettersUrgentLoss"
        ]
    );
    let alarms = alarms(&everything());
    let first =
        |name: &str| (0..END).find(|it| fires_at(&alarms[name], *it, &recorded, true)).unwrap();
    assert_eq!(first("EmailerConsumerDeadLettersNearLossAlarm"), 300);
    assert_eq!(first("EmailerConsumerDeadLettersUrgentLossAlarm"), 600);
}

#[test]
fn retries_and_latency_warn_when_they_last() {
    let lasting = |minutes: i64| {
        let mut recorded = Recorded::default();
        rule(&mut recorded, "InvocationAttempts", 100..160, 100.0);
        rule(&mut recorded, "RetryInvocationAttempts", 100..100 + minutes, 50.0);
        rule(&mut recorded, "IngestionToInvocationSuccessLatency", 100..100 + minutes, 90_000.0);
        fired(&alarms(&everything()), &recorded).0
    };
    assert_eq!(lasting(2), Vec::<String>::new());
    assert_eq!(lasting(3), ["OrderPlacedV1EmailerRuleLatency", "OrderPlacedV1EmailerRuleRetrying"]);
}

#[test]
fn function_that_fails_or_is_slow_raises_its_alarms() {
    let mut recorded = Recorded::default();
    let of = "FunctionName=AuditConsumerFunction";
    recorded.add("Errors", of, (100..110).map(|minute| (minute, 1.0)));
    recorded.add("Throttles", of, (200..202).map(|minute| (minute, 1.0)));
    // 80 % of 5 s
    recorded.add("Duration", of, (300..310).map(|minute| (minute, 4_100.0)));
    let (seen, left) = fired(&alarms(&everything()), &recorded);
    assert_eq!(seen, ["AuditConsumerFunctionDuration", "AuditConsumerFunctionErrors"]);
    assert_eq!(left, Vec::<String>::new());
}

/// An alarm by `RuleName` alone has no data on a custom bus: that is why every one names the bus.
#[test]
fn alarm_without_the_bus_never_fires() {
    let mut recorded = Recorded::default();
    rule(&mut recorded, "InvocationsFailedToBeSentToDlq", 100..110, 1.0);
    let mut alarm = alarms(&everything())["OrderPlacedV1EmailerRuleLostAlarm"].clone();
    assert!(fires_at(&alarm, 105, &recorded, true));
    alarm["Dimensions"].as_array_mut().unwrap().retain(|it| it["Name"] == "RuleName");
    assert!((0..END).all(|minute| !fires_at(&alarm, minute, &recorded, true)));
}

#[test]
fn each_alarm_says_whom_it_is_for_and_what_to_do() {
    for (id, alarm) in alarms(&everything()) {
        let text = alarm["AlarmDescription"].as_str().unwrap();
        let page = text.contains(" (page): ");
        assert!(page || text.contains(" (warning): "), "{id}: {text}");
        let topic = alarm["AlarmActions"]["Fn::If"][0].as_str().unwrap();
        assert_eq!(topic, if page { "HasAlarmTopic" } else { "HasWarningTopic" }, "{id}");
        assert_eq!(alarm["AlarmActions"], alarm["OKActions"], "{id}");
        assert!(text.len() <= 1024, "{id}");
        // A reason, and a next step: two sentences.
        assert!(text.contains(". "), "{id}: {text}");
    }
}

/// The tables of the guide, "Configuring how CloudWatch alarms treat missing data": `X` is breaching, `0` is not, `-`
/// is missing.
#[test]
fn missing_data_is_treated_as_the_guide_has_it() {
    let points = |text: &str| -> Vec<Option<f64>> {
        let point = |c| match c {
            'X' => Some(1.0),
            '0' => Some(0.0),
            _ => None,
        };
        text.chars().filter(|c| *c != ' ').map(point).collect()
    };
    for (datapoints, text, breaching, not_breaching) in [
        // three out of three
        (3, "0 - X - X", false, false),
        (3, "0 - - - -", false, false),
        (3, "- - - - -", true, false),
        (3, "0 X X - X", true, true),
        (3, "- - X - -", true, false),
        // two out of three
        (2, "0 - X - X", true, true),
        (2, "0 0 X 0 X", true, true),
        (2, "0 - X - -", true, false),
        (2, "- - - - 0", true, false),
        (2, "- - - X -", true, false),
    ] {
        let is = |missing| fires(&points(text), 0.5, datapoints, 3, missing);
        assert_eq!(is(Missing::Breaching), breaching, "{datapoints} {text}");
        assert_eq!(is(Missing::NotBreaching), not_breaching, "{datapoints} {text}");
    }
}

#[test]
fn metric_math_is_that_of_the_guide() {
    let named = |all: &[(&str, &[(i64, f64)])]| -> BTreeMap<String, Series> {
        all.iter().map(|(id, it)| ((*id).to_owned(), it.iter().copied().collect())).collect()
    };
    let series =
        named(&[("a", &[(1, 1.0), (2, 4.0)]), ("b", &[(2, 2.0), (3, 0.0)]), ("none", &[])]);
    let window = |fills_empty| Window { series: &series, minutes: vec![1, 2, 3], fills_empty };
    let value = |expression: &str| evaluate(expression, &window(true));
    let expected = |points: &[(i64, f64)]| Value::Series(points.iter().copied().collect());
    assert_eq!(value("a + b * 2"), expected(&[(2, 8.0)]));
    assert_eq!(value("(a + 1) * 2 - 1"), expected(&[(1, 3.0), (2, 9.0)]));
    assert_eq!(value("a / b"), expected(&[(2, 2.0)]));
    assert_eq!(value("1 / b"), expected(&[(2, 0.5)]));
    assert_eq!(value("FILL(a, 0) + 1"), expected(&[(1, 2.0), (2, 5.0), (3, 1.0)]));
    assert_eq!(value("FILL(none, 7)"), expected(&[(1, 7.0), (2, 7.0), (3, 7.0)]));
    assert_eq!(evaluate("FILL(none, 7)", &window(false)), expected(&[]));
    assert_eq!(value("a > 1 AND a < 5"), expected(&[(1, 0.0), (2, 1.0)]));
    assert_eq!(value("a == 1 OR a == 4"), expected(&[(1, 1.0), (2, 1.0)]));
    assert_eq!(value("IF(a > 1, 10, a)"), expected(&[(1, 1.0), (2, 10.0)]));
    assert_eq!(value("IF(a > 1 AND FILL(none, 0) == 0, 1, 0)"), expected(&[(1, 0.0), (2, 1.0)]));
    assert_eq!(value("2 * 3"), Value::Number(6.0));
}
