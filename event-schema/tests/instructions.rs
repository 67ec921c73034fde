//! The cost of the most expensive comparisons and validations in instructions, which do not depend on the
//! load of the machine. Counted by valgrind, each case in a separate process: `just bounds-instructions`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a test that reports its figures"
)]

use std::process::Command;

use event_schema::compat::{self, Policy};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::{read, validate};
use serde_json::{Map, Value, json};

/// The maximum number of instructions of a case in a debug build: about a second and a half on a free
/// processor.
const MOST: u64 = 9_000_000_000;

/// The variable with the name of the case that a process runs.
const CASE: &str = "EVENT_INSTRUCTIONS_CASE";

fn schema(value: &Value) -> Schema {
    let doc = Document::parse("a.json", value.to_string()).unwrap();
    read::schema_with(&doc, Some(read::Dialect::Modern), &|_| None).unwrap()
}

fn chain(n: usize, link: fn(usize, Value) -> Value, leaf: &str) -> Value {
    let mut all = Map::new();
    for at in 0..n {
        let next = json!({"$ref": format!("#/$defs/d{}", at + 1)});
        all.insert(format!("d{at}"), link(at, next));
    }
    all.insert(format!("d{n}"), json!({"type": leaf}));
    json!({"$ref": "#/$defs/d0", "$defs": all})
}

fn tree(leaf: &str) -> Value {
    let link = |_, next: Value| json!({"type": "object", "properties": {"l": next.clone(), "r": next}, "required": ["l", "r"]});
    chain(20, link, leaf)
}

fn chained(leaf: &str) -> Value {
    let link =
        |at, next| json!({"allOf": [next, {"properties": {format!("p{at}"): {"type": "string"}}}]});
    chain(3_000, link, leaf)
}

fn patterns(last: &str) -> Value {
    let all = (0..60).map(|i| json!({"pattern": format!("x{i}y")}));
    json!({"type": "string", "allOf": all.chain([json!({"pattern": last})]).collect::<Vec<_>>()})
}

fn fields(most: u64) -> Value {
    let all: Map<String, Value> = (0..300)
        .map(|i| (format!("p{i}"), json!({"pattern": format!("^[a-z]{{1,{most}}}(x|y){i}$")})))
        .collect();
    json!({"type": "object", "properties": all})
}

fn union(kind: &str) -> Value {
    let branch = |i: usize| {
        let kind = if i == 120 { kind } else { "string" };
        json!({"type": "object", "additionalProperties": false,
               "properties": {format!("a{i}"): {"type": "integer"}, "v": {"type": kind}}})
    };
    json!({"oneOf": (0..200).map(branch).collect::<Vec<_>>()})
}

fn numbers(n: u32) -> Value {
    json!({"enum": (0..n).map(f64::from).collect::<Vec<_>>()})
}

type Case = (&'static str, fn());

fn compare(old: &Value, new: &Value) {
    let report = compat::check(&schema(old), &schema(new), Policy::Additive);
    assert!(!report.changes.is_empty());
}

const CASES: [Case; 7] = [
    ("a binary tree of 20 definitions", || compare(&tree("string"), &tree("integer"))),
    ("3,000 chained `allOf`", || compare(&chained("string"), &chained("integer"))),
    ("60 patterns in `allOf`", || compare(&patterns("z"), &patterns("w"))),
    ("300 patterns", || compare(&fields(40), &fields(41))),
    ("`oneOf` of 200 untagged closed branches", || compare(&union("string"), &union("integer"))),
    ("an `enum` of 20,000 numbers", || compare(&numbers(20_000), &numbers(20_001))),
    ("an event of 20,000 values of a union", || {
        let one = |i: usize| json!({"required": [format!("x{i}")]});
        let union = json!({"items": {"anyOf": (0..100).map(one).collect::<Vec<_>>()}});
        let event: Value = (0..20_000).map(|i| json!({"id": i})).collect();
        assert!(validate::validate(&schema(&union), &event).is_err());
    }),
];

/// Runs the case that the variable names; does nothing without the variable.
#[test]
fn case_that_is_named_runs_alone() {
    let Ok(name) = std::env::var(CASE) else { return };
    let (_, run) = CASES.iter().find(|(case, _)| *case == name).unwrap();
    run();
}

#[test]
#[ignore = "takes minutes, and needs valgrind: `just bounds-instructions`"]
fn most_expensive_cases_take_a_bounded_number_of_instructions() {
    let own = std::env::current_exe().unwrap();
    let mut above = Vec::new();
    for (name, _) in CASES {
        let out = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(&own)
            .args(["--exact", "case_that_is_named_runs_alone"])
            .env(CASE, name)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{name}: {text}");
        let counted = text.lines().find_map(|line| line.split_once("Collected : "));
        let counted: u64 = counted.unwrap().1.trim().parse().unwrap();
        eprintln!("{name}: {:.2} G instructions", counted as f64 / 1e9);
        if counted > MOST {
            above.push(name);
        }
    }
    assert!(above.is_empty(), "above {MOST} instructions: {above:?}");
}
