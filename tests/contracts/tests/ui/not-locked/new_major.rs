#![deny(deprecated)] // shows the warning

use event_runtime::Event;
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

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "2.0", supersedes = v1::OrderPlaced, supersedes_version = "1.0")]
struct OrderPlaced {
    order_id: String,
    total: i64,
    lines: Vec<String>,
}

fn main() {}
