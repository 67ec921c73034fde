//! Compares the minors of a major in generated code: for every event that a publisher on one
//! accepted minor writes, the type of each other minor decodes it.
//!
//! Families of schemas come from the two schema folders of this workspace, from the corpus of the
//! change rules, and from a generator that edits schemas at random; families that the change rules
//! refuse are dropped. Every minor of the rest is generated as an event of its own, one scratch
//! crate contains all types, and random events, which the `jsonschema` crate judges valid first,
//! are decoded by them.
//!
//! `EVENT_MINOR_FAMILIES` sets the number of random families.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a test")]
#![allow(
    clippy::format_collect,
    clippy::unnecessary_debug_formatting,
    reason = "short, and only a test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use event_schema::compat::{self, Policy, Verdict};
use event_schema::diagnostic::Severity;
use event_schema::document::Document;
use event_schema::read::{self, EventSchema};
use event_tests::scratch::{Scratch, dependency};
use serde_json::Value;

use crate::dice::Dice;

#[path = "minors/dice.rs"]
mod dice;
#[path = "minors/events.rs"]
mod events;
#[path = "minors/families.rs"]
mod families;

/// One minor: its document and its content.
struct Minor {
    text: String,
    event: EventSchema,
}

impl Minor {
    /// The document as that of another event.
    fn text_as(&self, event: &str) -> String {
        let detail_type = format!("{event}:v1");
        match &self.event.facts.detail_type {
            Some(fact) => self.text.replace(&fact.value, &detail_type),
            None => self.text.clone(),
        }
    }
}

/// A major: all of its minors.
struct Family {
    origin: String,
    minors: Vec<Minor>,
}

impl Family {
    /// The family, if each text is an event.
    fn read(origin: &str, texts: &[String]) -> Option<Family> {
        let minor = |text: &String| {
            let document = Document::parse("minor.json", text.as_str()).ok()?;
            let event = read::events(&document).ok()?.pop()?;
            Some(Minor { text: text.clone(), event })
        };
        let minors: Option<Vec<Minor>> = texts.iter().map(minor).collect();
        Some(Family { origin: origin.to_owned(), minors: minors? })
    }

    /// Whether the change rules accept every minor after every earlier one.
    fn is_accepted(&self) -> bool {
        let payload = |m: &Minor| m.event.payload.clone();
        self.minors.iter().enumerate().all(|(j, new)| {
            self.minors[..j].iter().all(|old| {
                compat::check(&payload(old), &payload(new), Policy::Additive).verdict
                    == Verdict::Compatible
            })
        })
    }
}

/// An event that a publisher on a minor writes.
struct Written {
    family: usize,
    minor: usize,
    json: String,
}

#[test]
fn every_minor_decodes_events_of_every_other_minor() {
    let mut families = families::own();
    families.extend(families::random());
    families.retain(Family::is_accepted);
    // shares the target folder of `corpora`, whose dependencies are the same
    let tmp = env!("CARGO_TARGET_TMPDIR");
    let scratch = Scratch::new(tmp, "minors").target(Path::new(tmp).join("corpora-target"));
    let (rust, left_out) = generate(&scratch, &mut families);
    for line in &left_out {
        println!("no types: {line}");
    }
    let written = write(&families);
    let minors: usize = families.iter().map(|f| f.minors.len()).sum();
    let pairs: usize = families.iter().map(|f| f.minors.len() * f.minors.len()).sum();
    println!(
        "{} families, {minors} minors, {pairs} pairs, {} events",
        families.len(),
        written.len()
    );
    // an empty test would pass
    let writers: BTreeSet<_> = written.iter().map(|w| (w.family, w.minor)).collect();
    assert!(families.len() >= 60, "only {} families are left", families.len());
    assert!(writers.len() * 10 >= minors * 9, "{} of {minors} minors write", writers.len());
    assert!(left_out.len() * 10 <= families.len(), "{} families have no types", left_out.len());

    let report = decode(&scratch, &rust, &families, &written);
    let (reads, failures): (Vec<&str>, Vec<&str>) =
        report.lines().partition(|l| l.starts_with("reads "));
    let expected: usize = written.iter().map(|w| families[w.family].minors.len()).sum();
    assert_eq!(reads, [format!("reads {expected}")], "{failures:#?}");
    let mut text = String::new();
    for failure in &failures {
        let mut parts = failure.splitn(4, '\t');
        let mut next = || parts.next().unwrap();
        let (line, reader) = (next().parse::<usize>().unwrap(), next().parse::<usize>().unwrap());
        let Written { family, minor, json } = &written[line];
        let family = &families[*family];
        let (from, to) = (&family.minors[*minor].text, &family.minors[reader].text);
        let origin = &family.origin;
        writeln!(text, "{origin}: {json} of minor {minor} by minor {reader}: {}", next()).unwrap();
        writeln!(text, "  wrote: {from}\n  reads: {to}").unwrap();
    }
    assert!(failures.is_empty(), "{} of {expected} fail:\n{text}", failures.len());
}

/// The name of a minor as an event of its own.
fn event_name(family: usize, minor: usize) -> String {
    format!("family{family}.minor{minor}")
}

/// Types for every minor, each generated alone. A family without types is dropped, and reported.
fn generate(
    scratch: &Scratch,
    families: &mut Vec<Family>,
) -> (event_codegen::Generated, Vec<String>) {
    let mut left_out = Vec::new();
    loop {
        scratch.clear("schemas");
        for (i, family) in families.iter().enumerate() {
            for (j, minor) in family.minors.iter().enumerate() {
                let name = event_name(i, j);
                scratch.write(&format!("schemas/minors/{name}/1.0.json"), minor.text_as(&name));
            }
        }
        scratch.lock();
        let schemas = scratch.path("schemas");
        let config = event_codegen::configure().schemas(schemas).source("minors", "app.test");
        let (diagnostics, generated) = config.run();
        if let Some(generated) = generated {
            return (generated, left_out);
        }
        let errors: BTreeMap<String, String> = diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .map(|d| (d.file.split('/').nth_back(1).unwrap_or_default().to_owned(), d.headline()))
            .collect();
        let before = families.len();
        let mut index = 0;
        families.retain(|family| {
            let mut names = (0..family.minors.len()).map(|j| event_name(index, j));
            let error = names.find_map(|name| errors.get(&name));
            left_out.extend(error.map(|e| format!("{}: {e}", family.origin)));
            index += 1;
            error.is_none()
        });
        assert!(families.len() < before, "no types, and no family to blame: {errors:#?}");
    }
}

/// Random events of every minor, valid as the `jsonschema` crate judges.
fn write(families: &[Family]) -> Vec<Written> {
    let mut out = Vec::new();
    for (family, f) in families.iter().enumerate() {
        for (minor, m) in f.minors.iter().enumerate() {
            let judge = judge(m);
            let mut dice = Dice::new(family as u64 * 100 + minor as u64);
            let mut seen = BTreeSet::new();
            for _ in 0..40 {
                let event = events::write(&m.event.payload, &mut dice);
                if judge.is_valid(&event) && seen.insert(event.to_string()) {
                    out.push(Written { family, minor, json: event.to_string() });
                }
            }
        }
    }
    out
}

/// The `jsonschema` validator for the payload of a minor.
fn judge(minor: &Minor) -> jsonschema::Validator {
    let mut schema: Value = serde_json::from_str(&minor.text).unwrap();
    let payload = &minor.event.payload;
    let pointer = &payload.node(payload.root).pointer;
    if !pointer.is_empty() {
        schema["$ref"] = format!("#{pointer}").into();
    }
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

/// Decodes every event with the types of all minors of its family. Returns `line TAB minor TAB
/// reason` for each that a type refuses, and the number of tries.
fn decode(
    scratch: &Scratch,
    generated: &event_codegen::Generated,
    families: &[Family],
    written: &[Written],
) -> String {
    let mut readers = String::new();
    for (i, family) in families.iter().enumerate() {
        readers.push_str("    &[");
        for j in 0..family.minors.len() {
            let path = type_path(&generated.rust, &event_name(i, j));
            write!(readers, "reads::<{path}>, ").unwrap();
        }
        readers.push_str("],\n");
    }
    let lines: String = written.iter().map(|w| format!("{}\t{}\n", w.family, w.json)).collect();
    let main = format!(
        "#![deny(warnings)]\n#![allow(dead_code)]\nmod events {{ include!(\"../events.rs\"); }}\n\n\
         type Reader = fn(&str) -> Result<(), serde_json::Error>;\n\n\
         fn reads<T: serde::de::DeserializeOwned>(json: &str) -> Result<(), serde_json::Error> {{\n    \
         serde_json::from_str::<T>(json).map(drop)\n}}\n\n\
         const READERS: &[&[Reader]] = &[\n{readers}];\n\n\
         fn main() {{\n    let mut count = 0;\n    \
         for (i, line) in include_str!(\"../events.tsv\").lines().enumerate() {{\n        \
         let (family, json) = line.split_once('\\t').unwrap();\n        \
         for (j, reader) in READERS[family.parse::<usize>().unwrap()].iter().enumerate() {{\n            \
         count += 1;\n            \
         if let Err(why) = reader(json) {{ println!(\"{{i}}\\t{{j}}\\t{{why}}\"); }}\n        }}\n    }}\n    \
         println!(\"reads {{count}}\");\n}}\n"
    );
    scratch.manifest(
        "minors",
        &format!(
            "[dependencies]\n{}serde = \"1\"\nserde_json = \"1\"",
            dependency("event-runtime", "")
        ),
    );
    // a build script, so that an OUT_DIR with the baselines exists
    let build = "fn main() {\n    let from = std::path::Path::new(env!(\"CARGO_MANIFEST_DIR\")).join(\"event-contracts\");\n    \
         let to = std::path::PathBuf::from(std::env::var_os(\"OUT_DIR\").unwrap()).join(\"event-contracts\");\n    \
         let _ = std::fs::remove_dir_all(&to);\n    std::fs::create_dir_all(to.join(\"baseline\")).unwrap();\n    \
         for e in std::fs::read_dir(from.join(\"baseline\")).unwrap() {\n        let e = e.unwrap();\n        \
         std::fs::copy(e.path(), to.join(\"baseline\").join(e.file_name())).unwrap();\n    }\n    \
         println!(\"cargo::rerun-if-changed=event-contracts\");\n}\n";
    generated.write(&scratch.path("event-contracts")).unwrap();
    scratch.write("build.rs", build);
    scratch.write("src/main.rs", main);
    scratch.write("events.rs", &generated.rust);
    scratch.write("events.tsv", lines);
    let out = scratch.cargo(&["run", "--quiet"]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// `events::module::v1::Type` of the event: the first type of the module whose doc comment names it.
fn type_path(rust: &str, event: &str) -> String {
    let mark = format!("/// `{event}` of the registry");
    let at = rust.find(&mark).unwrap_or_else(|| panic!("{event} is not generated"));
    let mut path = vec!["events".to_owned()];
    for line in rust[at..].lines() {
        let line = line.trim_start();
        let ident = |rest: &str| -> String {
            rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
        };
        if let Some(rest) = line.strip_prefix("pub mod ") {
            path.push(ident(rest));
        }
        let item = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "));
        if let Some(rest) = item {
            path.push(ident(rest));
            break;
        }
    }
    path.join("::")
}
