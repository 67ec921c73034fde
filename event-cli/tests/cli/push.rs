//! `cargo event push` over a socket, and the pull of the result.

use event_local::faults::{Fault, Faults};
use event_local::schemas::{ErrorKind, Operation, Server};

use crate::pull::{Registry, schema, tree};
use crate::scratch::Scratch;

/// Returns three locked events, each with 1.0, 1.1, 1.2 and 2.0.
fn folder() -> Scratch {
    let scratch = Scratch::empty();
    for event in ["a.made", "b.made", "c.made"] {
        for minor in 0..3 {
            scratch.write(&format!("schemas/core/{event}/1.{minor}.json"), schema(minor + 1));
        }
        scratch.write(&format!("schemas/core/{event}/2.0.json"), schema(9));
    }
    scratch.run(&["lock"]).says(0, &[]);
    scratch
}

#[test]
fn pushed_folder_is_byte_equal_after_a_pull() {
    let registry = Registry::serve(Server::builder());
    let (here, there) = (folder(), Scratch::empty());
    let dry = registry.run(&here, &["push", "--dry-run"]);
    dry.says(0, &[]);
    assert!(dry.out.contains("would push core/a.made 1.0 to `app@a.made-v1`"), "{dry:?}");
    assert_eq!(registry.server.registries(), 0);
    let pushed = registry.run(&here, &["push", "--format", "json"]).json();
    assert_eq!((&pushed["uploaded"], registry.server.schemas()), (&12.into(), 6));
    registry.run(&there, &["pull", "--registry", "core"]).says(0, &[]);
    // the lock, too: both record where each version is
    assert_eq!(tree(&there.path("schemas")), tree(&here.path("schemas")));
    let (locked, calls) = (here.read("schemas/schemas.lock"), Operation::UpdateSchema);
    let before = registry.server.calls(calls);
    let again = registry.run(&here, &["push"]);
    assert!(again.out.contains("`core` has all versions"), "{again:?}");
    assert_eq!((registry.server.calls(calls), here.read("schemas/schemas.lock")), (before, locked));
    registry.run(&here, &["pull", "--check"]).says(0, &[]);
    scratch_without_lock_adopts(&registry);
}

/// A folder with the same texts and without origins uploads nothing, and records the origins.
fn scratch_without_lock_adopts(registry: &Registry) {
    let (other, before) = (folder(), registry.server.calls(Operation::UpdateSchema));
    registry.run(&other, &["push"]).says(0, &[]);
    assert_eq!(registry.server.calls(Operation::UpdateSchema), before);
    assert_eq!(other.read("schemas/schemas.lock").matches("origin = ").count(), 12);
}

#[test]
fn failed_push_is_reported_and_continued_by_the_next() {
    let faults = Faults::none();
    faults.after(1, 1, Operation::CreateSchema, Fault::Error(ErrorKind::BadRequest));
    let registry = Registry::serve(Server::builder().faults(&faults));
    let here = folder();
    let run = registry.run(&here, &["push"]);
    run.says(2, &["registry-refused", "registry:core/app@a.made-v2"]);
    assert!(run.out.contains("12 versions to push, 11 uploaded"), "{run:?}");
    let rest = registry.run(&here, &["push"]);
    rest.says(0, &[]);
    assert!(rest.out.contains("1 version to push, 1 uploaded"), "{rest:?}");
}

#[test]
fn lost_answers_upload_nothing_twice() {
    let ways = [Fault::Throttle, Fault::Cut(5), Fault::Garbage, Fault::Page(503)];
    for builder in [Server::builder(), Server::builder().not_modified()] {
        let faults = Faults::random(11, 25, &ways);
        let registry = Registry::serve(builder.faults(&faults));
        let (here, there) = (folder(), Scratch::empty());
        registry.run(&here, &["push"]).says(0, &[]);
        assert!(faults.done() > 3);
        registry.run(&there, &["pull", "--registry", "core"]).says(0, &[]);
        assert_eq!(tree(&there.path("schemas")), tree(&here.path("schemas")));
    }
}

#[test]
fn invalid_names_are_errors_before_any_request() {
    let registry = Registry::serve(Server::builder());
    let here = folder();
    registry.run(&here, &["push", "--registry", "aws.events"]).says(2, &["registry-name"]);
    registry.run(&here, &["push", "--registry", "else"]).says(2, &["registry-not-named"]);
    let long = format!("{{ \"type\": \"object\", \"description\": \"{}\" }}", "x".repeat(100_000));
    here.write("schemas/core/long/1.0.json", long);
    registry.run(&here, &["push"]).says(1, &["schema-not-locked"]);
    here.run(&["lock"]).says(0, &[]);
    registry.run(&here, &["push"]).says(2, &["registry-content-too-long", "100000"]);
    assert_eq!(registry.server.calls(Operation::DescribeRegistry), 0);
}

#[test]
fn versions_of_somebody_else_must_be_pulled_first() {
    let registry = Registry::serve(Server::builder());
    let (here, there) = (folder(), folder());
    there.write("schemas/core/a.made/1.3.json", schema(4));
    there.run(&["lock"]).says(0, &[]);
    registry.run(&there, &["push"]).says(0, &[]);
    let pull = "cargo event pull --registry core";
    registry.run(&here, &["push"]).says(1, &["registry-ahead", "1.3", pull]);
    registry.run(&here, &["pull"]).says(0, &[]);
    registry.run(&here, &["push"]).says(0, &[]);
}
