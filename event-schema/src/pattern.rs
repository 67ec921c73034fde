//! `pattern`: ECMA 262 regular expressions, as far as they are regular, in the syntax of the `regex`
//! family.
//!
//! Lookaround and backreferences have no automaton: such a pattern is no [`Matcher`], and whoever asks
//! gets no answer instead of a wrong one.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::rc::Rc;

use regex_automata::meta;
use regex_automata::util::syntax;

/// Largest compiled automaton, in bytes: patterns made to explode are refused instead of built.
const NFA_BYTES: usize = 4 << 20;

/// What `\s` means in ECMA 262, as the inside of a class.
const SPACE: &str = r"\t\n\x0B\x0C\r \x{A0}\x{FEFF}\p{Zs}\x{2028}\x{2029}";

/// A compiled pattern.
pub(crate) type Matcher = meta::Regex;

/// Deepest nesting of groups that is looked at.
const MAX_GROUPS: usize = 100;

/// What is wrong with a pattern that no reading of ECMA 262 takes: neither that of the flag `u`, which JSON Schema
/// recommends, nor that without it, which most patterns are written for. `None` where it is a pattern, or where it
/// is too large to say.
pub(crate) fn syntax_error(pattern: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "^$.-_ :/,".contains(c);
    if pattern.chars().all(plain) || pattern.matches('(').count() > MAX_GROUPS {
        return None;
    }
    let error = |flags: &str| regress::Regex::with_flags(pattern, flags).err().map(|e| e.text);
    let without = error("")?;
    error("u").map(|_| without)
}

/// Compiled patterns by their source.
#[derive(Debug, Default)]
pub(crate) struct Matchers(RefCell<HashMap<String, Option<Rc<Matcher>>>>);

impl Matchers {
    /// Whether the pattern matches somewhere in the text; `None` where it can't be compiled.
    pub(crate) fn matches(&self, pattern: &str, text: &str) -> Option<bool> {
        if let Some(known) = self.0.borrow().get(pattern) {
            return known.as_ref().map(|m| m.is_match(text));
        }
        let matcher = compile(pattern).map(Rc::new);
        let answer = matcher.as_ref().map(|m| m.is_match(text));
        self.0.borrow_mut().insert(pattern.to_owned(), matcher);
        answer
    }
}

fn compile(pattern: &str) -> Option<Matcher> {
    let source = translate(pattern)?;
    meta::Regex::builder()
        // Strings of events are short: what is quick to build is quick enough to run.
        .configure(
            meta::Config::new()
                .nfa_size_limit(Some(NFA_BYTES))
                .auto_prefilter(false)
                .onepass(false)
                .hybrid(false)
                .dfa(false),
        )
        .syntax(syntax::Config::new().nest_limit(100))
        .build(&source)
        .ok()
}

/// The pattern in Rust's syntax; `None` where it isn't regular or isn't understood.
pub(crate) fn translate(pattern: &str) -> Option<String> {
    let mut t = Translator { chars: pattern.chars().collect(), at: 0, out: String::new() };
    while t.at < t.chars.len() {
        t.one()?;
    }
    Some(t.out)
}

/// A pattern in Rust's syntax that matches this text only.
pub(crate) fn literally(text: &str) -> String {
    let mut t = Translator { chars: Vec::new(), at: 0, out: String::new() };
    text.chars().for_each(|c| t.literal(c));
    t.out
}

struct Translator {
    chars: Vec<char>,
    at: usize,
    out: String,
}

/// A member of a character class.
enum Member {
    One(char),
    Set(String),
}

impl Translator {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        Some(c)
    }

    fn one(&mut self) -> Option<()> {
        match self.next()? {
            '\\' => self.escape()?,
            '.' => self.out.push_str(r"[^\n\r\x{2028}\x{2029}]"),
            '[' => self.class()?,
            '(' => self.group()?,
            '{' if self.is_quantifier() => {
                self.out.push('{');
                while let Some(c) = self.next() {
                    self.out.push(c);
                    if c == '}' {
                        break;
                    }
                }
            }
            c @ ('^' | '$' | '|' | ')' | '*' | '+' | '?') => self.out.push(c),
            c => self.literal(c),
        }
        Some(())
    }

    fn literal(&mut self, c: char) {
        // Writing to a string can't fail.
        let _ = write!(self.out, r"\x{{{:X}}}", u32::from(c));
    }

    fn is_quantifier(&self) -> bool {
        let rest: String = self.chars[self.at..].iter().take_while(|c| **c != '}').collect();
        let closed = self.chars.get(self.at + rest.chars().count()) == Some(&'}');
        let (min, max) = rest.split_once(',').unwrap_or((&rest, ""));
        closed && !min.is_empty() && min.bytes().chain(max.bytes()).all(|b| b.is_ascii_digit())
    }

    fn group(&mut self) -> Option<()> {
        if self.peek(0) != Some('?') {
            self.out.push_str("(?:");
            return Some(());
        }
        match (self.peek(1)?, self.peek(2)) {
            (':', _) => self.at += 2,
            ('<', Some(c)) if c != '=' && c != '!' => while self.next()? != '>' {},
            _ => return None,
        }
        self.out.push_str("(?:");
        Some(())
    }

    fn escape(&mut self) -> Option<()> {
        match self.peek(0)? {
            'b' => {
                self.at += 1;
                self.out.push_str(r"(?-u:\b)");
            }
            'B' | 'k' | '1'..='9' => return None,
            _ => match self.escaped()? {
                Member::One(c) => self.literal(c),
                Member::Set(set) => self.out.push_str(&set),
            },
        }
        Some(())
    }

    /// What stands after a backslash and means one character, or a set of them.
    fn escaped(&mut self) -> Option<Member> {
        let c = self.next()?;
        Some(match c {
            'd' => Member::Set("[0-9]".into()),
            'D' => Member::Set("[^0-9]".into()),
            'w' => Member::Set("[0-9A-Za-z_]".into()),
            'W' => Member::Set("[^0-9A-Za-z_]".into()),
            's' => Member::Set(format!("[{SPACE}]")),
            'S' => Member::Set(format!("[^{SPACE}]")),
            'p' | 'P' => {
                let mut set = format!("\\{c}");
                if self.peek(0) != Some('{') {
                    return None;
                }
                while let Some(c) = self.next() {
                    set.push(c);
                    if c == '}' {
                        break;
                    }
                }
                Member::Set(set)
            }
            't' => Member::One('\t'),
            'n' => Member::One('\n'),
            'r' => Member::One('\r'),
            'f' => Member::One('\u{C}'),
            'v' => Member::One('\u{B}'),
            '0' => Member::One('\0'),
            'c' => {
                let letter = self.next().filter(char::is_ascii_alphabetic)?;
                Member::One(char::from(letter as u8 % 32))
            }
            'x' => Member::One(char::from_u32(self.hex(2)?)?),
            'u' => Member::One(self.unicode()?),
            c => Member::One(c),
        })
    }

    fn hex(&mut self, digits: usize) -> Option<u32> {
        let text: String = self.chars.get(self.at..self.at + digits)?.iter().collect();
        self.at += digits;
        u32::from_str_radix(&text, 16).ok()
    }

    fn unicode(&mut self) -> Option<char> {
        if self.peek(0) == Some('{') {
            self.at += 1;
            let mut text = String::new();
            loop {
                match self.next()? {
                    '}' => break,
                    c => text.push(c),
                }
            }
            return char::from_u32(u32::from_str_radix(&text, 16).ok()?);
        }
        let high = self.hex(4)?;
        if !(0xD800..0xDC00).contains(&high) {
            return char::from_u32(high);
        }
        if (self.next()?, self.next()?) != ('\\', 'u') {
            return None;
        }
        let low = self.hex(4)?.checked_sub(0xDC00)?;
        char::from_u32(0x10000 + ((high - 0xD800) << 10) + low)
    }

    fn class(&mut self) -> Option<()> {
        let negated = self.peek(0) == Some('^');
        if negated {
            self.at += 1;
        }
        if self.peek(0) == Some(']') {
            self.at += 1;
            self.out.push_str(if negated { "(?s:.)" } else { "[a&&b]" });
            return Some(());
        }
        self.out.push_str(if negated { "[^" } else { "[" });
        loop {
            if self.peek(0)? == ']' {
                self.at += 1;
                self.out.push(']');
                return Some(());
            }
            let member = self.member()?;
            let range = self.peek(0) == Some('-') && self.peek(1).is_some_and(|c| c != ']');
            match member {
                Member::One(low) if range => {
                    self.at += 1;
                    match self.member()? {
                        Member::One(high) => {
                            self.literal(low);
                            self.out.push('-');
                            self.literal(high);
                        }
                        Member::Set(set) => {
                            self.literal(low);
                            self.literal('-');
                            self.out.push_str(&set);
                        }
                    }
                }
                Member::One(c) => self.literal(c),
                Member::Set(set) => self.out.push_str(&set),
            }
        }
    }

    fn member(&mut self) -> Option<Member> {
        match self.next()? {
            '\\' if self.peek(0) == Some('b') => {
                self.at += 1;
                Some(Member::One('\u{8}'))
            }
            '\\' => self.escaped(),
            c => Some(Member::One(c)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let matchers = Matchers::default();
        for text in yes {
            assert_eq!(matchers.matches(pattern, text), Some(true), "{pattern} {text:?}");
        }
        for text in no {
            assert_eq!(matchers.matches(pattern, text), Some(false), "{pattern} {text:?}");
        }
    }

    #[test]
    fn patterns_mean_what_ecma_says() {
        check(r"^\d+$", &["12"], &["", "१२", "12\n"]);
        check(r"^\w$", &["a", "_"], &["é", "-"]);
        check(r"^\S$", &["a"], &["\u{FEFF}", "\u{2003}"]);
        check(r"^a.b$", &["a-b"], &["a\rb", "a\nb"]);
        check(r"^[\w.-]+$", &["a.-b"], &["a b"]);
        check(r"^[a-]$", &["a", "-"], &["b"]);
        check(r"^[[&&~~]$", &["[", "&", "~"], &["x"]);
        check(r"^x{,2}{1}$", &["x{,2}"], &["xx"]);
        check(r"^\cC\u0041\ud83d\udc32\/\a$", &["\u{3}A🐲/a"], &["A"]);
        check(r"^(?<year>\d{4})-(?:a|b)$", &["2024-b"], &["2024-c"]);
        check(r"^[^]$", &["\n"], &[""]);
        check("[]", &[], &["", "a"]);
    }

    #[test]
    fn what_is_not_regular_has_no_answer() {
        for pattern in [r"^(?=x)x$", r"(a)\1", "(?!a)", r"(?<=a)b", r"\B", "(", r"[b-a]"] {
            assert_eq!(Matchers::default().matches(pattern, "x"), None, "{pattern}");
        }
        let exploding = "((a{1,99}){1,99}){1,99}";
        assert_eq!(Matchers::default().matches(exploding, "a"), None);
    }
}
