//! The command as `cargo install cargo-event --no-default-features` builds it.

#![cfg(not(any(feature = "registry", feature = "serve")))]
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::path::Path;
use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    Command::new(env!("CARGO_BIN_EXE_cargo-event"))
        .args(args)
        .current_dir(schemas)
        .output()
        .unwrap()
}

#[test]
fn check_works_without_the_registry() {
    let ran = run(&["check"]);
    assert!(ran.status.success(), "{ran:?}");
}

#[test]
fn absent_command_names_the_missing_feature() {
    for (args, feature) in [
        (&["pull", "--registry", "core"][..], "registry"),
        (&["push", "--dry-run"], "registry"),
        (&["check", "--against", "registry"], "registry"),
        (&["registry", "serve", "--port", "0"], "serve"),
    ] {
        let ran = run(args);
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains("error[feature-missing]"), "{args:?}: {said}");
        let install = format!("cargo install cargo-event --features {feature}");
        assert!(said.contains(&install), "{args:?}: {said}");
    }
}
