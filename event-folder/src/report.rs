//! Diagnostics as build.rs prints them.
//!
//! cargo shows each `cargo::error=` line by itself, so a diagnostic is one headline and one line a
//! fact. Nothing is returned as an `Err` from build.rs: cargo would bury the text in a backtrace.

use std::io::Write;

use event_schema::diagnostic::{Diagnostic, Severity};

use crate::problem::any_error;

/// Writes the instructions for cargo.
///
/// # Errors
///
/// Where `out` fails.
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

/// One instruction. A line end in the text would start another instruction: texts come from schemas
/// that others wrote, so every control character becomes a space.
///
/// # Errors
///
/// Where `out` fails.
pub fn instruction(out: &mut impl Write, key: &str, text: &str) -> std::io::Result<()> {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    writeln!(out, "cargo::{key}={text}")
}
