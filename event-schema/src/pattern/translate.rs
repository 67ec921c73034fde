//! From ECMA 262 to the syntax of the `regex` family.

use std::fmt::Write as _;

use super::groups::Groups;

/// `\s` of ECMA 262, as the inside of a class.
const SPACE: &str = r"\t\n\x0B\x0C\r \x{A0}\x{FEFF}\p{Zs}\x{2028}\x{2029}";

/// The pattern in Rust's syntax; `None` if it is not regular or not understood.
pub(crate) fn translate(pattern: &str) -> Option<String> {
    Translator::run(pattern, None)
}

/// A pattern in Rust's syntax that matches this text only.
pub(crate) fn literally(text: &str) -> String {
    let mut t = Translator { chars: Vec::new(), at: 0, out: String::new(), groups: None };
    text.chars().for_each(|c| t.literal(c));
    t.out
}

pub(super) struct Translator {
    chars: Vec<char>,
    at: usize,
    out: String,
    /// The groups so far, if the output is for the engine that supports lookaround and backreferences.
    groups: Option<Groups>,
}

/// A member of a character class.
enum Member {
    One(char),
    Set(String),
}

impl Translator {
    pub(super) fn run(pattern: &str, groups: Option<Groups>) -> Option<String> {
        let mut t =
            Translator { chars: pattern.chars().collect(), at: 0, out: String::new(), groups };
        while t.at < t.chars.len() {
            t.one()?;
        }
        Some(t.out)
    }

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
            ')' => {
                let optional = match self.peek(0) {
                    Some('*' | '?') => true,
                    Some('{') => self.peek(1) == Some('0'),
                    _ => false,
                };
                if let Some(groups) = &mut self.groups {
                    groups.close(optional);
                }
                self.out.push(')');
            }
            '|' => {
                if let Some(groups) = &mut self.groups {
                    groups.alternative();
                }
                self.out.push('|');
            }
            '^' if self.groups.is_some() => self.out.push_str(r"\A"),
            '$' if self.groups.is_some() => self.out.push_str(r"\z"),
            '{' if self.is_quantifier() => {
                self.out.push('{');
                while let Some(c) = self.next() {
                    self.out.push(c);
                    if c == '}' {
                        break;
                    }
                }
            }
            c @ ('^' | '$' | '*' | '+' | '?') => self.out.push(c),
            c => self.literal(c),
        }
        Some(())
    }

    fn literal(&mut self, c: char) {
        // writing to a string cannot fail
        let _ = write!(self.out, r"\x{{{:X}}}", u32::from(c));
    }

    fn is_quantifier(&self) -> bool {
        let rest: String = self.chars[self.at..].iter().take_while(|c| **c != '}').collect();
        let closed = self.chars.get(self.at + rest.chars().count()) == Some(&'}');
        let (min, max) = rest.split_once(',').unwrap_or((&rest, ""));
        closed && !min.is_empty() && min.bytes().chain(max.bytes()).all(|b| b.is_ascii_digit())
    }

    fn group(&mut self) -> Option<()> {
        let (opening, name) = match (self.peek(0), self.peek(1), self.peek(2)) {
            (Some('?'), Some(':'), _) => {
                self.at += 2;
                ("(?:", None)
            }
            (Some('?'), Some(kind @ ('=' | '!')), _) => {
                self.at += 2;
                (if kind == '=' { "(?=" } else { "(?!" }, None)
            }
            (Some('?'), Some('<'), Some(kind @ ('=' | '!'))) => {
                self.at += 3;
                (if kind == '=' { "(?<=" } else { "(?<!" }, None)
            }
            (Some('?'), Some('<'), Some(_)) => {
                self.at += 2;
                ("(", Some(self.name()?))
            }
            (Some('?'), ..) => return None,
            _ => ("(", None),
        };
        let looks = !matches!(opening, "(" | "(?:");
        match &mut self.groups {
            Some(groups) => groups.open(opening == "(", looks, name),
            None if looks => return None,
            None => {}
        }
        self.out.push_str(if self.groups.is_none() { "(?:" } else { opening });
        Some(())
    }

    /// A name up to `>`.
    fn name(&mut self) -> Option<String> {
        let mut name = String::new();
        loop {
            match self.next()? {
                '>' => return Some(name),
                c => name.push(c),
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        const WORD: &str = "[0-9A-Za-z_]";
        let engine = self.groups.is_some();
        match self.peek(0)? {
            'b' if !engine => {
                self.at += 1;
                self.out.push_str(r"(?-u:\b)");
            }
            c @ ('b' | 'B') if engine => {
                self.at += 1;
                let (first, second) = if c == 'b' { ('!', '=') } else { ('=', '!') };
                // writing to a string cannot fail
                let _ = write!(
                    self.out,
                    "(?:(?<={WORD})(?{first}{WORD})|(?<!{WORD})(?{second}{WORD}))"
                );
            }
            'k' if engine => {
                self.at += 1;
                if self.next()? != '<' {
                    return None;
                }
                let name = self.name()?;
                let number = self.groups.as_ref()?.named(&name)?;
                let _ = write!(self.out, r"\{number}");
            }
            '1'..='9' if engine => {
                let digits: String =
                    self.chars[self.at..].iter().take_while(|c| c.is_ascii_digit()).collect();
                self.at += digits.len();
                let number = self.groups.as_ref()?.numbered(digits.parse().ok()?)?;
                let _ = write!(self.out, r"\{number}");
            }
            'B' | 'k' | '1'..='9' => return None,
            _ => match self.escaped()? {
                Member::One(c) => self.literal(c),
                Member::Set(set) => self.out.push_str(&set),
            },
        }
        Some(())
    }

    /// The meaning of a backslash and the next character, if it is a character or a set of them.
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
