//! A topology as a CloudFormation template: everything that it needs in an account, deterministic and commented.
//!
//! What is lowered from a [`Plan`]:
//!
//! - the bus, its archive if one is asked for, and a rule for each consumer and major, each target with its retry
//!   policy and dead-letter queue
//! - three queues a consumer, the policies that let the rules send to them, tables with a time to live
//! - a function with its role and event source mapping for each consumer that runs in Lambda
//! - a managed policy for each publisher and each consumer, with no more than it needs
//! - [alarms](Options::alarms), each with its reason and the next step in its description
//!
//! Names of buses, queues and tables end with the stage, a parameter of the template: one template serves all stages.
//!
//! Mistakes that no linter finds cannot be made here: a queue without a policy for its rules, a FIFO queue as the
//! dead-letter queue of a rule, an alarm on a custom bus by `RuleName` alone, which never fires.

mod alarms;
mod functions;
mod intrinsic;
mod names;
mod policies;
mod print;
mod queues;
mod resource;
mod stage;

use serde_json::{Map, Value, json};

use crate::limits::{MAX_STACK_RESOURCES, MAX_TEMPLATE_BYTES};
use crate::plan::Plan;
use crate::{Problem, TopologyError};

pub use resource::Resource;
pub use stage::{InvalidStage, Stage};

/// What a template is made with.
///
/// # Example
///
/// ```
/// use event_topology::plan::Read;
/// use event_topology::template::{Options, Stage, Template};
/// use event_topology::{Declaration, Topology};
///
/// let placed = Read::new("order.placed", 1, 0, "app.shop");
/// let topology = Topology::on("shop").consumer(Declaration::new("emailer", [placed])).build()?;
/// let options = Options::new(Stage::new("prod")?).archive_days(30);
/// let template = Template::of(topology.plan(), &options)?;
/// assert!(template.to_yaml().contains("Type: AWS::Events::Rule"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Options {
    stage: Stage,
    alarms: bool,
    archive_days: Option<u32>,
}

impl Options {
    /// With alarms and without an archive; the stage is the default of the parameter `Stage`.
    pub fn new(stage: Stage) -> Self {
        Self { stage, alarms: true, archive_days: None }
    }

    /// Whether alarms are made (default: yes).
    pub fn alarms(self, alarms: bool) -> Self {
        Self { alarms, ..self }
    }

    /// Keeps all events of the bus in an archive for so many days, so that they can be replayed. 0 keeps them forever.
    pub fn archive_days(self, days: u32) -> Self {
        Self { archive_days: Some(days), ..self }
    }
}

/// A CloudFormation template.
#[derive(Debug, Clone)]
pub struct Template {
    description: String,
    stage: Stage,
    functions: bool,
    alarms: bool,
    resources: Vec<Resource>,
    outputs: Vec<(String, Value)>,
}

impl Template {
    /// The template of a plan.
    ///
    /// # Errors
    ///
    /// [`TopologyError`] if the plan does not hold together ([`Plan::problems`]), or CloudFormation would refuse the
    /// template for its size.
    pub fn of(plan: &Plan, options: &Options) -> Result<Self, TopologyError> {
        TopologyError::of(plan.problems())?;
        let names = names::Names::of(plan);
        let mut resources = queues::resources(plan, &names, options.archive_days);
        resources.extend(functions::resources(plan, &names));
        resources.extend(policies::resources(plan, &names));
        if options.alarms {
            resources.extend(alarms::resources(plan, &names));
        }
        let functions = plan.consumers.iter().any(|consumer| functions::of(consumer).is_some());
        let template = Self {
            description: format!(
                "Event bus {} and its consumers, from topology.json (cargo event template)",
                plan.bus
            ),
            stage: options.stage.clone(),
            functions,
            alarms: options.alarms,
            resources,
            outputs: queues::outputs(plan, &names),
        };
        TopologyError::of(template.problems())?;
        Ok(template)
    }

    /// The resources, in the order in which they are printed.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The template as YAML, with a comment at each resource that says which declaration it comes from.
    pub fn to_yaml(&self) -> String {
        print::yaml(self)
    }

    /// The template as JSON.
    pub fn to_json(&self) -> Value {
        let mut resources = Map::new();
        for resource in &self.resources {
            resources.insert(resource.id.clone(), resource.to_json());
        }
        let mut template = Map::new();
        for (section, value) in self.head() {
            template.insert(section.to_owned(), value);
        }
        template.insert("Resources".to_owned(), Value::Object(resources));
        template.insert("Outputs".to_owned(), self.outputs.iter().cloned().collect());
        Value::Object(template)
    }

    /// The sections before the resources.
    fn head(&self) -> Vec<(&'static str, Value)> {
        let mut parameters = Map::new();
        parameters.insert(
            "Stage".to_owned(),
            json!({
                "Type": "String",
                "Default": self.stage.as_str(),
                "AllowedPattern": stage::PATTERN,
                "Description": "Names of buses, queues and tables end with it.",
            }),
        );
        let mut conditions = Map::new();
        if self.alarms {
            parameters.insert(
                "AlarmTopicArn".to_owned(),
                json!({
                    "Type": "String",
                    "Default": "",
                    "Description": "The SNS topic that alarms notify. Empty: alarms change their state and notify nobody.",
                }),
            );
            conditions.insert(
                "HasAlarmTopic".to_owned(),
                json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmTopicArn"}, ""]}]}),
            );
        }
        if self.functions {
            parameters.insert(
                "CodeBucket".to_owned(),
                json!({"Type": "String", "Description": "The S3 bucket with the code of the functions."}),
            );
            parameters.insert(
                "CodePrefix".to_owned(),
                json!({
                    "Type": "String",
                    "Default": "",
                    "Description": "What the keys begin with: the code of a consumer is at <prefix><consumer>/bootstrap.zip.",
                }),
            );
        }
        let mut head = vec![
            ("AWSTemplateFormatVersion", json!("2010-09-09")),
            ("Description", json!(self.description)),
            ("Parameters", Value::Object(parameters)),
        ];
        if !conditions.is_empty() {
            head.push(("Conditions", Value::Object(conditions)));
        }
        head
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let count = self.resources.len();
        if count > MAX_STACK_RESOURCES {
            problems.push(Problem::new(
                "stack-resources",
                None,
                format!("the template has {count} resources"),
                format!("a CloudFormation stack has at most {MAX_STACK_RESOURCES}"),
                "use `.one_rule()` for consumers of many events, a template without alarms, or one topology per service",
            ));
        }
        let bytes = self.to_yaml().len();
        if bytes > MAX_TEMPLATE_BYTES {
            problems.push(Problem::new(
                "template-bytes",
                None,
                format!("the template has {bytes} bytes"),
                format!("CloudFormation takes at most {MAX_TEMPLATE_BYTES}"),
                "use one topology per service",
            ));
        }
        problems
    }
}
