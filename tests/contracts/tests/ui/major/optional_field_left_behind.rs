//! An optional field of the earlier major that nothing fills: a warning, unless that is meant.
#![deny(deprecated)]
#![allow(dead_code)]

use event_runtime::Event;
use serde::{Deserialize, Serialize};

mod v1 {
    use event_runtime::Event;
    use serde::{Deserialize, Serialize};

    #[derive(Event, Serialize, Deserialize)]
    #[event(type = "order.placed", version = "1.1")]
    pub struct OrderPlaced {
        pub order_id: String,
        pub total: i64,
        pub lines: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub note: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub coupon: Option<String>,
    }
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "2.0", supersedes = v1::OrderPlaced, drop = "coupon")]
struct OrderPlaced {
    order_id: String,
    total: i64,
    lines: Vec<String>,
}

fn main() {}
