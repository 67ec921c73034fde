//! `cargo event readers` and `retire`: declared, deployed, measured and registered readers.

use event_local::rules::{Builder, Operation, Rule, Server};
use serde_json::{Value, json};

use crate::on_thread::OnThread;
use crate::patterns::shop;
use crate::pull::{Registry, alone};
use crate::scratch::{Run, Scratch};

/// 2026-06-01, as the command is told.
const TODAY: i64 = 1_780_272_000;

const DAY: i64 = 86_400;

/// A server on a thread of its own, until it is dropped.
struct Bus(OnThread<Server>);

impl Bus {
    fn serve(builder: Builder) -> Bus {
        Bus(OnThread::serve(|| builder.serve()))
    }

    fn run(&self, scratch: &Scratch, args: &[&str]) -> Run {
        let mut command = scratch.command(args);
        alone(&mut command);
        let endpoint = self.0.server.endpoint();
        command
            .env("AWS_ENDPOINT_URL_EVENTBRIDGE", &endpoint)
            .env("AWS_ENDPOINT_URL_CLOUDWATCH", &endpoint);
        output(command)
    }
}

fn output(mut command: std::process::Command) -> Run {
    let output = command.env("SOURCE_DATE_EPOCH", TODAY.to_string()).output().unwrap();
    let run = Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    };
    assert!(!run.err.contains("panicked"), "{run:?}");
    run
}

fn run(scratch: &Scratch, args: &[&str]) -> Run {
    output(scratch.command(args))
}

fn pattern(major: u32) -> String {
    format!(r#"{{"source":["shop.orders"],"detail-type":["order.placed:v{major}"]}}"#)
}

/// A topology with one consumer of these majors of `order.placed`.
fn topology(scratch: &Scratch, consumers: &[(&str, u32)]) {
    let rules: Vec<Value> = consumers
        .iter()
        .map(|(name, major)| {
            let pattern: Value = serde_json::from_str(&pattern(*major)).unwrap();
            json!({
                "name": format!("order.placed-v{major}-{name}"), "consumer": name, "eventPattern": pattern,
                "targets": [{ "id": "queue", "queue": name, "deadLetterQueue": format!("{name}-undelivered"),
                    "retryPolicy": { "maximumRetryAttempts": 1, "maximumEventAgeInSeconds": 60 } }],
            })
        })
        .collect();
    let declared: Vec<Value> = consumers
        .iter()
        .map(|(name, major)| {
            json!({
                "name": name, "rules": [format!("order.placed-v{major}-{name}")], "queue": name, "concurrency": 1,
                "host": "poller", "outage": { "pollerSeconds": 1, "functionSeconds": 1 },
                "idempotency": { "windowSeconds": 1, "minimumSeconds": 1, "redrives": 0 },
                "reads": [{ "type": "order.placed", "major": major, "minor": 0,
                    "detailType": format!("order.placed:v{major}"), "source": "shop.orders" }],
            })
        })
        .collect();
    let plan =
        json!({ "format": 2, "bus": "shop", "consumers": declared, "rules": rules, "queues": [] });
    scratch.write("service/topology.json", plan.to_string());
}

fn rule(name: &str, major: u32) -> Rule {
    Rule::new(name, "shop-prod", &pattern(major))
        .target("q", "arn:aws:sqs:eu-central-1:123456789012:q")
}

#[test]
fn declared_readers_are_found_in_topologies_and_patterns() {
    let scratch = shop();
    topology(&scratch, &[("mailer", 1), ("index", 2)]);
    scratch.write(
        "infra/t.yaml",
        "Resources:\n  Audit:\n    Type: AWS::Events::Rule\n    Properties:\n      EventPattern: {source: [{prefix: shop.}]}\n",
    );
    let found = run(&scratch, &["readers", "order.placed@1", "--patterns", "infra/t.yaml"]);
    assert_eq!(found.code, 1, "{found:?}");
    for said in [
        "order.placed v1, sunset 2026-05-31: 2 readers\n",
        "declared   Audit: infra/t.yaml:2:3",
        "declared   mailer on bus `shop`: service/topology.json:1:",
        "deployed   not asked: name the bus: `--bus NAME`",
        "rules of other accounts and regions",
    ] {
        assert!(found.out.contains(said), "no `{said}` in {}", found.out);
    }
    let json = run(&scratch, &["readers", "order.placed", "--format", "json"]).json();
    let verdicts: Vec<&Value> =
        json["majors"].as_array().unwrap().iter().map(|m| &m["verdict"]).collect();
    assert_eq!(verdicts, ["readers", "readers"]);
    topology(&scratch, &[("index", 2)]);
    assert_eq!(run(&scratch, &["readers", "order.placed@1"]).code, 0);
}

#[test]
fn deployed_rules_are_read_page_by_page_and_measured() {
    let scratch = shop();
    let mut rules: Vec<Rule> = (0..25).map(|n| rule(&format!("other-{n:02}"), 2)).collect();
    rules.push(
        rule("order.placed-v1-mailer", 1)
            .target("r", "arn:aws:lambda:eu-central-1:123456789012:function:x")
            .target("s", "arn:aws:sqs:eu-central-1:123456789012:s")
            .matched(TODAY - 20 * DAY, 1000.0)
            .matched(TODAY - 5 * DAY, 3.0)
            .matched(TODAY - 5 * DAY + 60, 4.0)
            .matched(TODAY - DAY, 1.0),
    );
    rules.push(rule("unused", 1).disabled());
    rules.push(Rule::new("without-targets", "shop-prod", &pattern(1)));
    let bus = Bus::serve(Server::builder().rules(rules).page(2));
    let found =
        bus.run(&scratch, &["readers", "order.placed@1", "--bus", "shop-prod", "--format", "json"]);
    let json = found.json();
    assert_eq!(found.code, 1, "{json:#}");
    let readers = json["majors"][0]["readers"].as_array().unwrap();
    let of = |name: &str| readers.iter().find(|r| r["name"] == name).unwrap();
    assert_eq!(readers.len(), 3);
    let mailer = of("order.placed-v1-mailer");
    assert_eq!(
        mailer["measured"],
        json!({"matchedEvents": 8.0, "first": "2026-05-27", "last": "2026-05-31"})
    );
    assert_eq!(mailer["details"].as_array().unwrap().len(), 3);
    assert_eq!(
        (&of("unused")["reads"], &of("without-targets")["reads"]),
        (&json!("no"), &json!("no"))
    );
    assert!(bus.0.server.calls(Operation::ListRules) >= 14);
    assert!(bus.0.server.calls(Operation::ListTargetsByRule) >= 4);
    let longer = ["readers", "order.placed@1", "--bus", "shop-prod", "--days", "30"];
    let human = bus.run(&scratch, &longer);
    let said = "deployed   order.placed-v1-mailer on bus `shop-prod`, matched 1008 events from 2026-05-12 to 2026-05-31";
    assert!(human.out.contains(said), "{}", human.out);
}

#[test]
fn missing_permissions_are_undecided_and_not_nobody() {
    let scratch = shop();
    let args = ["readers", "order.placed@1", "--bus", "shop-prod"];
    let nobody = Bus::serve(Server::builder().rules([rule("index", 2)]));
    assert_eq!(nobody.run(&scratch, &args).code, 0);
    for (operation, said) in [
        (Operation::ListRules, "`events:ListRules` is not allowed"),
        (Operation::ListTargetsByRule, "`events:ListTargetsByRule` is not allowed"),
    ] {
        let bus = Bus::serve(Server::builder().rules([rule("mailer", 1)]).deny(operation));
        let run = bus.run(&scratch, &args);
        assert_eq!(run.code, 3, "{run:?}");
        assert!(run.out.contains(said) && run.out.contains(": undecided"), "{}", run.out);
    }
    // without metrics it is known who, and not how much
    let bus =
        Bus::serve(Server::builder().rules([rule("mailer", 1)]).deny(Operation::GetMetricData));
    let run = bus.run(&scratch, &args);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains("`cloudwatch:GetMetricData` is not allowed"), "{}", run.out);
    let run = bus.run(&scratch, &["readers", "order.placed@1", "--bus", "nowhere"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.out.contains("ResourceNotFoundException"), "{}", run.out);
}

#[test]
fn events_that_go_on_to_another_bus_are_said() {
    let scratch = shop();
    let forward =
        rule("forward", 1).target("b", "arn:aws:events:eu-west-1:210987654321:event-bus/central");
    let bus = Bus::serve(Server::builder().rules([forward]));
    let run = bus.run(&scratch, &["readers", "order.placed@1", "--bus", "shop-prod"]);
    assert!(run.out.contains("who reads on arn:aws:events:eu-west-1:210987654321:event-bus/central is not visible from here"), "{}", run.out);
}

#[test]
fn a_major_with_readers_is_not_retired_and_one_without_is() {
    let scratch = shop();
    topology(&scratch, &[("mailer", 1), ("index", 2)]);
    let before = scratch.read("schemas/schemas.lock");
    let bus = Bus::serve(
        Server::builder().rules([rule("order.placed-v1-mailer", 1).matched(TODAY - DAY, 7.0)]),
    );
    let args = ["retire", "order.placed@1", "--bus", "shop-prod"];
    let refused = bus.run(&scratch, &args);
    refused.says(
        1,
        &[
            "error[major-has-readers]",
            "`mailer`, `order.placed-v1-mailer`",
            "move them to order.placed v2 first",
        ],
    );
    assert!(
        refused.out.contains("matched 7 events from 2026-05-31 to 2026-05-31"),
        "{}",
        refused.out
    );
    assert_eq!(scratch.read("schemas/schemas.lock"), before);

    topology(&scratch, &[("mailer", 2), ("index", 2)]);
    let undecided = run(&scratch, &["retire", "order.placed@1"]);
    assert_eq!(undecided.code, 3, "{undecided:?}");
    assert!(undecided.out.contains("deployed rules were not read"), "{}", undecided.out);
    let unused =
        Bus::serve(Server::builder().rules([rule("mailer-v2", 2), rule("old", 1).disabled()]));
    let dry =
        unused.run(&scratch, &["retire", "order.placed@1", "--bus", "shop-prod", "--dry-run"]);
    assert!(dry.code == 0 && dry.out.contains("order.placed v1 can be retired"), "{dry:?}");
    assert_eq!(scratch.read("schemas/schemas.lock"), before);

    let retired = unused.run(&scratch, &args);
    assert_eq!(retired.code, 0, "{retired:?}");
    for said in ["order.placed v1 is retired", "commit `schemas.lock`", "remove the rule `old`"] {
        assert!(retired.out.contains(said), "{}", retired.out);
    }
    let lock = scratch.read("schemas/schemas.lock");
    let mark = "[[retired]]\nregistry = \"shop\"\ntype = \"order.placed\"\nmajor = 1\n";
    assert!(lock.contains(mark), "{lock}");
    // the versions stay locked, and other commands keep the mark
    scratch.run(&["check"]).says(0, &[]);
    scratch.run(&["lock"]).says(0, &[]);
    assert_eq!(scratch.read("schemas/schemas.lock"), lock);
    let again = unused.run(&scratch, &args);
    assert!(again.code == 0 && again.out.contains("is retired already"), "{again:?}");
    // who reads it now is told
    scratch.write("p.json", pattern(1));
    run(&scratch, &["patterns", "p.json"]).says(1, &["pattern-retired-major"]);
}

#[test]
fn what_cannot_be_retired_says_why() {
    let scratch = shop();
    let retire = |event: &str, more: &[&str]| {
        let mut args = vec!["retire", event, "--declared-only"];
        args.extend(more);
        run(&scratch, &args)
    };
    retire("order.placed@2", &[]).says(2, &["retire-newest-major", "retire-older-first"]);
    retire("order.placed", &[]).says(2, &["names no major", "`order.placed@1`"]);
    retire("order.placed@7", &[]).says(2, &["has no major 7"]);
    retire("order.plced@1", &[]).says(2, &["no event `order.plced@1`"]);
    // a day that is still to come is a promise
    let day =
        scratch.read("schemas/shop/order.placed/2.0.json").replace("2026-05-31", "2026-12-31");
    scratch.write("schemas/shop/order.placed/2.0.json", day);
    scratch.remove("schemas/schemas.lock");
    scratch.run(&["lock"]).says(0, &[]);
    retire("order.placed@1", &[])
        .says(1, &["retire-before-sunset", "is published until 2026-12-31"]);
    retire("order.placed@1", &["--before-sunset"]).says(0, &[]);
    // a lock without the versions
    scratch.remove("schemas/schemas.lock");
    retire("order.placed@1", &["--before-sunset"]).says(2, &["retire-not-locked"]);
    assert!(!scratch.path("schemas/schemas.lock").exists());
    scratch.write("schemas/schemas.lock", "nonsense");
    retire("order.placed@1", &["--before-sunset"]).says(2, &["bad-lock"]);
}

#[test]
fn a_pattern_that_is_not_known_leaves_it_undecided() {
    let scratch = shop();
    scratch.write("t.yaml", "Resources:\n  R:\n    Type: AWS::Events::Rule\n    Properties:\n      EventPattern: {detail-type: [!ImportValue x]}\n");
    let args = ["retire", "order.placed@1", "--declared-only", "--patterns", "t.yaml"];
    let undecided = run(&scratch, &args);
    assert_eq!(undecided.code, 3, "{undecided:?}");
    assert!(undecided.out.contains("not known: R: `Fn::ImportValue`"), "{}", undecided.out);
    scratch.write("t.yaml", "Resources: [");
    run(&scratch, &args).says(2, &["pattern-file-unreadable"]);
}

#[test]
fn readers_travel_as_tags_of_the_registry() {
    let registry = Registry::serve(event_local::schemas::Server::builder());
    let scratch = shop();
    topology(&scratch, &[("mailer", 1), ("index", 2)]);
    let pushed = registry.run(&scratch, &["push", "--registry", "shop", "--readers"]);
    pushed.says(0, &[]);
    assert!(pushed.out.contains("`shop`: 2 readers written, 0 removed"), "{}", pushed.out);
    // somebody without the topology sees them
    let other = shop();
    let args = ["readers", "order.placed@1", "--registry", "shop"];
    let seen = registry.run(&other, &args);
    assert_eq!(seen.code, 1, "{seen:?}");
    assert!(
        seen.out
            .contains("registered mailer on bus `shop`: registry:shop/shop.orders@order.placed-v1"),
        "{}",
        seen.out
    );
    let retire = ["retire", "order.placed@1", "--declared-only", "--registry", "shop"];
    registry.run(&other, &retire).says(1, &["major-has-readers"]);
    // the consumer moves on, and its tag goes
    topology(&scratch, &[("mailer", 2), ("index", 2)]);
    let dry = registry.run(&scratch, &["push", "--registry", "shop", "--readers", "--dry-run"]);
    assert!(dry.out.contains("1 reader to write, 1 removed"), "{}", dry.out);
    let json = registry
        .run(&scratch, &["push", "--registry", "shop", "--readers", "--format", "json"])
        .json();
    assert_eq!(
        json["readers"]["removed"]["shop.orders@order.placed-v1"],
        json!(["event-reader:shop/mailer"])
    );
    registry.run(&other, &args).says(0, &[]);
    registry.run(&other, &retire).says(0, &[]);
    // 51 readers are more than AWS takes
    let many: Vec<String> = (0..51).map(|n| format!("c{n}")).collect();
    let many: Vec<(&str, u32)> = many.iter().map(|name| (name.as_str(), 2)).collect();
    topology(&scratch, &many);
    registry
        .run(&scratch, &["push", "--registry", "shop", "--readers"])
        .says(2, &["too-many-readers", "51 tags"]);
    // no registry, no answer
    let mut gone = scratch.command(&args);
    alone(&mut gone);
    gone.env("AWS_ENDPOINT_URL_SCHEMAS", "http://127.0.0.1:1");
    let gone = output(gone);
    assert_eq!(gone.code, 3, "{gone:?}");
}
