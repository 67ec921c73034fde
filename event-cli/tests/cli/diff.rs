//! `cargo event diff`.

use crate::scratch::{ORDER, ORDER_1_0, ORDER_1_1, ORDER_BROKEN, Run, Scratch};

/// Compares two texts.
fn diff(old: &str, new: &str, args: &[&str]) -> Run {
    let scratch = Scratch::empty();
    scratch.write("1.0.json", old);
    scratch.write("1.1.json", new);
    scratch.run(&[&["diff", "1.0.json", "1.1.json"][..], args].concat())
}

#[test]
fn addition_is_compatible() {
    let run = diff(ORDER_1_0, ORDER_1_1, &[]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(run.out.contains("`note`") && run.out.contains("--> 1.1.json:"), "{}", run.out);
    assert!(
        run.out.ends_with("1.0 to 1.1, policy additive: compatible, 1 change\n"),
        "{}",
        run.out
    );
}

#[test]
fn equal_versions_have_no_changes() {
    let run = diff(ORDER_1_0, ORDER_1_0, &[]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, "compared: the whole schema\n1.0 to 1.1, policy additive: compatible, no changes\n")
    );
}

#[test]
fn compared_layer_is_named_and_can_be_set() {
    let envelope = |id: &str| {
        format!(
            r#"{{ "properties": {{ "id": {{ "type": "{id}" }}, "type": {{}}, "source": {{}}, "occurredAt": {{}}, "data": {{}} }} }}"#
        )
    };
    let (old, new) = (envelope("string"), envelope("integer"));
    let run = diff(&old, &new, &[]);
    assert_eq!(run.code, 1);
    for text in [
        "compared: `data` of the envelope, and the fields beside it\n",
        "beside `data`: the type of `id` changed",
    ] {
        assert!(run.out.contains(text), "{}", run.out);
    }
    let run = diff(&old, &new, &["--layer", "payload"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("compared: the whole schema\n"), "{}", run.out);
    assert!(!run.out.contains("beside `data`"), "{}", run.out);
    let json = diff(&old, &old, &["--format", "json"]).json();
    assert_eq!(json["compared"][0], "`data` of the envelope, and the fields beside it");
}

#[test]
fn removal_breaks_and_is_drawn() {
    let run = diff(ORDER_1_0, ORDER_BROKEN, &[]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    for text in
        ["error[", "`status`", "^", "witness: ", "--> 1.0.json:", "policy additive: breaking"]
    {
        assert!(run.out.contains(text), "no `{text}` in\n{}", run.out);
    }
    assert!(!run.out.contains('\u{1b}'), "{}", run.out);
}

#[test]
fn colours_follow_the_environment() {
    let scratch = Scratch::empty();
    scratch.write("a.json", ORDER_1_0);
    scratch.write("b.json", ORDER_BROKEN);
    let run = |name: &str| {
        let mut command = scratch.command(&["diff", "a.json", "b.json"]);
        String::from_utf8(command.env(name, "1").output().unwrap().stdout).unwrap()
    };
    assert!(run("CLICOLOR_FORCE").contains("\u{1b}["));
    assert!(!run("NO_COLOR").contains("\u{1b}["));
}

#[test]
fn policy_decides_the_verdict() {
    // more is allowed than before, which breaks old readers and not stored events
    let (narrow, wide) =
        (r#"{"type": "integer", "maximum": 5}"#, r#"{"type": "integer", "maximum": 9}"#);
    for (policy, widened, narrowed) in
        [("additive", 1, 1), ("backward", 0, 1), ("forward", 1, 0), ("full", 1, 1), ("none", 0, 0)]
    {
        let codes = [(narrow, wide), (wide, narrow)]
            .map(|(old, new)| diff(old, new, &["--policy", policy, "--format", "json"]).code);
        assert_eq!(codes, [widened, narrowed], "{policy}");
    }
}

#[test]
fn constraints_option_decides_for_bounds() {
    let text = |s: &str| format!(r#"{{"type":"object","properties":{{"s":{s}}}}}"#);
    let old = text(r#"{"type":"string","maxLength":5}"#);
    let new = text(r#"{"type":["string","null"],"maxLength":9}"#);
    let code = |args: &[&str]| diff(&old, &new, args).code;
    let (documentation, absent) = (["--constraints", "documentation"], ["--null", "absent"]);
    assert_eq!(code(&[]), 1);
    assert_eq!(code(&documentation), 1);
    assert_eq!(code(&absent), 1);
    assert_eq!(code(&[documentation, absent].concat()), 0);
}

#[test]
fn settings_of_the_folder_decide_for_its_files() {
    let scratch = Scratch::empty();
    let text = |n: u32| {
        format!(r#"{{"type":"object","properties":{{"s":{{"type":"string","maxLength":{n}}}}}}}"#)
    };
    scratch.write("schemas/core/a.b/1.0.json", text(5));
    scratch.write("schemas/core/a.b/1.1.json", text(9));
    let code = |args: &[&str]| {
        let run = scratch.run(&[&["diff", "a.b@1.0", "a.b@1.1"][..], args].concat());
        assert_eq!(run.err, "");
        run.code
    };
    assert_eq!(code(&[]), 1);
    scratch.write("schemas/event.toml", "readers.constraints = \"documentation\"\n");
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&["--constraints", "enforced"]), 1);
    assert_eq!(scratch.run(&["lock"]).code, 0);
    assert_eq!(scratch.run(&["check"]).code, 0);
}

#[test]
fn json_has_verdict_and_changes() {
    let run = diff(ORDER_1_0, ORDER_BROKEN, &["--format", "json", "--policy", "full"]);
    let json = run.json();
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert_eq!(json["policy"], "full");
    assert_eq!(json["compatible"], false);
    assert_eq!(json["verdict"], "breaking");
    let changes = json["changes"].as_array().unwrap();
    assert!(!changes.is_empty());
    for change in changes {
        for text in ["rule", "severity", "pointer_old", "pointer_new", "message"] {
            assert!(change[text].is_string(), "{text} in {change}");
        }
        assert!(change["breaks"].is_array() && change["help"].is_array(), "{change}");
        assert!(change.get("witness").is_some(), "{change}");
    }
    let fine = diff(ORDER_1_0, ORDER_1_0, &["--format", "json"]).json();
    assert_eq!((&fine["compatible"], &fine["changes"]), (&true.into(), &serde_json::json!([])));
}

#[test]
fn github_and_sarif_formats_have_the_changes() {
    let run = diff(ORDER_1_0, ORDER_BROKEN, &["--format", "github"]);
    assert_eq!(run.code, 1);
    assert!(run.out.lines().any(|l| l.starts_with("::error file=1.1.json,line=")), "{}", run.out);
    assert!(run.out.lines().all(|l| l.starts_with("::")), "{}", run.out);

    let run = diff(ORDER_1_0, ORDER_BROKEN, &["--format", "sarif"]);
    let results = run.json()["runs"][0]["results"].clone();
    assert_eq!(run.code, 1);
    assert!(results.as_array().unwrap().iter().any(|r| r["level"] == "error"), "{results}");
    let related = &results[0]["relatedLocations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(related["uri"], "1.0.json");
}

#[test]
fn source_and_detail_type_are_compared() {
    let moved = ORDER_1_0.replace("shop.orders", "shop.sales");
    let run = diff(ORDER_1_0, &moved, &[]);
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.out.contains("error[event-source-changed]"), "{}", run.out);
    assert_eq!(diff(ORDER_1_0, &moved, &["--policy", "none"]).code, 0);
}

#[test]
fn versions_of_the_folder_are_compared() {
    let scratch = Scratch::locked();
    let run = scratch.run(&["diff", "order.placed@1.0", "shop/order.placed@1.1"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.starts_with("note[optional-field-added]: `note`"), "{}", run.out);
    scratch.write("draft.json", ORDER_BROKEN);
    let run = scratch.run(&["diff", "order.placed@1", "draft.json"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains("1.1 to draft, policy"), "{}", run.out);
    for unknown in ["order.placed@1.7", "order.placed@3", "order.placed@new", "none@1.0"] {
        scratch.run(&["diff", unknown, "draft.json"]).says(2, &["error[unknown-event]"]);
    }
}

#[test]
fn standard_input_can_be_a_side() {
    let scratch = Scratch::empty();
    scratch.write("new.json", ORDER_BROKEN);
    let run = scratch.run_in(".", &["diff", "-", "new.json"], ORDER_1_0.as_bytes());
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains("--> <stdin>:"), "{}", run.out);
}

#[test]
fn references_to_files_beside_are_read() {
    let scratch = Scratch::empty();
    let with = |reference: &str| format!(r#"{{"properties": {{"m": {{"$ref": "{reference}"}}}}}}"#);
    scratch.write("money.json", r#"{"type": "integer"}"#);
    scratch.write("a.json", with("money.json"));
    scratch.write("b.json", r#"{"properties": {"m": {"type": "string"}}}"#);
    let run = scratch.run(&["diff", "a.json", "b.json"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains("field-type-changed"), "{}", run.out);
    // files in other folders are not read
    scratch.write("below/a.json", with("../money.json"));
    scratch.run(&["diff", "below/a.json", "b.json"]).says(2, &["below/a.json:1:", "../money.json"]);
}

#[test]
fn events_of_a_document_are_compared_by_name() {
    let document = |names: &[&str]| {
        let events: Vec<_> = names
            .iter()
            .map(|n| {
                format!(
                    r#""{n}": {{"x-amazon-events-detail-type": "{n}", "properties": {{"detail": {{"properties": {{"{n}": {{"type": "string"}}}}}}}}}}"#
                )
            })
            .collect();
        format!(
            r#"{{"openapi": "3.0.0", "info": {{"title": "t", "version": "1"}}, "paths": {{}}, "components": {{"schemas": {{{}}}}}}}"#,
            events.join(", ")
        )
    };
    let run = diff(&document(&["A", "B"]), &document(&["B", "A"]), &[]);
    assert_eq!(run.code, 0, "{run:?}");
    diff(&document(&["A", "B"]), &document(&["A", "C"]), &[])
        .says(2, &["error[different-events]", "`A`, `B`", "`A`, `C`"]);
}

#[test]
fn unreadable_side_is_an_error() {
    let scratch = Scratch::empty();
    scratch.write("good.json", ORDER_1_0);
    scratch.write("text.json", "not json");
    scratch.write("bytes.json", b"\xff\xfe{}");
    scratch.write("nowhere.json", r##"{"$ref": "#/definitions/x"}"##);
    std::fs::create_dir(scratch.path("folder.json")).unwrap();
    for (bad, text) in [
        ("missing.json", "the file does not exist"),
        ("folder.json", "this is a folder"),
        ("text.json", "--> text.json:1:1"),
        ("bytes.json", "not UTF-8"),
        ("nowhere.json", "error[unresolved-reference]"),
    ] {
        scratch.run(&["diff", bad, "good.json"]).says(2, &[bad, text]);
        let json = scratch.run(&["diff", "good.json", bad, "--format", "json"]);
        assert_eq!((json.code, json.json()["ok"].as_bool()), (2, Some(false)), "{json:?}");
        assert_eq!(json.json()["diagnostics"][0]["file"], bad, "{json:?}");
        let sarif = scratch.run(&["diff", "good.json", bad, "--format", "sarif"]);
        assert_eq!((sarif.code, sarif.json()["version"].as_str()), (2, Some("2.1.0")));
    }
    scratch.run(&["diff", "missing.json", "text.json"]).says(2, &["missing.json", "text.json"]);
    let nested = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    scratch.run_in(".", &["diff", "-", "good.json"], nested.as_bytes()).says(2, &["<stdin>"]);
    scratch.run(&["diff", "-", "-"]).says(2, &["standard input"]);
    let order = format!("{ORDER}/1.0.json");
    scratch.run(&["diff", &order, "good.json"]).says(2, &[&order]);
}

#[test]
fn missing_file_suggests_how_to_name_a_side() {
    let scratch = Scratch::order();
    for (given, way) in [
        ("schemas", "check --schemas NEW --against OLD"),
        ("git:HEAD:a.json", "git show REV:./FILE | cargo event diff - FILE"),
        ("order.placed", "as TYPE@VERSION, such as"),
    ] {
        scratch.run(&["diff", given, "order.placed@1.1"]).says(2, &["error[unreadable]", way]);
    }
}
