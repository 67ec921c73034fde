//! The dependencies of a user with default features, as cargo reports them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

use std::collections::BTreeSet;
use std::process::Command;

/// The crates below a package of this workspace, with its default features and without those of other
/// packages.
fn tree(package: &str) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
    let out = Command::new(cargo)
        .args(["tree", "--offline", "--locked", "--package", package])
        // for this platform: crates for others may not be downloaded
        .args(["--edges", "normal,build", "--prefix", "none", "--format", "{lib}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().lines().map(|l| l.trim().replace('-', "_")).collect()
}

fn forbidden(tree: &BTreeSet<String>, is: impl Fn(&str) -> bool) -> Vec<&String> {
    tree.iter().filter(|name| is(name)).collect()
}

fn of_aws(name: &str) -> bool {
    name.starts_with("aws_") || name.starts_with("hyper") || name.starts_with("rustls")
}

#[test]
fn a_build_script_builds_neither_aws_nor_tokio() {
    let tree = tree("event-codegen");
    assert!(tree.contains("typify") && tree.contains("event_schema"), "{tree:?}");
    let found = forbidden(&tree, |n| of_aws(n) || n.starts_with("tokio"));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_service_builds_no_aws() {
    let tree = tree("event-runtime");
    assert!(tree.contains("tokio") && tree.contains("event_shape"), "{tree:?}");
    let found = forbidden(&tree, of_aws);
    assert!(found.is_empty(), "{found:?}");
}
