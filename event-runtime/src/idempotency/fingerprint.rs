//! The fingerprint of a payload, to compare two payloads with the same event ID.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::canonical;
use crate::DetailType;

/// The event's type, its major, and a hash of its data.
///
/// An event has one payload in each major. A second payload with the same type, major and ID is
/// another event whose publisher used the ID twice, and treating it as a duplicate would lose it.
/// Payloads of different majors differ by nature and are not compared.
///
/// The hash is SHA-256 over the JSON value, so that it stays the same if the JSON is rewritten on
/// the way: order of keys, white space, escapes and the spelling of numbers do not count. Numbers
/// are compared as decimals of any length: `1e2` is `100`, and `9007199254740992` is not
/// `9007199254740993`.
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

/// The text is not a fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid fingerprint `{text}`: expected `type:vMAJOR#` and 64 hexadecimal digits")]
pub struct InvalidFingerprint {
    /// The text.
    pub text: String,
}

impl Fingerprint {
    /// Returns the fingerprint of this data. Text that is not JSON is hashed as it is.
    pub fn of(detail_type: DetailType<'_>, json: &str) -> Self {
        let (event_type, major) = (detail_type.event_type.to_owned(), detail_type.version.major());
        Self { event_type, major, hash: canonical::hash(json) }
    }

    /// Whether both cannot belong to one event: another type, or another payload in the same major.
    pub fn contradicts(&self, other: &Self) -> bool {
        self.event_type != other.event_type
            || (self.major == other.major && self.hash != other.hash)
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
pub fn sha256(text: &str) -> String {
    digits(&Sha256::digest(text))
}

/// The hash of a JSON value, in hexadecimal digits, whatever its spelling.
pub(super) fn of_value(json: &str) -> String {
    digits(&canonical::hash(json))
}

fn digits(hash: &[u8]) -> String {
    hash.iter().fold(String::with_capacity(64), |mut digits, byte| {
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
    fn same_value_in_other_spelling_has_same_hash() {
        for [a, b] in [
            [r#"{"a":1,"b":[true,null]}"#, r#"{ "b" : [ true, null ], "a" : 1.0 }"#],
            [r#"{"a":"\u00e9"}"#, r#"{"a":"é"}"#],
            ["-0.0", "0"],
            ["0e5", "-0"],
            ["1e3", "1000"],
            ["1E+3", "1000.000"],
            ["0.1", "1e-1"],
            ["0.10", "100e-3"],
            ["1e16", "10000000000000000"],
            ["18446744073709551616", "18446744073709551616.0"],
            ["9007199254740993", "9007199254740993.0"],
            ["1e400", " 10e399"],
            ["1e99999999999999999999", "10e99999999999999999998"],
            ["1.5e-99999999999999999999", "15e-100000000000000000000"],
            [r#"{"\u0061":{"b":1,"c":2}}"#, r#"{"a":{"c":2,"b":1}}"#],
            [r#""\ud83d\ude00\/""#, r#""😀/""#],
            ["not JSON", "not JSON"],
        ] {
            assert_eq!(of(a), of(b), "{a} and {b}");
        }
    }

    #[test]
    fn different_values_have_different_hashes() {
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
            "9007199254740992",
            "9007199254740993",
            "18446744073709551616",
            "18446744073709551617",
            "0.1",
            "0.10000000000000000555",
            "1e400",
            "1e401",
            "-1",
            "1e-1000000000000000000000000",
            r#""\ud800""#,
            r#""\ud801""#,
            r#"{"a":1,"a":2}"#,
            r#"{"a":{"b":1}}"#,
            r#"{"a":{},"b":1}"#,
            "[[1],2]",
            "[[1,2]]",
            "[[],[]]",
            "[[[]]]",
            "[{}]",
        ];
        for (at, a) in texts.iter().enumerate() {
            for b in &texts[at + 1..] {
                assert!(of(a).contradicts(&of(b)), "{a} and {b}");
            }
        }
    }

    #[test]
    fn deep_values_are_compared_as_values() {
        let deep = |inner: &str| format!("{}{inner}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(of(&deep(r#"{"a":1,"b":2}"#)), of(&deep(r#"{"b":2.0, "a":1}"#)));
        assert!(of(&deep("1")).contradicts(&of(&deep("2"))));
    }

    #[test]
    fn fingerprint_round_trips() {
        let fingerprint = of("{}");
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        for text in ["", "order.placed:v1", "order.placed:v1#12", "a:vx#", &"é".repeat(40)] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }
}
