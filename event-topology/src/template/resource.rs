//! A resource of a template, and the properties of each kind that is made here.

use serde::Serialize;
use serde_json::{Map, Value};

use super::intrinsic::sorted;

/// A resource of a template.
#[derive(Debug, Clone)]
pub struct Resource {
    pub(super) id: String,
    pub(super) comment: String,
    pub(super) kind: &'static str,
    pub(super) deletion: Option<&'static str>,
    pub(super) properties: Value,
}

impl Resource {
    pub(super) fn new(
        id: impl Into<String>,
        comment: impl Into<String>,
        properties: &impl Properties,
    ) -> Self {
        Self {
            id: id.into(),
            comment: comment.into(),
            kind: properties.kind(),
            deletion: None,
            properties: sorted(&serde_json::to_value(properties).unwrap_or_default()),
        }
    }

    /// The resource outlives its stack: what is in it is not made again.
    pub(super) fn retained(self) -> Self {
        Self { deletion: Some("Retain"), ..self }
    }

    /// The resource goes with its stack, although something may be in it.
    pub(super) fn deleted(self) -> Self {
        Self { deletion: Some("Delete"), ..self }
    }

    /// The logical id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The type, such as `AWS::SQS::Queue`.
    pub fn kind(&self) -> &str {
        self.kind
    }

    /// Which declaration the resource comes from.
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// The properties.
    pub fn properties(&self) -> &Value {
        &self.properties
    }

    pub(super) fn to_json(&self) -> Value {
        let mut resource = Map::new();
        for (name, value) in self.head() {
            resource.insert(name.to_owned(), value.into());
        }
        resource.insert("Metadata".to_owned(), serde_json::json!({"Declaration": self.comment}));
        resource.insert("Properties".to_owned(), self.properties.clone());
        Value::Object(resource)
    }

    /// The attributes before the properties.
    pub(super) fn head(&self) -> Vec<(&'static str, &'static str)> {
        let mut head = vec![("Type", self.kind)];
        if let Some(deletion) = self.deletion {
            head.extend([("DeletionPolicy", deletion), ("UpdateReplacePolicy", deletion)]);
        }
        head
    }
}

/// Properties of one type of resource.
pub(super) trait Properties: Serialize {
    fn kind(&self) -> &'static str;
}

macro_rules! properties {
    ($($(#[$docs:meta])* $name:ident $kind:literal { $($(#[$attribute:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$docs])*
            #[derive(Debug, Clone, Serialize)]
            #[serde(rename_all = "PascalCase")]
            #[allow(clippy::struct_field_names, reason = "the names are CloudFormation's")]
            pub(super) struct $name {
                $(
                    $(#[$attribute])*
                    #[serde(skip_serializing_if = "absent")]
                    pub(super) $field: $type,
                )*
            }

            impl Properties for $name {
                fn kind(&self) -> &'static str {
                    $kind
                }
            }
        )*
    };
}

properties! {
    /// A custom bus.
    EventBus "AWS::Events::EventBus" {
        name: Value,
        description: String,
    }
    /// An archive of a bus.
    Archive "AWS::Events::Archive" {
        description: String,
        source_arn: Value,
        retention_days: u32,
    }
    /// A rule of a bus.
    Rule "AWS::Events::Rule" {
        name: String,
        description: String,
        event_bus_name: Value,
        event_pattern: Value,
        state: &'static str,
        targets: Vec<Value>,
    }
    /// A queue.
    Queue "AWS::SQS::Queue" {
        queue_name: Value,
        fifo_queue: Option<bool>,
        content_based_deduplication: Option<bool>,
        visibility_timeout: u64,
        message_retention_period: u64,
        receive_message_wait_time_seconds: u64,
        sqs_managed_sse_enabled: bool,
        redrive_policy: Option<Value>,
    }
    /// Who may send to a queue.
    QueuePolicy "AWS::SQS::QueuePolicy" {
        queues: Vec<Value>,
        policy_document: Value,
    }
    /// A table.
    Table "AWS::DynamoDB::Table" {
        table_name: Value,
        billing_mode: &'static str,
        attribute_definitions: Value,
        key_schema: Value,
        time_to_live_specification: Value,
        point_in_time_recovery_specification: Value,
        #[serde(rename = "SSESpecification")]
        sse_specification: Value,
    }
    /// A role.
    Role "AWS::IAM::Role" {
        assume_role_policy_document: Value,
        managed_policy_arns: Vec<Value>,
    }
    /// A policy that can be attached to roles.
    ManagedPolicy "AWS::IAM::ManagedPolicy" {
        description: String,
        policy_document: Value,
    }
    /// A function.
    Function "AWS::Lambda::Function" {
        function_name: Value,
        description: String,
        runtime: &'static str,
        architectures: Vec<&'static str>,
        handler: &'static str,
        role: Value,
        code: Value,
        timeout: u64,
        memory_size: u32,
        environment: Value,
    }
    /// A function with what it is invoked by, as SAM has it.
    ServerlessFunction "AWS::Serverless::Function" {
        function_name: Value,
        description: String,
        runtime: &'static str,
        architectures: Vec<&'static str>,
        handler: &'static str,
        role: Value,
        code_uri: Value,
        timeout: u64,
        memory_size: u32,
        environment: Value,
        events: Value,
    }
    /// What a function is invoked by.
    EventSourceMapping "AWS::Lambda::EventSourceMapping" {
        event_source_arn: Value,
        function_name: Value,
        batch_size: u32,
        function_response_types: Vec<&'static str>,
        scaling_config: Option<Value>,
    }
    /// An alarm.
    Alarm "AWS::CloudWatch::Alarm" {
        alarm_description: String,
        comparison_operator: &'static str,
        threshold: f64,
        evaluation_periods: u32,
        datapoints_to_alarm: u32,
        treat_missing_data: &'static str,
        namespace: Option<&'static str>,
        metric_name: Option<&'static str>,
        dimensions: Option<Value>,
        statistic: Option<&'static str>,
        extended_statistic: Option<&'static str>,
        period: Option<u32>,
        metrics: Option<Value>,
        alarm_actions: Value,
        #[serde(rename = "OKActions")]
        ok_actions: Value,
    }
}

/// The queue that invokes a function, as SAM has it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SqsEvent {
    pub(super) queue: Value,
    pub(super) batch_size: u32,
    pub(super) function_response_types: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scaling_config: Option<Value>,
}

/// Whether a property is left out: an option without a value.
fn absent<T: Serialize>(value: &T) -> bool {
    matches!(serde_json::to_value(value), Ok(Value::Null) | Err(_))
}
