//! An optional field may be a plain one with a default; a required one may have a default too.

use event_runtime::Event;
use serde::{Deserialize, Serialize};

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    order_id: String,
    total: i64,
    #[serde(default)]
    lines: Vec<String>,
    #[serde(default)]
    note: String,
}

fn main() {}
