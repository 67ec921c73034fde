//! Each resource of CloudFormation as resources of Terraform.

use serde_json::{Map, Value, json};

use super::Block;
use super::expression::{Addresses, escaped, snake};
use crate::declaration::hash;
use crate::limits::MAX_STAGE_CHARS;
use crate::plan::Plan;
use crate::template::resource::Resource;

/// Characters of the name of an archive. Source: *Amazon EventBridge API Reference*, `CreateArchive`.
const MAX_ARCHIVE_NAME_CHARS: usize = 48;

/// The type of Terraform for a type of CloudFormation.
pub(super) fn kind(kind: &str) -> &'static str {
    match kind {
        "AWS::Events::EventBus" => "aws_cloudwatch_event_bus",
        "AWS::Events::Archive" => "aws_cloudwatch_event_archive",
        "AWS::Events::Rule" => "aws_cloudwatch_event_rule",
        "AWS::SQS::Queue" => "aws_sqs_queue",
        "AWS::SQS::QueuePolicy" => "aws_sqs_queue_policy",
        "AWS::DynamoDB::Table" => "aws_dynamodb_table",
        "AWS::IAM::Role" => "aws_iam_role",
        "AWS::IAM::ManagedPolicy" => "aws_iam_policy",
        "AWS::Lambda::Function" => "aws_lambda_function",
        "AWS::Lambda::EventSourceMapping" => "aws_lambda_event_source_mapping",
        // The only one that is left of `Properties`; a test asks for each.
        _ => "aws_cloudwatch_metric_alarm",
    }
}

/// A resource, and what Terraform has beside it.
pub(super) fn blocks(plan: &Plan, resource: &Resource, all: &Addresses) -> Vec<Block> {
    let from = Given { properties: &resource.properties, all };
    let kind = kind(resource.kind);
    let name = snake(&resource.id);
    let mut beside = Vec::new();
    let body = match kind {
        "aws_cloudwatch_event_bus" => {
            from.all_of(&[("name", "Name"), ("description", "Description")])
        }
        "aws_cloudwatch_event_archive" => {
            let mut body = from.all_of(&[
                ("description", "Description"),
                ("event_source_arn", "SourceArn"),
                ("retention_days", "RetentionDays"),
            ]);
            body.insert("name".to_owned(), archive_name(&plan.bus).into());
            body
        }
        "aws_cloudwatch_event_rule" => {
            beside = targets(&name, &from);
            let mut body = from.all_of(&[
                ("name", "Name"),
                ("description", "Description"),
                ("event_bus_name", "EventBusName"),
                ("state", "State"),
            ]);
            body.insert("event_pattern".to_owned(), from.document("EventPattern"));
            body
        }
        "aws_sqs_queue" => queue(&from),
        "aws_sqs_queue_policy" => {
            let queue = from.get("Queues").get(0).cloned().unwrap_or_default();
            object([("queue_url", all.value(&queue)), ("policy", from.document("PolicyDocument"))])
        }
        "aws_dynamodb_table" => table(&from),
        "aws_iam_role" => {
            beside = attachments(&name, &from);
            object([("assume_role_policy", from.document("AssumeRolePolicyDocument"))])
        }
        "aws_iam_policy" => {
            let mut body = from.all_of(&[("description", "Description")]);
            body.insert("policy".to_owned(), from.document("PolicyDocument"));
            body
        }
        "aws_lambda_function" => function(&from),
        "aws_lambda_event_source_mapping" => {
            let mut body = from.all_of(&[
                ("event_source_arn", "EventSourceArn"),
                ("function_name", "FunctionName"),
                ("batch_size", "BatchSize"),
                ("function_response_types", "FunctionResponseTypes"),
            ]);
            if let Some(scaling) = from.given("ScalingConfig") {
                let most = json!({"maximum_concurrency": scaling["MaximumConcurrency"]});
                body.insert("scaling_config".to_owned(), most);
            }
            body
        }
        _ => alarm(plan, &resource.id, &from),
    };
    let mut blocks = vec![Block { kind, name, body }];
    blocks.append(&mut beside);
    for block in &mut blocks {
        block.body.insert("//".to_owned(), resource.comment.as_str().into());
    }
    if resource.deletion == Some("Retain")
        && let Some(first) = blocks.first_mut()
    {
        first.body.insert("lifecycle".to_owned(), json!({"prevent_destroy": true}));
    }
    blocks
}

/// The properties of a resource of CloudFormation.
struct Given<'a> {
    properties: &'a Value,
    all: &'a Addresses,
}

impl Given<'_> {
    fn get(&self, name: &str) -> &Value {
        self.properties.get(name).unwrap_or(&Value::Null)
    }

    fn given(&self, name: &str) -> Option<&Value> {
        self.properties.get(name)
    }

    /// The attributes whose values are those of properties.
    fn all_of(&self, attributes: &[(&str, &str)]) -> Map<String, Value> {
        let given = attributes.iter().filter_map(|(attribute, property)| {
            Some(((*attribute).to_owned(), self.all.value(self.given(property)?)))
        });
        given.collect()
    }

    fn document(&self, name: &str) -> Value {
        self.all.document(self.get(name))
    }
}

fn targets(rule: &str, from: &Given<'_>) -> Vec<Block> {
    let listed = from.get("Targets").as_array().cloned().unwrap_or_default();
    let one = listed.len() == 1;
    let target = |target: &Value| {
        let id = target["Id"].as_str().unwrap_or_default();
        let mut body = object([
            ("rule", Value::from(format!("${{aws_cloudwatch_event_rule.{rule}.name}}"))),
            ("event_bus_name", from.all.value(from.get("EventBusName"))),
            ("target_id", Value::from(escaped(id))),
            ("arn", from.all.value(&target["Arn"])),
            (
                "retry_policy",
                json!({
                    "maximum_event_age_in_seconds": target["RetryPolicy"]["MaximumEventAgeInSeconds"],
                    "maximum_retry_attempts": target["RetryPolicy"]["MaximumRetryAttempts"],
                }),
            ),
            (
                "dead_letter_config",
                json!({"arn": from.all.value(&target["DeadLetterConfig"]["Arn"])}),
            ),
        ]);
        if let Some(group) = target["SqsParameters"]["MessageGroupId"].as_str() {
            body.insert("sqs_target".to_owned(), json!({"message_group_id": escaped(group)}));
        }
        let name = if one { rule.to_owned() } else { format!("{rule}_{:08x}", hash(id)) };
        Block { kind: "aws_cloudwatch_event_target", name, body }
    };
    listed.iter().map(target).collect()
}

fn queue(from: &Given<'_>) -> Map<String, Value> {
    let mut body = from.all_of(&[
        ("name", "QueueName"),
        ("fifo_queue", "FifoQueue"),
        ("content_based_deduplication", "ContentBasedDeduplication"),
        ("visibility_timeout_seconds", "VisibilityTimeout"),
        ("message_retention_seconds", "MessageRetentionPeriod"),
        ("receive_wait_time_seconds", "ReceiveMessageWaitTimeSeconds"),
        ("sqs_managed_sse_enabled", "SqsManagedSseEnabled"),
    ]);
    if from.given("RedrivePolicy").is_some() {
        body.insert("redrive_policy".to_owned(), from.document("RedrivePolicy"));
    }
    body
}

fn table(from: &Given<'_>) -> Map<String, Value> {
    let mut body = from.all_of(&[("name", "TableName"), ("billing_mode", "BillingMode")]);
    let attributes = from.get("AttributeDefinitions").as_array().cloned().unwrap_or_default();
    let attribute = |it: &Value| {
        let name = from.all.value(&it["AttributeName"]);
        json!({"name": name, "type": it["AttributeType"]})
    };
    let attributes: Vec<Value> = attributes.iter().map(attribute).collect();
    body.insert("hash_key".to_owned(), from.all.value(&from.get("KeySchema")[0]["AttributeName"]));
    body.insert("attribute".to_owned(), attributes.into());
    let expires = from.get("TimeToLiveSpecification");
    let name = from.all.value(&expires["AttributeName"]);
    body.insert("ttl".to_owned(), json!({"attribute_name": name, "enabled": expires["Enabled"]}));
    let recovery = &from.get("PointInTimeRecoverySpecification")["PointInTimeRecoveryEnabled"];
    body.insert("point_in_time_recovery".to_owned(), json!({"enabled": recovery}));
    let encrypted = &from.get("SSESpecification")["SSEEnabled"];
    body.insert("server_side_encryption".to_owned(), json!({"enabled": encrypted}));
    body
}

fn attachments(role: &str, from: &Given<'_>) -> Vec<Block> {
    let policies = from.get("ManagedPolicyArns").as_array().cloned().unwrap_or_default();
    let attachment = |(at, policy): (usize, &Value)| Block {
        kind: "aws_iam_role_policy_attachment",
        name: format!("{role}_{}", at + 1),
        body: object([
            ("role", Value::from(format!("${{aws_iam_role.{role}.name}}"))),
            ("policy_arn", from.all.value(policy)),
        ]),
    };
    policies.iter().enumerate().map(attachment).collect()
}

fn function(from: &Given<'_>) -> Map<String, Value> {
    let mut body = from.all_of(&[
        ("function_name", "FunctionName"),
        ("description", "Description"),
        ("runtime", "Runtime"),
        ("architectures", "Architectures"),
        ("handler", "Handler"),
        ("role", "Role"),
        ("timeout", "Timeout"),
        ("memory_size", "MemorySize"),
    ]);
    let code = from.get("Code");
    body.insert("s3_bucket".to_owned(), from.all.value(&code["S3Bucket"]));
    body.insert("s3_key".to_owned(), from.all.value(&code["S3Key"]));
    let variables = from.all.value(&from.get("Environment")["Variables"]);
    body.insert("environment".to_owned(), json!({ "variables": variables }));
    body
}

fn alarm(plan: &Plan, id: &str, from: &Given<'_>) -> Map<String, Value> {
    let mut body = from.all_of(&[
        ("alarm_description", "AlarmDescription"),
        ("comparison_operator", "ComparisonOperator"),
        ("threshold", "Threshold"),
        ("evaluation_periods", "EvaluationPeriods"),
        ("datapoints_to_alarm", "DatapointsToAlarm"),
        ("treat_missing_data", "TreatMissingData"),
        ("namespace", "Namespace"),
        ("metric_name", "MetricName"),
        ("statistic", "Statistic"),
        ("extended_statistic", "ExtendedStatistic"),
        ("period", "Period"),
        ("alarm_actions", "AlarmActions"),
        ("ok_actions", "OKActions"),
    ]);
    // CloudFormation makes the name of an alarm, and Terraform asks for it: 255 characters at most.
    let name = format!("{}-${{var.stage}}-{id}", short(&plan.bus, 64));
    body.insert("alarm_name".to_owned(), name.into());
    if let Some(dimensions) = from.given("Dimensions") {
        body.insert("dimensions".to_owned(), by_name(dimensions, from.all));
    }
    let queries = from.get("Metrics").as_array().cloned().unwrap_or_default();
    if !queries.is_empty() {
        let queries: Vec<Value> =
            queries.iter().map(|query| self::query(query, from.all)).collect();
        body.insert("metric_query".to_owned(), queries.into());
    }
    body
}

fn query(query: &Value, all: &Addresses) -> Value {
    let mut body =
        object([("id", query["Id"].clone()), ("return_data", query["ReturnData"].clone())]);
    for (attribute, property) in [("expression", "Expression"), ("label", "Label")] {
        if let Some(value) = query.get(property) {
            body.insert(attribute.to_owned(), all.value(value));
        }
    }
    if let Some(statistic) = query.get("MetricStat") {
        let metric = &statistic["Metric"];
        let metric = json!({
            "namespace": metric["Namespace"],
            "metric_name": metric["MetricName"],
            "dimensions": by_name(&metric["Dimensions"], all),
            "period": statistic["Period"],
            "stat": statistic["Stat"],
        });
        body.insert("metric".to_owned(), metric);
    }
    Value::Object(body)
}

/// Dimensions as a map.
fn by_name(dimensions: &Value, all: &Addresses) -> Value {
    let dimensions = dimensions.as_array().cloned().unwrap_or_default();
    let one =
        |it: &Value| (it["Name"].as_str().unwrap_or_default().to_owned(), all.value(&it["Value"]));
    dimensions.iter().map(one).collect::<Map<_, _>>().into()
}

fn archive_name(bus: &str) -> String {
    format!("{}-${{var.stage}}", short(bus, MAX_ARCHIVE_NAME_CHARS - 1 - MAX_STAGE_CHARS))
}

/// A name that is at most so long; a longer one ends with a hash.
fn short(name: &str, most: usize) -> String {
    if name.len() <= most {
        return name.to_owned();
    }
    let room = most.saturating_sub("-01234567".len());
    let start: String = name.chars().take(room).collect();
    format!("{start}-{:08x}", hash(name))
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_bus_has_an_archive_with_a_name() {
        let name = archive_name(&"b".repeat(239));
        assert_eq!(name.replace("${var.stage}", &"s".repeat(16)).len(), 48);
        assert_eq!(archive_name("shop"), "shop-${var.stage}");
    }
}
