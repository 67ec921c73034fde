//! The declarations of the example build, and the program prints them.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test may fail loudly")]

use std::process::Command;

use event_runtime::topology::plan::Plan;
use event_topology::template::{Options, Stage, Template, Terraform};
use example_service::topology::topology;

/// What a stranger sees first fits a terminal of 100 columns.
#[test]
fn output_fits_100_columns_and_introduces_consumers() {
    let output = Command::new(env!("CARGO_BIN_EXE_example-service")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("A proposals service publishes events to three consumers"), "{said}");
    for line in said.lines() {
        assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
    }
}

#[test]
fn program_prints_topology() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_example-service")).arg("topology").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let plan: Plan = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(&plan, topology().unwrap().plan());

    let reads = |name: &str| {
        let consumer = plan.consumer(name).unwrap();
        consumer.reads.iter().map(|read| read.detail_type.clone()).collect::<Vec<_>>()
    };
    assert_eq!(reads("emailer"), ["proposal.published:v1"]);
    // What version 2 says of version 1, by its derive.
    let published = &plan.publishers[0].publishes;
    let newer = published.iter().find(|it| it.detail_type == "proposal.published:v2").unwrap();
    let older = newer.supersedes.as_ref().unwrap();
    assert_eq!((older.major, older.retired, older.sunset.as_deref()), (1, false, None));
    assert_eq!(reads("analytics"), ["proposal.published:v2"]);
    assert_eq!(reads("projector"), ["proposal.accepted:v1", "proposal.published:v2"]);
}

/// What `cargo event template` reads, and what it makes of it. `EVENT_ACCEPT=1 cargo test` writes all of them again.
#[test]
fn topology_and_templates_are_committed() {
    let topology = topology().unwrap();
    event_testing::assert_topology("topology.json", &topology);
    let options = Options::new(Stage::new("prod").unwrap()).archive_days(30);
    let template = Template::of(topology.plan(), &options).unwrap();
    event_testing::assert_file("template.yaml", &template.to_yaml());
    let sam = Template::of(topology.plan(), &options.clone().sam(true)).unwrap();
    event_testing::assert_file("sam.yaml", &sam.to_yaml());
    let terraform = Terraform::of(topology.plan(), &options).unwrap();
    event_testing::assert_file("main.tf.json", &terraform.to_text());
}

#[test]
fn unknown_argument_is_an_error() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_example-service")).arg("topolgy").output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("unknown argument `topolgy`"), "{said}");
}
