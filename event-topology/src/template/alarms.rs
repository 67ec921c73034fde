//! Alarms: when an event is lost, about to be lost, or waits for too long.
//!
//! Metrics of a rule on a custom bus carry the dimensions `EventBusName` and `RuleName`; with `RuleName` alone an alarm
//! never fires. Metrics that are sent only when they are not zero are filled with zero. Source: *Amazon EventBridge
//! User Guide*, "Monitoring Amazon EventBridge"; *Amazon SQS Developer Guide*, "Available CloudWatch metrics".

use serde_json::{Value, json};

use super::functions;
use super::intrinsic::{attribute, reference};
use super::names::{Kind, Names};
use super::queues;
use super::resource::{Alarm, Resource};
use crate::alarms::Messages;
use crate::plan::{self, Holds, Plan};

pub(super) fn resources(plan: &Plan, names: &Names) -> Vec<Resource> {
    let consumers = plan.consumers.iter();
    consumers.flat_map(|consumer| of_consumer(plan, consumer, names)).collect()
}

fn of_consumer(plan: &Plan, consumer: &plan::Consumer, names: &Names) -> Vec<Resource> {
    if !consumer.alarms.on {
        return Vec::new();
    }
    let mut alarms = Alarms {
        consumer: &consumer.name,
        settings: consumer.alarms,
        bus: queues::bus_name(plan),
        base: names.id(Kind::Consumer, &consumer.name),
        made: Vec::new(),
    };
    for queue in plan.queues.iter().filter(|queue| queue.consumer == consumer.name) {
        let id = names.id(Kind::Queue, &queue.name);
        match queue.holds {
            Holds::Events => alarms.queue(consumer, queue, &id),
            Holds::Failed => alarms.dead_letters(&id, queue),
            Holds::Undelivered => alarms.undelivered(&id, queue),
        }
    }
    for rule in plan.rules.iter().filter(|rule| rule.consumer == consumer.name) {
        alarms.rule(rule, &names.id(Kind::Rule, &rule.name));
    }
    if let Some(function) = functions::of(consumer) {
        alarms.function(function, &functions::id(consumer, names));
    }
    alarms.made
}

/// The alarms of one consumer.
struct Alarms<'a> {
    consumer: &'a str,
    settings: crate::Alarms,
    /// The name of the bus.
    bus: Value,
    base: String,
    made: Vec<Resource>,
}

/// What an alarm looks at.
enum Signal {
    /// A metric of its own.
    Metric {
        namespace: &'static str,
        name: &'static str,
        dimensions: Value,
        statistic: &'static str,
        period: u32,
    },
    /// A formula over others: `Metrics`, of which the first is the result.
    Formula(Value),
}

/// When an alarm fires.
struct Condition {
    above: f64,
    /// So many of the last periods...
    out_of: u32,
    /// ...must be above.
    datapoints: u32,
}

impl Condition {
    const ANY: Self = Self { above: 0.0, out_of: 1, datapoints: 1 };

    fn messages(messages: Messages) -> Self {
        let minutes = messages.minutes;
        Self { above: f64::from(messages.above), out_of: minutes, datapoints: minutes }
    }
}

/// Whom an alarm is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Urgency {
    /// Events are lost, or soon are: somebody is called.
    Page,
    /// To be looked at in the day.
    Warning,
}

impl Urgency {
    fn word(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Warning => "warning",
        }
    }

    /// The topic that is notified. Warnings go to the topic of pages, where they have none of their own.
    fn actions(self) -> Value {
        let page = json!({"Fn::If": ["HasAlarmTopic", [reference("AlarmTopicArn")], reference("AWS::NoValue")]});
        match self {
            Self::Page => page,
            Self::Warning => {
                json!({"Fn::If": ["HasWarningTopic", [reference("WarningTopicArn")], page]})
            }
        }
    }
}

impl Alarms<'_> {
    /// Dead letters of the consumer itself.
    fn dead_letters(&mut self, id: &str, queue: &plan::Queue) {
        let what = "messages were given up and wait in the dead-letter queue. Read the reason in the message's \
                    attributes, mend the consumer, and redrive them";
        let condition = Condition::messages(self.settings.dead_letters);
        self.add("DeadLetters", Urgency::Page, what, visible(id), &condition);
        self.near_loss("DeadLetters", id, queue);
    }

    /// Events that did not reach the queue.
    fn undelivered(&mut self, id: &str, queue: &plan::Queue) {
        let what = "events could not be delivered to its queue. ERROR_CODE in the message's attributes says why: most \
                    often the policy of the queue. Mend it and redrive them";
        let condition = Condition::messages(self.settings.undelivered);
        self.add("Undelivered", Urgency::Page, what, visible(id), &condition);
        self.near_loss("Undelivered", id, queue);
    }

    /// The queue of the consumer: whether it is handled, and in time.
    fn queue(&mut self, consumer: &plan::Consumer, queue: &plan::Queue, id: &str) {
        let survives = match functions::of(consumer) {
            Some(_) => consumer.outage.function_seconds,
            None => consumer.outage.poller_seconds,
        };
        let stalled = self.settings.stalled_seconds.unwrap_or((survives / 2).max(300));
        let formula = json!([
            expression("stalled", &format!("IF(age > {stalled} AND FILL(deleted, 0) == 0, 1, 0)")),
            metric(
                "age",
                "AWS/SQS",
                "ApproximateAgeOfOldestMessage",
                &queue_name(id),
                "Maximum",
                60
            ),
            metric("deleted", "AWS/SQS", "NumberOfMessagesDeleted", &queue_name(id), "Sum", 60),
        ]);
        let what = format!(
            "nothing was handled for 5 minutes, while a message waits for more than {stalled} s. Look whether the \
             consumer runs, and whether what it depends on answers: after {survives} s of an outage messages become dead \
             letters"
        );
        let condition = Condition { above: 0.0, out_of: 5, datapoints: 5 };
        self.add("Stalled", Urgency::Page, &what, Signal::Formula(formula), &condition);
        self.near_loss("Queue", id, queue);
    }

    /// Messages that are about to expire in a queue.
    fn near_loss(&mut self, queue_of: &str, id: &str, queue: &plan::Queue) {
        let retention = queue.message_retention_period_seconds;
        let settings = self.settings;
        for (name, urgency, share, next) in [
            ("NearLoss", Urgency::Warning, settings.near_loss_percent, "Plan a redrive"),
            ("UrgentLoss", Urgency::Page, settings.urgent_loss_percent, "Act now"),
        ] {
            let share = u64::from(share);
            let above = retention.saturating_mul(share) / 100;
            let what = format!(
                "the oldest message of {} has used {share} % of the {retention} s for which it is kept, and is then \
                 lost. {next}",
                queue.name
            );
            let age = Signal::Metric {
                namespace: "AWS/SQS",
                name: "ApproximateAgeOfOldestMessage",
                dimensions: queue_name(id),
                statistic: "Maximum",
                period: 300,
            };
            let condition = Condition { above: seconds(above), ..Condition::ANY };
            self.add(&format!("{queue_of}{name}"), urgency, &what, age, &condition);
        }
    }

    /// Delivery by a rule.
    fn rule(&mut self, rule: &plan::Rule, id: &str) {
        let dimensions = json!([
            {"Name": "EventBusName", "Value": self.bus},
            {"Name": "RuleName", "Value": attribute(id, "RuleName")},
        ]);
        let of_rule =
            |key: &str, name: &str| metric(key, "AWS/Events", name, &dimensions, "Sum", 60);

        let lost = Signal::Metric {
            namespace: "AWS/Events",
            name: "InvocationsFailedToBeSentToDlq",
            dimensions: dimensions.clone(),
            statistic: "Sum",
            period: 60,
        };
        let what = format!(
            "events of rule {} are lost: neither the queue nor the dead-letter queue took them. Compare the policies of \
             both with the template, and replay the time from the archive",
            rule.name
        );
        self.add_to(id, "Lost", Urgency::Page, &what, lost, &Condition::ANY);

        let failing = json!([
            expression("rate", "100 * FILL(failed, 0) / invocations"),
            of_rule("failed", "FailedInvocations"),
            of_rule("invocations", "Invocations"),
        ]);
        let what = format!(
            "deliveries of rule {} fail for good. Look at its undelivered events",
            rule.name
        );
        let above = f64::from(self.settings.failing_percent);
        let condition = Condition { above, out_of: 5, datapoints: 1 };
        self.add_to(id, "Failing", Urgency::Page, &what, Signal::Formula(failing), &condition);

        let retrying = json!([
            expression("rate", "100 * FILL(retries, 0) / attempts"),
            of_rule("retries", "RetryInvocationAttempts"),
            of_rule("attempts", "InvocationAttempts"),
        ]);
        let percent = self.settings.retrying_percent;
        let what = format!(
            "more than {percent} % of the deliveries of rule {} are retries: its queue throttles or refuses. A warning, for \
             nothing is lost yet",
            rule.name
        );
        let condition = Condition { above: f64::from(percent), out_of: 5, datapoints: 3 };
        self.add_to(id, "Retrying", Urgency::Warning, &what, Signal::Formula(retrying), &condition);

        let age = rule
            .targets
            .iter()
            .map(|target| target.retry_policy.maximum_event_age_in_seconds)
            .min();
        // A tenth of the time after which delivery is given up, and no more than a minute.
        let derived = age.unwrap_or(60).saturating_mul(100).min(60_000);
        let above = self.settings.latency_milliseconds.unwrap_or(derived);
        let latency = Signal::Metric {
            namespace: "AWS/Events",
            name: "IngestionToInvocationSuccessLatency",
            dimensions,
            statistic: "p99",
            period: 60,
        };
        let what = format!(
            "events of rule {} reach their queue after more than {above} ms (p99). Look whether its deliveries are \
             retried: the queue throttles or refuses",
            rule.name
        );
        let condition = Condition { above: seconds(above), out_of: 5, datapoints: 3 };
        self.add_to(id, "Latency", Urgency::Warning, &what, latency, &condition);
    }

    /// The function of the consumer.
    fn function(&mut self, function: &plan::Function, id: &str) {
        let dimensions = json!([{"Name": "FunctionName", "Value": reference(id)}]);
        let percent = u64::from(self.settings.duration_percent);
        let near = function.timeout_seconds.saturating_mul(10).saturating_mul(percent);
        for (name, urgency, statistic, above, what) in [
            (
                "Errors",
                Urgency::Page,
                "Sum",
                0,
                "invocations fail as a whole. Read its log".to_owned(),
            ),
            (
                "Throttles",
                Urgency::Warning,
                "Sum",
                0,
                "invocations are throttled. Raise its concurrency, or that of the account"
                    .to_owned(),
            ),
            (
                "Duration",
                Urgency::Warning,
                "p99",
                near,
                format!(
                    "invocations take more than {near} ms (p99), and are cut off after {} s. Look what it waits \
                     for, or raise the time-out",
                    function.timeout_seconds
                ),
            ),
        ] {
            let signal = Signal::Metric {
                namespace: "AWS/Lambda",
                name,
                dimensions: dimensions.clone(),
                statistic,
                period: 60,
            };
            let condition = Condition { above: seconds(above), out_of: 5, datapoints: 3 };
            self.add_to(id, name, urgency, &what, signal, &condition);
        }
    }

    fn add(
        &mut self,
        name: &str,
        urgency: Urgency,
        what: &str,
        signal: Signal,
        condition: &Condition,
    ) {
        let base = self.base.clone();
        self.add_to(&base, name, urgency, what, signal, condition);
    }

    fn add_to(
        &mut self,
        base: &str,
        name: &str,
        urgency: Urgency,
        what: &str,
        signal: Signal,
        condition: &Condition,
    ) {
        let actions = urgency.actions();
        let mut alarm = Alarm {
            // 1,024 characters at most.
            alarm_description: super::queues::clipped(
                &format!("Consumer {} ({}): {what}.", self.consumer, urgency.word()),
                1024,
            ),
            comparison_operator: "GreaterThanThreshold",
            threshold: condition.above,
            evaluation_periods: condition.out_of,
            datapoints_to_alarm: condition.datapoints,
            treat_missing_data: "notBreaching",
            namespace: None,
            metric_name: None,
            dimensions: None,
            statistic: None,
            extended_statistic: None,
            period: None,
            metrics: None,
            alarm_actions: actions.clone(),
            ok_actions: actions,
        };
        match signal {
            Signal::Formula(metrics) => alarm.metrics = Some(metrics),
            Signal::Metric { namespace, name, dimensions, statistic, period } => {
                alarm.namespace = Some(namespace);
                alarm.metric_name = Some(name);
                alarm.dimensions = Some(dimensions);
                alarm.period = Some(period);
                if statistic.starts_with('p') {
                    alarm.extended_statistic = Some(statistic);
                } else {
                    alarm.statistic = Some(statistic);
                }
            }
        }
        let comment = format!("consumer `{}`: {}", self.consumer, name.to_ascii_lowercase());
        self.made.push(Resource::new(format!("{base}{name}Alarm"), comment, &alarm));
    }
}

/// Whether there is a message in a queue.
fn visible(id: &str) -> Signal {
    Signal::Metric {
        namespace: "AWS/SQS",
        name: "ApproximateNumberOfMessagesVisible",
        dimensions: queue_name(id),
        statistic: "Maximum",
        period: 60,
    }
}

fn queue_name(id: &str) -> Value {
    json!([{"Name": "QueueName", "Value": attribute(id, "QueueName")}])
}

fn expression(id: &str, formula: &str) -> Value {
    json!({"Id": id, "Expression": formula, "Label": id, "ReturnData": true})
}

fn metric(
    id: &str,
    namespace: &str,
    name: &str,
    dimensions: &Value,
    statistic: &str,
    period: u32,
) -> Value {
    json!({
        "Id": id,
        "ReturnData": false,
        "MetricStat": {
            "Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions},
            "Period": period,
            "Stat": statistic,
        },
    })
}

/// Durations of AWS are far below the integers that a double holds.
fn seconds(seconds: u64) -> f64 {
    u32::try_from(seconds).map_or(f64::from(u32::MAX), f64::from)
}
