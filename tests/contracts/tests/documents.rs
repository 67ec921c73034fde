//! Lists in the documentation that must match the tree.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::fs;

use event_tests::scratch::workspace;

/// `docs/adr/README.md` lists each record once, by its own title.
#[test]
fn decision_records_are_listed_with_their_titles() {
    let folder = workspace().join("docs/adr");
    let list = fs::read_to_string(folder.join("README.md")).unwrap();
    let mut expected = BTreeSet::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name == "README.md" {
            continue;
        }
        let text = fs::read_to_string(folder.join(&name)).unwrap();
        let number = &name[..4];
        let plain = number.trim_start_matches('0');
        let title = text.lines().next().and_then(|l| l.strip_prefix(&format!("# {plain}. ")));
        let title = title.unwrap_or_else(|| panic!("{name} does not begin with `# {plain}. `"));
        expected.insert(format!("- [{number}]({name}) {title}"));
    }
    let listed: BTreeSet<String> =
        list.lines().filter(|l| l.starts_with("- [")).map(str::to_owned).collect();
    assert_eq!(listed, expected);
}

/// Every recipe has a comment that `just --list` shows, and CONTRIBUTING names only recipes that exist.
#[test]
fn recipes_are_described_and_exist() {
    let text = fs::read_to_string(workspace().join("justfile")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut names = BTreeSet::new();
    for (i, line) in lines.iter().enumerate() {
        let head = line.split(':').next().unwrap_or_default();
        let name = head.split(' ').next().unwrap_or_default();
        let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
        let sets = line.contains(":=") || name == "set";
        if line.contains(':') && !sets && !name.is_empty() && name.chars().all(is_name) {
            assert!(i > 0 && lines[i - 1].starts_with("# "), "`{name}` has no comment");
            names.insert(name);
        }
    }
    assert!(names.contains("ci"), "{names:?}");
    for file in ["CONTRIBUTING.md", "README.md", "RELEASING.md"] {
        let text = fs::read_to_string(workspace().join(file)).unwrap();
        for part in text.split("`just ").skip(1) {
            let name = part.split(['`', ' ']).next().unwrap();
            assert!(names.contains(name) || name == "--list", "{file}: `just {name}`");
        }
    }
}
