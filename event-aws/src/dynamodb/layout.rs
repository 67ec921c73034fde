//! Where a claim is stored in its table: the key, and the names of the attributes.

use std::fmt;

use event_runtime::__internal::sha256;
use event_runtime::idempotency::{Key, OnTimeout};
use event_runtime::limits::MAX_KEY_BYTES;

use super::attributes::{Attributes, text};

/// Bytes of a sort key. Source: *Amazon DynamoDB Developer Guide*, "Constraints in Amazon
/// DynamoDB". No model has it.
const MAX_SORT_KEY_BYTES: usize = 1024;

/// Bytes of an attribute name that is part of a key. Source: *Amazon DynamoDB API Reference*,
/// `KeySchemaElement` (model: 1 to 255).
const MAX_NAME_BYTES: usize = 255;

/// What stands before the hash of a key that is too long.
const HASHED: &str = "sha256:";

/// The names of the attributes of a claim. The defaults are those of Powertools for AWS Lambda
/// where it has the attribute.
///
/// # Example
///
/// ```
/// use event_aws::dynamodb::AttributeNames;
///
/// // A table of several kinds of items.
/// let names = AttributeNames::default().key("pk").expiry("ttl");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeNames {
    pub(crate) key: String,
    pub(crate) status: String,
    pub(crate) owner: String,
    /// Seconds: the table's TTL attribute.
    pub(crate) expiry: String,
    /// Milliseconds, if an expired lease may be taken.
    pub(crate) in_progress_expiry: String,
    /// Milliseconds, if an expired lease blocks the event.
    pub(crate) blocked_after: String,
    pub(crate) payload: String,
    pub(crate) result: String,
}

impl Default for AttributeNames {
    fn default() -> Self {
        Self {
            key: "id".to_owned(),
            status: "status".to_owned(),
            owner: "owner".to_owned(),
            expiry: "expiration".to_owned(),
            in_progress_expiry: "in_progress_expiration".to_owned(),
            blocked_after: "blocked_after".to_owned(),
            payload: "validation".to_owned(),
            result: "data".to_owned(),
        }
    }
}

impl AttributeNames {
    /// Sets the name of the partition key (default: `id`).
    #[must_use]
    pub fn key(self, name: impl Into<String>) -> Self {
        Self { key: name.into(), ..self }
    }

    /// Sets the name of the status (default: `status`).
    #[must_use]
    pub fn status(self, name: impl Into<String>) -> Self {
        Self { status: name.into(), ..self }
    }

    /// Sets the name of the owner token (default: `owner`).
    #[must_use]
    pub fn owner(self, name: impl Into<String>) -> Self {
        Self { owner: name.into(), ..self }
    }

    /// Sets the name of the second in which an item expires (default: `expiration`). It is the
    /// table's TTL attribute.
    #[must_use]
    pub fn expiry(self, name: impl Into<String>) -> Self {
        Self { expiry: name.into(), ..self }
    }

    /// Sets the name of the millisecond in which a lease ends that may be taken over (default:
    /// `in_progress_expiration`).
    #[must_use]
    pub fn in_progress_expiry(self, name: impl Into<String>) -> Self {
        Self { in_progress_expiry: name.into(), ..self }
    }

    /// Sets the name of the millisecond after which a lease blocks its event (default:
    /// `blocked_after`).
    #[must_use]
    pub fn blocked_after(self, name: impl Into<String>) -> Self {
        Self { blocked_after: name.into(), ..self }
    }

    /// Sets the name of the payload's fingerprint (default: `validation`).
    #[must_use]
    pub fn payload(self, name: impl Into<String>) -> Self {
        Self { payload: name.into(), ..self }
    }

    /// Sets the name of the result (default: `data`).
    #[must_use]
    pub fn result(self, name: impl Into<String>) -> Self {
        Self { result: name.into(), ..self }
    }

    /// The attribute with the end of a lease: the condition of a claim checks only one of them.
    pub(crate) fn lease_end(&self, on_timeout: OnTimeout) -> &str {
        match on_timeout {
            OnTimeout::Retry => &self.in_progress_expiry,
            OnTimeout::Block => &self.blocked_after,
        }
    }

    fn all(&self) -> [(&'static str, &str); 8] {
        let Self { key, status, owner, expiry, in_progress_expiry, blocked_after, payload, result } =
            self;
        [
            ("the partition key", key),
            ("the status", status),
            ("the owner", owner),
            ("the expiry", expiry),
            ("the end of a lease", in_progress_expiry),
            ("the end of a blocking lease", blocked_after),
            ("the payload", payload),
            ("the result", result),
        ]
    }
}

/// The sort key of a table that has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SortKey {
    /// The sort key has the key of the claim, and the partition key has this text.
    HasKey { name: String, partition: String },
    /// The partition key has the key of the claim, and the sort key has this text.
    HasText { name: String, text: String },
}

impl SortKey {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::HasKey { name, .. } | Self::HasText { name, .. } => name,
        }
    }
}

/// Where a claim is stored in its table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Layout {
    pub(crate) names: AttributeNames,
    pub(crate) sort: Option<SortKey>,
    pub(crate) prefix: String,
}

/// Settings of a [`DynamoDbStore`](super::DynamoDbStore) that no table can have: all problems, one
/// per line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidLayout {
    /// The problems; at least one.
    pub problems: Vec<LayoutProblem>,
}

impl std::error::Error for InvalidLayout {}

impl fmt::Display for InvalidLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        f.write_str(&texts.join("\n"))
    }
}

/// One problem of the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutProblem {
    /// DynamoDB does not accept the name of an attribute.
    #[error("the name of {what} has {bytes} bytes: expected 1 to {MAX_NAME_BYTES}")]
    NameLength {
        /// What the attribute is for.
        what: &'static str,
        /// The length of the name.
        bytes: usize,
    },
    /// Two attributes have one name.
    #[error("`{name}` is the name of {first} and of {second}: expected two names")]
    SameName {
        /// The name.
        name: String,
        /// What the first attribute is for.
        first: &'static str,
        /// What the second attribute is for.
        second: &'static str,
    },
    /// DynamoDB does not accept the text of a key.
    #[error("the text of {what} has {bytes} bytes: expected 1 to {limit}")]
    TextLength {
        /// Which key it is.
        what: &'static str,
        /// Its length.
        bytes: usize,
        /// The limit of DynamoDB.
        limit: usize,
    },
    /// The prefix leaves no space for a key.
    #[error("the key prefix has {bytes} bytes: expected at most {limit}")]
    PrefixTooLong {
        /// Its length.
        bytes: usize,
        /// The limit of DynamoDB, without the space for a hash.
        limit: usize,
    },
}

impl Layout {
    /// All problems of the settings.
    pub(crate) fn check(&self) -> Result<(), InvalidLayout> {
        let mut problems = Vec::new();
        let mut names = self.names.all().to_vec();
        names.extend(self.sort.as_ref().map(|sort| ("the sort key", sort.name())));
        for (at, (what, name)) in names.iter().enumerate() {
            if name.is_empty() || name.len() > MAX_NAME_BYTES {
                problems.push(LayoutProblem::NameLength { what, bytes: name.len() });
                continue;
            }
            if let Some((first, _)) = names[..at].iter().find(|(_, other)| other == name) {
                let name = (*name).to_owned();
                problems.push(LayoutProblem::SameName { name, first, second: what });
            }
        }
        let fixed = match &self.sort {
            None => None,
            Some(SortKey::HasKey { partition, .. }) => {
                Some(("the partition key", partition, MAX_KEY_BYTES))
            }
            Some(SortKey::HasText { text, .. }) => Some(("the sort key", text, MAX_SORT_KEY_BYTES)),
        };
        if let Some((what, text, limit)) = fixed
            && (text.is_empty() || text.len() > limit)
        {
            problems.push(LayoutProblem::TextLength { what, bytes: text.len(), limit });
        }
        let limit = self.limit() - HASHED.len() - 64;
        if self.prefix.len() > limit {
            problems.push(LayoutProblem::PrefixTooLong { bytes: self.prefix.len(), limit });
        }
        if problems.is_empty() { Ok(()) } else { Err(InvalidLayout { problems }) }
    }

    /// How many bytes the text of a claim's key may have.
    fn limit(&self) -> usize {
        match self.sort {
            Some(SortKey::HasKey { .. }) => MAX_SORT_KEY_BYTES,
            _ => MAX_KEY_BYTES,
        }
    }

    /// The text of a claim's key: with the prefix, and hashed if it is too long. A key begins with
    /// the name of a consumer and `#`, so no other key has the text of a hashed one.
    fn text_of(&self, key: &Key) -> String {
        let (prefix, key) = (&self.prefix, key.as_str());
        if prefix.len() + key.len() <= self.limit() {
            format!("{prefix}{key}")
        } else {
            format!("{prefix}{HASHED}{}", sha256(key))
        }
    }

    /// The key attributes of a claim's item.
    pub(crate) fn key_of(&self, key: &Key) -> Attributes {
        let (own, partition) = (self.text_of(key), self.names.key.clone());
        match &self.sort {
            None => Attributes::from([(partition, text(own))]),
            Some(SortKey::HasKey { name, partition: fixed }) => {
                Attributes::from([(partition, text(fixed)), (name.clone(), text(own))])
            }
            Some(SortKey::HasText { name, text: fixed }) => {
                Attributes::from([(partition, text(own)), (name.clone(), text(fixed))])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use event_runtime::EventId;
    use event_runtime::name::ConsumerName;

    use super::*;

    fn key() -> Key {
        Key::new(&ConsumerName::new("c").unwrap(), EventId::generate())
    }

    #[test]
    fn key_attributes_follow_the_layout() {
        let own = key();
        let plain = Layout::default();
        assert_eq!(plain.key_of(&own), Attributes::from([("id".to_owned(), text(own.as_str()))]));
        let names = AttributeNames::default().key("pk");
        let sort =
            Some(SortKey::HasKey { name: "sk".to_owned(), partition: "idempotency".to_owned() });
        let in_sort_key = Layout { names, sort, prefix: "p/".to_owned() };
        let expected = Attributes::from([
            ("pk".to_owned(), text("idempotency")),
            ("sk".to_owned(), text(format!("p/{own}"))),
        ]);
        assert_eq!(in_sort_key.key_of(&own), expected);
    }

    #[test]
    fn long_keys_are_hashed_within_the_limit() {
        let own = key();
        let sort = Some(SortKey::HasKey { name: "sk".to_owned(), partition: "p".to_owned() });
        let layout = Layout { sort, prefix: "x".repeat(900), ..Layout::default() };
        layout.check().unwrap();
        let [one, other] = ["a", "b"].map(|end| own.sub(&format!("{}{end}", "k".repeat(200))));
        for key in [&one, &other] {
            let text = layout.key_of(key)["sk"].as_s().unwrap().clone();
            assert!(text.len() <= MAX_SORT_KEY_BYTES && text.contains(HASHED), "{text}");
        }
        assert_ne!(layout.key_of(&one), layout.key_of(&other));
    }

    #[test]
    fn all_problems_of_a_layout_are_listed() {
        let names = AttributeNames::default().key("").status("x").owner("x").result("sk");
        let sort = Some(SortKey::HasText { name: "sk".to_owned(), text: String::new() });
        let layout = Layout { names, sort, prefix: "p".repeat(2_000) };
        let said = layout.check().unwrap_err().to_string();
        let expected = "the name of the partition key has 0 bytes: expected 1 to 255\n\
             `x` is the name of the status and of the owner: expected two names\n\
             `sk` is the name of the result and of the sort key: expected two names\n\
             the text of the sort key has 0 bytes: expected 1 to 1024\n\
             the key prefix has 2000 bytes: expected at most 1977";
        assert_eq!(said, expected);
    }
}
