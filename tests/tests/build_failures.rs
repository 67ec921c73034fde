//! What a schema folder that is wrong does to a build: cargo runs on a scratch crate whose schemas are
//! an edited copy of the example's. Each fault must fail the build with the diagnostic that belongs to
//! it, and with nothing else: no panic, no backtrace, no error of rustc on top.

#![allow(clippy::unwrap_used, missing_docs, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use event_codegen::load::Folder;
use event_codegen::lock::Lock;

const EVENT: &str = "schemas/app-core/proposal.published";
const LOCK: &str = "schemas/schemas.lock";

/// The scratch crate, one for all tests: its build script is compiled once and runs once a test.
struct Scratch {
    root: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

/// What a build said.
struct Build {
    success: bool,
    stderr: String,
}

impl Scratch {
    /// The crate with the example's schemas, all of them locked.
    fn new() -> Scratch {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build-failures/scratch");
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
        let scratch = Scratch { root, _turn: turn };
        let dependency =
            |name: &str| format!("{name} = {{ path = '{}' }}", workspace.join(name).display());
        scratch.write(
            "Cargo.toml",
            format!(
                "[package]\nname = \"scratch\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
                 [dependencies]\n{}\n\n[build-dependencies]\n{}\n\n\
                 [profile.dev]\ndebug = false\n\n[workspace]\n",
                dependency("event-runtime"),
                dependency("event-codegen"),
            ),
        );
        scratch.write("build.rs", "fn main() {\n    event_codegen::compile(\"schemas\");\n}\n");
        scratch.write(
            "src/lib.rs",
            "event_runtime::include_events!();\npub type Published = proposal_published::v2::ProposalPublished;\n",
        );
        fs::copy(workspace.join("Cargo.lock"), scratch.path("Cargo.lock")).unwrap();
        let _ = fs::remove_dir_all(scratch.path("schemas"));
        copy(&workspace.join("schemas"), &scratch.path("schemas"));
        scratch.lock();
        scratch
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a file where it differs: cargo goes by the time of the last change.
    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let (path, text) = (self.path(name), text.as_ref());
        if fs::read(&path).is_ok_and(|old| old == text) {
            return;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Replaces a text that is there once.
    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {name}");
        self.write(name, text.replace(from, to));
    }

    /// Takes a property out of `ProposalPublished`, and out of what it requires.
    fn remove_property(&self, name: &str, property: &str) {
        let mut schema: serde_json::Value = serde_json::from_str(&self.read(name)).unwrap();
        let payload = &mut schema["components"]["schemas"]["ProposalPublished"];
        assert!(payload["properties"].as_object_mut().unwrap().remove(property).is_some());
        payload["required"].as_array_mut().unwrap().retain(|r| r != property);
        self.write(name, format!("{schema:#}\n"));
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// Locks the folder as it is.
    fn lock(&self) {
        let (folder, _) = Folder::read(&self.path("schemas"), "schemas");
        self.write(LOCK, Lock::of(&folder).to_text());
    }

    fn build(&self) -> Build {
        let output = Command::new(env!("CARGO"))
            .args(["build", "--offline", "--quiet", "--color=never"])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", self.root.with_file_name("target"))
            .env_remove("OUT_DIR")
            .output()
            .unwrap();
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

    /// Errors that are none of our diagnostics' lines, cargo's last word aside.
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
fn the_example_builds() {
    let build = Scratch::new().build();
    assert!(build.success, "{}", build.stderr);
    assert_eq!(build.stderr, "");
}

#[test]
fn a_field_removed_in_a_minor() {
    let scratch = Scratch::new();
    let file = format!("{EVENT}/2.1.json");
    scratch.remove_property(&file, "customer");
    // published already: said beside the break itself
    let build = scratch.build();
    assert!(!build.success);
    assert!(build.headlines().iter().any(|h| h.contains("`customer`")), "{}", build.stderr);
    assert!(build.headlines().iter().any(|h| h.contains("immutable")), "{}", build.stderr);
    assert_eq!(build.other_errors(), Vec::<&str>::new(), "{}", build.stderr);
    // not published yet: the break alone
    scratch.lock();
    let build = scratch.fails(&[("required-field-removed", &["2.1.json:", "`customer`"])]);
    for detail in ["  = was: ", "  = witness: ", "  = help: "] {
        assert!(build.stderr.contains(detail), "{}", build.stderr);
    }
}

#[test]
fn a_locked_version_edited() {
    let scratch = Scratch::new();
    let (from, to) = ("A proposal was published to its customer.", "A proposal was sent.");
    scratch.edit(&format!("{EVENT}/1.0.json"), from, to);
    scratch.fails(&[("locked-schema-edited", &["1.0.json", "1.0", "immutable"])]);
}

#[test]
fn a_locked_version_deleted() {
    let scratch = Scratch::new();
    scratch.remove(&format!("{EVENT}/1.0.json"));
    scratch.fails(&[("locked-schema-deleted", &["1.0.json", "1.0", "immutable"])]);
}

#[test]
fn a_version_that_is_not_locked() {
    let scratch = Scratch::new();
    let newest = scratch.read(&format!("{EVENT}/2.1.json"));
    scratch.write(&format!("{EVENT}/2.2.json"), newest);
    let build = scratch.fails(&[("schema-not-locked", &["2.2.json"])]);
    assert!(build.stderr.contains("cargo event lock"), "{}", build.stderr);
}

#[test]
fn no_lock() {
    let scratch = Scratch::new();
    scratch.remove(LOCK);
    let build = scratch.fails(&[("lock-missing", &["schemas/schemas.lock", "not locked"])]);
    assert!(build.stderr.contains("cargo event lock"), "{}", build.stderr);
}

#[test]
fn a_lock_that_is_none() {
    let scratch = Scratch::new();
    scratch.write(LOCK, "<<<<<<< ours\n");
    scratch.fails(&[("bad-lock", &["schemas/schemas.lock", "line 1"])]);
}

#[test]
fn not_json() {
    let scratch = Scratch::new();
    scratch.write(&format!("{EVENT}/2.1.json"), "{\n  \"openapi\": \n");
    scratch.lock();
    scratch.fails(&[("schema-not-json", &["2.1.json:", "not JSON"])]);
}

#[test]
fn not_utf8() {
    let scratch = Scratch::new();
    scratch.write("schemas/app-core/other.event/1.0.json", b"{\"title\": \"\xff\"}");
    scratch.lock();
    scratch.fails(&[("unreadable", &["other.event/1.0.json", "not UTF-8"])]);
}

#[test]
fn a_reference_to_nowhere() {
    let scratch = Scratch::new();
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
fn a_version_gap() {
    let scratch = Scratch::new();
    let newest = scratch.read(&format!("{EVENT}/2.1.json"));
    scratch.write(&format!("{EVENT}/2.3.json"), newest);
    scratch.lock();
    scratch.fails(&[("version-gap", &["2.3.json", "no 2.2"])]);
}

#[test]
fn a_file_name_that_is_no_version() {
    let scratch = Scratch::new();
    scratch.write(&format!("{EVENT}/latest.json"), "{}");
    scratch.fails(&[("bad-file-name", &["latest.json", "no version"])]);
}

#[test]
fn an_empty_folder_and_none() {
    let scratch = Scratch::new();
    fs::remove_dir_all(scratch.path("schemas")).unwrap();
    scratch.fails(&[("schema-folder-missing", &["schemas"])]);
    fs::create_dir(scratch.path("schemas")).unwrap();
    scratch.fails(&[("no-schemas", &["schemas"])]);
}

#[test]
fn a_mended_folder_builds_again() {
    let scratch = Scratch::new();
    let file = format!("{EVENT}/2.1.json");
    let text = scratch.read(&file);
    scratch.remove_property(&file, "customer");
    assert!(!scratch.build().success);
    scratch.write(&file, text);
    let build = scratch.build();
    assert!(build.success, "{}", build.stderr);
}
