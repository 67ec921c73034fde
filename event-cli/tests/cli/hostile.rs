//! Folders that somebody else, a merge or an accident has made: each command says what is wrong, and leaves nothing
//! half written.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;

use crate::pull::tree;
use crate::scratch::{ORDER, ORDER_1_0, ORDER_1_1, Scratch};

#[test]
fn links_out_of_the_folder_or_around_it_are_errors_and_are_not_read() {
    let secret = Scratch::empty();
    secret.write("event.toml", "hunter2 = 1");
    secret.write("1.2.json", ORDER_1_1);
    let scratch = Scratch::locked();
    symlink(secret.path("event.toml"), scratch.path("schemas/event.toml")).unwrap();
    symlink(secret.path("1.2.json"), scratch.path(&format!("{ORDER}/1.2.json"))).unwrap();
    symlink("..", scratch.path("schemas/shop/loop")).unwrap();
    for command in [&["check"][..], &["lock"], &["generate"]] {
        let run = scratch.run(command);
        assert_ne!(run.code, 0);
        let said = run.err.matches("error[link-out-of-folder]").count();
        assert_eq!((said, run.err.matches("error[").count()), (3, 3), "{command:?}: {}", run.err);
        assert!(run.err.contains("a folder that it is in"), "{}", run.err);
        assert!(!run.err.contains("hunter2"), "{}", run.err);
    }
}

#[test]
fn names_that_no_file_system_takes_are_refused_with_the_reason() {
    let scratch = Scratch::locked();
    let long = "x".repeat(300);
    for args in [
        &["new", &*long][..],
        &["new", "order.sent", "--registry", &long],
        &["import", "order.json", "--name", &long],
        &["import", "order.json", "--registry", &long],
    ] {
        scratch.write("order.json", ORDER_1_0);
        let run = scratch.run(args);
        run.says(2, &["error[bad-event-name]", "300 bytes", "at most 200"]);
        assert!(run.err.len() < 600, "{}", run.err);
    }
    let folder = "y".repeat(230);
    scratch.write(&format!("schemas/shop/{folder}/1.0.json"), ORDER_1_0);
    let run = scratch.run(&["check"]);
    run.says(2, &["error[bad-event-name]", "230 bytes", "shorter name"]);
    assert!(!run.err.contains("call it `yyy"), "{}", run.err);
}

#[test]
fn names_with_control_characters_or_separators_are_no_events() {
    let scratch = Scratch::empty();
    scratch.write("order.json", ORDER_1_0.replace("OrderPlaced", "x"));
    for name in ["a/b", "../../x", "a\\b", "a\nb", "a\u{1b}[31mb"] {
        let run = scratch.run(&["import", "order.json", "--registry", "shop", "--name", name]);
        run.says(2, &["error[bad-event-name]", "it holds"]);
        assert!(!run.err.contains('\u{1b}'), "{:?}", run.err);
        assert!(!scratch.path("schemas").exists());
    }
    scratch.write("in/order placed.json", ORDER_1_0);
    let run = scratch.run(&["import", "in", "--registry", "shop"]);
    run.says(0, &[]);
    assert!(scratch.path("schemas/shop/order.placed/1.0.json").exists(), "{}", run.out);
    scratch.run(&["lock"]).says(0, &[]);
}

#[test]
fn merge_conflict_in_the_lock_stops_every_command_that_asks_it() {
    let scratch = Scratch::locked();
    let lock = scratch.read("schemas/schemas.lock");
    let (a, b, c) = ("<".repeat(7), "=".repeat(7), ">".repeat(7));
    scratch.write("schemas/schemas.lock", format!("{a} HEAD\n{lock}{b}\n{lock}{c} topic\n"));
    scratch.write("order.sent.json", ORDER_1_0);
    let before = tree(&scratch.path("schemas"));
    for command in [
        &["check"][..],
        &["lock"],
        &["lock", "--check"],
        &["list"],
        &["generate"],
        &["new-version", "order.placed"],
        &["unlock", "order.placed@1.1"],
        &["import", "order.sent.json", "--registry", "shop"],
        &["push"],
        &["pull", "--registry", "shop"],
    ] {
        let run = scratch.run(command);
        assert_ne!(run.code, 0, "{command:?}");
        assert_eq!(run.err.matches("error[merge-conflict]").count(), 1, "{command:?}: {}", run.err);
        assert_eq!(tree(&scratch.path("schemas")), before, "{command:?}");
    }
}

#[test]
fn folder_that_cannot_be_written_is_said_and_left_as_it_was() {
    let scratch = Scratch::locked();
    scratch.write("order.sent.json", ORDER_1_0);
    let set = |mode: u32| {
        for dir in ["schemas", "schemas/shop", ORDER] {
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(scratch.path(dir), mode).unwrap();
        }
    };
    let before = tree(&scratch.path("schemas"));
    set(0o555);
    // who may do everything cannot be refused
    let refused = std::fs::write(scratch.path("schemas/x"), "").is_err();
    if refused {
        for command in [
            &["new", "order.x"][..],
            &["new-version", "order.placed"],
            &["import", "order.sent.json"],
            &["unlock", "order.placed@1.1"],
        ] {
            scratch.run(command).says(2, &["error[unwritable]"]);
        }
        scratch.run(&["lock", "--check"]).says(0, &[]);
        scratch.run(&["check"]).says(0, &[]);
    }
    set(0o755);
    let _ = std::fs::remove_file(scratch.path("schemas/x"));
    assert_eq!(tree(&scratch.path("schemas")), before);
}

/// A file where a folder is needed fails as a full disk does, for whoever runs the test.
#[test]
fn folders_made_for_a_file_that_cannot_be_written_are_taken_back() {
    let scratch = Scratch::locked();
    scratch.write("in/a.one/1.0.json", ORDER_1_0.replace("OrderPlaced", "a"));
    scratch.write("in/b.two/1.0.json", ORDER_1_0.replace("OrderPlaced", "b"));
    scratch.write("schemas/_block", "");
    let before = tree(&scratch.path("schemas"));
    // the second event's folder is a file
    scratch.write("schemas/shop/b.two", "");
    let run = scratch.run(&["import", "in"]);
    run.says(2, &["error[unwritable]", "nothing was imported"]);
    assert!(!scratch.path("schemas/shop/a.one").exists());
    scratch.remove("schemas/shop/b.two");
    assert_eq!(tree(&scratch.path("schemas")), before);
}

#[test]
fn parts_of_killed_writers_are_passed_over() {
    let scratch = Scratch::locked();
    for name in ["1.2.json.part77", "1.2.json.part77-3"] {
        scratch.write(&format!("{ORDER}/{name}"), "{ half");
    }
    scratch.write("schemas/.pull/shop/x/1.0.json", "{ half");
    let run = scratch.run(&["check"]);
    assert_eq!((run.code, &*run.err), (0, ""));
    scratch.write(&format!("{ORDER}/1.2.json.parts"), "");
    scratch.run(&["check"]).says(2, &["error[bad-file-name]", "1.2.json.parts"]);
}

#[test]
fn commands_side_by_side_lose_no_version() {
    let scratch = Scratch::locked();
    let spawn = |args: &[&str]| {
        let mut command = scratch.command(args);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    for round in 0..6 {
        let names: Vec<String> = (0..4).map(|n| format!("round{round}.event{n}")).collect();
        let mut running: Vec<_> = names.iter().map(|name| spawn(&["new", name])).collect();
        running.extend((0..3).map(|_| spawn(&["lock"])));
        for mut child in running {
            child.wait().unwrap();
        }
        scratch.run(&["lock"]).says(0, &[]);
        scratch.run(&["check"]).says(0, &[]);
    }
    let lock = scratch.read("schemas/schemas.lock");
    assert_eq!(lock.matches("[[schema]]").count(), 2 + 6 * 4, "{lock}");
}

#[test]
fn thousand_events_and_windows_line_ends_are_read_in_every_command() {
    let scratch = Scratch::empty();
    for n in 0..1_000 {
        let text = ORDER_1_0.replace("OrderPlaced", &format!("Event{n}"));
        scratch.write(&format!("schemas/shop/event.n{n}/1.0.json"), text);
    }
    scratch.run(&["lock"]).says(0, &[]);
    let lock = scratch.read("schemas/schemas.lock").replace('\n', "\r\n");
    scratch.write("schemas/schemas.lock", lock);
    let one = "schemas/shop/event.n7/1.0.json";
    scratch.write(one, scratch.read(one).replace('\n', "\r\n"));
    scratch.run(&["check"]).says(0, &[]);
    scratch.run(&["lock", "--check"]).says(0, &[]);
    let list = scratch.run(&["list", "--format", "json"]).json();
    assert_eq!(list["versions"].as_array().unwrap().len(), 1_000);
}
