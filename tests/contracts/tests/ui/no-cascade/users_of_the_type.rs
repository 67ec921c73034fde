use event_runtime::Event;
use serde::{Deserialize, Serialize};

#[derive(Event, Serialize, Deserialize)]
#[event(version = "1.0")]
struct OrderPlaced {
    order_id: String,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

fn publish(event: OrderPlaced) -> (&'static str, i64) {
    let mut out = event_runtime::Renditions::default();
    let total = event.total;
    event.renditions(&mut out);
    (<OrderPlaced as Event>::DETAIL_TYPE, total)
}

fn main() {}
