//! What is said about a problem: where it stands, what it was and is, who it breaks, and the way out.
//!
//! Values only. How they are printed (cargo's one-line errors, a terminal with snippets, SARIF) is for
//! the rooms that print.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::document::{Document, Pos, Span};
use crate::rules::Rule;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It stops the build.
    Error,
    /// It is allowed and worth knowing.
    Warning,
    /// It happened, and nothing is wrong with it.
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
    /// The rule that it is about.
    pub rule: &'static Rule,
    /// How bad it is.
    pub severity: Severity,
    /// The file, as it was named to the reader.
    pub file: Arc<str>,
    /// Where in the file, in bytes.
    pub span: Option<Span>,
    /// Where in the file, for people.
    pub pos: Option<Pos>,
    /// RFC 6901 pointer into the file's JSON.
    pub pointer: String,
    /// What happened, in one line: lowercase, names in backticks, no full stop.
    pub message: String,
    /// What the schema said before.
    pub was: Option<String>,
    /// What it says now.
    pub now: Option<String>,
    /// An event that shows it, and for whom.
    pub witness: Option<String>,
    /// Ways out, the smallest edit first.
    pub help: Vec<String>,
    /// Other places that matter.
    pub related: Vec<Related>,
}

/// Another place that matters for a [`Diagnostic`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The file.
    pub file: Arc<str>,
    /// Where in the file, in bytes.
    pub span: Option<Span>,
    /// Where in the file, for people.
    pub pos: Option<Pos>,
    /// What is there.
    pub label: String,
}

impl Diagnostic {
    /// An error about a whole file.
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

    /// An error at a place of a document.
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

    /// Whether it is about this rule.
    pub fn is(&self, rule: &Rule) -> bool {
        self.rule == rule
    }

    /// The same with one more way out.
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
            // Writing to a string can't fail.
            let _ = write!(line, ":{pos}");
        }
        let _ = write!(line, ": {}", self.message);
        line
    }

    /// The lines below the headline: was and now, the witness, other places, the ways out. No
    /// indentation, no marker.
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
