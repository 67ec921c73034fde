//! How long schemas take to become Rust text, against quicktype over the same schemas, in CPU time of one
//! run: `just bench-quicktype DIR`, which installs quicktype and says where it is (`QUICKTYPE`).
//!
//! Two figures, since there are two ways to run it. Once for all schemas, which become one text: types of
//! different schemas that look alike are merged, and each is named with a view to all others. And once a
//! schema, which gives what we write, the types of each schema by themselves; its start is in that time 183
//! times, as it is in everybody's who runs it so. Our side is the same in both: all schemas in one process,
//! lock, checks and baselines included.

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
        // in turn, so that a busy moment meets both
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

    // what it has to do is the same each time, and its 183 starts even out what disturbs one: once is enough
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

/// CPU seconds of quicktype, by the shell's `time`, which counts the children that have ended.
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
