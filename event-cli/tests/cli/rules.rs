//! `cargo event rules`.

use std::process::Stdio;

use crate::scratch::Scratch;

#[test]
fn lists_all_and_explains_each() {
    let scratch = Scratch::empty();
    let list = scratch.run(&["rules"]);
    list.says(0, &[]);
    let json = scratch.run(&["rules", "--format", "json"]).json();
    let rules = json.as_array().unwrap();
    assert_eq!(list.out.lines().count(), rules.len());
    assert!(rules.len() > 80, "{}", rules.len());
    for rule in rules {
        let id = rule["rule"].as_str().unwrap();
        assert!(list.out.lines().any(|l| l.split(' ').next() == Some(id)), "{id}");
        for text in ["level", "why", "example", "fix"] {
            assert!(rule[text].as_str().is_some_and(|t| !t.is_empty()), "{text} of {rule}");
        }
    }
}

#[test]
fn explains_one() {
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
fn an_unknown_rule() {
    let scratch = Scratch::empty();
    scratch.run(&["rules", "enum-added-value"]).says(2, &["enum-value-added", "cargo event rules"]);
    for odd in ["", "[", "]", "\u{1b}[31m", "ä"] {
        scratch.run(&["rules", odd]).says(2, &["error[unknown-rule]"]);
    }
}

#[test]
fn a_reader_that_has_seen_enough() {
    let scratch = Scratch::empty();
    let mut child = scratch.command(&["rules"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
