//! The version of an event on the wire, and the detail-type that carries it.
//!
//! Only the major is on the wire: minors are additive, so a reader of a major can read all of its
//! minors.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// The major version of an event, written `v` and the number: `v2`.
///
/// # Example
///
/// ```
/// use event_runtime::Version;
///
/// let version: Version = "v2".parse()?;
/// assert_eq!(version.major(), 2);
/// assert_eq!(version.to_string(), "v2");
/// assert!("0".parse::<Version>().is_err());
/// # Ok::<(), event_runtime::version::InvalidVersion>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u32);

impl Version {
    /// Returns the version of this major.
    pub const fn new(major: u32) -> Self {
        Self(major)
    }

    /// Returns the number after the `v`.
    pub const fn major(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

/// The text is not an event version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid event version `{text}`: expected `v` and a major, such as `v2`{}", hint(.text))]
pub struct InvalidVersion {
    /// The text.
    pub text: String,
}

/// EventBridge writes `"version": "0"` in each of its events, so a `0` shows that the whole event
/// was read.
fn hint(text: &str) -> &'static str {
    if text == "0" {
        "; `0` is the version of the whole EventBridge event: the envelope is its `detail`"
    } else {
        ""
    }
}

impl FromStr for Version {
    type Err = InvalidVersion;

    /// # Errors
    ///
    /// If the text is not `v` and a decimal number without leading zeros: each version has one
    /// spelling.
    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let digits = text.strip_prefix('v').unwrap_or_default();
        let canonical = !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'));
        match digits.parse() {
            Ok(major) if canonical => Ok(Self(major)),
            _ => Err(InvalidVersion { text: text.to_owned() }),
        }
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Version;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event version such as `v2`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Version, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// The `detail-type` of one of our events: its type and its version, `proposal.published:v2`.
///
/// # Example
///
/// ```
/// use event_runtime::DetailType;
///
/// let ours = DetailType::parse("proposal.published:v2").ok_or("no version")?;
/// assert_eq!((ours.event_type, ours.version.major()), ("proposal.published", 2));
///
/// // An AWS service's own event: a detail-type without a version.
/// assert_eq!(DetailType::parse("Object Created"), None);
/// # Ok::<(), &'static str>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DetailType<'a> {
    /// The type of the event, without its version.
    pub event_type: &'a str,
    /// The major version.
    pub version: Version,
}

impl<'a> DetailType<'a> {
    /// Parses `type:vN`. `None` for other detail-types, which have no version.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (event_type, version) = text.rsplit_once(':')?;
        if event_type.is_empty() {
            return None;
        }
        Some(Self { event_type, version: version.parse().ok()? })
    }
}

impl fmt::Display for DetailType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.event_type, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_has_one_spelling() {
        for text in ["v0", "v1", "v2", "v10", "v4294967295"] {
            assert_eq!(text.parse::<Version>().unwrap().to_string(), text);
        }
        for text in ["", "v", "0", "2", "V2", "v02", "v+2", "v-1", "v2.1", "v4294967296", " v2"] {
            assert!(text.parse::<Version>().is_err(), "{text:?} was read");
        }
    }

    #[test]
    fn version_of_whole_event_is_explained() {
        let message = "0".parse::<Version>().unwrap_err().to_string();
        assert!(message.contains("the envelope is its `detail`"), "{message}");
    }

    #[test]
    fn last_colon_separates_detail_type() {
        let detail_type = DetailType::parse("urn:thing:v3").unwrap();
        assert_eq!(detail_type.event_type, "urn:thing");
        assert_eq!(detail_type.to_string(), "urn:thing:v3");
        for foreign in ["Object Created", "a:b", ":v1", "a:v", "AWS API Call via CloudTrail"] {
            assert_eq!(DetailType::parse(foreign), None, "{foreign:?}");
        }
    }
}
