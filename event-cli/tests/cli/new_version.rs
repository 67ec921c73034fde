//! `cargo event new-version`.

use std::path::Path;

use crate::scratch::{ORDER, ORDER_1_0, ORDER_1_1, Run, Scratch};

#[test]
fn minor_has_the_same_text_and_can_be_locked() {
    let scratch = Scratch::locked();
    let run = scratch.run(&["new-version", "order.placed"]);
    run.says(0, &[]);
    assert!(
        run.out.starts_with("wrote `schemas/shop/order.placed/1.2.json` from 1.1\n"),
        "{}",
        run.out
    );
    assert!(run.out.contains("cargo event diff order.placed@1.1 order.placed@1.2"), "{}", run.out);
    assert_eq!(scratch.read(&format!("{ORDER}/1.2.json")), ORDER_1_1);
    scratch.run(&["diff", "order.placed@1.1", "order.placed@1.2"]).says(0, &[]);

    // the new version is not published, so no other one is written
    let again = scratch.run(&["new-version", "order.placed"]);
    again.says(
        1,
        &["error[schema-not-locked]", "1.2 is not locked: expected", "`cargo event lock`"],
    );
    assert!(!scratch.path(&format!("{ORDER}/1.3.json")).exists());
    scratch.run(&["lock"]).says(0, &[]);
    scratch.run(&["new-version", "order.placed", "--minor"]).says(0, &[]);
    assert!(scratch.path(&format!("{ORDER}/1.3.json")).exists());
}

#[test]
fn major_has_its_own_detail_type_and_passes_check() {
    let scratch = Scratch::order();
    let typed = |text: &str| {
        text.replacen('{', "{ \"x-amazon-events-detail-type\": \"order.placed:v1\",", 1)
    };
    scratch.write(&format!("{ORDER}/1.0.json"), typed(ORDER_1_0));
    scratch.write(&format!("{ORDER}/1.1.json"), typed(ORDER_1_1));
    scratch.run(&["lock"]).says(0, &[]);
    let run = scratch.run(&["new-version", "order.placed", "--major", "--format", "json"]);
    run.says(0, &[]);
    let json = run.json();
    assert_eq!(json["version"], "2.0");
    assert_eq!(json["file"], "schemas/shop/order.placed/2.0.json");
    assert_eq!(
        scratch.read(&format!("{ORDER}/2.0.json")),
        typed(ORDER_1_1).replace("order.placed:v1", "order.placed:v2")
    );
    // with the old detail-type the check would refuse it
    scratch.run(&["lock"]).says(0, &[]);
    // the earlier major can still get minors
    scratch.run(&["new-version", "order.placed@1"]).says(0, &[]);
    assert_eq!(scratch.read(&format!("{ORDER}/1.2.json")), typed(ORDER_1_1));
}

#[test]
fn refused_version_is_not_written() {
    let scratch = Scratch::locked();
    scratch.run(&["new-version", "order.paid"]).says(
        2,
        &["error[unknown-event]", "begin with a schema", "or with a struct", "--from-code"],
    );
    scratch.run(&["new-version", "order.placed@1.0"]).says(2, &["error[not-the-newest]"]);
    let both = scratch.run(&["new-version", "order.placed", "--major", "--minor"]);
    assert_eq!(both.code, 2);
    scratch.write(&format!("{ORDER}/1.1.json"), ORDER_1_0);
    scratch.run(&["new-version", "order.placed"]).says(1, &["error[locked-schema-edited]"]);
    for (lock, rule) in [("<<<<<<<", "merge-conflict"), ("version = 7\n", "bad-lock")] {
        scratch.write("schemas/schemas.lock", lock);
        let run = scratch.run(&["new-version", "order.placed", "--format", "json"]);
        assert_eq!((run.code, &run.json()["diagnostics"][0]["rule"]), (2, &rule.into()));
    }
    assert_eq!(std::fs::read_dir(scratch.path(ORDER)).unwrap().count(), 2);
}

#[test]
fn registry_option_chooses_between_registries() {
    let scratch = Scratch::order();
    scratch.write("schemas/other/order.placed/1.0.json", ORDER_1_0);
    scratch.run(&["lock"]).says(0, &[]);
    scratch.run(&["new-version", "order.placed"]).says(2, &["error[ambiguous-event]"]);
    scratch.run(&["new-version", "order.placed", "--registry", "other"]).says(0, &[]);
    assert!(scratch.path("schemas/other/order.placed/1.1.json").exists());
}

const TEST: &str = "
#[cfg(test)]
mod tests {
    #[test]
    fn events_are_locked() {
        event_testing::assert_locked::<super::OrderPaid>();
    }

    #[test]
    fn another_one() {
        panic!(\"it has nothing to do with schemas, and is not run\");
    }
}
";

/// A package with a struct for the event `order.paid`.
fn code(version: &str, fields: &str, test: &str) -> String {
    format!(
        "#![allow(missing_docs)]\nuse event_runtime::Event;\nuse serde::{{Deserialize, Serialize}};\n\n\
         #[derive(Event, Serialize, Deserialize)]\n\
         #[event(type = \"order.paid\", version = \"{version}\", registry = \"shop\", source = \"app.shop\")]\n\
         pub struct OrderPaid {{\n    pub order_id: String,\n{fields}}}\n{test}"
    )
}

fn from_code(scratch: &Scratch, more: &[&str]) -> Run {
    let mut command = scratch.command(&["new-version", "order.paid", "--from-code"]);
    let output = command
        .args(more)
        .env("CARGO", env!("CARGO"))
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("init"))
        .env_remove("OUT_DIR")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// cargo is the judge: a real package, its own test, and then the derive on the struct.
#[test]
fn from_code_writes_the_schema_of_a_struct() {
    let scratch = Scratch::empty();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    scratch.write(
        "Cargo.toml",
        "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[profile.dev]\ndebug = false\n",
    );
    // another event begins with its schema
    scratch.write("src/lib.rs", "");
    scratch.run(&["init", "--example", "--crates", ours.to_str().unwrap()]).says(0, &[]);
    let testing = ours.join("event-testing").display().to_string();
    let manifest = scratch.read("Cargo.toml").replace(
        "[dependencies]\n",
        "[dependencies]\nserde = { version = \"1\", features = [\"derive\"] }\n",
    );
    let more = format!("[dev-dependencies]\nevent-testing = {{ path = '{testing}' }}\n");
    scratch.write("Cargo.toml", manifest.replace("[dev-dependencies]\n", &more));
    std::fs::copy(ours.join("Cargo.lock"), scratch.path("Cargo.lock")).unwrap();
    let file = "schemas/shop/order.paid/1.0.json";

    scratch.write("src/lib.rs", "");
    let neither = from_code(&scratch, &[]);
    neither.says(2, &["error[unknown-event]", "begin with a schema", "or with a struct"]);
    let mut command = scratch.command(&["new-version", "order.placed", "--from-code"]);
    let said = String::from_utf8(command.output().unwrap().stderr).unwrap();
    assert!(
        said.contains("from its schema instead: `cargo event new-version order.placed`"),
        "{said}"
    );
    scratch.write("src/lib.rs", code("1.0", "", ""));
    let untested = from_code(&scratch, &[]);
    untested.says(
        2,
        &["error[no-accepting-test]", "#[test] fn events_are_locked()", "dev-dependencies"],
    );
    assert!(!scratch.path("schemas/shop/order.paid").exists());

    scratch.write("src/lib.rs", code("1.0", "", TEST));
    let first = from_code(&scratch, &[]);
    first.says(0, &["EVENT_ACCEPT=1 cargo test -- events_are_locked"]);
    assert!(first.out.starts_with(&format!("wrote `{file}` from the code\nnext:\n")), "{first:?}");
    assert!(scratch.read(file).contains("order_id"));
    scratch.run(&["lock"]).says(0, &[]);
    let again = from_code(&scratch, &[]);
    again.says(
        2,
        &[
            "error[no-new-version]",
            "the folder already has 1.0",
            "give the struct the next version",
        ],
    );

    let note =
        "    #[serde(skip_serializing_if = \"Option::is_none\")]\n    pub note: Option<String>,\n";
    scratch.write("src/lib.rs", code("1.1", note, TEST));
    let minor = from_code(&scratch, &["--minor", "--format", "json"]);
    assert_eq!(minor.code, 0, "{minor:?}");
    let answer = minor.json();
    assert_eq!(answer["written"][0], "schemas/shop/order.paid/1.1.json", "{answer:#}");
    scratch.run(&["diff", "order.paid@1.0", "order.paid@1.1"]).says(0, &[]);
    scratch.run(&["lock"]).says(0, &[]);

    scratch.write("src/lib.rs", code("1.2", "    pub note: Strin,\n", TEST));
    from_code(&scratch, &[]).says(2, &["error[accepting-test-failed]", "Strin"]);
    assert!(!scratch.path("schemas/shop/order.paid/1.2.json").exists());
}
