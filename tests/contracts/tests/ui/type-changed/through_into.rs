//! What a type is converted into for serde is what it is on the wire.

use event_runtime::{Event, EventData};
use serde::{Deserialize, Serialize};

#[derive(Clone, EventData, Serialize, Deserialize)]
#[serde(into = "u64", from = "u64")]
struct Id(String);

impl From<Id> for u64 {
    fn from(id: Id) -> u64 {
        id.0.len() as u64
    }
}

impl From<u64> for Id {
    fn from(id: u64) -> Id {
        Id(id.to_string())
    }
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    order_id: Id,
    total: i64,
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

fn main() {}
