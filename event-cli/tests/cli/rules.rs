//! `cargo event rules`.

use std::process::Stdio;

use crate::scratch::Scratch;

#[test]
fn rules_lists_all_and_explains_each() {
    let scratch = Scratch::empty();
    let list = scratch.run(&["rules"]);
    list.says(0, &[]);
    let json = scratch.run(&["rules", "--format", "json"]).json();
    let rules = json.as_array().unwrap();
    assert!(rules.len() > 180, "{}", rules.len());
    for rule in rules {
        let id = rule["rule"].as_str().unwrap();
        let level = rule["level"].as_str().unwrap();
        let its = |l: &&str| l.split(' ').next() == Some(id);
        let lines: Vec<_> = list.out.lines().filter(its).collect();
        assert!(matches!(lines[..], [line] if line.contains(level)), "{id}: {lines:?}");
        let own = scratch.run(&["rules", id]);
        assert!(own.out.starts_with(&format!("{id} ({level})\n")), "{}", own.out);
        for text in ["level", "about", "why", "example", "fix"] {
            assert!(rule[text].as_str().is_some_and(|t| !t.is_empty()), "{text} of {rule}");
        }
    }
}

#[test]
fn rules_are_grouped_and_only_changes_are_called_breaks() {
    let scratch = Scratch::empty();
    let run = scratch.run(&["rules"]);
    let of = |id: &str| scratch.run(&["rules", id, "--format", "json"]).json();
    for (id, level, about, exit) in [
        ("enum-value-added", "break", "Values", Some(1)),
        ("lock-missing", "error", "Lock", Some(1)),
        ("git-failed", "error", "Command and Git", Some(2)),
        ("registry-throttled", "error", "Registry", Some(2)),
        ("queue-shared", "error", "Topology", Some(2)),
        ("no-wire-shape", "error", "Structs", None),
        ("bad-config", "error", "Schema folder and settings", Some(2)),
    ] {
        let rule = of(id);
        assert_eq!((&rule["level"], &rule["about"]), (&level.into(), &about.into()), "{rule}");
        assert_eq!(rule["exit"], serde_json::json!(exit), "{rule}");
        let heading = run.out.find(&format!("\n{about}\n")).unwrap();
        let next = run.out[heading + 1..].find("\n\n").unwrap();
        assert!(run.out[heading..=heading + next].contains(&format!("\n{id} ")), "{id}");
    }
    let legend = run.out.rsplit("\n\n").nth(1).unwrap();
    let names: Vec<_> = legend.lines().filter_map(|l| l.split(' ').next()).collect();
    assert_eq!(names, ["break", "error", "warn", "allow"]);
}

#[test]
fn rules_explains_one() {
    let scratch = Scratch::empty();
    let run = scratch.run(&["rules", "enum-value-added"]);
    run.says(0, &[]);
    for text in ["enum-value-added (break)", "  why ", "  breaks ", "  example ", "  fix "] {
        assert!(run.out.contains(text), "no `{text}` in\n{}", run.out);
    }
    assert_eq!(scratch.run(&["rules", "error[enum-value-added]"]).out, run.out);
    let json = scratch.run(&["rules", "enum-value-added", "--format", "json"]).json();
    assert_eq!(json["rule"], "enum-value-added");
}

#[test]
fn unknown_rule_is_an_error() {
    let scratch = Scratch::empty();
    scratch.run(&["rules", "enum-added-value"]).says(2, &["enum-value-added", "cargo event rules"]);
    for odd in ["", "[", "]", "\u{1b}[31m", "ä"] {
        scratch.run(&["rules", odd]).says(2, &["error[unknown-rule]"]);
    }
}

#[test]
fn rules_command_exits_cleanly_on_broken_pipe() {
    let scratch = Scratch::empty();
    let mut child = scratch.command(&["rules"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn markdown_has_a_section_per_rule() {
    let scratch = Scratch::empty();
    let all = scratch.run(&["rules", "--format", "markdown"]);
    all.says(0, &[]);
    let count = scratch.run(&["rules", "--format", "json"]).json().as_array().unwrap().len();
    assert_eq!(all.out.matches("\n### ").count(), count);
    let one = scratch.run(&["rules", "enum-value-added", "--format", "markdown"]);
    assert!(one.out.starts_with("# enum-value-added\n"), "{}", one.out);
    scratch.run(&["rules", "--open", "--format", "json"]).says(2, &["cannot be used with"]);
}

/// `$BROWSER` gets the address of a page that exists, at the rule.
#[cfg(unix)]
#[test]
fn open_starts_the_browser_at_the_rule() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::empty();
    scratch.write("browser", "#!/bin/sh\nprintf %s \"$1\" > opened.new && mv opened.new opened\n");
    let permissions = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(scratch.path("browser"), permissions).unwrap();
    let mut command = scratch.command(&["rules", "enum-value-added", "--open"]);
    command.env("BROWSER", scratch.path("browser")).env("TMPDIR", scratch.path("."));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    // the browser is not waited for
    for _ in 0..200 {
        if scratch.path("opened").exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let address = scratch.read("opened");
    let page = address.strip_prefix("file://").unwrap().strip_suffix("#enum-value-added").unwrap();
    assert!(std::fs::read_to_string(page).unwrap().contains("id=\"enum-value-added\""));
}
