//! A problem: its place, what changed, whom it breaks, and how to fix it.
//!
//! Plain values. The crates that print them decide the form (cargo's one-line errors, a terminal with
//! snippets, SARIF).

use std::fmt::Write as _;
use std::sync::Arc;

use crate::document::{Document, Pos, Span};
use crate::rules::Rule;

/// The severity of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It stops the build.
    Error,
    /// It is allowed but deserves attention.
    Warning,
    /// It is information.
    Note,
}

impl Severity {
    /// `error`, `warning`, `note`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A problem.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The rule.
    pub rule: &'static Rule,
    /// The severity.
    pub severity: Severity,
    /// The file, as it is shown to the reader.
    pub file: Arc<str>,
    /// The place in the file, in bytes.
    pub span: Option<Span>,
    /// The line and column in the file.
    pub pos: Option<Pos>,
    /// RFC 6901 pointer into the file's JSON.
    pub pointer: String,
    /// The message, in one line: lowercase, names in backticks, no full stop.
    pub message: String,
    /// The old value.
    pub was: Option<String>,
    /// The new value.
    pub now: Option<String>,
    /// An event that shows the problem, and for whom.
    pub witness: Option<String>,
    /// Fixes, the smallest edit first.
    pub help: Vec<String>,
    /// Related places.
    pub related: Vec<Related>,
}

/// A place that is related to a [`Diagnostic`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The file.
    pub file: Arc<str>,
    /// The place in the file, in bytes.
    pub span: Option<Span>,
    /// The line and column in the file.
    pub pos: Option<Pos>,
    /// The description of the place.
    pub label: String,
}

impl Diagnostic {
    /// Creates an error about a whole file.
    pub fn error(rule: &'static Rule, file: Arc<str>, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            rule,
            severity: Severity::Error,
            file,
            span: None,
            pos: None,
            pointer: String::new(),
            message: message.into(),
            was: None,
            now: None,
            witness: None,
            help: Vec::new(),
            related: Vec::new(),
        }
    }

    /// Creates an error at a place in a document.
    pub fn at(
        rule: &'static Rule,
        doc: &Document,
        span: Span,
        pointer: impl Into<String>,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            span: Some(span),
            pos: Some(doc.pos(span)),
            pointer: pointer.into(),
            ..Diagnostic::error(rule, doc.file.clone(), message)
        }
    }

    /// Whether it has this rule.
    pub fn is(&self, rule: &Rule) -> bool {
        self.rule == rule
    }

    /// Adds a fix.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help.push(help.into());
        self
    }

    /// `[rule] file:line:column: message`.
    ///
    /// ```
    /// use event_schema::diagnostic::Diagnostic;
    /// use event_schema::rules;
    ///
    /// let problem = Diagnostic::error(&rules::SCHEMA_NOT_JSON, "a.json".into(), "the text is empty");
    /// assert_eq!(problem.headline(), "[schema-not-json] a.json: the text is empty");
    /// ```
    pub fn headline(&self) -> String {
        let mut line = format!("[{}] {}", self.rule.id, self.file);
        if let Some(pos) = self.pos {
            // writing to a string cannot fail
            let _ = write!(line, ":{pos}");
        }
        let _ = write!(line, ": {}", self.message);
        line
    }

    /// The lines below the headline: old and new value, witness, related places, fixes; without indentation
    /// or markers.
    pub fn details(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match (&self.was, &self.now) {
            (Some(was), Some(now)) => lines.push(format!("was: {was}   now: {now}")),
            (Some(was), None) => lines.push(format!("was: {was}")),
            (None, Some(now)) => lines.push(format!("now: {now}")),
            (None, None) => {}
        }
        lines.extend(self.witness.iter().map(|w| format!("witness: {w}")));
        lines.extend(self.related.iter().map(|r| match r.pos {
            Some(pos) => format!("note: {}:{pos}: {}", r.file, r.label),
            None => format!("note: {}: {}", r.file, r.label),
        }));
        lines.extend(self.help.iter().map(|h| format!("help: {h}")));
        lines
    }
}
