//! A topology as a CloudFormation or SAM [`Template`], or as a [`Terraform`] configuration: everything that it needs in an account, deterministic and commented.
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
mod terraform;

use serde_json::{Map, Value, json};

use crate::limits::{MAX_STACK_RESOURCES, MAX_TEMPLATE_BYTES};
use crate::plan::Plan;
use crate::{Problem, TopologyError};

pub use resource::Resource;
pub use stage::{InvalidStage, Stage};
pub use terraform::Terraform;

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
    sam: bool,
}

impl Options {
    /// With alarms and without an archive; the stage is the default of the parameter `Stage`.
    pub fn new(stage: Stage) -> Self {
        Self { stage, alarms: true, archive_days: None, sam: false }
    }

    /// Whether functions are those of SAM, with the queue among their events (default: no).
    pub fn sam(self, sam: bool) -> Self {
        Self { sam, ..self }
    }

    /// Whether alarms are made (default: yes).
    pub fn alarms(self, alarms: bool) -> Self {
        Self { alarms, ..self }
    }

    /// Keeps all events of the bus in an archive for so many days, so that they can be replayed. 0 keeps them forever. No
    /// effect where another service makes the bus.
    pub fn archive_days(self, days: u32) -> Self {
        Self { archive_days: Some(days), ..self }
    }
}

/// What a plan is lowered to, whatever the language: resources with the properties of CloudFormation.
#[derive(Debug, Clone)]
struct Lowered {
    description: String,
    resources: Vec<Resource>,
    outputs: Vec<(String, Value)>,
}

impl Lowered {
    fn of(plan: &Plan, options: &Options) -> Result<Self, TopologyError> {
        TopologyError::of(plan.problems())?;
        let names = names::Names::of(plan);
        let mut resources = queues::resources(plan, &names, options.archive_days);
        resources.extend(functions::resources(plan, &names, options.sam));
        resources.extend(policies::resources(plan, &names));
        if options.alarms {
            resources.extend(alarms::resources(plan, &names));
        }
        TopologyError::of(policies::problems(&resources))?;
        let description = format!(
            "Event bus {} and its consumers, from topology.json (cargo event template)",
            plan.bus
        );
        Ok(Self { description, resources, outputs: queues::outputs(plan, &names) })
    }

    fn has(&self, kind: &str) -> bool {
        self.resources.iter().any(|resource| resource.kind == kind)
    }

    /// What a deployment sets. The default of the first one is the stage.
    fn parameters(&self) -> Vec<Parameter> {
        let mut parameters = vec![Parameter {
            name: "Stage",
            description: "Names of buses, queues, tables and functions end with it.",
            default: None,
        }];
        let mut add = |name, description, default| {
            parameters.push(Parameter { name, description, default });
        };
        if self.has("AWS::CloudWatch::Alarm") {
            let pages = "The SNS topic that urgent alarms notify. Empty: they change their state and notify nobody.";
            let warnings = "The SNS topic that warnings notify. Empty: they notify the topic of urgent alarms.";
            add("AlarmTopicArn", pages, Some(""));
            add("WarningTopicArn", warnings, Some(""));
        }
        if self.has("AWS::Lambda::Function") || self.has("AWS::Serverless::Function") {
            let prefix = "What the keys begin with: the code of a consumer is at <prefix><consumer>/bootstrap.zip.";
            add("CodeBucket", "The S3 bucket with the code of the functions.", None);
            add("CodePrefix", prefix, Some(""));
        }
        parameters
    }
}

/// What a deployment sets.
struct Parameter {
    name: &'static str,
    description: &'static str,
    /// `None`: it must be set, except for the stage.
    default: Option<&'static str>,
}

/// A CloudFormation template.
#[derive(Debug, Clone)]
pub struct Template {
    stage: Stage,
    sam: bool,
    lowered: Lowered,
}

impl Template {
    /// The template of a plan.
    ///
    /// # Errors
    ///
    /// [`TopologyError`] if the plan does not hold together ([`Plan::problems`]), or CloudFormation would refuse the
    /// template for its size.
    pub fn of(plan: &Plan, options: &Options) -> Result<Self, TopologyError> {
        let lowered = Lowered::of(plan, options)?;
        let template = Self { stage: options.stage.clone(), sam: options.sam, lowered };
        TopologyError::of(template.problems())?;
        Ok(template)
    }

    /// The resources, in the order in which they are printed.
    pub fn resources(&self) -> &[Resource] {
        &self.lowered.resources
    }

    /// The template as YAML, with a comment at each resource that says which declaration it comes from.
    pub fn to_yaml(&self) -> String {
        print::yaml(self)
    }

    /// The template as JSON.
    pub fn to_json(&self) -> Value {
        let mut resources = Map::new();
        for resource in &self.lowered.resources {
            resources.insert(resource.id.clone(), resource.to_json());
        }
        let mut template = Map::new();
        for (section, value) in self.head() {
            template.insert(section.to_owned(), value);
        }
        template.insert("Resources".to_owned(), Value::Object(resources));
        template.insert("Outputs".to_owned(), self.lowered.outputs.iter().cloned().collect());
        intrinsic::sorted(&Value::Object(template))
    }

    /// The sections before the resources.
    fn head(&self) -> Vec<(&'static str, Value)> {
        let mut parameters = Map::new();
        for parameter in self.lowered.parameters() {
            let Parameter { name, description, default } = parameter;
            let mut one = json!({"Type": "String", "Description": description});
            if name == "Stage" {
                one["Default"] = json!(self.stage.as_str());
                one["AllowedPattern"] = json!(stage::PATTERN);
            } else if let Some(default) = default {
                one["Default"] = json!(default);
            }
            parameters.insert(name.to_owned(), one);
        }
        let mut head = vec![("AWSTemplateFormatVersion", json!("2010-09-09"))];
        if self.sam {
            head.push(("Transform", json!("AWS::Serverless-2016-10-31")));
        }
        head.push(("Description", json!(self.lowered.description)));
        head.push(("Parameters", Value::Object(parameters)));
        if self.lowered.has("AWS::CloudWatch::Alarm") {
            let given = |topic: &str| json!({"Fn::Not": [{"Fn::Equals": [{"Ref": topic}, ""]}]});
            head.push((
                "Conditions",
                json!({"HasAlarmTopic": given("AlarmTopicArn"), "HasWarningTopic": given("WarningTopicArn")}),
            ));
        }
        head
    }

    /// The resources that SAM adds: an event source mapping for each function.
    fn made_by_sam(&self) -> usize {
        let functions = self.lowered.resources.iter();
        functions.filter(|resource| resource.kind == "AWS::Serverless::Function").count()
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let count = self.lowered.resources.len() + self.made_by_sam();
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
