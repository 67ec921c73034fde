//! How long schemas take to become Rust text, against typify's own pipeline over the same schemas, in CPU
//! time of one run: `EVENT_CORPORA=DIR cargo bench -p event-codegen` (`just bench-codegen DIR`).

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints and may fail loudly"
)]

use std::fs;
use std::hint::black_box;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use event_codegen::load::Folder;
use event_codegen::lock::Lock;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use typify::{TypeSpace, TypeSpaceSettings};

/// Runs of each side; the fastest counts, as the one that the machine disturbed least.
const RUNS: usize = 7;

fn main() {
    let Some(corpora) = std::env::var_os("EVENT_CORPORA").map(PathBuf::from) else {
        println!("skipped: EVENT_CORPORA is not set");
        return;
    };
    let mut schemas: Vec<PathBuf> =
        fs::read_dir(corpora.join("aws-events")).unwrap().map(|e| e.unwrap().path()).collect();
    schemas.sort();
    let dir = tempfile::tempdir().unwrap();
    let root = lay_out(dir.path(), &schemas);
    let config = event_codegen::configure().schemas(&root);

    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    for _ in 0..RUNS {
        // in turn, so that a busy moment meets both
        ours = ours.min(time(|| config.run().1.unwrap().rust.len()));
        theirs = theirs.min(time(|| schemas.iter().map(|s| typifys_own(s).len()).sum()));
    }
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!(
        "{} schemas: event-codegen {ours:.1?}, typify {theirs:.1?}, ratio {ratio:.2}",
        schemas.len()
    );
}

/// CPU time of this process meanwhile, user and system: what others do on the machine is not in it.
fn time(work: impl FnOnce() -> usize) -> Duration {
    let start = clock_gettime(ClockId::ProcessCPUTime);
    black_box(work());
    let end = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(end).unwrap().saturating_sub(Duration::try_from(start).unwrap())
}

/// The folder that `event-codegen` reads: lock, checks and baselines are part of its time.
fn lay_out(dir: &Path, schemas: &[PathBuf]) -> PathBuf {
    let root = dir.join("schemas");
    for path in schemas {
        let event = root.join("aws-events").join(path.file_stem().unwrap());
        fs::create_dir_all(&event).unwrap();
        fs::copy(path, event.join("1.0.json")).unwrap();
    }
    let (folder, problems) = Folder::read(&root, "schemas");
    assert_eq!(problems, []);
    fs::write(root.join("schemas.lock"), Lock::of(&folder).to_text()).unwrap();
    root
}

/// A schema by typify alone: read, lowered, printed.
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
