//! A record of a stream: its position, and the change of an item.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// An attribute of an item, in the JSON of DynamoDB.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Attribute {
    /// A string.
    S(String),
    /// A number, with all of its up to 38 digits.
    N(String),
    /// Bytes, in Base64.
    B(String),
    /// True or false.
    #[serde(rename = "BOOL")]
    Bool(bool),
    /// Null; always `true`.
    #[serde(rename = "NULL")]
    Null(bool),
    /// A map.
    M(Attributes),
    /// A list.
    L(Vec<Attribute>),
    /// A set of strings.
    #[serde(rename = "SS")]
    StringSet(Vec<String>),
    /// A set of numbers.
    #[serde(rename = "NS")]
    NumberSet(Vec<String>),
    /// A set of bytes, in Base64.
    #[serde(rename = "BS")]
    BinarySet(Vec<String>),
}

/// The attributes of an item, by name.
pub type Attributes = BTreeMap<String, Attribute>;

/// A position in a stream: a number of up to 40 digits, which increases within a shard.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SequenceNumber(pub(super) String);

impl SequenceNumber {
    /// The number as DynamoDB writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn digits(&self) -> (usize, &str) {
        let digits = self.0.trim_start_matches('0');
        (digits.len(), digits)
    }
}

impl Ord for SequenceNumber {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.digits().cmp(&other.digits()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for SequenceNumber {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// It is new.
    Inserted,
    /// It existed, and its attributes changed.
    Modified,
    /// A user deleted it.
    Removed,
    /// DynamoDB deleted it because its time to live expired.
    Expired,
}

/// One record of a stream.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StreamRecord {
    /// Its position in the shard.
    pub sequence: SequenceNumber,
    /// What happened.
    pub change: Change,
    /// The key of the item.
    pub keys: Attributes,
    /// The item before the change, if the stream has old images and the item existed.
    pub old: Option<Attributes>,
    /// The item after the change, if the stream has new images and the item exists.
    pub new: Option<Attributes>,
}
