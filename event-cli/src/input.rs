//! Reads files and standard input of unknown kind and length.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use event_folder::problem;
use event_schema::diagnostic::Diagnostic;
use event_schema::document::MAX_BYTES;

/// The name of standard input on the command line.
pub(crate) const STDIN: &str = "-";

/// The name of standard input in diagnostics.
pub(crate) const SHOWN_STDIN: &str = "<stdin>";

/// An open file or standard input.
pub(crate) struct Input {
    /// The name in diagnostics.
    pub(crate) shown: String,
    reader: Box<dyn BufRead>,
    /// The number of lines that were read.
    lines: u32,
    holds: Holds,
}

/// How an input contains events.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// Nothing was read yet.
    Unknown,
    /// One event per line.
    Lines,
    /// One event, which was read.
    One,
}

impl Input {
    /// Opens a file; `-` is standard input.
    pub(crate) fn open(path: &Path) -> Result<Input, Box<Diagnostic>> {
        if path.as_os_str() == STDIN {
            let reader = Box::new(BufReader::new(io::stdin()));
            let shown = SHOWN_STDIN.to_owned();
            return Ok(Input { shown, reader, lines: 0, holds: Holds::Unknown });
        }
        let shown = path.to_string_lossy().into_owned();
        if path.is_dir() {
            return Err(unreadable(&shown, "this is a folder: expected a file"));
        }
        match File::open(path) {
            Ok(file) => {
                let by_name = path.extension().is_some_and(|e| e == "ndjson" || e == "jsonl");
                let holds = if by_name { Holds::Lines } else { Holds::Unknown };
                Ok(Input { shown, reader: Box::new(BufReader::new(file)), lines: 0, holds })
            }
            Err(e) => Err(failed(&shown, &e)),
        }
    }

    /// Reads to the end.
    pub(crate) fn text(&mut self) -> Result<String, Box<Diagnostic>> {
        let mut bytes = Vec::new();
        let limit = MAX_BYTES as u64 + 1;
        self.reader
            .by_ref()
            .take(limit)
            .read_to_end(&mut bytes)
            .map_err(|e| failed(&self.shown, &e))?;
        self.utf8(bytes)
    }

    /// Returns the text of the next event, and the number of lines before it; `None` at the end.
    ///
    /// If the first line is a JSON document, each line is an event; otherwise the whole text is one.
    pub(crate) fn next_event(&mut self) -> Result<Option<(u32, String)>, Box<Diagnostic>> {
        if self.holds == Holds::One {
            return Ok(None);
        }
        while let Some(line) = self.line()? {
            let before = self.lines;
            self.lines = self.lines.saturating_add(1);
            if line.trim().is_empty() {
                continue;
            }
            let by_itself = || serde_json::from_str::<serde_json::Value>(&line).is_ok();
            if self.holds == Holds::Lines || by_itself() {
                self.holds = Holds::Lines;
                return Ok(Some((before, line)));
            }
            self.holds = Holds::One;
            let rest = self.text()?;
            return Ok(Some((before, line + &rest)));
        }
        Ok(None)
    }

    /// Reads a line including its end; `None` at the end.
    fn line(&mut self) -> Result<Option<String>, Box<Diagnostic>> {
        let mut bytes = Vec::new();
        let limit = MAX_BYTES as u64 + 1;
        self.reader
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut bytes)
            .map_err(|e| failed(&self.shown, &e))?;
        if bytes.is_empty() { Ok(None) } else { self.utf8(bytes).map(Some) }
    }

    fn utf8(&self, bytes: Vec<u8>) -> Result<String, Box<Diagnostic>> {
        if bytes.len() > MAX_BYTES {
            let message = format!("the text is too long: expected at most {MAX_BYTES} bytes");
            return Err(unreadable(&self.shown, &message));
        }
        String::from_utf8(bytes).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            unreadable(&self.shown, &format!("the text is not UTF-8 (byte {at}): expected UTF-8"))
        })
    }
}

fn failed(shown: &str, e: &io::Error) -> Box<Diagnostic> {
    match e.kind() {
        io::ErrorKind::NotFound => unreadable(shown, "the file does not exist"),
        io::ErrorKind::IsADirectory => unreadable(shown, "this is a folder: expected a file"),
        _ => unreadable(shown, &format!("failed to read the file: {e}")),
    }
}

fn unreadable(shown: &str, message: &str) -> Box<Diagnostic> {
    Box::new(problem::unreadable(shown, message))
}
