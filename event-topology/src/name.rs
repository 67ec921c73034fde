//! Names of consumers: what their queue, their rule and their idempotency keys are called by.

use std::fmt;
use std::sync::Arc;

use crate::limits::MAX_RULE_NAME_CHARS;

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
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if (1..=MAX_RULE_NAME_CHARS).contains(&text.len()) && text.bytes().all(allowed) {
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
