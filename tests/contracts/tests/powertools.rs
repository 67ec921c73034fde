//! `docs/powertools.md` names a test in each row of its tables, and the test exists.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The names of all functions in the sources below a folder.
fn functions(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, names);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let lines = text.lines().filter_map(|line| line.split_once("fn "));
            names.extend(lines.filter_map(|(_, rest)| Some(rest.split_once('(')?.0.to_owned())));
        }
    }
}

#[test]
fn each_row_names_tests_that_exist() {
    let mut known = BTreeSet::new();
    for room in ["event-runtime", "event-aws", "event-redis", "event-testing", "tests/aws"] {
        functions(&root().join(room), &mut known);
    }
    functions(&root().join("tests/dynamodb"), &mut known);
    let text = fs::read_to_string(root().join("docs/powertools.md")).unwrap();
    let (mut rows, mut problems) = (0, Vec::new());
    for line in text.lines().filter(|line| line.starts_with("| ") && !line.contains("| here |")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [behaviour, verdict, _, tests] = cells.as_slice() else {
            problems.push(format!("not four cells: {line}"));
            continue;
        };
        rows += 1;
        if !["same", "better", "other", "missing"].contains(verdict) {
            problems.push(format!("{behaviour}: unknown verdict `{verdict}`"));
        }
        let named: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        if named.is_empty() {
            problems.push(format!("{behaviour}: no test"));
        }
        let missing = named.into_iter().filter(|name| !known.contains(*name));
        problems.extend(missing.map(|name| format!("{behaviour}: `{name}` does not exist")));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(rows > 50, "{rows} rows");
}
