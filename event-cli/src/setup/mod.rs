//! What a crate needs to have event contracts: the edits, as texts from texts. Nothing is written here,
//! and only a clone's manifests are read; `command::init` does the rest.

pub(crate) mod clone;
pub(crate) mod example;
pub(crate) mod include;
pub(crate) mod manifest;
pub(crate) mod script;

/// What becomes of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// It has what it needs.
    Kept,
    /// It gets this text.
    Text(String),
    /// Where the lines belong is not certain: a person puts them there.
    ByHand {
        /// Why it is not certain.
        why: String,
    },
}

/// Takes over the line ends of `before`, so that an edit changes no other line.
pub(crate) fn line_ends(before: &str, text: String) -> String {
    let windows =
        before.contains("\r\n") && before.matches('\n').count() == before.matches("\r\n").count();
    if windows { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }
}

/// Whether `name` is part of the code, comments aside.
fn names(text: &str, name: &str) -> bool {
    text.lines().any(|line| line.split("//").next().is_some_and(|code| code.contains(name)))
}
