//! Invalid files in the folder: a diagnostic that names the file, exit code 2, and no panic.

use crate::scratch::{ORDER, ORDER_1_0, ORDER_1_1, Scratch};

/// Checks a folder with one more file, and asserts texts of the diagnostics.
#[track_caller]
fn file(name: &str, text: impl AsRef<[u8]>, code: i32, texts: &[&str]) {
    let scratch = Scratch::locked();
    scratch.write(name, text);
    for command in ["check", "lock", "generate"] {
        let run = scratch.run(&[command]);
        run.says(code, texts);
    }
    let json = scratch.run(&["check", "--format", "json"]);
    assert_eq!((json.code, json.json()["ok"].as_bool()), (code, Some(false)));
    for diagnostic in json.json()["diagnostics"].as_array().unwrap() {
        scratch.run(&["rules", diagnostic["rule"].as_str().unwrap()]).says(0, &[]);
    }
}

#[test]
fn text_that_is_not_json_is_an_error() {
    let name = format!("{ORDER}/1.2.json");
    file(&name, "{ \"type\": ", 2, &["--> schemas/shop/order.placed/1.2.json:1:", "not JSON"]);
    file(&name, "", 2, &["1.2.json", "empty"]);
    file(&name, "type: object\n", 2, &["not JSON"]);
    file(&name, "{\"type\": \"object\", \"type\": \"string\"}", 2, &["`type`", "duplicate key"]);
    file(&name, "[".repeat(100_000), 2, &["1.2.json"]);
}

#[test]
fn text_that_is_not_utf8_is_an_error() {
    file(&format!("{ORDER}/1.2.json"), b"{\"title\": \"\xff\"}", 2, &["not UTF-8"]);
}

#[test]
fn json_that_is_not_a_schema_is_an_error() {
    file(&format!("{ORDER}/1.2.json"), "[1, 2]", 2, &["1.2.json"]);
    file(&format!("{ORDER}/1.2.json"), "{\"type\": \"objekt\"}", 2, &["1.2.json", "objekt"]);
}

#[test]
fn unresolved_reference_is_an_error() {
    let text = ORDER_1_1.replace(
        "\"note\": { \"type\": \"string\" }",
        "\"note\": { \"$ref\": \"#/definitions/Note\" }",
    );
    file(&format!("{ORDER}/1.2.json"), &text, 2, &["1.2.json:10:", "#/definitions/Note"]);
    let text = text.replace("#/definitions/Note", "https://example.com/note.json");
    file(&format!("{ORDER}/1.2.json"), text, 2, &["1.2.json:10:", "https://example.com/note.json"]);
}

#[test]
fn version_gap_is_an_error() {
    file(&format!("{ORDER}/1.3.json"), ORDER_1_1, 2, &["version-gap", "1.3", "1.2 is missing"]);
    file(&format!("{ORDER}/2.1.json"), ORDER_1_0, 2, &["version-gap", "2.1", "2.0 is missing"]);
}

#[test]
fn file_name_that_is_not_a_version_is_an_error() {
    for name in ["latest.json", "1.json", "01.2.json", "1.2.JSON", "1.2.yaml", "v1.2.json"] {
        file(&format!("{ORDER}/{name}"), ORDER_1_1, 2, &["bad-file-name", name]);
    }
    file(&format!("{ORDER}/more/1.0.json"), ORDER_1_0, 2, &["bad-file-name"]);
}

#[test]
fn one_run_reports_all_problems() {
    let scratch = Scratch::locked();
    scratch.write("schemas/shop/a/1.0.json", "{");
    scratch.write("schemas/shop/b/latest.json", ORDER_1_0);
    scratch.write("schemas/shop/c/1.0.json", b"\xff");
    let run = scratch.run(&["check"]);
    run.says(2, &["shop/a/1.0.json", "shop/b/latest.json", "shop/c/1.0.json"]);
    assert!(run.out.ends_with(" errors\n"), "{}", run.out);
}

#[test]
fn missing_and_empty_folders_are_errors() {
    let scratch = Scratch::empty();
    for command in ["check", "lock", "generate"] {
        let run = scratch.run(&[command]);
        run.says(2, &["error[schema-folder-missing]", "--schemas DIR"]);
        assert_eq!(run.out, "");
        scratch.run(&[command, "--schemas", "nowhere"]).says(2, &["--> nowhere"]);
    }
    std::fs::create_dir_all(scratch.path("schemas/shop")).unwrap();
    for command in ["check", "lock", "generate"] {
        scratch.run(&[command]).says(2, &["error[no-schemas]"]);
    }
    scratch.write("file", "");
    scratch
        .run(&["check", "--schemas", "file"])
        .says(2, &["the schema folder is a file: expected a folder"]);
    assert!(!scratch.path("schemas/schemas.lock").exists());
}

#[cfg(unix)]
#[test]
fn link_out_of_the_folder_is_an_error() {
    let scratch = Scratch::locked();
    scratch.write("elsewhere.json", ORDER_1_1);
    let link = scratch.path(&format!("{ORDER}/1.2.json"));
    std::os::unix::fs::symlink(scratch.path("elsewhere.json"), link).unwrap();
    scratch.run(&["check"]).says(2, &["error[link-out-of-folder]"]);
}
