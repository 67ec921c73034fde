//! Where a struct may stand, and who may stand beside it.

use event_runtime::Event;
use serde::{Deserialize, Serialize};

pub mod outer {
    pub(super) mod inner {
        use super::super::*;

        #[derive(Event, Serialize, Deserialize)]
        #[event(type = "order.placed", version = "1.0")]
        pub(in crate::outer) struct OrderPlaced {
            order_id: String,
            total: i64,
            lines: Vec<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub(super) note: Option<String>,
        }
    }
}

/// The same version twice: a consumer reads with fields of other types than a publisher writes.
#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    order_id: Box<str>,
    total: i64,
    lines: Vec<Box<str>>,
    #[serde(default)]
    note: String,
}

fn main() {
    #[derive(Event, Serialize, Deserialize)]
    #[event(type = "order.placed", version = "1.0")]
    struct OrderPlaced {
        order_id: String,
        total: i64,
        lines: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
    assert_eq!(OrderPlaced::DETAIL_TYPE, "order.placed:v1");
}
