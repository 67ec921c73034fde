//! A claim as the attributes of an item, and back.
//!
//! The names are those of Powertools for AWS Lambda where they mean the same, so that a table made
//! for one fits the other, and records of the other read.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;

use event_runtime::__internal::state::{Item, Status};
use event_runtime::idempotency::{Key, OnTimeout, Owner};

pub(crate) const ID: &str = "id";
pub(crate) const STATUS: &str = "status";
pub(crate) const OWNER: &str = "owner";
/// Seconds: the table's TTL attribute.
pub(crate) const EXPIRY: &str = "expiration";
/// Milliseconds, where a lease that is over may be taken.
pub(crate) const IN_PROGRESS_EXPIRY: &str = "in_progress_expiration";
/// Milliseconds, where it may not.
pub(crate) const BLOCKED_AFTER: &str = "blocked_after";
pub(crate) const PAYLOAD: &str = "validation";
pub(crate) const RESULT: &str = "data";

pub(crate) const IN_PROGRESS: &str = "INPROGRESS";
pub(crate) const COMPLETED: &str = "COMPLETED";

pub(crate) type Attributes = HashMap<String, AttributeValue>;

pub(crate) fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// As text: a DynamoDB number has 38 digits, a token may have 39.
pub(crate) fn owner(owner: Owner) -> AttributeValue {
    text(format!("{:032x}", owner.to_u128()))
}

pub(crate) fn to_attributes(key: &Key, item: &Item) -> Attributes {
    let mut attributes = Attributes::from([
        (ID.to_owned(), text(key.as_str())),
        (OWNER.to_owned(), owner(item.owner)),
        (EXPIRY.to_owned(), number(item.expiry)),
    ]);
    let mut set = |name: &str, value| attributes.insert(name.to_owned(), value);
    match &item.status {
        Status::InProgress { until, on_timeout } => {
            set(STATUS, text(IN_PROGRESS));
            set(lease_end(*on_timeout), number(*until));
        }
        Status::Completed { result } => {
            set(STATUS, text(COMPLETED));
            if let Some(result) = result {
                set(RESULT, text(&**result));
            }
        }
    }
    if let Some(payload) = &item.payload {
        set(PAYLOAD, text(payload.to_string()));
    }
    attributes
}

/// In which attribute the end of a lease stands: the condition of a claim looks at one of them only.
pub(crate) fn lease_end(on_timeout: OnTimeout) -> &'static str {
    match on_timeout {
        OnTimeout::Retry => IN_PROGRESS_EXPIRY,
        OnTimeout::Block => BLOCKED_AFTER,
    }
}

pub(crate) fn from_attributes(attributes: &Attributes) -> Result<Item, String> {
    let status = match text_of(attributes, STATUS)? {
        COMPLETED => {
            let result = attributes.get(RESULT).and_then(|value| value.as_s().ok());
            Status::Completed { result: result.map(|text| Arc::from(text.as_str())) }
        }
        IN_PROGRESS if attributes.contains_key(BLOCKED_AFTER) => Status::InProgress {
            until: number_of(attributes, BLOCKED_AFTER)?,
            on_timeout: OnTimeout::Block,
        },
        // Powertools leaves it out where it does not know when its function ends.
        IN_PROGRESS if !attributes.contains_key(IN_PROGRESS_EXPIRY) => Status::InProgress {
            until: number_of(attributes, EXPIRY)?.saturating_mul(1000).saturating_add(999),
            on_timeout: OnTimeout::Retry,
        },
        IN_PROGRESS => Status::InProgress {
            until: number_of(attributes, IN_PROGRESS_EXPIRY)?,
            on_timeout: OnTimeout::Retry,
        },
        other => return Err(format!("`{STATUS}` is `{other}`")),
    };
    // Records of Powertools have no owner: they are nobody's here.
    let owner = if attributes.get(OWNER).is_none() {
        Owner::unique()
    } else {
        let owner = text_of(attributes, OWNER)?;
        let token = u128::from_str_radix(owner, 16)
            .map_err(|error| format!("`{OWNER}` is `{owner}`: {error}"))?;
        Owner::from_u128(token)
    };
    let payload = attributes.get(PAYLOAD).and_then(|value| value.as_s().ok());
    Ok(Item {
        status,
        owner,
        expiry: number_of(attributes, EXPIRY)?,
        payload: payload.and_then(|text| text.parse().ok()),
    })
}

/// Checks that an item has this key.
pub(crate) fn is_of(attributes: &Attributes, name: &str, key: &str) -> Result<(), String> {
    let found = text_of(attributes, name)?;
    if found == key { Ok(()) } else { Err(format!("`{name}` is `{found}`, expected `{key}`")) }
}

pub(crate) fn text_of<'a>(attributes: &'a Attributes, name: &str) -> Result<&'a str, String> {
    let value = attributes.get(name).ok_or_else(|| format!("it has no `{name}`"))?;
    value.as_s().map(String::as_str).map_err(|_| format!("`{name}` is no string"))
}

fn number_of(attributes: &Attributes, name: &str) -> Result<i64, String> {
    let value = attributes.get(name).ok_or_else(|| format!("it has no `{name}`"))?;
    let digits = value.as_n().map_err(|_| format!("`{name}` is no number"))?;
    digits.parse().map_err(|_| format!("`{name}` is `{digits}`, no whole number of 64 bits"))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use event_runtime::idempotency::{Attempt, Fingerprint, Terms};
    use event_runtime::name::ConsumerName;
    use event_runtime::{DetailType, EventId};

    fn leased(on_timeout: OnTimeout) -> (Key, Item) {
        let key = Key::new(&ConsumerName::new("c").unwrap(), EventId::generate());
        let payload = Fingerprint::of(DetailType::parse("a.b:v1").unwrap(), "{}");
        let attempt = Attempt::new(key.clone()).with_payload(payload);
        let terms = Terms { on_timeout, ..Terms::default() };
        (key, Item::leased(&attempt, Timestamp::from_second(7).unwrap(), &terms))
    }

    #[test]
    fn items_read_back_as_they_were_written() {
        for on_timeout in [OnTimeout::Retry, OnTimeout::Block] {
            let (key, item) = leased(on_timeout);
            assert_eq!(from_attributes(&to_attributes(&key, &item)), Ok(item.clone()));
            for result in [None, Some(Arc::from("{\"a\":1}"))] {
                let done = Item { status: Status::Completed { result }, ..item.clone() };
                assert_eq!(from_attributes(&to_attributes(&key, &done)), Ok(done));
            }
        }
    }

    #[test]
    fn what_is_no_claim_is_told() {
        let (key, item) = leased(OnTimeout::Retry);
        for name in [STATUS, EXPIRY] {
            let mut attributes = to_attributes(&key, &item);
            attributes.remove(name);
            assert_eq!(from_attributes(&attributes), Err(format!("it has no `{name}`")));
        }
        let mut attributes = to_attributes(&key, &item);
        attributes.insert(EXPIRY.to_owned(), AttributeValue::N("1e300".to_owned()));
        assert!(from_attributes(&attributes).is_err());
    }

    #[test]
    fn records_of_powertools_read_as_claims_of_nobody() {
        let record = |status: &str, lease: Option<i64>| {
            let mut attributes = Attributes::from([
                (ID.to_owned(), text("c#1")),
                (STATUS.to_owned(), text(status)),
                (EXPIRY.to_owned(), number(1000)),
                (PAYLOAD.to_owned(), text("5d41402abc4b2a76b9719d911017c592")),
                (RESULT.to_owned(), text("{}")),
            ]);
            if let Some(end) = lease {
                attributes.insert(IN_PROGRESS_EXPIRY.to_owned(), number(end));
            }
            from_attributes(&attributes).unwrap()
        };
        let done = record(COMPLETED, None);
        assert_eq!(done.status, Status::Completed { result: Some(Arc::from("{}")) });
        assert_eq!((done.payload, done.expiry), (None, 1000));
        let busy = Status::InProgress { until: 7, on_timeout: OnTimeout::Retry };
        assert_eq!(record(IN_PROGRESS, Some(7)).status, busy);
        let busy = Status::InProgress { until: 1_000_999, on_timeout: OnTimeout::Retry };
        assert_eq!(record(IN_PROGRESS, None).status, busy);
        assert_ne!(record(IN_PROGRESS, None).owner, record(IN_PROGRESS, None).owner);
    }
}
