//! Names: what AWS accepts for each kind of thing, and the name of a consumer.

use std::fmt;
use std::sync::Arc;

use crate::limits::{
    MAX_BUS_NAME_CHARS, MAX_FUNCTION_NAME_CHARS, MAX_QUEUE_NAME_CHARS, MAX_RULE_NAME_CHARS,
    MAX_STAGE_CHARS, MAX_TABLE_NAME_CHARS,
};

/// What AWS accepts as a name: letters and digits of ASCII, some signs, and a length.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Naming {
    least: usize,
    most: usize,
    signs: &'static [u8],
}

/// A hyphen and the stage, with which names of buses, queues and tables end.
const STAGE: usize = 1 + MAX_STAGE_CHARS;

impl Naming {
    pub(crate) const RULE: Self = Self { least: 1, most: MAX_RULE_NAME_CHARS, signs: b".-_" };
    pub(crate) const BUS: Self = Self { least: 1, most: MAX_BUS_NAME_CHARS - STAGE, signs: b".-_" };
    pub(crate) const TABLE: Self =
        Self { least: 3, most: MAX_TABLE_NAME_CHARS - STAGE, signs: b".-_" };
    /// Of a Lambda function.
    pub(crate) const FUNCTION: Self =
        Self { least: 1, most: MAX_FUNCTION_NAME_CHARS - STAGE, signs: b"-_" };
    /// Of a queue, without `.fifo`.
    pub(crate) const QUEUE: Self =
        Self { least: 1, most: MAX_QUEUE_NAME_CHARS - STAGE, signs: b"-_" };
    /// What the names of a queue and of its dead-letter queues begin with.
    pub(crate) const QUEUE_BASE: Self = Self::QUEUE.before("-undelivered".len());

    /// The same with so many bytes of the name already taken.
    pub(crate) const fn before(self, suffix: usize) -> Self {
        Self { most: self.most.saturating_sub(suffix), ..self }
    }

    pub(crate) fn accepts(self, name: &str) -> bool {
        (self.least..=self.most).contains(&name.len()) && name.bytes().all(|b| self.allows(b))
    }

    /// The name as AWS accepts it, for a fix.
    pub(crate) fn spelt(self, name: &str, empty: &str) -> String {
        let fit = |c: char| match u8::try_from(c) {
            Ok(byte) if c.is_ascii() && self.allows(byte) => c,
            _ => '-',
        };
        let better: String = name.chars().map(fit).take(self.most).collect();
        if better.is_empty() { empty.to_owned() } else { better }
    }

    fn allows(self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || self.signs.contains(&byte)
    }
}

/// The name of a consumer, cheap to clone.
///
/// It names the consumer's rule too, so it must match what EventBridge allows there: one to 64 of
/// `.`, `-`, `_`, letters and digits of ASCII.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsumerName(Arc<str>);

/// A text that cannot name a consumer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` cannot name a consumer: one to 64 of letters, digits, `.`, `-` and `_`")]
pub struct InvalidName {
    /// What was given.
    pub text: String,
}

impl ConsumerName {
    /// Checks the text.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] where EventBridge would refuse a rule of this name.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        if Naming::RULE.accepts(text) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidName { text: text.to_owned() })
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConsumerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_eventbridge_takes() {
        for name in ["e", "emailer", "sales.emailer-v2_a", &"x".repeat(64)] {
            assert_eq!(ConsumerName::new(name).unwrap().as_str(), name);
        }
        for name in ["", "a:b", "a b", "a#b", "é", &"x".repeat(65)] {
            assert!(ConsumerName::new(name).is_err(), "{name:?} was taken");
        }
    }
}
