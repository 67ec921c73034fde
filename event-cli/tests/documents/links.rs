//! Links of all pages that lead to files and headings of this repository.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::{pages, workspace};

/// The targets of Markdown links outside of code.
fn links(text: &str) -> Vec<(usize, String)> {
    let (mut found, mut in_code) = (Vec::new(), false);
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        // the parts of the line that are not `code`
        let plain: String = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
        for part in plain.split("](").skip(1) {
            if let Some((target, _)) = part.split_once(')') {
                found.push((at + 1, target.to_owned()));
            }
        }
    }
    found
}

/// A heading's anchor, as GitHub and mdBook make it.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    let mut in_code = false;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code && line.starts_with('#') {
            found.insert(anchor(line));
        }
    }
    found
}

#[test]
fn links_lead_to_files_and_headings() {
    let root = workspace();
    let mut wrong = String::new();
    let mut checked = 0;
    let more = ["ARCHITECTURE.md", "CONTRIBUTING.md", "RELEASING.md", "SECURITY.md", "llms.txt"];
    let all = pages().into_iter().chain(more.iter().map(Into::into));
    for page in all {
        let text = fs::read_to_string(root.join(&page)).unwrap();
        let folder = root.join(page.parent().unwrap_or(Path::new("")));
        for (line, link) in links(&text) {
            if link.starts_with("https://") || link.starts_with("http://") {
                continue;
            }
            checked += 1;
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let path = if file.is_empty() { root.join(&page) } else { folder.join(file) };
            let is_there = path.exists()
                && (heading.is_empty()
                    || anchors(&fs::read_to_string(&path).unwrap_or_default()).contains(heading));
            if !is_there {
                wrong += &format!("{}:{line}: {link}\n", page.display());
            }
        }
    }
    assert!(wrong.is_empty(), "links to what does not exist:\n{wrong}");
    assert!(checked > 50, "{checked} links were checked");
}

/// Every page of the guide is in its table of contents, once.
#[test]
fn pages_of_the_guide_are_listed_once() {
    let source = workspace().join("docs/guide/src");
    let summary = fs::read_to_string(source.join("SUMMARY.md")).unwrap();
    let mut listed: Vec<String> = links(&summary).into_iter().map(|(_, link)| link).collect();
    listed.sort();
    let mut there: Vec<String> = pages()
        .iter()
        .filter_map(|p| p.strip_prefix("docs/guide/src").ok())
        .map(|p| p.display().to_string())
        .filter(|p| p != "SUMMARY.md")
        .collect();
    there.sort();
    assert_eq!(listed, there);
}

#[test]
fn anchors_are_those_of_mdbook() {
    assert_eq!(anchor("## `event.toml`, as written"), "eventtoml-as-written");
    assert_eq!(links("a [b](c.md#d) `[x](y)` [e](f)").len(), 2);
}
