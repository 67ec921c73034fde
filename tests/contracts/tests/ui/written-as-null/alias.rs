use event_runtime::Event;
use serde::{Deserialize, Serialize};

type Maybe<T> = Option<T>;

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    order_id: String,
    total: i64,
    lines: Vec<String>,
    note: Maybe<String>,
}

fn main() {}
