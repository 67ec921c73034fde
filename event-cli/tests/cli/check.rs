//! `cargo event check`.

use crate::scratch::{ORDER, ORDER_1_0, ORDER_BROKEN, Scratch};

#[test]
fn additive_minors_pass() {
    let run = Scratch::locked().run(&["check"]);
    run.says(0, &[]);
    assert_eq!(run.err, "");
    assert_eq!(
        run.out,
        "checked 2 versions of 1 event in `schemas`, 1 pair of minors: no problems\n"
    );
}

#[test]
fn example_passes() {
    let run = Scratch::example().run(&["check"]);
    run.says(0, &[]);
    assert!(run.out.contains("checked 5 versions of 2 events"), "{}", run.out);
}

#[test]
fn breaking_minor_is_drawn() {
    let scratch = Scratch::locked();
    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_BROKEN);
    let run = scratch.run(&["check"]);
    run.says(1, &["`status`", "--> schemas/shop/order.placed/1.2.json:", "^", "= help: "]);
    assert!(!run.err.contains('\u{1b}'), "no colours in a pipe: {}", run.err);
    assert!(run.out.ends_with(" errors\n"), "{}", run.out);
}

#[test]
fn every_pair_of_minors_is_compared() {
    let scratch = Scratch::locked();
    // equal to 1.0, but not to 1.1: a declared name was removed
    scratch.write(&format!("{ORDER}/1.2.json"), crate::scratch::ORDER_1_0);
    scratch.run(&["check"]).says(1, &["`note`"]);
}

#[test]
fn version_that_is_not_locked_is_reported() {
    let scratch = Scratch::order();
    scratch.run(&["check"]).says(1, &["error[lock-missing]", "cargo event lock"]);
    scratch.run(&["lock"]).says(0, &[]);
    scratch.write(&format!("{ORDER}/1.2.json"), crate::scratch::ORDER_1_1);
    scratch.run(&["check"]).says(1, &["error[schema-not-locked]", "1.2.json"]);
}

#[test]
fn colours_follow_the_environment() {
    let scratch = Scratch::order();
    let output = scratch.command(&["check"]).env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("\u{1b}["));
    let mut both = scratch.command(&["check"]);
    let output = both.env("NO_COLOR", "1").env("CLICOLOR", "1").output().unwrap();
    assert!(!String::from_utf8(output.stderr).unwrap().contains("\u{1b}["));
}

#[test]
fn json_has_all_diagnostics() {
    let scratch = Scratch::locked();
    let fine = scratch.run(&["check", "--format", "json"]);
    assert_eq!((fine.code, fine.json()["ok"].as_bool()), (0, Some(true)));
    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_BROKEN);
    let run = scratch.run(&["check", "--format", "json"]);
    let json = run.json();
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert_eq!(json["ok"], false);
    assert_eq!((json["events"].as_u64(), json["versions"].as_u64()), (Some(1), Some(3)));
    assert_eq!(json["pairs"], 3);
    let diagnostics = json["diagnostics"].as_array().unwrap();
    assert_eq!(json["errors"], diagnostics.len());
    let removed = diagnostics.iter().find(|d| d["message"].as_str().unwrap().contains("`status`"));
    let removed = removed.unwrap();
    assert_eq!(removed["file"], "schemas/shop/order.placed/1.2.json");
    assert_eq!(removed["severity"], "error");
    assert!(removed["line"].is_u64() && removed["help"].is_array(), "{removed}");
}

#[test]
fn github_format_has_annotations() {
    let scratch = Scratch::locked();
    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_BROKEN);
    let run = scratch.run(&["check", "--format", "github"]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert!(!run.out.is_empty());
    for line in run.out.lines() {
        assert!(line.starts_with("::error file=schemas/shop/order.placed/1.2.json,"), "{line}");
    }
}

#[test]
fn sarif_format_has_results_and_rules() {
    let scratch = Scratch::locked();
    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_BROKEN);
    let run = scratch.run(&["check", "--format", "sarif"]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    let log = run.json();
    assert_eq!(log["version"], "2.1.0");
    let one = &log["runs"][0];
    let rules = one["tool"]["driver"]["rules"].as_array().unwrap();
    for result in one["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert_eq!(uri, "schemas/shop/order.placed/1.2.json");
    }
}

#[test]
fn folder_is_found_from_below_and_by_name() {
    let scratch = Scratch::locked();
    scratch.write("src/deep/lib.rs", "");
    scratch.run_in("src/deep", &["check"], b"").says(0, &[]);
    scratch.run_in("src", &["check", "--schemas", "../schemas"], b"").says(0, &[]);
}

/// The build and the command read a folder in the same way. Tests each mistake alone.
#[test]
fn check_reports_what_the_build_reports() {
    type Mistake = fn(&Scratch);
    let mistakes: [(&str, Mistake); 12] = [
        ("nothing", |_| {}),
        ("broken", |s| s.write(&format!("{ORDER}/1.2.json"), ORDER_BROKEN)),
        ("not JSON", |s| s.write(&format!("{ORDER}/1.2.json"), "{")),
        ("edited", |s| s.write(&format!("{ORDER}/1.1.json"), ORDER_1_0)),
        ("deleted", |s| s.remove(&format!("{ORDER}/1.1.json"))),
        ("wrong place", |s| s.write("schemas/order.sent.json", ORDER_1_0)),
        ("wrong name", |s| s.write(&format!("{ORDER}/v3.json"), ORDER_1_0)),
        ("twins", |s| s.write("schemas/shop/Order.Placed/1.0.json", ORDER_1_0)),
        ("settings", |s| s.write("schemas/event.toml", "numbr = \"f64\"\n")),
        ("no such registry", |s| s.write("schemas/event.toml", "home = \"shp\"\n")),
        ("no lock", |s| s.remove("schemas/schemas.lock")),
        ("bad lock", |s| s.write("schemas/schemas.lock", "version = 7\n")),
    ];
    for (what, make) in mistakes {
        let scratch = Scratch::locked();
        make(&scratch);
        let root = scratch.path("schemas");
        let build = event_codegen::configure().schemas(&root).out_dir(scratch.path("out"));
        let mut build: Vec<(String, String)> =
            build.run().0.iter().map(|d| (d.rule.id.to_owned(), d.message.clone())).collect();
        let json = scratch.run(&["check", "--schemas", root.to_str().unwrap(), "--format", "json"]);
        let text = |v: &serde_json::Value| v.as_str().unwrap().to_owned();
        let json = json.json();
        let all = json["diagnostics"].as_array().unwrap().iter();
        let mut check: Vec<(String, String)> =
            all.map(|d| (text(&d["rule"]), text(&d["message"]))).collect();
        build.sort();
        check.sort();
        assert_eq!(build, check, "{what}");
        assert_eq!(build.is_empty(), what == "nothing", "{build:?}");
    }
}
