//! Builds with an invalid schema folder: cargo runs on a scratch crate whose schemas are an edited
//! copy of the example's. Each fault must fail the build with its own diagnostic and nothing else:
//! no panic, no backtrace, no additional error of rustc.

#![allow(clippy::unwrap_used, missing_docs, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use event_tests::scratch::{LOCK, Scratch, dependency, workspace};

const EVENT: &str = "schemas/app-core/proposal.published";

/// The scratch crate of all tests: its build script is compiled once and runs once per test.
struct Failing {
    scratch: Scratch,
    _turn: MutexGuard<'static, ()>,
}

/// The output of a build.
struct Build {
    success: bool,
    stderr: String,
}

impl std::ops::Deref for Failing {
    type Target = Scratch;

    fn deref(&self) -> &Scratch {
        &self.scratch
    }
}

impl Failing {
    /// The crate with the example's schemas, all of them locked.
    fn new() -> Failing {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), "build-failures");
        scratch.manifest(
            "scratch",
            &format!(
                "[dependencies]\n{}serde = {{ version = \"1\", features = [\"derive\"] }}\n\n[build-dependencies]\n{}",
                dependency("event-runtime", ""),
                dependency("event-codegen", ""),
            ),
        );
        scratch.write("build.rs", "fn main() {\n    event_codegen::compile(\"schemas\");\n}\n");
        scratch.write(
            "src/lib.rs",
            "event_runtime::include_events!();\npub type Published = proposal_published::v2::ProposalPublished;\n",
        );
        scratch.clear("schemas");
        copy(&workspace().join("schemas"), &scratch.path("schemas"));
        scratch.lock();
        Failing { scratch, _turn: turn }
    }

    /// Removes a property from `ProposalPublished`, and from its required ones.
    fn remove_property(&self, name: &str, property: &str) {
        let mut schema: serde_json::Value = serde_json::from_str(&self.read(name)).unwrap();
        let payload = &mut schema["components"]["schemas"]["ProposalPublished"];
        assert!(payload["properties"].as_object_mut().unwrap().remove(property).is_some());
        payload["required"].as_array_mut().unwrap().retain(|r| r != property);
        self.write(name, format!("{schema:#}\n"));
    }

    fn build(&self) -> Build {
        let output = self.cargo(&["build", "--quiet", "--color=never"]).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        for bad in ["panicked", "RUST_BACKTRACE", "stack backtrace", "Error {"] {
            assert!(!stderr.contains(bad), "`{bad}` in\n{stderr}");
        }
        Build { success: output.status.success(), stderr }
    }

    /// Builds, and asserts that the build fails with exactly these diagnostics, each given by its rule
    /// and texts of its headline.
    #[track_caller]
    fn fails(&self, expected: &[(&str, &[&str])]) -> Build {
        let build = self.build();
        assert!(!build.success, "{}", build.stderr);
        let headlines = build.headlines();
        assert_eq!(headlines.len(), expected.len(), "{}", build.stderr);
        for (headline, (rule, texts)) in headlines.iter().zip(expected) {
            assert!(headline.starts_with(&format!("[{rule}] ")), "{headline}");
            for text in *texts {
                assert!(headline.contains(text), "no `{text}` in {headline}");
            }
        }
        assert_eq!(build.other_errors(), Vec::<&str>::new(), "{}", build.stderr);
        build
    }
}

impl Build {
    const PREFIX: &str = "error: scratch@0.1.0: ";

    /// The headlines of our diagnostics.
    fn headlines(&self) -> Vec<&str> {
        let ours = self.stderr.lines().filter_map(|l| l.strip_prefix(Self::PREFIX));
        ours.filter(|l| l.starts_with('[')).collect()
    }

    /// Errors other than our diagnostics and cargo's last line.
    fn other_errors(&self) -> Vec<&str> {
        let ours = |l: &str| {
            l.strip_prefix(Self::PREFIX)
                .is_some_and(|l| l.starts_with('[') || l.starts_with("  = "))
        };
        let last = |l: &str| l == "error: build script logged errors";
        self.stderr.lines().filter(|l| l.starts_with("error") && !ours(l) && !last(l)).collect()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn example_builds() {
    let build = Failing::new().build();
    assert!(build.success, "{}", build.stderr);
    assert_eq!(build.stderr, "");
}

#[test]
fn field_removed_in_minor_fails_build() {
    let scratch = Failing::new();
    let file = format!("{EVENT}/2.1.json");
    scratch.remove_property(&file, "customer");
    // already published: reported beside the break itself
    let build = scratch.build();
    assert!(!build.success);
    assert!(build.headlines().iter().any(|h| h.contains("`customer`")), "{}", build.stderr);
    assert!(build.headlines().iter().any(|h| h.contains("immutable")), "{}", build.stderr);
    assert_eq!(build.other_errors(), Vec::<&str>::new(), "{}", build.stderr);
    // not published yet: only the break
    scratch.lock();
    let build = scratch.fails(&[("required-field-removed", &["2.1.json:", "`customer`"])]);
    for detail in ["  = was: ", "  = witness: ", "  = help: "] {
        assert!(build.stderr.contains(detail), "{}", build.stderr);
    }
}

#[test]
fn edited_locked_version_fails_build() {
    let scratch = Failing::new();
    let (from, to) = ("A proposal was published to its customer.", "A proposal was sent.");
    scratch.edit(&format!("{EVENT}/1.0.json"), from, to);
    scratch.fails(&[("locked-schema-edited", &["1.0.json", "1.0", "immutable"])]);
}

#[test]
fn deleted_locked_version_fails_build() {
    let scratch = Failing::new();
    scratch.remove(&format!("{EVENT}/1.0.json"));
    scratch.fails(&[("locked-schema-deleted", &["1.0.json", "1.0", "immutable"])]);
}

#[test]
fn unlocked_version_fails_build() {
    let scratch = Failing::new();
    let newest = scratch.read(&format!("{EVENT}/2.1.json"));
    scratch.write(&format!("{EVENT}/2.2.json"), newest);
    let build = scratch.fails(&[("schema-not-locked", &["2.2.json"])]);
    assert!(build.stderr.contains("cargo event lock"), "{}", build.stderr);
}

#[test]
fn no_lock() {
    let scratch = Failing::new();
    scratch.remove(LOCK);
    let build = scratch.fails(&[("lock-missing", &["schemas/schemas.lock", "not locked"])]);
    assert!(build.stderr.contains("cargo event lock"), "{}", build.stderr);
}

#[test]
fn invalid_lock_fails_build() {
    let scratch = Failing::new();
    for (lock, rule, line) in
        [("<<<<<<< ours\n", "merge-conflict", "line 1"), ("version = [\n", "bad-lock", "line 1")]
    {
        scratch.write(LOCK, lock);
        scratch.fails(&[(rule, &["schemas/schemas.lock", line])]);
    }
}

#[test]
fn not_json() {
    let scratch = Failing::new();
    scratch.write(&format!("{EVENT}/2.1.json"), "{\n  \"openapi\": \n");
    scratch.lock();
    scratch.fails(&[("schema-not-json", &["2.1.json:", "not JSON"])]);
}

#[test]
fn not_utf8() {
    let scratch = Failing::new();
    scratch.write("schemas/app-core/other.event/1.0.json", b"{\"title\": \"\xff\"}");
    scratch.lock();
    scratch.fails(&[("unreadable", &["other.event/1.0.json", "not UTF-8"])]);
}

#[test]
fn missing_reference_target_fails_build() {
    let scratch = Failing::new();
    let file = format!("{EVENT}/2.1.json");
    let text = scratch.read(&file);
    let (from, to) = ("\"#/components/schemas/Channel\"", "\"#/components/schemas/Chanel\"");
    let line = text.lines().position(|l| l.contains(from)).unwrap() + 1;
    scratch.edit(&file, from, to);
    scratch.lock();
    let at = format!("2.1.json:{line}:");
    scratch.fails(&[("unresolved-reference", &[&at, "#/components/schemas/Chanel"])]);
}

#[test]
fn version_gap_fails_build() {
    let scratch = Failing::new();
    let newest = scratch.read(&format!("{EVENT}/2.1.json"));
    scratch.write(&format!("{EVENT}/2.3.json"), newest);
    scratch.lock();
    scratch.fails(&[("version-gap", &["2.3.json", "2.2 is missing"])]);
}

#[test]
fn file_name_that_is_not_a_version_fails_build() {
    let scratch = Failing::new();
    scratch.write(&format!("{EVENT}/latest.json"), "{}");
    scratch.fails(&[("bad-file-name", &["latest.json", "is not a version"])]);
}

const BEGINS_IN_CODE: &str = r#"
event_runtime::include_events!();

#[derive(event_runtime::Event, serde::Serialize, serde::Deserialize)]
#[event(type = "visit.agreed", version = "1.0", registry = "app-core", source = "app.visits")]
pub struct VisitAgreed {
    pub visit: String,
}
"#;

#[test]
fn empty_folder_builds_and_missing_folder_fails() {
    let scratch = Failing::new();
    fs::remove_dir_all(scratch.path("schemas")).unwrap();
    scratch.fails(&[("schema-folder-missing", &["schemas"])]);
    // the first event may start in code; code that uses a generated type does not find it
    fs::create_dir(scratch.path("schemas")).unwrap();
    let build = scratch.build();
    assert!(!build.success, "{}", build.stderr);
    assert_eq!(build.headlines(), Vec::<&str>::new(), "{}", build.stderr);
    assert!(build.stderr.contains("error[E0433]"), "{}", build.stderr);
    scratch.write("src/lib.rs", BEGINS_IN_CODE);
    let build = scratch.build();
    assert!(build.success, "{}", build.stderr);
    assert!(
        build.stderr.contains("event `visit.agreed` 1.0 has no schema yet"),
        "{}",
        build.stderr
    );
    // an event without a version is still an error
    fs::create_dir_all(scratch.path(EVENT)).unwrap();
    scratch.fails(&[("no-schemas", &[EVENT, "has no version"])]);
}

#[test]
fn fixed_folder_builds_again() {
    let scratch = Failing::new();
    let file = format!("{EVENT}/2.1.json");
    let text = scratch.read(&file);
    scratch.remove_property(&file, "customer");
    assert!(!scratch.build().success);
    scratch.write(&file, text);
    let build = scratch.build();
    assert!(build.success, "{}", build.stderr);
}
