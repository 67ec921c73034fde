//! The alias hides the change from tokens, not from the compiler.

use event_runtime::Event;
use serde::{Deserialize, Serialize};

type Total = String;

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    order_id: String,
    total: Total,
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

fn main() {}
