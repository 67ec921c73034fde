//! What the derive accepts, and its error messages, case by case.
//!
//! The cases of `ui/pass` compile and run; those of the other folders, each named after its rule,
//! fail with the message beside them. `TRYBUILD=overwrite cargo test -p event-tests --test ui`
//! rewrites the messages; the toolchain is pinned, because rustc writes a part of them.
//!
//! trybuild builds the cases in a package without a build script, which therefore has no `OUT_DIR`.
//! Cargo gives this test the `OUT_DIR` of its own package, where `build.rs` compiled `tests/schemas`, and
//! the cases' compiler inherits it: the derive reads what real codegen wrote.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders of the cases, including `pass`.
fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir("tests/ui")
        .expect("the cases stand in tests/ui")
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    folders.sort();
    folders
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a rule has a folder")
        .map(|entry| entry.expect("a readable case").path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    files.sort();
    files
}

#[test]
fn cases() {
    assert!(
        std::env::var_os("OUT_DIR").is_some(),
        "run it by cargo, which says where build.rs wrote"
    );
    let cases = trybuild::TestCases::new();
    for folder in folders() {
        for case in files(&folder, "rs") {
            if folder.ends_with("pass") { cases.pass(case) } else { cases.compile_fail(case) }
        }
    }
}

/// The case that needs trybuild's default: no build script, so no `OUT_DIR`.
#[test]
fn without_a_build_script() {
    let this = std::env::current_exe().expect("a test is a file");
    let status = std::process::Command::new(this)
        .args(["--ignored", "--exact", "cases_without_a_build_script"])
        .env_remove("OUT_DIR")
        .status()
        .expect("it runs, for it is running");
    assert!(status.success());
}

#[test]
#[ignore = "run by `without_a_build_script`, in its environment"]
fn cases_without_a_build_script() {
    trybuild::TestCases::new().compile_fail("tests/ui_without_build_script/*.rs");
}

/// A sunset in the past fails the build if build.rs requests it: codegen sets this variable then.
#[test]
fn where_a_sunset_is_an_error() {
    let this = std::env::current_exe().expect("a test is a file");
    let status = std::process::Command::new(this)
        .args(["--ignored", "--exact", "cases_where_a_sunset_is_an_error"])
        .env("EVENT_CONTRACTS_SUNSET", "error")
        .status()
        .expect("it runs, for it is running");
    assert!(status.success());
}

#[test]
#[ignore = "run by `where_a_sunset_is_an_error`, in its environment"]
fn cases_where_a_sunset_is_an_error() {
    trybuild::TestCases::new().compile_fail("tests/ui_where_a_sunset_is_an_error/*.rs");
}

#[test]
fn every_expected_message_has_a_case() {
    for folder in folders() {
        for text in files(&folder, "stderr") {
            assert!(text.with_extension("rs").exists(), "{} is left over", text.display());
        }
    }
}

/// A break names the event, not the macro that found it.
#[test]
fn expected_messages_have_no_noise() {
    for folder in folders() {
        for path in files(&folder, "stderr") {
            // without the prelude, rustc doesn't find its own `#[diagnostic]` where a macro writes it
            if path.ends_with("under_no_implicit_prelude.stderr") {
                continue;
            }
            let text = fs::read_to_string(&path).expect("readable");
            for noise in [
                "originates in the derive macro",
                "in this derive macro expansion",
                env!("CARGO_MANIFEST_DIR"),
            ] {
                assert!(!text.contains(noise), "{}: `{noise}`", path.display());
            }
        }
    }
}
