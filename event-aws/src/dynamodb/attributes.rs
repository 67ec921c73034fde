//! Converts a claim to the attributes of an item, and back.
//!
//! The names are those of Powertools for AWS Lambda where the meaning is the same, so that a table
//! for one can be used by the other, which can read the records.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use event_runtime::__internal::state::{Item, Status};
use event_runtime::idempotency::{Key, OnTimeout, Owner};

use super::layout::Layout;

/// Seconds: the TTL attribute of projections.
pub(crate) const EXPIRY: &str = "expiration";

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

pub(crate) fn to_attributes(layout: &Layout, key: &Key, item: &Item) -> Attributes {
    let names = &layout.names;
    let mut attributes = layout.key_of(key);
    let mut set = |name: &str, value| attributes.insert(name.to_owned(), value);
    set(&names.owner, owner(item.owner));
    set(&names.expiry, number(item.expiry));
    match &item.status {
        Status::InProgress { until, on_timeout } => {
            set(&names.status, text(IN_PROGRESS));
            set(names.lease_end(*on_timeout), number(*until));
        }
        Status::Completed { result } => {
            set(&names.status, text(COMPLETED));
            if let Some(result) = result {
                set(&names.result, text(&**result));
            }
        }
    }
    if let Some(payload) = &item.payload {
        set(&names.payload, text(payload.to_string()));
    }
    attributes
}

pub(crate) fn from_attributes(layout: &Layout, attributes: &Attributes) -> Result<Item, String> {
    let names = &layout.names;
    let (blocked, in_progress) = (&*names.blocked_after, &*names.in_progress_expiry);
    let status = match text_of(attributes, &names.status)? {
        COMPLETED => {
            let result = attributes.get(&names.result).and_then(|value| value.as_s().ok());
            Status::Completed { result: result.map(|text| Arc::from(text.as_str())) }
        }
        IN_PROGRESS if attributes.contains_key(blocked) => Status::InProgress {
            until: number_of(attributes, blocked)?,
            on_timeout: OnTimeout::Block,
        },
        // Powertools leaves it out if it does not know the function's deadline.
        IN_PROGRESS if !attributes.contains_key(in_progress) => Status::InProgress {
            until: number_of(attributes, &names.expiry)?.saturating_mul(1000).saturating_add(999),
            on_timeout: OnTimeout::Retry,
        },
        IN_PROGRESS => Status::InProgress {
            until: number_of(attributes, in_progress)?,
            on_timeout: OnTimeout::Retry,
        },
        other => return Err(format!("`{}` is `{other}`", names.status)),
    };
    // Records of Powertools have no owner.
    let owner = if attributes.get(&names.owner).is_none() {
        Owner::unique()
    } else {
        let owner = text_of(attributes, &names.owner)?;
        let token = u128::from_str_radix(owner, 16)
            .map_err(|error| format!("`{}` is `{owner}`: {error}", names.owner))?;
        Owner::from_u128(token)
    };
    let payload = attributes.get(&names.payload).and_then(|value| value.as_s().ok());
    Ok(Item {
        status,
        owner,
        expiry: number_of(attributes, &names.expiry)?,
        payload: payload.and_then(|text| text.parse().ok()),
    })
}

/// Checks that an item has these key attributes.
pub(crate) fn has_key(attributes: &Attributes, key: &Attributes) -> Result<(), String> {
    for (name, expected) in key {
        if let Ok(expected) = expected.as_s() {
            is_of(attributes, name, expected)?;
        }
    }
    Ok(())
}

/// Checks that an item has this key.
pub(crate) fn is_of(attributes: &Attributes, name: &str, key: &str) -> Result<(), String> {
    let found = text_of(attributes, name)?;
    if found == key { Ok(()) } else { Err(format!("`{name}` is `{found}`, expected `{key}`")) }
}

pub(crate) fn text_of<'a>(attributes: &'a Attributes, name: &str) -> Result<&'a str, String> {
    let value = attributes.get(name).ok_or_else(|| format!("`{name}` is missing"))?;
    value.as_s().map(String::as_str).map_err(|_| format!("`{name}` is not a string"))
}

fn number_of(attributes: &Attributes, name: &str) -> Result<i64, String> {
    let value = attributes.get(name).ok_or_else(|| format!("`{name}` is missing"))?;
    let digits = value.as_n().map_err(|_| format!("`{name}` is not a number"))?;
    digits
        .parse()
        .map_err(|_| format!("`{name}` is `{digits}`: expected a whole number of 64 bits"))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::layout::AttributeNames;
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
    fn items_round_trip() {
        let names = AttributeNames::default().key("pk").status("s").owner("o").expiry("ttl");
        let names = names.in_progress_expiry("i").blocked_after("b").payload("p").result("r");
        let named = Layout { names, ..Layout::default() };
        for layout in [Layout::default(), named] {
            for on_timeout in [OnTimeout::Retry, OnTimeout::Block] {
                let (key, item) = leased(on_timeout);
                let back =
                    |item: &Item| from_attributes(&layout, &to_attributes(&layout, &key, item));
                assert_eq!(back(&item), Ok(item.clone()));
                for result in [None, Some(Arc::from("{\"a\":1}"))] {
                    let done = Item { status: Status::Completed { result }, ..item.clone() };
                    assert_eq!(back(&done), Ok(done.clone()));
                }
            }
        }
    }

    #[test]
    fn foreign_item_is_reported() {
        let layout = Layout::default();
        let (key, item) = leased(OnTimeout::Retry);
        for name in ["status", EXPIRY] {
            let mut attributes = to_attributes(&layout, &key, &item);
            attributes.remove(name);
            let read = from_attributes(&layout, &attributes);
            assert_eq!(read, Err(format!("`{name}` is missing")));
        }
        let mut attributes = to_attributes(&layout, &key, &item);
        attributes.insert(EXPIRY.to_owned(), AttributeValue::N("1e300".to_owned()));
        assert!(from_attributes(&layout, &attributes).is_err());
    }

    #[test]
    fn records_of_powertools_are_claims_without_owner() {
        let record = |status: &str, lease: Option<i64>| {
            let mut attributes = Attributes::from([
                ("id".to_owned(), text("c#1")),
                ("status".to_owned(), text(status)),
                ("expiration".to_owned(), number(1000)),
                ("validation".to_owned(), text("5d41402abc4b2a76b9719d911017c592")),
                ("data".to_owned(), text("{}")),
            ]);
            if let Some(end) = lease {
                attributes.insert("in_progress_expiration".to_owned(), number(end));
            }
            from_attributes(&Layout::default(), &attributes).unwrap()
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
