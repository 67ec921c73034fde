//! Every command applies the settings of a folder, `event.toml`.

use event_local::schemas::Server;

use crate::pull::{Registry, preset};
use crate::scratch::Scratch;

const LETTER: &str = "schemas/core/letter.sent";
const LAYER: &str = "layer.\"core/letter.sent\" = \"payload\"\n";

/// Returns a payload with the names of an envelope, and `more` beside `data`.
fn letter(more: &str) -> String {
    format!(
        r#"{{ "type": "object", "required": ["id", "type", "source", "occurredAt", "data"{required}], "properties": {{
            "id": {{ "type": "string" }}, "type": {{ "type": "string" }}, "source": {{ "type": "string" }},
            "occurredAt": {{ "type": "string" }}, "data": {{ "type": "object" }}{more} }} }}
"#,
        required = if more.is_empty() { "" } else { ", \"more\"" },
    )
}

fn breaking() -> String {
    letter(r#", "more": { "type": "string" }"#)
}

fn folder() -> Scratch {
    let scratch = Scratch::empty();
    scratch.write("schemas/event.toml", LAYER);
    scratch.write(&format!("{LETTER}/1.0.json"), letter(""));
    scratch.run(&["lock"]).says(0, &[]);
    scratch
}

#[test]
fn diff_reads_files_by_the_settings_of_their_folder() {
    let scratch = folder();
    scratch.write(&format!("{LETTER}/1.1.json"), breaking());
    scratch.write("draft.json", breaking());
    let old = format!("{LETTER}/1.0.json");
    let new = format!("{LETTER}/1.1.json");
    for pair in [[&*old, &*new], [&*old, "draft.json"], ["letter.sent@1.0", "draft.json"]] {
        let run = scratch.run(&["diff", pair[0], pair[1]]);
        assert!(run.out.contains("compared: the whole schema"), "{pair:?}: {run:?}");
        assert_eq!(run.code, 1, "{pair:?}: {run:?}");
    }
    // standard input is read like the version that it is compared with
    for [a, b] in [["-", "letter.sent@1.0"], ["letter.sent@1.0", "-"], [&*old, "-"], ["-", &*old]] {
        let run = scratch.run_in(".", &["diff", a, b], breaking().as_bytes());
        assert!(run.out.contains("compared: the whole schema\n"), "{a} {b}: {run:?}");
        assert_eq!(run.code, 1, "{a} {b}: {run:?}");
    }
    // no settings apply to two files in other folders
    scratch.write("old.json", letter(""));
    let run = scratch.run(&["diff", "old.json", "draft.json"]);
    assert!(run.out.contains("`data`"), "{run:?}");
}

#[test]
fn import_and_pull_number_versions_by_the_constraints_setting() {
    let text = |more: &str| {
        format!(r#"{{ "type": "object", "properties": {{ "id": {{ "type": "string"{more} }} }} }}"#)
    };
    let (loose, bounded) = (text(""), text(r#", "maxLength": 9"#));
    let presets = [preset("letter.sent", &[loose.clone(), bounded.clone()])];
    let registry = Registry::serve(Server::builder().presets(presets));
    for (settings, newest) in [("readers.constraints = \"documentation\"", "1.1"), ("", "2.0")] {
        let there = Scratch::empty();
        there.write("schemas/event.toml", settings);
        registry.run(&there, &["pull", "--registry", "core"]).says(0, &[]);
        assert!(there.path(&format!("{LETTER}/{newest}.json")).exists(), "{settings}");

        let here = Scratch::empty();
        here.write("schemas/event.toml", settings);
        here.write("in/letter.sent@1.json", &loose);
        here.write("in/letter.sent@2.json", &bounded);
        let run = here.run(&["import", "in", "--registry", "core", "--format", "json"]);
        assert_eq!(run.json()["files"][1]["version"], newest, "{settings}: {run:?}");
    }
}

#[test]
fn one_mistake_in_the_settings_is_one_error_in_every_command() {
    let scratch = folder();
    scratch.write("schemas/event.toml", format!("{LAYER}numbr = \"f64\"\n"));
    scratch.write("in/letter.sent.json", letter(""));
    for command in [
        &["check"][..],
        &["lock"],
        &["list"],
        &["generate"],
        &["import", "in"],
        &["push"],
        &["diff", "schemas/core/letter.sent/1.0.json", "in/letter.sent.json"],
    ] {
        let run = scratch.run(command);
        let all = format!("{}{}", run.out, run.err);
        let said = all.matches("unknown key `numbr`").count();
        assert_eq!((said, all.matches("error[").count()), (1, 1), "{command:?}: {run:?}");
        assert!(all.contains("did you mean `number`?"), "{command:?}: {run:?}");
    }
}

#[test]
fn empty_values_are_errors_and_messages_have_no_internal_names() {
    let scratch = folder();
    for (settings, said) in [
        ("sources.core = \"\"", "`sources.core` is empty"),
        ("tolerant = [\"\"]", "`tolerant` is empty"),
        ("home = \" \"", "`home` is empty"),
        ("number = \"Vec<\"", "found `Vec<`: unexpected end of input\n"),
    ] {
        scratch.write("schemas/event.toml", format!("{LAYER}{settings}\n"));
        let run = scratch.run(&["check"]);
        run.says(2, &["error[bad-config]", said]);
        assert_eq!(run.err.matches("error[").count(), 1, "{}", run.err);
    }
}
