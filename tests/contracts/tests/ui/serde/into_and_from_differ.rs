use event_runtime::{Event, EventData};
use serde::{Deserialize, Serialize};

#[derive(Clone, EventData, Serialize, Deserialize)]
#[serde(into = "String", from = "u64")]
struct Id(u64);

impl From<Id> for String {
    fn from(id: Id) -> String {
        id.0.to_string()
    }
}

impl From<u64> for Id {
    fn from(id: u64) -> Id {
        Id(id)
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
