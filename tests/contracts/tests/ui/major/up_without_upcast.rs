use event_runtime::{Event, EventData};
use serde::{Deserialize, Serialize};

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0", upcast)]
struct OrderPlaced {
    order_id: String,
    total: i64,
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[derive(EventData, Serialize, Deserialize)]
struct Line {
    item: String,
}

#[derive(EventData, Serialize, Deserialize)]
#[event(supersedes = Line)]
struct LineOfNow {
    item: String,
    #[event(drop, up_default = 1)]
    count: i64,
}

fn main() {}
