//! A topology as a configuration of Terraform or OpenTofu, in their JSON syntax.
//!
//! Made of the same resources as a CloudFormation template, each translated property by property. Attributes are those
//! of `hashicorp/aws` 6, checked by a test against a list that was taken from the provider's schema.

mod convert;
mod expression;

use serde_json::{Map, Value, json};

use self::expression::{Address, Addresses, escaped, snake};
use super::intrinsic::sorted;
use super::{Lowered, Options, Parameter, Stage, stage};
use crate::TopologyError;
use crate::plan::Plan;

/// A configuration of Terraform or OpenTofu: the content of a `.tf.json` file.
///
/// Each resource has a comment (the key `//`) that says which declaration it comes from.
///
/// # Example
///
/// ```
/// use event_topology::plan::Read;
/// use event_topology::template::{Options, Stage, Terraform};
/// use event_topology::{Declaration, Topology};
///
/// let placed = Read::new("order.placed", 1, 0, "app.shop");
/// let topology = Topology::on("shop").consumer(Declaration::new("emailer", [placed])).build()?;
/// let terraform = Terraform::of(topology.plan(), &Options::new(Stage::new("prod")?))?;
/// let queue = &terraform.to_json()["resource"]["aws_sqs_queue"]["emailer_queue"];
/// assert_eq!(queue["name"], "emailer-${var.stage}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Terraform {
    configuration: Value,
}

/// A resource of Terraform.
#[derive(Debug)]
struct Block {
    kind: &'static str,
    name: String,
    body: Map<String, Value>,
}

impl Terraform {
    /// The configuration of a plan.
    ///
    /// # Errors
    ///
    /// [`TopologyError`] if the plan does not hold together ([`Plan::problems`]).
    pub fn of(plan: &Plan, options: &Options) -> Result<Self, TopologyError> {
        let lowered = Lowered::of(plan, &options.clone().sam(false))?;
        let addresses = Addresses::new(lowered.resources.iter().map(|resource| {
            let kind = convert::kind(resource.kind);
            (resource.id.clone(), Address { kind, name: snake(&resource.id) })
        }));
        let mut resources: Map<String, Value> = Map::new();
        for resource in &lowered.resources {
            for block in convert::blocks(plan, resource, &addresses) {
                let of_kind = resources.entry(block.kind).or_insert_with(|| json!({}));
                of_kind[block.name] = Value::Object(block.body);
            }
        }
        let mut outputs = Map::new();
        for (name, output) in &lowered.outputs {
            let output = json!({
                "description": escaped(output["Description"].as_str().unwrap_or_default()),
                "value": addresses.value(&output["Value"]),
            });
            outputs.insert(snake(name), output);
        }
        let mut configuration = json!({
            "//": lowered.description,
            "terraform": {
                "required_version": ">= 1.5",
                "required_providers": {"aws": {"source": "hashicorp/aws", "version": ">= 6.0"}},
            },
            "variable": variables(&lowered, &options.stage),
        });
        let text = Value::Object(resources.clone()).to_string();
        let data = [
            ("aws_partition", "data.aws_partition."),
            ("aws_region", "data.aws_region."),
            ("aws_caller_identity", "data.aws_caller_identity."),
        ];
        for (kind, used) in data {
            if text.contains(used) || Value::Object(outputs.clone()).to_string().contains(used) {
                configuration["data"][kind] = json!({"current": {}});
            }
        }
        configuration["resource"] = Value::Object(resources);
        configuration["output"] = Value::Object(outputs);
        Ok(Self { configuration: sorted(&configuration) })
    }

    /// The configuration.
    pub fn to_json(&self) -> &Value {
        &self.configuration
    }

    /// The configuration as the text of a file.
    pub fn to_text(&self) -> String {
        format!("{:#}\n", self.configuration)
    }
}

fn variables(lowered: &Lowered, stage: &Stage) -> Map<String, Value> {
    let variable = |Parameter { name, description, default }: Parameter| {
        let mut variable = json!({"type": "string", "description": escaped(description)});
        if name == "Stage" {
            variable["default"] = json!(stage.as_str());
            variable["validation"] = json!([{
                "condition": format!("${{can(regex(\"{}\", var.stage))}}", stage::PATTERN),
                "error_message": "A stage has 1 to 16 lower-case letters, digits and hyphens.",
            }]);
        } else if let Some(default) = default {
            variable["default"] = json!(default);
        }
        (snake(name), variable)
    };
    lowered.parameters().into_iter().map(variable).collect()
}
