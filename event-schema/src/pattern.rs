//! `pattern`: ECMA 262 regular expressions in the syntax of the `regex` family.
//!
//! What is regular has an automaton, and matches in linear time. Lookaround and backreferences have none: they
//! are matched by backtracking, with a bound on its steps, as far as the engine means the same by them as ECMA 262
//! does. Where it does not, or gives up, there is no answer instead of a wrong one.

mod conjuncts;
mod groups;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::rc::Rc;

use regex_automata::meta;
use regex_automata::util::syntax;

pub(crate) use self::conjuncts::conjuncts;
use self::groups::Groups;
use crate::model::{NodeId, Schema};
use crate::tag::{self, Tagged};

/// Largest compiled automaton, in bytes: patterns made to explode are refused instead of built.
const NFA_BYTES: usize = 4 << 20;

/// What `\s` means in ECMA 262, as the inside of a class.
const SPACE: &str = r"\t\n\x0B\x0C\r \x{A0}\x{FEFF}\p{Zs}\x{2028}\x{2029}";

/// Most steps back that a match may take.
const MAX_BACKTRACKS: usize = 200_000;

/// Bytes of a text that take as long to match as a node takes to be looked at.
const BYTES: u64 = 16;

/// A compiled pattern.
#[derive(Debug)]
enum Matcher {
    Regular(meta::Regex),
    Backtracking(fancy_regex::Regex),
}

impl Matcher {
    fn matches(&self, text: &str) -> Option<bool> {
        match self {
            Matcher::Regular(regex) => Some(regex.is_match(text)),
            Matcher::Backtracking(regex) => regex.is_match(text).ok(),
        }
    }
}

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

/// The children of a base with their tags.
type Children = Rc<Vec<(String, NodeId)>>;

/// Compiled patterns by their source.
#[derive(Debug, Default)]
pub(crate) struct Matchers {
    known: RefCell<HashMap<String, Option<Rc<Matcher>>>>,
    /// How many more nodes may be looked at, where that is bounded.
    steps: Cell<Option<u64>>,
    /// The children of bases, by their schema.
    children: RefCell<HashMap<(usize, NodeId), Children>>,
    /// How the branches of unions are told apart, by their schema.
    tags: RefCell<HashMap<(usize, NodeId), Option<Rc<Tagged>>>>,
}

impl Matchers {
    /// For one instance, of which no more than so many nodes are looked at.
    pub(crate) fn bounded(steps: u64) -> Matchers {
        Matchers { steps: Cell::new(Some(steps)), ..Matchers::default() }
    }

    /// The children of a base with a discriminator.
    pub(crate) fn children(&self, schema: &Schema, base: NodeId) -> Children {
        let key = (std::ptr::from_ref(schema) as usize, base);
        let mut known = self.children.borrow_mut();
        let found = known.entry(key).or_insert_with(|| Rc::new(tag::children(schema, base)));
        Rc::clone(found)
    }

    /// How the branches of a union are told apart, where they are.
    pub(crate) fn tagged(&self, schema: &Schema, union: NodeId) -> Option<Rc<Tagged>> {
        let key = (std::ptr::from_ref(schema) as usize, union);
        let mut known = self.tags.borrow_mut();
        known.entry(key).or_insert_with(|| tag::of(schema, union).map(Rc::new)).clone()
    }

    /// Lets so many more nodes be looked at; tells how many were left.
    pub(crate) fn allow(&self, steps: u64) -> u64 {
        self.steps.replace(Some(steps)).unwrap_or(0)
    }

    /// Counts nodes, or what takes as long.
    pub(crate) fn spend(&self, nodes: u64) {
        self.steps.set(self.steps.get().map(|left| left.saturating_sub(nodes)));
    }

    /// Whether no more may be looked at.
    pub(crate) fn is_spent(&self) -> bool {
        self.steps.get() == Some(0)
    }

    /// Whether the pattern matches somewhere in the text; `None` where that cannot be judged.
    pub(crate) fn matches(&self, pattern: &str, text: &str) -> Option<bool> {
        self.spend(1 + text.len() as u64 / BYTES);
        if let Some(known) = self.known.borrow().get(pattern) {
            return known.as_ref()?.matches(text);
        }
        let matcher = compile(pattern).map(Rc::new);
        let answer = matcher.as_ref().and_then(|m| m.matches(text));
        self.known.borrow_mut().insert(pattern.to_owned(), matcher);
        answer
    }
}

fn compile(pattern: &str) -> Option<Matcher> {
    let Some(source) = translate(pattern) else {
        return backtracking(pattern).map(Matcher::Backtracking);
    };
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
        .map(Matcher::Regular)
}

fn backtracking(pattern: &str) -> Option<fancy_regex::Regex> {
    if pattern.matches('(').count() > MAX_GROUPS || syntax_error(pattern).is_some() {
        return None;
    }
    let source = Translator::run(pattern, Some(Groups::default()))?;
    fancy_regex::RegexBuilder::new(&source)
        .backtrack_limit(MAX_BACKTRACKS)
        .delegate_size_limit(NFA_BYTES)
        .build()
        .ok()
}

/// The pattern in Rust's syntax; `None` where it isn't regular or isn't understood.
pub(crate) fn translate(pattern: &str) -> Option<String> {
    Translator::run(pattern, None)
}

/// A pattern in Rust's syntax that matches this text only.
pub(crate) fn literally(text: &str) -> String {
    let mut t = Translator { chars: Vec::new(), at: 0, out: String::new(), groups: None };
    text.chars().for_each(|c| t.literal(c));
    t.out
}

struct Translator {
    chars: Vec<char>,
    at: usize,
    out: String,
    /// The groups so far, where the text is for the engine that knows lookaround and backreferences.
    groups: Option<Groups>,
}

/// A member of a character class.
enum Member {
    One(char),
    Set(String),
}

impl Translator {
    fn run(pattern: &str, groups: Option<Groups>) -> Option<String> {
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
                // Writing to a string can't fail.
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
    fn lookaround_and_backreferences_mean_what_ecma_says() {
        check(r"^(?!tmp-)[a-z0-9-]+$", &["a-1", "tm-"], &["tmp-1", "", "A"]);
        check(r"^(?=.*\d)(?=.*[a-z]).{3,}$", &["ab1"], &["abc", "123", "a1"]);
        check(r"(?<=\$)\d+$", &["$12"], &["12", "$"]);
        check(r"^\w+(?<!_id)$", &["user"], &["user_id"]);
        check(r"^(a|b)\1$", &["aa", "bb"], &["ab", "a"]);
        check(r"^(?<q>['\x22]).*\k<q>$", &["'a'", "\"a\""], &["'a\"", "a"]);
        check(r"^(?:(a|b)\1)+$", &["aabb"], &["aab", "ab"]);
        check(r"^(?!.*\bend\b).*$", &["ending", "a-b"], &["the end"]);
        check(r"^a\Bb(?=$)", &["ab"], &["a b", "abc"]);
        check(r"^(?=\p{Lu})..$", &["Éa"], &["ea"]);
        check(r"^\d+(?=$)$", &["12"], &["१२", "12\n"]);
        check(r"^(?!a)$", &[""], &["\n", "b"]);
    }

    /// Groups that did not take part match the empty text in ECMA 262, and nothing elsewhere.
    #[test]
    fn what_the_engine_reads_otherwise_has_no_answer() {
        for pattern in [
            r"^(?:(a)|b)\1$",
            r"^(a)?\1$",
            r"^\1(a)$",
            r"^(?:(a)|b)*\1$",
            r"^(?!(a))\1$",
            r"^(a\1)$",
            r"^(a)|\1$",
            r"^(a){0,2}\1$",
            r"^(?:(a){0}|b)\1$",
            "(",
            "[b-a]",
            r"(a)\2",
        ] {
            assert_eq!(Matchers::default().matches(pattern, "b"), None, "{pattern}");
        }
        let endless = r"^(?=(?:a|aa|a?a)+$)(?:(?:a+)+)+\b(?!b)c$";
        let text = "a".repeat(40);
        assert_ne!(Matchers::default().matches(endless, &text), Some(true));
        let exploding = "((a{1,99}){1,99}){1,99}";
        assert_eq!(Matchers::default().matches(exploding, "a"), None);
    }
}
