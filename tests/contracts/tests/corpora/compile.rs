//! Generates types for every schema, and compiles all of them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::krate::{NO_WARNINGS, run, scratch};
use super::{WITHOUT_TYPES, corpora, generate};

#[test]
fn every_schema_generates_and_compiles() {
    let Some(corpora) = corpora() else { return };
    let mut modules = String::new();
    let mut root = PathBuf::new();
    for corpus in ["aws-events", "aws-events-draft4", "custom", "orcabus"] {
        let (at, generated, listed) = generate("every-schema", corpus, &corpora.join(corpus));
        for line in &listed {
            assert!(line.starts_with("[unresolved-reference] "), "{line}");
            assert!(WITHOUT_TYPES.iter().any(|w| line.contains(w)), "{line}");
        }
        generated.write(&at.join("event-contracts")).unwrap();
        let file = at.join("event-contracts/events.rs");
        writeln!(modules, "mod {} {{ include!({file:?}); }}", corpus.replace('-', "_")).unwrap();
        root = at;
    }
    let main = format!("#![deny(warnings)]\n#![allow(dead_code)]\n{modules}fn main() {{}}\n");
    run(scratch(&root, "scratch-all", &main).args(["check", "--offline"]), "all corpora");
}

/// The types of the code generator's odd schemas compile; its own test lists those without types,
/// with the reason.
#[test]
fn odd_schemas_compile() {
    let odd = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../event-codegen/tests/odd");
    let (root, generated, listed) = generate("odd-schemas", "odd", &odd);
    assert!(generated.baselines.len() > 30, "too few become types: {listed:#?}");
    generated.write(&root.join("event-contracts")).unwrap();
    let main = format!("{NO_WARNINGS}fn main() {{}}\n");
    run(scratch(&root, "scratch-odd", &main).args(["check", "--offline"]), "odd schemas");
}
