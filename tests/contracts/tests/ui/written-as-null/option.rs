//! Without `skip_serializing_if`, serde writes `null`, which the schema doesn't allow.

use event_runtime::Event;
use serde::{Deserialize, Serialize};

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    order_id: String,
    total: i64,
    lines: Vec<String>,
    note: Option<String>,
}

fn main() {}
