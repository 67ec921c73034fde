//! The lock covers definitions in files that several schemas refer to.

use std::process::Command;

use crate::scratch::Scratch;

const COMMON: &str = "schemas/common.json";
const LOCK: &str = "schemas/schemas.lock";

const ORDER: &str = r#"{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "OrderPlaced", "type": "object", "required": ["total"],
  "properties": { "total": { "$ref": "../../common.json#/definitions/Money" } }
}
"#;

const DEFINITIONS: &str = r##"{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "definitions": {
    "Money": { "type": "object", "required": ["cents"], "properties": {
      "cents": { "type": "integer" }, "currency": { "$ref": "#/definitions/Currency" } } },
    "Currency": { "enum": ["EUR", "CHF"] },
    "Spare": { "type": "string" }
  }
}
"##;

fn shop() -> Scratch {
    let scratch = Scratch::empty();
    scratch.write(COMMON, DEFINITIONS);
    for event in ["order.placed", "order.paid"] {
        scratch.write(&format!("schemas/shop/{event}/1.0.json"), ORDER);
    }
    scratch.run(&["lock"]).says(0, &[]);
    scratch
}

fn edit(scratch: &Scratch, from: &str, to: &str) {
    let text = scratch.read(COMMON);
    assert!(text.contains(from), "{from}");
    scratch.write(COMMON, text.replace(from, to));
}

#[test]
fn edited_shared_definition_is_an_error_in_every_command() {
    let scratch = shop();
    for command in [&["check"][..], &["lock"], &["lock", "--check"]] {
        scratch.run(command).says(0, &[]);
    }
    let lock = scratch.read(LOCK);
    edit(&scratch, ", \"CHF\"", "");
    for command in [&["check"][..], &["lock"], &["lock", "--check"]] {
        let run = scratch.run(command);
        run.says(
            1,
            &[
                "error[shared-definition-edited]",
                "schemas/common.json:6:",
                "`common.json#/definitions/Currency` is locked by `order.paid` 1.0 and `order.placed` 1.0",
                "cargo event unlock order.paid@1.0",
            ],
        );
        assert_eq!(run.err.matches("error[").count(), 1, "one mistake is one error: {}", run.err);
    }
    assert_eq!(scratch.read(LOCK), lock);
    let list = scratch.run(&["list", "--format", "json"]).json();
    assert_eq!(list["versions"][0]["state"], "edited", "{list:#}");
    // it cannot be the base of a new version
    scratch.run(&["new-version", "order.paid"]).says(1, &["shared-definition-edited"]);
}

#[test]
fn layout_and_other_definitions_of_a_shared_file_may_change() {
    let scratch = shop();
    edit(&scratch, "  ", "\t");
    edit(&scratch, "\"Spare\": { \"type\": \"string\" }", "\"Fresh\": { \"type\": \"integer\" }");
    scratch.run(&["check"]).says(0, &[]);
    scratch.run(&["lock", "--check"]).says(0, &[]);
    // a new version may refer to a new definition, which is then locked, too
    let fresh = "\"n\": { \"$ref\": \"../../common.json#/definitions/Fresh\" }, \"total\": {";
    scratch.write("schemas/shop/order.paid/1.1.json", ORDER.replace("\"total\": {", fresh));
    scratch.run(&["lock"]).says(0, &[]);
    edit(&scratch, "\"Fresh\": { \"type\": \"integer\" }", "\"Fresh\": { \"type\": \"number\" }");
    let run = scratch.run(&["check"]);
    run.says(1, &["`common.json#/definitions/Fresh` is locked by `order.paid` 1.1 and was edited"]);
}

#[test]
fn missing_definition_is_reported_at_its_reference() {
    let scratch = shop();
    edit(&scratch, "\"Currency\": {", "\"Coin\": {");
    let run = scratch.run(&["check"]);
    assert!(run.code != 0 && !run.err.contains("shared-definition-edited"), "{}", run.err);
    scratch.remove(COMMON);
    let run = scratch.run(&["check"]);
    assert!(run.code != 0 && run.err.contains("unresolved-reference"), "{}", run.err);
    assert_ne!(scratch.run(&["lock"]).code, 0);
}

#[test]
fn broken_shared_file_is_one_error() {
    let scratch = shop();
    let (a, b, c) = ("<".repeat(7), "=".repeat(7), ">".repeat(7));
    edit(&scratch, "    \"Currency\"", &format!("{a} HEAD\n{b}\n{c} topic\n    \"Currency\""));
    let run = scratch.run(&["check"]);
    run.says(2, &["error[merge-conflict]", "common.json:6:1", "lines 6 to 8"]);
    assert_eq!(run.err.matches("error[").count(), 1, "{}", run.err);
}

#[test]
fn lock_of_format_1_is_read_and_upgraded() {
    let scratch = shop();
    let text = scratch.read(LOCK);
    let (schemas, _) = text.split_once("\n[[shared]]").unwrap();
    let mut old = String::new();
    let mut skip = false;
    for line in schemas.lines() {
        skip |= line.starts_with("refers");
        if !skip {
            old.push_str(&line.replace("version = 2", "version = 1"));
            old.push('\n');
        }
        skip &= line != "]";
    }
    scratch.write(LOCK, &old);
    let run = scratch.run(&["check"]);
    run.says(0, &["warning[lock-format]", "format 1", "run `cargo event lock`"]);
    let run = scratch.run(&["lock"]);
    let said = ["was rewritten in format 2", "2 shared definitions"];
    assert!(said.iter().all(|s| run.out.contains(s)), "{run:?}");
    assert_eq!(scratch.read(LOCK), text);
    scratch.run(&["check"]).says(0, &[]);
    assert!(!scratch.run(&["check"]).err.contains("lock-format"));
}

#[test]
fn against_git_sees_an_edit_of_a_shared_file() {
    let scratch = shop();
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]);
        let done = command.args(args).current_dir(scratch.path(".")).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "a"]);
    edit(&scratch, "[\"cents\"]", "[]");
    // the lock is rewritten with the edit
    scratch.remove(LOCK);
    scratch.run(&["lock"]).says(0, &[]);
    scratch.run(&["check"]).says(0, &[]);
    let run = scratch.run(&["check", "--against", "git:HEAD"]);
    run.says(
        1,
        &["shared-definition-edited", "common.json#/definitions/Money", "published in `git:HEAD`"],
    );
    assert_eq!(run.err.matches("shared-definition-edited").count(), 1, "{}", run.err);
}
