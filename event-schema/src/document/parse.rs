//! Parses JSON (RFC 8259) into values with positions. A loop with its own stack: nesting does not use the
//! thread's stack.

use std::collections::HashSet;

use super::{Json, MAX_DEPTH, Member, Span, Value};

/// What is wrong, and where.
type Wrong = (String, Span);

/// An array or an object that is not closed yet.
enum Open {
    Array { start: usize, items: Vec<Json> },
    Object { start: usize, members: Vec<Member>, seen: HashSet<String>, key: (String, Span) },
}

/// Parses a text.
pub(super) fn parse(text: &str) -> Result<Json, Wrong> {
    let mut parser = Parser { text, at: 0 };
    let mut open: Vec<Open> = Vec::new();
    parser.space();
    if parser.peek().is_none() {
        return Err(("the text is empty".into(), Span::default()));
    }
    loop {
        let start = parser.at;
        let mut done = match parser.peek() {
            Some(b'{' | b'[') if open.len() >= MAX_DEPTH => {
                let message = format!("nested deeper than {MAX_DEPTH} levels");
                return Err((message, span(start, start + 1)));
            }
            Some(b'{') => {
                parser.at += 1;
                parser.space();
                if !parser.eat(b'}') {
                    let mut seen = HashSet::new();
                    let key = parser.key(&mut seen)?;
                    open.push(Open::Object { start, members: Vec::new(), seen, key });
                    continue;
                }
                Json { span: span(start, parser.at), value: Value::Object(Vec::new()) }
            }
            Some(b'[') => {
                parser.at += 1;
                parser.space();
                if !parser.eat(b']') {
                    open.push(Open::Array { start, items: Vec::new() });
                    continue;
                }
                Json { span: span(start, parser.at), value: Value::Array(Vec::new()) }
            }
            _ => parser.scalar()?,
        };
        loop {
            parser.space();
            match open.pop() {
                None if parser.peek().is_none() => return Ok(done),
                None => return Err(parser.unexpected("the end of the text")),
                Some(Open::Array { start, mut items }) => {
                    items.push(done);
                    if parser.eat(b']') {
                        done = Json { span: span(start, parser.at), value: Value::Array(items) };
                        continue;
                    }
                    parser.comma("`,` or `]`")?;
                    open.push(Open::Array { start, items });
                }
                Some(Open::Object { start, mut members, mut seen, key: (key, key_span) }) => {
                    members.push(Member { key, key_span, value: done });
                    if parser.eat(b'}') {
                        done = Json { span: span(start, parser.at), value: Value::Object(members) };
                        continue;
                    }
                    parser.comma("`,` or `}`")?;
                    let key = parser.key(&mut seen)?;
                    open.push(Open::Object { start, members, seen, key });
                }
            }
            break;
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

fn span(start: usize, end: usize) -> Span {
    let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span { start: clamp(start), end: clamp(end) }
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn comma(&mut self, expected: &str) -> Result<(), Wrong> {
        if !self.eat(b',') {
            return Err(self.unexpected(expected));
        }
        self.space();
        Ok(())
    }

    /// The error for the current position.
    fn unexpected(&self, expected: &str) -> Wrong {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let (found, place) = match rest.chars().next() {
            Some(c) if c.is_control() => ("a control character".to_owned(), self.at..self.at + 1),
            Some(c) => (format!("`{c}`"), self.at..self.at + c.len_utf8()),
            None => {
                // the last character, so that the position has a line
                let written = self.text.trim_end();
                let last = written.chars().next_back().map_or(0, char::len_utf8);
                ("the end of the text".to_owned(), written.len() - last..written.len())
            }
        };
        (format!("not JSON: expected {expected}, found {found}"), span(place.start, place.end))
    }

    /// A new key and its colon.
    fn key(&mut self, seen: &mut HashSet<String>) -> Result<(String, Span), Wrong> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let key = self.string()?;
        let place = span(start, self.at);
        if !seen.insert(key.clone()) {
            return Err((format!("duplicate key `{key}`"), place));
        }
        self.space();
        if !self.eat(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.space();
        Ok((key, place))
    }

    fn scalar(&mut self) -> Result<Json, Wrong> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Value::Number(self.number()?),
            _ => {
                let words = [
                    ("true", Value::Bool(true)),
                    ("false", Value::Bool(false)),
                    ("null", Value::Null),
                ];
                let rest = &self.text[self.at..];
                let found = words.into_iter().find(|(word, _)| {
                    let after = rest.strip_prefix(word).map(|r| r.chars().next());
                    after.is_some_and(|c| !c.is_some_and(char::is_alphanumeric))
                });
                let Some((word, value)) = found else {
                    return Err(self.unexpected("a value"));
                };
                self.at += word.len();
                value
            }
        };
        Ok(Json { span: span(start, self.at), value })
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at > start
    }

    fn number(&mut self) -> Result<String, Wrong> {
        let start = self.at;
        self.eat(b'-');
        let zero = self.eat(b'0');
        let whole = zero || self.digits();
        let fraction = !self.eat(b'.') || self.digits();
        let exponent = if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()
        } else {
            true
        };
        let ends =
            !matches!(self.peek(), Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'_'));
        let text = &self.text[start..self.at];
        // a number that serde_json rejects cannot be a value of an event
        let readable = serde_json::from_str::<serde_json::Number>(text).is_ok();
        if whole && fraction && exponent && ends && readable {
            return Ok(text.to_owned());
        }
        while matches!(self.peek(), Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'_')) {
            self.at += 1;
        }
        let text = &self.text[start..self.at];
        Err((format!("not JSON: `{text}` is not a number"), span(start, self.at)))
    }

    /// A string, including its quotes.
    fn string(&mut self) -> Result<String, Wrong> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let from = self.at;
            while self.peek().is_some_and(|b| b != b'"' && b != b'\\' && b >= 0x20) {
                self.at += 1;
            }
            out.push_str(&self.text[from..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(_) => {
                    let message =
                        "not JSON: a string contains a control character, which must be escaped";
                    return Err((message.into(), span(self.at, self.at + 1)));
                }
                None => {
                    let message = "not JSON: a string has no closing quote";
                    return Err((message.into(), span(start, self.at)));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Wrong> {
        let start = self.at;
        self.at += 1;
        let c = self.peek();
        self.at += usize::from(c.is_some_and(|b| b.is_ascii()));
        let found = match c {
            Some(c @ (b'"' | b'\\' | b'/')) => Some(char::from(c)),
            Some(b'b') => Some('\u{8}'),
            Some(b'f') => Some('\u{C}'),
            Some(b'n') => Some('\n'),
            Some(b'r') => Some('\r'),
            Some(b't') => Some('\t'),
            Some(b'u') => self.unicode(),
            _ => None,
        };
        found.ok_or_else(|| {
            let text = self.text.get(start..self.at).unwrap_or("\\");
            (format!("not JSON: `{text}` is not an escape"), span(start, self.at))
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        let code = digits.bytes().all(|b| b.is_ascii_hexdigit());
        let code = code.then(|| u32::from_str_radix(digits, 16).ok()).flatten()?;
        self.at += 4;
        Some(code)
    }

    fn unicode(&mut self) -> Option<char> {
        let high = self.hex()?;
        if !(0xD800..0xDC00).contains(&high) {
            return char::from_u32(high);
        }
        if !self.text[self.at..].starts_with("\\u") {
            return None;
        }
        self.at += 2;
        let low = self.hex()?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
        char::from_u32(0x10000 + ((high - 0xD800) << 10) + low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_serde_json_reads_them() {
        for text in [
            "{}",
            "[]",
            " [1, 2.5e3, -0, 1E-2] ",
            r#"{"a":{"b":[true,false,null]},"c":""}"#,
            r#""\u00e9\ud83d\ude00\n\/\"""#,
            "\"é\u{1F600}\"",
            "1.0",
            "[[[]]]",
            "{\"\":0}",
            "nul",
            "truex",
            "01",
            "1.",
            ".5",
            "-",
            "1e",
            "+1",
            "[1,]",
            "{\"a\":1,}",
            "[1 2]",
            "{a:1}",
            "{\"a\" 1}",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\\udc00\"",
            "\"\\ud800\\u0041\"",
            "\"a",
            "\"\t\"",
            "[",
            "{",
            "{\"a\"",
            "1 2",
            "'a'",
            "// a\n1",
            "1e999",
            "NaN",
            "\u{feff}1",
            "[1]]",
            "\"\\",
            "\"\\é\"",
        ] {
            let theirs = serde_json::from_str::<serde_json::Value>(text);
            let ours = parse(text);
            assert_eq!(ours.is_ok(), theirs.is_ok(), "{text}: {ours:?} {theirs:?}");
            if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
                assert_eq!(ours.to_value(), theirs, "{text}");
            }
        }
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = r#" {"a": [1, "b"]} "#;
        let json = parse(text).unwrap();
        let at = |s: Span| &text[s.start as usize..s.end as usize];
        assert_eq!(at(json.span), r#"{"a": [1, "b"]}"#);
        let member = json.member("a").unwrap();
        assert_eq!((at(member.key_span), at(member.value.span)), (r#""a""#, r#"[1, "b"]"#));
        assert_eq!(at(member.value.as_array().unwrap()[1].span), r#""b""#);
        let (message, place) = parse("[1, x]").unwrap_err();
        assert_eq!((message.as_str(), place.start), ("not JSON: expected a value, found `x`", 4));
        let (message, _) = parse(r#"{"a": 1, "a": 2}"#).unwrap_err();
        assert_eq!(message, "duplicate key `a`");
    }

    #[test]
    fn nesting_is_bounded_and_costs_no_stack() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        let (message, _) = parse(&nested(MAX_DEPTH + 1)).unwrap_err();
        assert_eq!(message, format!("nested deeper than {MAX_DEPTH} levels"));
        assert!(parse(&"[".repeat(1_000_000)).is_err());
    }
}
