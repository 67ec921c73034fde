//! Names in another case: which variant was probably meant, and the serde naming rule that writes it that
//! way.

use super::cursor::Cursor;
use crate::shape::Variant;

/// The variant whose name differs from this one only by letter case and separators.
pub(super) const fn alike(variants: &'static [Variant], name: &str) -> Option<&'static str> {
    let mut i = 0;
    while i < variants.len() {
        if same_letters(variants[i].name, name) {
            return Some(variants[i].name);
        }
        i += 1;
    }
    None
}

/// The schema's variant whose name differs from this one only by letter case and separators.
pub(super) const fn alike_in<'a>(mut c: Cursor<'a>, name: &str) -> Option<&'a str> {
    while c.peek() != b')' {
        let head = c.variant();
        if same_letters(head.name, name) {
            return Some(head.name);
        }
        if head.carries {
            c.skip();
        }
    }
    None
}

const fn same_letters(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let (mut i, mut k) = (0, 0);
    loop {
        while i < a.len() && matches!(a[i], b'_' | b'-') {
            i += 1;
        }
        while k < b.len() && matches!(b[k], b'_' | b'-') {
            k += 1;
        }
        if i == a.len() || k == b.len() {
            return i == a.len() && k == b.len() && i > 0;
        }
        if !a[i].eq_ignore_ascii_case(&b[k]) {
            return false;
        }
        i += 1;
        k += 1;
    }
}

/// The serde naming rule that writes names like `locked`, where `now` is the name without a rule.
pub(super) const fn case_of(locked: &str, now: &str) -> &'static str {
    let (text, now) = (locked.as_bytes(), now.as_bytes());
    let (mut upper, mut lower, mut dash, mut line, mut words) = (false, false, false, false, 0);
    let mut i = 0;
    while i < text.len() {
        upper |= text[i].is_ascii_uppercase();
        lower |= text[i].is_ascii_lowercase();
        dash |= text[i] == b'-';
        line |= text[i] == b'_';
        i += 1;
    }
    i = 0;
    while i < now.len() {
        words += now[i].is_ascii_uppercase() as usize;
        i += 1;
    }
    match (upper, lower, dash, line) {
        (true, false, true, _) => "SCREAMING-KEBAB-CASE",
        (_, _, true, _) => "kebab-case",
        (true, false, _, true) => "SCREAMING_SNAKE_CASE",
        (_, _, _, true) => "snake_case",
        (true, false, ..) if words > 1 || text.len() > 1 => "UPPERCASE",
        (false, ..) => "lowercase",
        _ if !text.is_empty() && text[0].is_ascii_uppercase() => "PascalCase",
        _ => "camelCase",
    }
}
