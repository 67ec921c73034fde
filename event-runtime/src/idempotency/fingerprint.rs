//! What a payload is recognised by, when an event id comes again.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::DetailType;

/// The event's type, its major, and a hash of its data.
///
/// Two events of one id are one event with one payload in each major. A second payload under the same
/// type, major and id is another event whose publisher gave an id twice, and to take it for a
/// duplicate would lose it. Across majors payloads differ by nature and are not compared.
///
/// The hash is SHA-256 over the JSON with sorted keys and without white space, so that it outlives
/// whoever writes the JSON anew on the way. Numbers are taken as 64-bit ones.
///
/// # Example
///
/// ```
/// use event_runtime::DetailType;
/// use event_runtime::idempotency::Fingerprint;
///
/// let v1 = DetailType::parse("order.placed:v1").ok_or("no detail-type")?;
/// let first = Fingerprint::of(v1, r#"{"id": "A-1", "total": 1}"#);
/// assert!(!first.contradicts(&Fingerprint::of(v1, r#"{"total":1.0,"id":"A-1"}"#)));
/// assert!(first.contradicts(&Fingerprint::of(v1, r#"{"total":2,"id":"A-1"}"#)));
///
/// let v2 = DetailType::parse("order.placed:v2").ok_or("no detail-type")?;
/// assert!(!first.contradicts(&Fingerprint::of(v2, r#"{"cents":100,"id":"A-1"}"#)));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    event_type: String,
    major: u32,
    hash: [u8; 32],
}

/// A text that is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no fingerprint of a payload: `type:vMAJOR#` and 64 hexadecimal digits")]
pub struct InvalidFingerprint {
    /// What was given.
    pub text: String,
}

impl Fingerprint {
    /// The fingerprint of this data. What is no JSON is hashed as it stands.
    pub fn of(detail_type: DetailType<'_>, json: &str) -> Self {
        let mut hasher = Sha256::new();
        match serde_json::from_str::<Value>(json) {
            Ok(value) => hash(&value, &mut hasher),
            Err(_) => hasher.update(json),
        }
        Self {
            event_type: detail_type.event_type.to_owned(),
            major: detail_type.version.major(),
            hash: hasher.finalize().into(),
        }
    }

    /// Whether both cannot be of one event: another type, or another payload in the same major.
    pub fn contradicts(&self, other: &Self) -> bool {
        self.event_type != other.event_type
            || (self.major == other.major && self.hash != other.hash)
    }
}

/// Each value goes in with its kind and, where it holds others, their number: no two values of
/// different shape share an input.
fn hash(value: &Value, into: &mut Sha256) {
    match value {
        Value::Null => into.update(b"z"),
        Value::Bool(false) => into.update(b"f"),
        Value::Bool(true) => into.update(b"t"),
        Value::Number(number) => {
            into.update(b"n");
            into.update(canonical(number));
            into.update(b";");
        }
        Value::String(text) => hash_text(text, into),
        Value::Array(items) => {
            into.update(b"a");
            into.update((items.len() as u64).to_be_bytes());
            for item in items {
                hash(item, into);
            }
        }
        Value::Object(members) => {
            into.update(b"o");
            into.update((members.len() as u64).to_be_bytes());
            // Sorted here: the map keeps insertion order where another crate asks serde_json for it.
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            for (name, member) in members {
                hash_text(name, into);
                hash(member, into);
            }
        }
    }
}

fn hash_text(text: &str, into: &mut Sha256) {
    into.update(b"s");
    into.update((text.len() as u64).to_be_bytes());
    into.update(text);
}

/// `1.0` and `1` are one number to most writers of JSON.
fn canonical(number: &serde_json::Number) -> String {
    if let Some(whole) = number.as_i64() {
        return whole.to_string();
    }
    match number.as_f64() {
        // The cast is exact: below 2^53 each whole number is a double, and the other way round.
        #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
        Some(float) if float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0 => {
            (float as i64).to_string()
        }
        _ => number.to_string(),
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:v{}#", self.event_type, self.major)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    fn from_str(text: &str) -> Result<Self, InvalidFingerprint> {
        let parse = || {
            let (name, digits) = text.rsplit_once('#')?;
            let (event_type, major) = name.rsplit_once(":v")?;
            let mut hash = [0; 32];
            if digits.len() != 2 * hash.len() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            for (at, byte) in hash.iter_mut().enumerate() {
                *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
            }
            Some(Self { event_type: event_type.to_owned(), major: major.parse().ok()?, hash })
        };
        parse().ok_or_else(|| InvalidFingerprint { text: text.to_owned() })
    }
}

/// SHA-256 of a text, in hexadecimal digits.
pub(super) fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}"); // to a string: cannot fail
        digits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Fingerprint {
        Fingerprint::of(DetailType::parse("order.placed:v1").unwrap(), json)
    }

    #[test]
    fn the_same_value_written_otherwise_is_the_same() {
        for [a, b] in [
            [r#"{"a":1,"b":[true,null]}"#, r#"{ "b" : [ true, null ], "a" : 1.0 }"#],
            [r#"{"a":"\u00e9"}"#, r#"{"a":"é"}"#],
            ["-0.0", "0"],
            ["1e3", "1000"],
            ["not JSON", "not JSON"],
        ] {
            assert_eq!(of(a), of(b), "{a} and {b}");
        }
    }

    #[test]
    fn other_values_are_others() {
        let texts = [
            "null",
            "false",
            "true",
            "0",
            "1",
            "0.5",
            "\"\"",
            "\"0\"",
            "[]",
            "[0]",
            "[[]]",
            "{}",
            r#"{"a":1}"#,
            r#"{"b":1}"#,
            r#"{"a":[1]}"#,
            "[1,2]",
            "[12]",
            "[2,1]",
            "[\"1,2\"]",
            "x",
        ];
        for (at, a) in texts.iter().enumerate() {
            for b in &texts[at + 1..] {
                assert!(of(a).contradicts(&of(b)), "{a} and {b}");
            }
        }
    }

    #[test]
    fn it_reads_back_as_it_was_written() {
        let fingerprint = of("{}");
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        for text in ["", "order.placed:v1", "order.placed:v1#12", "a:vx#", &"é".repeat(40)] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }
}
