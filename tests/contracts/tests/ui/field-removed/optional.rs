//! An optional field goes: what stored events hold there would be lost.

use event_runtime::Event;
use serde::{Deserialize, Serialize};

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    order_id: String,
    total: i64,
    lines: Vec<String>,
}

fn main() {}
