//! A raw identifier, and a macro that writes the struct: the error is at the type that was given.

use event_runtime::Event;
use serde::{Deserialize, Serialize};

macro_rules! event {
    ($name:ident { $($field:ident: $ty:ty),* $(,)? }) => {
        #[derive(Event, Serialize, Deserialize)]
        #[event(type = "order.placed", version = "1.0")]
        struct $name {
            $($field: $ty,)*
            #[serde(skip_serializing_if = "Option::is_none")]
            note: Option<String>,
        }
    };
}

event!(OrderPlaced { r#order_id: bool, total: i64, lines: Vec<String> });

fn main() {}
