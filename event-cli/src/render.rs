//! Draws diagnostics for people in rustc's style, with rustc's renderer.
//!
//! ```text
//! error[enum-value-added]: `status` gained `archived`; 2.0 readers have a closed enum
//!   --> schemas/app-core/proposal.published/2.1.json:14:22
//!    |
//! 14 |         "status": { "enum": ["draft", "published", "archived"] }
//!    |                     ^^^^^^
//!    |
//!    = note: was: "draft" | "published"
//!    = note: now: "draft" | "published" | "archived"
//! ```
//!
//! Everything is drawn in colour; the stream removes colours if it is not a terminal.

use std::ops::Range;

use annotate_snippets::{
    AnnotationKind, Element, Group, Level, Origin, Padding, Renderer, Snippet,
    normalize_untrusted_str,
};
use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::document::{Pos, Span};

use crate::layout::lines;
use crate::sources::Sources;

/// The largest number of bytes of a line before the marked part. The renderer cuts long lines to the terminal, and a
/// schema on one line may have megabytes.
const BEFORE: usize = 64 * 1024;

/// The largest number of columns before the text of a note: the line numbers, `= note: `, and two spaces.
const NOTE: usize = 15;

/// The largest number of bytes of the marked part and what follows.
const AFTER: usize = 400;

/// Draws one diagnostic to the width of a terminal, with a line end.
pub(crate) fn diagnostic(d: &Diagnostic, sources: &Sources, width: Option<usize>) -> String {
    let room = width.map(|w| w.saturating_sub(NOTE));
    // the renderer indents the lines
    let line = |text: &str| lines(&clean(text), room).join("\n");
    let mut first = Group::with_title(level(d.severity).primary_title(&*d.message).id(d.rule.id))
        .elements(place(&d.file, d.pos, d.span, sources));
    let facts: Vec<_> = [("was", &d.was), ("now", &d.now), ("witness", &d.witness)]
        .into_iter()
        .filter_map(|(name, fact)| fact.as_ref().map(|f| line(&format!("{name}: {f}"))))
        .collect();
    if d.pos.is_none() && !facts.is_empty() {
        first = first.element(Padding);
    }
    let mut groups = vec![first.elements(facts.into_iter().map(|f| Level::NOTE.message(f)))];
    groups.extend(d.related.iter().map(|r| {
        Group::with_title(Level::NOTE.secondary_title(clean(&r.label)))
            .elements(place(&r.file, r.pos, r.span, sources))
    }));
    // the way out comes last, because the reader needs it next
    let apart = !d.related.is_empty() || d.was.is_none() && d.now.is_none() && d.witness.is_none();
    if let Some(last) = groups.pop() {
        let help = d.help.iter().map(|h| Level::HELP.message(line(h)));
        let last = if apart && !d.help.is_empty() { last.element(Padding) } else { last };
        groups.push(last.elements(help));
    }
    let mut renderer = Renderer::styled().hyperlink(false);
    if let Some(width) = width {
        renderer = renderer.term_width(width);
    }
    let mut text = renderer.render(&groups);
    text.push('\n');
    text
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

/// Makes untrusted text safe for a terminal: names and texts from schemas, events and folders may contain escape
/// sequences, of which only the letters are kept.
pub(crate) fn clean(text: &str) -> String {
    normalize_untrusted_str(&text.replace('\n', " "))
}

/// Returns `--> file:line:column`, and the line itself if its text is known; nothing without a file.
fn place(
    file: &str,
    at: Option<Pos>,
    span: Option<Span>,
    sources: &Sources,
) -> Option<Element<'static>> {
    if file.is_empty() {
        return None;
    }
    let shown = clean(file);
    let Some(at) = at else { return Some(Origin::path(shown).into()) };
    let line = at.line as usize;
    Some(match span.and_then(|span| excerpt(&sources.get(file)?, span)) {
        Some((text, marked)) => Snippet::source(text)
            .line_start(line)
            .path(shown)
            .annotation(AnnotationKind::Primary.span(marked))
            .into(),
        None => Origin::path(shown).line(line).char_column(at.column as usize).into(),
    })
}

/// Returns the line where a span starts, and the span within it. The rest of a value of several lines is cut.
fn excerpt(text: &str, span: Span) -> Option<(String, Range<usize>)> {
    let (start, end) = (span.start as usize, span.end as usize);
    let rest = text.get(start..)?;
    let line_start = text[..start].rfind('\n').map_or(0, |n| n + 1);
    if start - line_start > BEFORE {
        return None;
    }
    let line_end = rest.find(['\n', '\r']).map_or(text.len(), |n| start + n);
    let marked_end = text.floor_char_boundary(end.clamp(start, line_end.min(start + AFTER)));
    let shown_end = text.floor_char_boundary(line_end.min(marked_end + AFTER));
    let line = text[line_start..shown_end].to_owned();
    Some((line, start - line_start..marked_end - line_start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use event_schema::diagnostic::Related;
    use event_schema::document::Document;
    use event_schema::rules;

    const OLD: &str = "{\n  \"type\": \"string\",\n  \"enum\": [\"draft\", \"published\"]\n}\n";
    const NEW: &str = "{\n  \"type\": \"string\",\n  \"enum\": [\n    \"draft\",\n    \"published\",\n    \"archived\"\n  ]\n}\n";

    fn plain(d: &Diagnostic, sources: &Sources) -> String {
        anstream::adapter::strip_str(&diagnostic(d, sources, None)).to_string()
    }

    fn example() -> (Diagnostic, Sources) {
        let (old, new) =
            (Document::parse("2.0.json", OLD).unwrap(), Document::parse("2.1.json", NEW).unwrap());
        let mut sources = Sources::default();
        sources.insert("2.0.json", OLD.into());
        sources.insert("2.1.json", NEW.into());
        let at = new.root.pointer("/enum/2").unwrap().span;
        let mut d = Diagnostic::at(
            &rules::ENUM_VALUE_ADDED,
            &new,
            at,
            "/enum",
            "`status` gained `archived`; 2.0 readers have a closed enum",
        )
        .with_help("publish it as 3.0");
        d.was = Some("\"draft\" | \"published\"".to_owned());
        d.witness = Some("{\"status\":\"archived\"}".to_owned());
        let before = old.root.get("enum").unwrap().span;
        d.related.push(Related {
            file: "2.0.json".into(),
            span: Some(before),
            pos: Some(old.pos(before)),
            label: "2.0 says".to_owned(),
        });
        (d, sources)
    }

    #[test]
    fn diagnostic_looks_like_rustc() {
        let (d, sources) = example();
        let expected = "\
error[enum-value-added]: `status` gained `archived`; 2.0 readers have a closed enum
 --> 2.1.json:6:5
  |
6 |     \"archived\"
  |     ^^^^^^^^^^
  |
  = note: was: \"draft\" | \"published\"
  = note: witness: {\"status\":\"archived\"}
note: 2.0 says
 --> 2.0.json:3:11
  |
3 |   \"enum\": [\"draft\", \"published\"]
  |           ^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: publish it as 3.0
";
        assert_eq!(plain(&d, &sources), expected);
    }

    #[test]
    fn value_of_several_lines_shows_the_first() {
        let new = Document::parse("a.json", NEW).unwrap();
        let mut sources = Sources::default();
        sources.insert("a.json", NEW.into());
        let d = Diagnostic::at(
            &rules::INTERNAL,
            &new,
            new.root.get("enum").unwrap().span,
            "/enum",
            "m",
        );
        let expected =
            "error[internal]: m\n --> a.json:3:11\n  |\n3 |   \"enum\": [\n  |           ^\n";
        assert_eq!(plain(&d, &sources), expected);
    }

    #[test]
    fn place_without_text_and_file_without_place_are_drawn() {
        let (mut d, _) = example();
        d.related.clear();
        let text = plain(&d, &Sources::default());
        assert!(text.contains("--> 2.1.json:6:5\n"), "{text}");
        assert!(!text.contains("6 |"), "{text}");
        let d = Diagnostic::error(&rules::LOCK_MISSING, "schemas.lock".into(), "not locked");
        let text = plain(&d.with_help("run it"), &Sources::default());
        assert_eq!(
            text,
            "error[lock-missing]: not locked\n--> schemas.lock\n |\n = help: run it\n"
        );
    }

    #[test]
    fn escape_sequences_of_a_schema_are_text() {
        let d = Diagnostic::error(&rules::INTERNAL, "a\u{1b}[31m.json".into(), "m\u{1b}[2J")
            .with_help("h\u{1b}]0;t\u{7}\nb");
        let text = diagnostic(&d, &Sources::default(), None);
        assert!(
            !text.contains("\u{1b}[2J")
                && !text.contains("\u{1b}]0")
                && !text.contains("\u{1b}[31m")
        );
        assert!(!text.contains('\u{7}'));
    }

    #[test]
    fn any_span_of_any_text_is_drawn_or_left_out() {
        let text = "{\"ä\":\r\n\t\"\u{1f600}\"}";
        let mut sources = Sources::default();
        sources.insert("a", text.into());
        let size = u32::try_from(text.len()).unwrap() + 3;
        for start in 0..size {
            for end in 0..size {
                let mut d = Diagnostic::error(&rules::INTERNAL, "a".into(), "m");
                d.span = Some(Span { start, end });
                d.pos = Some(Pos { line: 1, column: 1 });
                assert!(plain(&d, &sources).contains("--> a:"));
            }
        }
    }

    #[test]
    fn long_line_is_cut_around_the_mark() {
        let text = format!("{}\"here\"{}", " ".repeat(30_000), "x".repeat(5_000_000));
        let mut sources = Sources::default();
        sources.insert("a", text.as_str().into());
        let mut d = Diagnostic::error(&rules::INTERNAL, "a".into(), "m");
        d.span = Some(Span { start: 30_000, end: 30_006 });
        d.pos = Some(Pos { line: 1, column: 30_001 });
        let drawn = plain(&d, &sources);
        assert!(drawn.contains("--> a:1:30001") && drawn.contains("^^^^^^"), "{drawn}");
        assert!(drawn.len() < 2_000, "{}", drawn.len());
    }
}
