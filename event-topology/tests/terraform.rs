//! A configuration of Terraform against the attributes of the provider, which were taken from its schema
//! (`tests/terraform/provider.py`). `terraform validate` needs the provider itself; this needs nothing.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

mod common;

use std::collections::BTreeSet;

use common::{everything, options};
use event_topology::plan::{Plan, Read};
use event_topology::template::{Resource, Template, Terraform};
use event_topology::{Declaration, Topology};
use serde_json::{Map, Value, json};

/// What Terraform itself takes in any resource.
const OF_ANY: [&str; 2] = ["//", "lifecycle"];

fn provider() -> Value {
    serde_json::from_str(include_str!("terraform/provider.json")).unwrap()
}

fn terraform(plan: &Plan) -> Value {
    Terraform::of(plan, &options().archive_days(30)).unwrap().to_json().clone()
}

/// What the provider would say about a block.
fn mistakes(
    path: &str,
    body: &Map<String, Value>,
    schema: &Map<String, Value>,
    found: &mut Vec<String>,
) {
    for (name, value) in body {
        if OF_ANY.contains(&name.as_str()) {
            continue;
        }
        let path = format!("{path}.{name}");
        let Some(attribute) = schema.get(name) else {
            found.push(format!("{path}: the provider has no such attribute"));
            continue;
        };
        if let Some(fields) = attribute.get("fields") {
            let blocks = match value {
                Value::Array(blocks) if attribute["many"] == true => blocks.clone(),
                Value::Object(_) => vec![value.clone()],
                _ => {
                    found.push(format!("{path}: not a block"));
                    continue;
                }
            };
            for block in blocks {
                mistakes(&path, block.as_object().unwrap(), fields.as_object().unwrap(), found);
            }
            continue;
        }
        // a string may be an expression of any type
        let expression = value.as_str().is_some_and(|text| text.starts_with("${"));
        let fits = match attribute["type"].as_str().unwrap() {
            "string" => value.is_string(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "strings" => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
            "map" => value.as_object().is_some_and(|map| map.values().all(Value::is_string)),
            other => panic!("{path}: {other}"),
        };
        if !fits && !expression {
            found.push(format!("{path}: {value} is not of type {}", attribute["type"]));
        }
    }
    for (name, attribute) in schema {
        if attribute["required"] == true && !body.contains_key(name) {
            found.push(format!("{path}.{name}: missing"));
        }
    }
}

fn all_mistakes(configuration: &Value) -> Vec<String> {
    let provider = provider();
    let mut found = Vec::new();
    for (kind, resources) in configuration["resource"].as_object().unwrap() {
        let Some(schema) = provider["resources"].get(kind) else {
            found.push(format!("{kind}: the provider has no such resource"));
            continue;
        };
        for (name, body) in resources.as_object().unwrap() {
            let path = format!("{kind}.{name}");
            mistakes(&path, body.as_object().unwrap(), schema.as_object().unwrap(), &mut found);
        }
    }
    found
}

/// Every `${..}` of a configuration, as the words of its expression.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            for (at, _) in text.match_indices("${") {
                if text[..at].ends_with('$') {
                    continue;
                }
                let expression = text[at + 2..].split('}').next().unwrap();
                let word = |c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_');
                let words = expression.split(word).filter(|it| it.contains('.'));
                found.extend(words.map(ToOwned::to_owned));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(members) => members.values().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn attributes_are_those_of_the_provider() {
    let configuration = terraform(&everything());
    assert_eq!(all_mistakes(&configuration), Vec::<String>::new());
    // each type that a template makes is among them
    let kinds: Vec<&String> = configuration["resource"].as_object().unwrap().keys().collect();
    assert_eq!(kinds.len(), 13, "{kinds:?}");
}

#[test]
fn mistakes_in_a_configuration_are_found() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 5] = [
        ("no such attribute", |it| {
            it["aws_sqs_queue"]["emailer_queue"]["visibility_timeout"] = json!(5);
        }),
        ("missing", |it| {
            it["aws_cloudwatch_event_bus"]["bus"].as_object_mut().unwrap().remove("name");
        }),
        ("not of type", |it| it["aws_sqs_queue"]["emailer_queue"]["name"] = json!(5)),
        ("no such resource", |it| it["aws_sqs_quue"] = json!({"x": {}})),
        ("not a block", |it| it["aws_dynamodb_table"]["claims_table"]["ttl"] = json!("expiration")),
    ];
    for (expected, change) in changes {
        let mut configuration = terraform(&everything());
        change(&mut configuration["resource"]);
        let found = all_mistakes(&configuration);
        assert!(found.iter().any(|it| it.contains(expected)), "{expected}: {found:?}");
    }
}

#[test]
fn every_reference_is_to_something_in_the_configuration() {
    let configuration = terraform(&everything());
    let mut found = BTreeSet::new();
    references(&configuration["resource"], &mut found);
    references(&configuration["output"], &mut found);
    assert!(found.len() > 30, "{found:?}");
    for reference in found {
        let parts: Vec<&str> = reference.split('.').collect();
        let known = match parts[0] {
            "var" => configuration["variable"].get(parts[1]).is_some(),
            "data" => configuration["data"][parts[1]].get(parts[2]).is_some(),
            kind => configuration["resource"][kind].get(parts[1]).is_some(),
        };
        assert!(known, "{reference}");
    }
}

#[test]
fn both_languages_have_the_same_resources() {
    let plan = everything();
    let options = options().archive_days(30);
    let template = Template::of(&plan, &options).unwrap();
    let configuration = terraform(&plan);
    let count = |kind: &str| configuration["resource"][kind].as_object().map_or(0, Map::len);
    let of_kind = |kind: &str| template.resources().iter().filter(|it| it.kind() == kind).count();
    for (cloudformation, terraform) in [
        ("AWS::Events::Rule", "aws_cloudwatch_event_rule"),
        ("AWS::Events::Rule", "aws_cloudwatch_event_target"),
        ("AWS::SQS::Queue", "aws_sqs_queue"),
        ("AWS::SQS::QueuePolicy", "aws_sqs_queue_policy"),
        ("AWS::CloudWatch::Alarm", "aws_cloudwatch_metric_alarm"),
        ("AWS::IAM::ManagedPolicy", "aws_iam_policy"),
        ("AWS::Lambda::EventSourceMapping", "aws_lambda_event_source_mapping"),
    ] {
        assert!(of_kind(cloudformation) > 0, "{cloudformation}");
        assert_eq!(of_kind(cloudformation), count(terraform), "{terraform}");
    }
    // No property of CloudFormation is lost: a value of each is in Terraform's text.
    let text = configuration.to_string();
    let scalars = |resource: &Resource| {
        let mut found = Vec::new();
        scalars(resource.properties(), &mut found);
        found
    };
    // `hash_key` says that the key is a hash
    for scalar in template.resources().iter().flat_map(scalars).filter(|it| it != "HASH") {
        assert!(text.contains(&scalar), "{scalar}");
    }
}

/// Numbers and plain strings of a value, but those of functions and of names that Terraform spells otherwise.
fn scalars(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Number(number) => found.push(number.to_string()),
        Value::String(text)
            if text.chars().all(|c| c.is_ascii_alphanumeric() || "-:.".contains(c)) =>
        {
            found.push(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| scalars(item, found)),
        Value::Object(members) => {
            let function = |name: &String| name == "Ref" || name.starts_with("Fn::");
            if !(members.len() == 1 && members.keys().all(function)) {
                members.values().for_each(|value| scalars(value, found));
            }
        }
        _ => {}
    }
}

#[test]
fn texts_of_a_plan_cannot_be_expressions() {
    let mut plan = everything();
    for read in plan.consumers.iter_mut().flat_map(|it| &mut it.reads) {
        read.event_type = "${file(\"/etc/passwd\")}%{ if true }".to_owned();
    }
    let evil = Read::new("order.${var.stage}", 1, 0, "app.%{for}");
    let consumer = Declaration::new("emailer", [evil]);
    let plan = Topology::on("shop").consumer(consumer).build().unwrap().plan().clone();
    let configuration = terraform(&plan);
    let rules = configuration["resource"]["aws_cloudwatch_event_rule"].as_object().unwrap();
    let pattern = rules.values().next().unwrap()["event_pattern"].as_str().unwrap();
    assert!(
        pattern.contains("order.$${var.stage}:v1") && pattern.contains("app.%%{for}"),
        "{pattern}"
    );
}

#[test]
fn same_plan_gives_same_bytes() {
    let plan = everything();
    let text = || Terraform::of(&plan, &options()).unwrap().to_text();
    assert_eq!(text(), text());
    let read: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    assert_eq!(Terraform::of(&read, &options()).unwrap().to_text(), text());
}

#[test]
fn what_holds_events_is_not_destroyed() {
    let configuration = terraform(&everything());
    let queues = configuration["resource"]["aws_sqs_queue"].as_object().unwrap();
    for (name, queue) in queues {
        let kept = queue["lifecycle"]["prevent_destroy"] == true;
        assert_eq!(kept, name.contains("failed") || name.contains("undelivered"), "{name}");
    }
}
