//! What a schema states and no Rust type expresses: always reported.
//!
//! Constraints that every type leaves to a validator (`pattern`, `maximum`, …) are listed once, in the
//! crate's documentation, and are not losses.

use std::sync::Arc;

use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::document::{Pos, Span};
use event_schema::model::Node;
use event_schema::rules::{self, Rule};

/// Something that is lost.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Loss {
    rule: &'static Rule,
    severity: Severity,
    file: Option<Arc<str>>,
    pos: Pos,
    span: Span,
    pointer: String,
    message: String,
    help: Vec<String>,
}

impl Loss {
    /// A constraint that the type does not express, at a node: the type accepts more than the schema
    /// allows, or keeps less.
    pub(super) fn warning(node: &Node, message: impl Into<String>) -> Loss {
        Loss {
            rule: &rules::NOT_IN_THE_TYPE,
            severity: Severity::Warning,
            file: node.file.clone(),
            pos: node.pos,
            span: node.span,
            pointer: node.pointer.clone(),
            message: message.into(),
            help: Vec::new(),
        }
    }

    /// A mistake because of which no type would be correct.
    pub(super) fn error(rule: &'static Rule, node: &Node, message: impl Into<String>) -> Loss {
        Loss { rule, severity: Severity::Error, ..Loss::warning(node, message) }
    }

    pub(super) fn at(mut self, pos: Pos, span: Option<Span>) -> Loss {
        self.pos = pos;
        if let Some(span) = span {
            self.span = span;
        }
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Loss {
        self.help.push(help.into());
        self
    }

    /// As a diagnostic; `home` is the file of nodes without one.
    pub(crate) fn diagnostic(&self, home: &Arc<str>) -> Diagnostic {
        let file = self.file.clone().unwrap_or_else(|| home.clone());
        let mut d = Diagnostic::error(self.rule, file, self.message.clone());
        d.severity = self.severity;
        (d.pos, d.span) = (Some(self.pos), Some(self.span));
        d.pointer.clone_from(&self.pointer);
        d.help.clone_from(&self.help);
        d
    }
}
