//! Ten good events, and every single-step mutation of them: the derive accepts a mutant as the next
//! minor of its event exactly if the change rules do.
//!
//! The rules are checked independently: `event_schema::compat` compares the locked schema with
//! those of the mutant, which the mutator creates from serde's rules, not from the derive. All
//! mutants are modules of one crate: one `cargo check` reports which of them have errors.

#![allow(clippy::unwrap_used, missing_docs, reason = "a failed unwrap is a failed test")]
#![allow(
    clippy::struct_excessive_bools,
    clippy::single_match_else,
    reason = "a field's attributes are flags, and a tag is there or not"
)]

mod model;
mod mutate;
mod specimens;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use event_schema::compat::{self, Policy};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::read;
use event_tests::scratch::{Scratch, dependency};
use serde_json::Value;

use self::model::Specimen;
use self::mutate::Mutant;

#[test]
fn derive_and_change_rules_agree_on_every_mutant() {
    let specimens = specimens::all();
    let mutants: Vec<Mutant> = specimens.iter().flat_map(mutate::all).collect();
    let judged: Vec<Vec<String>> = mutants
        .iter()
        .map(|m| {
            let locked = specimens.iter().find(|s| s.event == m.specimen.event).unwrap();
            breaks(locked, &m.specimen)
        })
        .collect();

    let scratch = Crate::new(&specimens);
    let errors = scratch.check(&mutants, &(0..mutants.len()).collect::<Vec<_>>());
    // mutants that one run accepts must also be accepted in a crate without the others
    let kept: Vec<usize> = (0..mutants.len()).filter(|i| !errors.contains_key(i)).collect();
    let late = scratch.check(&mutants, &kept);

    let mut wrong = String::new();
    for (i, mutant) in mutants.iter().enumerate() {
        let said = errors.get(&i).or(late.get(&i));
        match (said, judged[i].as_slice()) {
            (None, []) | (Some(_), [_, ..]) => {}
            (Some(said), []) => {
                let _ = writeln!(
                    wrong,
                    "{} (m{i}): the rules allow it, the derive says: {said}",
                    mutant.label
                );
            }
            (None, rules) => {
                let _ = writeln!(
                    wrong,
                    "{} (m{i}): accepted, and the rules say: {}",
                    mutant.label,
                    rules.join("; ")
                );
            }
        }
    }
    let accepted = judged.iter().filter(|rules| rules.is_empty()).count();
    assert!(wrong.is_empty(), "{} of {} mutants:\n{wrong}", wrong.lines().count(), mutants.len());
    assert!(late.is_empty(), "errors that hid behind others: {late:#?}");
    assert!(mutants.len() > 600 && accepted > 100, "{accepted} of {} are allowed", mutants.len());
}

/// The breaks of the mutant by the change rules.
fn breaks(locked: &Specimen, mutant: &Specimen) -> Vec<String> {
    let (old, new) = (locked.schema(locked), mutant.schema(locked));
    let report = compat::check(&schema(&old), &schema(&new), Policy::Additive);
    report.breaks().map(|c| format!("{} [{}]", c.message, c.rule.id)).collect()
}

fn schema(value: &Value) -> Schema {
    let document = Document::parse("mutant.json", value.to_string()).unwrap();
    match read::schema(&document) {
        Ok(schema) => schema,
        Err(problems) => panic!("{problems:#?}\n{value:#}"),
    }
}

/// The crate of the mutants.
struct Crate(Scratch);

impl Crate {
    /// The crate, with the specimens' schemas locked and compiled into its `OUT_DIR`.
    fn new(specimens: &[Specimen]) -> Crate {
        let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), "mutations");
        scratch.clear(".");
        scratch.manifest(
            "mutants",
            &format!(
                "[dependencies]\n{}serde = {{ version = \"1\", features = [\"derive\"] }}",
                dependency("event-runtime", ", default-features = false"),
            ),
        );
        for s in specimens {
            let text = format!("{:#}\n", s.schema(s));
            scratch.write(&format!("schemas/app-core/{}/1.0.json", s.event), text);
        }
        scratch.compile_schemas("app-core", "app.test");
        Crate(scratch)
    }

    /// The first error of each mutant that has one.
    fn check(&self, mutants: &[Mutant], which: &[usize]) -> BTreeMap<usize, String> {
        self.0.clear("src");
        let mut lib = String::from("#![allow(warnings)]\n");
        for &i in which {
            self.0.write(&format!("src/m{i}.rs"), mutants[i].specimen.rust("1.1"));
            let _ = writeln!(lib, "mod m{i};");
        }
        self.0.write("src/lib.rs", lib);
        let mut cargo = self.0.cargo(&["check", "--quiet", "--message-format=json"]);
        // the crate has no build script, so that its compiler inherits this
        let output = cargo.env("OUT_DIR", self.0.out()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let mut out = BTreeMap::new();
        let mut compiled = false;
        for line in text.lines() {
            let message: Value = serde_json::from_str(line).unwrap();
            compiled |= message["target"]["name"] == "mutants";
            if message["reason"] != "compiler-message" || message["message"]["level"] != "error" {
                continue;
            }
            let said = message["message"]["message"].as_str().unwrap();
            let Some(module) = module(&message["message"]) else {
                assert!(said.starts_with("aborting due to"), "{said}");
                continue;
            };
            // the span of the error is the user's own text
            let spans = message["message"]["spans"].as_array().unwrap();
            let primary = spans.iter().find(|s| s["is_primary"] == true).unwrap();
            assert!(primary["expansion"].is_null(), "m{module}: {said}\n{primary:#}");
            out.entry(module).or_insert_with(|| said.to_owned());
        }
        assert!(compiled, "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(
            output.status.success(),
            out.is_empty(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        out
    }
}

/// The mutant that a diagnostic is about.
fn module(diagnostic: &Value) -> Option<usize> {
    let of_span = |span: &Value| {
        let file = Path::new(span["file_name"].as_str()?).file_stem()?.to_str()?;
        file.strip_prefix('m')?.parse().ok()
    };
    let spans = |d: &Value| d["spans"].as_array().into_iter().flatten().find_map(of_span);
    spans(diagnostic).or_else(|| diagnostic["children"].as_array()?.iter().find_map(spans))
}
