use event_runtime::Event;
use serde::{Deserialize, Serialize};

pub struct Theirs {
    pub order_id: String,
    pub total: i64,
    pub lines: Vec<String>,
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
#[serde(remote = "Theirs")]
struct OrderPlaced {
    order_id: String,
    total: i64,
    lines: Vec<String>,
}

fn main() {}
