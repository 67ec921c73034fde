//! Rules as Markdown: the text of the guide's error index.

use std::fmt::Write;

use event_schema::rules::{self, Level, Rule};

use super::{exit, means, whom};

/// A rule as a page.
pub(super) fn page(rule: &Rule) -> String {
    section(rule, "#")
}

/// All rules, by subject.
pub(super) fn all() -> String {
    let mut out = "# Rules\n".to_owned();
    for group in rules::groups() {
        let _ = writeln!(out, "\n## {}", group.title);
        for rule in group.rules {
            let _ = write!(out, "\n{}", section(rule, "###"));
        }
    }
    out
}

fn section(rule: &Rule, heading: &str) -> String {
    let mut out = format!("{heading} {}\n\n", rule.id);
    let group = rules::groups().find(|group| group.rules.contains(&rule));
    let who: Vec<_> = rule.breaks.iter().map(|b| whom(*b)).collect();
    let level = format!("`{}`: {}", rule.level.as_str(), means(rule.level));
    let rows = [
        ("about", group.map_or("", |group| group.title)),
        ("level", &level),
        ("breaks", &who.join("; ")),
        ("exit code", exit(rule)),
    ];
    out += "| | |\n|---|---|\n";
    for (name, text) in rows.into_iter().filter(|(_, text)| !text.is_empty()) {
        let _ = writeln!(out, "| {name} | {} |", cell(text));
    }
    let _ = writeln!(out, "\nWhy: {}.\n", prose(rule.why));
    let _ = writeln!(out, "Example: {}.\n", example(rule.example));
    let fix = if rule.level == Level::Allow { "To do" } else { "To fix" };
    let _ = writeln!(out, "{fix}: {}.", prose(rule.fix));
    out
}

/// A text in a table.
fn cell(text: &str) -> String {
    prose(text).replace('|', "\\|")
}

/// A text outside of code: what Markdown and HTML would take for their own is escaped, except in backticks.
fn prose(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in text.split('`').enumerate() {
        if at > 0 {
            out.push('`');
        }
        let is_code = at % 2 == 1;
        for c in part.chars() {
            if !is_code && ['<', '>', '*', '_', '[', ']', '\\'].contains(&c) {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}

/// An example is code, unless it has code in it.
fn example(text: &str) -> String {
    if text.contains('`') || !text.contains(['{', '"', '=']) {
        return prose(text);
    }
    format!("`{text}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_has_all_texts_of_its_rule() {
        for rule in rules::all() {
            let page = page(rule);
            assert!(page.starts_with(&format!("# {}\n", rule.id)), "{page}");
            for text in [prose(rule.why), prose(rule.fix)] {
                assert!(page.contains(&text), "{page}");
            }
            assert_eq!(page.matches('`').count() % 2, 0, "{page}");
        }
    }

    #[test]
    fn signs_outside_of_code_are_escaped() {
        assert_eq!(prose("a `<b>` <c>"), "a `<b>` \\<c\\>");
        assert_eq!(cell("a | b"), "a \\| b");
        assert_eq!(example(r#"{"a": 1}"#), r#"`{"a": 1}`"#);
    }
}
