//! The time from schemas to Rust text, compared with typify's own pipeline over the same schemas, in CPU
//! time of one run: `EVENT_CORPORA=DIR cargo bench -p event-codegen` (`just bench-codegen DIR`).

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints and may fail loudly"
)]

mod common;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::time::Duration;

use common::{lay_out, runs, time};
use serde_json::{Value, json};
use typify::{TypeSpace, TypeSpaceSettings};

fn main() {
    let Some(schemas) = common::schemas("aws-events") else { return };
    let dir = tempfile::tempdir().unwrap();
    let root = lay_out(dir.path(), &schemas);
    let config = event_codegen::configure().schemas(&root);

    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    for _ in 0..runs() {
        // alternate, so that a load on the machine affects both
        ours = ours.min(time(|| config.run().1.unwrap().rust.len()));
        theirs = theirs.min(time(|| schemas.iter().map(|s| typifys_own(s).len()).sum()));
    }
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!(
        "{} schemas: event-codegen {ours:.1?}, typify {theirs:.1?}, ratio {ratio:.2}",
        schemas.len()
    );
}

/// A schema with typify alone: read, lowered, printed.
fn typifys_own(path: &Path) -> String {
    let mut document: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    point_at_definitions(&mut document);
    let definitions = document["components"]["schemas"].take();
    let root = serde_json::from_value(json!({ "definitions": definitions })).unwrap();
    let lower = || {
        let mut space = TypeSpace::new(&TypeSpaceSettings::default());
        space.add_root_schema(root).unwrap();
        prettyplease::unparse(&syn::parse2(space.to_stream()).unwrap())
    };
    catch_unwind(std::panic::AssertUnwindSafe(lower)).unwrap_or_default()
}

fn point_at_definitions(json: &mut Value) {
    match json {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get_mut("$ref") {
                *reference = reference.replace("#/components/schemas/", "#/definitions/");
            }
            map.values_mut().for_each(point_at_definitions);
        }
        Value::Array(elements) => elements.iter_mut().for_each(point_at_definitions),
        _ => {}
    }
}
