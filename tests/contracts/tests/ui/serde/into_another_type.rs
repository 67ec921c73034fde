use event_runtime::Event;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Raw;

#[derive(Clone, Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
#[serde(into = "Raw", from = "Raw")]
struct OrderPlaced {
    order_id: String,
    total: i64,
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl From<OrderPlaced> for Raw {
    fn from(_: OrderPlaced) -> Raw {
        Raw
    }
}

impl From<Raw> for OrderPlaced {
    fn from(_: Raw) -> OrderPlaced {
        OrderPlaced { order_id: String::new(), total: 0, lines: Vec::new(), note: None }
    }
}

fn main() {}
