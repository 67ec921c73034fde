//! The hash of the value that a JSON text stands for, whatever its spelling.
//!
//! It reads the text itself, for a number of any length to be the decimal that it is, and goes down
//! without recursion, for a text of any depth.

use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};

type Hash = [u8; 32];

/// A list or an object that is not closed yet.
enum Open {
    Array { items: u64, hasher: Sha256 },
    Object { members: Vec<(String, Hash)>, name: Option<String> },
}

/// The hash of a JSON value. What is not JSON is hashed as it stands.
///
/// Each value goes in with its kind and, where it holds others, with their hashes and their number: no
/// two values of different shape share an input.
pub(super) fn hash(json: &str) -> Hash {
    if serde_json::from_str::<IgnoredAny>(json).is_err() {
        return Sha256::digest(json).into();
    }
    let mut rest = json;
    let mut open: Vec<Open> = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', ',', ':']);
        let Some(&first) = rest.as_bytes().first() else {
            // A valid text ends with its value, and that was returned.
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

/// Where the string ends that the text begins with.
fn string_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// What a string token stands for, after a letter that says so. One that stands for no text, half of a
/// surrogate pair, is taken as it is written, after another letter.
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

/// A number as its sign, its digits without zeros at either end, and the power of ten that they are
/// multiplied by.
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
        // An exponent of some forty digits: told apart by its text, and by the shift.
        None => format!("{sign}{significant}e{power}+{shift}"),
    }
}
