//! When a build runs its build script again: cargo decides, on a scratch crate whose build script
//! records each run. A change of an input of the types must run it, no other change may, and
//! unchanged output keeps its modification time.

#![allow(clippy::unwrap_used, missing_docs, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use event_tests::scratch::{LOCK, Scratch, dependency};

const SCHEMA: &str = r#"{ "type": "object", "properties": { "id": { "type": "string" } } }"#;

/// Not an event: a file that several events share.
const SHARED: &str = r#"{ "definitions": { "Money": { "type": "object", "required": ["cents"],
    "properties": { "cents": { "type": "integer" } } } } }"#;

/// Refers to files in the two folders above it.
const REFERS: &str = r#"{ "type": "object", "required": ["total", "weight"], "properties": {
    "total": { "$ref": "../../shared.json#/definitions/Money" },
    "weight": { "$ref": "../parts.json#/definitions/Weight" } } }"#;

/// Refers to a file beside it and to another event, too.
const REFERS_ON: &str = r#"{ "type": "object", "required": ["total", "weight"], "properties": {
    "total": { "$ref": "../../shared.json#/definitions/Money" },
    "weight": { "$ref": "../parts.json#/definitions/Weight" },
    "first": { "$ref": "1.0.json" },
    "placed": { "$ref": "../order.placed/1.0.json" } } }"#;

/// The files that the build script has written: text and time.
type Written = BTreeMap<PathBuf, (String, SystemTime)>;

struct Tracked {
    scratch: Scratch,
    target: PathBuf,
}

impl Tracked {
    fn new() -> Tracked {
        let tmp = env!("CARGO_TARGET_TMPDIR");
        // shares compiled dependencies with the failing builds
        let target = Path::new(tmp).join("build-failures/target");
        let scratch = Scratch::new(tmp, "tracking").target(target.clone());
        scratch.manifest(
            "tracked",
            &format!(
                "[dependencies]\n{}\n[build-dependencies]\n{}",
                dependency("event-runtime", ""),
                dependency("event-codegen", ""),
            ),
        );
        scratch.write(
            "build.rs",
            "use std::io::Write;\n\n\
             fn main() {\n    \
                 let runs = std::fs::OpenOptions::new().create(true).append(true).open(\"runs\");\n    \
                 runs.unwrap().write_all(b\".\").unwrap();\n    \
                 event_codegen::compile(\"schemas\");\n\
             }\n",
        );
        scratch.write("src/lib.rs", "event_runtime::include_events!();\n");
        scratch.clear("schemas");
        let tracked = Tracked { scratch, target };
        // as after a checkout: nothing is built yet
        tracked.scratch.cargo(&["clean", "--quiet", "--package", "tracked"]).output().unwrap();
        tracked
    }

    fn schema(&self, event: &str, text: &str) {
        self.scratch.write(&format!("schemas/core/{event}/1.0.json"), text);
    }

    /// Whether a build succeeds, and whether the build script has run for it.
    fn build(&self) -> (bool, bool) {
        self.scratch.write("runs", "");
        let output = self.scratch.cargo(&["build", "--quiet", "--color=never"]).output().unwrap();
        let runs = self.scratch.read("runs");
        assert!(runs.len() < 2, "it has run {} times", runs.len());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() || said.contains("error: tracked@0.1.0: ["), "{said}");
        (output.status.success(), !runs.is_empty())
    }

    fn written(&self) -> Written {
        let mut out = Written::new();
        let builds = fs::read_dir(self.target.join("debug/build")).unwrap();
        for dir in builds.map(|e| e.unwrap().path()) {
            let name = dir.file_name().unwrap().to_str().unwrap();
            if name.starts_with("tracked-") {
                collect(&dir.join("out/event-contracts"), &mut out);
            }
        }
        out
    }

    fn texts(&self) -> BTreeMap<PathBuf, String> {
        self.written().into_iter().map(|(path, (text, _))| (path, text)).collect()
    }
}

fn collect(dir: &Path, out: &mut Written) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for path in entries.map(|e| e.unwrap().path()) {
        if path.is_dir() {
            collect(&path, out);
        } else {
            let time = fs::metadata(&path).unwrap().modified().unwrap();
            out.insert(path.clone(), (fs::read_to_string(&path).unwrap(), time));
        }
    }
}

/// A build that succeeds and for which the script has run.
const BUILT: (bool, bool) = (true, true);
/// A build for which the script has not run.
const FRESH: (bool, bool) = (true, false);
/// A build that failed in the script.
const FAILED: (bool, bool) = (false, true);

#[test]
fn build_script_runs_again_only_for_its_inputs() {
    let it = Tracked::new();
    assert_eq!(it.build(), FAILED, "there is no folder");
    assert_eq!(it.written(), Written::new());

    it.schema("order.placed", SCHEMA);
    it.scratch.lock();
    assert_eq!(it.build(), BUILT, "the folder has come");
    let first = it.written();
    assert_eq!(first.len(), 4, "{first:?}");
    assert_eq!(it.build(), FRESH, "nothing has changed");
    it.scratch.write("notes.md", SCHEMA);
    assert_eq!(it.build(), FRESH, "a file beside the folder");
    it.scratch.remove("notes.md");
    assert_eq!(it.written(), first);

    // rewritten unchanged: cargo compares its modification time, and the output keeps its own
    let lock = it.scratch.read(LOCK);
    fs::write(it.scratch.path(LOCK), &lock).unwrap();
    assert_eq!(it.build(), BUILT, "the lock has another time");
    assert_eq!(it.written(), first);

    it.schema("order.paid", SCHEMA);
    assert_eq!(it.build(), FAILED, "a new folder with an event that isn't locked");
    assert_eq!(it.written(), first, "a build that fails leaves what was written");
    it.scratch.lock();
    assert_eq!(it.build(), BUILT, "the lock was edited");
    assert!(it.texts().values().any(|t| t.contains("pub mod order_paid")));
    let two = it.written();
    let same = |of: &Written, name: &str| {
        let found: Vec<_> = of.iter().filter(|(path, _)| path.ends_with(name)).collect();
        assert_eq!(found.len(), 1, "{name}");
        found[0].1.clone()
    };
    let placed = "baseline/core--order.placed";
    assert_eq!(same(&two, placed), same(&first, placed), "the other event's baseline");

    let minor = SCHEMA.replace("\"id\"", "\"note\": { \"type\": \"string\" }, \"id\"");
    it.scratch.write("schemas/core/order.paid/1.1.json", &minor);
    it.scratch.lock();
    assert_eq!(it.build(), BUILT, "a new file in a folder that was there");
    assert!(it.texts().values().any(|t| t.contains("pub note: Option<String>")));
    it.scratch.remove("schemas/core/order.paid/1.1.json");
    assert_eq!(it.build(), FAILED, "a file was deleted that is locked");
    it.scratch.lock();
    assert_eq!(it.build(), BUILT, "the lock says so now");
    assert!(!it.texts().values().any(|t| t.contains("pub note")));

    it.scratch.clear("schemas/core/order.paid");
    it.scratch.lock();
    assert_eq!(it.build(), BUILT, "a folder was deleted");
    assert_eq!(it.texts(), first.iter().map(|(p, (t, _))| (p.clone(), t.clone())).collect());

    // schemas refer to each other: to a file of the folder, of a registry, beside them, of another event
    it.scratch.write("schemas/shared.json", SHARED);
    it.scratch.write("schemas/core/parts.json", SHARED.replace("Money", "Weight"));
    it.schema("order.sent", REFERS);
    it.scratch.write("schemas/core/order.sent/1.1.json", REFERS_ON);
    it.scratch.lock();
    assert_eq!(it.build(), BUILT, "schemas that refer to other files");
    for field in ["pub total: ", "pub weight: ", "pub first: Option<", "pub placed: Option<"] {
        assert!(it.texts().values().any(|t| t.contains(field)), "{field}: {:?}", it.texts());
    }
    it.scratch.write("schemas/shared.json", SHARED.replace("\"integer\"", "\"string\""));
    assert_eq!(it.build(), FAILED, "a file that locked schemas refer to was edited");
    it.scratch.lock();
    assert_eq!(it.build(), BUILT, "the lock says so now");
    assert!(it.texts().values().any(|t| t.contains("pub cents: String")));
    it.scratch.clear("schemas/core/order.sent");
    it.scratch.remove("schemas/shared.json");
    it.scratch.remove("schemas/core/parts.json");
    it.scratch.lock();
    assert_eq!(it.build(), BUILT, "they are gone");

    it.scratch.write("schemas/event.toml", "derives = [\"Eq\"]\n");
    assert_eq!(it.build(), BUILT, "event.toml has come");
    assert!(it.texts().values().any(|t| t.contains("PartialEq, Eq")));
    it.scratch.write("schemas/event.toml", "derives = [\"Hash\"]\n");
    assert_eq!(it.build(), BUILT, "event.toml was edited");
    assert!(it.texts().values().any(|t| t.contains("PartialEq, Hash")));
    it.scratch.remove("schemas/event.toml");
    assert_eq!(it.build(), BUILT, "event.toml is gone");
    assert_eq!(it.build(), FRESH, "nothing has changed");

    it.scratch.clear("schemas");
    assert_eq!(it.build(), FAILED, "the folder is gone");
}
