//! A Markdown page: its fenced blocks, and what the comments above them say about them.
//!
//! | comment | meaning |
//! |---|---|
//! | `<!-- sandbox: NAME -->` | console blocks from here on run in a new folder of this kind |
//! | `<!-- file: PATH -->` | the block below is written to this file of the folder |
//! | `<!-- edit: PATH -->` | the block below is a diff, applied to this file of the folder |
//! | `<!-- shown: WHY -->` | the block below is not checked, for this reason |

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// A page.
pub(crate) struct Page {
    pub(crate) lines: Vec<String>,
    pub(crate) blocks: Vec<Block>,
    /// New sandboxes: the line, and the kind.
    pub(crate) sandboxes: Vec<(usize, String)>,
}

/// A fenced block.
pub(crate) struct Block {
    /// The line of its opening fence, from 1.
    pub(crate) line: usize,
    /// The line of its closing fence.
    pub(crate) end: usize,
    /// What the columns of its fence are indented by.
    pub(crate) indent: usize,
    pub(crate) info: String,
    pub(crate) text: String,
    pub(crate) kind: Kind,
}

/// What is done with a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What its language says.
    Plain,
    File(String),
    Edit(String),
    Shown(String),
}

impl Block {
    /// The first word of the fence.
    pub(crate) fn language(&self) -> &str {
        self.info.split([',', ' ']).next().unwrap_or_default()
    }
}

/// The key and the value of a comment that is for this test.
fn comment(line: &str) -> Option<(&str, &str)> {
    let inner = line.trim().strip_prefix("<!-- ")?.strip_suffix("-->")?;
    let (key, value) = inner.split_once(':')?;
    Some((key.trim(), value.trim()))
}

impl Page {
    pub(crate) fn read(root: &Path, path: &Path) -> Page {
        Page::parse(&fs::read_to_string(root.join(path)).unwrap())
    }

    pub(crate) fn parse(text: &str) -> Page {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let (mut blocks, mut sandboxes) = (Vec::new(), Vec::new());
        let (mut kind, mut at) = (Kind::Plain, 0);
        while at < lines.len() {
            let line = &lines[at];
            let trimmed = line.trim_start();
            if let Some((key, value)) = comment(line) {
                let value = value.to_owned();
                match key {
                    "sandbox" => sandboxes.push((at + 1, value)),
                    "file" => kind = Kind::File(value),
                    "edit" => kind = Kind::Edit(value),
                    "shown" => kind = Kind::Shown(value),
                    _ => {}
                }
            } else if trimmed.starts_with("```") {
                let fence = &trimmed[..trimmed.len() - trimmed.trim_start_matches('`').len()];
                let indent = line.len() - trimmed.len();
                let open = at;
                let closes = |l: &&String| l.trim() == fence;
                let length = lines[at + 1..].iter().position(|l| closes(&l)).unwrap_or(0);
                at += length + 1;
                let text: Vec<&str> = lines[open + 1..at]
                    .iter()
                    .map(|l| l.get(indent..).unwrap_or_default())
                    .collect();
                blocks.push(Block {
                    line: open + 1,
                    end: at + 1,
                    indent,
                    info: trimmed.trim_start_matches('`').trim().to_owned(),
                    text: text.join("\n"),
                    kind: std::mem::replace(&mut kind, Kind::Plain),
                });
            } else if !trimmed.is_empty() {
                kind = Kind::Plain;
            }
            at += 1;
        }
        Page { lines, blocks, sandboxes }
    }

    /// The kind of the sandbox of a line.
    pub(crate) fn sandbox(&self, line: usize) -> Option<&(usize, String)> {
        self.sandboxes.iter().rev().find(|(from, _)| *from < line)
    }

    /// Whether a console block is run.
    pub(crate) fn runs(&self, block: &Block) -> bool {
        block.language() == "console"
            && block.kind == Kind::Plain
            && self.sandbox(block.line).is_some()
    }

    /// The page with other texts of some blocks, by their first line.
    pub(crate) fn with(&self, texts: &[(usize, String)]) -> String {
        let mut out = String::new();
        let mut skip_to = 0;
        for (at, line) in self.lines.iter().enumerate() {
            if at + 1 < skip_to {
                continue;
            }
            writeln!(out, "{line}").unwrap();
            let Some((_, text)) = texts.iter().find(|(first, _)| *first == at + 1) else {
                continue;
            };
            let block = self.blocks.iter().find(|b| b.line == at + 1).unwrap();
            skip_to = block.end;
            for line in text.lines() {
                let indent = if line.is_empty() { 0 } else { block.indent };
                writeln!(out, "{:indent$}{line}", "").unwrap();
            }
        }
        out
    }

    /// The lines of a new text of this page that differ.
    pub(crate) fn differences(&self, new: &str) -> String {
        let new: Vec<&str> = new.lines().collect();
        let from = self.lines.iter().zip(&new).take_while(|(a, b)| a == b).count();
        let (old, new) = (&self.lines[from..], &new[from..]);
        let same = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
        let mut out = String::new();
        let (old, new) = (&old[..old.len() - same], &new[..new.len() - same]);
        for (sign, lines) in
            [("-", old.iter().map(String::as_str).collect::<Vec<_>>()), ("+", new.to_vec())]
        {
            for (at, line) in lines.iter().enumerate() {
                writeln!(out, "{sign}{:4} {line}", from + at + 1).unwrap();
            }
        }
        out
    }
}

#[test]
fn blocks_and_comments_are_read() {
    let text = "<!-- sandbox: shop -->\n<!-- file: a/b.json -->\n\n```json\n{}\n```\ntext\n```console\n$ ls\nx\n```\n";
    let page = Page::parse(text);
    assert_eq!(page.blocks[0].kind, Kind::File("a/b.json".to_owned()));
    assert_eq!((page.blocks[1].line, page.blocks[1].end), (8, 11));
    assert!(page.runs(&page.blocks[1]));
    let new = page.with(&[(8, "$ ls\ny\nz".to_owned())]);
    assert!(new.contains("$ ls\ny\nz\n```\n"), "{new}");
    assert_eq!(page.with(&[]), text);
    assert_eq!(page.differences(&new), "-  10 x\n+  10 y\n+  11 z\n");
}
