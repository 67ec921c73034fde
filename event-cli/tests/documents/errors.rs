//! The error index: a page a rule, from the rule's own data (`cargo event rules ID --format markdown`), the pairs of
//! schemas in `event-schema/tests/rules/<id>/`, and the structs in `tests/contracts/tests/ui`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::{assert_file, workspace};

const HEAD: &str = "\
# Error index

<!-- Generated: EVENT_BLESS=1 cargo test -p cargo-event --test documents -->

Every message of the build, the derives and the command names its rule in brackets, such as
`error[enum-value-added]`. This index has a page for each rule: what it means, an example with the real
output, who breaks, and how to fix it. `cargo event rules ID` prints the same in a terminal, and
`cargo event rules --open` in a browser.

| level | meaning |
|---|---|
| `break` | a change that breaks stored events, consumers of an earlier version, or Rust code |
| `error` | something other than a change is wrong, and stops the build or the command |
| `warn` | allowed, and reported |
| `allow` | allowed; `cargo event diff` lists it |
";

/// A rule as `cargo event rules --format json` has it.
struct Rule {
    id: String,
    about: String,
    level: String,
    why: String,
}

/// A folder of its own in which the command runs.
struct Bench(tempfile::TempDir);

impl Bench {
    fn new() -> Bench {
        Bench(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, value: &Value) -> String {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = format!("{value:#}\n");
        fs::write(path, &text).unwrap();
        text
    }

    /// The output of the command, and its exit code.
    fn run(&self, args: &[&str]) -> (String, i32) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-event"));
        command.arg("event").args(args).current_dir(self.0.path()).env("NO_COLOR", "1");
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].map(|t| String::from_utf8(t).unwrap()).concat();
        assert!(!text.contains("panicked"), "{text}");
        (text.trim_end().to_owned(), output.status.code().unwrap())
    }
}

fn rules() -> Vec<Rule> {
    let (text, _) = Bench::new().run(&["rules", "--format", "json"]);
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    let text = |rule: &Value, key: &str| rule[key].as_str().unwrap().to_owned();
    let read = |rule: &Value| Rule {
        id: text(rule, "rule"),
        about: text(rule, "about"),
        level: text(rule, "level"),
        why: text(rule, "why"),
    };
    all.iter().map(read).collect()
}

/// The example of a rule in `event-schema/tests/rules`: its files, the command, and what it prints.
fn of_schemas(rule: &Rule) -> Option<String> {
    let folder = workspace().join("event-schema/tests/rules").join(&rule.id);
    let hit = fs::read_to_string(folder.join("hit.json")).ok()?;
    let hit: Value = serde_json::from_str(&hit).unwrap();
    let of_pair = (hit.get("old").is_some()).then(|| pair(rule, &hit)).flatten();
    of_pair.or_else(|| versions(rule, &hit))
}

fn pair(rule: &Rule, hit: &Value) -> Option<String> {
    let bench = Bench::new();
    let old = bench.write("old.json", &hit["old"]);
    let new = bench.write("new.json", &hit["new"]);
    let args = ["diff", "old.json", "new.json"];
    let (output, _) = bench.run(&args);
    if !output.contains(&format!("[{}]", rule.id)) {
        return None;
    }
    let mut out = format!(
        "`old.json`:\n\n```json\n{old}```\n\n`new.json`:\n\n```json\n{new}```\n\n\
         ```console\n$ cargo event diff old.json new.json\n{output}\n```\n"
    );
    if rule.level == "break" {
        out += &allowed(&bench, &args);
    }
    Some(out)
}

/// Under which policies and settings the pair passes.
fn allowed(bench: &Bench, args: &[&str]) -> String {
    let passes = |more: &[&str]| bench.run(&[args, more].concat()).1 == 0;
    let mut out = "\n## When to allow it\n\n".to_owned();
    let mut policies = Vec::new();
    for policy in ["backward", "forward", "full"] {
        if passes(&["--policy", policy]) {
            policies.push(format!("`--policy {policy}`"));
        }
    }
    let settings: Vec<&str> = [
        (["--constraints", "documentation"], "`readers.constraints = \"documentation\"`"),
        (["--null", "absent"], "`readers.null = \"absent\"`"),
    ]
    .into_iter()
    .filter(|(option, _)| passes(option))
    .map(|(_, setting)| setting)
    .collect();
    out += "In a schema folder, not within a major: publish a [new major](../evolve/major.md).\n";
    if !settings.is_empty() {
        let settings = settings.join(" or ");
        writeln!(out, "\nThe change in the example is allowed with {settings} in [`event.toml`](../reference/settings.md#readers), if that is true of all readers.").unwrap();
    }
    if !policies.is_empty() {
        let policies = policies.join(", ");
        writeln!(out, "\n`cargo event diff` accepts this example with {policies}, for documents that are not event schemas of a folder.").unwrap();
    }
    out
}

fn versions(rule: &Rule, hit: &Value) -> Option<String> {
    let bench = Bench::new();
    let documents = match hit.get("versions") {
        Some(all) => all.as_array().unwrap().clone(),
        None => vec![hit["old"].clone(), hit["new"].clone()],
    };
    let mut out = String::new();
    for (minor, document) in documents.iter().enumerate() {
        let name = format!("schemas/shop/order.placed/1.{minor}.json");
        let text = bench.write(&name, document);
        write!(out, "`{name}`:\n\n```json\n{text}```\n\n").unwrap();
    }
    bench.run(&["lock"]);
    let (output, _) = bench.run(&["check"]);
    if !output.contains(&format!("[{}]", rule.id)) {
        return None;
    }
    write!(out, "```console\n$ cargo event check\n{output}\n```\n").unwrap();
    Some(out)
}

/// Structs and the compiler's messages, by the rule of the first message. Short ones come first.
fn of_structs() -> BTreeMap<String, (String, String)> {
    let mut cases = Vec::new();
    let mut folders = vec![workspace().join("tests/contracts/tests/ui")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "stderr") {
                let source = fs::read_to_string(path.with_extension("rs")).unwrap();
                cases.push((source, fs::read_to_string(path).unwrap()));
            }
        }
    }
    cases.sort_by_key(|(source, message)| (source.len() + message.len(), source.clone()));
    let mut found = BTreeMap::new();
    for (source, message) in cases {
        let ids = message.lines().filter(|l| l.starts_with("error") || l.starts_with("warning"));
        let ids = ids.filter_map(|l| l.strip_suffix(']')?.rsplit_once(" [").map(|(_, id)| id));
        for id in ids.map(str::to_owned).collect::<Vec<_>>() {
            found.entry(id).or_insert_with(|| (source.clone(), message.clone()));
        }
    }
    found
}

fn page(rule: &Rule, structs: &BTreeMap<String, (String, String)>) -> String {
    let (text, _) = Bench::new().run(&["rules", &rule.id, "--format", "markdown"]);
    let mut page = text + "\n";
    if let Some(example) = of_schemas(rule) {
        write!(page, "\n## Example\n\n{example}").unwrap();
    }
    if let Some((source, message)) = structs.get(&rule.id) {
        let (source, message) = (source.trim_end(), message.trim_end());
        write!(
            page,
            "\n## In a struct\n\n```rust,ignore\n{source}\n```\n\n```text\n{message}\n```\n"
        )
        .unwrap();
    }
    page
}

#[test]
fn every_rule_has_its_page() {
    let folder = workspace().join("docs/guide/src/errors");
    let (rules, structs) = (rules(), of_structs());
    let mut index = HEAD.to_owned();
    let mut about = "";
    let mut with_example = 0;
    for rule in &rules {
        if rule.about != about {
            about = &rule.about;
            write!(index, "\n## {about}\n\n| rule | level | why |\n|---|---|---|\n").unwrap();
        }
        let why = rule.why.replace('|', "\\|").replace('<', "&lt;");
        writeln!(index, "| [{0}]({0}.md) | `{1}` | {why} |", rule.id, rule.level).unwrap();
        let page = page(rule, &structs);
        with_example += usize::from(page.contains("\n## "));
        assert_file(&folder.join(format!("{}.md", rule.id)), &page);
    }
    assert_file(&folder.join("README.md"), &index);
    let expected: Vec<String> = rules.iter().map(|rule| format!("{}.md", rule.id)).collect();
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_known = name == "README.md" || expected.contains(&name);
        assert!(is_known, "docs/guide/src/errors/{name} is the page of a rule that does not exist");
    }
    assert!(with_example > 90, "{with_example} rules have a whole example");
}

/// The pages are part of the table of contents, between two lines of it.
#[test]
fn every_rule_is_in_the_table_of_contents() {
    const BEGIN: &str = "- [Error index](errors/README.md)\n";
    let path = workspace().join("docs/guide/src/SUMMARY.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, after) = text.split_once(BEGIN).unwrap();
    let after = after.trim_start_matches(|c| c != '#');
    let list: String =
        rules().iter().map(|r| format!("  - [{0}](errors/{0}.md)\n", r.id)).collect();
    assert_file(Path::new(&path), &format!("{before}{BEGIN}{list}\n{after}"));
}

#[test]
fn corpus_of_rules_is_used() {
    let folder = workspace().join("event-schema/tests/rules");
    let mut lost = Vec::new();
    let mut all = 0;
    for rule in rules() {
        if folder.join(&rule.id).exists() {
            all += 1;
            if of_schemas(&rule).is_none() {
                lost.push(rule.id);
            }
        }
    }
    assert!(all > 80 && lost.is_empty(), "{all} rules have pairs; these are not shown: {lost:?}");
}
