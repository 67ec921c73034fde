//! Diagnostics about files, folders, locks and names. `event-schema` has the diagnostics about changes.
//!
//! A rule that is raised in several places has a function here.

use std::sync::Arc;

use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::document::{Pos, SyntaxError};
use event_schema::rules::{self, Rule};

/// An error about a file as a whole.
pub fn error(rule: &'static Rule, file: &str, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(rule, file.into(), message)
}

/// The diagnostic about a file or folder that cannot be read.
pub fn unreadable(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::UNREADABLE, file, message)
}

/// The diagnostic about a file or folder that cannot be written.
pub fn unwritable(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::UNWRITABLE, file, message)
}

/// The diagnostic about a folder without a lock.
pub fn lock_missing(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::LOCK_MISSING, file, message)
}

/// The diagnostic about a locked version whose text changed.
pub fn locked_schema_edited(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::LOCKED_SCHEMA_EDITED, file, message)
}

/// The diagnostic about a locked version whose file is missing.
pub fn locked_schema_deleted(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::LOCKED_SCHEMA_DELETED, file, message)
}

/// The diagnostic about a file whose name is not that of a schema.
pub fn bad_file_name(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::BAD_FILE_NAME, file, message)
}

/// The diagnostic about a name that an event or a registry cannot have.
pub fn bad_event_name(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::BAD_EVENT_NAME, file, message)
}

/// The diagnostic about a file that would be overwritten.
pub fn file_exists(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::FILE_EXISTS, file, message)
}

/// The diagnostic about a registry that the folder does not have, or that must be named.
pub fn unknown_registry(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::UNKNOWN_REGISTRY, file, message)
}

/// The diagnostic about a version that the lock does not list.
pub fn schema_not_locked(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::SCHEMA_NOT_LOCKED, file, message)
}

/// The diagnostic about a schema folder that is missing.
pub fn schema_folder_missing(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::SCHEMA_FOLDER_MISSING, file, message)
}

/// The diagnostic about a folder without schemas.
pub fn no_schemas(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::NO_SCHEMAS, file, message)
}

/// The diagnostic about an event that the folder does not have.
pub fn unknown_event(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::UNKNOWN_EVENT, file, message)
}

/// The diagnostic about an event that is described twice.
pub fn event_defined_twice(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::EVENT_DEFINED_TWICE, file, message)
}

/// The diagnostic about a version that the registry has and the folder does not.
pub fn registry_ahead(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::REGISTRY_AHEAD, file, message)
}

/// Adds ways out to a diagnostic.
pub fn help(mut diagnostic: Diagnostic, help: &[&str]) -> Diagnostic {
    diagnostic.help.extend(help.iter().map(|h| (*h).to_owned()));
    diagnostic
}

/// Returns whether one of the diagnostics fails the build.
pub fn any_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}

/// The error about a document that does not describe an event.
pub fn no_event(file: &Arc<str>) -> Diagnostic {
    Diagnostic::error(&rules::NO_EVENT, file.clone(), "the document does not describe an event")
}

/// The way out of a merge conflict where only one side can stay.
pub(crate) const KEEP_ONE: &str = "keep one version of these lines, and remove the markers";

/// The error about a text that is not JSON, or that contains a merge conflict.
pub fn not_a_document(shown: &str, text: &str, e: SyntaxError) -> Diagnostic {
    if let Some(conflict) = merge_conflict(shown, text) {
        return help(conflict, &[KEEP_ONE]);
    }
    let mut d = error(&rules::SCHEMA_NOT_JSON, shown, e.message);
    d.pos = Some(e.pos);
    d.span = Some(e.span);
    d
}

/// Finds the first conflict that a merge left in a text, unresolved or half resolved.
///
/// The markers of git and jj start a line with seven or more of one character (`conflict-marker-size` in git), alone or
/// before a space. One marker of `<` or `>` is enough: JSON and TOML have no such line outside of a string.
pub(crate) fn merge_conflict(shown: &str, text: &str) -> Option<Diagnostic> {
    let marker = |line: &str| {
        let sign = line.chars().next().filter(|sign| "<>=|%+".contains(*sign))?;
        let rest = line.trim_start_matches(sign);
        let signs = line.len() - rest.len();
        (signs >= 7 && (rest.is_empty() || rest.starts_with(' '))).then_some(sign)
    };
    let lines = text.lines().map(|line| line.trim_end_matches('\r'));
    let markers: Vec<(usize, char)> =
        lines.enumerate().filter_map(|(at, line)| Some((at, marker(line)?))).collect();
    let count = |sign| markers.iter().filter(|(_, other)| *other == sign).count();
    let conflicts = count('<').max(count('>'));
    if conflicts == 0 {
        return None;
    }
    let (begin, _) = *markers.first()?;
    let last = markers.iter().find(|(_, sign)| *sign == '>').or_else(|| markers.last());
    let end = last.map_or(begin, |(at, _)| *at);
    let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
    let more = if conflicts > 1 { format!(", and {} more", conflicts - 1) } else { String::new() };
    let place = if begin == end {
        format!("line {}", number(begin))
    } else {
        format!("lines {} to {}", number(begin), number(end))
    };
    let message = format!("the file has a merge conflict in {place}{more}");
    let mut d = error(&rules::MERGE_CONFLICT, shown, message);
    d.pos = Some(Pos { line: number(begin), column: 1 });
    Some(d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merge_conflict_is_found_by_its_markers() {
        let (a, b, c) = ("<".repeat(7), "=".repeat(7), ">".repeat(7));
        let text = format!("{{\n{a} HEAD\n  1\n{b}\r\n  2\n{c} topic\n}}\n");
        let d = merge_conflict("a.json", &text).map(|d| d.headline());
        assert_eq!(
            d.as_deref(),
            Some("[merge-conflict] a.json:2:1: the file has a merge conflict in lines 2 to 6")
        );
        assert!(merge_conflict("a.json", &format!("{b}\n{b}\n")).is_none());
        assert!(merge_conflict("a.json", &format!(" {a}\n {b}\n {c}\n")).is_none());
        assert!(merge_conflict("a.json", "<<<<<<\n======\n>>>>>>\n").is_none());
    }

    #[test]
    fn long_markers_and_half_resolved_conflicts_are_found() {
        let said = |text: &str| merge_conflict("a.json", text).map(|d| d.message);
        let long = format!(
            "{{\n{} ours\n1\n{}\n2\n{} theirs\n}}",
            "<".repeat(12),
            "=".repeat(12),
            ">".repeat(12)
        );
        assert_eq!(said(&long).as_deref(), Some("the file has a merge conflict in lines 2 to 6"));
        let half = format!("{{\n1\n{} topic\n}}", ">".repeat(7));
        assert_eq!(said(&half).as_deref(), Some("the file has a merge conflict in line 3"));
        let jj = format!(
            "{} Conflict 1 of 1\n{} diff\n-1\n{} side\n2\n{}",
            "<".repeat(7),
            "%".repeat(7),
            "+".repeat(7),
            ">".repeat(7)
        );
        assert_eq!(said(&jj).as_deref(), Some("the file has a merge conflict in lines 1 to 6"));
    }
}
