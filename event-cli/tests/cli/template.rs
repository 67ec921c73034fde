//! `cargo event template`.

use std::fs;
use std::time::Duration;

use event_topology::plan::{Publish, Read, Supersedes};
use event_topology::{Declaration, Queue, Topology, TopologyBuilder};

use crate::scratch::Scratch;

fn placed() -> [Read; 1] {
    [Read::new("order.placed", 1, 0, "app.shop")]
}

fn text(topology: TopologyBuilder) -> String {
    serde_json::to_string_pretty(&topology.build().unwrap()).unwrap()
}

fn shop() -> TopologyBuilder {
    Topology::on("shop").consumer(Declaration::new("emailer", placed())).consumer(
        Declaration::new("ledger", placed()).function(Duration::from_secs(5)).queue(Queue::fifo()),
    )
}

fn bank(bus: &str) -> TopologyBuilder {
    Topology::on(bus).consumer(Declaration::new("auditor", placed()))
}

#[test]
fn each_format_prints_the_same_bytes_each_time() {
    let scratch = Scratch::empty();
    scratch.write("topology.json", text(shop()));
    for (format, expected) in [
        ("cloudformation", "Type: AWS::Lambda::EventSourceMapping"),
        ("cloudformation-json", "\"Type\": \"AWS::Lambda::EventSourceMapping\""),
        ("sam", "Transform: \"AWS::Serverless-2016-10-31\""),
        ("terraform", "\"aws_lambda_event_source_mapping\""),
    ] {
        let run = || scratch.run(&["template", "--stage", "stg", "--format", format]);
        let first = run();
        first.says(0, &[]);
        assert!(first.out.contains(expected), "{format}: {}", first.out);
        assert!(first.out.contains("ReportBatchItemFailures"), "{format}");
        assert_eq!(first.out, run().out, "{format}");
    }
}

#[test]
fn alarms_are_on_by_default() {
    let scratch = Scratch::empty();
    scratch.write("topology.json", text(shop()));
    let alarms = |options: &[&str]| {
        let run = scratch.run(&[&["template"], options].concat());
        run.says(0, &[]);
        run.out.contains("AWS::CloudWatch::Alarm")
    };
    assert!(alarms(&[]) && alarms(&["--alarms"]) && alarms(&["--no-alarms", "--alarms"]));
    assert!(!alarms(&["--no-alarms"]) && !alarms(&["--alarms", "--no-alarms"]));
}

#[test]
fn files_are_named_after_bus_and_service() {
    let scratch = Scratch::empty();
    scratch.write("services/shop/topology.json", text(shop()));
    scratch.write("services/bank/topology.json", text(bank("shop").shared_bus()));
    scratch.write("services/post/topology.json", text(Topology::on("post")));
    let run = scratch.run(&["template", "--format", "terraform", "--out", "deploy"]);
    run.says(0, &[]);
    for file in ["shop.shop", "shop.bank", "post"] {
        let text = scratch.read(&format!("deploy/{file}/main.tf.json"));
        let makes_the_bus = text.contains("\"aws_cloudwatch_event_bus\"");
        assert_eq!(makes_the_bus, file != "shop.bank", "{file}");
    }
    let again = scratch.run(&["template", "--format", "terraform", "--out", "deploy"]);
    assert_eq!(again.out.matches("unchanged").count(), 3, "{}", again.out);

    let run = scratch.run(&["template", "--combine", "--out", "one"]);
    run.says(0, &[]);
    let text = scratch.read("one/shop.template.yaml");
    assert!(text.contains("AuditorQueue") && text.contains("EmailerQueue"), "{text}");
}

#[test]
fn services_that_collide_are_refused_and_nothing_is_written() {
    let scratch = Scratch::empty();
    scratch.write("a/topology.json", text(shop()));
    scratch.write("b/topology.json", text(bank("shop")));
    scratch.write(
        "c/topology.json",
        text(Topology::on("c").consumer(Declaration::new("emailer", placed()))),
    );
    let run = scratch.run(&["template", "--out", "deploy"]);
    run.says(
        2,
        &[
            "error[bus-twice]",
            "`a/topology.json` and `b/topology.json` both make the bus `shop`",
            "--combine",
            "error[consumer-twice]",
            "`a/topology.json` and `c/topology.json` both declare the consumer `emailer`",
        ],
    );
    assert!(!scratch.path("deploy").exists());

    // one file by two names is one service
    scratch.run(&["template", "--topology", "a/topology.json", "./a/topology.json"]).says(0, &[]);
    let run = scratch.run(&["template", "--topology", "a/topology.json", "b/topology.json"]);
    run.says(2, &["error[several-topologies]", "2 topologies for one output", "--combine"]);
}

#[test]
fn folder_that_cannot_be_written_is_left_as_it_was() {
    let scratch = Scratch::empty();
    scratch.write("a/topology.json", text(shop()));
    scratch.write("b/topology.json", text(bank("z-bank")));
    // where the second file should be, there is a folder
    fs::create_dir_all(scratch.path("deploy/z-bank.template.yaml")).unwrap();
    let run = scratch.run(&["template", "--out", "deploy"]);
    run.says(2, &["z-bank.template.yaml"]);
    assert_eq!(fs::read_dir(scratch.path("deploy")).unwrap().count(), 1);
}

#[test]
fn bus_that_is_named_like_a_folder_stays_in_the_folder() {
    let scratch = Scratch::empty();
    scratch.write("topology.json", text(bank("..")));
    for format in ["terraform", "sam"] {
        let run = scratch.run(&["template", "--format", format, "--out", "x/deploy"]);
        run.says(0, &[]);
        assert_eq!(fs::read_dir(scratch.path("x")).unwrap().count(), 1, "{}", run.out);
    }
}

#[test]
fn reader_of_a_major_past_its_sunset_is_a_warning() {
    let scratch = Scratch::empty();
    let older = |sunset: &str| {
        let v1 = Supersedes { major: 1, retired: false, sunset: Some(sunset.to_owned()) };
        let publish = Publish::new("order.placed", 2, 0, "app.shop").superseding(v1);
        text(bank("shop").publisher("api", [publish]))
    };
    scratch.write("topology.json", older("2026-01-31"));
    let run = scratch.run(&["template"]);
    run.says(0, &["warning[reads-past-sunset]", "consumer `auditor`", "on 2026-01-31"]);
    assert!(run.out.starts_with("AWSTemplateFormatVersion"));
    scratch.write("topology.json", older("2999-01-31"));
    assert_eq!(scratch.run(&["template"]).err, "");
}

#[test]
fn bad_topologies_are_refused() {
    let scratch = Scratch::empty();
    scratch.run(&["template"]).says(2, &["error[topology-missing]"]);
    let good = text(shop());
    for (content, expected) in [
        ("", "error[topology-unreadable]"),
        ("[]", "error[topology-unreadable]"),
        ("{\"format\": 1}", "error[topology-unreadable]"),
        (&*good.replace("\"format\": 2", "\"format\": 3"), "expected a topology of format 2"),
        (&*good.replace("\"detail-type\"", "\"detail-typ\""), "asks for `detail-typ`"),
        (&*good.replace("emailer-undelivered", "emailer-lost"), "error[topology-inconsistent]"),
    ] {
        // the last one is renamed everywhere but where the queue is
        let content = if expected == "error[topology-inconsistent]" {
            content.replacen("emailer-lost", "emailer-gone", 1)
        } else {
            content.to_owned()
        };
        scratch.write("topology.json", content);
        let run = scratch.run(&["template", "--out", "deploy"]);
        run.says(2, &[expected]);
        assert!(!scratch.path("deploy").exists());
    }
    scratch.write("topology.json", good);
    scratch
        .run(&["template", "--stage", "Prod"])
        .says(2, &["error[bad-stage]", "expected 1 to 16"]);
}
