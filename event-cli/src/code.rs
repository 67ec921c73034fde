//! Finds the structs and the tests of a package whose events begin as structs.
//!
//! Searches the text of its sources, so that a package without them is not compiled in vain. The compiler decides what
//! they mean.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use event_codegen::drafts;
use event_schema::diagnostic::Diagnostic;

use crate::setup::manifest::bad_manifest;

/// The function of `event_testing` that such a test calls.
const ASSERTS: &str = "assert_locked";

/// A package and the text of its sources.
pub(crate) struct Package {
    /// The folder of its manifest.
    pub(crate) root: PathBuf,
    sources: Vec<String>,
}

/// The tests that write schemas.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tests {
    /// No test asserts.
    None,
    /// The tests with these names assert.
    Named(BTreeSet<String>),
    /// A function that is not a test asserts: any test may call it.
    Any,
}

impl Package {
    /// Returns the package that contains a folder.
    pub(crate) fn around(folder: &Path) -> Result<Package, Box<Diagnostic>> {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let whole = std::path::absolute(here).unwrap_or_else(|_| here.to_owned());
        let found = whole.ancestors().find(|a| {
            fs::read_to_string(a.join("Cargo.toml"))
                .is_ok_and(|text| text.lines().any(|line| line.trim() == "[package]"))
        });
        let Some(root) = found else {
            let message = "no package found in this folder or above: expected one with code";
            let d = bad_manifest(&here.to_string_lossy(), message);
            return Err(Box::new(d.with_help(
                "run the command in the folder of the package, or name its schemas: `--schemas DIR`",
            )));
        };
        Ok(Package { root: root.to_owned(), sources: drafts::sources(root) })
    }

    /// Returns whether a struct declares the event.
    pub(crate) fn declares(&self, event: &str) -> bool {
        self.sources.iter().any(|text| drafts::declares(text, event, None))
    }

    /// Returns the tests that write schemas.
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

/// Returns a line without its comment.
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

/// Returns the name of the function that begins in a line.
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
    fn asserting_tests_are_found() {
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
    fn declaring_structs_are_found() {
        let text = "#[derive(Event)]\n#[event(\n    type = \"order.placed\", // ours\n version = \"1.0\")]\n// type = \"other\"\n";
        let package = Package { root: PathBuf::new(), sources: vec![text.to_owned()] };
        assert!(package.declares("order.placed"));
        assert!(!package.declares("other") && !package.declares("order"));
    }
}
