//! The cost of the derive: CPU time of `cargo check`, user and system, of a crate of 200 events
//! with 15 fields each, compared with the same crate with serde's derives alone.
//!
//! `just bench-derive`; `EVENT_BENCH_RUNS` sets how often each is measured (default: 5). The runs
//! alternate, so that a busy machine slows both. Prints minimum, median, and their ratios; the
//! limits are those that the project has set itself.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "it prints, or fails")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use event_folder::load::Folder;
use event_folder::lock::Lock;

/// The number of events: `EVENT_BENCH_EVENTS` (default: 200).
fn events() -> usize {
    std::env::var("EVENT_BENCH_EVENTS").ok().and_then(|n| n.parse().ok()).unwrap_or(200)
}

/// Fields by name, Rust type and schema; `?`: optional.
const FIELDS: [(&str, &str, &str); 15] = [
    ("id", "String", r#"{"type":"string"}"#),
    ("account", "String", r#"{"type":"string"}"#),
    ("title", "String", r#"{"type":"string"}"#),
    ("count", "i64", r#"{"type":"integer"}"#),
    ("size", "u32", r#"{"type":"integer","minimum":0,"maximum":4294967295}"#),
    ("ratio", "f64", r#"{"type":"number"}"#),
    ("done", "bool", r#"{"type":"boolean"}"#),
    ("tags", "Vec<String>", r#"{"type":"array","items":{"type":"string"}}"#),
    ("at", "event_runtime::Timestamp", r#"{"type":"string","format":"date-time"}"#),
    (
        "labels",
        "std::collections::BTreeMap<String, String>",
        r#"{"type":"object","additionalProperties":{"type":"string"}}"#,
    ),
    ("?note", "String", r#"{"type":"string"}"#),
    ("?region", "String", r#"{"type":"string"}"#),
    ("?limit", "i64", r#"{"type":"integer"}"#),
    ("?until", "event_runtime::Timestamp", r#"{"type":"string","format":"date-time"}"#),
    ("?lines", "Vec<i64>", r#"{"type":"array","items":{"type":"integer"}}"#),
];

fn main() {
    if std::env::var_os("EVENT_BENCH_INSTRUCTIONS").is_some() {
        return instructions(&Bench::new());
    }
    let runs = std::env::var("EVENT_BENCH_RUNS").ok().and_then(|n| n.parse().ok()).unwrap_or(5);
    let bench = Bench::new();
    bench.crate_of("serde", false, "");
    bench.crate_of("events", true, "");
    for name in ["serde", "events"] {
        bench.check(name, Cache::None); // builds what both depend on
    }

    let mut clean = [Vec::new(), Vec::new()];
    let mut filling = [Vec::new(), Vec::new()];
    let mut edit = [Vec::new(), Vec::new()];
    for run in 0..runs {
        for (i, (name, derive)) in [("serde", false), ("events", true)].into_iter().enumerate() {
            bench.clean(name);
            bench.crate_of(name, derive, "");
            clean[i].push(bench.check(name, Cache::None));
            bench.clean(name);
            filling[i].push(bench.check(name, Cache::Incremental));
            bench.crate_of(name, derive, &format!("pub fn edited() -> u32 {{ {run} }}\n"));
            edit[i].push(bench.check(name, Cache::Incremental));
        }
    }
    compare("clean check", &mut clean, " (limit 1.15)");
    compare("clean check that fills the incremental cache", &mut filling, "");
    compare("one edit, incremental", &mut edit, " (limit 1.25)");

    bench.crate_of_macros();
    bench.check("macros", Cache::None);
    let mut own = [Vec::new(), Vec::new()];
    for _ in 0..runs {
        own[0].push(bench.own_build(&["serde_derive", "serde"]));
        own[1].push(bench.own_build(&["event-macros", "event-shape"]));
    }
    for (what, times, limit) in [
        ("serde_derive and serde themselves", 0, ""),
        ("event-macros and event-shape themselves", 1, " (limit 1.6 s)"),
    ] {
        let (min, median) = least_and_median(&mut own[times]);
        println!("{what}: {min:.2} s, median {median:.2} s{limit}");
    }
}

/// The same in instructions of the compiler, which do not vary with the machine's load: `callgrind`
/// counts those of each `rustc` of the measured packages.
fn instructions(bench: &Bench) {
    let counted = |name: &str, cache: Cache, of: &str| bench.instructions(name, cache, of);
    let ratio = |what: &str, serde: u64, ours: u64, limit: &str| {
        #[expect(clippy::cast_precision_loss, reason = "shown with two places")]
        let (a, b) = (serde as f64 / 1e9, ours as f64 / 1e9);
        println!(
            "{what}: serde alone {a:.2}, ours {b:.2} billion instructions: {:.3} ({limit})",
            b / a
        );
    };
    for (name, derive) in [("serde", false), ("events", true)] {
        bench.crate_of(name, derive, "");
        bench.check(name, Cache::None); // builds what both depend on
    }
    let mut clean = [0; 2];
    let mut edit = [0; 2];
    for (i, (name, derive)) in [("serde", false), ("events", true)].into_iter().enumerate() {
        let of = format!("bench_{name}");
        bench.clean(name);
        clean[i] = counted(name, Cache::None, &of);
        bench.clean(name);
        bench.check(name, Cache::Incremental);
        bench.crate_of(name, derive, "pub fn edited() -> u32 { 7 }\n");
        edit[i] = counted(name, Cache::Incremental, &of);
    }
    ratio("clean check", clean[0], clean[1], "goal 1.05, today's limit 1.15");
    ratio("one edit, incremental", edit[0], edit[1], "goal 1.10, today's limit 1.25");
    bench.crate_of_macros();
    bench.check("macros", Cache::None);
    let own = |packages: &[&str], of: &str| {
        bench.clean_macros(packages);
        bench.instructions("macros", Cache::None, of)
    };
    let serde = own(&["serde_derive"], "serde_derive") + own(&["serde"], "serde");
    let ours = own(&["event-macros"], "event_macros") + own(&["event-shape"], "event_shape");
    ratio("own build", serde, ours, "goal 0.5");
}

fn compare(what: &str, times: &mut [Vec<f64>; 2], limit: &str) {
    let (serde, serde_median) = least_and_median(&mut times[0]);
    let (events, events_median) = least_and_median(&mut times[1]);
    println!(
        "{what}: serde alone {serde:.2} s, median {serde_median:.2} s; with the derive {events:.2} s, median \
         {events_median:.2} s: {:.2}, median {:.2}{limit}",
        events / serde,
        events_median / serde_median
    );
}

fn least_and_median(times: &mut [f64]) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[0], times[times.len() / 2])
}

/// Whether rustc keeps its results for the next run.
#[derive(Clone, Copy, PartialEq)]
enum Cache {
    None,
    Incremental,
}

struct Bench {
    root: PathBuf,
    workspace: PathBuf,
}

impl Bench {
    fn new() -> Bench {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-derive");
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
        let bench = Bench { root, workspace };
        for i in 0..events() {
            bench.write(&format!("schemas/app-core/thing.happened{i}/1.0.json"), &schema());
        }
        let schemas = bench.root.join("schemas");
        let (folder, _) = Folder::read(&schemas, "schemas");
        bench.write("schemas/schemas.lock", &Lock::of(&folder).to_text());
        let config = event_codegen::configure().schemas(&schemas).source("app-core", "app.bench");
        let (diagnostics, generated) = config.run();
        let Some(generated) = generated else { panic!("{diagnostics:#?}") };
        generated.write(&bench.root.join("out/event-contracts")).unwrap();
        bench
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn crate_of(&self, name: &str, derive: bool, edit: &str) {
        let manifest = format!(
            "[package]\nname = \"bench-{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nevent-runtime = {{ path = '{}', default-features = false }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\n\n[workspace]\n",
            self.workspace.join("event-runtime").display(),
        );
        self.write(&format!("{name}/Cargo.toml"), &manifest);
        fs::copy(self.workspace.join("Cargo.lock"), self.root.join(name).join("Cargo.lock"))
            .unwrap();
        let mut lib = String::from("#![allow(dead_code)]\n");
        for i in 0..events() {
            lib.push_str(if derive {
                "#[derive(event_runtime::Event, serde::Serialize, serde::Deserialize)]\n"
            } else {
                "#[derive(serde::Serialize, serde::Deserialize)]\n"
            });
            if derive {
                let _ = writeln!(lib, "#[event(type = \"thing.happened{i}\", version = \"1.0\")]");
            }
            let _ = writeln!(lib, "pub struct Thing{i} {{");
            for (name, ty, _) in FIELDS {
                let _ = match name.strip_prefix('?') {
                    Some(name) => writeln!(
                        lib,
                        "    #[serde(skip_serializing_if = \"Option::is_none\")]\n    {name}: Option<{ty}>,"
                    ),
                    None if derive && ty == "f64" => {
                        writeln!(lib, "    #[event(finite)]\n    {name}: {ty},")
                    }
                    None => writeln!(lib, "    {name}: {ty},"),
                };
            }
            lib.push_str("}\n");
        }
        lib.push_str(edit);
        self.write(&format!("{name}/src/lib.rs"), &lib);
    }

    fn clean(&self, name: &str) {
        let (_, ok) =
            self.cargo(name, &["clean", "--offline", "--quiet", "-p", &format!("bench-{name}")]);
        assert!(ok);
    }

    /// CPU seconds of `cargo check`.
    fn check(&self, name: &str, cache: Cache) -> f64 {
        let (seconds, ok) = self.cargo_with(cache, name, &["check", "--offline", "--quiet"]);
        assert!(ok, "the crate compiles");
        seconds
    }

    /// CPU seconds of the build of these packages, as an empty crate that uses them pays for it in
    /// `cargo check`: macros are compiled and linked, because the compiler loads them, and without
    /// the incremental cache, which cargo does not keep for crates of a registry. The dependencies
    /// of serde's derive are already built.
    fn own_build(&self, packages: &[&str]) -> f64 {
        self.clean_macros(packages);
        self.check("macros", Cache::None)
    }

    fn clean_macros(&self, packages: &[&str]) {
        let mut args = vec!["clean", "--offline", "--quiet"];
        args.extend(packages.iter().flat_map(|package| ["-p", package]));
        let (_, ok) = self.cargo("macros", &args);
        assert!(ok);
    }

    /// Instructions of the `rustc` that compiles the crate `of` in `cargo check`.
    fn instructions(&self, name: &str, cache: Cache, of: &str) -> u64 {
        let (log, wrapper) = (self.root.join("callgrind.log"), self.root.join("counted.sh"));
        let _ = fs::remove_file(&log);
        let script = format!(
            "#!/bin/bash\ncase \" $* \" in *\" --crate-name {of} \"*) exec valgrind --tool=callgrind \\\n  \
             --callgrind-out-file=/dev/null --log-file='{}' \"$@\";; *) exec \"$@\";; esac\n",
            log.display()
        );
        fs::write(&wrapper, script).unwrap();
        let status = Command::new("chmod").arg("+x").arg(&wrapper).status().unwrap();
        assert!(status.success());
        let output = Command::new(env!("CARGO"))
            .args(["check", "--offline", "--quiet"])
            .current_dir(self.root.join(name))
            .env("CARGO_TARGET_DIR", self.root.join("target"))
            .env("CARGO_INCREMENTAL", if cache == Cache::Incremental { "1" } else { "0" })
            .env("OUT_DIR", self.root.join("out"))
            .env("RUSTC_WORKSPACE_WRAPPER", "")
            .env("RUSTC_WRAPPER", &wrapper)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = fs::read_to_string(&log).expect("callgrind has counted");
        let line = text.lines().find_map(|line| line.split_once("Collected : "));
        line.and_then(|(_, n)| n.trim().parse().ok()).expect("a count")
    }

    /// An empty crate that depends on the macros and on serde's.
    fn crate_of_macros(&self) {
        let manifest = format!(
            "[package]\nname = \"bench-macros\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nevent-macros = {{ path = '{}' }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\n\n[workspace]\n",
            self.workspace.join("event-macros").display(),
        );
        self.write("macros/Cargo.toml", &manifest);
        fs::copy(self.workspace.join("Cargo.lock"), self.root.join("macros/Cargo.lock")).unwrap();
        self.write("macros/src/lib.rs", "");
    }

    fn cargo(&self, name: &str, args: &[&str]) -> (f64, bool) {
        self.cargo_with(Cache::None, name, args)
    }

    /// Runs cargo under the shell's `time`, which counts the children that have ended.
    fn cargo_with(&self, cache: Cache, name: &str, args: &[&str]) -> (f64, bool) {
        let script = "TIMEFORMAT='cpu %U %S'; time \"$0\" \"$@\"";
        let output = Command::new("bash")
            .args(["-c", script, env!("CARGO")])
            .args(args)
            .current_dir(self.root.join(name))
            .env("CARGO_TARGET_DIR", self.root.join("target"))
            // independent of the caller's environment
            .env("CARGO_INCREMENTAL", if cache == Cache::Incremental { "1" } else { "0" })
            .env("OUT_DIR", self.root.join("out"))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        let times = text
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("cpu "))
            .unwrap_or_else(|| panic!("{text}"));
        (times.split(' ').map(|t| t.parse::<f64>().unwrap()).sum(), output.status.success())
    }
}

fn schema() -> String {
    let (mut properties, mut required) = (String::new(), String::new());
    for (name, _, schema) in FIELDS {
        let plain = name.trim_start_matches('?');
        let comma = if properties.is_empty() { "" } else { ",\n" };
        let _ = write!(properties, "{comma}    \"{plain}\": {schema}");
        if plain == name {
            let comma = if required.is_empty() { "" } else { ", " };
            let _ = write!(required, "{comma}\"{name}\"");
        }
    }
    format!(
        "{{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\": \"Thing\",\n  \
         \"type\": \"object\",\n  \"properties\": {{\n{properties}\n  }},\n  \"required\": [{required}]\n}}\n"
    )
}
