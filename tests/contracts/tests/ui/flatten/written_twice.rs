use event_runtime::{Event, EventData};
use serde::{Deserialize, Serialize};

#[derive(EventData, Serialize, Deserialize)]
struct Amount {
    order_id: String,
    total: i64,
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    order_id: String,
    #[serde(flatten)]
    amount: Amount,
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

fn main() {}
