//! `cargo event check --against`.

use std::process::Command;

use crate::scratch::{ORDER, ORDER_1_0, ORDER_1_1, ORDER_BROKEN, Scratch};

/// git in the scratch folder, without the settings of the user. Returns `false` without git, and prints that the test
/// is skipped.
fn git(scratch: &Scratch, args: &[&str]) -> bool {
    let identity = [
        "-c",
        "user.name=test",
        "-c",
        "user.email=test@localhost",
        "-c",
        "init.defaultBranch=main",
    ];
    let run = Command::new("git")
        .args(identity)
        .args(args)
        .current_dir(scratch.path("."))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output();
    if let Ok(output) = run {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        true
    } else {
        skipped();
        false
    }
}

#[allow(clippy::print_stdout)] // reports a skipped test
fn skipped() {
    println!("skipped: no git; `apt-get install git`");
}

/// A repository whose first commit has `order.placed` 1.0 and 1.1, locked.
fn repository() -> Option<Scratch> {
    let scratch = Scratch::locked();
    let made = git(&scratch, &["init", "--quiet"])
        && git(&scratch, &["add", "."])
        && git(&scratch, &["commit", "--quiet", "-m", "first"]);
    made.then_some(scratch)
}

#[test]
fn published_version_that_was_edited_or_deleted_is_an_error() {
    let Some(scratch) = repository() else { return };
    let run = scratch.run(&["check", "--against", "git:HEAD"]);
    run.says(0, &[]);
    assert!(
        run.out.contains(", against 2 published versions of `git:HEAD`: no problem"),
        "{}",
        run.out
    );

    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_1_1);
    scratch.run(&["lock"]).says(0, &[]);
    scratch.run(&["check", "--against", "git:HEAD"]).says(0, &[]);
}

/// The folder and its lock match each other; only the revision shows the edit.
#[test]
fn edit_hidden_by_a_new_lock_is_found() {
    let Some(scratch) = repository() else { return };
    scratch.write(&format!("{ORDER}/1.0.json"), ORDER_BROKEN);
    scratch.write(&format!("{ORDER}/1.1.json"), ORDER_BROKEN);
    scratch.remove("schemas/schemas.lock");
    scratch.run(&["lock"]).says(0, &[]);
    scratch.run(&["check"]).says(0, &[]);
    let run = scratch.run(&["check", "--against", "git:HEAD"]);
    run.says(
        1,
        &[
            "error[locked-schema-edited]",
            "1.0 is published in `git:HEAD` and was edited since",
            "git checkout HEAD -- schemas/shop/order.placed/1.0.json",
            "`status`",
        ],
    );
    let json = scratch.run(&["check", "--against", "git:HEAD", "--format", "json"]).json();
    assert_eq!(json["against"]["published"], 2);
    let rules: Vec<_> = json["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["rule"].as_str().unwrap())
        .collect();
    assert_eq!(rules.iter().filter(|r| **r == "locked-schema-edited").count(), 2, "{rules:?}");
}

#[test]
fn deletion_hidden_by_a_new_lock_is_found() {
    let Some(scratch) = repository() else { return };
    scratch.remove(&format!("{ORDER}/1.1.json"));
    scratch.remove("schemas/schemas.lock");
    scratch.run(&["lock"]).says(0, &[]);
    let run = scratch.run(&["check", "--against", "git:HEAD"]);
    run.says(
        1,
        &["error[locked-schema-deleted]", "1.1 is published in `git:HEAD` and was deleted since"],
    );
}

#[test]
fn version_that_was_not_locked_may_change() {
    let scratch = Scratch::locked();
    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_1_1);
    if !git(&scratch, &["init", "--quiet"]) {
        return;
    }
    git(&scratch, &["add", "."]);
    git(&scratch, &["commit", "--quiet", "-m", "first"]);
    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_1_1.replace("OrderPlaced", "Placed"));
    scratch.run(&["lock"]).says(0, &[]);
    scratch.run(&["check", "--against", "git:HEAD"]).says(0, &[]);
}

#[test]
fn revision_before_the_folder_has_no_published_versions() {
    let scratch = Scratch::locked();
    if !git(&scratch, &["init", "--quiet"]) {
        return;
    }
    git(&scratch, &["commit", "--quiet", "--allow-empty", "-m", "empty"]);
    let run = scratch.run(&["check", "--against", "git:HEAD"]);
    run.says(0, &[]);
    assert!(run.out.contains("against 0 published versions"), "{}", run.out);
}

#[test]
fn failure_of_git_is_an_error_with_a_way_out() {
    let Some(scratch) = repository() else { return };
    let run = scratch.run(&["check", "--against", "git:nowhere"]);
    run.says(2, &["error[unknown-revision]", "`git fetch`"]);
    assert!(!run.err.contains("shallow"), "{}", run.err);
    scratch
        .run(&["check", "--against", "git:--output=x"])
        .says(2, &["invalid revision `--output=x`"]);

    git(&scratch, &["commit", "--quiet", "--allow-empty", "-m", "second"]);
    let origin = format!("file://{}", scratch.path(".").canonicalize().unwrap().display());
    git(&scratch, &["clone", "--quiet", "--depth", "1", &origin, "clone"]);
    let shallow = scratch.run_in("clone", &["check", "--against", "git:HEAD~1"], b"");
    shallow.says(2, &["error[unknown-revision]", "git fetch --unshallow", "fetch-depth: 0"]);

    let mut command = scratch.command(&["check", "--against", "git:HEAD"]);
    let output = command.env("PATH", scratch.path("nothing")).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && err.contains("failed to run git"), "{err}");
    assert!(err.contains("--against DIR"), "{err}");
}

#[test]
fn folder_outside_of_a_repository_is_an_error() {
    let scratch = Scratch::locked();
    let mut command = scratch.command(&["check", "--against", "git:HEAD"]);
    let output = command
        .env("GIT_CEILING_DIRECTORIES", "/")
        .env("GIT_DIR", "/nonexistent")
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && err.contains("error[git-failed]"), "{err}");
}

#[test]
fn another_folder_is_compared() {
    let scratch = Scratch::locked();
    scratch.write("old/shop/order.placed/1.0.json", ORDER_1_0);
    scratch.run(&["check", "--against", "old"]).says(0, &[]);
    scratch.write(
        "old/shop/order.placed/1.0.json",
        ORDER_1_0.replace("\"open\"", "\"new\", \"open\""),
    );
    let run = scratch.run(&["check", "--against", "old"]);
    run.says(
        1,
        &[
            "error[locked-schema-edited]",
            "error[enum-value-removed]",
            "restore the published text from `old`",
        ],
    );
    scratch.run(&["check", "--against", "gone"]).says(2, &["`git:REV`"]);
    // the earlier schema is no longer readable, and is compared by its text
    scratch.write("old/shop/order.placed/1.0.json", "{");
    scratch.run(&["check", "--against", "old"]).says(1, &["error[locked-schema-edited]"]);
}
