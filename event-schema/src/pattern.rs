//! `pattern`: ECMA 262 regular expressions in the syntax of the `regex` family.
//!
//! A regular pattern has an automaton, and matches in linear time. Lookaround and backreferences have none:
//! they are matched by backtracking with a bounded number of steps, as far as the engine agrees with ECMA
//! 262. If it does not, or exceeds the bound, the result is unknown instead of wrong.

mod conjuncts;
mod groups;
mod matchers;
mod translate;

use regex_automata::meta;
use regex_automata::util::syntax;

pub(crate) use self::conjuncts::conjuncts;
use self::groups::Groups;
pub(crate) use self::matchers::Matchers;
use self::translate::Translator;
pub(crate) use self::translate::{literally, translate};

/// The maximum size of a compiled automaton, in bytes: patterns that would explode are rejected.
const NFA_BYTES: usize = 4 << 20;

/// The maximum number of backtracking steps of a match.
const MAX_BACKTRACKS: usize = 200_000;

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

/// The maximum nesting of groups.
const MAX_GROUPS: usize = 100;

/// Why a pattern is invalid in every variant of ECMA 262: with the flag `u`, which JSON Schema recommends,
/// and without it, which most patterns are written for. `None` if the pattern is valid, or too large to
/// check.
pub(crate) fn syntax_error(pattern: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "^$.-_ :/,".contains(c);
    if pattern.chars().all(plain) || pattern.matches('(').count() > MAX_GROUPS {
        return None;
    }
    let error = |flags: &str| regress::Regex::with_flags(pattern, flags).err().map(|e| e.text);
    let without = error("")?;
    error("u").map(|_| without)
}

fn compile(pattern: &str) -> Option<Matcher> {
    let Some(source) = translate(pattern) else {
        return backtracking(pattern).map(Matcher::Backtracking);
    };
    meta::Regex::builder()
        // strings of events are short, so quick compilation matters more than quick matching
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

    /// A group that did not take part matches the empty text in ECMA 262, and nothing in other engines.
    #[test]
    fn patterns_that_engines_read_differently_are_unknown() {
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
