//! Converts diagnostics to JSON.

use event_schema::diagnostic::{Diagnostic, Related};
use event_schema::document::Pos;
use serde_json::{Value, json};

/// Returns a diagnostic as JSON. Unknown values are `null`. Lines and columns count from 1, columns in characters.
pub(crate) fn diagnostic(d: &Diagnostic) -> Value {
    json!({
        "rule": d.rule.id,
        "severity": d.severity.as_str(),
        "file": &*d.file,
        "line": line(d.pos),
        "column": column(d.pos),
        "pointer": d.pointer,
        "message": d.message,
        "was": d.was,
        "now": d.now,
        "witness": d.witness,
        "help": d.help,
        "related": d.related.iter().map(related).collect::<Vec<_>>(),
    })
}

fn related(r: &Related) -> Value {
    json!({ "file": &*r.file, "line": line(r.pos), "column": column(r.pos), "message": r.label })
}

fn line(pos: Option<Pos>) -> Option<u32> {
    pos.map(|p| p.line)
}

fn column(pos: Option<Pos>) -> Option<u32> {
    pos.map(|p| p.column)
}
