//! An event and its claims, as several test binaries use them.

use std::time::Duration;

use event_runtime::consume::Record;
use event_runtime::idempotency::{Attempt, Claim, IdempotencyStore, Key, Lease, OnTimeout, Terms};
use event_runtime::name::ConsumerName;
use event_runtime::{Envelope, Event, EventId, Timestamp};

pub(crate) const TERMS: Terms = Terms {
    lease: Duration::from_secs(10),
    keep: Duration::from_secs(100),
    on_timeout: OnTimeout::Retry,
};

#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Placed {
    pub(crate) order: String,
}

impl Event for Placed {
    const TYPE: &'static str = "order.placed";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const VERSION: &'static str = "v1";
    const SOURCE: &'static str = "app.shop";
    const DETAIL_TYPE: &'static str = "order.placed:v1";
}

pub(crate) fn record(id: EventId) -> Record {
    let envelope = Envelope::of(id, Timestamp::UNIX_EPOCH, Placed { order: "A-1".to_owned() });
    Record::new("m", serde_json::to_string(&envelope).unwrap())
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(crate) fn key() -> Key {
    Key::new(&ConsumerName::new("c").unwrap(), EventId::generate())
}

pub(crate) async fn granted(store: &impl IdempotencyStore, key: &Key, second: i64) -> Lease {
    match store.claim(&Attempt::new(key.clone()), at(second), &TERMS).await.unwrap() {
        Claim::Granted(lease) => lease,
        other => panic!("{other:?} at {second}"),
    }
}
