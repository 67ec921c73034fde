//! Words for signs, for names without other readable parts: `<=` is `LessOrEqual`, `c++` is `CPlusPlus`.

use std::fmt::Write as _;

/// Signs and their words, longer signs first.
const SIGNS: &[(&str, &str)] = &[
    ("<=>", "spaceship"),
    ("===", "strictly equal"),
    ("!==", "strictly not equal"),
    ("...", "ellipsis"),
    ("<=", "less or equal"),
    (">=", "greater or equal"),
    ("==", "equal equal"),
    ("!=", "not equal"),
    ("<>", "not equal"),
    ("=>", "fat arrow"),
    ("->", "arrow"),
    ("<-", "left arrow"),
    ("<<", "shift left"),
    (">>", "shift right"),
    ("&&", "and and"),
    ("||", "or or"),
    ("::", "path"),
    ("..", "range"),
    ("<", "less"),
    (">", "greater"),
    ("=", "equal"),
    ("+", "plus"),
    ("-", "minus"),
    ("*", "star"),
    ("/", "slash"),
    ("\\", "backslash"),
    ("%", "percent"),
    ("#", "hash"),
    ("&", "and"),
    ("|", "pipe"),
    ("!", "bang"),
    ("?", "question"),
    ("~", "tilde"),
    ("^", "caret"),
    ("$", "dollar"),
    ("@", "at"),
    ("_", "underscore"),
    (".", "dot"),
    (",", "comma"),
    (":", "colon"),
    (";", "semicolon"),
    ("'", "quote"),
    ("\"", "double quote"),
    ("`", "backtick"),
    ("(", "open paren"),
    (")", "close paren"),
    ("[", "open bracket"),
    ("]", "close bracket"),
    ("{", "open brace"),
    ("}", "close brace"),
    (" ", "space"),
    ("\t", "tab"),
    ("\n", "newline"),
    ("\r", "return"),
    ("€", "euro"),
    ("£", "pound"),
    ("¥", "yen"),
    ("§", "section"),
    ("°", "degree"),
    ("±", "plus minus"),
    ("×", "times"),
    ("÷", "divided"),
    ("≤", "less or equal"),
    ("≥", "greater or equal"),
    ("≠", "not equal"),
    ("→", "arrow"),
    ("←", "left arrow"),
    ("∞", "infinity"),
    ("…", "ellipsis"),
    ("–", "dash"),
    ("—", "long dash"),
];

/// Signs with a meaning at the beginning or end of a word: `c++`, `A+`, `#1`, `50%`.
const TELLING: &[char] = &['+', '#', '%', '*', '&', '<', '>', '=', '≤', '≥', '±', '$', '€', '£'];

/// The name with words for its signs: for all of them if it has no letter or digit, otherwise for those at
/// its ends that have a meaning. `None` if nothing needs a word.
pub(super) fn spelled(name: &str) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    if !name.chars().any(char::is_alphanumeric) {
        return Some(words(name));
    }
    let telling = |c: char| TELLING.contains(&c);
    let bare = name.trim_matches(telling);
    let start = name.len() - name.trim_start_matches(telling).len();
    let (before, after) = (&name[..start], &name[start + bare.len()..]);
    // `<none>` is a name in brackets, `C#` a name and a sign
    if before.is_empty() && after.is_empty() || (before == "<" && after == ">") {
        return None;
    }
    // the name of the sign after a letter in music and in the language
    let after = match after {
        "#" if bare.ends_with(char::is_alphabetic) => "sharp".to_owned(),
        _ => words(after),
    };
    Some(format!("{} {bare} {after}", words(before)))
}

/// The numbers of the characters.
pub(super) fn points(name: &str) -> String {
    let points: Vec<String> = name.chars().map(|c| format!("u{:x}", u32::from(c))).collect();
    points.join(" ")
}

fn words(mut signs: &str) -> String {
    let mut out = String::new();
    while let Some(first) = signs.chars().next() {
        if !out.is_empty() {
            out.push(' ');
        }
        if let Some((sign, word)) = SIGNS.iter().find(|(sign, _)| signs.starts_with(sign)) {
            out.push_str(word);
            signs = &signs[sign.len()..];
        } else {
            // a character without a word: its number
            let _ = write!(out, "u{:x}", u32::from(first));
            signs = &signs[first.len_utf8()..];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{snake, value};

    #[test]
    fn signs_become_words() {
        for (name, wanted) in [
            ("<=", "LessOrEqual"),
            (">=", "GreaterOrEqual"),
            ("c", "C"),
            ("c++", "CPlusPlus"),
            ("C#", "CSharp"),
            ("A+", "APlus"),
            ("+1", "Plus1"),
            ("50%", "T50Percent"),
            (">10", "Greater10"),
            ("_", "Underscore"),
            ("__", "UnderscoreUnderscore"),
            ("!!!", "BangBangBang"),
            ("-", "Minus"),
            ("-1", "Minus1"),
            ("", "Empty"),
            (" ", "Space"),
            ("<none>", "None"),
            ("💥", "U1f4a5"),
            ("a-b", "AB"),
            ("*", "Star"),
            ("²", "Ub2"),
            ("Ⅷ", "U2167"),
        ] {
            assert_eq!(value(name), wanted, "{name:?}");
        }
    }

    #[test]
    fn field_names_of_signs_alone_are_words() {
        for (name, wanted) in [
            ("_", "underscore"),
            ("$", "dollar"),
            ("@", "at"),
            ("#", "hash"),
            ("", "empty"),
            ("@type", "r#type"),
            ("_links", "links"),
        ] {
            assert_eq!(snake(name), wanted, "{name:?}");
        }
    }
}
