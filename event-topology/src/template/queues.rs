//! The bus, its rules, and the queues and tables of its consumers.

use serde_json::{Value, json};

use super::intrinsic::{attribute, literal, reference, staged};
use super::names::{Kind, Names};
use super::resource::{Archive, EventBus, Queue, QueuePolicy, Resource, Rule, Table};
use crate::plan::{self, Holds, Plan, TableHolds};

/// The logical id of the bus.
pub(super) const BUS: &str = "Bus";

/// The name of the bus, which is in the template or in that of another service.
pub(super) fn bus_name(plan: &Plan) -> Value {
    if plan.shared_bus { staged(&plan.bus) } else { reference(BUS) }
}

/// The ARN of the bus.
pub(super) fn bus_arn(plan: &Plan) -> Value {
    if plan.shared_bus {
        let bus = literal(&plan.bus);
        let account = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}";
        json!({"Fn::Sub": format!("{account}:event-bus/{bus}-${{Stage}}")})
    } else {
        attribute(BUS, "Arn")
    }
}

pub(super) fn resources(plan: &Plan, names: &Names, archive_days: Option<u32>) -> Vec<Resource> {
    let mut resources = Vec::new();
    if !plan.shared_bus {
        let description = format!("The bus `{}`.", plan.bus);
        let bus = EventBus { name: staged(&plan.bus), description };
        resources.push(Resource::new(BUS, format!("Topology::on({:?})", plan.bus), &bus));
        // An archive holds all events of a bus: one, beside the bus.
        resources.extend(archive_days.map(|days| archive(plan, days)));
    }
    for consumer in &plan.consumers {
        let rules = plan.rules.iter().filter(|rule| rule.consumer == consumer.name);
        resources.extend(rules.map(|rule| self::rule(plan, rule, names)));
        let queues = plan.queues.iter().filter(|queue| queue.consumer == consumer.name);
        resources.extend(queues.clone().map(|queue| self::queue(queue, names)));
        resources.extend(queues.filter_map(|queue| policy(plan, queue, names)));
    }
    resources.extend(plan.tables.iter().map(|table| self::table(table, names)));
    resources
}

/// What other stacks and people ask for.
pub(super) fn outputs(plan: &Plan, names: &Names) -> Vec<(String, Value)> {
    let mut outputs = vec![(
        "BusArn".to_owned(),
        json!({"Description": "The ARN of the bus.", "Value": bus_arn(plan)}),
    )];
    for queue in plan.queues.iter().filter(|queue| queue.holds == Holds::Events) {
        let id = names.id(Kind::Queue, &queue.name);
        let description = format!("The URL of the queue of consumer `{}`.", queue.consumer);
        outputs.push((
            format!("{id}Url"),
            json!({"Description": description, "Value": reference(&id)}),
        ));
    }
    outputs
}

fn archive(plan: &Plan, days: u32) -> Resource {
    let archive = Archive {
        description: format!("All events of the bus `{}`, for replays.", plan.bus),
        source_arn: bus_arn(plan),
        retention_days: days,
    };
    Resource::new("Archive", "Options::archive_days: what a replay is made from", &archive)
}

fn rule(plan: &Plan, rule: &plan::Rule, names: &Names) -> Resource {
    let targets = rule.targets.iter().map(|target| {
        let mut json = json!({
            "Id": target.id,
            "Arn": attribute(&names.id(Kind::Queue, &target.queue), "Arn"),
            "RetryPolicy": {
                "MaximumRetryAttempts": target.retry_policy.maximum_retry_attempts,
                "MaximumEventAgeInSeconds": target.retry_policy.maximum_event_age_in_seconds,
            },
            "DeadLetterConfig": {
                "Arn": attribute(&names.id(Kind::Queue, &target.dead_letter_queue), "Arn"),
            },
        });
        if let Some(group) = &target.message_group_id {
            json["SqsParameters"] = json!({ "MessageGroupId": group });
        }
        json
    });
    let reads = plan.consumer(&rule.consumer).into_iter().flat_map(|consumer| &consumer.reads);
    let read: Vec<&str> = reads
        .filter(|read| rule.event_pattern.mentions("detail-type", &read.detail_type))
        .map(|read| read.detail_type.as_str())
        .collect();
    let properties = Rule {
        name: rule.name.clone(),
        description: clipped(&format!("{} for consumer {}", read.join(", "), rule.consumer), 512),
        event_bus_name: bus_name(plan),
        event_pattern: serde_json::to_value(&rule.event_pattern).unwrap_or_default(),
        state: "ENABLED",
        targets: targets.collect(),
    };
    let comment = format!("consumer `{}` reads {}", rule.consumer, read.join(", "));
    Resource::new(names.id(Kind::Rule, &rule.name), comment, &properties)
}

fn queue(queue: &plan::Queue, names: &Names) -> Resource {
    let properties = Queue {
        queue_name: staged(&queue.name),
        fifo_queue: queue.fifo.then_some(true),
        // EventBridge sends no deduplication id to a FIFO queue.
        content_based_deduplication: queue.fifo.then_some(true),
        visibility_timeout: queue.visibility_timeout_seconds,
        message_retention_period: queue.message_retention_period_seconds,
        receive_message_wait_time_seconds: 20,
        sqs_managed_sse_enabled: true,
        redrive_policy: queue.redrive_policy.as_ref().map(|redrive| {
            json!({
                "deadLetterTargetArn": attribute(&names.id(Kind::Queue, &redrive.dead_letter_queue), "Arn"),
                "maxReceiveCount": redrive.max_receive_count,
            })
        }),
    };
    let holds = match queue.holds {
        Holds::Events => "events for",
        Holds::Undelivered => "events that a rule could not deliver to the queue of",
        Holds::Failed => "messages that were not handled by",
    };
    let comment = format!("{holds} consumer `{}`", queue.consumer);
    let resource = Resource::new(names.id(Kind::Queue, &queue.name), comment, &properties);
    // Dead letters are events that nobody else has.
    if queue.holds == Holds::Events { resource.deleted() } else { resource.retained() }
}

/// Lets the rules of a consumer send to one of its queues. EventBridge drops what a queue refuses, and a queue refuses
/// everything from a rule that its policy does not name.
fn policy(plan: &Plan, queue: &plan::Queue, names: &Names) -> Option<Resource> {
    let rules: Vec<Value> = plan
        .rules
        .iter()
        .filter(|rule| {
            rule.targets.iter().any(|t| t.queue == queue.name || t.dead_letter_queue == queue.name)
        })
        .map(|rule| attribute(&names.id(Kind::Rule, &rule.name), "Arn"))
        .collect();
    if rules.is_empty() {
        return None;
    }
    let id = names.id(Kind::Queue, &queue.name);
    let properties = QueuePolicy {
        queues: vec![reference(&id)],
        policy_document: json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Sid": "RulesOfTheConsumer",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": attribute(&id, "Arn"),
                "Condition": {"ArnEquals": {"aws:SourceArn": rules}},
            }],
        }),
    };
    let comment =
        format!("the rules of consumer `{}` may send to `{}`", queue.consumer, queue.name);
    Some(Resource::new(format!("{id}Policy"), comment, &properties))
}

fn table(table: &plan::Table, names: &Names) -> Resource {
    let properties = Table {
        table_name: staged(&table.name),
        billing_mode: "PAY_PER_REQUEST",
        attribute_definitions: json!([{"AttributeName": table.partition_key, "AttributeType": "S"}]),
        key_schema: json!([{"AttributeName": table.partition_key, "KeyType": "HASH"}]),
        time_to_live_specification: json!({"AttributeName": table.time_to_live, "Enabled": true}),
        point_in_time_recovery_specification: json!({"PointInTimeRecoveryEnabled": true}),
        sse_specification: json!({"SSEEnabled": true}),
    };
    let holds = match table.holds {
        TableHolds::Claims => "claims",
        TableHolds::Projections => "projections",
    };
    let comment = format!("{holds} of {}", table.consumers.join(", "));
    Resource::new(names.id(Kind::Table, &table.name), comment, &properties).retained()
}

/// The first characters of a text.
pub(super) fn clipped(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}
