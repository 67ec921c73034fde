//! A struct that stands for another crate's type says how that is written, where the field names it.

use event_runtime::{Event, EventData};
use serde::{Deserialize, Serialize};

pub struct Theirs {
    pub text: String,
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(remote = "Theirs")]
struct Ours {
    text: String,
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    #[serde(with = "Ours")]
    order_id: Theirs,
    total: i64,
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

fn main() {}
