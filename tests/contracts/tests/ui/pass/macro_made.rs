//! A struct that a macro writes.

use event_runtime::Event;
use serde::{Deserialize, Serialize};

macro_rules! event {
    ($name:ident, $version:literal { $($field:ident: $ty:ty),* $(,)? }) => {
        #[derive(Event, Serialize, Deserialize)]
        #[event(type = "order.placed", version = $version)]
        struct $name {
            $($field: $ty,)*
            #[serde(skip_serializing_if = "Option::is_none")]
            note: Option<String>,
        }
    };
}

event!(OrderPlaced, "1.0" { order_id: String, total: i64, lines: Vec<String> });

fn main() {}
