//! Silent mistakes: what AWS takes without a word and loses events by. An audit that was written for this test finds
//! each of them in a template, and none in the template of any plan; a plan with one is refused.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

mod common;

use std::collections::BTreeMap;
use std::time::Duration;

use common::{everything, options};
use event_topology::plan::{Holds, Plan, Publish, Read};
use event_topology::template::Template;
use event_topology::{Declaration, Queue, Topology};
use serde_json::{Value, json};

/// The mistakes of a CloudFormation template, each with the logical id.
fn audit(template: &Value) -> Vec<String> {
    let resources = template["Resources"].as_object().unwrap();
    let of_kind = |kind: &'static str| resources.iter().filter(move |(_, it)| it["Type"] == kind);
    let at = |id: &str, value: &Value| -> Value { value.get(id).cloned().unwrap_or(Value::Null) };
    let resource = |reference: &Value| -> (String, Value) {
        let id =
            reference["Fn::GetAtt"][0].as_str().or(reference["Ref"].as_str()).unwrap_or_default();
        let known = resources.get(id).map(|it| it["Properties"].clone());
        (id.to_owned(), known.unwrap_or(Value::Null))
    };
    let mut found = Vec::new();
    let mut events_queues: Vec<String> = Vec::new();

    let may_send = |queue: &str, rule: &str| {
        of_kind("AWS::SQS::QueuePolicy").any(|(_, policy)| {
            let properties = &policy["Properties"];
            let of_queue = properties["Queues"]
                .as_array()
                .is_some_and(|it| it.contains(&json!({"Ref": queue})));
            let statements = properties["PolicyDocument"]["Statement"].as_array().cloned();
            of_queue
                && statements.unwrap_or_default().iter().any(|it| {
                    let sources = &it["Condition"]["ArnEquals"]["aws:SourceArn"];
                    it["Effect"] == "Allow"
                        && it["Principal"]["Service"] == "events.amazonaws.com"
                        && it["Action"] == "sqs:SendMessage"
                        && it["Resource"] == json!({"Fn::GetAtt": [queue, "Arn"]})
                        && sources
                            .as_array()
                            .is_some_and(|it| it.contains(&json!({"Fn::GetAtt": [rule, "Arn"]})))
                })
        })
    };
    for (id, rule) in of_kind("AWS::Events::Rule") {
        let properties = &rule["Properties"];
        if properties["State"] != "ENABLED" {
            found.push(format!("{id}: not enabled"));
        }
        let bus = &properties["EventBusName"];
        if bus.get("Ref").is_none() && bus.get("Fn::Sub").is_none() {
            found.push(format!("{id}: on the default bus"));
        }
        let pattern = properties["EventPattern"].as_object().cloned().unwrap_or_default();
        let known =
            |name: &String| matches!(name.as_str(), "source" | "detail-type" | "detail" | "$or");
        if !pattern.keys().all(known) || pattern.is_empty() {
            found.push(format!("{id}: unknown key in the pattern"));
        }
        let targets = properties["Targets"].as_array().cloned().unwrap_or_default();
        if targets.is_empty() {
            found.push(format!("{id}: no target"));
        }
        for target in targets {
            let (queue, settings) = resource(&target["Arn"]);
            events_queues.push(queue.clone());
            if !may_send(&queue, id) {
                found.push(format!("{id}: {queue} has no policy for it"));
            }
            let fifo = settings["FifoQueue"] == true;
            if fifo != target["SqsParameters"]["MessageGroupId"].is_string() {
                found.push(format!("{id}: message group"));
            }
            if fifo && settings["ContentBasedDeduplication"] != true {
                found.push(format!("{queue}: no deduplication"));
            }
            let (letters, settings) = resource(&target["DeadLetterConfig"]["Arn"]);
            if settings.is_null() {
                found.push(format!("{id}: no dead-letter queue"));
                continue;
            }
            if settings["FifoQueue"] == true {
                found.push(format!("{id}: its dead-letter queue is FIFO"));
            }
            if !may_send(&letters, id) {
                found.push(format!("{id}: {letters} has no policy for it"));
            }
            if !target["RetryPolicy"]["MaximumEventAgeInSeconds"].is_number() {
                found.push(format!("{id}: no retry policy"));
            }
            events_queues.push(letters);
        }
    }
    let watched = |queue: &str, metric: &str| {
        of_kind("AWS::CloudWatch::Alarm").any(|(_, alarm)| {
            let properties = &alarm["Properties"];
            let dimension =
                json!([{"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}]);
            properties["MetricName"] == metric && properties["Dimensions"] == dimension
        })
    };
    for (id, queue) in of_kind("AWS::SQS::Queue") {
        let redrive = &at("RedrivePolicy", &queue["Properties"]);
        let is_letters = id.contains("Failed") || id.contains("Undelivered");
        if is_letters {
            if !watched(id, "ApproximateNumberOfMessagesVisible") {
                found.push(format!("{id}: no alarm"));
            }
            if queue["DeletionPolicy"] != "Retain" {
                found.push(format!("{id}: deleted with the stack"));
            }
            continue;
        }
        if !events_queues.contains(id) {
            found.push(format!("{id}: no rule sends to it"));
        }
        let (letters, settings) = resource(&redrive["deadLetterTargetArn"]);
        if settings.is_null() {
            found.push(format!("{id}: no dead-letter queue"));
        } else if settings["FifoQueue"] != queue["Properties"]["FifoQueue"] {
            found.push(format!("{id}: {letters} is of the other kind"));
        }
        if !watched(id, "ApproximateAgeOfOldestMessage") {
            found.push(format!("{id}: no alarm on the age"));
        }
    }
    for (id, mapping) in of_kind("AWS::Lambda::EventSourceMapping") {
        let properties = &mapping["Properties"];
        let partial = json!(["ReportBatchItemFailures"]);
        if properties["FunctionResponseTypes"] != partial {
            found.push(format!("{id}: a bad message sends the whole batch back"));
        }
        let (_, queue) = resource(&properties["EventSourceArn"]);
        let (_, function) = resource(&properties["FunctionName"]);
        let seconds = |value: &Value| value.as_u64().unwrap_or(0);
        if seconds(&queue["VisibilityTimeout"]) < 6 * seconds(&function["Timeout"]) {
            found.push(format!("{id}: messages come again while they are handled"));
        }
    }
    for (id, table) in of_kind("AWS::DynamoDB::Table") {
        if table["Properties"]["TimeToLiveSpecification"]["Enabled"] != true {
            found.push(format!("{id}: claims are kept forever"));
        }
    }
    for (id, alarm) in of_kind("AWS::CloudWatch::Alarm") {
        let properties = &alarm["Properties"];
        if properties["TreatMissingData"] != "notBreaching" {
            found.push(format!("{id}: missing data"));
        }
        if properties["OKActions"].is_null() {
            found.push(format!("{id}: nobody hears that it is over"));
        }
        let queries = properties["Metrics"].as_array().cloned().unwrap_or_default();
        let metrics =
            queries.iter().map(|it| it["MetricStat"]["Metric"].clone()).filter(Value::is_object);
        for metric in metrics.chain([properties.clone()]) {
            if metric["Namespace"] != "AWS/Events" {
                continue;
            }
            let dimensions = metric["Dimensions"].as_array().cloned().unwrap_or_default();
            let names: Vec<&str> = dimensions.iter().filter_map(|it| it["Name"].as_str()).collect();
            let rule = dimensions.last().map(|it| it["Value"]["Fn::GetAtt"][1].clone());
            if names != ["EventBusName", "RuleName"] || rule != Some(json!("RuleName")) {
                found.push(format!("{id}: it never fires on a custom bus"));
            }
        }
    }
    for (id, policy) in of_kind("AWS::IAM::ManagedPolicy") {
        for statement in policy["Properties"]["PolicyDocument"]["Statement"].as_array().unwrap() {
            let text = statement.to_string();
            if text.contains("\"*\"") || text.contains(":*\"") {
                found.push(format!("{id}: everything"));
            }
            if statement["Action"] == "events:PutEvents" {
                let asked = &statement["Condition"];
                let keys = ["events:source", "events:detail-type"];
                let listed = |key| asked["ForAllValues:StringEquals"][key].is_array();
                if !keys.iter().all(|key| listed(*key) && asked["Null"][*key] == "false") {
                    found.push(format!("{id}: any event"));
                }
            }
        }
    }
    found
}

fn template(plan: &Plan) -> Value {
    Template::of(plan, &options().archive_days(7)).unwrap().to_json()
}

#[test]
fn audit_finds_each_silent_mistake_in_a_template() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 21] = [
        ("has no policy", |it| drop(it.as_object_mut().unwrap().remove("EmailerQueuePolicy"))),
        ("has no policy", |it| {
            drop(it.as_object_mut().unwrap().remove("EmailerUndeliveredQueuePolicy"));
        }),
        ("has no policy", |it| {
            let statement =
                &mut it["EmailerQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"][0];
            statement["Condition"]["ArnEquals"]["aws:SourceArn"] = json!([]);
        }),
        ("has no policy", |it| {
            let statement =
                &mut it["EmailerQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"][0];
            statement["Principal"]["Service"] = json!("sns.amazonaws.com");
        }),
        ("is FIFO", |it| it["AuditUndeliveredQueue"]["Properties"]["FifoQueue"] = json!(true)),
        ("no dead-letter queue", |it| {
            let target = &mut it["OrderPlacedV1EmailerRule"]["Properties"]["Targets"][0];
            target.as_object_mut().unwrap().remove("DeadLetterConfig");
        }),
        ("no retry policy", |it| {
            let target = &mut it["OrderPlacedV1EmailerRule"]["Properties"]["Targets"][0];
            target.as_object_mut().unwrap().remove("RetryPolicy");
        }),
        ("message group", |it| {
            let target = &mut it["OrderPlacedV1LedgerRowsRule"]["Properties"]["Targets"][0];
            target.as_object_mut().unwrap().remove("SqsParameters");
        }),
        ("no deduplication", |it| {
            it["LedgerRowsFifoQueue"]["Properties"]["ContentBasedDeduplication"] = json!(false);
        }),
        ("unknown key", |it| {
            let pattern = &mut it["OrderPlacedV1EmailerRule"]["Properties"]["EventPattern"];
            let value = pattern.as_object_mut().unwrap().remove("detail-type").unwrap();
            pattern["detailType"] = value;
        }),
        ("never fires", |it| {
            let alarm = &mut it["OrderPlacedV1EmailerRuleLostAlarm"]["Properties"];
            alarm["Dimensions"].as_array_mut().unwrap().remove(0);
        }),
        ("never fires", |it| {
            let alarm = &mut it["OrderPlacedV1EmailerRuleLostAlarm"]["Properties"];
            alarm["Dimensions"][1]["Value"] = json!({"Ref": "OrderPlacedV1EmailerRule"});
        }),
        ("whole batch", |it| {
            it["AuditConsumerSource"]["Properties"]["FunctionResponseTypes"] = json!([]);
        }),
        ("come again", |it| it["AuditQueue"]["Properties"]["VisibilityTimeout"] = json!(5)),
        ("kept forever", |it| {
            it["ClaimsTable"]["Properties"]["TimeToLiveSpecification"]["Enabled"] = json!(false);
        }),
        ("no alarm", |it| {
            it.as_object_mut().unwrap().remove("EmailerConsumerDeadLettersAlarm");
        }),
        ("deleted with the stack", |it| {
            it["EmailerFailedQueue"]["DeletionPolicy"] = json!("Delete");
        }),
        ("any event", |it| {
            let statement =
                &mut it["ShopApiPublisherPolicy"]["Properties"]["PolicyDocument"]["Statement"][0];
            statement.as_object_mut().unwrap().remove("Condition");
        }),
        ("any event", |it| {
            let statement =
                &mut it["ShopApiPublisherPolicy"]["Properties"]["PolicyDocument"]["Statement"][0];
            statement["Condition"]["Null"] = json!({});
        }),
        ("not enabled", |it| {
            it["OrderPlacedV1EmailerRule"]["Properties"]["State"] = json!("DISABLED");
        }),
        ("no dead-letter queue", |it| {
            it["EmailerQueue"]["Properties"].as_object_mut().unwrap().remove("RedrivePolicy");
        }),
    ];
    let good = template(&everything());
    assert_eq!(audit(&good), Vec::<String>::new());
    for (at, (expected, change)) in changes.into_iter().enumerate() {
        let mut mutant = good.clone();
        change(&mut mutant["Resources"]);
        assert_ne!(mutant, good, "{at}: nothing was changed");
        let found = audit(&mutant);
        assert!(
            found.iter().any(|it| it.contains(expected)),
            "{at}: expected {expected}: {found:?}"
        );
    }
}

/// A random number below `most`, by a linear congruential generator.
fn next(seed: &mut u64, most: u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) % most
}

fn random_plan(seed: &mut u64) -> Plan {
    const NAMES: [&str; 8] =
        ["a", "a.b", "a-b", "A.b", "emailer", "2fast", "x_y", "long.name-of_a.consumer"];
    let mut topology = Topology::on(["shop", "a.b", "-"][usize::try_from(next(seed, 3)).unwrap()]);
    if next(seed, 4) == 0 {
        topology = topology.shared_bus();
    }
    topology = topology.publisher("api", [Publish::new("order.placed", 1, 0, "app.shop")]);
    for (at, name) in NAMES.iter().enumerate() {
        if next(seed, 2) == 0 {
            continue;
        }
        let majors = 1 + u32::try_from(next(seed, 3)).unwrap();
        let types = ["order.placed", "order placed/é", "o"];
        let event_type = types[usize::try_from(next(seed, 3)).unwrap()];
        let reads = (1..=majors).map(|major| {
            let read = Read::new(
                event_type,
                major,
                0,
                ["app.shop", "app.b"][usize::try_from(major % 2).unwrap()],
            );
            if major < majors { read.upcast_to(majors) } else { read }
        });
        let mut queue = if next(seed, 3) == 0 { Queue::fifo() } else { Queue::standard() };
        queue = queue
            .named(&format!("queue-{at}"))
            .visibility(Duration::from_secs(60 + next(seed, 600)));
        let mut consumer = Declaration::new(name, reads).queue(queue);
        if next(seed, 2) == 0 {
            consumer = consumer.function(Duration::from_secs(1 + next(seed, 10)));
        }
        if next(seed, 2) == 0 {
            consumer = consumer.table(["claims", "a.b.c"][usize::try_from(next(seed, 2)).unwrap()]);
        }
        if next(seed, 4) == 0 {
            consumer = consumer.one_rule();
        }
        topology =
            topology.consumer(consumer.concurrency(1 + u32::try_from(next(seed, 5)).unwrap()));
    }
    match topology.build() {
        Ok(topology) => topology.plan().clone(),
        // `a.b` and `a-b` cannot both be functions
        Err(error) => {
            let rules: Vec<&str> = error.problems.iter().map(|it| it.rule).collect();
            assert!(rules.iter().all(|it| *it == "function-name"), "{error}");
            random_plan(seed)
        }
    }
}

#[test]
fn template_of_any_plan_has_none_of_the_silent_mistakes() {
    let mut seed = 20_261_128;
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..300 {
        let plan = random_plan(&mut seed);
        let template = template(&plan);
        assert_eq!(audit(&template), Vec::<String>::new(), "round {round}: {plan:?}");
        for resource in template["Resources"].as_object().unwrap().values() {
            *kinds.entry(resource["Type"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    assert!(kinds.len() >= 11 && kinds.values().all(|count| *count > 50), "{kinds:?}");
}

#[test]
fn plan_that_no_bus_has_room_for_is_refused_at_once() {
    let mut plan = everything();
    let queue = plan.queues[0].clone();
    plan.queues.extend(std::iter::repeat_n(queue, 200_000));
    let problems = plan.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].what.contains("200009 queues: at most 5000"), "{problems:?}");
}

#[test]
fn plan_with_a_silent_mistake_is_refused() {
    type Change = fn(&mut Plan);
    let changes: [(&str, Change); 24] = [
        ("takes more than its consumer reads", |plan| {
            plan.rules[1].event_pattern = r#"{"source": ["app.shop"]}"#.parse().unwrap();
        }),
        ("takes more than its consumer reads", |plan| {
            plan.rules[1].event_pattern =
                r#"{"detail-type": ["order.placed:v1"]}"#.parse().unwrap();
        }),
        ("other conditions than names", |plan| {
            let text = r#"{"source": ["app.shop"], "detail-type": [{"prefix": "order."}]}"#;
            plan.rules[1].event_pattern = text.parse().unwrap();
        }),
        ("the visibility time-out of queue", |plan| plan.queues[0].visibility_timeout_seconds = 0),
        ("the retention of queue", |plan| plan.queues[0].message_retention_period_seconds = 59),
        ("keeps dead letters for less time", |plan| {
            plan.queues.iter_mut().filter(|it| it.holds == Holds::Failed).for_each(|it| {
                it.message_retention_period_seconds = 60;
            });
        }),
        ("the attempts of rule", |plan| {
            plan.rules[0].targets[0].retry_policy.maximum_retry_attempts = 186;
        }),
        ("the age up to which rule", |plan| {
            plan.rules[0].targets[0].retry_policy.maximum_event_age_in_seconds = 0;
        }),
        ("the concurrency is 0", |plan| plan.consumers[0].concurrency = 0),
        ("cannot name a target", |plan| plan.rules[0].targets[0].id = "a\nb".to_owned()),
        ("expected six times that", |plan| {
            plan.queues.iter_mut().for_each(|it| it.visibility_timeout_seconds = 2);
        }),
        ("the receives of queue", |plan| {
            for queue in &mut plan.queues {
                if let Some(redrive) = &mut queue.redrive_policy {
                    redrive.max_receive_count = 0;
                }
            }
        }),
        ("asks for `detailType`", |plan| {
            let text = r#"{"source": ["app.shop"], "detailType": ["order.placed:v1"]}"#;
            plan.rules[1].event_pattern = text.parse().unwrap();
        }),
        ("matches nothing that its consumer reads", |plan| {
            let text = r#"{"source": ["app.shop"], "detail-type": ["order.placed:v9"]}"#;
            plan.rules[1].event_pattern = text.parse().unwrap();
        }),
        ("matches nothing that its consumer reads", |plan| {
            let text = r#"{"source": ["app.shpo"], "detail-type": ["order.placed:v1"]}"#;
            plan.rules[1].event_pattern = text.parse().unwrap();
        }),
        ("no rule matches", |plan| {
            let rule =
                plan.rules.iter().find(|it| it.consumer == "ledger.rows").unwrap().name.clone();
            plan.rules.retain(|it| it.name != rule);
            for consumer in &mut plan.consumers {
                consumer.rules.retain(|it| *it != rule);
            }
        }),
        ("is a FIFO queue", |plan| {
            let letters = "ledger-rows-failed.fifo".to_owned();
            plan.rules.iter_mut().for_each(|it| it.targets[0].dead_letter_queue = letters.clone());
        }),
        ("is missing", |plan| plan.queues.retain(|it| it.holds != Holds::Undelivered)),
        ("is missing", |plan| plan.queues.retain(|it| it.holds != Holds::Failed)),
        ("needs a message group", |plan| {
            plan.rules.iter_mut().for_each(|it| it.targets[0].message_group_id = None);
        }),
        ("has no dead-letter queue", |plan| {
            plan.queues.iter_mut().for_each(|it| it.redrive_policy = None);
        }),
        ("one to five", |plan| plan.rules[0].targets.clear()),
        ("alarms: ", |plan| plan.consumers[0].alarms.near_loss_percent = 0),
        ("cannot name a Lambda function", |plan| {
            let long = "f".repeat(60);
            let was = std::mem::replace(&mut plan.consumers[0].name, long.clone());
            plan.rules
                .iter_mut()
                .filter(|it| it.consumer == was)
                .for_each(|it| it.consumer = long.clone());
            plan.queues
                .iter_mut()
                .filter(|it| it.consumer == was)
                .for_each(|it| it.consumer = long.clone());
        }),
    ];
    assert_eq!(everything().problems(), []);
    for (at, (expected, change)) in changes.into_iter().enumerate() {
        let mut plan = everything();
        change(&mut plan);
        let error = Template::of(&plan, &options()).unwrap_err().to_string();
        assert!(error.contains(expected), "{at}: expected {expected}: {error}");
    }
}
