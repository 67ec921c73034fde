//! Writes SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), which GitHub code scanning and editors
//! read.

use std::collections::BTreeMap;
use std::fmt::Write;

use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::document::Pos;
use event_schema::rules::Rule;
use serde_json::{Value, json};

/// Returns the log of one run.
pub(crate) fn log(diagnostics: &[Diagnostic]) -> Value {
    let named: BTreeMap<&str, &Rule> = diagnostics.iter().map(|d| (d.rule.id, d.rule)).collect();
    let ids: BTreeMap<&str, usize> = named.keys().enumerate().map(|(i, id)| (*id, i)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo-event",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": named.values().map(|named| rule(named)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": diagnostics.iter().map(|d| result(d, ids[d.rule.id])).collect::<Vec<_>>(),
        }],
    })
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.why },
        "help": { "text": rule.fix },
    })
}

fn result(d: &Diagnostic, index: usize) -> Value {
    let level = match d.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut text = d.message.clone();
    for line in d.details().iter().filter(|l| !l.starts_with("note: ")) {
        text.push('\n');
        text.push_str(line);
    }
    let related: Vec<Value> = d
        .related
        .iter()
        .map(|r| {
            let mut at = location(&r.file, r.pos);
            at["message"] = json!({ "text": r.label });
            at
        })
        .collect();
    json!({
        "ruleId": d.rule.id,
        "ruleIndex": index,
        "level": level,
        "message": { "text": text },
        "locations": [location(&d.file, d.pos)],
        "relatedLocations": related,
    })
}

fn location(file: &str, pos: Option<Pos>) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(file) } });
    if let Some(pos) = pos {
        physical["region"] = json!({ "startLine": pos.line, "startColumn": pos.column });
    }
    json!({ "physicalLocation": physical })
}

/// Returns a path as a URI reference (RFC 3986): characters other than unreserved ones and `/` are percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            // writing to a string cannot fail
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}
