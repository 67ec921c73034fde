//! How long schemas take to become Rust text, against quicktype over the same schemas, in CPU time of one
//! run: `just bench-quicktype DIR`, which installs quicktype and says where it is (`QUICKTYPE`).
//!
//! quicktype gets all schemas in one process, as its start alone would cost it more than a schema does;
//! that start is in its time, as it is in everybody's who runs it.

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

    let (mut ours, mut theirs) = (f64::MAX, f64::MAX);
    for _ in 0..runs() {
        // in turn, so that a busy moment meets both
        ours = ours.min(time(|| config.run().1.unwrap().rust.len()).as_secs_f64());
        theirs = theirs.min(seconds(&quicktype, &schemas, &out));
    }
    let structs = fs::read_to_string(&out).unwrap().matches("pub struct ").count();
    assert!(structs > schemas.len(), "quicktype wrote {structs} structs");
    println!(
        "{} schemas: event-codegen {ours:.2} s, quicktype {theirs:.2} s, ratio {:.2} (limit 0.1)",
        schemas.len(),
        ours / theirs
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
