//! Texts that are compared without case, and wildcards.

/// A text that is compared without case: each character stands for its lower-case and its upper-case form.
///
/// Characters outside of the Basic Multilingual Plane stand for themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreCase {
    text: String,
    characters: Vec<Vec<String>>,
}

impl IgnoreCase {
    pub(super) fn new(text: &str) -> Self {
        let characters = text.chars().map(|c| {
            let (lower, upper): (String, String) = if u32::from(c) > 0xFFFF {
                (c.into(), c.into())
            } else {
                (c.to_lowercase().collect(), c.to_uppercase().collect())
            };
            if lower == upper { vec![lower] } else { vec![lower, upper] }
        });
        Self { characters: characters.collect(), text: text.to_owned() }
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn equals(&self, value: &str) -> bool {
        self.ends(value).contains(&value.len())
    }

    pub(super) fn starts(&self, value: &str) -> bool {
        !self.ends(value).is_empty()
    }

    pub(super) fn finishes(&self, value: &str) -> bool {
        let mut starts = vec![value.len()];
        for forms in self.characters.iter().rev() {
            let before = |&end: &usize| {
                forms
                    .iter()
                    .filter_map(move |form| Some(value[..end].strip_suffix(form.as_str())?.len()))
            };
            starts = distinct(starts.iter().flat_map(before));
        }
        !starts.is_empty()
    }

    /// Where a match that begins at the start of the value can end.
    fn ends(&self, value: &str) -> Vec<usize> {
        let mut ends = vec![0];
        for forms in &self.characters {
            let after = |&start: &usize| {
                forms
                    .iter()
                    .filter(move |form| value[start..].starts_with(form.as_str()))
                    .map(move |form| start + form.len())
            };
            ends = distinct(ends.iter().flat_map(after));
        }
        ends
    }
}

fn distinct(places: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut places: Vec<_> = places.collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// A text in which `*` stands for any number of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wildcard {
    text: String,
    /// The literal texts between the wildcards.
    parts: Vec<String>,
}

impl Wildcard {
    /// The wildcard as written, with its escapes.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut parts = vec![String::new()];
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '*' if characters.peek() == Some(&'*') => {
                    return Err("consecutive wildcards are not allowed");
                }
                '*' => parts.push(String::new()),
                '\\' => match characters.next() {
                    Some(escaped @ ('*' | '\\')) => last(&mut parts).push(escaped),
                    _ => return Err(r"expected `\*` or `\\` after a backslash"),
                },
                other => last(&mut parts).push(other),
            }
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    pub(super) fn matches(&self, value: &str) -> bool {
        let [first, middle @ .., last] = self.parts.as_slice() else {
            return self.parts.first().is_some_and(|only| only == value);
        };
        let Some(rest) = value.strip_prefix(first.as_str()) else { return false };
        let Some(mut rest) = rest.strip_suffix(last.as_str()) else { return false };
        for part in middle {
            match rest.find(part.as_str()) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}

fn last(parts: &mut Vec<String>) -> &mut String {
    if parts.is_empty() {
        parts.push(String::new());
    }
    let at = parts.len() - 1;
    &mut parts[at]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcard_matches_any_number_of_characters() {
        for (wildcard, value, expected) in [
            ("*", "", true),
            ("a*b", "ab", true),
            ("a*b", "a-b-b", true),
            ("a*b", "a", false),
            ("a*a", "a", false),
            ("*x*y*", "1x2y3", true),
            ("*x*y*", "1y2x3", false),
            (r"a\*b", "a*b", true),
            (r"a\*b", "axb", false),
            (r"\\*", r"\x", true),
            ("plain", "plain", true),
            ("plain", "plains", false),
        ] {
            assert_eq!(
                Wildcard::parse(wildcard).unwrap().matches(value),
                expected,
                "{wildcard} {value}"
            );
        }
        for malformed in ["a**", r"a\b", r"a\"] {
            assert!(Wildcard::parse(malformed).is_err(), "{malformed}");
        }
    }

    #[test]
    fn case_is_ignored_character_by_character() {
        assert!(IgnoreCase::new("Straße").equals("STRASSE"));
        assert!(!IgnoreCase::new("strasse").equals("straße"));
        assert!(IgnoreCase::new("éa").starts("ÉA!") && IgnoreCase::new("éA").finishes("!Éa"));
        assert!(
            IgnoreCase::new("").starts("x")
                && IgnoreCase::new("").equals("")
                && !IgnoreCase::new("").equals("x")
        );
    }
}
