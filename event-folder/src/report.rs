//! Prints diagnostics from build.rs.
//!
//! cargo shows each `cargo::error=` line by itself, so a diagnostic is a headline and one line per fact. Build scripts
//! do not return an `Err` instead, because cargo would bury its text in a backtrace.

use std::io::Write;

use event_schema::diagnostic::{Diagnostic, Severity};

use crate::problem::any_error;

/// Writes diagnostics as instructions for cargo.
///
/// # Errors
///
/// Any error of `out`.
pub fn write(out: &mut impl Write, diagnostics: &[Diagnostic]) -> std::io::Result<()> {
    for d in diagnostics {
        let key = match d.severity {
            Severity::Error => "error",
            Severity::Warning | Severity::Note => "warning",
        };
        instruction(out, key, &d.headline())?;
        for line in d.details() {
            instruction(out, key, &format!("  = {line}"))?;
        }
    }
    if any_error(diagnostics) {
        instruction(out, "error", "  = note: `cargo event check` shows the source")?;
    }
    Ok(())
}

/// Writes one instruction. Every control character becomes a space: the text may come from an untrusted schema, and a
/// line end in it would start another instruction.
///
/// # Errors
///
/// Any error of `out`.
pub fn instruction(out: &mut impl Write, key: &str, text: &str) -> std::io::Result<()> {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    writeln!(out, "cargo::{key}={text}")
}
