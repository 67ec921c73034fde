//! A package whose events begin as structs: where its code speaks of an event, and the tests that write
//! schemas from it. Found in the text, so that nothing is compiled in vain; the compiler is the judge.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use event_codegen::drafts;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;

/// The function of `event_testing` that such a test calls.
const ASSERTS: &str = "assert_locked";

/// A package, and what its sources say.
pub(crate) struct Package {
    /// The folder of its manifest.
    pub(crate) root: PathBuf,
    sources: Vec<String>,
}

/// The tests that write schemas.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tests {
    /// Nothing asserts.
    None,
    /// Those of these names.
    Named(BTreeSet<String>),
    /// Something asserts that is not itself a test: any may call it.
    Any,
}

impl Package {
    /// The package that a folder is in.
    pub(crate) fn around(folder: &Path) -> Result<Package, Box<Diagnostic>> {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let whole = std::path::absolute(here).unwrap_or_else(|_| here.to_owned());
        let found = whole.ancestors().find(|a| {
            fs::read_to_string(a.join("Cargo.toml"))
                .is_ok_and(|text| text.lines().any(|line| line.trim() == "[package]"))
        });
        let Some(root) = found else {
            let message = "no package is here or above: there is no code to take an event from";
            let d = Diagnostic::error(&rules::BAD_MANIFEST, here.to_string_lossy().into(), message);
            return Err(Box::new(d.with_help(
                "run the command in the package's folder, or name its schemas: `--schemas DIR`",
            )));
        };
        Ok(Package { root: root.to_owned(), sources: drafts::sources(root) })
    }

    /// Whether a struct claims to be the event.
    pub(crate) fn declares(&self, event: &str) -> bool {
        self.sources.iter().any(|text| drafts::declares(text, event, None))
    }

    /// The tests that write schemas.
    pub(crate) fn tests(&self) -> Tests {
        self.sources.iter().map(|text| tests(text)).fold(Tests::None, |all, more| {
            match (all, more) {
                (Tests::None, found) | (found, Tests::None) => found,
                (Tests::Named(mut all), Tests::Named(more)) => {
                    all.extend(more);
                    Tests::Named(all)
                }
                _ => Tests::Any,
            }
        })
    }
}

/// A line without its comment.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

fn tests(text: &str) -> Tests {
    let (mut names, mut attribute, mut inside) = (BTreeSet::new(), false, None);
    for line in text.lines().map(|line| code(line).trim()) {
        if line.starts_with("#[") && (line.contains("test]") || line.contains("test(")) {
            attribute = true;
        }
        if let Some(name) = function(line) {
            inside = attribute.then(|| name.to_owned());
            attribute = false;
        }
        let import = line.starts_with("use ") || line.starts_with("pub use ");
        if line.contains(ASSERTS) && !import {
            match &inside {
                Some(name) => names.insert(name.clone()),
                None => return Tests::Any,
            };
        }
    }
    if names.is_empty() { Tests::None } else { Tests::Named(names) }
}

/// The name of the function that a line begins.
fn function(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("fn ")?;
    let words = before.split_whitespace();
    let begins = words.clone().all(|w| matches!(w, "pub" | "async" | "unsafe" | "const"))
        || before.trim_start().starts_with("#[");
    let name = rest.split(['(', '<']).next()?.trim();
    (begins && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asserts() {
        let named = |names: &[&str]| Tests::Named(names.iter().map(|n| (*n).to_owned()).collect());
        for (text, found) in [
            (
                "fn a() {}\n// assert_locked::<A>()\nuse event_testing::assert_locked;\n",
                Tests::None,
            ),
            (
                "#[test]\nfn locked() {\n    assert_locked::<A>();\n    assert_locked::<B>();\n}\n",
                named(&["locked"]),
            ),
            (
                "#[test] fn one() { t::assert_locked::<A>() }\n#[tokio::test]\nasync fn two() {\n t::assert_locked_in::<A>(x);\n}",
                named(&["one", "two"]),
            ),
            (
                "fn helper() {\n    assert_locked::<A>();\n}\n#[test]\nfn a() { helper() }\n",
                Tests::Any,
            ),
        ] {
            assert_eq!(tests(text), found, "{text}");
        }
    }

    #[test]
    fn what_declares() {
        let text = "#[derive(Event)]\n#[event(\n    type = \"order.placed\", // ours\n version = \"1.0\")]\n// type = \"other\"\n";
        let package = Package { root: PathBuf::new(), sources: vec![text.to_owned()] };
        assert!(package.declares("order.placed"));
        assert!(!package.declares("other") && !package.declares("order"));
    }
}
