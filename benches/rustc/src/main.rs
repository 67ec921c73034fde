//! The cost of generated types in rustc: CPU time, user and system, of `cargo check` without
//! incremental compilation, in one run: `just bench-rustc DIR`, a folder with `aws-events`,
//! `custom` and `orcabus`; one part alone: `just bench-rustc DIR lean`, `typify`, or `shared`.
//!
//! - compared with lean types: our own text reduced to structs and enums, their fields, and their
//!   derives, as people would write them by hand; and these with serde's derives alone. The cost of
//!   an empty crate is included in all of them, and printed
//! - compared with typify's own text for the same schemas; those that rustc refuses in typify's
//!   text are left out on both sides, and counted
//! - 200 events that refer to shared files, compared with the same events with copies: lines, and
//!   CPU time
//!
//! The sides are measured in turn, so that load affects all; the fastest run of each counts, of
//! `EVENT_BENCH_RUNS` (default: 5, at least 2). The limits are those that the project has set
//! itself.

mod krate;
mod lean;
mod ours;
mod raw;
mod shared;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use krate::Krate;

/// Schemas by name: the text of each.
type Schemas = BTreeMap<String, String>;

/// How many schemas are compared with lean types.
const SAMPLE: usize = 20;

fn main() {
    let Some(corpora) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("error: which folder?\nhelp: just bench-rustc DIR, a folder with `aws-events`");
        std::process::exit(2);
    };
    let _claim = krate::claim();
    let aws = read(&corpora.join("aws-events"));
    let part = std::env::args().nth(2);
    let asked = |name: &str| part.as_deref().is_none_or(|part| part == name || part == "all");
    if asked("lean") {
        twice_lean(&corpora, &aws);
    }
    if asked("typify") {
        against_typify(&aws);
    }
    if asked("shared") {
        against_copies();
    }
}

fn against_copies() {
    let [shared, copies] = [true, false].map(shared::text);
    let lines = |text: &str| text.lines().count();
    let (few, many) = (lines(&shared), lines(&copies));
    let sides = [
        Krate::of("shared", &[shared]),
        Krate::of("copies", &[copies]),
        Krate::of("empty", &[EMPTY.to_owned()]),
    ];
    let [shared, copies, empty] = krate::fastest(&sides);
    println!(
        "200 events of shared files: {few} lines against {many} with copies, ratio {:.3}; {shared:.2} s against \
         {copies:.2} s, ratio {:.3} (limit 0.2), and {:.3} beyond the {empty:.2} s of an empty crate",
        few as f64 / many as f64,
        shared / copies,
        (shared - empty) / (copies - empty)
    );
}

fn twice_lean(corpora: &Path, aws: &Schemas) {
    let step = (aws.len() / SAMPLE).max(1);
    let sample: Schemas =
        aws.iter().step_by(step).take(SAMPLE).map(|(n, t)| (n.clone(), t.clone())).collect();
    against_lean("aws-events", &sample, None);

    // events that a service may publish, whose types have their wire shapes too
    let mut own = read(&corpora.join("custom"));
    own.extend(read(&corpora.join("orcabus")));
    let own = ours::possible(own);
    let sample = own.into_iter().take(SAMPLE).collect();
    against_lean("custom and orcabus", &sample, Some("app.bench"));
}

/// The cost of cargo, and of reading the dependencies, for every side.
const EMPTY: &str = "pub use event_runtime::Value;\npub use serde::Serialize;\n";

fn against_lean(what: &str, schemas: &Schemas, source: Option<&str>) {
    let text = ours::text(schemas, source);
    let usual = lean::text(&text, lean::Derives::Usual);
    let serde = lean::text(&text, lean::Derives::Serde);
    let sides = [
        Krate::of("ours", &[text]),
        Krate::of("lean", &[usual]),
        Krate::of("serde", &[serde]),
        Krate::of("empty", &[EMPTY.to_owned()]),
    ];
    let [ours, usual, serde, empty] = krate::fastest(&sides);
    println!(
        "{} schemas of {what}: ours {ours:.2} s, lean {usual:.2} s, ratio {:.2} (limit 1.1), and {:.2} \
         beyond the {empty:.2} s of an empty crate; lean with serde's derives alone {serde:.2} s, ratio \
         {:.2}",
        schemas.len(),
        ours / usual,
        (ours - empty) / (usual - empty),
        ours / serde
    );
}

fn against_typify(schemas: &Schemas) {
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    for (name, schema) in schemas {
        texts.extend(raw::text(schema).map(|text| (name.as_str(), text)));
    }
    let refused = raw::refused(&texts);
    texts.retain(|name, _| !refused.contains(*name));
    let kept: Schemas =
        schemas.iter().filter(|(n, _)| texts.contains_key(n.as_str())).map(own).collect();
    let left_out = schemas.len() - kept.len();
    let raw: Vec<String> = texts.into_values().collect();
    let sides = [Krate::of("ours", &[ours::text(&kept, None)]), Krate::of("typify", &raw)];
    let [ours, typify] = krate::fastest(&sides);
    println!(
        "{} schemas of aws-events ({left_out} left out, whose text of typify's doesn't compile): ours \
         {ours:.2} s, typify {typify:.2} s, ratio {:.2} (limit 0.7)",
        kept.len(),
        ours / typify
    );
}

fn own((name, text): (&String, &String)) -> (String, String) {
    (name.clone(), text.clone())
}

/// The schemas of a folder.
fn read(dir: &Path) -> Schemas {
    let entries = std::fs::read_dir(dir)
        .unwrap_or_else(|e| panic!("error: `{}` can't be read: {e}", dir.display()));
    let mut out = Schemas::new();
    for path in entries.map(|e| e.expect("a folder's entry").path()) {
        let json = path.extension().is_some_and(|e| e == "json");
        if let (true, Some(name)) = (json, path.file_stem().and_then(|n| n.to_str()))
            && name != "examples"
        {
            out.insert(name.to_owned(), std::fs::read_to_string(&path).expect("a schema"));
        }
    }
    out
}
