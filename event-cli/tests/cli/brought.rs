//! Checks a folder against a registry (`cargo event check --against registry`), and pulls in a build
//! (`event_registry::build::pull`).

#![allow(clippy::print_stdout, reason = "the child tells its parent so")]

use std::process::Command;

use event_folder::problem::any_error;
use event_local::schemas::{Operation, Server};
use event_registry::build::{self, Pull};

use crate::pull::{Registry, alone, preset, presets, schema, tree};
use crate::scratch::Scratch;

/// The variable with the folder for [`build_of_a_child`].
const FOLDER: &str = "EVENT_TEST_FOLDER";
/// The variable that states when it pulls.
const WHEN: &str = "EVENT_TEST_PULL";

/// Not a test by itself: does what a build script does, in a process with its own environment.
#[test]
fn build_of_a_child() {
    let (Some(folder), Some(when)) = (std::env::var_os(FOLDER), std::env::var_os(WHEN)) else {
        return;
    };
    let when = match when.to_str() {
        Some("missing") => Pull::IfMissing,
        Some("always") => Pull::Always,
        _ => Pull::Never,
    };
    let mut diagnostics = build::run(std::path::Path::new(&folder), "core", when);
    let refused = any_error(&diagnostics);
    let (more, generated) = event_codegen::configure().schemas(folder).run();
    diagnostics.extend(more);
    for d in &diagnostics {
        println!("said {:?} {}", d.severity, d.headline());
        for help in &d.help {
            println!("said   {help}");
        }
    }
    // cargo fails the build if there is an error
    let generated = generated.filter(|_| !refused);
    let types = generated.map_or(0, |g| g.rust.matches("pub struct").count());
    println!("said types: {types}");
}

/// Returns the output of the build.
fn build(registry: Option<&Registry>, scratch: &Scratch, when: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "brought::build_of_a_child", "--nocapture"]);
    alone(&mut command);
    let endpoint = registry.map_or("http://127.0.0.1:9", |r| &r.endpoint);
    command.env("AWS_ENDPOINT_URL_SCHEMAS", endpoint);
    command.env(FOLDER, scratch.path("schemas")).env(WHEN, when);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let out = String::from_utf8(output.stdout).unwrap();
    // the test harness prints text before the output on the first line
    let said = out.lines().filter_map(|l| l.split_once("said ").map(|(_, said)| said));
    said.fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn build_pulls_missing_versions_once() {
    let registry = Registry::serve(Server::builder().presets(presets(2)));
    let scratch = Scratch::empty();
    let said = build(Some(&registry), &scratch, "never");
    assert!(said.starts_with("Error [") && said.ends_with("types: 0\n"), "{said}");
    assert_eq!(registry.server.calls(Operation::ListSchemas), 0);
    assert!(!scratch.path("schemas").exists());
    assert_eq!(build(Some(&registry), &scratch, "missing"), "types: 2\n");
    let (before, calls) =
        (tree(&scratch.path("schemas")), registry.server.calls(Operation::ListSchemas));
    assert_eq!(before.len(), 7);
    assert_eq!(build(Some(&registry), &scratch, "missing"), "types: 2\n");
    assert_eq!(registry.server.calls(Operation::ListSchemas), calls);
    assert_eq!(build(Some(&registry), &scratch, "always"), "types: 2\n");
    assert!(registry.server.calls(Operation::ListSchemas) > calls);
    // a deleted locked version is restored
    scratch.remove("schemas/core/e.n1/1.2.json");
    assert_eq!(build(Some(&registry), &scratch, "missing"), "types: 2\n");
    assert_eq!(tree(&scratch.path("schemas")), before);
}

#[test]
fn unreachable_registry_is_a_warning_if_the_folder_has_all_versions_and_an_error_otherwise() {
    let registry = Registry::serve(Server::builder().presets(presets(1)));
    let scratch = Scratch::empty();
    let said = build(None, &scratch, "missing");
    assert!(said.contains("Error [registry-unreachable]"), "{said}");
    assert!(said.contains("Error [registry-not-pulled]"), "{said}");
    assert!(said.contains("`cargo event pull --registry core`"), "{said}");
    assert!(said.ends_with("types: 0\n") && !scratch.path("schemas").exists(), "{said}");
    assert_eq!(build(Some(&registry), &scratch, "always"), "types: 1\n");
    let said = build(None, &scratch, "always");
    assert!(said.contains("Warning [registry-unreachable]") && !said.contains("Error"), "{said}");
    assert!(said.contains("which are all here"), "{said}");
    assert!(said.ends_with("types: 1\n"), "{said}");
    scratch.remove("schemas/core/e.n0/1.1.json");
    let said = build(None, &scratch, "missing");
    assert!(said.contains("lacks locked versions"), "{said}");
}

#[test]
fn build_refuses_a_version_that_breaks() {
    let breaks =
        r#"{ "type": "object", "required": ["x"], "properties": { "x": { "type": "integer" } } }"#;
    let bad = preset("bad-v1", &[schema(1), breaks.to_owned()]);
    let registry = Registry::serve(Server::builder().presets([bad]));
    let scratch = Scratch::empty();
    let said = build(Some(&registry), &scratch, "always");
    assert!(said.contains("Error [required-field-added]"), "{said}");
    assert!(said.ends_with("types: 0\n") && tree(&scratch.path("schemas")).is_empty(), "{said}");
}

#[test]
fn folder_is_checked_against_its_registry() {
    let registry = Registry::serve(Server::builder().presets(presets(1)));
    let scratch = Scratch::empty();
    registry.run(&scratch, &["pull", "--registry", "core"]).says(0, &[]);
    let check = ["check", "--against", "registry"];
    let run = registry.run(&scratch, &check);
    run.says(0, &[]);
    assert!(run.out.contains("against 3 published versions of `registry`"), "{run:?}");
    let before = tree(&scratch.path("schemas"));

    // edited, and the lock rewritten by hand: the registry still has the content
    let first = "schemas/core/e.n0/1.0.json";
    let edited = schema(1).replacen("{ ", "{ \"title\": \"Made\", ", 1);
    scratch.write(first, &edited);
    let lock = scratch.read("schemas/schemas.lock");
    let of = |text: &str| event_folder::lock::sha256(text);
    scratch.write("schemas/schemas.lock", lock.replace(&of(&schema(1)), &of(&edited)));
    scratch.run(&["check"]).says(0, &[]);
    registry.run(&scratch, &check).says(1, &["registry-history-changed"]);
    scratch.write(first, schema(1));
    scratch.write("schemas/schemas.lock", lock);
    assert_eq!(tree(&scratch.path("schemas")), before);

    // published by somebody else, and missing in the folder
    let ahead = preset("e.n0", &[schema(1), schema(2), schema(3), schema(4)]);
    let registry = Registry::serve(Server::builder().presets([ahead]));
    let said = ["registry-ahead", "`e.n0` 1.3 is published", "cargo event pull --registry core"];
    registry.run(&scratch, &check).says(1, &said);
    assert_eq!(tree(&scratch.path("schemas")), before);
}
