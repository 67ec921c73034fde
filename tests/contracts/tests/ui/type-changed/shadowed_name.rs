//! `String` is not always `std`'s.

use event_runtime::Event;
use serde::{Deserialize, Serialize};

#[derive(event_runtime::EventData, Serialize, Deserialize)]
struct String(u64);

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    order_id: String,
    total: i64,
    lines: Vec<std::string::String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<std::string::String>,
}

fn main() {}
