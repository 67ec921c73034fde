//! What a service links, by what it asks for: cargo's own list of its crates.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::process::Command;

use event_tests::scratch::workspace;

/// The crates that are linked with this package.
fn linked(package: &str, arguments: &[&str]) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(workspace())
        .args(["tree", "--offline", "--locked", "--package", package, "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let names = text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned);
    let names: BTreeSet<String> = names.collect();
    assert!(names.contains(package), "{names:?}");
    names
}

fn assert_without(names: &BTreeSet<String>, unwanted: &[&str]) {
    let found: Vec<_> =
        names.iter().filter(|name| unwanted.iter().any(|it| name.starts_with(it))).collect();
    assert!(found.is_empty(), "linked: {found:?}");
}

/// What our crates would bring besides, each by a crate of its own.
const TOOLS: [&str; 4] = ["event-schema", "event-codegen", "event-local", "typify"];

#[test]
fn runtime_links_no_aws_crate_under_any_feature() {
    let names = linked("event-runtime", &["--all-features"]);
    assert!(names.contains("redb"), "{names:?}");
    assert_without(&names, &["aws", "lambda", "event-aws"]);
    assert_without(&names, &TOOLS);
}

#[test]
fn runtime_links_no_database_by_default() {
    let names = linked("event-runtime", &[]);
    assert_without(&names, &["redb", "aws", "lambda", "hyper", "metrics", "tower"]);
}

#[test]
fn topology_links_neither_a_client_nor_a_clock() {
    let names = linked("event-topology", &["--all-features"]);
    assert_without(&names, &["aws", "tokio", "jiff", "chrono", "rand", "redb", "hyper"]);
    assert_without(&names, &["event-runtime", "event-shape"]);
}

#[test]
fn lambda_function_links_no_database_and_no_queue_client() {
    let names = linked("event-aws", &["--features", "lambda,dynamodb"]);
    assert!(names.contains("lambda_runtime") && names.contains("aws-sdk-dynamodb"), "{names:?}");
    assert_without(&names, &["redb", "aws-sdk-sqs", "aws-sdk-eventbridge", "event-testing"]);
    assert_without(&names, &["metrics", "axum"]);
    assert_without(&names, &TOOLS);
}

#[test]
fn function_without_tables_links_no_sdk() {
    let names = linked("event-aws", &["--features", "lambda,streams"]);
    assert_without(&names, &["redb", "aws-sdk", "aws-config", "rustls", "aws-smithy"]);
}

#[test]
fn command_without_registry_links_no_aws_crate() {
    let names = linked("cargo-event", &["--no-default-features"]);
    assert_without(&names, &["aws", "event-aws", "event-runtime"]);
}
