//! Splits a pattern with lookahead into several without: `^(?!tmp-)[a-z]+$` is `^[a-z]+$` and not `^tmp-`.

/// Patterns without lookahead, each with whether it must match, that together have the same meaning. `None`
/// if the pattern has no lookahead at its start, or cannot be split.
pub(crate) fn conjuncts(pattern: &str) -> Option<Vec<(String, bool)>> {
    let mut rest = pattern.strip_prefix('^')?;
    if alternates(rest)? {
        return None;
    }
    let mut out = Vec::new();
    loop {
        let wanted = match rest.get(..3) {
            Some("(?=") => true,
            Some("(?!") => false,
            _ => break,
        };
        let end = group_end(rest)?;
        let (inner, after) = (&rest[3..end], &rest[end + 1..]);
        if after.starts_with(['*', '+', '?', '{']) {
            return None;
        }
        out.push((format!("^(?:{inner})"), wanted));
        rest = after;
    }
    if out.is_empty() {
        return None;
    }
    if !rest.is_empty() {
        out.push((format!("^{rest}"), true));
    }
    out.iter().all(|(part, _)| super::translate(part).is_some()).then_some(out)
}

/// The characters of a pattern that are not escaped and not part of a class.
fn plain(pattern: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut escaped, mut class) = (false, false);
    pattern.char_indices().filter(move |(_, c)| {
        if escaped {
            escaped = false;
            return false;
        }
        match c {
            '\\' => escaped = true,
            '[' if !class => class = true,
            ']' if class => class = false,
            _ => return !class,
        }
        false
    })
}

/// Whether a `|` is outside of groups; `None` if groups do not close.
fn alternates(pattern: &str) -> Option<bool> {
    let (mut depth, mut found) = (0_u32, false);
    for (_, c) in plain(pattern) {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            '|' if depth == 0 => found = true,
            _ => {}
        }
    }
    (depth == 0).then_some(found)
}

/// The end of the group that the text starts with.
fn group_end(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, c) in plain(text) {
        match c {
            '(' => depth += 1,
            ')' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Matchers;

    #[test]
    fn conjuncts_match_what_the_pattern_matches() {
        let matchers = Matchers::default();
        let texts = ["", "a", "ab1", "tmp-1", "A1", "1", "abc", "xa", "(", "a|b", "aa", "x]"];
        for pattern in [
            r"^(?!tmp-)[a-z0-9-]+$",
            r"^(?=.*[0-9]).+$",
            r"^(?=.*\d)(?=.*[a-z])(?!.*x).{2,}$",
            r"^(?!a|b)",
            r"^(?![)(|])(?:a|x)",
            r"^(?!\))x[\]]$",
            r"^(?=a(?:b|c))",
        ] {
            let parts = conjuncts(pattern).unwrap_or_else(|| panic!("{pattern}"));
            for text in texts {
                let all =
                    parts.iter().all(|(p, wanted)| matchers.matches(p, text) == Some(*wanted));
                assert_eq!(matchers.matches(pattern, text), Some(all), "{pattern} {text}");
            }
        }
    }

    #[test]
    fn other_patterns_have_no_conjuncts() {
        for pattern in [
            "^a$",
            "(?!a)b",
            "^(?!a)b|c",
            "^(?=a)*b",
            "^a(?=b)",
            r"^(?=(a))\1$",
            "^(?!(?=a)b)c",
            "^(?!a",
        ] {
            assert_eq!(conjuncts(pattern), None, "{pattern}");
        }
    }
}
