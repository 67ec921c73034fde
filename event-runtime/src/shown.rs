//! What came from outside, as it may stand in a log line or an attribute: one line, of bounded length,
//! without control characters.
//!
//! Everything that an event brings goes through here on its way into a diagnostic. Its payload does not
//! get there at all: what serde says of a value is cut down to [`misfit`].

use std::fmt::Write;

/// Bytes of one shown text, about.
const MAX_BYTES: usize = 1024;

/// The text in one line: control characters and those that reorder or hide text are escaped, and what is
/// beyond the limit is cut.
pub fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX_BYTES));
    for c in text.chars() {
        if out.len() >= MAX_BYTES {
            out.push('…');
            break;
        }
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || is_invisible(c) => {
                // A `String` takes whatever is written.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Separators of lines, marks of direction, and characters without width: they make a line look like
/// another one. Source: Unicode Standard Annex #9, "Directional Formatting Characters".
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// What serde says of a value that does not fit, without the value.
pub fn misfit(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if !error.is_data() {
        // The reader's own words, about bytes and places.
        return shown(&text);
    }
    let expected = || text.rfind(", expected ").map_or("", |at| &text[at..]);
    let place = || text.rfind(" at line ").map_or("", |at| &text[at..]);
    for (prefix, quotes) in [("invalid type: ", ['"', '`']), ("invalid value: ", ['"', '`'])] {
        if let Some(found) = text.strip_prefix(prefix) {
            let end = found.find(quotes).or_else(|| found.find(',')).unwrap_or(0);
            return shown(&format!("{prefix}{}{}", found[..end].trim_end(), expected()));
        }
    }
    if text.starts_with("unknown variant ") {
        return shown(&format!("unknown variant{}", expected()));
    }
    let named = ["missing field `", "unknown field `", "duplicate field `", "invalid length "];
    if named.iter().any(|prefix| text.starts_with(prefix))
        || text.starts_with("data did not match any variant of untagged enum ")
    {
        return shown(&text);
    }
    // The words of a type of its own may quote what they are about.
    shown(&format!("the value is not valid for its type{}", place()))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn shown_text_is_one_bounded_line() {
        let hostile = "x\n2026 ERROR forged\u{1b}[31m\r\u{202e}\u{2028}\u{85}\u{feff}\0é";
        let line = shown(hostile);
        assert_eq!(
            line,
            "x\\n2026 ERROR forged\\u{1b}[31m\\r\\u{202e}\\u{2028}\\u{85}\\u{feff}\\u{0}é"
        );
        assert!(shown(&"é\n".repeat(1_000_000)).len() < MAX_BYTES + 16);
    }

    #[test]
    fn misfit_names_types_and_fields_but_no_value() {
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "lowercase", deny_unknown_fields)]
        enum Kind {
            #[expect(dead_code, reason = "only read")]
            Open { at: u8 },
        }
        fn said<T: for<'de> Deserialize<'de> + std::fmt::Debug>(json: &str) -> String {
            misfit(&serde_json::from_str::<T>(json).unwrap_err())
        }
        for (said, expected) in [
            (
                said::<u8>(r#""SECRET, expected \"x\" at line 7""#),
                "invalid type: string, expected u8 at line 1 column 34",
            ),
            (said::<u8>("777"), "invalid value: integer, expected u8 at line 1 column 3"),
            (said::<u8>("null"), "invalid type: null, expected u8 at line 1 column 4"),
            (said::<u8>(r#"["SECRET"]"#), "invalid type: sequence, expected u8 at line 1 column 0"),
            (said::<Kind>(r#""SECRET""#), "unknown variant, expected `open` at line 1 column 8"),
            (said::<Kind>(r#"{"open":{}}"#), "missing field `at` at line 1 column 10"),
            (
                said::<std::net::IpAddr>(r#""SECRET""#),
                "the value is not valid for its type at line 1 column 8",
            ),
        ] {
            assert_eq!(said, expected);
        }
    }
}
