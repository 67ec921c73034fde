//! `cargo event lock`.

use crate::scratch::{ORDER, ORDER_1_0, ORDER_1_1, ORDER_BROKEN, Scratch};

const LOCK: &str = "schemas/schemas.lock";

#[test]
fn lock_writes_new_versions() {
    let scratch = Scratch::order();
    let run = scratch.run(&["lock"]);
    run.says(0, &[]);
    assert_eq!(
        run.out,
        "locked shop/order.placed 1.0\nlocked shop/order.placed 1.1\n`schemas/schemas.lock` has 2 versions, 2 new\n"
    );
    scratch.run(&["check"]).says(0, &[]);
    let lock = scratch.read(LOCK);
    let again = scratch.run(&["lock"]);
    assert_eq!(again.out, "`schemas/schemas.lock` is up to date: 2 versions\n");
    assert_eq!(scratch.read(LOCK), lock);

    scratch.write(&format!("{ORDER}/2.0.json"), ORDER_BROKEN);
    let run = scratch.run(&["lock"]);
    assert!(run.out.starts_with("locked shop/order.placed 2.0\n`schemas"), "{}", run.out);
    assert!(scratch.read(LOCK).starts_with(lock.trim_end()), "{}", scratch.read(LOCK));
}

#[test]
fn lock_keeps_origins() {
    let scratch = Scratch::locked();
    let origin =
        "origin = { registry = \"shop\", schema = \"app@order.placed-v1\", version = 4 }\n";
    scratch.write(LOCK, scratch.read(LOCK) + origin);
    scratch.write(&format!("{ORDER}/2.0.json"), ORDER_BROKEN);
    scratch.run(&["lock"]).says(0, &[]);
    let lock = scratch.read(LOCK);
    let origin = "origin = [\n  { registry = \"shop\", schema = \"app@order.placed-v1\", version = 4 },\n]\n";
    assert!(lock.contains(origin) && lock.contains("version = \"2.0\""), "{lock}");
    assert_eq!(scratch.run(&["lock"]).out, "`schemas/schemas.lock` is up to date: 3 versions\n");
}

#[test]
fn breaking_minor_is_not_locked() {
    let scratch = Scratch::locked();
    let lock = scratch.read(LOCK);
    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_BROKEN);
    let run = scratch.run(&["lock"]);
    run.says(1, &["`status`"]);
    assert!(!run.err.contains("schema-not-locked"), "that is what lock is for: {}", run.err);
    assert_eq!(run.out, "`schemas/schemas.lock` is unchanged\n");
    assert_eq!(scratch.read(LOCK), lock);
}

#[test]
fn edited_version_is_refused() {
    let scratch = Scratch::locked();
    let lock = scratch.read(LOCK);
    // compatible, but different from the published text
    scratch.write(&format!("{ORDER}/1.0.json"), ORDER_1_0.replace("\"title\"", "\"title\" "));
    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_1_1);
    let run = scratch.run(&["lock"]);
    run.says(1, &["error[locked-schema-edited]", "immutable", "order.placed/1.0.json"]);
    assert_eq!(scratch.read(LOCK), lock);
}

#[test]
fn deleted_version_is_refused() {
    let scratch = Scratch::locked();
    let lock = scratch.read(LOCK);
    scratch.remove(&format!("{ORDER}/1.0.json"));
    scratch.run(&["lock"]).says(1, &["error[locked-schema-deleted]", "immutable"]);
    scratch.remove(&format!("{ORDER}/1.1.json"));
    assert_ne!(scratch.run(&["lock"]).code, 0);
    assert_eq!(scratch.read(LOCK), lock);
}

#[test]
fn other_line_ends_are_the_same_version() {
    let scratch = Scratch::locked();
    scratch.write(&format!("{ORDER}/1.0.json"), ORDER_1_0.replace('\n', "\r\n"));
    scratch.run(&["lock", "--check"]).says(0, &[]);
}

#[test]
fn check_writes_nothing() {
    let scratch = Scratch::order();
    scratch.run(&["lock", "--check"]).says(1, &["error[lock-missing]"]);
    assert!(!scratch.path(LOCK).exists());
    scratch.run(&["lock"]).says(0, &[]);
    scratch.run(&["lock", "--check"]).says(0, &[]);
    let lock = scratch.read(LOCK);
    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_1_1);
    scratch.run(&["lock", "--check"]).says(1, &["error[schema-not-locked]", "1.2"]);
    assert_eq!(scratch.read(LOCK), lock);
}

#[test]
fn invalid_lock_is_not_overwritten() {
    let scratch = Scratch::locked();
    for (bad, rule) in [
        ("<<<<<<< ours\n", "error[merge-conflict]"),
        ("version = 7\n", "error[bad-lock]"),
        ("version = 1\n[[schema]]\nregistry = 1\n", "error[bad-lock]"),
        ("\u{0}", "error[bad-lock]"),
    ] {
        scratch.write(LOCK, bad);
        scratch.run(&["lock"]).says(2, &[rule]);
        assert_eq!(scratch.read(LOCK), bad);
    }
    scratch.write(LOCK, b"\xff\xfe");
    assert_eq!(scratch.run(&["lock"]).code, 2);
    assert_eq!(std::fs::read(scratch.path(LOCK)).unwrap(), b"\xff\xfe");
}

#[test]
fn lock_that_cannot_be_written_leaves_no_files() {
    let scratch = Scratch::order();
    std::fs::create_dir(scratch.path(LOCK)).unwrap();
    let run = scratch.run(&["lock"]);
    assert_eq!(run.code, 2, "{run:?}");
    let names: Vec<_> = std::fs::read_dir(scratch.path("schemas")).unwrap().collect();
    assert_eq!(names.len(), 2, "the lock's folder and the registry's: {names:?}");
}

#[test]
fn json_lists_locked_versions() {
    let scratch = Scratch::order();
    let first = scratch.run(&["lock", "--format", "json"]).json();
    assert_eq!((&first["ok"], &first["versions"]), (&true.into(), &2.into()));
    assert_eq!(first["locked"][1]["version"], "1.1");
    let second = scratch.run(&["lock", "--format", "json"]).json();
    assert_eq!(second["locked"].as_array().unwrap().len(), 0);
    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_BROKEN);
    let run = scratch.run(&["lock", "--format", "json"]);
    assert_eq!((run.code, &run.json()["ok"], run.err.as_str()), (1, &false.into(), ""));
}
