//! Real schemas and events, from the folder in `EVENT_CORPORA`: generates types for all of them,
//! compiles them with rustc, and decodes real events with these types. The code generator's own
//! schemas are always compiled. The `jsonschema` crate decides which events a schema allows; an
//! allowed event must decode.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that says what it did"
)]
#![allow(
    clippy::format_collect,
    clippy::unnecessary_debug_formatting,
    reason = "short, and only a test"
)]

#[path = "corpora/compile.rs"]
mod compile;
#[path = "corpora/configured.rs"]
mod configured;
#[path = "corpora/decode.rs"]
mod decode;
#[path = "corpora/derive.rs"]
mod derive;
#[path = "corpora/krate.rs"]
mod krate;
#[path = "corpora/random.rs"]
mod random;
#[path = "corpora/shared.rs"]
mod shared;
#[path = "corpora/strict.rs"]
mod strict;
#[path = "corpora/tolerant.rs"]
mod tolerant;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use event_codegen::Config;
use event_folder::lock::Lock;
use event_schema::diagnostic::{Diagnostic, Severity};

/// The corpora, or a note that they are missing.
fn corpora() -> Option<PathBuf> {
    let dir = std::env::var_os("EVENT_CORPORA").map(PathBuf::from);
    if dir.is_none() {
        println!("skipped: EVENT_CORPORA is not set (`just corpora DIR`)");
    }
    dir
}

/// One schema of a corpus: its name, and its text.
fn schemas(dir: &Path) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "json")
            && path.file_name().unwrap() != "examples.json"
        {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            out.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    out
}

/// Writes schemas to a schema folder, one event each, and locks them. Tests run in parallel, so
/// each has a folder of its own, named after it.
fn lay_out(test: &str, corpus: &str, schemas: &BTreeMap<String, String>) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpora").join(test).join(corpus);
    let _ = fs::remove_dir_all(&root);
    for (name, text) in schemas {
        let dir = root.join("schemas").join(corpus).join(name);
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("1.0.json"), text).unwrap();
    }
    let (folder, problems) = event_folder::load::Folder::read(&root.join("schemas"), "schemas");
    assert_eq!(problems, []);
    fs::write(root.join("schemas/schemas.lock"), Lock::of(&folder).to_text()).unwrap();
    root
}

/// Generates a corpus. Schemas without a type are listed, each with its diagnostic, and left out;
/// the rest is returned as a folder that generates without an error.
fn generate(
    test: &str,
    corpus: &str,
    dir: &Path,
) -> (PathBuf, event_codegen::Generated, Vec<String>) {
    generate_with(test, corpus, dir, |config| config)
}

fn generate_with(
    test: &str,
    corpus: &str,
    dir: &Path,
    knobs: impl Fn(Config) -> Config,
) -> (PathBuf, event_codegen::Generated, Vec<String>) {
    let mut schemas = schemas(dir);
    let all = schemas.len();
    let mut listed: Vec<String> = Vec::new();
    loop {
        let root = lay_out(test, corpus, &schemas);
        let config = event_codegen::configure().schemas(root.join("schemas"));
        let config = knobs(config.source(corpus, "test"));
        let (diagnostics, generated) = config.run();
        if let Some(generated) = generated {
            println!("{corpus}: {} of {all} schemas generate", schemas.len());
            for line in &listed {
                println!("  {line}");
            }
            return (root, generated, listed);
        }
        let errors: Vec<&Diagnostic> =
            diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
        assert!(!errors.is_empty(), "{corpus}: no code and no error");
        for d in errors {
            let at = d.file.split('/').nth_back(1).unwrap_or_default().to_owned();
            assert!(!d.message.contains("panicked"), "{}", d.headline());
            listed.push(d.headline());
            schemas.remove(&at);
        }
        assert!(listed.len() <= 10 * all, "{corpus}: the same errors come again: {listed:#?}");
    }
}

/// Why a schema of the corpora has no type: its references lead to missing files.
const WITHOUT_TYPES: &[&str] = &[
    "ecommerce_delivery",
    "ecommerce_orders",
    "ecommerce_products",
    "ecommerce_users",
    "ecommerce_warehouse",
];
