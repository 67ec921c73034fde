//! One schema folder and several registries with one name: staging and production.

use std::process::Stdio;
use std::time::Duration;

use event_local::faults::{Fault, Faults};
use event_local::schemas::{Operation, Server};

use crate::pull::{Registry, schema, tree};
use crate::scratch::{Run, Scratch};

const ORDER: &str = "schemas/core/order.placed";

fn folder(minors: u32) -> Scratch {
    let scratch = Scratch::empty();
    for minor in 0..minors {
        scratch.write(&format!("{ORDER}/1.{minor}.json"), schema(minor as usize + 1));
    }
    scratch.run(&["lock"]).says(0, &[]);
    scratch
}

fn two() -> (Registry, Registry) {
    (Registry::serve(Server::builder()), Registry::serve(Server::builder()))
}

fn uploaded(run: &Run) -> u64 {
    run.json()["uploaded"].as_u64().unwrap()
}

#[test]
fn second_registry_is_filled_in_order_and_both_origins_are_kept() {
    let (staging, production) = two();
    let here = folder(2);
    let push = ["push", "--registry", "core", "--format", "json"];
    assert_eq!(uploaded(&staging.run(&here, &push)), 2);
    production.run(&here, &["check", "--against", "registry"]).says(2, &["registry-not-found"]);

    // with one more minor, the empty production gets all three in order
    here.write(&format!("{ORDER}/1.2.json"), schema(3));
    here.run(&["lock"]).says(0, &[]);
    assert_eq!(uploaded(&production.run(&here, &push)), 3);
    let there = Scratch::empty();
    production.run(&there, &["pull", "--registry", "core"]).says(0, &[]);
    assert_eq!(there.read(&format!("{ORDER}/1.2.json")), schema(3));

    // staging lacks the minor, and the check names it and the place
    let missing = ["registry-behind", "`order.placed` 1.2 is missing", &staging.endpoint];
    staging.run(&here, &["check", "--against", "registry"]).says(1, &missing);
    production.run(&here, &["check", "--against", "registry"]).says(0, &[]);
    assert_eq!(uploaded(&staging.run(&here, &push)), 1);
    for registry in [&staging, &production] {
        registry.run(&here, &["check", "--against", "registry"]).says(0, &[]);
        registry.run(&here, &["pull", "--check"]).says(0, &[]);
        assert_eq!(uploaded(&registry.run(&here, &push)), 0);
        let lock = here.read("schemas/schemas.lock");
        assert_eq!(
            lock.matches(&format!("place = \"{}\"", registry.endpoint)).count(),
            3,
            "{lock}"
        );
    }
    for command in [&["check"][..], &["lock", "--check"]] {
        here.run(command).says(0, &[]);
    }
}

#[test]
fn registry_with_other_content_is_refused_and_unchanged() {
    let (staging, production) = two();
    let (here, other) = (folder(2), Scratch::empty());
    other.write(&format!("{ORDER}/1.0.json"), schema(7));
    other.run(&["lock"]).says(0, &[]);
    production.run(&other, &["push"]).says(0, &[]);
    staging.run(&here, &["push"]).says(0, &[]);
    let lock = here.read("schemas/schemas.lock");
    let calls = production.server.calls(Operation::UpdateSchema);
    production.run(&here, &["push"]).says(1, &["registry-version-taken"]);
    assert_eq!(production.server.calls(Operation::UpdateSchema), calls);
    assert_eq!(here.read("schemas/schemas.lock"), lock);
    production.run(&here, &["check", "--against", "registry"]).says(1, &[]);
}

#[test]
fn version_that_somebody_else_pushes_at_the_same_time_is_an_error() {
    let faults = Faults::none();
    let registry = Registry::serve(Server::builder().faults(&faults));
    let (here, other) = (folder(1), folder(1));
    for folder in [&here, &other] {
        registry.run(folder, &["push"]).says(0, &[]);
    }
    for (folder, fields) in [(&here, 2), (&other, 3)] {
        folder.write(&format!("{ORDER}/1.1.json"), schema(fields));
        folder.run(&["lock"]).says(0, &[]);
    }
    // Ours has read the registry and waits; theirs is uploaded in between.
    let calls = registry.server.calls(Operation::UpdateSchema);
    faults.next(1, Operation::UpdateSchema, Fault::Slow(Duration::from_secs(5)));
    let mut ours = registry.command(&here, &["push"]);
    let ours = ours.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while registry.server.calls(Operation::UpdateSchema) == calls {
        std::thread::sleep(Duration::from_millis(5));
    }
    registry.run(&other, &["push"]).says(0, &[]);
    let output = ours.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("registry-ahead") && said.contains("pushed version 2"), "{said}");
    // The lock does not list the version after theirs, so a pull still reports the conflict.
    registry.run(&here, &["pull"]).says(1, &["registry-version-taken"]);
}

#[test]
fn origin_of_an_earlier_lock_counts_only_if_the_content_matches() {
    let (staging, production) = two();
    let here = folder(2);
    staging.run(&here, &["push"]).says(0, &[]);
    let old: String = here
        .read("schemas/schemas.lock")
        .replace(&format!("place = \"{}\", ", staging.endpoint), "");
    here.write("schemas/schemas.lock", &old);
    let push = ["push", "--format", "json"];
    assert_eq!(uploaded(&production.run(&here, &push)), 2, "empty, whatever the lock says");
    here.write("schemas/schemas.lock", &old);
    assert_eq!(uploaded(&staging.run(&here, &push)), 0);
    let lock = here.read("schemas/schemas.lock");
    assert_eq!(lock.matches(&staging.endpoint).count(), 2, "{lock}");
    assert_eq!(lock.matches("version = ").count(), old.matches("version = ").count(), "{lock}");
}

#[test]
fn registry_that_lost_everything_is_filled_again() {
    let here = folder(3);
    let first = Registry::serve(Server::builder());
    first.run(&here, &["push"]).says(0, &[]);
    let port = first.server.address().port();
    drop(first);
    let again = Registry::serve(Server::builder().port(port));
    again.run(&here, &["check", "--against", "registry"]).says(2, &["registry-not-found"]);
    let pushed = again.run(&here, &["push", "--format", "json"]);
    assert_eq!(uploaded(&pushed), 3, "{pushed:?}");
    again.run(&here, &["check", "--against", "registry"]).says(0, &[]);
}

#[test]
fn two_versions_of_one_origin_are_refused_by_every_command() {
    let registry = Registry::serve(Server::builder());
    let here = folder(2);
    registry.run(&here, &["push"]).says(0, &[]);
    let lock = here.read("schemas/schemas.lock").replace("version = 2 }", "version = 1 }");
    here.write("schemas/schemas.lock", lock);
    for command in [&["check"][..], &["push"], &["pull"], &["lock", "--check"]] {
        registry.run(&here, command).says(2, &["bad-lock", "have the same origin"]);
    }
}

#[test]
fn later_drafts_and_references_are_uploaded_as_one_document_of_draft_4() {
    let (staging, production) = two();
    let here = Scratch::empty();
    here.write(
        "schemas/core/common.json",
        r##"{ "$schema": "http://json-schema.org/draft-07/schema#", "definitions": {
            "Money": { "type": "object", "properties": { "cents": { "$ref": "#/definitions/Cents" } } },
            "Cents": { "type": "integer", "exclusiveMinimum": -1 } } }"##,
    );
    let text = |more: &str| {
        format!(
            r#"{{ "$schema": "http://json-schema.org/draft-07/schema#", "$id": "placed", "type": "object",
            "x-amazon-events-source": "app", "required": [],
            "properties": {{ "kind": {{ "const": "order" }}, {more}
                "total": {{ "$ref": "../common.json#/definitions/Money" }} }} }}"#
        )
    };
    here.write(&format!("{ORDER}/1.0.json"), text(""));
    here.write(&format!("{ORDER}/1.1.json"), text(r#""note": { "type": "string" },"#));
    here.run(&["lock"]).says(0, &[]);
    for registry in [&staging, &production] {
        let push = ["push", "--format", "json"];
        let pushed = registry.run(&here, &push);
        assert_eq!(uploaded(&pushed), 2, "{pushed:?}");
        assert_eq!(uploaded(&registry.run(&here, &push)), 0);
        registry.run(&here, &["check", "--against", "registry"]).says(0, &[]);
        registry.run(&here, &["pull"]).says(0, &[]);
    }
    let there = Scratch::empty();
    staging.run(&there, &["pull", "--registry", "core"]).says(0, &[]);
    let pulled = there.read(&format!("{ORDER}/1.1.json"));
    assert!(pulled.contains("draft-04") && !pulled.contains("common.json"), "{pulled}");
    let event = |total: i64| {
        format!(r#"{{ "kind": "order", "note": "a", "total": {{ "cents": {total} }} }}"#)
    };
    for (name, total, code) in [("good.json", 0, 0), ("bad.json", -1, 1)] {
        for folder in [&here, &there] {
            folder.write(name, event(total));
            folder.run(&["validate", "order.placed@1.1", name]).says(code, &[]);
        }
    }
}

#[test]
fn schema_that_draft_4_cannot_express_is_refused_before_any_request() {
    let registry = Registry::serve(Server::builder());
    let inputs = [
        r#""propertyNames": { "maxLength": 3 }"#,
        r#""if": { "required": ["a"] }, "then": { "required": ["b"] }"#,
        r#""properties": { "a": { "type": "array", "contains": { "type": "string" } } }"#,
    ];
    for more in inputs {
        let here = Scratch::empty();
        let text = format!(
            r#"{{ "$schema": "http://json-schema.org/draft-07/schema#", "type": "object", {more} }}"#
        );
        here.write(&format!("{ORDER}/1.0.json"), text);
        here.run(&["lock"]);
        registry.run(&here, &["push"]).says(2, &["registry-content-dialect", "draft 4 has no"]);
    }
    let here = Scratch::empty();
    let openapi = r#"{ "openapi": "3.1.0", "info": { "title": "t", "version": "1" }, "paths": {},
        "components": { "schemas": { "A": { "type": "object" } } } }"#;
    here.write(&format!("{ORDER}/1.0.json"), openapi);
    here.run(&["lock"]);
    registry.run(&here, &["push"]).says(2, &["registry-content-dialect", "3.1.0"]);
    assert_eq!(registry.server.calls(Operation::DescribeRegistry), 0);
}

#[test]
fn stage_of_a_killed_pull_is_removed_by_the_next_pull() {
    let registry = Registry::serve(Server::builder());
    let here = folder(1);
    registry.run(&here, &["push"]).says(0, &[]);
    here.write("schemas/.pull/core/x.json", "junk");
    registry.run(&here, &["pull"]).says(0, &[]);
    assert!(!here.path("schemas/.pull").exists());
}

/// How often the commands are killed: a few times in CI, thirty times by `just campaign-stages`.
fn kills() -> u32 {
    std::env::var("EVENT_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(4)
}

/// Runs a command and kills it after a time. Returns whether it was still running.
fn killed(registry: &Registry, folder: &Scratch, args: &[&str], after: Duration) -> bool {
    let mut child =
        registry.command(folder, args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    let running = child.try_wait().unwrap().is_none();
    child.kill().ok();
    child.wait().unwrap();
    running
}

/// Pushes one folder to two registries, and pulls them into another folder, with each command killed at different
/// moments. The result is that of an undisturbed run.
#[test]
fn killed_pushes_and_pulls_end_as_undisturbed_ones() {
    let (staging, production) = two();
    let (here, there) = (folder(12), Scratch::empty());
    let mut disturbed = 0;
    for n in 0..kills() {
        let after = Duration::from_millis(u64::from(n * 37 % 120));
        for registry in [&staging, &production] {
            disturbed += u32::from(killed(registry, &here, &["push"], after));
            disturbed +=
                u32::from(killed(registry, &there, &["pull", "--registry", "core"], after));
            // nothing is half written: each command reads the lock
            here.run(&["check"]).says(0, &[]);
        }
    }
    assert!(disturbed > 0, "no command was killed while it ran");
    for registry in [&staging, &production] {
        registry.run(&here, &["push"]).says(0, &[]);
        registry.run(&here, &["check", "--against", "registry"]).says(0, &[]);
        assert_eq!((registry.server.schemas(), registry.server.registries()), (1, 1));
        registry.run(&there, &["pull", "--registry", "core"]).says(0, &[]);
        registry.run(&there, &["check", "--against", "registry"]).says(0, &[]);
    }
    // a killed command may leave a temporary file of a lock, which a later write removes
    let whole = |folder: &Scratch| {
        let mut files = tree(&folder.path("schemas"));
        files.retain(|name, _| !name.starts_with("schemas.lock.part"));
        files
    };
    assert_eq!(whole(&there), whole(&here));
    let clean = Scratch::empty();
    staging.run(&clean, &["pull", "--registry", "core"]).says(0, &[]);
    for minor in 0..12 {
        let file = format!("{ORDER}/1.{minor}.json");
        assert_eq!(clean.read(&file), here.read(&file), "each version once, in order");
    }
}
