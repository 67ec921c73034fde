//! Texts of schemas in other texts.

use std::fmt::Write;

/// As text or as the value of an attribute in double quotes of HTML and SVG. Control characters, and those that turn
/// the direction of text, become a replacement character.
pub(crate) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if hidden(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// As text of Markdown with JSX: every sign that means something in either is a character reference.
pub(crate) fn mdx(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push(' '),
            c if hidden(c) => out.push('\u{fffd}'),
            c if c.is_ascii_punctuation()
                && !matches!(c, '.' | ',' | '-' | ':' | '/' | '?' | '\'') =>
            {
                // writing to a string cannot fail
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// An identifier of a page, unique for each text.
pub(crate) fn anchor(text: &str) -> String {
    let mut out = String::from("e-");
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "_{byte:02x}");
            }
        }
    }
    out
}

fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(
            html("<a href='x'>\"&\u{202e}\u{0}"),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;\u{fffd}\u{fffd}"
        );
        assert_eq!(mdx("{x} <b>*y*\nz"), "&#123;x&#125; &#60;b&#62;&#42;y&#42; z");
        assert_ne!(anchor("a b"), anchor("a_20b"));
    }
}
