//! What is written counts for consumers; that the old name is read too changes nothing.

use event_runtime::Event;
use serde::{Deserialize, Serialize};

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    #[serde(rename(serialize = "id", deserialize = "order_id"), alias = "id")]
    order_id: String,
    total: i64,
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

fn main() {}
