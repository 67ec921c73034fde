//! A function of `down` gets and returns whole fields, and the message asks for such a one.

use event_runtime::{Event, EventData};
use serde::{Deserialize, Serialize};

mod v1 {
    use super::*;

    #[derive(Event, Serialize, Deserialize)]
    #[event(type = "order.placed", version = "1.0")]
    pub struct OrderPlaced {
        pub order_id: String,
        pub total: i64,
        pub lines: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub note: Option<String>,
    }
}

#[derive(EventData, Serialize, Deserialize)]
struct Note {
    text: String,
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "2.0", supersedes = v1::OrderPlaced, supersedes_version = "1.0", upcast)]
#[allow(deprecated)]
struct OrderPlaced {
    order_id: String,
    #[event(down_default = 0)]
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<Note>,
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Note>,
}

fn main() {}
