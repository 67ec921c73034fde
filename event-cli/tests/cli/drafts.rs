//! Drafts, `unlock`, `new`, and files in the wrong place.

use std::process::Command;

use crate::scratch::{ORDER, ORDER_1_0, ORDER_1_1, ORDER_BROKEN, Scratch};

const LOCK: &str = "schemas/schemas.lock";

fn git(scratch: &Scratch, args: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]);
    let done = command.args(args).current_dir(scratch.path(".")).output().unwrap();
    assert!(done.status.success(), "{args:?} {done:?}");
}

#[test]
fn version_locked_by_mistake_can_be_unlocked() {
    let scratch = Scratch::locked();
    let before = scratch.read(LOCK);
    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_1_1.replace("\"note\"", "\"nite\""));
    scratch.remove(&format!("{ORDER}/1.2.json"));
    scratch.write(&format!("{ORDER}/2.0.json"), ORDER_BROKEN);
    scratch.run(&["lock"]).says(0, &[]);
    let run = scratch.run(&["unlock", "order.placed@2.0"]);
    run.says(0, &[]);
    assert!(
        run.out.starts_with("unlocked shop/order.placed 2.0: it is a draft again\n"),
        "{}",
        run.out
    );
    assert_eq!(scratch.read(LOCK), before);
    // the draft can be edited, and locked
    scratch.write(&format!("{ORDER}/2.0.json"), ORDER_BROKEN.replace("orderId", "id"));
    scratch.run(&["lock"]).says(0, &[]);
    scratch
        .run(&["unlock", "order.placed@1.0"])
        .says(2, &["error[not-the-newest]", "order.placed@1.1"]);
    scratch.run(&["unlock", "order.placed@3.0"]).says(2, &["unknown-event", "1.0, 1.1, 2.0"]);
    scratch.run(&["unlock", "order.placed"]).says(2, &["expected TYPE@MAJOR.MINOR"]);
}

#[test]
fn version_in_git_or_a_registry_is_not_unlocked() {
    let scratch = Scratch::locked();
    git(&scratch, &["init", "-q", "-b", "main"]);
    // before the first commit
    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_1_1.replace("\"Order", "\"An order"));
    scratch.run(&["lock"]).says(0, &[]);
    scratch.run(&["unlock", "order.placed@1.2"]).says(0, &[]);
    scratch.remove(&format!("{ORDER}/1.2.json"));
    git(&scratch, &["add", "."]);
    git(&scratch, &["commit", "-qm", "a"]);
    let lock = scratch.read(LOCK);
    scratch.run(&["unlock", "order.placed@1.1"]).says(
        1,
        &[
            "error[version-published]",
            "it is locked in git at `main`",
            "cargo event new-version order.placed",
        ],
    );
    assert_eq!(scratch.read(LOCK), lock);
    // a local topic branch
    git(&scratch, &["checkout", "-qb", "topic"]);
    scratch.write(&format!("{ORDER}/2.0.json"), ORDER_BROKEN);
    scratch.run(&["lock"]).says(0, &[]);
    git(&scratch, &["add", "."]);
    git(&scratch, &["commit", "-qm", "b"]);
    scratch.run(&["unlock", "order.placed@2.0"]).says(0, &[]);
    git(&scratch, &["checkout", "-q", "."]);
    // pushed, it is published
    git(&scratch, &["update-ref", "refs/remotes/origin/topic", "HEAD"]);
    scratch
        .run(&["unlock", "order.placed@2.0"])
        .says(1, &["it is locked in git at `origin/topic`"]);
    git(&scratch, &["update-ref", "-d", "refs/remotes/origin/topic"]);
    let origin =
        "origin = { registry = \"shop\", schema = \"app@order.placed-v2\", version = 4 }\n";
    scratch.write(LOCK, scratch.read(LOCK) + origin);
    scratch
        .run(&["unlock", "order.placed@2.0"])
        .says(1, &["error[version-published]", "in the registry `shop`"]);
}

#[test]
fn help_for_an_edited_version_saves_the_edit_first() {
    let scratch = Scratch::locked();
    git(&scratch, &["init", "-q", "-b", "main"]);
    git(&scratch, &["add", "."]);
    git(&scratch, &["commit", "-qm", "a"]);
    let edit = ORDER_1_1.replace("\"note\"", "\"more\": { \"type\": \"string\" }, \"note\"");
    scratch.write(&format!("{ORDER}/1.1.json"), &edit);
    let run = scratch.run(&["check"]);
    let place = "schemas/shop/order.placed";
    let (save, back) = (
        format!("mv {place}/1.1.json {place}/1.2.json"),
        format!("git checkout -- {place}/1.1.json"),
    );
    let at =
        |text: &str| run.err.find(text).unwrap_or_else(|| panic!("no `{text}` in {}", run.err));
    assert!(at(&save) < at(&back), "{}", run.err);
    for line in [save, back] {
        let mut words = line.split(' ');
        let mut command = Command::new(words.next().unwrap());
        assert!(command.args(words).current_dir(scratch.path(".")).status().unwrap().success());
    }
    scratch.run(&["lock"]).says(0, &[]);
    assert_eq!(scratch.read(&format!("{ORDER}/1.2.json")), edit);
}

#[test]
fn new_writes_a_first_schema() {
    let scratch = Scratch::empty();
    scratch.run(&["new", "order.placed"]).says(2, &["unknown-registry", "--registry NAME"]);
    scratch.write("Cargo.toml", "[package]\nname = \"shop\"\n");
    let run = scratch.run(&["new", "order.placed"]);
    run.says(0, &[]);
    assert!(
        run.out.starts_with("wrote `schemas/shop/order.placed/1.0.json`\nnext:\n"),
        "{}",
        run.out
    );
    scratch.run(&["check"]).says(1, &["lock-missing"]);
    scratch.run(&["lock"]).says(0, &[]);
    scratch.run(&["check"]).says(0, &[]);
    scratch
        .run(&["new", "order.placed"])
        .says(2, &["file-exists", "cargo event new-version order.placed"]);
    scratch.run(&["new", "order.paid", "--source", "x.y", "--format", "json"]).says(0, &[]);
    assert!(
        scratch
            .read("schemas/shop/order.paid/1.0.json")
            .contains("\"x-amazon-events-source\": \"x.y\"")
    );
    scratch.run(&["new", "order.sent:v1"]).says(2, &["cargo event new order.sent"]);
    for bad in ["order sent", "../x", "a/b", "", "_x"] {
        scratch.run(&["new", bad]).says(2, &["bad-event-name"]);
    }
    assert_eq!(
        scratch.run(&["list", "--format", "json"]).json()["versions"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn files_in_the_wrong_place_are_errors() {
    for (file, says) in [
        (
            "schemas/shop/order placed/1.0.json",
            &["`order placed` cannot be the folder", "a space", "order.placed"][..],
        ),
        ("schemas/shop/order.paid:v1/1.0.json", &["contains `:`", "`order.paid`", "`1.0.json`"]),
        (
            "schemas/shop/order.paid.json",
            &["wrong place", "mv schemas/shop/order.paid.json schemas/shop/order.paid/1.0.json"],
        ),
        ("schemas/order.paid.json", &["wrong place", "schemas/<registry>/order.paid/1.0.json"]),
        ("schemas/order.paid/1.0.json", &["wrong place", "schemas/<registry>/order.paid/1.0.json"]),
        ("schemas/1.0.json", &["wrong place", "schemas/<registry>/<type>/1.0.json"]),
        (
            "schemas/shop/order.paid/v1.json",
            &["`v1.json` is not a version", "rename it to `1.0.json`"],
        ),
        ("schemas/shop/order.paid/1.0.0.json", &["rename it to `1.0.json`"]),
        ("schemas/shop/order.paid/1.0.yaml", &["`1.0.yaml` is YAML", "expected a schema in JSON"]),
        ("schemas/shop/order.paid.yml", &["`order.paid.yml` is YAML"]),
        ("schemas/events.toml", &["`events.toml` is not read", "event.toml"]),
        (
            "schemas/shop/orders/order.paid/1.0.json",
            &["is a folder: expected `<major>.<minor>.json` files"],
        ),
    ] {
        let scratch = Scratch::locked();
        scratch.write(file, ORDER_1_0);
        let run = scratch.run(&["check"]);
        assert!(
            run.err.contains(&format!("schemas/{}", file.split('/').nth(1).unwrap())),
            "{file}: {}",
            run.err
        );
        for text in says {
            assert!(run.err.contains(text), "{file}: no `{text}` in\n{}", run.err);
        }
        let named = run.err.matches("error[bad-").count() + run.err.matches("warning[bad-").count();
        assert_eq!(named, 1, "{file}: {}", run.err);
    }
    let scratch = Scratch::locked();
    scratch.write("schemas/README.md", "x");
    scratch.write("schemas/_old/order.json", "x");
    let run = scratch.run(&["check"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
}

#[test]
fn check_reports_mistakes_in_event_toml_as_the_build_does() {
    let scratch = Scratch::locked();
    scratch.write(
        "schemas/event.toml",
        "tolerant = [\"shop/order.plaecd\"]\n[sources]\nshp = \"a\"\n",
    );
    let run = scratch.run(&["check"]);
    assert!(run.code != 0, "{run:?}");
    for text in ["order.plaecd", "order.placed", "`shp`"] {
        assert!(run.err.contains(text), "{text}: {}", run.err);
    }
}

#[test]
fn diff_across_majors_is_a_new_major() {
    let scratch = Scratch::locked();
    scratch.write(&format!("{ORDER}/2.0.json"), ORDER_BROKEN);
    scratch.run(&["lock"]).says(0, &[]);
    let run = scratch.run(&["diff", "order.placed@1.1", "order.placed@2.0"]);
    run.says(0, &[]);
    assert!(run.out.contains("2.0 is a new major") && !run.out.contains("error["), "{}", run.out);
    let json = scratch.run(&["diff", "order.placed@1.1", "order.placed@2.0", "--format", "json"]);
    assert_eq!((json.code, &json.json()["newMajor"]), (0, &true.into()));
    // an earlier major is not a new one
    assert_eq!(scratch.run(&["diff", "order.placed@2.0", "order.placed@1.1"]).code, 1);
}

#[test]
fn merge_conflict_in_a_schema_is_reported_as_one() {
    let scratch = Scratch::locked();
    let (a, b, c) = ("<".repeat(7), "=".repeat(7), ">".repeat(7));
    let text = ORDER_1_1.replace("  \"title\"", &format!("{a} HEAD\n{b}\n{c} topic\n  \"title\""));
    scratch.write(&format!("{ORDER}/1.2.json"), text);
    let run = scratch.run(&["check"]);
    run.says(2, &["error[merge-conflict]", "1.2.json:3:1", "lines 3 to 5"]);
    assert!(!run.err.contains("schema-not-json"), "{}", run.err);
}
