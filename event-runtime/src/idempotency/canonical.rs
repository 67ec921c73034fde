//! Hashes the value of a JSON text, independent of its spelling.
//!
//! It parses the text itself, so that numbers of any length are compared as decimals, and without
//! recursion, so that any depth is possible.

use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};

type Hash = [u8; 32];

/// A list or an object that is not closed yet.
enum Open {
    Array { items: u64, hasher: Sha256 },
    Object { members: Vec<(String, Hash)>, name: Option<String> },
}

/// Returns the hash of a JSON value. Text that is not JSON is hashed as it is.
///
/// Each value is hashed with its kind and, if it contains others, with their hashes and their
/// number, so that two values of different shape never have the same input.
pub(super) fn hash(json: &str) -> Hash {
    if serde_json::from_str::<IgnoredAny>(json).is_err() {
        return Sha256::digest(json).into();
    }
    let mut rest = json;
    let mut open: Vec<Open> = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', ',', ':']);
        let Some(&first) = rest.as_bytes().first() else {
            // A valid text ends with its value, which was returned above.
            return Sha256::digest(json).into();
        };
        let whole = match first {
            b'[' => {
                open.push(Open::Array { items: 0, hasher: Sha256::new_with_prefix("a") });
                rest = &rest[1..];
                continue;
            }
            b'{' => {
                open.push(Open::Object { members: Vec::new(), name: None });
                rest = &rest[1..];
                continue;
            }
            b']' | b'}' => {
                rest = &rest[1..];
                open.pop().map_or_else(|| Sha256::digest(json).into(), Open::close)
            }
            b'"' => {
                let end = string_end(rest);
                let token = &rest[..end];
                rest = &rest[end..];
                if let Some(Open::Object { name: name @ None, .. }) = open.last_mut() {
                    *name = Some(text(token));
                    continue;
                }
                tagged(b's', text(token).as_bytes())
            }
            _ => {
                let end = rest.find([' ', '\t', '\n', '\r', ',', ']', '}']).unwrap_or(rest.len());
                let token = &rest[..end];
                rest = &rest[end..];
                match token {
                    "null" => tagged(b'z', b""),
                    "false" => tagged(b'f', b""),
                    "true" => tagged(b't', b""),
                    number => tagged(b'n', decimal(number).as_bytes()),
                }
            }
        };
        match open.last_mut() {
            Some(holder) => holder.take(whole),
            None => return whole,
        }
    }
}

impl Open {
    fn take(&mut self, value: Hash) {
        match self {
            Self::Array { items, hasher } => {
                *items += 1;
                hasher.update(value);
            }
            Self::Object { members, name } => {
                members.push((name.take().unwrap_or_default(), value));
            }
        }
    }

    fn close(self) -> Hash {
        match self {
            Self::Array { items, mut hasher } => {
                hasher.update(items.to_be_bytes());
                hasher.finalize().into()
            }
            Self::Object { mut members, .. } => {
                members.sort_unstable();
                let mut hasher = Sha256::new_with_prefix("o");
                for (name, value) in &members {
                    hasher.update((name.len() as u64).to_be_bytes());
                    hasher.update(name);
                    hasher.update(value);
                }
                hasher.finalize().into()
            }
        }
    }
}

fn tagged(kind: u8, bytes: &[u8]) -> Hash {
    let mut hasher = Sha256::new_with_prefix([kind]);
    hasher.update(bytes);
    hasher.finalize().into()
}

/// Returns where the string at the start of the text ends.
fn string_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// Returns the value of a string token, with a prefix letter. A token that is not valid text, such
/// as half of a surrogate pair, is kept as written, with another letter.
fn text(token: &str) -> String {
    let inner = token.get(1..token.len().saturating_sub(1)).unwrap_or_default();
    if !inner.contains('\\') {
        return format!("t{inner}");
    }
    match serde_json::from_str::<String>(token) {
        Ok(text) => format!("t{text}"),
        Err(_) => format!("w{inner}"),
    }
}

/// Returns a number as its sign, its digits without leading and trailing zeros, and the power of
/// ten.
fn decimal(number: &str) -> String {
    let (sign, number) = match number.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", number),
    };
    let (mantissa, power) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return "0".to_owned();
    }
    let shift = (digits.len() - significant.len()) as i128 - fraction.len() as i128;
    match power.parse::<i128>().ok().and_then(|power| power.checked_add(shift)) {
        Some(power) => format!("{sign}{significant}e{power}"),
        // An exponent of about forty digits: distinguished by its text and the shift.
        None => format!("{sign}{significant}e{power}+{shift}"),
    }
}
