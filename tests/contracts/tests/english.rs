//! Comments, messages and documents avoid the phrases that this project does not use.
//!
//! Of Rust files it reads the comments and, outside of tests, the string literals; of Markdown files the
//! whole text. A phrase is in the list only if it is wrong wherever it appears.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use event_tests::scratch::workspace;

/// Files and folders that are not edited yet. Remove a line when its edit is done.
const NOT_EDITED_YET: &[&str] = &[];

/// Pages that are generated from the rules and the help texts, which are checked where they are written.
const GENERATED: [&str; 2] = ["docs/guide/src/errors/", "docs/guide/src/reference/command.md"];

/// A phrase, the words that may follow it nevertheless, and what to write instead.
struct Phrase(&'static str, &'static [&'static str], &'static str);

const PHRASES: &[Phrase] = &[
    Phrase("is no", &["longer", "more", "less", "later"], "`is not a`, `has no`, `does not exist`"),
    Phrase("are no", &["longer", "more", "less", "later"], "`are not`, `have no`, `do not exist`"),
    Phrase("is none of", &[], "`is not one of`"),
    Phrase("are none of", &[], "`are not`"),
    Phrase("knows no", &[], "`does not know`"),
    Phrase("has it not", &[], "`does not have it`, `rejected it`"),
    Phrase("does not read as", &[], "`failed to parse as`"),
    Phrase("anew", &[], "`again`, `rewritten`"),
    Phrase("held to", &[], "`must match`, `checked against`"),
    Phrase("held against", &[], "`checked against`"),
    Phrase("nowhere", &[], "`missing`, `not found`"),
    Phrase("if not said", &[], "`default: ..`"),
    Phrase("said otherwise", &[], "`default: ..`"),
    Phrase("knob", &[], "`setting`"),
    Phrase("knobs", &[], "`settings`"),
    Phrase("can't be told", &[], "`cannot be expressed`, `cannot be distinguished`"),
    Phrase("cannot be told", &[], "`cannot be expressed`, `cannot be distinguished`"),
    Phrase("tells", &[], "`reports`, `shows`, `lists`, `states`"),
    Phrase("gives up", &[], "`stops`, `fails`, `times out`"),
    Phrase("becomes of", &[], "`what happens to`"),
    Phrase("came of", &[], "`the result of`"),
    Phrase("comes of", &[], "`the result of`"),
    Phrase("whether or not", &[], "`whether`"),
    Phrase("stands in", &["for"], "`is in`"),
];

#[test]
fn texts_avoid_the_phrases_that_are_not_used_here() {
    let mut found = String::new();
    let mut files = 0;
    for path in tracked() {
        if NOT_EDITED_YET.iter().chain(&GENERATED).any(|p| path.starts_with(p)) {
            continue;
        }
        let Ok(text) = fs::read_to_string(workspace().join(&path)) else { continue };
        files += 1;
        let texts = if path.strip_suffix(".rs").is_some() {
            rust(&text, !is_test(&path))
        } else {
            vec![whole(&text)]
        };
        for (line, phrase) in texts.iter().flat_map(|t| phrases(t)) {
            let Phrase(said, _, instead) = phrase;
            writeln!(found, "{path}:{line}: `{said}`: write {instead}").unwrap();
        }
    }
    assert!(files > 50, "{files} files were read");
    assert!(found.is_empty(), "\n{found}");
}

#[test]
fn files_that_are_not_edited_yet_exist() {
    let gone: Vec<_> = NOT_EDITED_YET.iter().filter(|p| !workspace().join(p).exists()).collect();
    assert!(gone.is_empty(), "{gone:?}");
}

#[test]
#[allow(clippy::needless_raw_string_hashes, reason = "the text has a raw string in it")]
fn phrases_are_found_in_comments_and_messages_alone() {
    let source = r##"
        //! It is
        //! no event.
        fn f<'a>(nowhere: &'a str) -> String { // is no longer
            let quote = '"';
            format!("`{}` is \
                no event", r#"told "anew""#)
        }
        /* knob /* nested */ it stands in for it, and stands in it */
        #[cfg(test)]
        mod tests { const ANEW: &str = "anew }"; /// held to
        fn g() {} }
        const LAST: &str = "gives up";
    "##;
    let found = |literals| -> Vec<(usize, &str)> {
        let texts = rust(source, literals);
        texts.iter().flat_map(|t| phrases(t)).map(|(line, phrase)| (line, phrase.0)).collect()
    };
    let comments = [(2, "is no"), (9, "knob"), (9, "stands in"), (11, "held to")];
    assert_eq!(found(false), comments);
    let mut all = comments.to_vec();
    all.extend([(6, "is no"), (7, "anew"), (13, "gives up")]);
    let mut both = found(true);
    both.sort_by_key(|(line, _)| *line);
    all.sort_by_key(|(line, _)| *line);
    assert_eq!(both, all);
}

/// The Rust and Markdown files that git tracks.
fn tracked() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--", "*.rs", "*.md"])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).unwrap();
    listed.split_terminator('\0').map(str::to_owned).collect()
}

fn is_test(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "tests.rs" | "benches"))
}

/// Lines of one text, each with its number.
type Text = Vec<(usize, String)>;

fn whole(text: &str) -> Text {
    text.lines().enumerate().map(|(i, line)| (i + 1, line.to_owned())).collect()
}

/// The phrases in a text, across the ends of its lines.
fn phrases(text: &Text) -> Vec<(usize, &'static Phrase)> {
    // a word, its line, and whether only white space separates it from the word before
    let mut words: Vec<(String, usize, bool)> = Vec::new();
    for (line, content) in text {
        let mut next = true;
        let mut word = String::new();
        for c in content.to_lowercase().chars().chain([' ']) {
            if c.is_alphanumeric() || "'_`-".contains(c) {
                word.push(c);
                continue;
            }
            if !word.is_empty() {
                words.push((std::mem::take(&mut word), *line, next));
                next = true;
            }
            next &= c.is_whitespace();
        }
    }
    let mut found = Vec::new();
    for at in 0..words.len() {
        for phrase in PHRASES {
            let Phrase(said, unless, _) = phrase;
            let said: Vec<&str> = said.split(' ').collect();
            let Some(here) = words.get(at..at + said.len()) else { continue };
            let same = here.iter().zip(&said).all(|((word, ..), said)| word == said);
            let together = here.iter().skip(1).all(|(.., next)| *next);
            let after = words.get(at + said.len());
            let excused =
                after.is_some_and(|(word, _, next)| *next && unless.contains(&word.as_str()));
            if same && together && !excused {
                found.push((words[at].1, phrase));
            }
        }
    }
    found
}

/// The comments of a Rust file, joined where one follows another, and its string literals if asked, without
/// those of `#[cfg(test)]` modules.
fn rust(source: &str, literals: bool) -> Vec<Text> {
    let mut texts: Vec<Text> = Vec::new();
    let (mut at, mut line, mut depth) = (0, 1, 0_usize);
    // the depth of the braces around a `#[cfg(test)]` module; `usize::MAX` before its first brace
    let mut test_module: Option<usize> = None;
    let mut comment_ends = 0;
    while at < source.len() {
        let rest = &source[at..];
        let c = rest.chars().next().unwrap();
        let length = if rest.starts_with("//") {
            let comment = rest.lines().next().unwrap();
            let content = comment.trim_start_matches('/').trim_start_matches('!').to_owned();
            match texts.last_mut() {
                Some(text) if comment_ends + 1 == line => text.push((line, content)),
                _ => texts.push(vec![(line, content)]),
            }
            comment_ends = line;
            comment.len()
        } else if rest.starts_with("/*") {
            let length = block_comment(rest);
            texts.push(numbered(&rest[..length], line));
            length
        } else if let Some(length) = string(rest, source[..at].chars().next_back()) {
            if literals && test_module.is_none() {
                let content = rest[..length].replace("\\n", "  ").replace("\\\n", " \n");
                texts.push(numbered(&content, line));
            }
            length
        } else if let Some(length) = char_literal(rest) {
            length
        } else {
            if rest.starts_with("#[cfg(test)]") && test_module.is_none() {
                test_module = Some(usize::MAX);
            }
            match (c, test_module) {
                ('{', module) => {
                    if module == Some(usize::MAX) {
                        test_module = Some(depth);
                    }
                    depth += 1;
                }
                ('}', module) => {
                    depth = depth.saturating_sub(1);
                    if module == Some(depth) {
                        test_module = None;
                    }
                }
                // `mod tests;`, or a `use` for tests
                (';', Some(usize::MAX)) => test_module = None,
                _ => {}
            }
            c.len_utf8()
        };
        line += rest[..length].matches('\n').count();
        at += length;
    }
    texts
}

fn numbered(text: &str, line: usize) -> Text {
    text.lines().enumerate().map(|(i, content)| (line + i, content.to_owned())).collect()
}

/// The length of a block comment, which may contain others.
fn block_comment(rest: &str) -> usize {
    let (mut open, mut at) = (0, 0);
    while at < rest.len() {
        let (step, change) = match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        at += step;
        open += change;
        if open == 0 {
            break;
        }
    }
    at
}

/// The length of a string literal that begins here.
fn string(rest: &str, before: Option<char>) -> Option<usize> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let raw = rest
        .strip_prefix('r')
        .filter(|_| !before.is_some_and(|c| is_name(c) && c != 'b' && c != 'c'));
    if let Some(raw) = raw {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let begin = 1 + hashes + 1;
            return Some(rest[begin..].find(&end).map_or(rest.len(), |i| begin + i + end.len()));
        }
    }
    if !rest.starts_with('"') {
        return None;
    }
    let mut escaped = false;
    for (i, c) in rest.char_indices().skip(1) {
        match c {
            '"' if !escaped => return Some(i + 1),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    Some(rest.len())
}

/// The length of a character literal that begins here; a lifetime is not one.
fn char_literal(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    if let Some(escape) = inner.strip_prefix('\\') {
        let skipped = escape.chars().next()?.len_utf8();
        return Some(2 + skipped + escape[skipped..].find('\'')? + 1);
    }
    let c = inner.chars().next()?;
    inner[c.len_utf8()..].starts_with('\'').then(|| 1 + c.len_utf8() + 1)
}
