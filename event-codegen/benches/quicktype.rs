//! The time from schemas to Rust text, compared with quicktype over the same schemas, in CPU time of one
//! run: `just bench-quicktype DIR`, which installs quicktype and passes its path (`QUICKTYPE`).
//!
//! quicktype can run in two ways, so there are two figures. Once for all schemas together, which become one
//! text: similar types of different schemas are merged, and their names depend on each other. And once per
//! schema, which gives the same result as ours, the types of each schema by themselves; the start of the
//! process then counts 183 times, as it does for every user. Our side is the same in both: all schemas in
//! one process, including lock, checks and baselines.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints and may fail loudly"
)]

mod common;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{lay_out, runs, time};

fn main() {
    let Some(quicktype) = std::env::var_os("QUICKTYPE") else {
        println!("skipped: QUICKTYPE is not set (`just bench-quicktype DIR` installs it)");
        return;
    };
    let Some(schemas) = common::schemas("aws-events-draft4") else { return };
    let dir = tempfile::tempdir().unwrap();
    let root = lay_out(dir.path(), &schemas);
    let config = event_codegen::configure().schemas(&root);
    let out = dir.path().join("quicktype.rs");
    let structs = || fs::read_to_string(&out).unwrap().matches("pub struct ").count();

    let (mut ours, mut theirs) = (f64::MAX, f64::MAX);
    for _ in 0..runs() {
        // alternate, so that a load on the machine affects both
        ours = ours.min(time(|| config.run().1.unwrap().rust.len()).as_secs_f64());
        theirs = theirs.min(seconds(&quicktype, &schemas, &out));
    }
    let n = structs();
    assert!(n > schemas.len(), "quicktype wrote {n} structs");
    println!(
        "{} schemas: event-codegen {ours:.2} s, quicktype {theirs:.2} s for all in one process, ratio {:.2}",
        schemas.len(),
        ours / theirs
    );

    // the work is the same each time, and 183 starts average out disturbances: once is enough
    let mut each = 0.0;
    for schema in &schemas {
        each += seconds(&quicktype, std::slice::from_ref(schema), &out);
        assert!(structs() > 0, "quicktype wrote nothing for {}", schema.display());
    }
    println!(
        "  quicktype {each:.2} s with a process a schema, ratio {:.3} (limit 0.1)",
        ours / each
    );
}

/// CPU seconds of quicktype, measured by the shell's `time`, which includes its child processes.
fn seconds(quicktype: &OsStr, schemas: &[PathBuf], out: &Path) -> f64 {
    let output = Command::new("bash")
        .args(["-c", "TIMEFORMAT='cpu %U %S'; time \"$0\" \"$@\""])
        .arg(quicktype)
        .args(["--src-lang", "schema", "--lang", "rust", "--out"])
        .arg(out)
        .args(schemas.iter().flat_map(|s| [OsStr::new("--src"), s.as_os_str()]))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "quicktype failed:\n{said}");
    let times = said.lines().rev().find_map(|line| line.strip_prefix("cpu ")).unwrap();
    times.split(' ').map(|t| t.parse::<f64>().unwrap()).sum()
}
