//! What publishers and consumers may do: no more than they need.

use serde_json::{Value, json};

use super::intrinsic::attribute;
use super::names::{Kind, Names};
use super::queues;
use super::resource::{ManagedPolicy, Resource};
use crate::Problem;
use crate::limits::MAX_POLICY_CHARS;
use crate::plan::{self, Plan};

pub(super) fn resources(plan: &Plan, names: &Names) -> Vec<Resource> {
    let publishers = plan.publishers.iter().map(|it| self::publisher(plan, it, names));
    let consumers = plan.consumers.iter().map(|consumer| self::consumer(plan, consumer, names));
    publishers.chain(consumers).collect()
}

/// Policies that IAM refuses for their size.
pub(super) fn problems(resources: &[Resource]) -> Vec<Problem> {
    let policies = resources.iter().filter(|it| it.kind() == "AWS::IAM::ManagedPolicy");
    let problem = |policy: &Resource| {
        let characters = characters(&policy.properties()["PolicyDocument"]);
        (characters > MAX_POLICY_CHARS).then(|| {
            Problem::new(
                "policy-size",
                None,
                format!("the policy of {} has {characters} characters", policy.comment()),
                format!("IAM takes up to {MAX_POLICY_CHARS} in a managed policy"),
                "declare two publishers, each with a part of the events",
            )
        })
    };
    policies.filter_map(problem).collect()
}

/// Characters of a policy without spaces. A function of CloudFormation stands for an ARN.
fn characters(value: &Value) -> usize {
    match value {
        Value::Object(members)
            if members.keys().all(|name| name == "Ref" || name.starts_with("Fn::")) =>
        {
            150
        }
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| name.len() + 4 + characters(value));
            members.sum::<usize>() + 2
        }
        Value::Array(items) => items.iter().map(|item| characters(item) + 1).sum::<usize>() + 2,
        other => other.to_string().chars().filter(|c| !c.is_whitespace()).count(),
    }
}

/// A publisher puts its events on the bus, under its sources and detail-types.
///
/// A call has up to ten entries, so the keys have several values: `ForAllValues` asks for each of them, and `Null`
/// that there is one, without which `ForAllValues` is met by nothing.
fn publisher(plan: &Plan, publisher: &plan::Publisher, names: &Names) -> Resource {
    let sorted = |value: fn(&plan::Publish) -> &str| {
        let mut values: Vec<&str> = publisher.publishes.iter().map(value).collect();
        values.sort_unstable();
        values.dedup();
        values
    };
    let policy = ManagedPolicy {
        description: format!("Publisher {}: its events on the bus.", publisher.name),
        policy_document: json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Sid": "PublishItsEvents",
                "Effect": "Allow",
                "Action": "events:PutEvents",
                "Resource": queues::bus_arn(plan),
                "Condition": {
                    "ForAllValues:StringEquals": {
                        "events:source": sorted(|event| &event.source),
                        "events:detail-type": sorted(|event| &event.detail_type),
                    },
                    "Null": {"events:source": "false", "events:detail-type": "false"},
                },
            }],
        }),
    };
    let id = format!("{}Policy", names.id(Kind::Publisher, &publisher.name));
    Resource::new(id, format!("publisher `{}`", publisher.name), &policy)
}

/// A consumer receives from its queue, sends dead letters, and keeps claims.
fn consumer(plan: &Plan, consumer: &plan::Consumer, names: &Names) -> Resource {
    let mut statements = vec![json!({
        "Sid": "ReceiveItsMessages",
        "Effect": "Allow",
        "Action": [
            "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage",
        ],
        "Resource": attribute(&names.id(Kind::Queue, &consumer.queue), "Arn"),
    })];
    let redrive = plan.queue(&consumer.queue).and_then(|queue| queue.redrive_policy.as_ref());
    statements.extend(redrive.map(|redrive| {
        json!({
            "Sid": "SendDeadLetters",
            "Effect": "Allow",
            "Action": ["sqs:GetQueueAttributes", "sqs:SendMessage"],
            "Resource": attribute(&names.id(Kind::Queue, &redrive.dead_letter_queue), "Arn"),
        })
    }));
    if let Some(table) = &consumer.table {
        statements.extend(claims(&names.id(Kind::Table, table), &consumer.name));
    }
    if !consumer.projections.is_empty() {
        let tables = consumer.projections.iter();
        let tables = tables.map(|it| attribute(&names.id(Kind::Table, it), "Arn"));
        statements.push(json!({
            "Sid": "KeepItsProjections",
            "Effect": "Allow",
            "Action": ["dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem"],
            "Resource": tables.collect::<Vec<Value>>(),
        }));
    }
    let policy = ManagedPolicy {
        description: format!(
            "Consumer {}: its queue, its dead letters, its tables.",
            consumer.name
        ),
        policy_document: json!({"Version": "2012-10-17", "Statement": statements}),
    };
    let id = format!("{}Policy", names.id(Kind::Consumer, &consumer.name));
    Resource::new(id, format!("consumer `{}`", consumer.name), &policy)
}

/// Items of its own in a table that consumers share: their keys begin with the name of the consumer.
fn claims(table: &str, consumer: &str) -> [Value; 2] {
    let look = json!({
        "Sid": "LookAtTheTable",
        "Effect": "Allow",
        "Action": ["dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive"],
        "Resource": attribute(table, "Arn"),
    });
    let keep = json!({
        "Sid": "KeepItsClaims",
        "Effect": "Allow",
        "Action": [
            "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem",
            "dynamodb:UpdateItem",
        ],
        "Resource": attribute(table, "Arn"),
        "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [format!("{consumer}#*")]}},
    });
    [look, keep]
}
