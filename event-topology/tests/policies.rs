//! What the policies of a template allow, by a small evaluation of IAM: *IAM User Guide*, "Policy evaluation logic" and
//! "Set operators for multivalued context keys".

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

mod common;

use std::collections::BTreeMap;

use common::{everything, options};
use event_topology::template::Template;
use serde_json::{Value, json};

/// A request: an action on a resource (a logical id), with values of condition keys.
struct Request<'a> {
    action: &'a str,
    resource: &'a str,
    keys: BTreeMap<&'a str, Vec<&'a str>>,
}

fn listed(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

/// `*` stands for any text.
fn like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => {
            let Some(after) = text.strip_prefix(start) else { return false };
            (0..=after.len()).any(|at| after.is_char_boundary(at) && like(rest, &after[at..]))
        }
    }
}

fn condition(operator: &str, key: &str, expected: &Value, request: &Request<'_>) -> bool {
    let given = request.keys.get(key).filter(|values| !values.is_empty());
    let any = |value: &&str, same: fn(&str, &str) -> bool| {
        listed(expected).iter().any(|it| same(it.as_str().unwrap(), value))
    };
    match operator {
        "Null" => (expected == "true") == given.is_none(),
        // also met by a request without the key
        "ForAllValues:StringEquals" => {
            given.is_none_or(|all| all.iter().all(|value| any(value, |a, b| a == b)))
        }
        "ForAllValues:StringLike" => {
            given.is_none_or(|all| all.iter().all(|value| any(value, like)))
        }
        other => panic!("{other}"),
    }
}

fn allows(document: &Value, request: &Request<'_>) -> bool {
    listed(&document["Statement"]).iter().any(|statement| {
        let action = listed(&statement["Action"])
            .iter()
            .any(|it| like(it.as_str().unwrap(), request.action));
        let arn = json!({"Fn::GetAtt": [request.resource, "Arn"]});
        let resource = listed(&statement["Resource"]).contains(&arn);
        let conditions = statement["Condition"].as_object().cloned().unwrap_or_default();
        let met = conditions.iter().all(|(operator, keys)| {
            keys.as_object().unwrap().iter().all(|(key, it)| condition(operator, key, it, request))
        });
        statement["Effect"] == "Allow" && action && resource && met
    })
}

fn policy(id: &str) -> Value {
    let template = Template::of(&everything(), &options()).unwrap();
    let resource = template.resources().iter().find(|it| it.id() == id).unwrap();
    resource.properties()["PolicyDocument"].clone()
}

#[test]
fn publisher_may_put_its_events_and_no_others() {
    let document = policy("ShopApiPublisherPolicy");
    let put = |resource, sources: &[&'static str], detail_types: &[&'static str]| {
        let keys =
            [("events:source", sources.to_vec()), ("events:detail-type", detail_types.to_vec())];
        let request =
            Request { action: "events:PutEvents", resource, keys: keys.into_iter().collect() };
        allows(&document, &request)
    };
    let (v1, v2) = ("order.placed:v1", "order.placed:v2");
    assert!(put("Bus", &["app.shop"], &[v1]));
    // one call with both majors
    assert!(put("Bus", &["app.shop"], &[v1, v2]));
    assert!(!put("Bus", &["app.bank"], &[v1]));
    assert!(!put("Bus", &["app.shop"], &["order.paid:v1"]));
    // one entry of another among its own
    assert!(!put("Bus", &["app.shop"], &[v1, "order.paid:v1"]));
    assert!(!put("Bus", &["app.shop", "app.bank"], &[v1]));
    // without a source, `ForAllValues` alone would be met
    assert!(!put("Bus", &[], &[v1]));
    assert!(!put("Bus", &["app.shop"], &[]));
    assert!(!put("OtherBus", &["app.shop"], &[v1]));
    let rules = Request { action: "events:PutRule", resource: "Bus", keys: BTreeMap::new() };
    assert!(!allows(&document, &rules));
}

#[test]
fn consumer_may_use_its_queue_its_letters_and_its_claims() {
    let document = policy("EmailerConsumerPolicy");
    let may =
        |action, resource| allows(&document, &Request { action, resource, keys: BTreeMap::new() });
    for action in ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"] {
        assert!(may(action, "EmailerQueue"), "{action}");
        assert!(!may(action, "AuditQueue"), "{action}");
        assert!(!may(action, "EmailerUndeliveredQueue"), "{action}");
    }
    assert!(may("sqs:SendMessage", "EmailerFailedQueue"));
    for (action, resource) in [
        ("sqs:SendMessage", "EmailerQueue"),
        ("sqs:SendMessage", "AuditFailedQueue"),
        ("sqs:PurgeQueue", "EmailerQueue"),
        ("sqs:SetQueueAttributes", "EmailerQueue"),
        ("events:PutEvents", "Bus"),
        ("dynamodb:DeleteTable", "ClaimsTable"),
        ("dynamodb:Scan", "ClaimsTable"),
    ] {
        assert!(!may(action, resource), "{action} {resource}");
    }
    let claim = |key| {
        let keys = BTreeMap::from([("dynamodb:LeadingKeys", vec![key])]);
        allows(&document, &Request { action: "dynamodb:PutItem", resource: "ClaimsTable", keys })
    };
    assert!(claim("emailer#01JX"));
    assert!(!claim("ledger.rows#01JX"));
    assert!(!claim("emailer2#01JX"));
}

#[test]
fn no_policy_names_every_resource_or_action() {
    let template = Template::of(&everything(), &options()).unwrap();
    let mut statements = 0;
    for resource in template.resources() {
        let document = &resource.properties()["PolicyDocument"];
        for statement in document["Statement"].as_array().into_iter().flatten() {
            statements += 1;
            for value in listed(&statement["Action"]) {
                assert!(!value.as_str().unwrap().contains('*'), "{}: {value}", resource.id());
            }
            for value in listed(&statement["Resource"]) {
                assert!(value["Fn::GetAtt"].is_array(), "{}: {value}", resource.id());
            }
        }
    }
    assert!(statements > 12, "{statements}");
}
