//! What a template always has, and that the mistakes that nobody else finds are refused.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use std::time::Duration;

use event_topology::plan::{Host, Plan, Publish, Read};
use event_topology::template::{Options, Resource, Stage, Template, Terraform};
use event_topology::{Declaration, Queue, Topology};
use serde_json::{Value, json};

fn plan() -> Plan {
    let placed = |major| Read::new("order.placed", major, 0, "app.shop");
    let topology = Topology::on("shop")
        .publisher("shop-api", [Publish::new("order.placed", 1, 0, "app.shop")])
        .consumer(Declaration::new("emailer", [placed(1)]).table("claims"))
        .consumer(
            Declaration::new("ledger.rows", [placed(1).upcast_to(2), placed(2)])
                .function(Duration::from_secs(10))
                .queue(Queue::fifo().visibility(Duration::from_mins(1)))
                .concurrency(4),
        );
    topology.build().unwrap().plan().clone()
}

fn template(plan: &Plan) -> Template {
    let options = Options::new(Stage::new("prod").unwrap()).archive_days(7);
    Template::of(plan, &options).unwrap()
}

fn of_kind<'a>(template: &'a Template, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
    template.resources().iter().filter(move |resource| resource.kind() == kind)
}

#[test]
fn same_plan_gives_same_bytes() {
    let plan = plan();
    let text = template(&plan).to_yaml();
    assert_eq!(text, template(&plan).to_yaml());
    // Read back from its file, too.
    let read: Plan = serde_json::from_str(&serde_json::to_string_pretty(&plan).unwrap()).unwrap();
    assert_eq!(text, template(&read).to_yaml());
}

#[test]
fn every_major_of_a_consumer_has_a_rule_with_retries_and_a_dead_letter_queue() {
    let template = template(&plan());
    let rules: Vec<&Resource> = of_kind(&template, "AWS::Events::Rule").collect();
    let names: Vec<&str> =
        rules.iter().map(|rule| rule.properties()["Name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["order.placed-v1-emailer", "order.placed-v1-ledger.rows", "order.placed-v2-ledger.rows"]
    );
    for rule in rules {
        let target = &rule.properties()["Targets"][0];
        let letters = target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0].as_str().unwrap();
        assert_eq!(target["RetryPolicy"]["MaximumRetryAttempts"], 185);
        // EventBridge cannot send to a FIFO queue as a dead-letter queue.
        let queue = template.resources().iter().find(|it| it.id() == letters).unwrap();
        assert_eq!(queue.properties().get("FifoQueue"), None);
    }
}

#[test]
fn every_queue_that_a_rule_sends_to_lets_that_rule_send() {
    let template = template(&plan());
    let mut sent = 0;
    for rule in of_kind(&template, "AWS::Events::Rule") {
        let target = &rule.properties()["Targets"][0];
        for queue in [&target["Arn"], &target["DeadLetterConfig"]["Arn"]] {
            let allows = |policy: &&Resource| {
                let statement = &policy.properties()["PolicyDocument"]["Statement"][0];
                let sources =
                    statement["Condition"]["ArnEquals"]["aws:SourceArn"].as_array().unwrap();
                statement["Resource"] == *queue
                    && sources.contains(&json!({"Fn::GetAtt": [rule.id(), "Arn"]}))
            };
            assert_eq!(
                of_kind(&template, "AWS::SQS::QueuePolicy").filter(allows).count(),
                1,
                "{queue}"
            );
            sent += 1;
        }
    }
    assert_eq!(sent, 6);
}

#[test]
fn alarms_on_rules_name_the_bus() {
    fn dimensions(value: &Value, found: &mut Vec<Value>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    if name == "Dimensions" {
                        found.push(value.clone());
                    }
                    dimensions(value, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| dimensions(item, found)),
            _ => {}
        }
    }
    let template = template(&plan());
    let mut of_rules = 0;
    for alarm in of_kind(&template, "AWS::CloudWatch::Alarm") {
        let properties = alarm.properties();
        assert_eq!(properties["TreatMissingData"], "notBreaching", "{}", alarm.id());
        assert_eq!(properties["AlarmActions"], properties["OKActions"]);
        assert!(properties["AlarmDescription"].as_str().unwrap().starts_with("Consumer "));
        let mut found = Vec::new();
        dimensions(properties, &mut found);
        assert!(!found.is_empty());
        for dimensions in found {
            let names: Vec<&str> = dimensions
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["Name"].as_str().unwrap())
                .collect();
            if names.contains(&"RuleName") {
                assert_eq!(names, ["EventBusName", "RuleName"]);
                // `Ref` of a rule on a custom bus is `bus|rule`.
                assert_eq!(dimensions[1]["Value"]["Fn::GetAtt"][1], "RuleName");
                of_rules += 1;
            }
        }
    }
    assert!(of_rules >= 9, "{of_rules}");
}

#[test]
fn publisher_may_put_its_own_events_only() {
    let template = template(&plan());
    let policy =
        template.resources().iter().find(|it| it.id() == "ShopApiPublisherPolicy").unwrap();
    let statement = &policy.properties()["PolicyDocument"]["Statement"][0];
    assert_eq!(statement["Action"], "events:PutEvents");
    assert_eq!(statement["Resource"], json!({"Fn::GetAtt": ["Bus", "Arn"]}));
    let asked = &statement["Condition"]["ForAllValues:StringEquals"];
    assert_eq!(asked["events:source"], json!(["app.shop"]));
    assert_eq!(asked["events:detail-type"], json!(["order.placed:v1"]));
    // Without a value `ForAllValues` is met.
    assert_eq!(statement["Condition"]["Null"]["events:detail-type"], "false");
}

#[test]
fn comments_and_names_cannot_end_a_line() {
    let evil = Read::new("a\nResources: {}", 1, 0, "app.shop");
    let topology =
        Topology::on("shop").consumer(Declaration::new("emailer", [evil])).build().unwrap();
    let plan = topology.plan().clone();
    let text = template(&plan).to_yaml();
    assert!(!text.lines().any(|line| line.starts_with("Resources: {}")), "{text}");
}

#[test]
fn plan_that_loses_events_is_refused() {
    type Change = fn(&mut Plan);
    let changes: [(&str, Change); 14] = [
        ("is missing", |plan| plan.queues.retain(|it| it.name != "emailer-undelivered")),
        ("is missing", |plan| plan.queues.retain(|it| it.name != "emailer-failed")),
        ("is missing", |plan| plan.queues.retain(|it| it.name != "emailer")),
        ("is missing", |plan| drop(plan.rules.remove(0))),
        ("is missing", |plan| plan.tables.clear()),
        ("is a FIFO queue", |plan| {
            let letters = "ledger-rows-failed.fifo".to_owned();
            plan.rules[1].targets[0].dead_letter_queue = letters;
        }),
        ("needs a message group", |plan| plan.rules[1].targets[0].message_group_id = None),
        ("must both be FIFO", |plan| {
            plan.queues.iter_mut().find(|it| it.name == "emailer-failed").unwrap().fifo = true;
        }),
        ("ends with `.fifo`", |plan| plan.queues[0].fifo = true),
        ("has no dead-letter queue", |plan| plan.queues[0].redrive_policy = None),
        ("is not a queue for its events", |plan| {
            plan.consumers[0].queue = "emailer-failed".to_owned();
        }),
        ("cannot name a bus", |plan| plan.bus = "${AWS::AccountId}".to_owned()),
        ("cannot name a queue", |plan| plan.queues[0].name = "a\nb".to_owned()),
        ("there are two rules", |plan| {
            let twin = plan.rules[0].clone();
            plan.rules.push(twin);
        }),
    ];
    assert!(plan().problems().is_empty());
    for (at, (expected, change)) in changes.into_iter().enumerate() {
        let mut plan = plan();
        assert_eq!(plan.consumers[0].host, Host::Poller);
        change(&mut plan);
        let error = Template::of(&plan, &Options::new(Stage::new("prod").unwrap()))
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{at}: {error}");
    }
}

#[test]
fn plan_with_the_longest_names_has_a_template() {
    let placed = || [Read::new("order.placed", 1, 0, "app.shop")];
    let topology = Topology::on(&"b".repeat(239))
        .consumer(Declaration::new(&"c".repeat(51), placed()).table(&"t".repeat(238)))
        .consumer(Declaration::new(&"f".repeat(51), placed()).queue(Queue::fifo()))
        .build()
        .unwrap();
    assert_eq!(topology.plan().problems(), []);
    let mut longer = topology.plan().clone();
    longer.queues[0].name.insert(0, 'c');
    longer.queues[1].name.insert_str(0, "cccccc");
    longer.tables[0].name = "ab".to_owned();
    let problems = longer.problems();
    let refused = |kind: &str| {
        let text = format!("cannot name a {kind}");
        problems.iter().filter(|problem| problem.what.contains(&text)).count()
    };
    assert_eq!((refused("queue"), refused("table")), (1, 1), "{problems:?}");
}

#[test]
fn template_above_the_quota_is_refused() {
    let placed = || [Read::new("order.placed", 1, 0, "app.shop")];
    let many = (0..60).fold(Topology::on("shop"), |topology, n| {
        topology.consumer(Declaration::new(&format!("consumer-{n}"), placed()))
    });
    let topology = many.build().unwrap();
    let options = Options::new(Stage::new("prod").unwrap());
    let error = Template::of(topology.plan(), &options).unwrap_err();
    assert_eq!(error.problems[0].rule, "stack-resources");
    Template::of(topology.plan(), &options.alarms(false)).unwrap();
}

#[test]
fn policy_that_iam_refuses_is_refused() {
    let publisher = |events: u32| {
        let events =
            (0..events).map(|n| Publish::new(&format!("order.number-{n}"), 1, 0, "app.shop"));
        Topology::on("shop").publisher("api", events).build().unwrap().plan().clone()
    };
    let options = || Options::new(Stage::new("prod").unwrap());
    Template::of(&publisher(200), &options()).unwrap();
    for made in [
        Template::of(&publisher(300), &options()).map(drop),
        Terraform::of(&publisher(300), &options()).map(drop),
    ] {
        let error = made.unwrap_err();
        assert_eq!(error.problems[0].rule, "policy-size");
        assert!(error.to_string().contains("publisher `api`"), "{error}");
    }
}

#[test]
fn template_above_its_bytes_is_refused() {
    let placed = Read::new("order.placed", 1, 0, "app.shop");
    let topology =
        Topology::on("shop").consumer(Declaration::new("emailer", [placed])).build().unwrap();
    let mut plan = topology.plan().clone();
    for table in 0..80 {
        plan.tables.push(event_topology::plan::Table {
            name: format!("claims-{table}"),
            holds: event_topology::plan::TableHolds::Claims,
            partition_key: "p".repeat(8000),
            time_to_live: "t".repeat(8000),
            consumers: vec!["emailer".to_owned()],
        });
    }
    let options = Options::new(Stage::new("prod").unwrap()).alarms(false);
    let error = Template::of(&plan, &options).unwrap_err();
    assert_eq!(error.problems[0].rule, "template-bytes", "{error}");
}

#[test]
fn consumer_may_use_its_tables_only() {
    let placed = || [Read::new("order.placed", 1, 0, "app.shop")];
    let built = |consumers: [Declaration; 2]| {
        let [one, other] = consumers;
        Topology::on("shop").consumer(one).consumer(other).build()
    };
    let emailer = || Declaration::new("emailer", placed()).table("claims").projections("mails");
    let other = Declaration::new("ledger", placed()).projections("rows").projections("totals");
    let template = template(built([emailer(), other]).unwrap().plan());
    let tables = |id: &str| {
        let policy = template.resources().iter().find(|it| it.id() == id).unwrap();
        let text = policy.properties().to_string();
        ["ClaimsTable", "MailsTable", "RowsTable", "TotalsTable"].map(|it| text.contains(it))
    };
    assert_eq!(tables("EmailerConsumerPolicy"), [true, true, false, false]);
    assert_eq!(tables("LedgerConsumerPolicy"), [false, false, true, true]);
    let key = |id: &str| {
        let table = template.resources().iter().find(|it| it.id() == id).unwrap();
        table.properties()["KeySchema"][0]["AttributeName"].clone()
    };
    assert_eq!((key("ClaimsTable"), key("RowsTable")), (json!("id"), json!("pk")));

    let error =
        built([emailer(), Declaration::new("ledger", placed()).projections("claims")]).unwrap_err();
    assert_eq!(error.problems[0].rule, "table-twice");
    let error =
        built([emailer(), Declaration::new("ledger", placed()).projections("a b")]).unwrap_err();
    assert!(error.to_string().contains(".projections(\"a-b\")"), "{error}");
}
