//! Prints workflow commands, which GitHub Actions shows as annotations.
//!
//! The format and its escapes are those of GitHub Docs, "Workflow commands for GitHub Actions", "Setting an error
//! message".

use std::io::{self, Write};

use event_schema::diagnostic::{Diagnostic, Severity};

/// Writes one command per diagnostic.
pub(crate) fn write(out: &mut dyn Write, diagnostics: &[Diagnostic]) -> io::Result<()> {
    for d in diagnostics {
        let command = match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        write!(out, "::{command} file={}", property(&d.file))?;
        if let Some(pos) = d.pos {
            write!(out, ",line={},col={}", pos.line, pos.column)?;
        }
        let mut text = d.message.clone();
        for line in d.details() {
            text.push('\n');
            text.push_str(&line);
        }
        writeln!(out, ",title={}::{}", property(d.rule.id), data(&text))?;
    }
    Ok(())
}

/// Escapes the text after `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use event_schema::document::Pos;

    use super::*;
    use event_schema::rules;

    #[test]
    fn text_of_a_schema_cannot_start_a_command() {
        let mut d =
            Diagnostic::error(&rules::INTERNAL, "a,b:c.json".into(), "50%\n::set-env name=A::b\r")
                .with_help("h");
        d.pos = Some(Pos { line: 3, column: 7 });
        let mut out = Vec::new();
        write(&mut out, &[d]).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "::error file=a%2Cb%3Ac.json,line=3,col=7,title=internal::50%25%0A::set-env name=A::b%0D%0Ahelp: h\n"
        );
    }
}
