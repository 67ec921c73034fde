//! Consumers that run in Lambda functions.

use serde_json::json;

use super::intrinsic::{attribute, literal, reference};
use super::names::{Kind, Names};
use super::resource::{EventSourceMapping, Function, Resource, Role, ServerlessFunction, SqsEvent};
use crate::plan::{self, Host, Plan};

/// The function of a consumer, if it runs in one.
pub(super) fn of(consumer: &plan::Consumer) -> Option<&plan::Function> {
    match &consumer.host {
        Host::Function(function) => Some(function),
        Host::Poller => None,
    }
}

/// The logical id of a consumer's function.
pub(super) fn id(consumer: &plan::Consumer, names: &Names) -> String {
    format!("{}Function", names.id(Kind::Consumer, &consumer.name))
}

pub(super) fn resources(plan: &Plan, names: &Names, sam: bool) -> Vec<Resource> {
    let hosted = plan.consumers.iter().filter_map(|consumer| Some((consumer, of(consumer)?)));
    hosted.flat_map(|(consumer, function)| resources_of(consumer, function, names, sam)).collect()
}

fn resources_of(
    consumer: &plan::Consumer,
    hosted: &plan::Function,
    names: &Names,
    sam: bool,
) -> Vec<Resource> {
    let name = &consumer.name;
    let (id, base) = (id(consumer, names), names.id(Kind::Consumer, name));
    let role = Role {
        assume_role_policy_document: json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }],
        }),
        managed_policy_arns: vec![
            json!({"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}),
            reference(&format!("{base}Policy")),
        ],
    };
    let function = Function {
        function_name: json!({"Fn::Sub": format!("{}-${{Stage}}", literal(&name.replace('.', "-")))}),
        description: format!("Consumer {name}."),
        runtime: "provided.al2023",
        architectures: vec!["arm64"],
        handler: "bootstrap",
        role: attribute(&format!("{base}Role"), "Arn"),
        code: json!({
            "S3Bucket": reference("CodeBucket"),
            "S3Key": {"Fn::Sub": format!("${{CodePrefix}}{}/bootstrap.zip", literal(name))},
        }),
        timeout: hosted.timeout_seconds,
        memory_size: hosted.memory_megabytes,
        environment: json!({"Variables": {"STAGE": reference("Stage")}}),
    };
    let mapping = EventSourceMapping {
        event_source_arn: attribute(&names.id(Kind::Queue, &consumer.queue), "Arn"),
        function_name: reference(&id),
        batch_size: hosted.batch_size,
        // Without it, one bad message sends the whole batch back.
        function_response_types: vec!["ReportBatchItemFailures"],
        // Lambda takes 2 or more here.
        scaling_config: (consumer.concurrency > 1)
            .then(|| json!({"MaximumConcurrency": consumer.concurrency.min(1000)})),
    };
    let role =
        Resource::new(format!("{base}Role"), format!("the role of consumer `{name}`"), &role);
    if sam {
        let comment = format!("consumer `{name}` runs in a function, which its queue invokes");
        let function = ServerlessFunction::of(function, mapping);
        return vec![role, Resource::new(&*id, comment, &function)];
    }
    vec![
        role,
        Resource::new(&*id, format!("consumer `{name}` runs in a function"), &function),
        Resource::new(
            format!("{base}Source"),
            format!("the queue of consumer `{name}` invokes its function"),
            &mapping,
        ),
    ]
}

impl ServerlessFunction {
    /// The function and what invokes it in one, as SAM has it.
    fn of(function: Function, mapping: EventSourceMapping) -> Self {
        Self {
            function_name: function.function_name,
            description: function.description,
            runtime: function.runtime,
            architectures: function.architectures,
            handler: function.handler,
            role: function.role,
            code_uri: json!({"Bucket": function.code["S3Bucket"], "Key": function.code["S3Key"]}),
            timeout: function.timeout,
            memory_size: function.memory_size,
            environment: function.environment,
            events: json!({"Queue": {"Type": "SQS", "Properties": SqsEvent {
                queue: mapping.event_source_arn,
                batch_size: mapping.batch_size,
                function_response_types: mapping.function_response_types,
                scaling_config: mapping.scaling_config,
            }}}),
        }
    }
}
