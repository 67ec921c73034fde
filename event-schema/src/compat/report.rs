//! The result of a comparison.

use std::sync::Arc;

use serde_json::{Value, json};

use super::policy::{Policy, Verdict};
use crate::diagnostic::{Diagnostic, Related, Severity};
use crate::document::{Pos, Span};
use crate::rules::{Breaks, Rule};

/// The result of a comparison.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// The policy.
    pub policy: Policy,
    /// The outcome.
    pub verdict: Verdict,
    /// What changed, breaks first, each in the order of the new schema.
    pub changes: Vec<Change>,
}

/// A change.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Change {
    /// The rule.
    pub rule: &'static Rule,
    /// Error if it breaks the policy; otherwise warning or note.
    pub severity: Severity,
    /// Whom it breaks, among those that the policy protects.
    pub breaks: Vec<Breaks>,
    /// The place in the old schema.
    pub old: Place,
    /// The place in the new schema.
    pub new: Place,
    /// What changed.
    pub message: String,
    /// The old schema's value.
    pub was: Option<String>,
    /// The new schema's value.
    pub now: Option<String>,
    /// An event that one version writes and the other rejects; both have confirmed it.
    pub witness: Option<Value>,
    /// The relevant part of the witness.
    pub excerpt: Option<Value>,
    /// The version that writes the witness.
    pub writer: Option<Writer>,
    /// Fixes.
    pub help: Vec<String>,
}

/// A place in one of the schemas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<str>,
    /// RFC 6901 pointer.
    pub pointer: String,
    /// Line and column.
    pub pos: Pos,
    /// Bytes.
    pub span: Span,
}

/// The version that writes an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Writer {
    /// The old one; the new one rejects it.
    Old,
    /// The new one; the old one rejects it.
    New,
}

/// The names of the two versions, such as `2.0` and `2.1`.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// The old version.
    pub old: &'a str,
    /// The new version.
    pub new: &'a str,
}

impl Report {
    /// The names for a comparison of a version with itself.
    pub const fn unchanged(policy: Policy) -> Report {
        Report { policy, verdict: Verdict::Compatible, changes: Vec::new() }
    }

    /// The changes that break the policy.
    pub fn breaks(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|c| c.severity == Severity::Error)
    }

    /// As JSON: `{"policy", "compatible", "verdict", "changes": [{"rule", "severity", "breaks",
    /// "pointer_old", "pointer_new", "message", "was", "now", "witness", "help"}]}`, with `file`, `line`
    /// and `column` of both sides.
    pub fn to_json(&self) -> Value {
        json!({
            "policy": self.policy.as_str(),
            "compatible": self.verdict == Verdict::Compatible,
            "verdict": self.verdict.as_str(),
            "changes": self.changes.iter().map(Change::to_json).collect::<Vec<_>>(),
        })
    }
}

impl Change {
    /// As JSON; see [`Report::to_json`].
    pub fn to_json(&self) -> Value {
        let place =
            |p: &Place| json!({ "file": &*p.file, "line": p.pos.line, "column": p.pos.column });
        let writer = self.writer.map(|w| if w == Writer::Old { "old" } else { "new" });
        json!({
            "rule": self.rule.id,
            "severity": self.severity.as_str(),
            "breaks": self.breaks.iter().map(|b| b.as_str()).collect::<Vec<_>>(),
            "pointer_old": self.old.pointer,
            "pointer_new": self.new.pointer,
            "old": place(&self.old),
            "new": place(&self.new),
            "message": self.message,
            "was": self.was,
            "now": self.now,
            "witness": self.witness,
            "witness_writer": writer,
            "help": self.help,
        })
    }

    /// As a diagnostic at the place in the new schema.
    pub fn diagnostic(&self, labels: Labels<'_>) -> Diagnostic {
        let witness = self.excerpt.as_ref().or(self.witness.as_ref()).zip(self.writer);
        let witness = witness.map(|(value, writer)| {
            let (writer, reader) = match writer {
                Writer::Old => (labels.old, labels.new),
                Writer::New => (labels.new, labels.old),
            };
            format!("{value} is written by {writer} and rejected by {reader}")
        });
        let mut message = self.message.clone();
        if !self.breaks.is_empty() && self.severity == Severity::Error {
            let who: Vec<_> = self
                .breaks
                .iter()
                .map(|b| match b {
                    Breaks::StoredEvents => format!("events stored as {}", labels.old),
                    Breaks::OldConsumers => format!("consumers built with {}", labels.old),
                    Breaks::RustCode => "Rust code that uses the generated types".to_owned(),
                })
                .collect();
            message = format!("{message}; breaks {}", who.join(" and "));
        }
        Diagnostic {
            rule: self.rule,
            severity: self.severity,
            file: self.new.file.clone(),
            span: Some(self.new.span),
            pos: Some(self.new.pos),
            pointer: self.new.pointer.clone(),
            message,
            was: self.was.clone(),
            now: self.now.clone(),
            witness,
            help: self.help.clone(),
            related: vec![Related {
                file: self.old.file.clone(),
                span: Some(self.old.span),
                pos: Some(self.old.pos),
                label: format!("{} declares it here", labels.old),
            }],
        }
    }
}
