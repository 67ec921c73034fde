//! Plans the edits that set up event contracts in a crate, as texts from texts.
//!
//! Nothing is written here, and only the manifests of a clone are read; `command::init` does the rest.

pub(crate) mod clone;
pub(crate) mod example;
pub(crate) mod include;
pub(crate) mod manifest;
pub(crate) mod script;

/// The edit of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// The file needs no edit.
    Kept,
    /// The new text.
    Text(String),
    /// The place of the lines is not certain, so the user must add them.
    ByHand {
        /// Why it is not certain.
        why: String,
    },
}

/// Converts line ends to those of `before`, so that an edit changes no other line.
pub(crate) fn line_ends(before: &str, text: String) -> String {
    let windows =
        before.contains("\r\n") && before.matches('\n').count() == before.matches("\r\n").count();
    if windows { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }
}

/// Returns whether `name` is in the code, outside of comments.
fn names(text: &str, name: &str) -> bool {
    text.lines().any(|line| line.split("//").next().is_some_and(|code| code.contains(name)))
}
