//! The documents are true: README.md, the READMEs of the crates, and the guide in `docs/guide`.
//!
//! - Console blocks are run, and their output is compared (`page`, `sandbox`).
//! - Files that a page shows are written, and used by the commands below them.
//! - TOML, JSON and YAML parse; dependencies exist, with these features (`snippets`).
//! - Pages that can be generated are generated (`generated`, `errors`).
//! - Links lead to files and headings that exist (`links`).
//!
//! Rust blocks are compiled by rustdoc: those of the guide in `tests/guide`, those of a crate's README in the crate.
//!
//! `EVENT_BLESS=1 cargo test -p cargo-event --test documents` writes what the commands print now into the pages.
#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::format_collect,
    reason = "a failed unwrap is a failed test, and texts are built once"
)]

mod errors;
mod generated;
mod links;
mod page;
mod picture;
mod sandbox;
mod schemas;
mod snippets;

use std::fs;
use std::path::{Path, PathBuf};

use page::{Kind, Page};

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Whether pages are rewritten instead of compared.
pub(crate) fn blesses() -> bool {
    std::env::var_os("EVENT_BLESS").is_some()
}

/// Compares a generated file with its text, or writes it.
#[track_caller]
pub(crate) fn assert_file(path: &Path, text: &str) {
    let old = fs::read_to_string(path).unwrap_or_default();
    if old == text {
        return;
    }
    assert!(blesses(), "{} differs from what is generated now\n{FIX}", path.display());
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// How a page that differs is mended.
pub(crate) const FIX: &str =
    "to fix: `EVENT_BLESS=1 cargo test -p cargo-event --test documents`, and review the diff";

/// The pages whose blocks are checked, relative to the workspace.
pub(crate) fn pages() -> Vec<PathBuf> {
    let root = workspace();
    let mut found = vec![PathBuf::from("README.md")];
    for entry in fs::read_dir(&root).unwrap() {
        let readme = PathBuf::from(entry.unwrap().file_name()).join("README.md");
        if readme.starts_with("docs") || readme.starts_with("tests") || !root.join(&readme).exists()
        {
            continue;
        }
        found.push(readme);
    }
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            let is_other =
                ["docs/adr", "docs/guide/book"].iter().any(|other| path.starts_with(other));
            if is_other {
                continue;
            }
            if root.join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn console_blocks_print_what_the_pages_show() {
    let mut wrong = String::new();
    let only = std::env::var("EVENT_PAGE").unwrap_or_default();
    for path in pages() {
        if !path.to_string_lossy().contains(&only) {
            continue;
        }
        let page = Page::read(&workspace(), &path);
        match sandbox::run(&page) {
            Ok(None) => {}
            Ok(Some(new)) if blesses() => fs::write(workspace().join(&path), new).unwrap(),
            Ok(Some(new)) => wrong += &format!("{}\n{}", path.display(), page.differences(&new)),
            Err(problem) => wrong += &format!("{}{problem}\n", path.display()),
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}\n{FIX}");
}

#[test]
fn every_block_is_checked_or_says_why_not() {
    let mut wrong = String::new();
    let mut reasons = 0;
    for path in pages() {
        let page = Page::read(&workspace(), &path);
        let is_generated = generated::is_generated(&path);
        for block in &page.blocks {
            let problem = match (&block.kind, block.language()) {
                (Kind::Plain, _) if is_generated => None,
                (Kind::Shown(why), _) => {
                    reasons += 1;
                    why.is_empty().then(|| "`shown:` has no reason".to_owned())
                }
                (Kind::File(_) | Kind::Edit(_), _) => None,
                (Kind::Plain, "console") => {
                    (!page.runs(block)).then(|| "not run: no `sandbox:` above".to_owned())
                }
                (Kind::Plain, "toml") => snippets::toml(&block.text).err(),
                (Kind::Plain, "json") => snippets::json(&block.text).err(),
                (Kind::Plain, "yaml") => snippets::yaml(&block.text).err(),
                (Kind::Plain, "rust") if !block.info.contains("ignore") => None,
                (Kind::Plain, "rust") => {
                    Some("not compiled: `file:` or `shown:` is missing".to_owned())
                }
                (Kind::Plain, other) => Some(format!("not checked: a block of `{other}`")),
            };
            if let Some(problem) = problem {
                wrong += &format!("{}:{}: {problem}\n", path.display(), block.line);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(reasons < 60, "{reasons} blocks are shown and not checked");
}

/// rustdoc compiles the Rust blocks of the pages that `tests/guide/src/lib.rs` includes: all that have any.
#[test]
fn pages_with_rust_are_compiled_by_rustdoc() {
    let library = fs::read_to_string(workspace().join("tests/guide/src/lib.rs")).unwrap();
    for path in pages() {
        let of_guide = path.starts_with("docs") || path == Path::new("README.md");
        let page = Page::read(&workspace(), &path);
        let compiled = |b: &page::Block| {
            b.language() == "rust" && !b.info.contains("ignore") && !matches!(b.kind, Kind::File(_))
        };
        if of_guide && page.blocks.iter().any(compiled) {
            let line = format!("include_str!(\"../../../{}\")", path.display());
            assert!(library.contains(&line), "tests/guide/src/lib.rs lacks {line}");
        }
    }
}
